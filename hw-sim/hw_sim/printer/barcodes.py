"""Bar codes of ``GS k`` as a printer draws them: widths of bars and spaces in dots.

Symbologies by number: 65 UPC-A, 66 UPC-E, 67 EAN-13, 68 EAN-8, 69 CODE39, 70 ITF, 73 CODE128;
function A counts from 0. Tables: GS1 General Specifications (EAN, UPC), ISO/IEC 16388 (CODE39),
ISO/IEC 16390 (ITF). CODABAR and CODE93 are not drawn: their text stands in their place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hw_sim.printer import code128
from hw_sim.printer.code128 import BadBarcode

NAMES: Final = {65: "UPC-A", 66: "UPC-E", 67: "EAN13", 68: "EAN8", 69: "CODE39", 70: "ITF",
                71: "CODABAR", 72: "CODE93", 73: "CODE128"}  # fmt: skip


def _every(size: int, text: str) -> tuple[str, ...]:
    return tuple(text[at : at + size] for at in range(0, len(text), size))


_THICK: Final = {2: 5, 3: 8, 4: 10, 5: 13, 6: 16}
"""Dots of a wide bar of CODE39 and ITF beside the narrow one's, as Epson's printers have it."""
_LEFT: Final = _every(4, "3211222121221411113212311114131212133112")
"""Widths of EAN's set A (odd), space first; set B is it backwards, set C begins with a bar."""
_PARITY: Final = _every(6, "000000001011001101001110010011011001011100010101010110011010")
"""Of EAN-13's left half, by its first digit: 1 is set B."""
_UPC_E: Final = _every(6, "111000110100110010110001101100100110100011101010101001100101")
"""Of UPC-E of number system 0, by its check digit: 1 is set B."""
_CODE39: Final = dict(
    zip(
        "1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ-. *$/+%",
        _every(
            9,
            "100100001001100001101100000000110001100110000001110000000100101100100100001100100"
            "000110100100001001001001001101001000000011001100011000001011000000001101100001100"
            "001001100000011100100000011001000011101000010000010011100010010001010010000000111"
            "100000110001000110000010110110000001011000001111000000010010001110010000011010000"
            "010000101110000100011000100010010100010101000010100010010001010000101010",
        ),
        strict=True,
    )
)
"""Wide elements, bars and spaces in turn."""
_ITF: Final = _every(5, "00110100010100111000001011010001100000111001001010")


@dataclass(frozen=True, slots=True)
class Drawn:
    """``widths`` in dots, beginning with a bar; empty where only the text is known."""

    text: str
    widths: tuple[int, ...]
    name: str

    @property
    def width(self) -> int:
        return sum(self.widths)


def draw(kind: int, content: bytes, module: int) -> Drawn:
    """``kind`` 65 to 73. BadBarcode where a printer would print nothing."""
    if kind == 73:
        values, text = code128.values(content)
        return Drawn(text, _times(code128.modules(values), module), NAMES[kind])
    if kind not in NAMES or not content:
        raise BadBarcode(f"no bar code {kind}")
    text = content.decode("ascii", "replace")
    if kind not in _KINDS:
        return Drawn(text, (), NAMES[kind])
    text, widths = _KINDS[kind](text)
    if kind in (69, 70):
        thick = _THICK.get(module, module * 5 // 2)
        return Drawn(text, tuple(thick if wide else module for wide in widths), NAMES[kind])
    return Drawn(text, _times(widths, module), NAMES[kind])


def _times(widths: tuple[int, ...], module: int) -> tuple[int, ...]:
    return tuple(width * module for width in widths)


def _digits(text: str, *lengths: int) -> str:
    if not (text.isascii() and text.isdigit() and len(text) in lengths):
        raise BadBarcode(f"not {' or '.join(map(str, lengths))} digits: {text!r}")
    return text


def _check_digit(digits: str) -> str:
    """GS1: weights 3 and 1 in turn from the right."""
    total = sum(int(digit) * (1 if at % 2 else 3) for at, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _checked(text: str, length: int) -> str:
    """With its check digit, which must be the right one where it was given."""
    _digits(text, length, length - 1)
    whole = text[: length - 1] + _check_digit(text[: length - 1])
    if len(text) == length and text != whole:
        raise BadBarcode(f"the check digit of {text} is wrong")
    return whole


def _half(digits: str, parity: str) -> list[int]:
    """Each digit in set A, or in set B where its parity is 1."""
    return [
        int(width)
        for digit, backwards in zip(digits, parity, strict=True)
        for width in (_LEFT[int(digit)][::-1] if backwards == "1" else _LEFT[int(digit)])
    ]


def _ean(left: str, parity: str, right: str) -> tuple[int, ...]:
    """Set C has the widths of set A, and begins with a bar: the middle has an odd number."""
    guard, middle = (1, 1, 1), (1, 1, 1, 1, 1)
    return (*guard, *_half(left, parity), *middle, *_half(right, "0" * len(right)), *guard)


def _ean13(text: str) -> tuple[str, tuple[int, ...]]:
    whole = _checked(text, 13)
    return whole, _ean(whole[1:7], _PARITY[int(whole[0])], whole[7:])


def _ean8(text: str) -> tuple[str, tuple[int, ...]]:
    whole = _checked(text, 8)
    return whole, _ean(whole[:4], "0000", whole[4:])


def _upc_a(text: str) -> tuple[str, tuple[int, ...]]:
    whole = _checked(text, 12)
    return whole, _ean(whole[:6], "000000", whole[6:])


def _upc_e(text: str) -> tuple[str, tuple[int, ...]]:
    """Eleven or twelve digits of UPC-A that can be shortened, or six to eight as they are."""
    _digits(text, 6, 7, 8, 11, 12)
    if len(text) >= 11:
        whole = _checked(text, 12)
        short = _shortened(whole)
    else:
        short = text if len(text) == 6 else text[1:7]
        if len(text) > 6 and text[0] != "0":
            raise BadBarcode("UPC-E is of number system 0")
        whole = _checked(_lengthened(short), 12)
        if len(text) == 8 and text[7] != whole[11]:
            raise BadBarcode(f"the check digit of {text} is wrong")
    half = _half(short, _UPC_E[int(whole[11])])
    return f"0{short}{whole[11]}", (1, 1, 1, *half, 1, 1, 1, 1, 1, 1)


def _lengthened(short: str) -> str:
    """Eleven digits of UPC-A: the last of the six tells where the zeros were."""
    last = short[5]
    if last in "012":
        return f"0{short[:2]}{last}0000{short[2:5]}"
    if last == "3":
        return f"0{short[:3]}00000{short[3:5]}"
    if last == "4":
        return f"0{short[:4]}00000{short[4]}"
    return f"0{short[:5]}0000{last}"


def _shortened(whole: str) -> str:
    """The six digits of a UPC-A number with enough zeros."""
    for short in (
        whole[1:3] + whole[8:11] + whole[3],
        whole[1:4] + whole[9:11] + "3",
        whole[1:5] + whole[10] + "4",
        whole[1:6] + whole[10],
    ):
        if _lengthened(short) == whole[:11]:
            return short
    raise BadBarcode(f"{whole} has too few zeros for UPC-E")


def _code39(text: str) -> tuple[str, tuple[int, ...]]:
    inner = text.strip("*")
    if not inner or any(char not in _CODE39 or char == "*" for char in inner):
        raise BadBarcode(f"not in CODE39: {text!r}")
    patterns = [_CODE39[char] for char in f"*{inner}*"]
    return inner, tuple(int(wide) for wide in "0".join(patterns))


def _itf(text: str) -> tuple[str, tuple[int, ...]]:
    """Digits in pairs, the second in the spaces of the first; an odd last one is left out."""
    digits = _digits(text, len(text))[: len(text) // 2 * 2]
    if not digits:
        raise BadBarcode("ITF needs two digits")
    pairs = zip(digits[::2], digits[1::2], strict=True)
    inner = [
        int(wide)
        for bars, spaces in pairs
        for both in zip(_ITF[int(bars)], _ITF[int(spaces)], strict=True)
        for wide in both
    ]
    return digits, (0, 0, 0, 0, *inner, 1, 0, 0)


_KINDS: Final[dict[int, Callable[[str], tuple[str, tuple[int, ...]]]]] = {
    65: _upc_a,
    66: _upc_e,
    67: _ean13,
    68: _ean8,
    69: _code39,
    70: _itf,
}
