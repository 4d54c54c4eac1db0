"""The acquirer as a process of its own: TLS, cables, faults by word, memory over a restart."""

from __future__ import annotations

import asyncio
import json
import secrets
import ssl
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hw_sim.acquirer.caller import Caller, Opened
from hw_sim.acquirer.process import AcquirerDevice
from hw_sim.acquirer.records import read_terminals
from hw_sim.bench.certificates import make_certificates
from hw_sim.device import BenchError, Place
from worlds.acquirer import a_sale, request_of
from worlds.stories import on_a_loop

from pos_terminal import profiles
from pos_terminal.core.local_time import local
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.zones import zone_of

PAN = "374245001751006"
SOLD_AT = datetime.now(UTC) - timedelta(days=3)
SALE: dict[str, Any] = {
    "sale_id": "S1",
    "pan": PAN,
    "par": None,
    "amount": 10_000,
    "currency": "156",
    "rrn": "632614000001",
    "auth_code": "A00001",
    "batch": "000041",
    "trace": "000101",
    "terminal_id": "10020001",
    "merchant_id": "898310053310001",
    "sold_at": SOLD_AT.isoformat(),
    "also": [],
}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    keys = {
        "tmk": secrets.token_hex(16),
        "terminal_id": SALE["terminal_id"],
        "merchant_id": SALE["merchant_id"],
        "tpdu": "6000030000",
        "batch": "000042",
        "key_exchange": "003",
    }
    (tmp_path / "acquirer-keys.json").write_text(json.dumps(keys))
    (tmp_path / "sales.jsonl").write_text(json.dumps(SALE) + "\n")
    with tempfile.TemporaryDirectory(prefix="acq") as runtime:
        yield Place(tmp_path, Path(runtime))


@asynccontextmanager
async def running(place: Place, **options: Any) -> AsyncIterator[AcquirerDevice]:
    device = AcquirerDevice(
        keys=place.folder / "acquirer-keys.json", sales=place.folder / "sales.jsonl", **options
    )
    await device.start(place)
    try:
        yield device
    finally:
        await device.stop()


def line(
    device: AcquirerDevice, tls: ssl.SSLContext | None = None
) -> Callable[[], Awaitable[Opened]]:
    async def opening() -> Opened:
        host, _, port = str(device.endpoints()["acquirer"]).partition(":")
        name = None if tls is None else "acquirer.bench"
        return await asyncio.open_connection(host, int(port), ssl=tls, server_hostname=name)

    return opening


def caller(place: Place) -> Caller:
    (terminal,) = read_terminals(place.folder / "acquirer-keys.json")
    return Caller(profiles.load("cup"), terminal)


def refund(caller: Caller, stan: str) -> Message:
    sale = a_sale(PAN, rrn=SALE["rrn"], batch=SALE["batch"], sold_at=SOLD_AT)
    request = request_of(caller.terminal, sale, stan, amount=2_500)
    return requests.refund(caller.profile, request)


async def sign_on_by(stranger: Caller, opening: Callable[[], Awaitable[Opened]]) -> None:
    await stranger.connect(opening)
    await stranger.sign_on()


async def say(device: AcquirerDevice, *words: str) -> Any:
    return await device.verbs()["acquirer"](list(words))


@on_a_loop
async def test_a_day_of_an_acquirer_on_a_private_line(place: Place) -> None:
    async with running(place) as device:
        terminal = caller(place)
        await terminal.connect(line(device))
        assert (await terminal.sign_on()).message.get(39) == "00"
        first = await terminal.ask(refund(terminal, "000002"))
        assert first.message.get(39) == "00"

        # faults by word
        assert await say(device, "mode", "code:51", "--count", "1", "--on", "refund") == ["code"]
        assert (await terminal.ask(refund(terminal, "000003"))).message.get(39) == "51"
        rows = await say(device, "ledger", "--json")
        assert [(row["kind"], row["paid"]) for row in rows] == [
            ("sale", 0),
            ("refund", 2_500),
            ("refund", 0),
        ]
        log = await say(device, "log")
        assert PAN not in json.dumps(log)
        assert [e["mti"] for e in log if e["direction"] == "in"] == ["0800", "0220", "0220"]

        # the cable
        address = device.endpoints()["acquirer"]
        await device.verbs()["unplug"](["acquirer"])
        with pytest.raises(EOFError):
            await terminal.receive()
        with pytest.raises(ConnectionRefusedError):
            await terminal.connect(line(device))
        await device.verbs()["plug"](["acquirer"])
        assert device.endpoints()["acquirer"] == address
        await terminal.connect(line(device))
        assert (await terminal.ask(refund(terminal, "000002"))).message == first.message

        # nobody listens, until it is normal again
        await say(device, "mode", "refuse")
        with pytest.raises(ConnectionRefusedError):
            await terminal.connect(line(device))
        await say(device, "mode", "normal")

        # killed and started again: same port, keys, answers and book
        await device.restart(place)
        assert device.endpoints()["acquirer"] == address
        await terminal.connect(line(device))
        assert (await terminal.ask(refund(terminal, "000002"))).message == first.message
        assert len(await say(device, "ledger")) == 3

        # a new batch
        await say(device, "batch", "000043")
        answer = await terminal.sign_on("000009")
        assert answer.message.get(60) == "00000043003"

        # a clock that is a day behind, and right again
        for ahead, day in (("-86400", timedelta(days=1)), ("0", timedelta())):
            await say(device, "clock", ahead)
            answer = await terminal.sign_on("000010")
            there = local(datetime.now(UTC) - day, zone_of("Asia/Shanghai"))
            assert answer.message.get(13) == f"{there:%m%d}"
        terminal.close()


@on_a_loop
async def test_mutual_tls(place: Place) -> None:
    tls = make_certificates(place.folder / "tls")

    def context(*, certified: bool) -> ssl.SSLContext:
        found = ssl.create_default_context(cafile=str(tls.authority))
        if certified:
            found.load_cert_chain(tls.client, tls.client_key)
        return found

    async with running(
        place, tls_cert=tls.server, tls_key=tls.server_key, client_ca=tls.authority
    ) as device:
        terminal = caller(place)
        await terminal.connect(line(device, context(certified=True)))
        assert (await terminal.sign_on()).message.get(39) == "00"

        # refused before the handshake: surely nothing was sent
        await say(device, "mode", "refuse", "--count", "1")
        with pytest.raises(ConnectionError):
            await terminal.connect(line(device, context(certified=True)))
        await terminal.connect(line(device, context(certified=True)))
        assert (await terminal.ask(refund(terminal, "000002"))).message.get(39) == "00"

        # no certificate, no TLS at all: not one message gets through
        for opening in (line(device, context(certified=False)), line(device)):
            with pytest.raises((OSError, EOFError)):
                await sign_on_by(caller(place), opening)
        log = await say(device, "log")
        assert sum(entry.get("mti") == "0800" for entry in log) == 1
        terminal.close()


@on_a_loop
async def test_wrong_words_are_the_verbs_error(place: Place) -> None:
    async with running(place) as device:
        for words, named in (
            (["mode", "explode"], "no mode 'explode'"),
            (["mode", "swallow", "--count", "x"], "count"),
            (["mode", "swallow", "--count", "0"], "count: a whole number from 1 to .+, not '0'$"),
            (["mode", "swallow", "--on", "lunch"], "lunch"),
            (["dance"], "dance"),
            (["clock", "soon"], "ahead"),
            ([], "required"),
            (["batch", "7"], "^a batch is 000001 to 999999, six digits, not '7'$"),
            (["batch", "000000"], "^a batch is 000001 to 999999"),
            (["batch", "000007", "--terminal-id", "1"], "no terminal '1'"),
        ):
            with pytest.raises(BenchError, match=named):
                await say(device, *words)
        with pytest.raises(BenchError, match="verb"):
            await device.ask({"verb": "explode"})
        with pytest.raises(BenchError, match="sale 1"):
            await device.ask({"verb": "sales", "add": [{"pan": "1"}]})
        more = {**SALE, "sale_id": "S2", "rrn": "632614000002"}
        assert await device.ask({"verb": "sales", "add": [more, SALE]}) == 1
        assert "swallow" in await say(device, "modes")


@on_a_loop
async def test_it_says_why_it_does_not_start(place: Place) -> None:
    (place.folder / "sales.jsonl").write_text("{}\n")
    with pytest.raises(BenchError, match=r"sales\.jsonl: sale 1"):
        async with running(place):
            pass


def test_it_ends_with_its_bench(place: Place) -> None:
    async def main() -> int:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hw_sim.acquirer", "--with-parent"),
            *("--listen", "127.0.0.1:0", "--admin", str(place.runtime / "a.sock")),
            *("--keys", str(place.folder / "acquirer-keys.json")),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdin is not None
        assert (await process.stdout.readline()).startswith(b"ready 127.0.0.1:")
        process.stdin.close()
        return await asyncio.wait_for(process.wait(), 10)

    assert asyncio.run(main()) == 0


@on_a_loop
async def test_it_stops_on_sigterm(place: Place) -> None:
    async with running(place) as device:
        process = device._process
        assert process is not None
        assert process.stdout is not None
        process.terminate()
        await asyncio.wait_for(process.stdout.read(), 10)  # its end, while ours is still open
        await process.communicate()
        assert process.returncode == 0
