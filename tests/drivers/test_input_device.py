"""Keypad and scanner drivers over devices that fail in every way a cable can."""

from __future__ import annotations

import asyncio
import errno
import os
import struct
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pos_drivers.input_device import InputDevice
from pos_drivers.input_identity import Identity, InputNode
from pos_drivers.input_keypad import make_keypad
from pos_drivers.input_node import failure_of, open_node
from pos_drivers.scanner_evdev import make_key_scanner
from worlds.stories import beside, on_a_loop, told_by

from pos_terminal.core.cells import width
from pos_terminal.core.dropped import Drop
from pos_terminal.core.words import Failure
from pos_terminal.ports import DeviceState, InputEvent, Key, KeyPressed, ScanDropped, Scanned
from pos_terminal.texts import Language, render, technician
from pos_terminal.wire.input_event import EV_KEY, EV_SYN, NATIVE, SYN_DROPPED
from pos_terminal.wire.keyboards import Layout, keyboard
from pos_terminal.wire.keys import PRESS_CODES

PATH = "/dev/input/by-path/test-event-kbd"
KEYPAD = Identity(PATH, "test keypad", "1209:0001", "usb-1/input0", frozenset(range(1, 100)))
REPORT = (EV_SYN, 0, 0)


class Desk:
    """A device behind a pipe whose cable the test holds, and the events that came out."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[InputEvent] = asyncio.Queue()
        self.trouble: BaseException | None = None
        self.identity = KEYPAD
        self.grab_error: int | None = None
        self.nodes: list[PipeNode] = []
        self.at = 0

    def open(self, path: str, expected_id: str | None) -> InputNode:
        assert path == PATH
        if self.trouble is not None:
            raise self.trouble
        self.nodes.append(PipeNode(self.identity))
        return self.nodes[-1]

    def write(self, *events: tuple[int, int, int], gap: int = 4_000) -> None:
        self.at += gap
        data = [struct.pack(NATIVE, *divmod(self.at, 1_000_000), *event) for event in events]
        os.write(self.nodes[-1].writer, b"".join(data))

    def press(self, code: int) -> None:
        self.write((EV_KEY, code, 1), REPORT, (EV_KEY, code, 0), REPORT)

    def type(self, text: str) -> None:
        for char in text:
            keys = keyboard(Layout.US).keys_for(char)
            assert keys is not None
            self.press(keys[0].code)

    async def next(self) -> InputEvent:
        async with asyncio.timeout(10):
            return await self.events.get()

    async def up(self) -> None:
        event = await self.next()
        assert isinstance(event, DeviceState)
        assert event.up

    async def down(self) -> str:
        event = await self.next()
        assert isinstance(event, DeviceState)
        assert not event.up
        assert event.words is not None
        return event.words.code


class PipeNode:
    def __init__(self, identity: Identity) -> None:
        self.fd, self.writer = os.pipe()
        os.set_blocking(self.fd, False)
        self.identity = identity
        self.closed = False

    def grab(self) -> None: ...

    def close(self) -> None:
        os.close(self.fd)
        self.closed = True

    def unplug(self) -> None:
        os.close(self.writer)


def tell(
    make: Callable[..., InputDevice], story: Callable[[Desk], Coroutine[Any, Any, None]]
) -> None:
    async def main() -> None:
        desk = Desk()
        device = make(PATH, desk.events.put_nowait, opener=desk.open)
        async with beside(device.run()):
            await story(desk)
            assert desk.events.empty()
        assert all(node.closed for node in desk.nodes)

    asyncio.run(main())


@told_by(partial(tell, make_keypad))
async def test_keys_come_as_events(desk: Desk) -> None:
    await desk.up()
    for name in ("1", "enter", "menu"):
        desk.press(PRESS_CODES[name])
        assert await desk.next() == KeyPressed(Key(name))


@told_by(partial(tell, make_keypad))
async def test_a_key_that_comes_byte_by_byte(desk: Desk) -> None:
    await desk.up()
    for byte in struct.pack(NATIVE, 0, 0, EV_KEY, PRESS_CODES["5"], 1):
        os.write(desk.nodes[0].writer, bytes([byte]))
    assert await desk.next() == KeyPressed(Key.D5)


@told_by(partial(tell, make_keypad))
async def test_an_unplugged_keypad_comes_back_by_itself(desk: Desk) -> None:
    await desk.up()
    os.write(desk.nodes[0].writer, b"half a record"[:10])
    desk.trouble = Failure("input.missing", path=PATH)
    desk.nodes[0].unplug()
    assert await desk.down() == "input.missing"
    assert desk.nodes[0].closed
    desk.trouble = None
    await desk.up()
    desk.press(PRESS_CODES["7"])
    assert await desk.next() == KeyPressed(Key.D7), "the half record is forgotten"


@pytest.mark.parametrize("number", [errno.ENODEV, errno.EIO])
@told_by(partial(tell, make_keypad))
async def test_a_read_error_is_an_unplugged_device(
    desk: Desk, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = os.read

    def failing(fd: int, count: int) -> bytes:
        data = read(fd, count)
        if data == b"unplug":
            raise OSError(number, os.strerror(number))
        return data

    monkeypatch.setattr("pos_drivers.input_device.os.read", failing)
    await desk.up()
    desk.trouble = Failure("input.missing", path=PATH)
    os.write(desk.nodes[0].writer, b"unplug")
    assert await desk.down() == "input.missing"
    desk.trouble = None
    await desk.up()


@told_by(partial(tell, make_keypad))
async def test_trouble_is_told_once_and_again_when_it_changes(desk: Desk) -> None:
    await desk.up()
    desk.trouble = Failure("input.missing", path=PATH)
    desk.nodes[0].unplug()
    assert await desk.down() == "input.missing"
    desk.trouble = Failure("input.denied", path=PATH)
    assert await desk.down() == "input.denied"
    desk.trouble = None
    await desk.up()


@told_by(partial(tell, make_keypad))
async def test_a_taken_device_names_its_holder(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pos_drivers.input_device.holder_of", lambda path: f"getty (7) {path}")
    await desk.up()
    desk.trouble = Failure("input.busy", path=PATH, holder="?")
    desk.nodes[0].unplug()
    assert await desk.down() == "input.missing"
    event = await desk.next()
    assert isinstance(event, DeviceState)
    assert event.words is not None
    assert event.words.values["holder"] == f"getty (7) {PATH}"
    desk.trouble = None
    await desk.up()


@told_by(partial(tell, make_key_scanner))
async def test_scans_come_whole_or_not_at_all(desk: Desk) -> None:
    await desk.up()
    desk.type("123")
    desk.press(28)
    assert await desk.next() == Scanned("123")
    desk.type("45")
    desk.write((EV_SYN, SYN_DROPPED, 0), (EV_KEY, 2, 1), REPORT)
    desk.type("67")
    desk.press(28)
    assert await desk.next() == ScanDropped(Drop.OVERRUN)
    desk.type("89")
    desk.write(gap=260_000)
    desk.type("10")
    desk.press(28)
    assert await desk.next() == ScanDropped(Drop.PAUSE)


@told_by(partial(tell, make_key_scanner))
async def test_a_scan_without_an_end_is_dropped_after_a_silence(desk: Desk) -> None:
    await desk.up()
    desk.type("123")
    assert await desk.next() == ScanDropped(Drop.UNENDED)
    desk.at += 600_000
    desk.type("456")
    desk.press(28)
    assert await desk.next() == Scanned("456")


@told_by(partial(tell, make_key_scanner))
async def test_a_scanner_pulled_in_mid_scan_leaves_nothing_behind(desk: Desk) -> None:
    await desk.up()
    desk.type("123")
    desk.nodes[0].unplug()
    assert await desk.down() == "input.missing"
    assert await desk.next() == ScanDropped(Drop.OVERRUN)
    await desk.up()
    desk.type("456")
    desk.press(28)
    assert await desk.next() == Scanned("456")


def test_check_opens_once_and_closes() -> None:
    desk = Desk()
    device = make_keypad(PATH, desk.events.put_nowait, opener=desk.open)
    state = asyncio.run(device.check())
    assert state.up
    assert state.words is not None
    assert technician(state.words) == f"{PATH}: test keypad (id 1209:0001), grabbed"
    assert [node.closed for node in desk.nodes] == [True]
    desk.trouble = Failure("input.missing", path=PATH)
    state = asyncio.run(device.check())
    assert not state.up
    assert desk.events.empty()


# --- opening ----------------------------------------------------------------------------------


def opened(
    monkeypatch: pytest.MonkeyPatch,
    identity: Identity,
    expected_id: str | None = None,
    grab: int | None = None,
) -> PipeNode:
    node = PipeNode(identity)

    def refuse() -> None:
        if grab is not None:
            raise OSError(grab, os.strerror(grab))

    node.grab = refuse  # type: ignore[method-assign] # put in its place
    monkeypatch.setattr("pos_drivers.input_node._open", lambda _: node)
    try:
        assert open_node(PATH, expected_id) is node
    finally:
        node.unplug()
    return node


def test_the_right_device_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not opened(monkeypatch, KEYPAD, "1209:0001").closed


@pytest.mark.parametrize(
    ("identity", "expected_id", "grab", "key"),
    [
        (KEYPAD, "1209:0002", None, "input.other_device"),
        (Identity(PATH, "power button", codes=frozenset([116])), None, None, "input.not_keyboard"),
        (KEYPAD, None, errno.EBUSY, "input.busy"),
        (KEYPAD, None, errno.ENODEV, "input.missing"),
        (KEYPAD, None, errno.ENOTTY, "input.not_input"),
    ],
)
def test_the_wrong_device_is_refused_in_words_and_closed(
    monkeypatch: pytest.MonkeyPatch,
    identity: Identity,
    expected_id: str | None,
    grab: int | None,
    key: str,
) -> None:
    closed: list[int] = []
    monkeypatch.setattr(PipeNode, "close", lambda node: closed.append(node.fd))
    with pytest.raises(Failure) as failed:
        opened(monkeypatch, identity, expected_id, grab)
    assert failed.value.words.code == key
    assert len(closed) == 1
    for language in Language:
        assert 0 < width(render(failed.value.words, language)) <= 40
    assert PATH in technician(failed.value.words)


@pytest.mark.parametrize(
    ("number", "key"),
    [
        (errno.ENOENT, "input.missing"),
        (errno.ENXIO, "input.missing"),
        (errno.EIO, "input.missing"),
        (errno.EACCES, "input.denied"),
        (errno.EPERM, "input.denied"),
        (errno.EINVAL, "input.not_input"),
        (errno.EMFILE, "input.unreadable"),
    ],
)
def test_each_error_of_the_system_has_its_words(number: int, key: str) -> None:
    failure = failure_of(OSError(number, os.strerror(number)), PATH)
    assert failure.words.code == key
    assert PATH in technician(failure.words)


def test_paths_that_are_no_input_device(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for path, key in (
        (tmp_path / "none", "input.missing"),
        (file, "input.not_input"),
        (tmp_path, "input.not_input"),
        (Path("/dev/null"), "input.not_input"),
    ):
        with pytest.raises(Failure) as failed:
            open_node(str(path))
        assert failed.value.words.code == key, path


@on_a_loop
async def test_a_fifo_is_read_through_the_same_parser(tmp_path: Path) -> None:
    fifo = tmp_path / "keys"
    os.mkfifo(fifo)
    events: asyncio.Queue[InputEvent] = asyncio.Queue()
    device = make_keypad(str(fifo), events.put_nowait)
    async with beside(device.run()), asyncio.timeout(10):
        assert isinstance(await events.get(), DeviceState)
        for key in (Key.D4, Key.D2):  # the second one after the first writer has gone
            writer = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
            os.write(writer, struct.pack(NATIVE, 0, 0, EV_KEY, PRESS_CODES[key.value], 1))
            assert await events.get() == KeyPressed(key)
            os.close(writer)
            states = [await events.get(), await events.get()]
            assert [isinstance(one, DeviceState) and one.up for one in states] == [False, True]
