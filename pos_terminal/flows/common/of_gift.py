"""What was found by a gift receipt: who holds it is told nothing of what the buyer paid (R37)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from pos_terminal.core.decision import is_to_holder
from pos_terminal.core.money import with_symbol
from pos_terminal.core.rules import leg_refused, voucher_paid
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.name_leg import leg_name
from pos_terminal.ports import Application
from pos_terminal.texts.domain import of_holder, of_objection
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line

_OF_BUYER: Final = frozenset(
    of_objection(one).code for one in (*leg_refused.Against, *voucher_paid.Against)
)
"""What is said against the buyer's card, or against the voucher that paid."""


def told(against: Words, *, holder: bool) -> Words:
    """What is said of it to who stands here: the buyer's card or voucher is named to no holder of
    a gift receipt."""
    hidden = holder and against.code in _OF_BUYER
    return of_objection(Unfit.BUYERS_OWN) if hidden else against


def to_holder(desk: Desk, application: Application) -> bool:
    """Whether it is for who has the gift receipt, not for who paid."""
    return is_to_holder(desk.ledger.applications.decisions(application.number))


def known_as(sale: Sale, *, gift: bool) -> str:
    """By which number people know it: who has the gift receipt knows that one."""
    return sale.gift_receipt_no if gift else sale.number


def leg_of(desk: Desk, application: Application, sale: Sale, *, plain: bool = False) -> Line:
    """To which payment how much goes back, for the clerk and the customer."""
    gift = to_holder(desk, application)
    name = of_holder(application.kind) if gift else leg_name(sale, sale.tender(application.leg))
    amount = with_symbol(application.amount, sale.currency)
    return Line(name, amount) if plain else heading(name, amount)


def named_once(
    desk: Desk, application: Application, sale: Sale, before: Collection[object]
) -> list[Line]:
    """Of which sale it is, where that does not stand there ``before`` already."""
    gift = to_holder(desk, application)
    named = Line(sale.when_short, known_as(sale, gift=gift))
    return [] if named in before else [named]


def counted_on(sale: Sale, tender: Tender) -> tuple[Line, ...]:
    """For the supervisor: whose balance it is taken from, though nothing goes there."""
    return Line(say("flows.counted_on")), Line(leg_name(sale, tender))
