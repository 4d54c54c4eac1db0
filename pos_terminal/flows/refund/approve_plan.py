"""One approval for all legs of a ticket (R35)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.decision import Verdict
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.items import Item
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules import card_match
from pos_terminal.core.sale import Sale, Tender, TenderKind
from pos_terminal.core.tenders import Basis
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.ask_supervisor import ask_each, why_asked
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found_goods import back_lines, found_lines
from pos_terminal.flows.common.invoice_line import invoice_line
from pos_terminal.flows.common.name_leg import leg_name
from pos_terminal.flows.common.not_theirs import not_theirs
from pos_terminal.flows.common.of_gift import counted_on, known_as
from pos_terminal.flows.common.pays_slip import pays_slip
from pos_terminal.flows.refund.card_readers import ready_or_word
from pos_terminal.flows.refund.choose_way import shown
from pos_terminal.flows.refund.going import Going
from pos_terminal.flows.refund.to_card import to_card
from pos_terminal.flows.refund.ways import WAYS
from pos_terminal.flows.refund.what_opens import where_it_goes
from pos_terminal.ports import Approval
from pos_terminal.texts.domain import of_holder
from pos_terminal.ui.ask import heading, large
from pos_terminal.ui.page import Line


class Seen(Struct, frozen=True):
    """A leg as the supervisors see it."""

    sale: Sale
    tender: Tender
    amount: int
    goes: Kind
    basis: Basis | None
    ticket: int
    """Who asked for anything of it does not approve it."""
    gift: Words | None = None
    """How it is called, where it goes to who has the gift receipt."""
    items: Sequence[Item] = ()
    """The goods that it names."""
    goods_back: GoodsBack | None = None
    invoice: InvoiceBack | None = None
    """What became of its sale's invoice."""
    where: Sequence[Line] = ()
    """It goes, of what an exchange credit paid."""


async def approve_plan(desk: Desk, going: Sequence[Going], needed: int, digest: str) -> None:
    """Each leg stores what they said. From here on all of it is to do. MenuKey where that leads to
    its goods."""
    menu = any(one.wanted.names_goods for one in going)
    approvals = await ask_of_plan(desk, going, needed, digest, menu=menu)
    numbers = [one.application.number for one in going]
    await desk.ledger.applications.approve_ticket(numbers, approvals)


async def ask_of_plan(
    desk: Desk,
    going: Sequence[Going],
    needed: int,
    digest: str,
    given: Sequence[Approval] = (),
    *,
    menu: bool = False,
) -> Sequence[Approval]:
    """``needed`` supervisors see each leg and the sum, but for those who have ``given`` their word
    to this very plan; what all of them said, with the plan's ``digest``, is not stored yet."""
    cards = [one for one in going if WAYS.get(one.application.kind) is to_card]
    legs: list[Seen] = []
    for one in going:
        credit = one.wanted.tender.exchange_no
        same = (leg.amount for leg in legs if credit and leg.tender.exchange_no == credit)
        legs.append(replace(seen(one), where=where_it_goes(desk, one.wanted, sum(same))))
    if cards:
        await ready_or_word(desk, _amount(legs))
    foreseen = [card_match.foreseen(one.wanted.tender.card) for one in cards]
    verdicts = [*(said for one in going for said in one.decision.read), *foreseen]
    return await ask_plan(desk, legs, verdicts, needed, digest, given=given, menu=menu)


def seen(one: Going) -> Seen:
    """By who approves it."""
    wanted = one.wanted
    ticket = one.application.ticket
    gift = of_holder(wanted.choice.kind) if wanted.to_holder else None
    goes = wanted.choice.kind
    return Seen(
        *(wanted.sale, wanted.tender, wanted.amount, goes, wanted.basis, ticket, gift),
        items=wanted.items,
        goods_back=one.application.goods_back,
        invoice=wanted.invoice,
    )


async def ask_plan(
    desk: Desk,
    legs: Sequence[Seen],
    verdicts: Sequence[Verdict | None],
    needed: int,
    digest: str,
    *,
    given: Sequence[Approval] = (),
    operators: Iterable[str] = (),
    menu: bool = False,
    about: Sequence[Line] = (),
) -> list[Approval]:
    """What they said to these legs, some of which may be in the name of other ``operators``, and to
    what it is ``about``; nothing is stored yet."""
    asked, rule = why_asked(verdicts)
    several = len({one.sale.key for one in legs}) > 1
    first = {one.sale.key: one for one in reversed(legs)}
    shown_legs = [
        line
        for at, one in enumerate(legs)
        for line in (
            *_leg(desk, one, several=several),
            *(pays_slip(desk, one.sale) if first[one.sale.key] is one else ()),
            *(found_lines(desk, one.sale, one.items) if several else ()),
            *_invoice(legs, at, () if several else verdicts),
            *(back_lines(one.goods_back) if first[one.sale.key] is one else ()),
        )
    ]
    # of one sale all payments stand together, and its goods beneath them
    goods = (
        () if several else (line for one in legs for line in found_lines(desk, one.sale, one.items))
    )
    what = (_amount(legs), *asked, *about, *shown_legs, *goods)
    not_these = not_theirs(desk, {one.ticket for one in legs}, operators)
    return await ask_each(
        *(desk, needed, what, not_these),
        amount=0,
        rule=rule,
        plan=digest,
        given=given,
        menu=menu,
    )


def _invoice(legs: Sequence[Seen], at: int, said: Sequence[Verdict | None]) -> tuple[Line, ...]:
    """Once for a sale, and not again where the rules ``said`` it of the only one."""
    one = legs[at]
    told = any(other.sale.key == one.sale.key for other in legs[:at])
    return () if told else invoice_line(one.invoice, said)


def _amount(legs: Sequence[Seen]) -> Line:
    total = sum(one.amount for one in legs)
    return large(say("flows.amount"), with_symbol(total, legs[0].sale.currency))


def _leg(desk: Desk, one: Seen, *, several: bool) -> list[Line]:
    """With its sale where there are ``several``, and why it goes another way where it does, and
    which; a form and cash are not the same to who approves them."""
    sale = one.sale
    name = one.gift or leg_name(sale, one.tender)
    leg = [heading(name, with_symbol(one.amount, sale.currency)), *shown(one.basis)]
    cash = one.tender.kind is TenderKind.CASH and one.gift is None
    if one.basis is not None or one.goes is Kind.MANUAL or (cash and one.goes is Kind.CREDIT):
        leg.append(Line(say(f"flows.kind_{one.goes.value}")))
    if one.gift:
        leg += counted_on(sale, one.tender)
    leg += one.where
    if several:
        leg.insert(0, Line(sale.when_short, known_as(sale, gift=one.gift is not None)))
    return leg
