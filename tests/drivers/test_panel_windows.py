"""What goes over a panel's bus: the cells that changed, and all of it where nobody knows the glass.

The glass below reads luma's bytes as the controllers' data sheets do (MIPI DCS: CASET ``2A``, RASET
``2B``, RAMWR ``2C``, COLMOD ``3A``) and is stricter: a window must lie on the panel and be
filled to its last pixel.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from PIL import Image, ImageChops
from pos_drivers.display_luma import LumaDisplay
from pos_drivers.display_make import make_display
from pos_drivers.luma_panel import LumaPanel
from worlds.stories import on_a_loop

from pos_terminal.ports import DeviceState, Frame, InputEvent, Row, Style

FONT = "/usr/share/fonts/opentype/unifont/unifont.otf"
pytestmark = pytest.mark.skipif(not Path(FONT).exists(), reason="fonts-unifont is missing")
COLUMNS, ROWS = 20, 8
CELL = 8 * 16
CASET, RASET, RAMWR, SLPOUT, COLMOD = 0x2A, 0x2B, 0x2C, 0x11, 0x3A
PANELS = [
    ("ili9341", 320, 240, 2),
    ("ili9486", 320, 480, 3),
    ("ili9488", 480, 320, 3),
    ("st7735", 160, 128, 2),
    ("st7789", 240, 240, 2),
]
"""Each of luma's panels that has windows and room for 8 rows of 20 cells, and bytes a pixel."""


class Glass:
    """luma's serial interface on one side, the controller's memory behind it."""

    def __init__(self, width: int, height: int) -> None:
        self.picture = Image.new("RGB", (width, height), (255, 0, 255))
        self.windows: list[tuple[int, int, int, int]] = []
        self.bytes = 0
        self.woken = 0
        self.broken: Exception | None = None
        self._command = 0
        self._taken = bytearray()
        self._columns = self._rows = (0, 0)
        self.bytes_a_pixel = 3

    def command(self, *cmd: int) -> None:
        self._command, self._taken = cmd[0], bytearray()
        self.woken += cmd[0] == SLPOUT
        if cmd[1:]:
            self.data(cmd[1:])

    def data(self, data: Any) -> None:
        if self.broken is not None:
            raise self.broken
        self._taken += bytes(data)
        if self._command == CASET and self._taken:
            self._columns = _ends(self._taken)
        elif self._command == RASET and self._taken:
            self._rows = _ends(self._taken)
        elif self._command == COLMOD:
            self.bytes_a_pixel = {5: 2, 6: 3}[self._taken[-1] & 7]
        elif self._command == RAMWR:
            self.bytes += len(data)
            self._fill()

    def cleanup(self) -> None: ...

    def _fill(self) -> None:
        (left, right), (top, bottom) = self._columns, self._rows
        box = (left, top, right + 1, bottom + 1)
        assert left <= right < self.picture.width
        assert top <= bottom < self.picture.height
        size = (right + 1 - left, bottom + 1 - top)
        assert len(self._taken) == size[0] * size[1] * self.bytes_a_pixel
        taken = self._taken if self.bytes_a_pixel == 3 else _in_colours(self._taken)
        self.picture.paste(Image.frombytes("RGB", size, bytes(taken)), box)
        self.windows.append(box)

    def forget(self) -> None:
        self.windows, self.bytes = [], 0


def _in_colours(taken: bytearray) -> bytearray:
    """Two bytes a pixel: five bits of red, six of green, five of blue."""
    colours = bytearray()
    for (pixel,) in struct.iter_unpack(">H", taken):
        colours += bytes((pixel >> 8 & 0xF8, pixel >> 3 & 0xFC, pixel << 3 & 0xF8))
    return colours


def _ends(taken: bytearray) -> tuple[int, int]:
    """First and last; the 16-bit shift register before an ILI9486 doubles each byte."""
    four = taken[1::2] if len(taken) == 8 else taken
    assert len(four) == 4
    return int.from_bytes(four[:2]), int.from_bytes(four[2:])


@pytest.fixture(autouse=True)
def _pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Pi's GPIO module, which the backlight wants; nothing sleeps."""
    gpio = SimpleNamespace(
        **dict.fromkeys(("BCM", "OUT", "HIGH", "LOW"), 1),
        **dict.fromkeys(("setmode", "setup", "output", "cleanup", "setwarnings"), lambda *_: None),
    )
    module = ModuleType("RPi")
    module.GPIO = gpio  # type: ignore[attr-defined] # made here
    monkeypatch.setitem(sys.modules, "RPi", module)
    monkeypatch.setitem(sys.modules, "RPi.GPIO", gpio)
    monkeypatch.setattr("luma.lcd.device.sleep", lambda _: None)


def opened(
    monkeypatch: pytest.MonkeyPatch, panel: tuple[str, int, int, int], rotate: int = 0, **more: Any
) -> tuple[LumaDisplay, Glass]:
    name, width, height, _ = panel
    glass = Glass(width, height)
    monkeypatch.setattr("pos_drivers.luma_panel._bus", lambda _: glass)
    display = make_display(
        backend="luma",
        device=name,
        interface="spi",
        columns=COLUMNS,
        rows=ROWS,
        font=FONT,
        width=width,
        height=height,
        rotate=rotate,
        **more,
    )
    assert isinstance(display, LumaDisplay)
    glass.forget()
    return display, glass


async def shown(display: LumaDisplay, *rows: Row) -> Image.Image:
    display.show(Frame(COLUMNS, rows, "any"))
    await display.settled()
    return await display.picture()


def same(picture: Image.Image, rotate: int, glass: Glass) -> bool:
    """Whether the glass shows it, by so many quarters clockwise, in as many colours as it has."""
    picture = picture.rotate(-90 * rotate, expand=True)
    if glass.bytes_a_pixel == 2:
        red, green, blue = picture.split()
        five, six = (lambda value: value & 0xF8), (lambda value: value & 0xFC)
        picture = Image.merge("RGB", (red.point(five), green.point(six), blue.point(five)))
    return ImageChops.difference(picture, glass.picture).getbbox() is None


def placed() -> Iterator[tuple[tuple[str, int, int, int], int]]:
    for panel in PANELS:
        for rotate in range(4):
            if rotate % 2 == 0 or panel[2] >= COLUMNS * 8:
                yield panel, rotate


@pytest.mark.parametrize(("panel", "rotate"), list(placed()))
def test_only_the_cells_that_changed_are_sent(
    panel: tuple[str, int, int, int], rotate: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_loop(_only_the_cells)(panel, rotate, monkeypatch)


async def _only_the_cells(
    panel: tuple[str, int, int, int], rotate: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    display, glass = opened(monkeypatch, panel, rotate)
    picture = await shown(display, Row("退款", Style.TITLE), Row("金额  12.00"), Row("a"))
    assert glass.windows == [(0, 0, *glass.picture.size)], "first all of it"
    assert same(picture, rotate, glass)

    scale = min(picture.width // (COLUMNS * 8), picture.height // (ROWS * 16))
    assert glass.bytes_a_pixel == panel[3]
    cell = CELL * scale * scale * panel[3]
    glass.forget()
    picture = await shown(display, Row("退款", Style.TITLE), Row("金额  12.50"), Row("a"))
    assert same(picture, rotate, glass)
    assert glass.bytes == cell, "one digit, one cell"

    glass.forget()
    picture = await shown(display, Row("退款", Style.TITLE), Row("全额  12.59"), Row("b"))
    assert same(picture, rotate, glass)
    assert glass.bytes == 4 * cell, "a Hanzi, a digit, a letter"
    assert len(glass.windows) == 3

    glass.forget()
    picture = await shown(display, Row("退款", Style.TITLE), Row("全额  12.59"), Row("b"))
    assert glass.windows == []

    picture = await shown(
        display, Row("退款", Style.TITLE), Row("", large="¥12.59"), Row(""), Row("c")
    )
    assert same(picture, rotate, glass)
    whole = picture.width * picture.height * panel[3]
    row = picture.width * 16 * scale * panel[3]
    assert glass.bytes == 2 * row + cell < whole, "the two rows of the large one, and a letter"
    display.close()
    assert glass.picture.getbbox() is None, "nothing is left on the glass"


@on_a_loop
async def test_a_panel_that_was_away_is_set_up_again_and_gets_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events: list[InputEvent] = []
    display, glass = opened(monkeypatch, PANELS[0], sink=events.append)
    await shown(display, Row("a"), Row("b"))
    glass.broken, woken = OSError(5, "Input/output error"), glass.woken
    await shown(display, Row("a"), Row("c"))
    glass.picture = Image.new("RGB", glass.picture.size)  # it lost its power
    await shown(display, Row("a"), Row("d"))
    assert glass.woken == woken, "it is still away"

    glass.broken = None
    glass.forget()
    picture = await shown(display, Row("a"), Row("d"))
    assert glass.woken == woken + 1
    assert glass.windows[-1] == (0, 0, *glass.picture.size)
    assert same(picture, 0, glass)

    glass.forget()
    await shown(display, Row("a"), Row("e"))
    assert glass.bytes == CELL * PANELS[0][3]
    await shown(display)
    assert [event.up for event in events if isinstance(event, DeviceState)] == [False, True]
    display.close()


class Simple:
    """A device without windows, as luma's black and white ones are."""

    width, height, mode = 160, 128, "1"

    def __init__(self) -> None:
        self.pictures: list[Image.Image] = []

    def display(self, image: Image.Image) -> None:
        self.pictures.append(image)


def test_a_panel_without_windows_gets_the_whole_picture() -> None:
    device = Simple()
    LumaPanel(device).show(Image.new("RGB", (160, 128)), [(8, 16, 16, 32)])
    assert [(picture.size, picture.mode) for picture in device.pictures] == [((160, 128), "1")]
