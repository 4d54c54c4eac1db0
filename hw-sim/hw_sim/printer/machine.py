"""Carries out ESC/POS tokens: what they print, what they answer, how long the paper takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from hw_sim.printer import barcodes, status
from hw_sim.printer.code128 import BadBarcode
from hw_sim.printer.commands import (
    CAN,
    CR,
    FF,
    HT,
    LF,
    Chars,
    Command,
    Control,
    Part,
    Token,
    whole_command,
)
from hw_sim.printer.graphics import Dots, Graphics, Raster, columns
from hw_sim.printer.modes import set_mode
from hw_sim.printer.qr import QrStore
from hw_sim.printer.roll import Bars, Blank, Item, Picture, Qr, Roll
from hw_sim.printer.typesetter import Typesetter

CUT_SECONDS: Final = 0.1
LABEL_DOTS: Final = 30

Reply = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Abilities:
    """What this model can do; less of it for tests of the fallbacks."""

    fence: bool = True
    """``GS ( H`` function 48."""
    automatic: bool = True
    """``GS a``."""
    real_time: bool = True
    """``DLE EOT``."""
    notice: bool = True
    """Says so when it was switched on."""
    chinese: bool = True
    sensors: bool = True
    """``GS r``."""
    late: float = 0.0
    """By so many seconds ``GS a`` tells late what has changed."""


@dataclass(slots=True)
class Machine:
    """One line's interpreter; several lines share the roll and the mechanism."""

    roll: Roll
    mechanism: status.Mechanism
    abilities: Abilities
    reply: Reply
    kick: Callable[[], None]
    type: Typesetter = field(init=False)
    watching: int = 0
    """The mask of ``GS a``; 0 while no automatic status is wanted."""
    fresh: bool = True
    """A host has just come, or padded with NULs: its next ESC @ begins anew."""
    _nuls: int = 0
    _qr: QrStore = field(default_factory=QrStore)
    _graphics: Graphics = field(default_factory=Graphics)
    _begun: bytearray = field(default_factory=bytearray)
    """Of a long command whose end has not come yet."""
    _raster: Raster | None = None

    def __post_init__(self) -> None:
        self.type = Typesetter(self.roll.columns)
        self.reset()

    def reset(self) -> None:
        """Power-on, and ``ESC @``: automatic status is off after it."""
        self.type.reset()
        self.type.modes.chinese = self.abilities.chinese
        self.watching = 0
        self._qr, self._graphics = QrStore(), Graphics()
        self._begun, self._raster = bytearray(), None

    def carry_out(self, token: Token) -> Iterator[Item | None]:
        """Yields each thing as it is printed (None: a cut); the caller gives it time."""
        if isinstance(token, Chars):
            for byte in token.data:
                if (line := self.put(byte)) is not None:
                    yield line
        elif isinstance(token, Control):
            yield from self._control(token.byte)
        elif isinstance(token, Part):
            self._nuls = 0
            yield from self._part(token)
        else:
            self._count_nuls(token)
            yield from self._command(token)

    def put(self, byte: int) -> Item | None:
        """One character; the row that it filled, which is printed."""
        self._nuls = 0
        if (line := self.type.put(byte)) is not None:
            self.roll.add(line)
        return line

    def _print(self, item: Item | None) -> Iterator[Item]:
        if item is not None:
            self.roll.add(item)
            yield item

    def _flush(self) -> Iterator[Item]:
        if not self.type.empty:
            yield from self._print(self.type.end_row())

    def _control(self, byte: int) -> Iterator[Item]:
        self._nuls = self._nuls + 1 if byte == 0 else 0
        if byte in (LF, FF):
            yield from self._print(self.type.end_row())
        elif byte == CR:
            yield from self._flush()
        elif byte == HT:
            yield from self._print(self.type.tab())
        elif byte == CAN:
            self.type.end_row()

    def _count_nuls(self, token: Command) -> None:
        """NUL padding before ``ESC @``: a host that recovers from a crash."""
        if self._nuls >= 16:
            self.fresh = True
        self._nuls = 0
        if token.name == b"\x1b@":
            if self.fresh and self.roll.current is not None:
                self.roll.torn()
            self.fresh = False

    def _part(self, part: Part) -> Iterator[Item | None]:
        """A raster is printed as it comes, everything else once it is whole."""
        if self._raster is not None:
            dots = self._raster.take(part.data)
            yield from self._picture(dots, goes_on=not part.last)
            if part.last:
                self._raster = None
        elif not self._begun and part.data[:2] == b"\x1dv":  # the first part is its header
            yield from self._flush()
            self._raster = Raster.of(part.data)
        else:
            self._begun += part.data
            if part.last:
                whole, self._begun = bytes(self._begun), bytearray()
                yield from self._command(whole_command(whole))

    def _command(self, token: Command) -> Iterator[Item | None]:
        name, data = token.name, token.data
        if name == b"\x1b@":
            self.reset()
        elif name in _ANSWERS:
            _ANSWERS[name](self, data)
        elif name in (b"\x1bd", b"\x1be"):
            yield from self._flush()
            yield from self._print(Blank(data[0] * self.type.modes.spacing))
        elif name == b"\x1bJ":
            yield from self._flush()
            yield from self._print(Blank(data[0]))
        elif name in (b"\x1dV", b"\x1bi", b"\x1bm"):
            yield from self._cut(data)
        elif name == b"\x1dk":
            yield from self._flush()
            yield from self._print(self._bars(data))
        elif name[:2] == b"\x1d(":
            yield from self._extended(name[2:], data[2:])
        elif name == b"\x1d8" and data[:1] == b"L":
            yield from self._picture(self._graphics.command(data[5:]))
        elif name == b"\x1dv":
            yield from self._flush()
            yield from self._picture(Raster.of(name + data).take(data[6:]))
        elif name == b"\x1b*":
            strip = columns(data)
            if strip is not None:
                self.type.strip(strip)
        else:
            set_mode(self.type, name, data)

    def _cut(self, data: bytes) -> Iterator[Item | None]:
        yield from self._flush()
        if len(data) == 2:
            yield from self._print(Blank(data[1]))
        self.roll.cut()
        yield None

    def _extended(self, which: bytes, data: bytes) -> Iterator[Item]:
        """``GS (``: QR codes, graphics, and the reply when printing is completed."""
        if which == b"k":
            text = self._qr.command(data)
            if text is not None:
                yield from self._flush()
                yield from self._print(self._symbol(text))
        elif which == b"L":
            yield from self._picture(self._graphics.command(data))
        elif which == b"H" and data[:1] == b"0" and len(data) == 6 and self.abilities.fence:
            self.reply(b"\x37\x22" + data[2:6] + b"\x00")

    def _picture(self, dots: Dots | None, *, goes_on: bool = False) -> Iterator[Item]:
        """What is wider than the paper is cut off at its edge."""
        if dots is not None:
            kept = dots.cut_to(self.type.width)
            at, align = self.type.place(kept.width), self.type.modes.align
            yield from self._print(Picture(kept.width, kept.height, kept.bits, align, at, goes_on))

    def _symbol(self, text: str) -> Item | None:
        matrix, dots = self._qr.matrix(text), self._qr.dots
        width = len(matrix) * dots
        if width > self.type.width:
            return None  # as with bars
        return Qr(text, matrix, dots, self.type.modes.align, self.type.place(width))

    def _bars(self, data: bytes) -> Item | None:
        """A printer leaves out what is no such code, and what is wider than the paper."""
        modes = self.type.modes
        kind = data[0] if data[0] >= 65 else data[0] + 65
        content = data[2:] if data[0] >= 65 else data[1:-1]
        try:
            drawn = barcodes.draw(kind, content, max(1, modes.bar_module))
        except BadBarcode:
            return None
        if drawn.width > self.type.width:
            return None
        height = modes.bar_height + (LABEL_DOTS if modes.bar_label else 0) + 6
        label, at = bool(modes.bar_label), self.type.place(drawn.width)
        return Bars(drawn.text, drawn.widths, height, label, modes.align, at, drawn.name)


def _watch(machine: Machine, data: bytes) -> None:
    """``GS a``: says the state at once, and from then on each change."""
    if machine.abilities.automatic:
        machine.watching = data[0]
        if data[0]:
            machine.reply(status.automatic(machine.mechanism))


def _sensors(machine: Machine, data: bytes) -> None:
    if not machine.abilities.sensors:
        return
    if data[0] in (1, 49):
        machine.reply(bytes((status.paper_sensors(machine.mechanism),)))
    elif data[0] in (2, 50):
        machine.reply(bytes((int(machine.mechanism.drawer_open),)))


def _identity(machine: Machine, data: bytes) -> None:
    names = {66: b"HWSIM", 67: b"SIM-80" if machine.roll.columns == 48 else b"SIM-58"}
    if data[0] in names:
        machine.reply(b"\x5f" + names[data[0]] + b"\x00")
    elif data[0] in (1, 2, 3, 49, 50, 51):
        machine.reply(b"\x02")


_ANSWERS: Final[dict[bytes, Callable[[Machine, bytes], None]]] = {
    b"\x1da": _watch,
    b"\x1dr": _sensors,
    b"\x1dI": _identity,
    b"\x1bp": lambda machine, _: machine.kick(),
}
