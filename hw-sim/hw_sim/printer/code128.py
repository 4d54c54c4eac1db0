"""CODE128 (ISO/IEC 15417) as a printer draws it, from the data of ``GS k 73``."""

from __future__ import annotations

from typing import Final

START: Final = {"A": 103, "B": 104, "C": 105}
SWITCH: Final = {"A": 101, "B": 100, "C": 99}
SHIFT: Final = 98
FUNCTIONS: Final = {"1": 102, "2": 97, "3": 96}
STOP: Final = (2, 3, 3, 1, 1, 1, 2)

#: bar and space widths of values 0 to 105, six digits each
_WIDTHS: Final = (
    "212222222122222221121223121322131222122213122312132212221213"
    "221312231212112232122132122231113222123122123221223211221132"
    "221231213212223112312131311222321122321221312212322112322211"
    "212123212321232121111323131123131321112313132113132311211313"
    "231113231311112133112331132131113123113321133121313121211331"
    "231131213113213311213131311123311321331121312113312311332111"
    "314111221411431111111224111422121124121421141122141221112214"
    "112412122114122411142112142211241211221114413111241112134111"
    "111242121142121241114212124112124211411212421112421211212141"
    "214121412121111143111341131141114113114311411113411311113141"
    "114131311141411131211412211214211232"
)
PATTERNS: Final = tuple(
    tuple(int(width) for width in _WIDTHS[place : place + 6]) for place in range(0, len(_WIDTHS), 6)
)


class BadBarcode(ValueError):
    """Data that CODE128 can't carry: a printer prints nothing then."""


def values(data: bytes) -> tuple[list[int], str]:
    """Code values (start and check included) and the text of data with its ``{A {B {C`` switches,
    ``{S`` (one character of the other set), ``{1`` to ``{3`` (FNC) and ``{{``."""
    if len(data) < 2 or data[:1] != b"{" or chr(data[1]) not in START:
        raise BadBarcode("CODE128 data begins with {A, {B or {C")
    code = chr(data[1])
    result, text, place, shifted = [START[code]], "", 2, False
    while place < len(data):
        byte = data[place]
        if byte == ord("{"):
            what = chr(data[place + 1]) if place + 1 < len(data) else ""
            place += 1
            if what in SWITCH:
                code = what
                result.append(SWITCH[code])
            elif what in FUNCTIONS:
                result.append(FUNCTIONS[what])
            elif what == "S" and code in "AB":
                shifted = True
                result.append(SHIFT)
            elif what != "{":
                raise BadBarcode(f"{{{what} is nothing in code set {code}")
            if what != "{":
                place += 1
                continue
        value, shown = _value("BA"[code == "B"] if shifted else code, byte)
        shifted = False
        result.append(value)
        text += shown
        place += 1
    check = result[0] + sum(weight * value for weight, value in enumerate(result[1:], 1))
    return [*result, check % 103], text


def _value(code: str, byte: int) -> tuple[int, str]:
    if code == "C":
        if byte > 99:
            raise BadBarcode(f"{byte} is no pair of digits")
        return byte, f"{byte:02d}"
    if code == "B" and 32 <= byte < 128:
        return byte - 32, chr(byte)
    if code == "A" and byte < 96:
        return (byte - 32 if byte >= 32 else byte + 64), (chr(byte) if byte >= 32 else " ")
    raise BadBarcode(f"byte {byte} is not in code set {code}")


def modules(code_values: list[int]) -> tuple[int, ...]:
    """Widths of bars and spaces in turn, beginning and ending with a bar."""
    widths = [width for value in code_values for width in PATTERNS[value]]
    return (*widths, *STOP)
