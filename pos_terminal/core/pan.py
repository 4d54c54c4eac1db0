"""The primary account number: in memory only, in a type that never prints itself (R54)."""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Collection, Iterator
from itertools import accumulate
from typing import Final, NoReturn

MIN_DIGITS: Final = 12
MAX_DIGITS: Final = 19

# compiled by their first use, which no start waits for
_PARTS: Final = "[ ./_-]"
"""What parts the groups of a number, up to three of them (the keypad has a point and no blank)."""
_RUN: Final = rf"(?a)\d(?:{_PARTS}{{0,3}}\d){{11,}}"
"""Digits, perhaps in groups, as far as they go."""
_FIRST: Final = "234568"
"""First digits of issuers (ISO/IEC 7812)."""
_LEAST: Final = 14
_LEAST_TYPED: Final = 15
"""Digits of cards in use; in what is typed 12 to 14 are receipts and RRNs."""


class _Plain(dict[int, str]):
    """What stands for a digit, or between digits, sign for sign: a Chinese keyboard's, any script's
    digits, every blank and dash, and what nobody sees."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        kind = unicodedata.category(sign)
        if kind == "Nd":
            return str(unicodedata.decimal(sign))
        if kind == "Cc" and sign not in "\t\n\v\f\r":  # those part columns and lines
            return " "
        return {"Zs": " ", "Cf": " ", "Mn": " ", "Me": " ", "Pd": "-"}.get(kind, sign)


_PLAIN: Final = _Plain()


class PanError(ValueError):
    """The text is no card number. The message never repeats the text."""


def luhn_ok(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others (ISO/IEC 7812-1)."""
    return digits.isascii() and digits.isdigit() and luhn_digit(digits[:-1]) == digits[-1]


def luhn_digit(digits: str) -> str:
    """The Luhn check digit to put behind ``digits``."""
    total = 0
    for position, char in enumerate(reversed(digits)):
        value = int(char)
        if position % 2 == 0:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return str(-total % 10)


def holds_card_number(text: str) -> bool:
    """Whether a card number seems to stand in a text that somebody typed or scanned.

    By the issuers' first digits (ISO/IEC 7812: 3 to 6, UnionPay's 81, Mastercard's 2221 to 2720)
    and the check digit: of other numbers that long about one in twenty looks like one.
    """
    return len(text) >= _LEAST_TYPED and any(_cards_in(in_plain_signs(text), _LEAST_TYPED))


def _joined(run: str) -> str:
    """Groups without what parts them."""
    return run if run.isalnum() else re.sub(_PARTS, "", run)


def _cards_in(plain: str, least: int) -> Iterator[tuple[int, int]]:
    """Where groups together are a card number, whatever groups stand before and behind them."""
    for run in re.finditer(_RUN, plain):
        groups = [found.span() for found in re.finditer(r"(?a)\d+", run[0])]
        digits, done = _joined(run[0]), 0
        at = [0, *accumulate(end - start for start, end in groups)]  # where groups begin in digits
        for first, (start, _) in enumerate(groups):
            if start < done or digits[at[first]] not in _FIRST:
                continue
            for last in range(first, len(groups)):
                number = digits[at[first] : at[last + 1]]
                if len(number) > MAX_DIGITS:
                    break
                if len(number) >= least and _issued(number) and luhn_ok(number):
                    done = groups[last][1]
                    yield run.start() + start, run.start() + done
                    break


def in_plain_signs(text: str) -> str:
    """As long as it was: digits of any script as 0 to 9, blanks and dashes as ASCII has them."""
    plain = text.isascii() and text.isprintable()
    return text if plain else text.translate(_PLAIN)


_KEYED: Final = r"(?<![0-9A-Za-z])[0-9A-Fa-f]{64}(?![0-9A-Za-z])"
"""A token: hexadecimal digits, of which some may look like a card number by chance."""


def mask_card_numbers(text: str, spared: Collection[str] = ()) -> str:
    """The text with stars in place of what seems to be a card number, of 14 digits or more: all but
    its first six and last four digits. As long as it was; nothing else is changed, nor what is
    ``spared``."""
    kept: list[str] = []
    done = 0
    for start, end in _seeming(text):
        if text[start:end] not in spared:
            kept += (text[done:start], _starred(text[start:end]))
            done = end
    return "".join((*kept, text[done:]))


def seeming_numbers(text: str) -> frozenset[str]:
    """What ``mask_card_numbers`` takes for a card number, as it stands there."""
    return frozenset(text[start:end] for start, end in _seeming(text))


def _seeming(text: str) -> Iterator[tuple[int, int]]:
    tokens = [found.span() for found in re.finditer(_KEYED, text)]
    for start, end in _cards_in(in_plain_signs(text), _LEAST):
        if not any(begin <= start and end <= over for begin, over in tokens):
            yield start, end


def repeats(text: str, masked: str) -> bool:
    """Whether a number stands in the text whose first six and last four digits are this card's, by
    itself or among other digits."""
    return bool(_repeated(text, masked))


def star_repeats(text: str, masked: Collection[str]) -> str:
    """The text with stars in place of the digits between, of what ``repeats`` one of these cards.
    As long as it was."""
    hidden = {at for card in masked for at in _repeated(text, card)}
    return "".join("*" if at in hidden else char for at, char in enumerate(text))


def _repeated(text: str, masked: str) -> set[int]:
    """Where the hidden digits of that card stand."""
    found: set[int] = set()
    plain = in_plain_signs(text)
    if masked[:6] not in _joined(plain):
        return found
    for run in re.finditer(_RUN, plain):
        at = [run.start() + place for place, char in enumerate(run[0]) if char.isdigit()]
        digits = _joined(run[0])
        start = digits.find(masked[:6])
        while start >= 0:
            for end in range(start + 12, min(start + 19, len(digits)) + 1):
                if digits[end - 4 : end] == masked[-4:]:
                    found.update(at[start + 6 : end - 4])
            start = digits.find(masked[:6], start + 1)
    return found


def star_digits(text: str) -> str:
    """The same of a text that is a card number, whatever its check digit says."""
    return _starred(text) if sum(map(str.isdigit, text)) > 10 else text


def _starred(run: str) -> str:
    at = [i for i, char in enumerate(run) if char.isdigit()]
    hidden = set(at[6:-4])
    return "".join("*" if i in hidden else char for i, char in enumerate(run))


def _issued(digits: str) -> bool:
    """Whether cards begin so and are of that length: the serial number of a telephone (IMEI, 15
    digits with the same check digit) is none."""
    count = len(digits)
    if digits[:2] in ("34", "37"):
        return count == 15
    if digits[:2] in ("30", "36", "38", "39"):
        return 14 <= count <= 19
    if digits[0] in "456" or digits[:2] in ("35", "81") or "2221" <= digits[:4] <= "2720":
        return 16 <= count <= 19
    return False


class Pan:
    """A card number of 12 to 19 digits. ``reveal()`` is the only way to the digits."""

    __slots__ = ("_digits",)

    def __init__(self, digits: str) -> None:
        if not (digits.isascii() and digits.isdigit()):
            raise PanError("a card number has digits only")
        if not MIN_DIGITS <= len(digits) <= MAX_DIGITS:
            raise PanError(f"a card number has {MIN_DIGITS} to {MAX_DIGITS} digits")
        self._digits = digits

    def reveal(self) -> str:
        """The digits, for the wire, the token and the vault only."""
        return self._digits

    @property
    def first6(self) -> str:
        return self._digits[:6]

    @property
    def last4(self) -> str:
        return self._digits[-4:]

    @property
    def masked(self) -> str:
        """First six and last four, the most that may be shown on any screen or slip (R39)."""
        return self.first6 + "*" * (len(self._digits) - 10) + self.last4

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pan):
            return NotImplemented
        return hmac.compare_digest(self._digits, other._digits)

    __hash__ = None  # type: ignore[assignment]  # a set or dict of card numbers is a mistake

    def __repr__(self) -> str:
        return f"Pan(…{self.last4})"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a card number is not serialised")


def last_four_match(masked: str, pan: Pan) -> bool:
    """Whether stars and the last four could be this card's: how many stars says nothing."""
    return masked[-4:] == pan.last4


def mask_matches(masked: str, pan: Pan) -> bool:
    """Whether a masked number (first six, stars, last four) could be this card's."""
    return len(masked) == len(pan.masked) and masked[:6] == pan.first6 and masked[-4:] == pan.last4


def masks_differ(one: str, other: str) -> bool:
    """Whether two masked numbers can't be one card's, by the digits that both of them show.

    Each is as many first digits as it has, stars, and the last four.
    """
    shown = [(masked[: masked.index("*")], masked[-4:]) for masked in (one, other)]
    (first, last), (other_first, other_last) = shown
    common = min(len(first), len(other_first))
    return last != other_last or first[:common] != other_first[:common]
