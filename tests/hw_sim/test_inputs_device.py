"""The bench's keypad and scanner against the product's drivers, in a process of their own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hw_sim.device import BenchError, Place
from hw_sim.inputs.device import WAYS, InputsDevice
from hw_sim.inputs.packets import encode, press
from hw_sim.inputs.senders import scan
from hw_sim.inputs.wiring import Unavailable
from pos_drivers.scanner_serial import SerialScanner
from worlds.stories import beside, on_a_loop, told_by

from pos_terminal.core.dropped import Drop
from pos_terminal.ports import DeviceState, InputEvent, Key, ScanDropped, Scanned
from pos_terminal.wire.input_event import EV_KEY, RecordReader
from pos_terminal.wire.key_scan import KeyScan
from pos_terminal.wire.keys import KeypadDecoder
from pos_terminal.wire.scan import Code

READER = Path(__file__).with_name("inputs_reader.py")
SECONDS = 15.0
NEEDS = {"umockdev": "umockdev-wrapper", "uinput": "/dev/uinput"}
"""What a machine must have; only without it may a test be skipped."""


class Reader:
    """The process that reads, and what it said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def line(self) -> list[str]:
        assert self.process.stdout is not None
        async with asyncio.timeout(SECONDS):
            line = await self.process.stdout.readline()
        assert line, "the reading process ended"
        found: list[str] = json.loads(line)
        return found

    async def lines(self, count: int) -> list[list[str]]:
        return [await self.line() for _ in range(count)]

    async def until(self, wanted: list[str]) -> list[list[str]]:
        """Everything up to the wanted line, without it."""
        before = []
        while (line := await self.line()) != wanted:
            before.append(line)
        return before


@contextlib.asynccontextmanager
async def reading(inputs: InputsDevice) -> AsyncIterator[Reader]:
    ends: Any = inputs.endpoints()["inputs"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(READER),
        ends["keypad"],
        ends["scanner"],
        env={**os.environ, **inputs.environment()},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Reader(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def both_up(reader: Reader) -> None:
    waiting = {"keypad", "scanner"}
    while waiting:
        line = await reader.line()
        if line[0] == "state" and line[2] == "up":
            waiting.discard(line[1])


Story = Callable[[InputsDevice], Coroutine[Any, Any, None]]


def tell(story: Story, how: str, tmp_path: Path) -> None:
    """Run the story on a started bench device; skip where the machine lacks that way."""

    async def main() -> None:
        runtime = Path(tempfile.mkdtemp(prefix="hw", dir="/tmp"))  # short, for sockets
        inputs = InputsDevice(how)
        try:
            await inputs.start(Place(tmp_path, runtime))
            await story(inputs)
        finally:
            await inputs.stop()
            shutil.rmtree(runtime)

    try:
        asyncio.run(main())
    except BenchError as error:
        if "no way to make" not in str(error) or _there(NEEDS.get(how, "sh")):
            raise
        pytest.skip(str(error))


def _there(needed: str) -> bool:
    return shutil.which(needed) is not None or os.access(needed, os.W_OK)


every_way = pytest.mark.parametrize("how", list(WAYS))


@every_way
@told_by(tell, needs=("how", "tmp_path"))
async def test_keys_and_scans_arrive_as_typed(inputs: InputsDevice) -> None:
    keys = [key.value for key in Key]
    text = "]C0Ab-17/9_#x"
    async with reading(inputs) as reader:
        await both_up(reader)
        await inputs.verbs()["press"](keys)
        assert await reader.lines(len(keys)) == [["key", key] for key in keys]
        await inputs.verbs()["scan"]([text])
        assert await reader.line() == ["scan", text[3:], "]C0"]
        long = "https://example.test/r?" + "q" * 300
        await inputs.verbs()["scan"]([long])
        assert await reader.line() == ["scan", long, ""]
        for codes in (["alt", "f8", "crlf"], ["caps", "tab", "slow"]):
            await inputs.verbs()["scanner"](codes)
            await inputs.verbs()["scan"]([text])
            assert await reader.line() == ["scan", text[3:], "]C0"]
        await inputs.verbs()["scanner"](["azerty"])
        await inputs.verbs()["scan"](["4006381333931"])
        assert await reader.line() == ["dropped", "layout_azerty"]


@every_way
@told_by(tell, needs=("how", "tmp_path"))
async def test_each_device_survives_unplugging_and_plugging_in_again(inputs: InputsDevice) -> None:
    verbs = inputs.verbs()
    async with reading(inputs) as reader:
        await both_up(reader)
        for _ in range(2):
            await verbs["unplug"](["keypad"])
            assert await reader.line() == ["state", "keypad", "down", "input.missing"]
            with pytest.raises(BenchError, match="unplugged"):
                await verbs["press"](["1"])
            await verbs["scan"](["123"])
            assert await reader.line() == ["scan", "123", ""], "the other one goes on"
            await verbs["plug"](["keypad"])
            assert await reader.line() == ["state", "keypad", "up", "input.found"]
            await verbs["press"](["7"])
            assert await reader.line() == ["key", "7"]
        await verbs["unplug"](["scanner"])
        assert await reader.line() == ["state", "scanner", "down", "input.missing"]
        await verbs["plug"](["scanner"])
        assert await reader.line() == ["state", "scanner", "up", "input.found"]
        await verbs["scan"](["456"])
        assert await reader.line() == ["scan", "456", ""]


@every_way
@told_by(tell, needs=("how", "tmp_path"))
async def test_a_reader_that_was_killed_leaves_the_devices_usable(
    inputs: InputsDevice, how: str
) -> None:
    if how == "uinput":
        pytest.skip("a kernel does not tell whether anybody reads a device")
    async with reading(inputs) as first:
        await both_up(first)
        await inputs.verbs()["press"](["1"])
        assert await first.line() == ["key", "1"]
        first.process.kill()
    with pytest.raises(BenchError, match="nobody reads the keypad"):
        await inputs.verbs()["press"](["2"])
    async with reading(inputs) as second:
        await both_up(second)
        await inputs.verbs()["press"](["3"])
        assert await second.line() == ["key", "3"], "what nobody read is gone"


@told_by(partial(tell, how="fifo"), needs=("tmp_path",))
async def test_the_serial_scanner_reaches_its_driver(inputs: InputsDevice) -> None:
    ends: Any = inputs.endpoints()["inputs"]
    with pytest.raises(BenchError, match="nobody reads the serial-scanner"):
        await inputs.verbs()["scan-serial"](["1"])
    events: asyncio.Queue[InputEvent] = asyncio.Queue()
    driver = SerialScanner(ends["serial_scanner"], events.put_nowait)
    async with beside(driver.run()), asyncio.timeout(SECONDS):
        assert isinstance(await events.get(), DeviceState)
        await inputs.verbs()["scan-serial"](["]C0退货-17"])
        assert await events.get() == Scanned("退货-17", "]C0")
        await inputs.verbs()["scanner"](["stx"])
        await inputs.verbs()["scan-serial"](["17"])
        assert await events.get() == Scanned("17")
        await inputs.verbs()["scanner"](["7e1", "cr"])
        await inputs.verbs()["scan-serial"](["4006381333931"])
        assert await events.get() == ScanDropped(Drop.FRAME_7E1)


@told_by(partial(tell, how="umockdev"), needs=("tmp_path",))
async def test_emulated_kernel_devices_are_identified(inputs: InputsDevice) -> None:
    async with reading(inputs) as reader:
        assert await reader.lines(3) == [
            ["check", "keypad", "input.found"],
            ["check", "scanner", "input.found"],
            ["nodes", "event0", "event1"],
        ]


@told_by(partial(tell, how="umockdev"), needs=("tmp_path",))
async def test_a_keyboard_that_nobody_bound_is_reported_and_then_gone(inputs: InputsDevice) -> None:
    """The reader binds one device only, so that the other one is the unknown keyboard."""
    ends: Any = inputs.endpoints()["inputs"]
    await inputs.verbs()["unplug"](["scanner"])
    inputs.endpoints = lambda: {  # type: ignore[method-assign] # put in its place
        "inputs": {**ends, "scanner": "/dev/input/by-path/none"}
    }
    async with reading(inputs) as reader:
        await reader.until(["state", "keypad", "up", "input.found"])
        await inputs.verbs()["plug"](["scanner"])
        unknown = ["state", "keyboards", "down", "input.unknown_keyboard"]
        await reader.until(unknown)
        await inputs.verbs()["unplug"](["scanner"])
        await reader.until(["state", "keyboards", "up", "input.no_unknown_keyboard"])


def test_the_first_way_that_works_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(inputs: InputsDevice) -> None:
        ends: Any = inputs.endpoints()["inputs"]
        assert ends["how"] in ("uinput", "fifo"), "no umockdev-wrapper in this PATH"

    monkeypatch.setenv("PATH", str(tmp_path))
    tell(story, "", tmp_path)


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    async def main(how: str) -> None:
        runtime = Path(tempfile.mkdtemp(prefix="hw", dir="/tmp"))  # short, for sockets
        inputs = InputsDevice(how)
        try:
            await inputs.start(Place(tmp_path, runtime))
        except BenchError:
            pass
        else:
            await inputs.stop()
        assert list(runtime.iterdir()) == []
        assert list(tmp_path.iterdir()) == []
        runtime.rmdir()

    for how in WAYS:
        asyncio.run(main(how))


@on_a_loop
async def test_the_last_resort_names_every_reason(tmp_path: Path) -> None:
    class Never:
        how = "never"

        async def start(self, place: Place) -> None:
            raise Unavailable(f"not in {place.folder.name}")

    inputs = InputsDevice()
    inputs._ways = [Never, Never]  # type: ignore[list-item] # stand-ins
    with pytest.raises(BenchError, match=r"not in .*; not in "):
        await inputs.start(Place(tmp_path, tmp_path))


@pytest.mark.parametrize(
    ("verb", "words", "says"),
    [
        ("press", [], "at least one"),
        ("press", ["1", "hello"], "no key 'hello'"),
        ("scan", [], "one text"),
        ("scan", [""], "one text"),
        ("scan", ["退货"], "can't type '退'"),
        ("unplug", [], "keypad or scanner"),
        ("unplug", ["printer"], "keypad or scanner"),
        ("plug", ["keypad"], "already"),
        ("press", ["1"], "nobody reads the keypad"),
    ],
)
@told_by(partial(tell, how="fifo"), needs=("tmp_path",))
async def test_what_can_not_be_done_is_refused_in_words(
    inputs: InputsDevice, verb: str, words: list[str], says: str
) -> None:
    with pytest.raises(BenchError, match=says):
        await inputs.verbs()[verb](words)


# --- the records themselves --------------------------------------------------------------------


@pytest.mark.parametrize("key", [key.value for key in Key])
def test_a_press_is_what_the_parser_reads(key: str) -> None:
    decoder = KeypadDecoder()
    names = [decoder.feed(record) for record in RecordReader().feed(encode(press(key)))]
    assert [name for name in names if name] == [key]


def test_a_scan_is_paced_by_its_own_times() -> None:
    records = RecordReader().feed(encode(scan("aB" * 100), now=100.0))
    edges = [record.at for record in records if record.type == EV_KEY]
    assert edges[0] >= 100_000_000
    assert {later - earlier for earlier, later in pairwise(edges)} == {2_000}
    assembler = KeyScan()
    results = [result for record in records if (result := assembler.feed(record))]
    assert results == [Code("aB" * 100)]
