"""Keyboards as key codes: what a scanner types that is set to one, and how to type a text on it.

A scanner sends the keys of a layout, and the text comes out right only where both sides mean the
same one. Rows begin with the code of their first key (``linux/input-event-codes.h``) and count
upwards. Sources: the French and German PC keyboards of Windows, which scanners are made for, and
of xkeyboard-config. A key without a character is a space (code 57 has the only real one).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple

from msgspec import Struct


class Layout(StrEnum):
    US = "us"
    AZERTY = "azerty"
    """France."""
    QWERTZ = "qwertz"
    """Germany, Austria."""


LEFT_CTRL: Final = 29
LEFT_SHIFT: Final = 42
LEFT_ALT: Final = 56
RIGHT_ALT: Final = 100
CAPS_LOCK: Final = 58
NUM_LOCK: Final = 69
SHIFTS: Final = frozenset((LEFT_SHIFT, 54))
CONTROLS: Final = frozenset((LEFT_CTRL, 97))
ALTS: Final = frozenset((LEFT_ALT, RIGHT_ALT))
MODIFIERS: Final = SHIFTS | CONTROLS | ALTS | {125, 126}
"""With left and right Meta: a key typed with those is no character."""
LOCKS: Final = frozenset((CAPS_LOCK, NUM_LOCK, 70))
"""CapsLock, NumLock, ScrollLock: some scanners press them around a code; they type nothing."""
FUNCTION_KEYS: Final = frozenset((*range(59, 69), 87, 88, *range(183, 195)))
"""F1 to F24: prefixes by which a till's program tells a scan from typing."""
SPACE: Final = 57
RIGHT_BRACKET: Final = 27
"""Ctrl with the key at its place is the group separator, on each of these keyboards."""


class Press(NamedTuple):
    """A key that was pressed, and what stood around it."""

    code: int
    held: frozenset[int] = frozenset()
    caps: bool = False


Typed = Press | str
"""A key, or a character that came as a code: Alt and its decimal number."""


class Keyboard(Struct, frozen=True):
    """What the keys of a layout type, by code."""

    plain: dict[int, str]
    shifted: dict[int, str]
    third: dict[int, str]
    """With AltGr, or with Ctrl and Alt, which means the same."""
    caps: frozenset[int]
    """Keys that CapsLock shifts."""
    dead: frozenset[tuple[int, str]]
    """Keys that type their character only once a space follows."""

    def typed(self, key: Press) -> str | None:
        """The character; None for none. With Ctrl, a letter's control character."""
        held = key.held
        if held & ALTS:
            third = held & ALTS == {RIGHT_ALT} or bool(held & CONTROLS)
            return self.third.get(key.code) if third and not held & SHIFTS else None
        shift = bool(held & SHIFTS) != (key.caps and key.code in self.caps)
        char = (self.shifted if shift else self.plain).get(key.code)
        others = held - SHIFTS
        if not others:
            return char
        return self._control(key.code) if others <= CONTROLS else None

    def _control(self, code: int) -> str | None:
        if code == RIGHT_BRACKET:
            return "\x1d"
        letter = self.plain.get(code, "")
        return chr(ord(letter) & 0x1F) if letter.isascii() and letter.isalpha() else None

    def read(self, keys: Iterable[Typed]) -> str | None:
        """The text of the keys; None where one of them types nothing here."""
        text: list[str] = []
        dead: str | None = None
        for key in keys:
            char = key if isinstance(key, str) else self.typed(key)
            if char is None or (dead is not None and char != " "):
                return None
            if dead is not None:
                text.append(dead)
                dead = None
            elif not isinstance(key, str) and (key.code, char) in self.dead:
                dead = char
            else:
                text.append(char)
        return None if dead is not None else "".join(text)

    def keys_for(self, char: str) -> list[Press] | None:
        """The keys that type the character; None where this keyboard can't."""
        for held, table in self._levels():
            code = next((code for code, typed in table.items() if typed == char), None)
            if code is not None:
                after = [Press(SPACE)] if (code, char) in self.dead else []
                return [Press(code, held), *after]
        if char == "\x1d":
            return [Press(RIGHT_BRACKET, frozenset((LEFT_CTRL,)))]
        return None

    def _levels(self) -> Iterable[tuple[frozenset[int], dict[int, str]]]:
        """The numeric block last: as a keyboard without one types."""
        block = _by_code(_NUMERIC)
        yield frozenset(), {code: char for code, char in self.plain.items() if code not in block}
        yield frozenset((LEFT_SHIFT,)), self.shifted
        yield frozenset((RIGHT_ALT,)), self.third
        yield frozenset(), self.plain


_NUMERIC: Final = ((55, "*"), (71, "789-456+1230."), (98, "/"), (117, "="))
"""Shift changes nothing there."""
_Rows = tuple[tuple[int, str, str], ...]

_US: Final[_Rows] = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (86, "\\", "|"),
)
_FRENCH: Final[_Rows] = (
    (2, "&é\"'(-è_çà)=", "1234567890°+"),
    (16, "azertyuiop^$", "AZERTYUIOP¨£"),
    (30, "qsdfghjklmù²", "QSDFGHJKLM% "),
    (43, "*wxcvbn,;:!", "µWXCVBN?./§"),
    (86, "<", ">"),
)
_GERMAN: Final[_Rows] = (
    (2, "1234567890ß´", '!"§$%&/()=?`'),
    (16, "qwertzuiopü+", "QWERTZUIOPÜ*"),
    (30, "asdfghjklöä^", "ASDFGHJKLÖÄ°"),
    (43, "#yxcvbnm,.-", "'YXCVBNM;:_"),
    (86, "<", ">"),
)
_FRENCH_THIRD: Final = ((3, "~#{[|`\\^@]}"), (18, "€"), (27, "¤"))
_GERMAN_THIRD: Final = (
    *((3, "²³"), (8, "{[]}\\"), (16, "@"), (18, "€"), (27, "~"), (50, "µ"), (86, "|")),
)


@cache
def keyboard(layout: Layout) -> Keyboard:
    """Made when it is asked for first: a start needs one of them at most."""
    match layout:
        case Layout.US:
            return _make(_US, (), "", frozenset())
        case Layout.AZERTY:
            # on the French keyboard CapsLock is a shift lock: it gives the digits
            dead = frozenset(((26, "^"), (26, "¨"), (3, "~"), (8, "`")))
            return _make(_FRENCH, _FRENCH_THIRD, "&é\"'(-è_çà)=", dead)
        case Layout.QWERTZ:
            dead = frozenset(((41, "^"), (13, "´"), (13, "`")))
            return _make(_GERMAN, _GERMAN_THIRD, "", dead, decimal=",")


def _make(
    rows: _Rows,
    third: Iterable[tuple[int, str]],
    caps: str,
    dead: frozenset[tuple[int, str]],
    *,
    decimal: str = ".",
) -> Keyboard:
    plain = _by_code((first, low) for first, low, _ in rows)
    shifted = _by_code((first, high) for first, _, high in rows)
    both = {SPACE: " "} | _by_code(_NUMERIC) | {83: decimal}
    locked = frozenset(code for code, char in plain.items() if char.isalpha() or char in caps)
    return Keyboard(plain | both, shifted | both, _by_code(third), locked, dead)


def _by_code(rows: Iterable[tuple[int, str]]) -> dict[int, str]:
    return {first + i: char for first, row in rows for i, char in enumerate(row) if char != " "}
