"""Which goods a barcode is of: EAN and UPC, and the codes that a shop's own scales print (R72).

EAN-13 with a leading zero and UPC-A are one code, and so is their GTIN-14. An EAN-13 that begins
with 20 to 29 is the shop's own (GS1 General Specifications 2.1.11): what its digits say, the shop
says by a pattern, and the same goods have another code at each weight. Two-dimensional codes on
goods have the GTIN among other things: behind the identifier 01 (3.3.2), or in a web address (GS1
Digital Link).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final

from msgspec import Struct

from pos_terminal.core.price import list_worth
from pos_terminal.core.sale import SaleLine

LENGTH: Final = 13
_ITEM: Final = "I"
_PRICE: Final = "P"
_WEIGHT: Final = "W"
_PLAIN_FROM: Final = 12
_PLAIN_TO: Final = 14
_ONCE: Final = (_ITEM, _PRICE, _WEIGHT)
_GTIN: Final = (
    re.compile(r"(?a)(?:01|\(01\))(\d{14})"),
    re.compile(r"(?a)https?://\S+?/01/(\d{13,14})(?![^/?#])", re.IGNORECASE),
)
WITHOUT_ADD_ON: Final = {15: 13, 18: 13, 14: 12, 17: 12, 10: 8}
"""Digits of a retail code, by those that it has with an add-on of two or five (AIM ``]E3``)."""


class ScaleCode(Struct, frozen=True):
    """What such a code says."""

    item: str
    """The shop's number of the goods, with its leading zeros."""
    price: int | None = None
    """Minor units; None where it says none, or nothing but zeros."""
    weight: int | None = None
    """Grams, likewise."""


class ScalePattern(Struct, frozen=True):
    """Where in the 13 digits what stands: two digits, then I item, P price, W weight, X anything,
    and C, the check digit. ``21IIIIIPPPPPC``."""

    text: str

    @property
    def prefix(self) -> str:
        return self.text[:2]

    def read(self, code: str) -> ScaleCode | None:
        """None where the code is not of this pattern."""
        if len(code) != LENGTH or code[:2] != self.prefix or not mod10_ok(code):
            return None
        price, weight = self._part(code, _PRICE), self._part(code, _WEIGHT)
        return ScaleCode(
            self._part(code, _ITEM),
            int(price or 0) or None,
            int(weight or 0) or None,
        )

    def form(self, item: str) -> str | None:
        """Any code of this item, with ``?`` for what else it says; None where items of the pattern
        have another length."""
        if self.text.count(_ITEM) != len(item):
            return None
        digits = iter(item)
        inner = (next(digits) if mark == _ITEM else "?" for mark in self.text[2:])
        return self.prefix + "".join(inner)

    def _part(self, code: str, letter: str) -> str:
        return "".join(digit for digit, mark in zip(code, self.text, strict=True) if mark == letter)


def scale_pattern(text: str) -> ScalePattern:
    """ValueError says in plain words what is wrong with it."""
    shaped = len(text) == LENGTH and text[0] == "2" and text[1] in "0123456789" and text[-1] == "C"
    if not shaped or not set(text[2:-1]) <= {*_ONCE, "X"}:
        raise ValueError(
            f'"{text}" is no pattern of 13 places: 20 to 29, then I (item), P (price), W (weight)'
            " or X (anything), and C (check digit) at the end"
        )
    runs = [letter for letter, _ in groupby(text[2:-1])]
    if _ITEM not in runs:
        raise ValueError(f'"{text}" says nowhere by I which digits are the item')
    for letter in _ONCE:
        if runs.count(letter) > 1:
            raise ValueError(f'"{text}" has {letter} in two places')
    return ScalePattern(text)


def label(code: str, symbology: str | None = None) -> str | None:
    """The number of goods, where a code that was scanned is surely one: by its symbology (an AIM
    identifier), or since it names a GTIN as such."""
    named = (found[1] for one in _GTIN if (found := one.match(code)) is not None)
    gtin = next(filter(mod10_ok, named), None)
    if gtin is not None or symbology is None or not symbology.startswith("]E"):
        return gtin
    return code[: WITHOUT_ADD_ON.get(len(code), 0)] if symbology == "]E3" else code


def lines_of(
    lines: Sequence[SaleLine],
    code: str,
    patterns: Sequence[ScalePattern],
    symbology: str | None = None,
) -> list[SaleLine]:
    """Those that the code is of. Of pieces that a scale weighed the ones whose price or weight the
    code says: another piece is not the one that was sold."""
    whole, told = _read(code, patterns, symbology)
    found = goods_of(lines, code, patterns, symbology)
    if told is None:
        return found
    pieces = [line for line in found if _fits(line, told)]
    return pieces or [line for line in found if whole & _known_by(line)]


def goods_of(
    lines: Sequence[SaleLine],
    code: str,
    patterns: Sequence[ScalePattern],
    symbology: str | None = None,
) -> list[SaleLine]:
    """Those of these goods, whatever piece of them it is that a scale weighed."""
    whole, told = _read(code, patterns, symbology)
    found = [line for line in lines if whole & _known_by(line)]
    if told is None or found:
        return found
    return [line for line in lines if _is_item(line, told, patterns)]


class Codes(Struct, frozen=True):
    """What a code that was scanned or typed is looked for by, among those that lines have
    (``codes_of``)."""

    whole: frozenset[str]
    """They are one of these,"""
    pieces: tuple[str, ...] = ()
    """or of one of these forms, with ``?`` for a digit: other pieces of what a scale weighed."""


def codes_for(code: str, patterns: Sequence[ScalePattern], symbology: str | None = None) -> Codes:
    """Finds the lines that ``goods_of`` would say the code is of."""
    whole, told = _read(code, patterns, symbology)
    if told is None:
        return Codes(frozenset(whole))
    item = told.item.lstrip("0")
    padded = {item.zfill(digits) for digits in range(max(1, len(item)), _PLAIN_FROM)}
    forms = (one.form(told.item) for one in patterns)
    return Codes(frozenset(whole | padded), tuple(form for form in forms if form is not None))


def _read(
    code: str, patterns: Sequence[ScalePattern], symbology: str | None
) -> tuple[set[str], ScaleCode | None]:
    """By which codes of a line it is the same, and what a scale said by it."""
    number = label(code, symbology) or code
    short = number[-LENGTH:] if _plain(number) == _plain(number[-LENGTH:]) else number
    whole = {_plain(code), _plain(number), *_upc_a(number)}
    return whole, next((told for one in patterns if (told := one.read(short)) is not None), None)


def scale_code(
    code: str, patterns: Sequence[ScalePattern], symbology: str | None = None
) -> ScaleCode | None:
    """What a scale of the shop said by it; None of any other code."""
    return _read(code, patterns, symbology)[1]


def is_goods(code: str) -> bool:
    """Whether it has the shape of a retail code, with a good check digit."""
    return len(code) in (8, 12, LENGTH) and mod10_ok(code)


def mod10_ok(digits: str) -> bool:
    """Whether the last digit makes the sum, weighed 1 3 1 3 … from the right, end in zero
    (GS1 General Specifications 7.9)."""
    weighed = (int(digit) * (3, 1)[place % 2] for place, digit in enumerate(digits[::-1], 1))
    return _digits(digits) and sum(weighed) % 10 == 0


def _is_item(line: SaleLine, told: ScaleCode, patterns: Sequence[ScalePattern]) -> bool:
    """By its own number, or by the code of another piece of the same goods."""
    codes = (line.sku, *line.barcodes)
    pieces = (one.read(code) for one in patterns for code in codes)
    return any(
        _digits(code) and code.lstrip("0") == told.item.lstrip("0") for code in codes
    ) or any(piece is not None and piece.item == told.item for piece in pieces)


def _fits(line: SaleLine, told: ScaleCode) -> bool:
    """By its price, before or after discounts, or its weight; where it says neither by itself. The
    till may have had the weight from the price: of that it is known to a thousandth."""
    if told.price is None:
        return told.weight in (None, line.quantity)
    least, most = (list_worth(line.quantity + n, line.price) for n in (-1, 1))
    return told.price == line.paid or least <= told.price <= most or told.weight == line.quantity


def codes_of(line: SaleLine) -> frozenset[str]:
    """Those that it was sold by, as they are compared: of a retail code its digits without zeros
    before them, of a UPC-E its UPC-A besides."""
    return _compared(line.sku, line.barcodes)


def _known_by(line: SaleLine) -> frozenset[str]:
    """What it was exchanged for is of it, too."""
    return _compared(line.sku, (*line.barcodes, *line.exchanged_for))


@lru_cache(1024)
def _compared(sku: str, barcodes: tuple[str, ...]) -> frozenset[str]:
    """A day's feed has the same goods in many sales."""
    codes = [code for code in (sku, *barcodes) if code]
    found = {_plain(code) for code in codes} | {long for code in codes for long in _upc_a(code)}
    return frozenset(found - {""})


def _upc_a(code: str) -> Iterator[str]:
    """The UPC-A of a UPC-E; a code of eight digits may be an EAN-8 as well."""
    if len(code) == 8 and _digits(code) and code[0] in "01" and mod10_ok(expand_upc_e(code)):
        yield _plain(expand_upc_e(code))


def expand_upc_e(code: str) -> str:
    """UPC-E (number system, six digits, check digit) as the UPC-A whose check digit it carries."""
    system, body, check = code[0], code[1:7], code[7]
    last = body[5]
    if last in "012":
        middle = f"{body[:2]}{last}0000{body[2:5]}"
    elif last == "3":
        middle = f"{body[:3]}00000{body[3:5]}"
    elif last == "4":
        middle = f"{body[:4]}00000{body[4]}"
    else:
        middle = f"{body[:5]}0000{last}"
    return f"{system}{middle}{check}"


def _plain(code: str) -> str:
    """Of a retail code its digits without zeros before them."""
    retail = _PLAIN_FROM <= len(code) <= _PLAIN_TO and _digits(code)
    return code.lstrip("0") if retail else code


def _digits(code: str) -> bool:
    return code.isascii() and code.isdigit()
