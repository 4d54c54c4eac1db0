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

from hw_sim.printer.roll import Bars, Item, Line, Picture, Qr, Receipt, Run, Strip
from hw_sim.printer.typesetter import COLUMN, FONTS, TALL

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

FONT: Final = Path("/usr/share/fonts/opentype/unifont/unifont.otf")
FONT_PIXELS: Final = 16
SCALE: Final = 2
"""Pixels to a dot."""
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
    y: int

    def black(self, x: int, y: int, width: int, height: int, ink: int = INK) -> None:
        if width > 0 and height > 0:
            box = (x * SCALE, y * SCALE, (x + width) * SCALE, (y + height) * SCALE)
            self.image.paste(ink, box)

    def line(self, item: Line) -> None:
        left = MARGIN + item.at
        heights = [TALL * part.tall if isinstance(part, Run) else part.height
                   for part in item.runs]  # fmt: skip
        tallest = max(heights, default=TALL)
        for part, height in zip(item.runs, heights, strict=True):
            top = self.y + tallest - height
            if isinstance(part, Strip):
                self._mask(left + part.at, top, part.width, part.height, part.bits)
            else:
                self._run(part, left + part.at, top)

    def _run(self, run: Run, x: int, top: int) -> None:
        width, tall = run.end - run.at, TALL * run.tall
        if run.inverse:
            self.black(x, top - 2, width, tall + 4)
        ink = PAPER if run.inverse else INK
        for number, char in enumerate(run.text):
            if char != " ":
                small = not run.double and run.char < COLUMN * run.wide
                glyph = _glyph(char, 2 if run.double else 1, run.bold)
                size = (run.char * SCALE, (tall * FONTS[1] // COLUMN if small else tall) * SCALE)
                at = x + number * (run.char + run.gap)
                place = (at * SCALE, (top + tall) * SCALE - size[1])
                self.image.paste(ink, place, glyph.resize(size, 0))
        if run.underline:
            self.black(x, top + tall, width, 1)

    def bars(self, item: Bars) -> None:
        x = MARGIN + item.at
        height = item.dots - 6 - (30 if item.label else 0)
        for place, width in enumerate(item.widths):
            if place % 2 == 0:
                self.black(x, self.y, width, height)
            x += width
        if item.label:
            left = item.at + (sum(item.widths) - len(item.text) * COLUMN) // 2
            self._run(Run(item.text), MARGIN + max(0, left), self.y + height + 4)

    def qr(self, item: Qr) -> None:
        module = item.module_dots
        left = MARGIN + item.at
        for row, cells in enumerate(item.matrix):
            for place, dark in enumerate(cells):
                if dark:
                    self.black(left + place * module, self.y + row * module, module, module)

    def picture(self, item: Picture) -> None:
        self._mask(MARGIN + item.at, self.y, item.width, item.height, item.bits)

    def _mask(self, x: int, y: int, width: int, height: int, bits: bytes) -> None:
        """Rows of whole bytes, a set bit is black."""
        from PIL import Image as images

        across = (width + 7) // 8 * 8
        mask = images.frombytes("1", (across, height), bits).convert("L")
        mask = mask.crop((0, 0, width, height)).resize((width * SCALE, height * SCALE), 0)
        self.image.paste(INK, (x * SCALE, y * SCALE), mask)


def as_picture(receipt: Receipt) -> Image:
    """The receipt in grey levels. OSError where the font is not installed (fonts-unifont)."""
    from PIL import Image as images

    height = sum(_dots(item) for item in receipt.items) + 2 * MARGIN + 2 * TOOTH
    size = ((receipt.columns * COLUMN + 2 * MARGIN) * SCALE, height * SCALE)
    canvas = _Canvas(images.new("L", size, PAPER), MARGIN)
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


@cache
def _font() -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(FONT), FONT_PIXELS)


@cache
def _glyph(char: str, columns: int, bold: bool) -> Image:
    """A mask at Unifont's own size, in the columns that the printer gives the character."""
    from PIL import Image as images
    from PIL import ImageDraw

    mask = images.new("L", (columns * 8, FONT_PIXELS), 0)
    draw = ImageDraw.Draw(mask)
    draw.fontmode = "1"
    inset = max(0, int(columns * 8 - draw.textlength(char, font=_font())) // 2)
    for shift in (0, 1) if bold else (0,):
        draw.text((inset + shift, 0), char, fill=255, font=_font())
    return mask


_DRAWERS: Final[dict[type, Callable[..., None]]] = {
    Line: _Canvas.line,
    Bars: _Canvas.bars,
    Qr: _Canvas.qr,
    Picture: _Canvas.picture,
}
