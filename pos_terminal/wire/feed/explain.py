"""What msgspec has against a record, in words that a till's maker and a clerk can read."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from pos_terminal.wire.feed.bad import BadLine

_AT: Final = re.compile(r"(.*?)(?: - at `(.*)`)?", re.DOTALL)
_BYTE: Final = re.compile(r"\(byte (\d+)\)")
_PATTERNS: Final = (
    (re.compile(r"Object contains unknown field `(.*)`", re.DOTALL), "unknown_field"),
    (re.compile(r"Object missing required field `(.*)`", re.DOTALL), "missing_field"),
)
_BOUND: Final = re.compile(r"Expected `.*` (of length )?(<=|>=) (\d+)")
_TYPE: Final = re.compile(r"Expected `(.*)`, got `(.*)`")


def explained(error: msgspec.MsgspecError) -> BadLine:
    """The same, by its code."""
    text = str(error)
    if not isinstance(error, msgspec.ValidationError):
        found = _BYTE.search(text)
        if "truncated" in text:
            return BadLine("json_ends")
        return BadLine("json", at=int(found[1]) + 1 if found else 0)
    parts = _AT.fullmatch(text)
    what, where = (parts[1], parts[2]) if parts else (text, None)
    field = (where or "").removeprefix("$").removeprefix(".")
    return _of(what, field)


def _of(what: str, field: str) -> BadLine:
    for pattern, code in _PATTERNS:
        if found := pattern.fullmatch(what):
            return BadLine(code, field=f"{field}.{found[1]}" if field else found[1])
    if found := _BOUND.fullmatch(what):
        code = ("short" if found[2] == ">=" else "long") if found[1] else "range"
        return BadLine(code, field=field, bound=f"{found[2]} {found[3]}")
    if found := _TYPE.fullmatch(what):
        return BadLine("type", field=field or "record", wanted=found[1], found=found[2])
    if what.startswith("Invalid"):
        return BadLine("value", field=field)
    return BadLine("form", field=field)
