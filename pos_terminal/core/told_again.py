"""A sale that is told again: what the later record adds, and where it contradicts (R9).

Tills learn of a payment's numbers late. What was not known may be filled in by a record that agrees
in all else; one that says less than is known says nothing against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from pos_terminal.core.invoice import Invoiced
from pos_terminal.core.sale import CardRef, Funding, Sale, Tender

OURS: Final = frozenset(
    {
        *("key", "origin", "state", "batch_closed", "locked", "owed"),
        *("done", "held", "in_notes", "apart", "void_refused", "credited", "returned"),
        *("typed", "as_told", "reopens", "reopened"),
    }
)
"""What became of it here: no till tells that."""
LATER: Final = frozenset(
    {
        *("batch", "trace", "rrn", "auth_code", "receipt_no", "gift_receipt_no", "payment"),
        *("invoice", "invoice_no", "recovery_no"),
        *("order_no", "voucher_no", "exchange_no"),
        *("card", "masked", "token", "token_key_id", "par", "scheme", "funding"),
    }
)
"""What may not be known at first."""
_NOTHING: Final = (None, "", (), Funding.UNKNOWN)
_PAYMENT: Final = ".payment."
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


class _Held(Struct):
    """Two records against each other."""

    left_out: Mapping[str, object]
    """What a payment has whose till told it nothing of its own: the sale's."""
    found: list[Contradiction] = field(default_factory=list)


def merge(known: Sale, told: Sale) -> Merged:
    """``known`` with what ``told`` adds to it."""
    held = _Held({"paid_at": known.sold_at, "terminal_id": known.terminal_id})
    sale: Sale = _struct(known, told, "", held)
    return Merged(sale, filled=sale != known, contradictions=tuple(held.found))


def _struct(known: Any, told: Any, at: str, held: _Held) -> Any:
    if isinstance(known, CardRef) and _under_other_keys(known, told):
        told = replace(told, token=known.token, token_key_id=known.token_key_id)
    changes = {
        name: _value(name, getattr(known, name), getattr(told, name), at, held)
        for name in known.__struct_fields__
        if name not in OURS
    }
    if isinstance(known, Tender) and known.as_told is not None and told.payment is not None:
        # taken back, what was typed leaves what the till has told by now
        apart = _Held(held.left_out)
        changes["as_told"] = _struct(known.as_told, told.payment, f"{at}{_PAYMENT[1:]}", apart)
    return replace(known, **changes)


def _value(name: str, known: Any, told: Any, at: str, held: _Held) -> Any:
    """Moments are equal in whatever offset."""
    if known == told:
        return known
    if isinstance(known, Struct) and type(told) is type(known):
        return _struct(known, told, f"{at}{name}.", held)
    if _holds_structs(known) and _holds_structs(told) and len(known) == len(told):
        pairs = enumerate(zip(known, told, strict=True), 1)
        return tuple(
            _struct(one, other, f"{at}{name}[{place}].", held) for place, (one, other) in pairs
        )
    for one, other in ((known, told), (told, known)):
        # there was no invoice yet, whichever of the two records comes first
        if _is_left_out(name, one, at, held) or other is Invoiced.ISSUED:
            return other
    if name == "masked" and _same_card(known, told):
        return told if known.startswith("*") else known
    held.found.append(Contradiction(at + name, _shown(known), _shown(told)))
    return known


def _under_other_keys(known: CardRef, told: CardRef) -> bool:
    """Tokens under two keys say nothing of each other: one of them was replaced meanwhile. What is
    known stays, and the rest of the card is held against each other."""
    return None not in (known.token, told.token) and known.token_key_id != told.token_key_id


def _is_left_out(name: str, value: Any, at: str, held: _Held) -> bool:
    if at.endswith(_PAYMENT) and name in held.left_out:
        return bool(value == held.left_out[name])
    return name in LATER and value in _NOTHING


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
