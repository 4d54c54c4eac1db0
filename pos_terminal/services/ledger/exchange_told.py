"""What tills say that an exchange credit has paid, held against what they took of it (R37).

A till that knows no exchange credits may tell one as a voucher, for both are asked about by the
same verbs. By whose number it is, the ledger knows which of the two it was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from msgspec.structs import replace

from pos_terminal.core.case import CaseKind, ToldExchange
from pos_terminal.core.digest import digest
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.sale import Sale, Tender, TenderKind
from pos_terminal.core.voucher import mask
from pos_terminal.core.voucher_likeness import masked_as
from pos_terminal.services.ledger.books import cases, exchange_credits, sales, vouchers
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.feed.entries import SaleEntry


def as_ours(
    db: sqlite3.Connection, entry: SaleEntry, as_known: Callable[[], Sale | None]
) -> SaleEntry:
    """With each tender as what it was paid with: an exchange credit where a voucher has the number
    of one of ours, and the other way. A payment that the ledger has already (``as_known``) stays
    what it is."""
    if not any(one.paid_by for one in entry.sale.tenders):
        return entry
    known = as_known()
    before = {} if known is None else {one.leg: one for one in known.tenders}
    whole = (_unmasked(db, one, before.get(one.leg), entry.sale) for one in entry.sale.tenders)
    tenders = tuple(_as_ours(db, one, before.get(one.leg)) for one in whole)
    if tenders == entry.sale.tenders:
        return entry
    sale = replace(entry.sale, tenders=tenders)
    return SaleEntry(entry.line, sale, digest(sale))


def _unmasked(db: sqlite3.Connection, told: Tender, before: Tender | None, sale: Sale) -> Tender:
    """An exchange credit by its whole number, where a masked one can be no other."""
    shown = masked_as(told.exchange_no)
    if shown is None:
        return told
    number = before.exchange_no if before is not None else None
    if before is None:
        number = sales.credit_masked_as(db, told.exchange_no, told.amount, sale.sold_at)
    fits = number is not None and fnmatchcase(number, shown)
    return replace(told, exchange_no=number) if fits else told


def _as_ours(db: sqlite3.Connection, told: Tender, before: Tender | None) -> Tender:
    number = told.paid_by
    if not number or (before is not None and before.kind is told.kind):
        return told
    stands = before is not None and before.paid_by == number
    if told.kind is TenderKind.VOUCHER and (stands or exchange_credits.find(db, number)):
        return replace(told, kind=TenderKind.EXCHANGE, exchange_no=number, voucher_no="")
    if told.kind is TenderKind.EXCHANGE and (stands or vouchers.is_ours(db, number)):
        return replace(told, kind=TenderKind.VOUCHER, voucher_no=number, exchange_no="")
    return told


def look(step: Step, told: Iterable[Sale], changed: Iterable[str]) -> None:
    """A sale that says more was paid by one of ours than the till took of it is a case: goods went
    out for what can still be taken, or goes back to its tender. So is one that says less than it
    did, where no other says what was taken for it. ``changed``: sales that were voided or lowered
    since."""
    of_ours = (one.sale_id for one in told if any(each.paid_by for each in one.tenders))
    names = list(dict.fromkeys((*of_ours, *changed)))
    for name in names:
        for sale_key, number, less in exchange_credits.told_by(step.db, name):
            if (credit := exchange_credits.find(step.db, number)) is not None:
                _look_at(step, sale_key, credit, less=less)
    if names:
        look_at_unclear(step, names)


def look_at_unclear(step: Step, names: Iterable[str] = ()) -> None:
    """What was paid by a number that is masked, or not quite one of ours, is a case of its sale as
    long as no taking explains it that no till tells of: a till may have meant a credit of which the
    rest can still go back. ``names``: sales that were told now."""
    found = sales.unclear(step.db, step.home, names, step.now)
    for place, one in enumerate(found, 1):
        told = cases.told_unclear(one.leg)
        if not one.stands or _is_explained(step.db, one, found[:place]):
            cases.close_unclear(step, one.sale_key, told)
        else:
            facts = ToldExchange(mask(one.number), 0, one.amount, 0, one.leg, len(one.may_be))
            cases.exchange_told(step, one.sale_key, CaseKind.EXCHANGE_NOT_REDEEMED, facts)


def _is_explained(
    db: sqlite3.Connection, one: sales.Unclear, first: Iterable[sales.Unclear]
) -> bool:
    """With what was told ``first``, this one among it, that may have meant one of the same."""
    paid = {number: exchange_credits.told_to_have_paid(db, number)[0] for number in one.may_be}
    taken = sum(max(0, of_it - paid[number]) for number, of_it in one.may_be.items())
    same = (other for other in first if other.stands and other.may_be.keys() & paid.keys())
    return bool(paid) and sum(other.amount for other in same) <= taken


def _look_at(step: Step, sale_key: int, credit: ExchangeCredit, *, less: bool) -> None:
    _, with_voided = exchange_credits.told_to_have_paid(step.db, credit.number)
    if with_voided > credit.taken:
        _open(step, sale_key, CaseKind.EXCHANGE_NOT_REDEEMED, credit, with_voided)
    elif less and with_voided < credit.taken:
        _open(step, sale_key, CaseKind.EXCHANGE_NOT_TOLD, credit, with_voided)
    settle(step, credit)


def _open(step: Step, sale_key: int, kind: CaseKind, credit: ExchangeCredit, paid: int) -> None:
    facts = ToldExchange(mask(credit.number), credit.ticket, paid, credit.taken)
    cases.exchange_told(step, sale_key, kind, facts)


def settle(step: Step, credit: ExchangeCredit) -> None:
    """What people need not look at any more: the till has taken meanwhile what sales say, the sale
    that said so was voided, or another says what was taken."""
    _, with_voided = exchange_credits.told_to_have_paid(step.db, credit.number)
    all_taken, all_told = with_voided <= credit.taken, with_voided >= credit.taken
    cases.close_exchange_told(step, credit.ticket, all_taken=all_taken, all_told=all_told)
