"""How scanners send: as a keyboard of some layout, by Alt codes, with CapsLock; as framed bytes.

A scanner is set up by words, as a real one is by its set-up codes. What it sends was read in such
scanners' manuals; it knows nothing of what the terminal is configured for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from hw_sim.device import WrongWords
from hw_sim.inputs.packets import EDGE_MICROS, Packet, edge, stroke
from pos_terminal.wire.input_event import EV_KEY, PRESSED, RELEASED
from pos_terminal.wire.keyboards import (
    CAPS_LOCK,
    LEFT_ALT,
    LEFT_CTRL,
    MODIFIERS,
    NUM_LOCK,
    SHIFTS,
    Layout,
    Press,
    keyboard,
)
from pos_terminal.wire.keys import KEY_ENTER, KEYPAD_DIGITS

SLOW_MICROS: Final = 30_000
"""Half of 60 ms a key."""
_TAB: Final = 15
_J: Final = 36
_F1: Final = 59
_REPEATED: Final = 2
_REPEATS: Final = 4
"""How often the kernel repeats a key whose release never came; a real one does so for ever."""
_REPEAT_MICROS: Final = 33_000


@dataclass(frozen=True, slots=True)
class Sender:
    """How the scanner is set up."""

    layout: Layout = Layout.US
    letters: str = "shift"
    """``shift``, ``caps`` (CapsLock around what needs it), ``alt`` and ``alt0`` (each character by
    its number, with a leading zero)."""
    prefix: int = 0
    """The number of an F-key; 0: none."""
    end: str = "enter"
    """``enter``, ``tab``, ``crlf``: Enter and Ctrl+J."""
    micros: int = EDGE_MICROS
    lossy: bool = False
    """The last release of a modifier never comes."""
    framing: str = "crlf"
    """On a serial line: ``cr``, ``crlf``, ``tab``, ``nul``, ``stx`` (STX and ETX)."""
    parity: str = "8n1"
    """``7e1``, ``7o1``: seven bits and the parity in the top one, as an 8N1 port sees them."""


_WORDS: Final[dict[str, dict[str, Any]]] = {
    **{layout.value: {"layout": layout} for layout in Layout},
    **{letters: {"letters": letters} for letters in ("shift", "caps", "alt", "alt0")},
    **{f"f{number}": {"prefix": number} for number in range(1, 11)},
    "enter": {"end": "enter"},
    "tab": {"end": "tab", "framing": "tab"},
    "crlf": {"end": "crlf", "framing": "crlf"},
    **{framing: {"framing": framing} for framing in ("cr", "nul", "stx")},
    **{parity: {"parity": parity} for parity in ("8n1", "7e1", "7o1")},
    "quick": {"micros": EDGE_MICROS},
    "slow": {"micros": SLOW_MICROS},
    "lossy": {"lossy": True},
}


def set_up(words: Sequence[str]) -> Sender:
    """A scanner as it comes ex works, and then these words. WrongWords for another one."""
    sender = Sender()
    for word in words:
        if word not in _WORDS:
            raise WrongWords(f"no set-up code {word!r}; there are {' '.join(_WORDS)}")
        sender = replace(sender, **_WORDS[word])
    return sender


# --- as a keyboard ------------------------------------------------------------------------------


def scan(text: str, sender: Sender = Sender()) -> list[Packet]:
    """The text and its end. WrongWords where this scanner can't type it."""
    micros = sender.micros
    packets = stroke(_F1 + sender.prefix - 1, micros) if sender.prefix else []
    for char in text:
        packets += _by_number(char, sender) if "alt" in sender.letters else _by_key(char, sender)
    packets += stroke(_TAB if sender.end == "tab" else KEY_ENTER, micros)
    if sender.end == "crlf":
        packets += _with((LEFT_CTRL,), _J, micros)
    return _without_last_release(packets) if sender.lossy else packets


def _by_key(char: str, sender: Sender) -> list[Packet]:
    keys = keyboard(sender.layout).keys_for(char)
    if keys is None:
        raise WrongWords(f"a scanner with this keyboard ({sender.layout}) can't type {char!r}")
    return [packet for key in keys for packet in _pressed(key, sender)]


def _pressed(key: Press, sender: Sender) -> list[Packet]:
    locked = keyboard(sender.layout).caps
    if sender.letters == "caps" and key.held & SHIFTS and key.code in locked:
        caps = stroke(CAPS_LOCK, sender.micros)
        return [*caps, *stroke(key.code, sender.micros), *caps]
    return _with(tuple(key.held), key.code, sender.micros)


def _by_number(char: str, sender: Sender) -> list[Packet]:
    number = ord(char)
    if number > 126:
        raise WrongWords(f"a scanner that types by numbers can't type {char!r}")
    digits = f"0{number}" if sender.letters == "alt0" else str(number)
    micros = sender.micros
    typed = [stroke(KEYPAD_DIGITS[int(digit)], micros) for digit in digits]
    return [
        *stroke(NUM_LOCK, micros),
        edge(LEFT_ALT, PRESSED, micros),
        *(packet for one in typed for packet in one),
        edge(LEFT_ALT, RELEASED, micros),
    ]


def _with(held: Sequence[int], code: int, micros: int) -> list[Packet]:
    return [
        *(edge(one, PRESSED, micros) for one in held),
        *stroke(code, micros),
        *(edge(one, RELEASED, micros) for one in held),
    ]


def _without_last_release(packets: list[Packet]) -> list[Packet]:
    """The kernel then repeats that key, long after the code."""
    lost = [
        (at, code)
        for at, packet in enumerate(packets)
        for _, code, value in packet.events
        if value == RELEASED and code in MODIFIERS
    ]
    if not lost:
        return packets
    at, code = lost[-1]
    repeats = [Packet(_REPEAT_MICROS, ((EV_KEY, code, _REPEATED),))] * _REPEATS
    return [*packets[:at], *packets[at + 1 :], *repeats]


# --- on a serial line ---------------------------------------------------------------------------

_FRAMINGS: Final = {
    "cr": (b"", b"\r"),
    "crlf": (b"", b"\r\n"),
    "tab": (b"", b"\t"),
    "nul": (b"", b"\0"),
    "stx": (b"\x02", b"\x03"),
}


def line(text: str, sender: Sender = Sender()) -> bytes:
    """The text in its frame. WrongWords where seven bits can't carry it."""
    before, behind = _FRAMINGS[sender.framing]
    data = before + text.encode() + behind
    if sender.parity == "8n1":
        return data
    if not data.isascii():
        raise WrongWords(f"seven bits can't carry {text!r}")
    odd = sender.parity == "7o1"
    return bytes(byte | 0x80 * (byte.bit_count() % 2 != odd) for byte in data)
