"""A serial scanner behind a pty."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from pathlib import Path

import pytest
from pos_drivers.scanner_serial import SerialScanner, _words
from pos_drivers.serial_port import PortError, PortTrouble
from worlds.stories import beside

from pos_terminal.core.cells import width
from pos_terminal.core.dropped import Drop
from pos_terminal.core.words import say
from pos_terminal.ports import DeviceState, InputEvent, ScanDropped, Scanned
from pos_terminal.texts import Language, render, technician


def make_port(link: Path) -> int:
    """A pty whose other end the link names, as the bench does; its master."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    link.unlink(missing_ok=True)
    link.symlink_to(os.ttyname(slave))
    os.close(slave)
    return master


async def until_state(events: asyncio.Queue[InputEvent], up: bool) -> DeviceState:
    async with asyncio.timeout(10):
        while True:
            event = await events.get()
            if isinstance(event, DeviceState) and event.up is up:
                return event


def test_codes_loss_and_return(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    link = tmp_path / "scanner"

    async def main() -> None:
        events: asyncio.Queue[InputEvent] = asyncio.Queue()
        scanner = SerialScanner(str(link), events.put_nowait)
        async with beside(scanner.run()):
            assert (await until_state(events, False)).words is not None
            master = make_port(link)
            await until_state(events, True)
            os.write(master, b"]E04006381333931\r\n12\xff\r34")
            async with asyncio.timeout(10):
                assert await events.get() == Scanned("4006381333931", "]E0")
                assert await events.get() == ScanDropped(Drop.CHARACTERS)
                assert await events.get() == ScanDropped(Drop.UNENDED)
                while scanner._scan.partial:  # its tail could still come
                    await asyncio.sleep(0)
                os.write(master, b"56")
                while not scanner._scan.partial:
                    await asyncio.sleep(0)
                link.unlink()
                os.close(master)
                assert await events.get() == ScanDropped(Drop.OVERRUN)
            await until_state(events, False)
            master = make_port(link)
            await until_state(events, True)
            os.write(master, b"78\n")
            async with asyncio.timeout(10):
                assert await events.get() == Scanned("78")
        os.close(master)

    asyncio.run(main())
    dropped = [one.getMessage() for one in caplog.records if "was dropped" in one.message]
    assert dropped == [
        f"a scan was dropped: {technician(say(f'scan.{why}'))}"
        for why in ("characters", "unended", "overrun")
    ]


def test_check_tells_what_is_wrong_and_writes_nothing(tmp_path: Path) -> None:
    link = tmp_path / "scanner"

    def check(path: Path) -> DeviceState:
        return asyncio.run(SerialScanner(str(path), lambda _: None).check())

    missing = check(link)
    assert missing.words is not None
    assert (missing.up, missing.words.code) == (False, "input.missing")
    file = tmp_path / "file"
    file.touch()
    other = check(file)
    assert other.words is not None
    assert (other.up, other.words.code) == (False, "input.not_port")
    assert str(file) in technician(other.words)
    master = make_port(link)
    os.set_blocking(master, False)
    assert check(link).up
    try:
        assert os.read(master, 100) == b""
    except (BlockingIOError, OSError) as error:
        assert isinstance(error, OSError)  # noqa: PT017 - no byte came: EAGAIN or EIO
    os.close(master)


@pytest.mark.parametrize("trouble", list(PortTrouble))
def test_each_trouble_of_the_port_has_its_words(trouble: PortTrouble) -> None:
    words = _words(PortError(trouble, "/dev/ttyACM0", "cause"))
    assert "/dev/ttyACM0" in technician(words)
    assert all(width(render(words, language)) <= 40 for language in Language)
