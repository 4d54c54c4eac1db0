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
_INVALID: Final = re.compile(r"Invalid (?:enum )?value (.*)", re.DOTALL)
_PLACE: Final = re.compile(r"\[.*?\]")

ALLOWED: Final = {
    "record.kind": "sale, sale_voided, refunded_elsewhere, batch_closed, adjusted",
    "state": "approved, unconfirmed",
    "invoice": "issued, none",
    "tenders.kind": "card, cash, wallet, voucher, transfer, points, exchange",
    "tenders.funding": "debit, credit, unknown",
    "lines.kind": "goods, fee, discount",
    "kind": "refund, void, manual",
    "outcome": "paid, not_paid, credited, returned",
}
"""What a field may be, by its path in a sale or an outcome; ``record.kind``: of the sales feed."""
LIKE: Final = {
    "merchant_id": "8983…0001 (15)",
    "terminal_id": "12345678",
    "batch": "000001",
    "trace": "000017",
    "rrn": "600510000017",
    "arn": "0-9 A-Z (23)",
    "original_rrn": "600510000017",
    "auth_code": "A00017",
    "currency": "156",
    "masked": "476173******0010",
    "quantity": "1.5",
    "unit_price": "12900",
    "happened_on": "2026-01-05",
    "original_on": "2026-01-05",
    "token": "0-9 A-F (64)",
    "token_key_id": "1a2b3c4d",
    "pan": "0-9 (12-19)",
    "par": "0-9 A-Z (29)",
}
"""One that has the form of the field of this name; in brackets how many characters."""


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
    path = _PLACE.sub("", field)
    if found := _INVALID.fullmatch(what):
        place = "record.kind" if path == "kind" and "enum" not in what else path
        return BadLine("value", field=field, value=found[1], allowed=ALLOWED.get(place, ""))
    return BadLine("form", field=field, like=LIKE.get(path.rpartition(".")[2], ""))
