"""The US keyboard as key codes: what a scanner types, and how to type a text.

Rows begin with the code of their first key (``linux/input-event-codes.h``) and count upwards.
"""

from __future__ import annotations

from typing import Final

LEFT_SHIFT: Final = 42
SHIFTS: Final = frozenset((LEFT_SHIFT, 54))
CONTROLS: Final = frozenset((29, 97))
MODIFIERS: Final = SHIFTS | CONTROLS | {56, 100, 125, 126}
"""With left and right Alt and Meta: a key typed with those is no character."""
LOCKS: Final = frozenset((58, 69, 70))
"""CapsLock, NumLock, ScrollLock: some scanners press them around a code; they type nothing."""

GROUP_SEPARATOR: Final = "\x1d"
"""FNC1 within GS1 data; keyboards send it as Ctrl and the right square bracket."""
_RIGHT_BRACKET: Final = 27

_ROWS: Final = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
    # the numeric block: Shift changes nothing
    (55, "*", "*"),
    (71, "789-456+1230.", "789-456+1230."),
    (98, "/", "/"),
    (117, "=", "="),
)

_PLAIN: Final = {first + i: char for first, plain, _ in _ROWS for i, char in enumerate(plain)}
_SHIFTED: Final = {first + i: char for first, _, shifted in _ROWS for i, char in enumerate(shifted)}


def typed(code: int, held: frozenset[int]) -> str | None:
    """The character of a key with these modifiers held; "" for a lock key, None for none."""
    if code in LOCKS:
        return ""
    others = held - SHIFTS
    if others:
        ctrl_bracket = code == _RIGHT_BRACKET and others <= CONTROLS
        return GROUP_SEPARATOR if ctrl_bracket else None
    return (_SHIFTED if held else _PLAIN).get(code)


_TYPING: Final = {
    char: (code, shift)
    for shift, table in ((True, _SHIFTED), (False, _PLAIN))
    # reversed, so that the main block wins over the numeric one
    for code, char in sorted(table.items(), reverse=True)
}


def keystroke(char: str) -> tuple[int, bool] | None:
    """Key code and Shift that type the character; None where a US keyboard can't."""
    return _TYPING.get(char)
