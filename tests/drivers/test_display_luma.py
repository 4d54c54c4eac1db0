"""The panel backend: pictures, coalescing, and panels that fail."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from PIL import Image, ImageChops
from pos_drivers.display_luma import LumaDisplay
from pos_drivers.display_make import make_display
from pos_drivers.luma_paint import COLOURS, Box, Painter
from pos_drivers.luma_panel import LumaPanel, open_panel
from worlds.stories import on_a_loop

from pos_terminal.core.words import Failure
from pos_terminal.ports import DeviceState, Frame, InputEvent, Row, Style
from pos_terminal.texts import technician

FONT = "/usr/share/fonts/opentype/unifont/unifont.otf"
pytestmark = pytest.mark.skipif(not Path(FONT).exists(), reason="fonts-unifont is missing")


def painter(columns: int = 40, rows: int = 15, size: tuple[int, int] = (320, 240)) -> Painter:
    return Painter(size=size, columns=columns, rows=rows, font=FONT)


def frame(*rows: Row, columns: int = 40) -> Frame:
    return Frame(columns, rows, "any")


def colours(image: Image.Image, box: tuple[int, int, int, int]) -> set[tuple[int, ...]]:
    found = image.crop(box).getcolors()
    assert found is not None
    return {colour for _, colour in found if isinstance(colour, tuple)}


def test_each_style_has_its_two_colours_and_no_others() -> None:
    paint = painter()
    paint.paint(frame(*[Row("退 Ab", style) for style in Style]))
    for number, style in enumerate(Style):
        look = COLOURS[style]
        band = (0, number * 16, 320, number * 16 + 16)
        assert colours(paint.picture(), band) == {look.ink, look.ground}


def test_a_hanzi_takes_two_cells_and_latin_one() -> None:
    paint = painter()
    paint.paint(frame(Row("退A"), Row("  A")))
    first, second = (paint.picture().crop((16, y, 320, y + 16)) for y in (0, 16))
    assert ImageChops.difference(first, second).getbbox() is None
    assert colours(paint.picture(), (24, 0, 320, 16)) == {COLOURS[Style.PLAIN].ground}
    assert len(colours(paint.picture(), (0, 0, 16, 16))) == 2


def test_characters_of_doubtful_width_keep_the_columns() -> None:
    paint = painter()
    paint.paint(frame(Row("①A"), Row(" A")))
    first, second = (paint.picture().crop((16, y, 320, y + 16)) for y in (0, 16))
    assert ImageChops.difference(first, second).getbbox() is None


def test_only_changed_rows_are_drawn_and_old_text_goes() -> None:
    paint = painter()
    assert paint.paint(frame(Row("one"), Row("two")))
    before = paint.picture()
    assert not paint.paint(frame(Row("one"), Row("two")))
    assert paint.paint(frame(Row("one"), Row("2")))
    box = ImageChops.difference(before, paint.picture()).getbbox()
    assert box is not None
    assert box[1] >= 16
    assert box[3] <= 32
    assert paint.paint(frame())
    assert colours(paint.picture(), (0, 0, 320, 240)) == {COLOURS[Style.PLAIN].ground}


def test_large_panels_get_larger_cells_in_the_middle() -> None:
    small, large = painter(), painter(size=(800, 480))
    shown = frame(Row("退 A", Style.TITLE), Row("b"))
    small.paint(shown)
    large.paint(shown)
    doubled = small.picture().resize((640, 480), Image.Resampling.NEAREST)
    assert ImageChops.difference(doubled, large.picture().crop((80, 0, 720, 480))).getbbox() is None
    assert colours(large.picture(), (0, 0, 80, 32)) == {COLOURS[Style.TITLE].ground}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"width": 128, "height": 64}, "display.size"),
        ({"font": "/none.otf"}, "display.font"),
        ({"interface": "spi", "device": "no_such_panel"}, "display.driver"),
        ({"interface": "spi", "device": "__framebuffer_mixin"}, "display.driver"),
        ({"interface": "spi", "device": ""}, "display.driver"),
    ],
)
def test_what_can_not_be_shown_is_refused_in_words(change: dict[str, Any], key: str) -> None:
    facts: dict[str, Any] = {"interface": "dummy", "font": FONT, "columns": 40, "rows": 15}
    with pytest.raises(Failure) as failed:
        make_display(backend="luma", **{**facts, **change})
    assert failed.value.words.code == key
    assert technician(failed.value.words)


def test_a_bus_that_is_not_there_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_bus(interface: str) -> None:
        raise OSError(2, "No such file or directory", "/dev/spidev0.0")

    monkeypatch.setattr("pos_drivers.luma_panel._bus", no_bus)
    with pytest.raises(Failure) as failed:
        open_panel("ili9341", "spi", 320, 240, 0)
    assert "spidev" in technician(failed.value.words)


# --- the display -------------------------------------------------------------------------------


@on_a_loop
async def test_the_dummy_panel_shows_the_last_frame() -> None:
    display = make_display(backend="luma", interface="dummy", columns=40, rows=15, font=FONT)
    assert isinstance(display, LumaDisplay)
    for number in range(50):
        display.show(frame(Row(f"帧 {number}")))
    await display.settled()
    expected = painter()
    expected.paint(frame(Row("帧 49")))
    shown = await display.picture()
    assert ImageChops.difference(shown, expected.picture()).getbbox() is None
    display.beep()
    display.close()


class SlowPanel:
    """Waits on its bus until the test lets go; fails when told to."""

    width, height, mode = 320, 240, "RGB"

    def __init__(self) -> None:
        self.sent: list[Image.Image] = []
        self.error: Exception | None = None
        self.go = threading.Event()
        self.busy = threading.Event()
        self.off = False

    def show(self, image: Image.Image, boxes: Sequence[Box]) -> None:
        assert boxes
        self.busy.set()
        assert self.go.wait(10)
        if self.error is not None:
            raise self.error
        self.sent.append(image.convert("RGB"))

    def cleanup(self) -> None:
        self.off = True


@on_a_loop
async def test_frames_that_come_while_one_is_sent_are_coalesced() -> None:
    panel = SlowPanel()
    display = LumaDisplay(panel, painter(), columns=40, rows=15)
    display.show(frame(Row("first")))
    assert panel.busy.wait(10)
    for number in range(20):
        display.show(frame(Row(str(number))))
    panel.go.set()
    await display.settled()
    expected = painter()
    expected.paint(frame(Row("19")))
    assert len(panel.sent) == 2
    assert ImageChops.difference(panel.sent[1], expected.picture()).getbbox() is None
    display.close()
    assert panel.off


@on_a_loop
async def test_a_panel_that_fails_is_reported_and_gets_the_picture_later() -> None:
    events: asyncio.Queue[InputEvent] = asyncio.Queue()
    panel = SlowPanel()
    panel.go.set()
    panel.error = OSError(121, "Remote I/O error")
    display = LumaDisplay(
        panel, painter(), columns=40, rows=15, driver="st7789", sink=events.put_nowait
    )
    shown = frame(Row("one"))
    display.show(shown)
    async with asyncio.timeout(10):
        state = await events.get()
    assert isinstance(state, DeviceState)
    assert not state.up
    assert state.words is not None
    assert "Remote I/O error" in technician(state.words)
    panel.error = None
    display.show(shown)
    async with asyncio.timeout(10):
        state = await events.get()
    assert isinstance(state, DeviceState)
    assert state.up
    assert len(panel.sent) == 1, "the same frame, as the panel never got it"
    display.close()


class BlackAndWhite:
    """A device of luma's."""

    width, height, mode = 320, 240, "1"

    def __init__(self) -> None:
        self.sent: list[Image.Image] = []

    def display(self, image: Image.Image) -> None:
        self.sent.append(image)

    def cleanup(self) -> None: ...


@on_a_loop
async def test_a_black_and_white_panel_gets_crisp_bits() -> None:
    panel = BlackAndWhite()
    paint = Painter(size=(320, 240), columns=40, rows=15, font=FONT, colours=False)
    display = LumaDisplay(LumaPanel(panel), paint, columns=40, rows=15)
    display.show(frame(Row("退货"), Row("退货", Style.CHOSEN)))
    await display.settled()
    plain, chosen = (panel.sent[0].crop((0, y, 320, y + 16)) for y in (0, 16))
    assert panel.sent[0].mode == "1"
    inverted = ImageChops.invert(chosen.convert("L"))
    assert ImageChops.difference(plain.convert("L"), inverted).getbbox() is None
    display.close()


class Bus:
    """luma's serial interface as far as a panel driver uses it; counts bytes."""

    def __init__(self) -> None:
        self.bytes = 0

    def command(self, *_: int) -> None: ...

    def data(self, data: Any) -> None:
        self.bytes += len(data)

    def cleanup(self) -> None: ...


@on_a_loop
async def test_a_real_panel_driver_sends_only_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """luma.lcd's ili9341 over a bus of ours; its backlight wants the Pi's GPIO module."""
    gpio = SimpleNamespace(
        **dict.fromkeys(("BCM", "OUT", "HIGH", "LOW"), 1),
        **dict.fromkeys(("setmode", "setup", "output", "cleanup", "setwarnings"), lambda *_: None),
    )
    module = ModuleType("RPi")
    module.GPIO = gpio  # type: ignore[attr-defined] # made here
    monkeypatch.setitem(sys.modules, "RPi", module)
    monkeypatch.setitem(sys.modules, "RPi.GPIO", gpio)
    bus = Bus()
    monkeypatch.setattr("pos_drivers.luma_panel._bus", lambda _: bus)
    display = make_display(
        backend="luma", device="ili9341", interface="spi", columns=40, rows=15, font=FONT
    )
    assert isinstance(display, LumaDisplay)
    display.show(frame(Row("Amount 1")))
    await display.settled()
    whole, bus.bytes = bus.bytes, 0
    display.show(frame(Row("Amount 2")))
    await display.settled()
    assert whole > 320 * 240 * 2
    assert 0 < bus.bytes < whole // 100
    display.close()


def test_no_display_keeps_the_last_frame() -> None:
    display = make_display(backend="none", columns=20, rows=8)
    shown = frame(Row("x"), columns=20)
    display.show(shown)
    display.beep()
    assert (display.columns, display.rows) == (20, 8)
    assert (display.frame, display.beeps) == (shown, 1)  # type: ignore[attr-defined] # made here
    display.close()
