"""The commands that only set how and where the next things are printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hw_sim.printer.roll import LINE_DOTS
from hw_sim.printer.typesetter import ALIGNS, Modes, Typesetter


def set_mode(typesetter: Typesetter, name: bytes, data: bytes) -> None:
    """``name`` is the command's first two bytes; one that is none of these sets nothing."""
    if name in _MODES:
        _MODES[name](typesetter.modes, data)
    elif name == b"\x1b$":
        typesetter.move_to(_little(data))
    elif name == b"\x1b\\":
        typesetter.move_by(int.from_bytes(data[:2], "little", signed=True))
    elif name in (b"\x1dL", b"\x1dW") and typesetter.empty:  # within a row it is ignored
        setattr(typesetter.modes, "left" if name == b"\x1dL" else "width", _little(data))


def _little(data: bytes) -> int:
    return int.from_bytes(data[:2], "little")


def _set(name: str, mask: int = 0xFF) -> Callable[[Modes, bytes], None]:
    def change(modes: Modes, data: bytes) -> None:
        value = data[0] & mask
        old = getattr(modes, name)
        setattr(modes, name, bool(value) if isinstance(old, bool) else value)

    return change


def _size(modes: Modes, data: bytes) -> None:
    """``GS !`` sizes Hanzi as well."""
    modes.wide = modes.hanzi_wide = (data[0] >> 4 & 7) + 1
    modes.tall = modes.hanzi_tall = (data[0] & 7) + 1


def _print_mode(modes: Modes, data: bytes) -> None:
    """``ESC !``: Latin only."""
    bits = data[0]
    modes.font = bits & 1
    modes.bold, modes.underline = bool(bits & 0x08), bool(bits & 0x80)
    modes.tall, modes.wide = 1 + (bits >> 4 & 1), 1 + (bits >> 5 & 1)


def _hanzi_mode(modes: Modes, data: bytes) -> None:
    """``FS !``: double width 04, double height 08, underline 80."""
    modes.hanzi_wide, modes.hanzi_tall = 1 + (data[0] >> 2 & 1), 1 + (data[0] >> 3 & 1)


def _hanzi_quad(modes: Modes, data: bytes) -> None:
    modes.hanzi_wide = modes.hanzi_tall = 1 + (data[0] & 1)


def _align(modes: Modes, data: bytes) -> None:
    place = data[0] - 48 if data[0] >= 48 else data[0]
    if place < 3:
        modes.align = ALIGNS[place]


def _hanzi_gap(modes: Modes, data: bytes) -> None:
    """``FS S n1 n2``: dots left and right of a Hanzi."""
    modes.hanzi_gap = data[0] + data[1]


def _chinese(on: bool) -> Callable[[Modes, bytes], None]:
    def change(modes: Modes, _: bytes) -> None:
        modes.chinese = on

    return change


def _default_spacing(modes: Modes, _: bytes) -> None:
    modes.spacing = LINE_DOTS


_MODES: Final[dict[bytes, Callable[[Modes, bytes], None]]] = {
    b"\x1b!": _print_mode,
    b"\x1bM": _set("font", 1),
    b"\x1b ": _set("gap"),
    b"\x1cS": _hanzi_gap,
    b"\x1d!": _size,
    b"\x1c!": _hanzi_mode,
    b"\x1cW": _hanzi_quad,
    b"\x1c&": _chinese(True),
    b"\x1c.": _chinese(False),
    b"\x1bt": _set("code_page"),
    b"\x1bE": _set("bold", 1),
    b"\x1bG": _set("bold", 1),
    b"\x1b-": _set("underline", 3),
    b"\x1c-": _set("underline", 3),
    b"\x1dB": _set("inverse", 1),
    b"\x1ba": _align,
    b"\x1b3": _set("spacing"),
    b"\x1b2": _default_spacing,
    b"\x1dh": _set("bar_height"),
    b"\x1dw": _set("bar_module", 7),
    b"\x1dH": _set("bar_label", 3),
}
