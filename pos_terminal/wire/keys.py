"""What the keys of a numeric keypad mean. Code numbers from ``linux/input-event-codes.h``.

NumLock is ignored: ``KP_*`` are digits whatever its state, as the kernel reports the key itself.
A keypad without arrows has ``+`` and ``-`` for down and up, ``*`` for the menu, ``/`` for cancel.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from pos_terminal.wire.input_event import (
    EV_KEY,
    EV_MSC,
    EV_SYN,
    MSC_SCAN,
    PRESSED,
    SYN_DROPPED,
    DropFilter,
    InputRecord,
)

KEY_ENTER: Final = 28
KEY_KP0: Final = 82
KEY_KPENTER: Final = 96
KEY_UNKNOWN: Final = 240

TOP_ROW: Final = (11, 2, 3, 4, 5, 6, 7, 8, 9, 10)
"""KEY_0 … KEY_9, by digit."""
KEYPAD_DIGITS: Final = (82, 79, 80, 81, 75, 76, 77, 71, 72, 73)
"""KEY_KP0 … KEY_KP9, by digit."""

_OTHERS: Final = (
    # (name, codes); the first code is the one that the bench presses
    ("enter", (KEY_KPENTER, KEY_ENTER, 352)),  # KEY_OK
    ("clear", (14, 111, 355)),  # KEY_BACKSPACE, KEY_DELETE, KEY_CLEAR
    ("cancel", (1, 98, 223)),  # KEY_ESC, KEY_KPSLASH, KEY_CANCEL
    ("up", (103, 74)),  # KEY_UP, KEY_KPMINUS
    ("down", (108, 78)),  # KEY_DOWN, KEY_KPPLUS
    ("menu", (139, 127, 55, 15)),  # KEY_MENU, KEY_COMPOSE, KEY_KPASTERISK, KEY_TAB
    (".", (83, 52, 121)),  # KEY_KPDOT, KEY_DOT, KEY_KPCOMMA
    ("feed", (99, 210)),  # KEY_SYSRQ, KEY_PRINT
)

HID_KEYPAD_00: Final = 0x0007_00B0
"""USB usage "Keypad 00". Linux has no key code for it and reports KEY_UNKNOWN after MSC_SCAN."""


def _key_names() -> dict[int, str]:
    names = {code: str(digit) for digit, code in enumerate(TOP_ROW)}
    names |= {code: str(digit) for digit, code in enumerate(KEYPAD_DIGITS)}
    for name, codes in _OTHERS:
        names |= dict.fromkeys(codes, name)
    return names


KEY_NAMES: Final = MappingProxyType(_key_names())
"""Key code -> name of the key, as in ``ports.Key``."""

PRESS_CODES: Final = MappingProxyType(
    {str(digit): code for digit, code in enumerate(KEYPAD_DIGITS)}
    | {name: codes[0] for name, codes in _OTHERS}
)
"""Name -> the code that a plain keypad sends for it; ``00`` has none of its own."""


def types_digits(codes: frozenset[int]) -> bool:
    """Whether a device with these keys can type a number: a keyboard, not a power button."""
    digits = codes.issuperset(TOP_ROW) or codes.issuperset(KEYPAD_DIGITS)
    return digits and not codes.isdisjoint((KEY_ENTER, KEY_KPENTER))


class KeypadDecoder:
    """Records of a keypad to names of keys. Releases and auto-repeat mean nothing."""

    def __init__(self) -> None:
        self._drops = DropFilter()
        self._scan_code = 0
        self.overruns = 0
        """How often the kernel threw events away because nobody read them."""

    def feed(self, record: InputRecord) -> str | None:
        """The key that this record presses, if it does."""
        if record.type == EV_SYN:
            self.overruns += record.code == SYN_DROPPED
            self._scan_code = 0
        if not self._drops.usable(record):
            return None
        if record.type == EV_MSC and record.code == MSC_SCAN:
            self._scan_code = record.value
        if record.type != EV_KEY or record.value != PRESSED:
            return None
        if record.code == KEY_UNKNOWN and self._scan_code == HID_KEYPAD_00:
            return "00"
        return KEY_NAMES.get(record.code)
