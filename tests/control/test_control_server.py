"""The control socket: well-formed requests, garbage, waiting for prompts."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from worlds.control import Client, serve
from worlds.failures import failure_in
from worlds.stories import beside, on_a_loop, told_by

from pos_terminal.control.screen import screen_verbs
from pos_terminal.control.server import WHO, Verb
from pos_terminal.core.words import Failure, say
from pos_terminal.ports import Frame
from pos_terminal.texts import Language
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Ui


class Glass:
    columns, rows = 40, 15

    def show(self, frame: Frame) -> None: ...
    def beep(self) -> None: ...


def with_server(
    story: Callable[[Client, Path], Awaitable[None]], tmp_path: Path, verbs: dict[str, Verb]
) -> None:
    async def main() -> None:
        path = tmp_path / "control"
        serving = asyncio.ensure_future(serve(path, verbs).run())
        while not path.is_socket():
            assert not serving.done()
            await asyncio.sleep(0)
        try:
            client = await Client.to(path)
            async with asyncio.timeout(10):
                await story(client, path)
            client.close()
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
        assert not path.exists()

    asyncio.run(main())


async def echo(request: dict[str, Any]) -> dict[str, Any]:
    return {"said": request.get("what")}


async def fail(_: dict[str, Any]) -> dict[str, Any]:
    raise Failure("clock.unproven")


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"nonsense\n",
        b"[1, 2]\n",
        b'{"verb": 7}\n',
        b'{"verb": "nothing"}\n',
        b"\xff\xfe\x00\n",
        b"[" * 100_000 + b"\n",
    ],
)
@told_by(partial(with_server, verbs={"state": echo}), 2, needs=("tmp_path",))
async def test_garbage_gets_an_error_and_the_next_request_works(
    client: Client, path: Path, line: bytes
) -> None:
    answer = await client.raw(line)
    assert answer["ok"] is False
    assert answer["error"]
    assert (await client.ask(verb="state", what="原交易"))["said"] == "原交易"


async def whose(request: dict[str, Any]) -> dict[str, Any]:
    return {"who": request[WHO]}


@told_by(partial(with_server, verbs={"state": whose}), 2, needs=("tmp_path",))
async def test_a_verb_knows_who_asks_whatever_the_request_says(client: Client, path: Path) -> None:
    assert (await client.ask(verb="state"))["who"] == os.geteuid()
    assert (await client.ask(verb="state", **{WHO: 4_321}))["who"] == os.geteuid()


@told_by(partial(with_server, verbs={"voucher": fail}), 2, needs=("tmp_path",))
async def test_a_failure_has_a_text_and_a_technicians_line(client: Client, path: Path) -> None:
    answer = await client.ask(verb="voucher")
    assert answer["ok"] is False
    assert answer["error"] == "Clock not proven: no trading"
    assert answer["cause"] == "clock.unproven"
    assert "sign-on" in answer["tech"]


def test_a_defect_is_answered_and_logged_and_the_next_request_works(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_: dict[str, Any]) -> dict[str, Any]:
        raise KeyError("a defect of ours")

    async def story(client: Client, _: Path) -> None:
        answer = await client.ask(verb="voucher")
        assert answer["ok"] is False
        assert "log" in answer["error"]
        assert (await client.ask(verb="state", what=1))["said"] == 1

    with_server(story, tmp_path, {"voucher": broken, "state": echo})
    (record,) = caplog.records
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], KeyError)


def test_an_answer_that_is_no_json_is_a_defect_too(tmp_path: Path) -> None:
    async def odd(_: dict[str, Any]) -> dict[str, Any]:
        return {"at": object()}

    async def story(client: Client, _: Path) -> None:
        assert (await client.ask(verb="voucher"))["ok"] is False
        assert (await client.ask(verb="state", what=1))["said"] == 1

    with_server(story, tmp_path, {"voucher": odd, "state": echo})


@told_by(partial(with_server, verbs={"state": echo}), 2, needs=("tmp_path",))
async def test_the_client_too_many_is_told(client: Client, path: Path) -> None:
    others = [await Client.to(path) for _ in range(27)]
    for other in others:
        await other.ask(verb="state")
    late = await Client.to(path)
    answer = json.loads(await late.reader.readline())
    assert answer["ok"] is False
    assert "28" in answer["error"]
    assert await late.reader.readline() == b""
    others[0].close()
    assert (await client.ask(verb="state", what=1))["said"] == 1
    for one in (*others[1:], late):
        one.close()


@told_by(partial(with_server, verbs={"state": echo}), 2, needs=("tmp_path",))
async def test_the_socket_is_for_owner_and_group_only(client: Client, path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o660


def test_screen_and_wait(tmp_path: Path) -> None:
    async def story(client: Client, path: Path) -> None:
        assert (await client.ask(verb="screen"))["prompt"] == ""
        ui.show(Page("home", say("flows.home"), (Line("金额", "¥1.00"),)))
        shown = await client.ask(verb="screen")
        assert shown["prompt"] == "home"
        assert shown["rows"][0] == "Refunds"
        assert (await client.ask(verb="wait", prompt="x|home"))["prompt"] == "home"
        late = await client.ask(verb="wait", prompt="sale", timeout=0)
        assert late == {"ok": False, "error": "timeout", "prompt": "home"}
        other = await Client.to(path)
        waiting = asyncio.ensure_future(other.ask(verb="wait", prompt="sale"))
        await client.ask(verb="screen")
        ui.show(Page("sale", say("flows.sale")))
        assert (await waiting)["prompt"] == "sale"
        other.close()

    ui = Ui(Glass(), Language.EN)
    with_server(story, tmp_path, screen_verbs(ui))


def test_screens_that_nobody_waited_for_are_told_once_in_their_order(tmp_path: Path) -> None:
    async def story(client: Client, _: Path) -> None:
        for name in ("home", "card.reading", "host.wait"):
            ui.show(Page(name, say("flows.home")))
        ui.refresh()  # the same frame is no other screen
        told = (await client.ask(verb="screens"))["screens"]
        assert [(one["serial"], one["prompt"]) for one in told] == [
            (1, "home"),
            (2, "card.reading"),
            (3, "host.wait"),
        ]
        assert (told[0]["rows"][0], told[0]["columns"]) == ("Refunds", 40)
        (last,) = (await client.ask(verb="screens", since=2))["screens"]
        assert last["prompt"] == "host.wait"
        assert (await client.ask(verb="screens", since=3))["screens"] == []
        for number in range(1_000):
            ui.show(Page(f"page.{number}", say("flows.home")))
        kept = (await client.ask(verb="screens"))["screens"]
        assert len(kept) < 200
        serials = [one["serial"] for one in kept]
        assert serials == list(range(1_004 - len(kept), 1_004))
        assert (await client.ask(verb="screens", since="x"))["ok"] is False

    ui = Ui(Glass(), Language.EN)
    with_server(story, tmp_path, screen_verbs(ui))


@pytest.mark.parametrize(
    "request_",
    [
        {"prompt": ""},
        {"prompt": 5},
        {"prompt": "home", "timeout": "x"},
        {"prompt": "home", "timeout": -1},
        {"prompt": "home", "timeout": True},
    ],
)
@told_by(partial(with_server, verbs=screen_verbs(Ui(Glass(), Language.EN))), 2, needs=("tmp_path",))
async def test_a_wait_that_makes_no_sense_is_refused(
    client: Client, path: Path, request_: dict[str, Any]
) -> None:
    assert (await client.ask(verb="wait", **request_))["ok"] is False


def test_a_stale_socket_is_replaced(tmp_path: Path) -> None:
    import socket

    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(tmp_path / "control"))
    stale.close()

    async def story(client: Client, _: Path) -> None:
        assert (await client.ask(verb="state", what=1))["said"] == 1

    async def main() -> None:
        path = tmp_path / "control"
        async with beside(serve(path, {"state": echo}).run()):
            while True:
                try:
                    streams = await asyncio.open_unix_connection(path)
                    break
                except OSError:
                    await asyncio.sleep(0)
            await story(Client(*streams), path)

    asyncio.run(main())


@told_by(partial(with_server, verbs={"state": echo}), 2, needs=("tmp_path",))
async def test_a_socket_that_is_served_is_left_alone(client: Client, path: Path) -> None:
    assert await failure_in(serve(path, {}).run()) == "ledger.runs_already"
    assert (await client.ask(verb="state", what=1))["said"] == 1
    other = await Client.to(path)
    assert (await other.ask(verb="state", what=2))["said"] == 2
    other.close()


@on_a_loop
async def test_a_server_takes_away_no_socket_but_its_own(tmp_path: Path) -> None:
    path = tmp_path / "control"
    async with beside(serve(path, {}).run()):
        while not path.is_socket() or path.stat().st_mode & 0o777 != 0o660:
            await asyncio.sleep(0)
        path.rename(tmp_path / "aside")  # so that its inode is not given again
        theirs = await asyncio.start_unix_server(lambda *_: None, path)
    assert path.is_socket()
    theirs.close()


@pytest.mark.parametrize("kind", ["file for a folder", "folder for a socket", "too long"])
def test_a_socket_that_can_not_be_made_is_said_in_words(tmp_path: Path, kind: str) -> None:
    """By a file in the way, since no rights keep root out of a folder."""
    path = tmp_path / "run" / "control"
    if kind == "too long":
        path = tmp_path / ("x" * 108)
    elif kind == "folder for a socket":
        path.mkdir(parents=True)
    else:
        path.parent.touch()
    assert asyncio.run(failure_in(serve(path, {}).run())) == "control.socket"
