"""Which payment each leg of a sale has, where the till told it on the leg or on the sale.

The fields on the sale are a short form for one with a single card (or, without a card, a single
wallet). What no leg takes stays with the sale: a cash sale may be numbered as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from pos_terminal.core.sale import Payment
from pos_terminal.wire.feed.bad import BadLine
from pos_terminal.wire.feed.moment import moment
from pos_terminal.wire.feed.records import SaleRecord, TenderRecord

_FIELDS: Final = ("batch", "trace", "rrn", "auth_code")
_NUMBERED: Final = frozenset({"batch", "trace"})
"""Six digits; zeros in front may be missing."""
_PAYING: Final = ("card", "wallet")
Numbers = Mapping[str, str]


class Payments(Struct, frozen=True):
    legs: Sequence[Payment | None]
    """In the order of the tenders; None where neither card nor wallet paid."""
    sale: Numbers
    """The fields that stay with the sale."""


def read_payments(record: SaleRecord, sold_at: datetime, auth_code: tuple[int, int]) -> Payments:
    """BadLine where both places say different things, or a card leg is left without a payment, or
    has an authorisation code that is not as long as the acquirer's are (least, most), or where two
    legs have one payment."""
    short, alone = _numbers(record), _alone(record)
    legs: list[Payment | None] = []
    for leg, tender in enumerate(record.tenders, 1):
        if tender.kind not in _PAYING:
            if tender.names_payment:
                raise BadLine("payment_of_other", leg=leg, kind=tender.kind)
            legs.append(None)
            continue
        own = _numbers(tender)
        if leg == alone:
            own = _joined(leg, own, short)
        legs.append(_payment(leg, tender, own, record, sold_at))
    _check(record, legs, short, alone)
    _check_codes(legs, auth_code)
    _check_apart(legs)
    stays = alone is None and not any(one and one.known for one in legs)
    return Payments(legs, short if stays else {})


def _alone(record: SaleRecord) -> int | None:
    """The leg that the sale's fields are a short form for."""
    for kind in _PAYING:
        found = [leg for leg, one in enumerate(record.tenders, 1) if one.kind == kind]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _numbers(record: SaleRecord | TenderRecord) -> dict[str, str]:
    told = {name: str(getattr(record, name)) for name in _FIELDS}
    return {
        name: text and text.zfill(6) if name in _NUMBERED else text for name, text in told.items()
    }


def _joined(leg: int, own: Numbers, short: Numbers) -> dict[str, str]:
    for name in _FIELDS:
        if own[name] and short[name] and own[name] != short[name]:
            raise BadLine("payment_differs", leg=leg, field=name)
    return {name: own[name] or short[name] for name in _FIELDS}


def _payment(
    leg: int, tender: TenderRecord, own: Numbers, record: SaleRecord, sold_at: datetime
) -> Payment:
    return Payment(
        terminal_id=tender.terminal_id or record.terminal_id,
        paid_at=sold_at
        if tender.paid_at is None
        else moment(tender.paid_at, f"tenders[{leg - 1}].paid_at"),
        **own,
    )


def _check(
    record: SaleRecord, legs: Sequence[Payment | None], short: Numbers, alone: int | None
) -> None:
    for leg, (tender, payment) in enumerate(zip(record.tenders, legs, strict=True), 1):
        needed = tender.kind == "card" and record.state == "approved"
        if needed and not tender.last_four_only and not (payment and payment.known):
            raise BadLine("no_reference" if leg == alone else "no_own_reference", leg=leg)
    if alone is None:
        _check_short(legs, short)


def _check_codes(legs: Sequence[Payment | None], length: tuple[int, int]) -> None:
    least, most = length
    bound = str(most) if least == most else f"{least}–{most}"
    for leg, one in enumerate(legs, 1):
        if one is not None and one.auth_code and not least <= len(one.auth_code) <= most:
            found = len(one.auth_code)
            raise BadLine("auth_code", leg=leg, code=one.auth_code, found=found, bound=bound)


def _check_apart(legs: Sequence[Payment | None]) -> None:
    """One payment paid one leg: told of two it would be given back twice."""
    seen: set[tuple[str, str, str, str]] = set()
    for leg, one in enumerate(legs, 1):
        if one is None or not one.known:
            continue
        name = (one.terminal_id, one.batch, one.trace, one.rrn)
        if name in seen:
            raise BadLine("payment_twice", leg=leg, rrn=one.rrn)
        seen.add(name)


def _check_short(legs: Sequence[Payment | None], short: Numbers) -> None:
    """Of several payments the sale may repeat one, and say nothing that none of them does."""
    known = [one for one in legs if one is not None and one.known]
    for name in _FIELDS:
        if known and short[name] and short[name] not in [getattr(one, name) for one in known]:
            raise BadLine("payment_of_none", field=name)
