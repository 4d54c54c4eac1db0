"""A frame as a picture: one bitmap-font cell of 8 x 16 pixels a column, drawn row by row.

Each character is drawn once and kept as bits; a row is put together from them, and of a row only
the cells that changed are named for the bus.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct
from PIL import Image, ImageDraw, ImageFont

from pos_terminal.core.cells import char_width, pad
from pos_terminal.core.words import Failure
from pos_terminal.ports import Frame, Row, Style

CELL_WIDTH: Final = 8
CELL_HEIGHT: Final = 16
LARGE: Final = 2
"""Rows and cells that a character of a large row takes."""
GAP_CELLS: Final = 2
"""So many unchanged cells between two that changed are sent with them: a window of its own costs
the bus 11 bytes and six calls of the kernel."""
_GLYPHS: Final = 2048
_ANY_INK: Final = [0] + [255] * 255
Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels; right and bottom are the first beyond it."""


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


class Band(Struct, frozen=True):
    """What stands in one row of the grid, filled to its width: a row, or half of a large one."""

    text: str
    style: Style
    half: int = 0
    """1 for the upper half of a large row, 2 for the lower, 0 for a row of its own."""


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
        self._canvas = Image.new("1", (4 * CELL_WIDTH, CELL_HEIGHT))
        self._pen = ImageDraw.Draw(self._canvas)
        self._glyph = lru_cache(maxsize=_GLYPHS)(self._draw)
        self._corner = ((size[0] - wide * self._scale) // 2, (size[1] - high * self._scale) // 2)
        colours_used = [
            colour for look in self._looks.values() for colour in (look.ink, look.ground)
        ]
        self._colours = list(dict.fromkeys(colours_used))
        self.image = Image.new("P", size, self._colours.index(self._looks[Style.PLAIN].ground))
        """Its palette has the few colours of the styles: a byte a pixel."""
        self.image.putpalette(bytes(part for colour in self._colours for part in colour))
        self._drawn: list[Band | None] = [None] * rows

    @property
    def whole(self) -> tuple[Box, ...]:
        """The picture as one box."""
        return ((0, 0, *self.image.size),)

    def picture(self) -> Image.Image:
        """A copy in colours."""
        return self.image.convert("RGB")

    def paint(self, frame: Frame) -> tuple[Box, ...]:
        """Bring the picture up to date: the parts of it that changed, none where nothing did."""
        boxes: list[Box] = []
        for number, band in enumerate(self._bands(frame)):
            old = self._drawn[number]
            if band != old:
                self._paint_band(number, band)
                _add(boxes, self._changed(number, old, band))
                self._drawn[number] = band
        return tuple(boxes)

    def _bands(self, frame: Frame) -> list[Band]:
        bands: list[Band] = []
        for row in frame.rows[: self._rows]:
            above = bands[-1] if bands else None
            if above is not None and above.half == 1:
                bands.append(Band(above.text, above.style, 2))
            elif row.large and len(bands) + 1 < self._rows:
                bands.append(Band(pad(row.large, self._columns // LARGE), row.style, 1))
            else:
                bands.append(_plain(row, self._columns))
        return bands + [_plain(Row(""), self._columns)] * (self._rows - len(bands))

    def _paint_band(self, number: int, band: Band) -> None:
        look = self._looks[band.style]
        ink, ground = self._colours.index(look.ink), self._colours.index(look.ground)
        left, top, bottom = self._corner[0], *self._heights(number)
        self.image.paste(ground, (0, top, self.image.width, bottom))
        if not band.text.isspace():
            self.image.paste(ink, (left, top), self._mask(band))

    def _mask(self, band: Band) -> Image.Image:
        """The pixels of the band that have ink."""
        lines = zip(*map(self._glyph, band.text), strict=True)
        data = b"".join(map(b"".join, lines))
        mask = Image.frombytes("1", (len(data) // CELL_HEIGHT * 8, CELL_HEIGHT), data)
        if band.half:
            first = 0 if band.half == 1 else CELL_HEIGHT // LARGE
            mask = mask.crop((0, first, mask.width, first + CELL_HEIGHT // LARGE))
        scale = self._scale * (LARGE if band.half else 1)
        if scale == 1:
            return mask
        size = (mask.width * scale, mask.height * scale)
        return mask.resize(size, Image.Resampling.NEAREST)

    def _changed(self, number: int, old: Band | None, new: Band) -> list[Box]:
        """Where the cells of the row are others than before."""
        top, bottom = self._heights(number)
        if old is None or (old.style, old.half) != (new.style, new.half):
            return [(0, top, self.image.width, bottom)]
        cell = CELL_WIDTH * self._scale * (LARGE if new.half else 1)
        left = self._corner[0]
        return [
            (left + first * cell, top, left + last * cell, bottom)
            for first, last in _runs(_by_cell(old.text), _by_cell(new.text))
        ]

    def _heights(self, number: int) -> tuple[int, int]:
        """Top and bottom of a row of the grid."""
        high = CELL_HEIGHT * self._scale
        return self._corner[1] + number * high, self._corner[1] + (number + 1) * high

    def _draw(self, char: str) -> tuple[bytes, ...]:
        """The character's lines from the top, a bit a pixel. What the font has wider than its
        cells (arrows, some signs) is made narrower; nothing reaches into the next cell."""
        wide = char_width(char) * CELL_WIDTH
        picture = self._canvas
        self._pen.rectangle((0, 0, *picture.size), fill=0)
        self._pen.text((0, 0), char, 1, self._font)
        inked = picture.getbbox()
        if inked is not None and inked[2] > wide:
            whole = picture.crop((0, 0, inked[2], CELL_HEIGHT)).convert("L")
            picture = whole.resize((wide, CELL_HEIGHT), Image.Resampling.BOX).point(_ANY_INK, "1")
        data, line = picture.crop((0, 0, wide, CELL_HEIGHT)).tobytes(), wide // 8
        return tuple(data[at : at + line] for at in range(0, len(data), line))


@lru_cache(maxsize=128)
def _plain(row: Row, columns: int) -> Band:
    return Band(pad(row.text, columns), row.style)


def _add(boxes: list[Box], more: list[Box]) -> None:
    """Each of ``more`` by itself, or as part of the one right above it."""
    for box in more:
        left, top, right, bottom = boxes[-1] if boxes else (0, 0, 0, 0)
        if (left, right, bottom) == (box[0], box[2], box[1]):
            boxes[-1] = (left, top, right, box[3])
        else:
            boxes.append(box)


@lru_cache(maxsize=128)
def _by_cell(text: str) -> tuple[str, ...]:
    """What stands in each cell; the right half of a Hanzi is named by it, too."""
    cells: list[str] = []
    for char in text:
        cells.append(char)
        if char_width(char) == LARGE:
            cells.append(char + char)
    return tuple(cells)


def _runs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """First and first beyond of the cells that differ, near ones together."""
    runs: list[tuple[int, int]] = []
    for at, (one, other) in enumerate(zip(old, new, strict=True)):
        if one == other:
            continue
        if runs and at - runs[-1][1] <= GAP_CELLS:
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs


def _load(font: str) -> ImageFont.FreeTypeFont:
    try:
        # basic layout: a bitmap font needs no shaping
        return ImageFont.truetype(font, CELL_HEIGHT, layout_engine=ImageFont.Layout.BASIC)
    except OSError as error:
        raise Failure("display.font", font=font, cause=error.strerror or str(error)) from None
