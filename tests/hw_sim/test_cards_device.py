"""The bench's readers with a real pcscd: what a verb did, a PC/SC program has seen."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hw_sim.cards.device import CardsDevice
from hw_sim.cards.pcscd import PrivatePcscd, find_driver
from hw_sim.device import BenchError, Place
from worlds.stories import on_a_loop, told_by

WATCHER = """
import asyncio, json, sys
from pos_drivers.pcsc import PcscReaders
from pos_terminal.ports import DeviceState, Interface
def tell(event):
    kind = type(event).__name__
    if isinstance(event, DeviceState):
        kind = "up" if event.up else event.words.code
    where = getattr(event, "interface", getattr(event, "device", ""))
    print(json.dumps([kind, str(where)]), flush=True)
bound = dict(zip(Interface, sys.argv[1:], strict=True))
asyncio.run(PcscReaders(tell, bound).run())
"""
SECONDS = 10.0


class Watching:
    """A program of its own at the readers: its environment is what the bench says."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, device: CardsDevice) -> Watching:
        ends = device.endpoints()["readers"]
        assert isinstance(ends, dict)
        names = [ends[interface]["name"] for interface in ("contact", "tap")]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            WATCHER,
            *names,
            env={**os.environ, **device.environment()},
            stdout=asyncio.subprocess.PIPE,
        )
        return cls(process)

    async def next(self) -> tuple[str, str]:
        assert self._process.stdout is not None
        async with asyncio.timeout(SECONDS):
            kind, where = json.loads(await self._process.stdout.readline())
        return kind, where

    async def until(self, kind: str, where: str) -> None:
        """Skip what comes on the way, as a service that starts anew tells more than once."""
        while await self.next() != (kind, where):
            pass

    async def stop(self) -> None:
        self._process.terminate()
        await self._process.communicate()


def drive(
    main: Callable[[CardsDevice], Awaitable[None]],
    tmp_path: Path,
    device: CardsDevice | None = None,
) -> None:
    async def body() -> None:
        cards = device or CardsDevice()
        runtime = tmp_path / "r"
        runtime.mkdir()
        await cards.start(Place(tmp_path, runtime))
        try:
            await main(cards)
        finally:
            await cards.stop()
        assert not list(runtime.iterdir()), "nothing is left behind"

    asyncio.run(body())


async def do(device: CardsDevice, line: str) -> object:
    name, *words = line.split()
    return await device.verbs()[name](words)


@told_by(drive, needs=("tmp_path",))
async def test_what_a_verb_did_a_program_has_seen(device: CardsDevice) -> None:
    watching = await Watching.start(device)
    assert await watching.next() == ("up", "reader.contact")
    assert await watching.next() == ("up", "reader.tap")
    assert await do(device, "card tap phone") == {"card": "phone", "reader": "tap"}
    assert await watching.next() == ("CardArrived", "tap")
    await do(device, "card tap visa")
    assert await watching.next() == ("CardLeft", "tap")
    assert await watching.next() == ("CardArrived", "tap")
    await do(device, "unplug reader")
    assert await watching.next() == ("CardLeft", "tap")
    await watching.until("card.reader_missing", "reader.tap")
    await do(device, "plug reader")
    await watching.until("up", "reader.tap")
    await do(device, "card insert visa")
    assert await watching.next() == ("CardArrived", "contact")
    await do(device, "card remove")
    assert await watching.next() == ("CardLeft", "contact")
    await watching.stop()


@told_by(drive, needs=("tmp_path",))
async def test_the_list_says_where_each_card_is(device: CardsDevice) -> None:
    await do(device, "card insert jcb")
    listed = await do(device, "cards")
    assert isinstance(listed, list)
    where = {card["name"]: card["in"] for card in listed}
    assert where["jcb"] == "contact"
    assert where["visa"] is None
    assert "3530111333300000" not in json.dumps(listed)
    assert {card["name"]: card["masked"] for card in listed}["jcb"] == "353011******0000"
    await do(device, "card-service kill")
    with pytest.raises(BenchError, match="plug them in"):
        await do(device, "card insert jcb")
    await do(device, "card-service start")
    await do(device, "card insert jcb")


@told_by(drive, needs=("tmp_path",))
async def test_cards_of_ones_own(device: CardsDevice, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('title = "x"\n[contact]\natr = "3B00"\n')
    script = tmp_path / "own.script"
    script.write_text("atr 3B00\n> 00A40400\n< 9000\n")
    await do(device, f"card insert {own}")
    await do(device, f"card insert {script}")
    with pytest.raises(BenchError, match="the simulation is wrong, not the card"):
        await do(device, "card remove")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("card", "insert NAME"),
        ("card insert", "insert NAME"),
        ("card swallow visa", "insert NAME"),
        ("card insert nobody", "no card nobody"),
        ("card insert phone", "no contact interface"),
        ("card insert /nowhere/x.toml", "nowhere"),
        ("card insert /nowhere/x.script", "nowhere"),
        ("card remove visa", "in no reader"),
        ("cards all", "no arguments"),
        ("unplug keypad", "only cable"),
        ("card-service stop", "card-service kill"),
    ],
)
def test_what_cannot_be_done_is_said(
    shared: tuple[asyncio.Runner, CardsDevice], line: str, why: str
) -> None:
    runner, device = shared
    with pytest.raises(BenchError, match=why):
        runner.run(do(device, line))


@pytest.fixture(scope="module")
def shared(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[asyncio.Runner, CardsDevice]]:
    device = CardsDevice()
    runtime = tmp_path_factory.mktemp("r")
    with asyncio.Runner() as runner:
        runner.run(device.start(Place(runtime, runtime)))
        yield runner, device
        runner.run(device.stop())


@told_by(partial(drive, device=CardsDevice(card_service=False)), needs=("tmp_path",))
async def test_without_a_card_service(device: CardsDevice) -> None:
    assert device.endpoints() == {}
    assert device.environment() == {}
    assert await do(device, "cards")
    with pytest.raises(BenchError, match="no card service"):
        await do(device, "card insert visa")


@on_a_loop
async def test_two_benches_side_by_side(tmp_path: Path) -> None:
    services = [PrivatePcscd(tmp_path), PrivatePcscd(tmp_path)]
    for service in services:
        await service.start()
    ports = [port for service in services for port in service.ports.values()]
    assert len(set(ports)) == 4
    assert services[0].socket != services[1].socket
    assert all(service.running for service in services)
    for service in services:
        await service.stop()
        service.remove_files()


def test_no_driver_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_driver().is_file()
    monkeypatch.setenv("HW_SIM_VPCD", str(tmp_path))
    (tmp_path / "libifdvpcd.so.0.8").write_bytes(b"")
    assert find_driver() == tmp_path / "libifdvpcd.so.0.8"
    monkeypatch.setattr("hw_sim.cards.pcscd._drivers", lambda _: iter(()))
    with pytest.raises(BenchError, match="dpkg -x"):
        find_driver()
