"""A sale that is told again: what the later record adds, and where it contradicts (R9).

Tills learn of a payment's numbers late. What was not known may be filled in by a record that agrees
in all else; one that says less than is known says nothing against it.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.sale import Funding, Sale

OURS: Final = frozenset(
    {
        *("key", "origin", "state", "batch_closed", "locked", "owed"),
        *("done", "held", "void_refused", "credited", "returned"),
    }
)
"""What became of it here: no till tells that."""
LATER: Final = frozenset(
    {
        *("batch", "trace", "rrn", "auth_code", "receipt_no", "gift_receipt_no", "payment"),
        *("order_no", "voucher_no", "exchange_no"),
        *("card", "masked", "token", "token_key_id", "par", "scheme", "funding"),
    }
)
"""What may not be known at first."""
_NOTHING: Final = (None, "", (), Funding.UNKNOWN)
_MOST: Final = 40
"""Characters of a value that is told."""


class Contradiction(Struct, frozen=True):
    """One field that two records have otherwise."""

    field: str
    known: str
    told: str

    def __str__(self) -> str:
        return f"{self.field}: {self.known} / {self.told}"


class Merged(Struct, frozen=True):
    """All that both records say; nothing to go by where they contradict."""

    sale: Sale
    filled: bool
    """The later one adds something."""
    contradictions: tuple[Contradiction, ...]


def merge(known: Sale, told: Sale) -> Merged:
    """``known`` with what ``told`` adds to it."""
    found: list[Contradiction] = []
    sale: Sale = _struct(known, told, "", found)
    return Merged(sale, filled=sale != known, contradictions=tuple(found))


def _struct(known: Any, told: Any, at: str, found: list[Contradiction]) -> Any:
    changes = {
        name: _value(name, getattr(known, name), getattr(told, name), at, found)
        for name in known.__struct_fields__
        if name not in OURS
    }
    return replace(known, **changes)


def _value(name: str, known: Any, told: Any, at: str, found: list[Contradiction]) -> Any:
    """Moments are equal in whatever offset."""
    if known == told:
        return known
    if isinstance(known, Struct) and type(told) is type(known):
        return _struct(known, told, f"{at}{name}.", found)
    if _holds_structs(known) and _holds_structs(told) and len(known) == len(told):
        pairs = enumerate(zip(known, told, strict=True), 1)
        return tuple(
            _struct(one, other, f"{at}{name}[{place}].", found) for place, (one, other) in pairs
        )
    if name in LATER and (known in _NOTHING or told in _NOTHING):
        return told if known in _NOTHING else known
    if name == "masked" and _same_card(known, told):
        return told if known.startswith("*") else known
    found.append(Contradiction(at + name, _shown(known), _shown(told)))
    return known


def _holds_structs(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], Struct)


def _same_card(known: str, told: str) -> bool:
    """One of them tells the last four digits only, and those are the other's."""
    return known[-4:] == told[-4:] and (known.startswith("*") or told.startswith("*"))


def _shown(value: Any) -> str:
    """For people; of a list how many there are."""
    if _holds_structs(value) or value == ():
        return f"({len(value)})"
    text = str(value)
    return text if len(text) <= _MOST else f"{text[:8]}…"
