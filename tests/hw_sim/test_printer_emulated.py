"""The emulated printer: what it prints, answers and draws for hosts of any make."""

from __future__ import annotations

import asyncio
import os
import termios
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from barcode.charsets import code128 as oracle
from hw_sim.device import BenchError, Place
from hw_sim.printer import code128
from hw_sim.printer.as_picture import FONT, as_picture
from hw_sim.printer.as_text import as_text
from hw_sim.printer.commands import Token, Tokenizer
from hw_sim.printer.device import PrinterDevice
from hw_sim.printer.engine import Printer
from hw_sim.printer.lines import PtyLine
from hw_sim.printer.listing import listing
from hw_sim.virtual import VirtualLoop, run_virtual
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds.stories import beside, told_by


class Host:
    """A printer and a host on its line, on the virtual loop."""

    def __init__(self, **options: Any) -> None:
        self.printer = Printer(**options)
        self.heard = bytearray()
        self.port = self.printer.port(self._hear, flow=True)

    def _hear(self, data: bytes) -> None:
        self.heard += data

    async def send(self, data: bytes) -> bytes:
        """What the printer says to it within ten seconds."""
        self.heard.clear()
        self.port.receive(data)
        await asyncio.sleep(10)
        return bytes(self.heard)

    @property
    def texts(self) -> list[str]:
        return [as_text(receipt) for receipt in self.printer.roll.all()]


def host(scene: Callable[[Host], Awaitable[None]], **options: Any) -> None:
    async def main(loop: VirtualLoop) -> None:
        made = Host(**options)
        async with beside(made.printer.run()):
            await scene(made)

    run_virtual(main)


@told_by(host)
async def test_text_hanzi_and_sizes(made: Host) -> None:
    await made.send("\x1b@你好 hi\n\x1ba\x01\x1d!\x11中\n".encode("gbk"))
    await made.send(b"\x1d!\x00\x1ba\x02\x1c.\x1bt\x10\x80 \xe9\n\x1c&\xff\xff\n\x1dV\x00")
    assert made.texts == ["你好 hi\n" + " " * 15 + "中\n" + " " * 29 + "€ é\n" + " " * 30 + "□\n"]


@told_by(host)
async def test_a_row_that_is_too_long_is_broken_as_by_a_printer(made: Host) -> None:
    await made.send(b"1" * 31 + "中\n".encode("gbk") + b"x" * 33 + b"\n\x1dV\x00")
    assert made.texts == ["1" * 31 + "\n中\n" + "x" * 32 + "\nx\n"]


@told_by(host)
async def test_status_in_real_time_even_inside_data_and_while_offline(made: Host) -> None:
    assert await made.send(b"\x10\x04\x01") == b"\x12"
    made.printer.change(paper_out=True)
    assert await made.send(b"text\x10\x04\x04") == b"\x7e"
    assert await made.send(b"\x1dr\x01\x1da\x0f") == b"", "queues behind the print data"
    made.printer.change(paper_out=False)
    assert await made.send(b"") == b"\x00\x10\x00\x00\x0f"
    assert await made.send(b"\x1dkI\x05{B\x10\x04\x01") == b"\x12"


@told_by(host)
async def test_automatic_status_tells_each_change_until_the_printer_is_reset(made: Host) -> None:
    assert await made.send(b"\x1da\x0f") == b"\x10\x00\x00\x0f"
    made.printer.change(cover_open=True)
    made.printer.change(cover_open=True)
    assert bytes(made.heard) == b"\x10\x00\x00\x0f" + b"\x38\x00\x00\x0f"
    made.printer.change(cover_open=False)
    await made.send(b"\x1b@")
    made.printer.change(near_end=True)
    assert bytes(made.heard) == b""


@told_by(host)
async def test_the_fence_is_answered_when_what_is_before_it_is_on_paper(made: Host) -> None:
    made.printer.after(2, lambda: made.printer.change(paper_out=True))
    assert await made.send(b"1\n2\n3\n\x1d(H\x06\x00001234") == b""
    made.printer.change(paper_out=False)
    assert await made.send(b"") == b"\x37\x221234\x00"


@told_by(host)
async def test_a_full_buffer_says_xoff_then_xon_and_loses_what_comes_all_the_same(
    made: Host,
) -> None:
    made.printer.change(paper_out=True)
    assert await made.send(b"x\n" * 2000) == b"\x13"
    assert await made.send(b"y" * 200) == b""
    assert made.port.overruns == 104
    assert await made.send(b"\x10\x04\x01") == b"\x1a", "real time needs no room"
    made.printer.change(paper_out=False)
    assert await made.send(b"") == b"\x11"


class Wire(PtyLine):
    """The line of a printer without paper, and the host's end of it at 115200 baud."""

    near: int

    async def drive(self, scene: Callable[[VirtualLoop, Wire], Awaitable[None]]) -> None:
        self.plug()
        self.near = os.open(self._link, os.O_RDWR | os.O_NOCTTY)
        try:
            settings = termios.tcgetattr(self.near)
            settings[4] = settings[5] = termios.B115200
            termios.tcsetattr(self.near, termios.TCSANOW, settings)
            loop = asyncio.get_running_loop()
            assert isinstance(loop, VirtualLoop)
            await scene(loop, self)
        finally:
            os.close(self.near)
            self.unplug()

    def write(self, data: bytes) -> None:
        """The host's bytes, until the kernel has brought them: its own worker does that, in real
        time, whatever the time is on the loop."""
        there = self.unread + len(data)
        os.write(self.near, data)
        while self.unread < there:
            os.sched_yield()


def on_a_pty(scene: Callable[[VirtualLoop, Wire], Awaitable[None]], folder: Path) -> None:
    printer = Printer()
    printer.change(paper_out=True)
    run_virtual(lambda _: Wire(printer, folder / "printer").drive(scene))


async def stalled(loop: VirtualLoop, seconds: float) -> None:
    """Nobody runs meanwhile; the wire goes on."""
    loop.pass_by(seconds)
    await asyncio.sleep(0)


def test_a_wire_is_not_late_on_a_machine_that_is(tmp_path: Path) -> None:
    async def scene(loop: VirtualLoop, wire: Wire) -> None:
        for turn in range(1, 41):  # in which the wire brings more than a driver lets wait
            wire.write(b"x" * 68)
            await stalled(loop, 0.01)
            assert 68 * turn - wire.port.size <= 2 * 68

    on_a_pty(scene, tmp_path)


@pytest.mark.parametrize(("late", "lost"), [(0.0, 72), (0.02, 0)])
def test_what_came_before_a_late_xoff_is_no_fault_of_the_hosts(
    tmp_path: Path, late: float, lost: int
) -> None:
    async def scene(loop: VirtualLoop, wire: Wire) -> None:
        port = wire.port
        await asyncio.sleep(1)
        port.receive(b"x" * (port.room - 160 - 256))
        wire.write(b"x" * 256)  # more than a wire brings before it is looked at first
        for _ in range(3):
            await asyncio.sleep(0)
        assert port.room == 160
        wire.write(b"x" * 232)
        await stalled(loop, late)
        await asyncio.sleep(1)
        assert os.read(wire.near, 9) == b"\x13"
        assert port.overruns == lost
        wire.write(b"x" * 400)
        await asyncio.sleep(1)
        assert port.overruns > lost, "what comes after it is"

    on_a_pty(scene, tmp_path)


@told_by(host)
async def test_a_power_cycle_is_silence_and_then_the_power_on_status(made: Host) -> None:
    await made.send(b"half a slip\n\x1da\x0f\x1dkI\x20{B")
    made.printer.power_off()
    assert await made.send(b"lost\x10\x04\x01") == b""
    made.heard.clear()
    made.printer.power_on()
    assert bytes(made.heard) == b"\x3b\x31\x00\x11"
    await made.send(b"whole\n\x1dV\x00")
    assert made.texts == ["half a slip\n", "whole\n"]
    assert [receipt.complete for receipt in made.printer.roll.all()] == [False, True]


@told_by(host)
async def test_the_drawer_opens_by_either_command(made: Host) -> None:
    await made.send(b"\x1bp\x00\x19\xfa")
    made.printer.change(cover_open=True)
    await made.send(b"\x1bp\x00\x19\xfa\x10\x14\x01\x00\x05")
    assert made.printer.kicks == 2


def test_paper_takes_its_time() -> None:
    async def main(loop: VirtualLoop) -> float:
        made = Host(speed=150.0)
        async with beside(made.printer.run()):
            reached = asyncio.Event()
            made.printer.after(44, reached.set)
            made.port.receive(b"row\n" * 45)
            await reached.wait()
        return loop.time()

    assert run_virtual(main) == pytest.approx(43 * 30 / 8 / 150)


def test_a_bar_code_is_drawn_as_another_library_encodes_it() -> None:
    values, text = code128.values(b"{B2120700000421")
    assert text == "2120700000421"
    bars = code128.modules(values)
    drawn = "".join("10"[place % 2] * width for place, width in enumerate(bars))
    codes = [oracle.START_CODES["B"], *(oracle.B[char] for char in text)]
    check = (codes[0] + sum(place * code for place, code in enumerate(codes[1:], 1))) % 103
    assert drawn == "".join(oracle.CODES[code] for code in [*codes, check]) + oracle.STOP + "11"


@pytest.mark.parametrize("data", [b"", b"{", b"1234", b"{D12", b"{C\x64", b"{B\x07"])
@told_by(host)
async def test_data_that_is_no_code128_prints_nothing(made: Host, data: bytes) -> None:
    await made.send(b"\x1dkI" + bytes((len(data),)) + data + b"after\n\x1dV\x00")
    assert made.texts == ["after\n"]


@settings(deadline=None)
@given(st.binary(max_size=300), st.integers(1, 40), st.booleans())
def test_any_bytes_are_tokens_whatever_the_pieces(data: bytes, piece: int, in_parts: bool) -> None:
    def tokens(size: int) -> list[tuple[Token, int]]:
        cutter = Tokenizer(in_parts=in_parts)
        parts = [data[start : start + size] for start in range(0, len(data), size)]
        return [token for part in parts for token in cutter.feed(part)]

    assert tokens(piece) == tokens(len(data) + 1)
    assert sum(size for _, size in tokens(piece)) <= len(data)
    listing(data)


_COMMANDS = [
    b"\x1dkI\x05{B123",
    b"\x1d(k\x03\x001Q0",
    b"\x1d(L\x02\x0002",
    b"\x1dv0\x00\x01\x00\x01\x00\xff",
    b"\x1b@",
    b"\x1dV\x42\x08",
    b"\x1d!\x77",
    b"\x1c!\x0c",
    b"\n",
]


@settings(deadline=None, max_examples=60)
@given(parts=st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(_COMMANDS)), max_size=20))
@told_by(host)
async def test_no_bytes_upset_the_printer(made: Host, parts: list[bytes]) -> None:
    for part in parts:
        await made.send(part)
    assert all(isinstance(text, str) for text in made.texts)


# --- through its ports, with a host that others wrote -------------------------------------------


def bench(scene: Callable[[PrinterDevice], Awaitable[None]], tmp_path: Path) -> None:
    async def main() -> None:
        device = PrinterDevice(speed=5000.0)
        await device.start(Place(tmp_path, tmp_path))
        try:
            async with asyncio.timeout(20):
                await scene(device)
        finally:
            await device.stop()
        assert not (tmp_path / "printer").is_symlink()

    asyncio.run(main())


async def receipts(device: PrinterDevice, count: int, *words: str) -> list[dict[str, Any]]:
    """The receipts, once there are so many whole ones."""
    while True:
        found: Any = await device.verbs()["receipts"](list(words))
        if sum(receipt["complete"] for receipt in found) >= count:
            return list(found)
        await asyncio.sleep(0.01)


def _escpos_host(address: str) -> None:
    from escpos.printer import Network
    from PIL import Image

    name, _, number = address.rpartition(":")
    printer = Network(name, port=int(number))
    printer.text("hello\n")
    printer.qr("https://example.com", native=True)
    printer.barcode("{B12345", "CODE128", function_type="B")
    printer.image(Image.new("1", (384, 256), 0))  # three times the buffer
    printer.cut()
    printer.close()


@told_by(bench, needs=("tmp_path",))
async def test_a_host_by_others_prints_over_tcp(device: PrinterDevice, tmp_path: Path) -> None:
    endpoint: Any = device.endpoints()["printer"]
    await asyncio.to_thread(_escpos_host, endpoint["tcp"])
    (receipt,) = await receipts(device, 1, "--png", str(tmp_path / "pictures"))
    rows = [row.strip() for row in receipt["text"].splitlines() if row.strip()]
    assert rows == ["hello", "[QR https://example.com]", "[CODE128 12345]", "[picture 384 x 256]"]
    if FONT.exists():
        assert Path(receipt["png"]).stat().st_size > 1000
    raw: Any = await device.verbs()["printer-bytes"]([])
    assert b"hello\n" in bytes.fromhex(raw)


@told_by(bench, needs=("tmp_path",))
async def test_a_shell_prints_through_the_pty_and_a_replug_keeps_the_path(
    device: PrinterDevice, tmp_path: Path
) -> None:
    (tmp_path / "printer").write_bytes(b"from a shell\n\x1dV\x00")
    await receipts(device, 1)
    await device.verbs()["unplug"](["printer"])
    assert not (tmp_path / "printer").exists()
    await device.verbs()["plug"](["printer"])
    (tmp_path / "printer").write_bytes(b"again\n\x1dV\x00")
    texts = [receipt["text"] for receipt in await receipts(device, 2)]
    assert texts == ["from a shell\n", "again\n"]


@told_by(bench, needs=("tmp_path",))
async def test_bytes_come_no_faster_than_the_hosts_baud_rate(
    device: PrinterDevice, tmp_path: Path
) -> None:
    loop = asyncio.get_running_loop()
    line = os.open(tmp_path / "printer", os.O_RDWR | os.O_NOCTTY)
    settings = termios.tcgetattr(line)
    settings[4] = settings[5] = termios.B9600
    termios.tcsetattr(line, termios.TCSANOW, settings)
    since = loop.time()
    os.write(line, b"x" * 287 + b"\n")
    printed = asyncio.Event()
    device.printer.after(9, printed.set)
    await printed.wait()
    assert loop.time() - since > 0.8 * 256 * 10 / 9600
    os.close(line)


@told_by(bench, needs=("tmp_path",))
async def test_verbs_say_what_they_know(device: PrinterDevice) -> None:
    verbs = device.verbs()
    for verb, words in (
        ("printer", ["explode"]),
        ("printer", []),
        ("printer", ["paper-out", "--after", "soon"]),
        ("receipts", ["--gif", "x"]),
        ("drawer", ["open"]),
    ):
        with pytest.raises(BenchError):
            await verbs[verb](words)
    await verbs["printer"](["paper-out"])
    assert device.printer.mechanism.paper_out
    assert await verbs["drawer"]([]) == {"drawer_kicks": 0, "open": False}


@pytest.mark.skipif(not FONT.exists(), reason="fonts-unifont is not installed")
@told_by(host)
async def test_the_picture_shows_what_is_printed_where_it_is_printed(made: Host) -> None:
    await made.send(b"left\n\x1ba\x02\x1dB\x01right\n\x1dB\x00\x1ba\x01\x1dw\x02\x1dh\x40")
    await made.send(b"\x1dkI\x0f{B2120700000421\x1dV\x00")
    receipt = made.printer.roll.all()[0]
    picture = as_picture(receipt)
    assert picture.size[0] == (384 + 2 * 28) * 2
    row = [picture.getpixel((x, 2 * (28 + 60 + 20))) for x in range(picture.size[0])]
    runs = [value < 128 for value in row]  # type: ignore[operator] # one of several
    edges = [x for x in range(1, len(runs)) if runs[x] != runs[x - 1]]
    widths = [(b - a) // 4 for a, b in pairwise(edges)]
    values, _ = code128.values(b"{B2120700000421")
    assert tuple(widths) == code128.modules(values), "the bars can be scanned off the picture"
