"""AIM symbology identifiers, and the check digits of retail codes.

A scanner can put ``]`` , a letter for the symbology and a modifier before the data (ISO/IEC 15424).
EAN and UPC end in a mod-10 digit (GS1 General Specifications 7.9), and so does a GTIN within a
GS1 code (``]C1 ]d2 ]e0 ]Q3``).
"""

from __future__ import annotations

import re
from typing import Final

from pos_terminal.core.goods_code import WITHOUT_ADD_ON, expand_upc_e, mod10_ok

_PREFIX: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_GS1: Final = frozenset(("]C1", "]d2", "]e0", "]Q3"))
_EAN_LENGTHS: Final = {
    "]E0": (13, 12, 8),
    "]E1": (2,),
    "]E2": (5,),
    "]E3": tuple(WITHOUT_ADD_ON),
    "]E4": (8,),
}
"""Digits by identifier: whole code (scanners send UPC-A and UPC-E under ``]E0``, too), add-on of
two or five, code with add-on, EAN-8."""


def read_code(text: str) -> tuple[str, str | None] | None:
    """(data, AIM identifier or None); None where length or check digit can't be right."""
    found = _PREFIX.match(text)
    if found is None:
        return text, None
    symbology, data = found[0], text[found.end() :]
    return (data, symbology) if data and _plausible(symbology, data) else None


def checked(text: str) -> bool:
    """Whether it names a symbology whose check digit it has, and that one is right."""
    data, symbology = read_code(text) or ("", None)
    if symbology is None or symbology in ("]E1", "]E2"):
        return False
    return symbology.startswith("]E") or (symbology in _GS1 and data.startswith("01"))


def _plausible(symbology: str, data: str) -> bool:
    if symbology.startswith("]E"):
        return _ean_ok(symbology, data)
    gtin = re.match(r"01([0-9]{14})", data) if symbology in _GS1 else None
    return gtin is None or mod10_ok(gtin[1])


def _ean_ok(symbology: str, data: str) -> bool:
    if not (data.isascii() and data.isdigit()):
        return False
    if len(data) not in _EAN_LENGTHS.get(symbology, ()):
        return False
    if symbology in ("]E1", "]E2"):
        return True
    if symbology == "]E3":
        data = data[: WITHOUT_ADD_ON[len(data)]]
    if mod10_ok(data):
        return True
    return symbology == "]E0" and len(data) == 8 and mod10_ok(expand_upc_e(data))
