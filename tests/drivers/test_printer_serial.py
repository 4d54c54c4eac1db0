"""The serial line and the printer driver on real pseudo-terminals, in real time."""

from __future__ import annotations

import asyncio
import os
import time
import tty
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from hw_sim.device import Place
from hw_sim.printer.as_text import as_text
from hw_sim.printer.device import PrinterDevice
from pos_drivers.printer import EscposPrinter
from pos_drivers.serial_port import PortError, PortTrouble, SerialPort
from worlds.stories import beside, on_a_loop, told_by

from pos_terminal.ports import Confirmation, PrinterLost

LONG = b"row\n" * 1500 + b"\x1bd\x06\x1dV\x00"
SLIP = b"".join(b"row %02d\n" % row for row in range(1, 31)) + b"\x1bd\x06\x1dV\x00"


class Wire:
    """A pseudo-terminal whose far end the test holds."""

    def __init__(self) -> None:
        self.far, near = os.openpty()
        tty.setraw(near)
        self.path = os.ttyname(near)
        self._near = near
        self.heard = bytearray()
        self.lost: list[PortError] = []
        self.moved = asyncio.Event()

    def port(self) -> SerialPort:
        """So fast that the line is never what is waited for."""
        return SerialPort(self.path, baud=4_000_000, on_bytes=self._bytes, on_lost=self._gone)

    def _bytes(self, data: bytes) -> None:
        self.heard += data
        self.moved.set()

    def _gone(self, error: PortError) -> None:
        self.lost.append(error)
        self.moved.set()

    async def wait(self, wanted: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not wanted():
                self.moved.clear()
                await self.moved.wait()

    def hang_up(self) -> None:
        os.close(self._near)
        os.close(self.far)
        self._near = self.far = -1

    def close(self) -> None:
        if self.far >= 0:
            self.hang_up()


@asynccontextmanager
async def wire() -> AsyncIterator[tuple[Wire, SerialPort]]:
    held = Wire()
    port = held.port()
    await port.open()
    try:
        yield held, port
    finally:
        port.close()
        await port.closed()
        held.close()


def on_a_wire(scene: Callable[[Wire, SerialPort], Awaitable[None]]) -> None:
    async def main() -> None:
        async with wire() as (held, port):
            await scene(held, port)

    asyncio.run(main())


@told_by(on_a_wire, 2)
async def test_bytes_go_both_ways(held: Wire, port: SerialPort) -> None:
    port.write(b"out")
    assert os.read(held.far, 99) == b"out"
    os.write(held.far, b"\x00\x11in\x13\xff")
    await held.wait(lambda: bytes(held.heard) == b"\x00\x11in\x13\xff")


@told_by(on_a_wire, 2)
async def test_a_hang_up_is_told_once_and_the_port_is_closed(held: Wire, port: SerialPort) -> None:
    held.hang_up()
    await held.wait(lambda: bool(held.lost))
    assert [error.trouble for error in held.lost] == [PortTrouble.LOST]
    assert not port.is_open
    port.write(b"dropped")
    await port.sent()


@told_by(on_a_wire, 2)
async def test_a_port_is_held_by_one_program_only(held: Wire, port: SerialPort) -> None:
    second = held.port()
    with pytest.raises(PortError) as caught:
        await second.open()
    assert caught.value.trouble is PortTrouble.BUSY
    port.close()
    await port.closed()
    await second.open()
    second.close()
    await second.closed()


@pytest.mark.parametrize(
    ("address", "trouble"),
    [
        ("/dev/no-such-port", PortTrouble.MISSING),
        ("tcp://127.0.0.1", PortTrouble.NOT_A_PORT),
        ("tcp://127.0.0.1:99999", PortTrouble.NOT_A_PORT),
        ("tcp://127.0.0.1:1", PortTrouble.UNREACHABLE),
        (__file__, PortTrouble.NOT_A_PORT),
    ],
)
@on_a_loop
async def test_a_port_that_cannot_be_opened_says_why(address: str, trouble: PortTrouble) -> None:
    port = SerialPort(address, baud=9600, on_bytes=lambda _: None, on_lost=lambda _: None)
    with pytest.raises(PortError) as caught:
        await port.open()
    assert caught.value.trouble is trouble
    assert caught.value.detail


@told_by(on_a_wire, 2)
async def test_a_full_line_neither_blocks_nor_spins_nor_loses(held: Wire, port: SerialPort) -> None:
    data = bytes(range(256)) * 400
    os.set_blocking(held.far, False)
    busy = time.process_time()
    for start in range(0, len(data), 4096):
        port.write(data[start : start + 4096])
    await asyncio.sleep(0)
    assert not port.idle
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await port.sent()
    assert time.process_time() - busy < 0.25, "it waits for room without turning round"
    assert await _drain(held.far, len(data)) == data
    await port.sent()


@told_by(on_a_wire, 2)
async def test_xoff_holds_chunks_and_lets_real_time_commands_by(
    held: Wire, port: SerialPort
) -> None:
    port.hold()
    port.write(b"slip")
    port.write_urgent(b"\x10\x04\x01")
    assert os.read(held.far, 99) == b"\x10\x04\x01"
    port.release()
    assert os.read(held.far, 99) == b"slip"


@told_by(on_a_wire, 2)
async def test_an_urgent_command_never_parts_a_chunk(held: Wire, port: SerialPort) -> None:
    os.set_blocking(held.far, False)
    chunk = b"\xaa" * 1000
    for _ in range(50):
        port.write(chunk)
    port.write(b"\xbb")
    async with asyncio.timeout(5):
        while not port._begun:  # until the line is full, within a chunk
            await asyncio.sleep(0)
    port.hold()
    assert port.stuck
    port.write_urgent(b"\x10\x04\x01")
    port.release()
    data = await _drain(held.far, 0, lambda got: got.endswith(b"\xbb"))
    urgent = data.index(b"\x10\x04\x01")
    assert urgent % len(chunk) == 0


async def _drain(far: int, count: int, enough: Callable[[bytes], bool] = lambda _: False) -> bytes:
    """Read what the port sends until there is enough."""
    loop, got, ready = asyncio.get_running_loop(), bytearray(), asyncio.Event()
    loop.add_reader(far, ready.set)
    try:
        async with asyncio.timeout(10):
            while not (enough(bytes(got)) or 0 < count <= len(got)):
                await ready.wait()
                ready.clear()
                with suppress(BlockingIOError):
                    got += os.read(far, 4096)
    finally:
        loop.remove_reader(far)
    return bytes(got)


@on_a_loop
async def test_an_opening_that_is_given_up_leaves_nothing_open() -> None:
    held, go, opened = Wire(), asyncio.Event(), asyncio.Event()

    async def slowly(call: Callable[[], int]) -> int:
        await go.wait()
        opened.set()
        return call()

    port = SerialPort(held.path, baud=9600, on_bytes=held._bytes, on_lost=held._gone, run=slowly)
    async with beside(port.open()):
        await asyncio.sleep(0)
    go.set()
    await opened.wait()
    await asyncio.sleep(0)
    second = held.port()
    await second.open()
    second.close()
    await second.closed()
    held.close()


@on_a_loop
async def test_open_when_there_waits_for_the_path_and_tells_once(tmp_path: Path) -> None:
    held = Wire()
    link, told = tmp_path / "port", []
    port = SerialPort(str(link), baud=9600, on_bytes=held._bytes, on_lost=held._gone)
    opening = asyncio.create_task(port.open_when_there(lambda error: told.append(error.trouble)))
    while not told:
        await asyncio.sleep(0.01)
    link.symlink_to(held.path)
    async with asyncio.timeout(2):
        await opening
    assert told == [PortTrouble.MISSING]
    port.close()
    await port.closed()
    held.close()


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[tuple[PrinterDevice, EscposPrinter]]:
    device = PrinterDevice(speed=8000.0)
    await device.start(Place(folder, folder))
    driver = EscposPrinter(port=str(folder / "printer"), columns=32, sink=lambda _: None)
    try:
        async with beside(driver.run()), asyncio.timeout(20):
            yield device, driver
    finally:
        await device.stop()


@on_a_loop
async def test_a_slip_through_the_pty_with_a_pulled_adapter_in_between(tmp_path: Path) -> None:
    async with bench(tmp_path) as (device, driver):
        await driver.wait_ready()
        assert await driver.print(SLIP, 1) is Confirmation.PRINTED
        await device.verbs()["printer"](["unplug", "--after", "5"])
        with pytest.raises(PrinterLost):
            await driver.print(LONG, 2)  # so long that most of it is still to come
        assert not (tmp_path / "printer").exists()
        await device.verbs()["plug"](["printer"])
        async with asyncio.timeout(2):
            await driver.wait_ready()
        assert await driver.print(SLIP, 3) is Confirmation.PRINTED
        receipts = device.printer.roll.all()
        assert [receipt.complete for receipt in receipts] == [True, False, True]
        assert as_text(receipts[2]).count("row") == 30


@on_a_loop
async def test_more_than_the_printers_buffer_meets_xoff_and_nothing_is_lost(tmp_path: Path) -> None:
    async with bench(tmp_path) as (device, driver):
        await driver.wait_ready()
        await device.verbs()["printer"](["paper-out", "--after", "3"])
        job = asyncio.create_task(driver.print(LONG, 9))
        while not driver._line.held:  # paper is out: the buffer fills, XOFF comes and stays
            await asyncio.sleep(0.01)
        await device.verbs()["printer"](["paper-in"])
        assert await job is Confirmation.PRINTED
        assert device.printer._ports[0].overruns == 0
        printed = "".join(map(as_text, device.printer.roll.all()))
        assert printed.count("row") == 1500
