"""A payment as a clerk typed it from a receipt, and whether the till tells the same of it (R7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, tzinfo
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.case import Difference
from pos_terminal.core.cause import Cause
from pos_terminal.core.local_time import local
from pos_terminal.core.money import format_amount
from pos_terminal.core.reference import spelled
from pos_terminal.core.refund import Refund, State
from pos_terminal.core.sale import (
    CardRef,
    Funding,
    Payment,
    Sale,
    SaleOrigin,
    SaleState,
    Tender,
    TenderKind,
)

_NOON: Final = time(12)
"""A receipt's day, at an hour at which no acquirer's zone has another one."""
_NOTHING_CAME: Final = frozenset({State.NOT_SENT, State.DECLINED})
_STARS: Final = "*" * 12


class Typed(Struct, frozen=True, kw_only=True):
    """What stands on the receipt; empty where the receipt does not have it."""

    terminal_id: str
    rrn: str
    """12 characters."""
    on: date
    amount: int
    """Minor units."""
    batch: str = ""
    trace: str = ""
    auth_code: str = ""
    last4: str = ""

    @classmethod
    def of(cls, sale: Sale, zone: tzinfo) -> Typed:
        """What was typed as this sale. ValueError for one that was not, or that was withdrawn."""
        (leg,) = sale.tenders
        paid = leg.payment
        if paid is None or sale.origin is not SaleOrigin.TYPED:
            raise ValueError("nobody typed this sale")
        return cls(
            terminal_id=paid.terminal_id,
            rrn=paid.rrn,
            on=local(paid.paid_at, zone).date(),
            amount=leg.amount,
            batch=paid.batch,
            trace=paid.trace,
            auth_code=paid.auth_code,
            last4="" if leg.card is None else leg.card.last_four,
        )

    def names(self, leg: Tender, zone: tzinfo) -> bool:
        """Whether terminal, reference, day and amount of this payment are just these."""
        paid = leg.payment
        if paid is None:
            return False
        known = (paid.terminal_id, paid.rrn, local(paid.paid_at, zone).date(), leg.amount)
        return known == (self.terminal_id, self.rrn, self.on, self.amount)

    def paid_at(self, now: datetime) -> datetime:
        """Of its day only the day is known; it is never in the future. ``now``: in the shop's
        zone."""
        at = datetime.combine(self.on, _NOON, now.tzinfo)
        return min(at, now) if self.on == now.date() else at

    def payment(self, now: datetime) -> Payment:
        return Payment(
            terminal_id=self.terminal_id,
            batch=self.batch,
            trace=self.trace,
            rrn=self.rrn,
            auth_code=self.auth_code,
            paid_at=self.paid_at(now),
        )

    def sale(self, now: datetime, merchant_id: str, currency: str, approvals: int) -> Sale:
        """One that no till has told of, of this payment. ``approvals``: ``Tender.typed``."""
        masked = _STARS + self.last4 if self.last4 else None
        card = CardRef(masked, None, None, None, "", Funding.UNKNOWN)
        payment = self.payment(now)
        leg = Tender(1, TenderKind.CARD, self.amount, card=card, payment=payment, typed=approvals)
        return Sale(
            key=0,
            sale_id="",
            merchant_id=merchant_id,
            terminal_id=self.terminal_id,
            sold_at=payment.paid_at,
            currency=currency,
            amount=self.amount,
            receipt_no="",
            state=SaleState.APPROVED,
            tenders=(leg,),
            lines=(),
            origin=SaleOrigin.TYPED,
        )


def might_be(typed: Typed, leg: Tender) -> bool:
    """Whether this payment of the till's, which has no reference, could be the one typed: nothing
    that both know is otherwise. Whoever asks has looked at the day, and at the amount: the slip has
    what was paid, or what the till changed it to."""
    paid = leg.payment
    if leg.kind is not TenderKind.CARD or leg.typed or paid is None or paid.rrn:
        return False
    return not any(_differ(one, other) for one, other in _both(typed, paid, leg.card))


def typed_legs(sale: Sale) -> Sequence[Tender]:
    """Payments of a till's sale whose reference somebody typed."""
    return [leg for leg in sale.tenders if leg.as_told is not None]


def nothing_came_of(refunds: Iterable[Refund]) -> bool:
    """Whether what was typed may be taken back: nothing of it was given back, and nothing may be
    found to have been. What the acquirer called stolen stays called so, by this sale."""
    return all(
        one.state in _NOTHING_CAME and one.cause is not Cause.CARD_REFUSED for one in refunds
    )


def otherwise(typed: Typed, known: Sale) -> Iterator[tuple[str, str, str]]:
    """What was typed now and is not as it was typed before: the fact, before, now."""
    facts = (
        ("terminal", known.terminal_id, typed.terminal_id),
        ("date", *(f"{day:%Y-%m-%d}" for day in (known.sold_at, typed.on))),
        ("amount", *(format_amount(one.amount, known.currency) for one in (known, typed))),
    )
    return ((fact, before, now) for fact, before, now in facts if before != now)


def _both(typed: Typed, paid: Payment, card: CardRef | None) -> Iterator[tuple[str, str]]:
    yield typed.batch, paid.batch
    yield typed.trace, paid.trace
    yield typed.auth_code, paid.auth_code
    yield typed.last4, "" if card is None else card.last_four


def _differ(one: str, other: str) -> bool:
    """What is not known is no difference."""
    return "" not in (one, other) and one != other


def yields(known: Sale, told: Sale) -> tuple[Sale, tuple[Tender, ...]]:
    """``known`` without what was typed of payments of which it is told now, and those legs as they
    were: what a till tells of them stands, whatever was typed."""
    if len(known.tenders) != len(told.tenders):
        return known, ()
    pairs = [(ours, tills) for ours, tills in zip(known.tenders, told.tenders, strict=True)]
    legs = tuple(_yields(ours, tills) for ours, tills in pairs)
    typed = tuple(ours for (ours, _), leg in zip(pairs, legs, strict=True) if leg is not ours)
    return replace(known, tenders=legs), typed


def _yields(ours: Tender, tills: Tender) -> Tender:
    """The same one where nothing of it yields."""
    paid, before = ours.payment, ours.as_told
    if _is_told(ours, tills):
        return replace(ours, payment=tills.payment, typed=0, as_told=None)
    if before is None or paid is None or tills.payment is None:
        return ours
    numbers = ((fact, getattr(tills.payment, fact)) for fact in ("batch", "trace", "auth_code"))
    changes = {
        fact: told
        for fact, told in numbers
        if not getattr(before, fact) and _differ(getattr(paid, fact), told)
    }
    return replace(ours, payment=replace(paid, **changes)) if changes else ours


def _is_told(ours: Tender, tills: Tender) -> bool:
    return ours.typed > 0 and tills.payment is not None and bool(tills.payment.rrn)


def differences(
    typed: Tender, told: Tender, zone: tzinfo, currencies: tuple[str, str] = ("", "")
) -> tuple[Difference, ...]:
    """What the till tells of a payment otherwise than it was typed. Both have a payment."""
    return tuple(_differences(typed, told, zone, currencies))


def _differences(
    typed: Tender, told: Tender, zone: tzinfo, currencies: tuple[str, str]
) -> Iterator[Difference]:
    ours, tills = typed.payment, told.payment
    if ours is None or tills is None:
        raise ValueError("a leg without a payment is never typed")
    facts = (
        ("rrn", spelled(ours.rrn), spelled(tills.rrn)),
        ("date", *(local(one.paid_at, zone).date().isoformat() for one in (ours, tills))),
        ("terminal_id", ours.terminal_id, tills.terminal_id),
        ("batch", ours.batch, tills.batch),
        ("trace", ours.trace, tills.trace),
        ("auth_code", ours.auth_code, tills.auth_code),
        ("last4", *("" if one.card is None else one.card.last_four for one in (typed, told))),
        ("currency", *currencies),
    )
    for fact, one, other in facts:
        if _differ(one, other):
            yield Difference(fact, one, other)
    if typed.kind is not told.kind:
        yield Difference("tender", typed.kind, told.kind)
    if typed.amount != told.amount:
        yield Difference("amount", str(typed.amount), str(told.amount))
