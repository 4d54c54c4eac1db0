"""A receipt as a picture: GNU Unifont in the printer's dot grid, real bars, the look of paper.

One dot is two pixels, so that a column of 12 dots is three times Unifont's eight; a bar code's
modules keep their width in proportion to the paper and can be scanned from the screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hw_sim.printer.roll import Bars, Item, Line, Picture, Qr, Receipt, Run

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

FONT: Final = Path("/usr/share/fonts/opentype/unifont/unifont.otf")
FONT_PIXELS: Final = 16
SCALE: Final = 2
"""Pixels to a dot."""
COLUMN: Final = 12
TALL: Final = 24
MARGIN: Final = 28
"""Dots of paper beside the printed width, 3.5 mm."""
TOOTH: Final = 8
PAPER: Final = 250
INK: Final = 38
BEYOND: Final = 214
"""Grey levels: paper, print, and what lies behind the paper."""


@dataclass(slots=True)
class _Canvas:
    """Draws items one beneath the other."""

    image: Image
    columns: int
    y: int

    @property
    def dots(self) -> int:
        return self.columns * COLUMN

    def left(self, width: int, align: str) -> int:
        """Where something of so many dots begins, in dots from the paper's edge."""
        room = max(0, self.dots - width)
        return MARGIN + {"left": 0, "center": room // 2, "right": room}[align]

    def black(self, x: int, y: int, width: int, height: int, ink: int = INK) -> None:
        if width > 0 and height > 0:
            box = (x * SCALE, y * SCALE, (x + width) * SCALE, (y + height) * SCALE)
            self.image.paste(ink, box)

    def line(self, item: Line) -> None:
        x = self.left(sum(_run_dots(run) for run in item.runs), item.align)
        tallest = max((run.tall for run in item.runs), default=1)
        for run in item.runs:
            top = self.y + TALL * (tallest - run.tall)
            width = _run_dots(run)
            if run.inverse:
                self.black(x, top - 2, width, TALL * run.tall + 4)
            glyphs = _glyphs(run.text, run.bold)
            size = (width * SCALE, TALL * run.tall * SCALE)
            ink = PAPER if run.inverse else INK
            self.image.paste(ink, (x * SCALE, top * SCALE), glyphs.resize(size, 0))
            if run.underline:
                self.black(x, top + TALL * run.tall, width, 1)
            x += width

    def bars(self, item: Bars) -> None:
        module = item.module_dots
        x = self.left(sum(item.modules) * module, item.align)
        height = item.dots - 6 - (30 if item.label else 0)
        for place, width in enumerate(item.modules):
            if place % 2 == 0:
                self.black(x, self.y, width * module, height)
            x += width * module
        if item.label:
            text = Run(item.text)
            below = Line((text,), "center", 30)
            self.y += height + 4
            self.line(below)
            self.y -= height + 4

    def qr(self, item: Qr) -> None:
        module = item.module_dots
        left = self.left(len(item.matrix) * module, item.align)
        for row, cells in enumerate(item.matrix):
            for place, dark in enumerate(cells):
                if dark:
                    self.black(left + place * module, self.y + row * module, module, module)

    def picture(self, item: Picture) -> None:
        from PIL import Image as images

        across = (item.width + 7) // 8 * 8
        mask = images.frombytes("1", (across, item.height), item.bits).convert("L")
        mask = mask.resize((across * SCALE, item.height * SCALE), 0)
        self.image.paste(INK, (self.left(item.width, item.align) * SCALE, self.y * SCALE), mask)


def as_picture(receipt: Receipt) -> Image:
    """The receipt in grey levels. OSError where the font is not installed (fonts-unifont)."""
    from PIL import Image as images

    height = sum(_dots(item) for item in receipt.items) + 2 * MARGIN + 2 * TOOTH
    size = ((receipt.columns * COLUMN + 2 * MARGIN) * SCALE, height * SCALE)
    canvas = _Canvas(images.new("L", size, PAPER), receipt.columns, MARGIN)
    for item in receipt.items:
        drawer = _DRAWERS.get(type(item))
        if drawer is not None:
            drawer(canvas, item)
        canvas.y += _dots(item)
    _edge(canvas.image, torn=not receipt.complete)
    return canvas.image


def _edge(image: Image, torn: bool) -> None:
    """The lower edge: straight teeth where the cutter was, ragged where the paper hangs on."""
    from PIL import ImageDraw

    width, height = image.size
    tooth = TOOTH * SCALE
    draw = ImageDraw.Draw(image)
    points = [(0, height)]
    for place, x in enumerate(range(0, width + tooth, tooth)):
        deep = (place * 7 % 5) * tooth // 5 if torn else 0
        points.append((x, height - tooth - deep + (tooth if place % 2 else 0)))
    draw.polygon([*points, (width, height)], fill=BEYOND)


def _dots(item: Item) -> int:
    if isinstance(item, Qr):
        return len(item.matrix) * item.module_dots
    return item.height if isinstance(item, Picture) else item.dots


def _cells(char: str) -> int:
    return 1 if char.isascii() else 2


def _run_dots(run: Run) -> int:
    return sum(map(_cells, run.text)) * run.wide * COLUMN


@cache
def _font() -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(FONT), FONT_PIXELS)


def _glyphs(text: str, bold: bool) -> Image:
    """A mask of the characters at Unifont's own size, each in the columns the printer gives it."""
    from PIL import Image as images
    from PIL import ImageDraw

    size = (sum(map(_cells, text)) * 8, FONT_PIXELS)
    mask = images.new("L", size, 0)
    draw = ImageDraw.Draw(mask)
    draw.fontmode = "1"
    x = 0
    for char in text:
        room = _cells(char) * 8
        inset = int(room - draw.textlength(char, font=_font())) // 2
        for shift in (0, 1) if bold else (0,):
            draw.text((x + max(0, inset) + shift, 0), char, fill=255, font=_font())
        x += room
    return mask


_DRAWERS: Final[dict[type, Callable[..., None]]] = {
    Line: _Canvas.line,
    Bars: _Canvas.bars,
    Qr: _Canvas.qr,
    Picture: _Canvas.picture,
}
