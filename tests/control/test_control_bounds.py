"""No caller takes more than its class has: bytes, texts, connections, time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds.control import Client, in_classes, listening, serve
from worlds.stories import beside, in_virtual_time, on_a_loop

from pos_terminal.control.classes import BOUNDS, LINE_LIMIT, STRANGER, VERBS, Bounds, Class
from pos_terminal.control.peer import Peer
from pos_terminal.control.requests import BadRequest, parse
from pos_terminal.control.server import ON_THE_LOOP, ControlServer, Verb

T = TypeVar("T")
UIDS = {one: 100 + number for number, one in enumerate(Class)}
STRANGERS = 99


async def echo(request: dict[str, Any]) -> dict[str, Any]:
    return {"texts": len(request.get("lines", []))}


ALL_VERBS: dict[str, Verb] = dict.fromkeys(VERBS[Class.BENCH], echo)


class Crowd:
    """Whoever connects is who ``who`` says at that moment."""

    def __init__(self, path: Path, **options: Any) -> None:
        self.path = path
        self.who = STRANGERS
        members = {one.value: [str(uid)] for one, uid in UIDS.items()}
        self.server: ControlServer = serve(
            path,
            ALL_VERBS,
            classes=in_classes(**members),
            peer=lambda _: Peer(self.who, frozenset()),
            **options,
        )

    async def connect(self, one: Class | None) -> Client:
        """Somebody of this class, who is served."""
        before = self.served
        client = await self.knock(one)
        while self.served == before:
            await asyncio.sleep(0)
        return client

    async def knock(self, one: Class | None) -> Client:
        """Somebody of this class, who may be sent away."""
        self.who = STRANGERS if one is None else UIDS[one]
        return await Client.to(self.path)

    @property
    def served(self) -> int:
        return len(self.server._clients)


def request(one: Class, size: int) -> bytes:
    """Of so many bytes with its end, of a verb of this class."""
    (verb, *_) = sorted(VERBS[one])
    empty = json.dumps({"verb": verb, "x": ""}).encode()
    return empty.replace(b'""', b'"' + b"x" * (size - len(empty) - 1) + b'"') + b"\n"


def bounds_of(one: Class | None) -> Bounds:
    return STRANGER if one is None else BOUNDS[one]


@pytest.mark.parametrize("one", Class)
@on_a_loop
async def test_a_request_of_its_bytes_is_answered_and_a_longer_one_is_not(
    tmp_path: Path, one: Class
) -> None:
    crowd, most = Crowd(tmp_path / "control"), BOUNDS[one].size
    async with beside(crowd.server.run()):
        await listening(crowd.path)
        client = await crowd.connect(one)
        assert (await client.raw(request(one, most)))["ok"]
        answer = await client.raw(request(one, most + 100_000))
        assert (answer["ok"], answer["error"]) == (False, "request too long")
        assert await client.closed()
        client.close()


def test_a_till_may_send_less_than_a_file() -> None:
    """The figures are those of docs/configuration.md."""
    assert bounds_of(None).size < BOUNDS[Class.TILL].size < BOUNDS[Class.FEED].size == LINE_LIMIT
    assert BOUNDS[Class.TILL].size == BOUNDS[Class.TECHNICIAN].size == 16 * 1024
    assert LINE_LIMIT == 16 * 1024 * 1024


@on_a_loop
async def test_a_list_has_so_many_texts_and_not_one_more(tmp_path: Path) -> None:
    crowd = Crowd(tmp_path / "control")
    async with beside(crowd.server.run()):
        await listening(crowd.path)
        feed = await crowd.connect(Class.FEED)
        most = BOUNDS[Class.FEED].lines
        assert (await feed.ask(verb="import-sales", lines=["x"] * most))["texts"] == most
        assert not (await feed.ask(verb="import-sales", lines=["x"] * (most + 1)))["ok"]
        assert (await feed.ask(verb="import-sales", lines=["x"]))["texts"] == 1
        feed.close()


@pytest.mark.parametrize("greedy", [*Class, None])
@on_a_loop
async def test_who_takes_all_places_of_a_class_takes_none_of_another(
    tmp_path: Path, greedy: Class | None
) -> None:
    crowd = Crowd(tmp_path / "control")
    async with beside(crowd.server.run()):
        await listening(crowd.path)
        held = [await crowd.connect(greedy) for _ in range(bounds_of(greedy).places)]
        late = await crowd.knock(greedy)
        answer = json.loads(await late.reader.readline())
        assert answer["ok"] is False
        assert str(bounds_of(greedy).places) in answer["error"]
        assert await late.closed()
        for other in set(Class) - {greedy}:
            client = await crowd.connect(other)
            (verb, *_) = VERBS[other]
            assert (await client.ask(verb=verb))["ok"]
            held.append(client)
        before = crowd.served
        held[0].close()
        while crowd.served == before:
            await asyncio.sleep(0)
        again = await crowd.connect(greedy)
        assert "served already" not in (await again.ask(verb="state")).get("error", "")
        for client in (*held, late, again):
            client.close()


@on_a_loop
async def test_what_is_large_is_read_off_the_loop_and_what_is_small_on_it(tmp_path: Path) -> None:
    sizes = []

    async def off_loop(function: Callable[[], T]) -> T:
        sizes.append(1)
        return function()

    crowd = Crowd(tmp_path / "control", off_loop=off_loop)
    async with beside(crowd.server.run()):
        await listening(crowd.path)
        feed = await crowd.connect(Class.FEED)
        assert (await feed.raw(request(Class.FEED, ON_THE_LOOP - 1)))["ok"]
        assert sizes == []
        assert (await feed.raw(request(Class.FEED, ON_THE_LOOP + 1)))["ok"]
        assert sizes == [1]
        feed.close()


@pytest.mark.parametrize("begun", [b"", b'{"verb": "st'])
@in_virtual_time
async def test_a_connection_without_a_request_is_dropped(tmp_path: Path, begun: bytes) -> None:
    crowd = Crowd(tmp_path / "control", idle_seconds=60.0)
    loop = asyncio.get_running_loop()
    async with beside(crowd.server.run()):
        await listening(crowd.path)
        client = await crowd.connect(Class.TILL)
        await client.ask(verb="state")
        began = loop.time()
        client.writer.write(begun)
        assert await client.closed()
        assert 60 <= loop.time() - began < 61
        client.close()


@in_virtual_time
async def test_who_sends_a_byte_now_and_then_is_dropped_too(tmp_path: Path) -> None:
    crowd = Crowd(tmp_path / "control", idle_seconds=60.0)
    loop = asyncio.get_running_loop()
    async with beside(crowd.server.run()):
        await listening(crowd.path)
        client = await crowd.connect(Class.TILL)
        began = loop.time()
        ended = asyncio.ensure_future(client.closed())
        while not ended.done():
            client.writer.write(b" ")
            await asyncio.wait({ended}, timeout=7)
        assert loop.time() - began < 70
        client.close()


@in_virtual_time
async def test_who_takes_no_answer_is_dropped(tmp_path: Path) -> None:
    async def much(_: dict[str, Any]) -> dict[str, Any]:
        return {"text": "x" * 8_000_000}

    crowd = Crowd(tmp_path / "control", idle_seconds=60.0)
    crowd.server._verbs = {"state": much}
    async with beside(crowd.server.run()):
        await listening(crowd.path)
        held = []
        for _ in range(BOUNDS[Class.TECHNICIAN].places):
            client = await crowd.connect(Class.TECHNICIAN)
            client.writer.transport.pause_reading()  # type: ignore[attr-defined]
            client.writer.write(b'{"verb": "state"}\n')
            held.append(client)
        await asyncio.sleep(61)
        free = await crowd.knock(Class.TECHNICIAN)
        answer = await free.ask(verb="?")
        assert "known verbs" in answer["error"]
        transport: Any = held[0].writer.transport
        transport.resume_reading()
        with suppress(ConnectionError):
            taken = len(await held[0].reader.read())
            assert taken < 8_000_000, "what it did not take is kept for nobody"
        for client in (*held, free):
            client.close()


@in_virtual_time
async def test_a_verb_that_takes_long_is_not_idle(tmp_path: Path) -> None:
    async def slow(_: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(300)
        return {}

    crowd = Crowd(tmp_path / "control", idle_seconds=60.0)
    crowd.server._verbs = {"import-sales": slow}
    async with beside(crowd.server.run()):
        await listening(crowd.path)
        client = await crowd.connect(Class.FEED)
        assert (await client.ask(verb="import-sales"))["ok"]
        client.close()


# --- what a request may be ------------------------------------------------------------------------

PLAIN = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(max_size=20)
OPTIONS = st.dictionaries(
    st.text(max_size=5),
    PLAIN | st.floats(-1e9, 1e9).map(lambda x: round(x, 6)) | st.lists(st.text(), max_size=5),
    max_size=5,
)


@given(OPTIONS, st.sampled_from([None, 2]), st.booleans())
def test_a_flat_request_is_read_as_json_reads_it(
    request_: dict[str, Any], indent: int | None, ascii_only: bool
) -> None:
    line = json.dumps(request_, indent=indent, ensure_ascii=ascii_only).encode(
        "utf-8", "surrogatepass"
    )
    assert parse(line, 5) == json.loads(line)


@given(st.binary(max_size=60) | st.text('{}[]",:\\u01e-. \n', max_size=40).map(str.encode))
def test_whatever_else_comes_is_no_request(line: bytes) -> None:
    try:
        found = parse(line, 5)
    except BadRequest:
        return
    assert found == json.loads(line.decode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 1_000_000,
        b'{"a":' * 1_000_000,
        b'{"verb": "state", "x": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}",
        b'{"verb": "state", "x": [[]]}',
        b'{"verb": "state", "x": [1]}',
        b'{"verb": "state", "x": {}}',
        b'{"verb": "state", "x": ' + b"9" * 1_000_000 + b"}",
        b'{"verb": "state"} {}',
        b'{"verb": "state",}',
        b'{"verb": "st',
        b"",
        json.dumps({str(number): number for number in range(33)}).encode(),
    ],
    ids=lambda line: f"{line[:12]!r} {len(line)}",
)
def test_what_is_nested_or_has_no_end_is_refused(line: bytes) -> None:
    with pytest.raises(BadRequest):
        parse(line, 100)


def test_half_a_character_stays_what_it_is() -> None:
    """Bytes that are no text come so, for whoever reads the file to name their line."""
    texts = ["\udc80", "a\ud83d"]
    line = json.dumps({"lines": texts}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert parse(line, 2)["lines"] == texts
