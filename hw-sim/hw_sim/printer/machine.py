"""Carries out ESC/POS tokens: what they print, what they answer, how long the paper takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from hw_sim.printer import code128, status
from hw_sim.printer.commands import CAN, CR, FF, HT, LF, Chars, Command, Control, Token
from hw_sim.printer.graphics import Graphics
from hw_sim.printer.qr import QrStore
from hw_sim.printer.roll import Bars, Blank, Item, Roll
from hw_sim.printer.typesetter import ALIGNS, Typesetter

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

    def __post_init__(self) -> None:
        self.type = Typesetter(self.roll.columns)
        self.reset()

    def reset(self) -> None:
        """Power-on, and ``ESC @``: automatic status is off after it."""
        self.type.reset()
        self.type.modes.chinese = self.abilities.chinese
        self.watching = 0
        self._qr, self._graphics = QrStore(), Graphics()

    def carry_out(self, token: Token) -> Iterator[Item | None]:
        """Yields each thing as it is printed (None: a cut); the caller gives it time."""
        if isinstance(token, Chars):
            self._nuls = 0
            for byte in token.data:
                yield from self._print(self.type.put(byte))
        elif isinstance(token, Control):
            yield from self._control(token.byte)
        else:
            self._count_nuls(token)
            yield from self._command(token)

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

    def _command(self, token: Command) -> Iterator[Item | None]:
        name, data = token.name, token.data
        if name in _MODES:
            _MODES[name](self, data)
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
        elif name == b"\x1dv":
            yield from self._print(self._graphics.raster(data, self.type.modes.align))

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
                yield from self._print(self._qr.picture(text, self.type.modes.align))
        elif which == b"L":
            yield from self._print(self._graphics.command(data, self.type.modes.align))
        elif which == b"H" and data[:1] == b"0" and len(data) == 6 and self.abilities.fence:
            self.reply(b"\x37\x22" + data[2:6] + b"\x00")

    def _bars(self, data: bytes) -> Item | None:
        """CODE128 is drawn; other symbologies leave their text."""
        modes = self.type.modes
        kind = data[0]
        content = data[2:] if kind >= 65 else data[1:-1]
        height = modes.bar_height + (LABEL_DOTS if modes.bar_label else 0) + 6
        label = bool(modes.bar_label)
        if kind != 73:
            shown = content.decode("ascii", "replace")
            return Bars(shown, (), modes.bar_module, height, label, modes.align, f"BARCODE{kind}")
        try:
            values, text = code128.values(content)
        except code128.BadBarcode:
            return None
        bars = code128.modules(values)
        if sum(bars) * modes.bar_module > self.roll.columns * 12:
            return None  # too wide for the paper: a printer leaves it out
        return Bars(text, bars, modes.bar_module, height, label, modes.align)


def _set(name: str, mask: int = 0xFF) -> Callable[[Machine, bytes], None]:
    def change(machine: Machine, data: bytes) -> None:
        value = data[0] & mask
        old = getattr(machine.type.modes, name)
        setattr(machine.type.modes, name, bool(value) if isinstance(old, bool) else value)

    return change


def _size(machine: Machine, data: bytes) -> None:
    """``GS !`` sizes Hanzi as well."""
    modes = machine.type.modes
    modes.wide = modes.hanzi_wide = (data[0] >> 4 & 7) + 1
    modes.tall = modes.hanzi_tall = (data[0] & 7) + 1


def _print_mode(machine: Machine, data: bytes) -> None:
    """``ESC !``: Latin only."""
    modes, bits = machine.type.modes, data[0]
    modes.bold, modes.underline = bool(bits & 0x08), bool(bits & 0x80)
    modes.tall, modes.wide = 1 + (bits >> 4 & 1), 1 + (bits >> 5 & 1)


def _hanzi_mode(machine: Machine, data: bytes) -> None:
    """``FS !``: double width 04, double height 08, underline 80."""
    modes = machine.type.modes
    modes.hanzi_wide, modes.hanzi_tall = 1 + (data[0] >> 2 & 1), 1 + (data[0] >> 3 & 1)


def _hanzi_quad(machine: Machine, data: bytes) -> None:
    machine.type.modes.hanzi_wide = machine.type.modes.hanzi_tall = 1 + (data[0] & 1)


def _align(machine: Machine, data: bytes) -> None:
    place = data[0] - 48 if data[0] >= 48 else data[0]
    if place < 3:
        machine.type.modes.align = ALIGNS[place]


def _chinese(on: bool) -> Callable[[Machine, bytes], None]:
    def change(machine: Machine, _: bytes) -> None:
        machine.type.modes.chinese = on

    return change


def _default_spacing(machine: Machine, _: bytes) -> None:
    machine.type.modes.spacing = LABEL_DOTS


def _watch(machine: Machine, data: bytes) -> None:
    """``GS a``: says the state at once, and from then on each change."""
    if machine.abilities.automatic:
        machine.watching = data[0]
        if data[0]:
            machine.reply(status.automatic(machine.mechanism))


def _sensors(machine: Machine, data: bytes) -> None:
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


_MODES: Final[dict[bytes, Callable[[Machine, bytes], None]]] = {
    b"\x1b@": lambda machine, _: machine.reset(),
    b"\x1b!": _print_mode,
    b"\x1d!": _size,
    b"\x1c!": _hanzi_mode,
    b"\x1cW": _hanzi_quad,
    b"\x1c&": _chinese(True),
    b"\x1c.": _chinese(False),
    b"\x1bt": _set("code_page"),
    b"\x1bE": _set("bold", 1),
    b"\x1bG": _set("bold", 1),
    b"\x1b-": _set("underline", 3),
    b"\x1dB": _set("inverse", 1),
    b"\x1ba": _align,
    b"\x1b3": _set("spacing"),
    b"\x1b2": _default_spacing,
    b"\x1dh": _set("bar_height"),
    b"\x1dw": _set("bar_module", 7),
    b"\x1dH": _set("bar_label", 3),
}
_ANSWERS: Final[dict[bytes, Callable[[Machine, bytes], None]]] = {
    b"\x1da": _watch,
    b"\x1dr": _sensors,
    b"\x1dI": _identity,
    b"\x1bp": lambda machine, _: machine.kick(),
}
