"""A frame as a picture: one bitmap-font cell of 8 x 16 pixels a column, drawn row by row."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from PIL import Image, ImageDraw, ImageFont

from pos_terminal.core.cells import char_width, clip, width
from pos_terminal.core.words import Failure
from pos_terminal.ports import Frame, Row, Style

CELL_WIDTH: Final = 8
CELL_HEIGHT: Final = 16
Colour = tuple[int, int, int]


class Look(Struct, frozen=True):
    """Colours of a style."""

    ink: Colour
    ground: Colour


NIGHT: Final[Colour] = (12, 18, 28)
COLOURS: Final = {
    Style.PLAIN: Look((228, 233, 238), NIGHT),
    Style.TITLE: Look((255, 255, 255), (28, 78, 138)),
    Style.CHOSEN: Look((16, 20, 28), (255, 200, 87)),
    Style.ALERT: Look((255, 255, 255), (176, 32, 40)),
}
_BLACK: Final[Colour] = (0, 0, 0)
_WHITE: Final[Colour] = (255, 255, 255)
MONOCHROME: Final = {
    Style.PLAIN: Look(_WHITE, _BLACK),
    Style.TITLE: Look(_BLACK, _WHITE),
    Style.CHOSEN: Look(_BLACK, _WHITE),
    Style.ALERT: Look(_BLACK, _WHITE),
}


class Painter:
    """Keeps the picture and redraws the rows that changed. Used by one thread only."""

    def __init__(
        self, *, size: tuple[int, int], columns: int, rows: int, font: str, colours: bool = True
    ) -> None:
        """Failure ``display.size`` or ``display.font``."""
        wide, high = columns * CELL_WIDTH, rows * CELL_HEIGHT
        self._scale = min(size[0] // wide, size[1] // high)
        if self._scale < 1:
            raise Failure("display.size", width=size[0], height=size[1], columns=columns, rows=rows)
        self._columns, self._rows = columns, rows
        self._looks = COLOURS if colours else MONOCHROME
        self._font = _load(font)
        self._row = Image.new("RGB", (wide, CELL_HEIGHT))
        self._draw = ImageDraw.Draw(self._row)
        self._draw.fontmode = "1"
        self._corner = ((size[0] - wide * self._scale) // 2, (size[1] - high * self._scale) // 2)
        self.image = Image.new("RGB", size, self._looks[Style.PLAIN].ground)
        self._drawn: list[Row | None] = [None] * rows

    def paint(self, frame: Frame) -> bool:
        """Bring the picture up to date; whether anything changed."""
        rows = (*frame.rows[: self._rows], *[Row("")] * (self._rows - len(frame.rows)))
        changed = [number for number, row in enumerate(rows) if row != self._drawn[number]]
        for number in changed:
            self._paint_row(number, rows[number])
            self._drawn[number] = rows[number]
        return bool(changed)

    def _paint_row(self, number: int, row: Row) -> None:
        look = self._looks[row.style]
        self._draw.rectangle((0, 0, *self._row.size), fill=look.ground)
        self._write(clip(row.text, self._columns), look.ink)
        strip = self._row
        if self._scale > 1:
            size = (strip.width * self._scale, strip.height * self._scale)
            strip = strip.resize(size, Image.Resampling.NEAREST)
        left, top = self._corner
        top += number * strip.height
        band = (0, top, self.image.width, top + strip.height)
        self.image.paste(look.ground, band)
        self.image.paste(strip, (left, top))

    def _write(self, text: str, ink: Colour) -> None:
        """In one go where the font's widths are ours, else cell by cell (ambiguous widths)."""
        if self._font.getlength(text) == width(text) * CELL_WIDTH:
            self._draw.text((0, 0), text, ink, self._font)
            return
        column = 0
        for char in text:
            self._draw.text((column * CELL_WIDTH, 0), char, ink, self._font)
            column += char_width(char)


def _load(font: str) -> ImageFont.FreeTypeFont:
    try:
        # basic layout: a bitmap font needs no shaping
        return ImageFont.truetype(font, CELL_HEIGHT, layout_engine=ImageFont.Layout.BASIC)
    except OSError as error:
        raise Failure("display.font", font=font, cause=error.strerror or str(error)) from None
