"""A supervisor approves this sale and this amount, before the card is read (R23, R24, R86)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from pos_terminal.core.decision import Decision, Objection, Verdict, is_to_holder
from pos_terminal.core.money import format_amount, with_symbol
from pos_terminal.core.people import Person, Role, Who
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import Sale, SaleOrigin
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.credentials import PIN, ask_who, pin_of
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.common.found_goods import back_lines, found_lines
from pos_terminal.flows.common.invoice_line import invoice_line
from pos_terminal.flows.common.name_leg import which_leg
from pos_terminal.flows.common.not_theirs import not_theirs
from pos_terminal.flows.common.of_gift import counted_on, known_as
from pos_terminal.flows.common.pays_slip import pays_slip
from pos_terminal.ports import Application, Approval
from pos_terminal.ports.people import SUPERVISORS
from pos_terminal.texts.domain import of_holder, of_verdict
from pos_terminal.ui.ask import digits, heading, large, tell
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled


async def ask_supervisors(
    desk: Desk,
    application: Application,
    sale: Sale,
    needed: int,
    decision: Decision,
    *,
    foreseen: Verdict | None = None,
    plan: str = "",
    about: tuple[Line, ...] = (),
    menu: bool = False,
    unasked: str = Objection.POLICY.value,
) -> None:
    """``needed`` different supervisors, none who asks or began it; stored before it goes on.
    MenuKey by that key, where it leads to the goods (``menu``).

    ``foreseen``: what will be asked with the card, and is answered at once. ``plan``: the digest
    of the plan of one leg that it is. ``about``: what else they must see. ``unasked``: why they are
    asked where no rule does.
    """
    if needed == 0:
        return
    asked, rule = why_asked([*decision.read, foreseen])
    gift = is_to_holder(decision.verdicts)
    named = application.kind is Kind.EXCHANGE or sale.origin is SaleOrigin.BLIND
    goods = (
        *_without_receipt(sale, decision),
        *found_lines(desk, sale, application.items, named=named),
        *back_lines(application.goods_back),
    )
    invoice = invoice_line(application.invoice, [decision.strictest])
    amount, *more = what_is_approved(application, sale, gift=gift)
    pays = () if gift else pays_slip(desk, sale)
    what = (amount, *pays, *asked, *about, *more, *invoice, *goods)
    not_these = not_theirs(desk, [application.ticket], [application.operator])
    approvals = await ask_each(
        *(desk, needed, what, not_these),
        amount=application.amount,
        rule=unasked if rule == Objection.POLICY.value else rule,
        plan=plan,
        menu=menu,
    )
    await desk.ledger.applications.approve(application.number, approvals)


def why_asked(verdicts: Sequence[Verdict | None]) -> tuple[tuple[Line, ...], str]:
    """What the supervisor is told of the rules that ask, and the first one's name.

    That every refund needs one is nothing that anybody must be told.
    """
    asking = [one for one in verdicts if one is not None and one.against is not Objection.POLICY]
    rule = asking[0].rule if asking else Objection.POLICY.value
    told: list[Line] = []
    for one in asking:
        line = heading(of_verdict(one))
        if line not in told:  # of several legs the same but once
            told.append(line)
    return tuple(told), rule


async def ask_each(
    desk: Desk,
    needed: int,
    what: tuple[Line, ...],
    not_these: set[str],
    *,
    amount: int,
    rule: str,
    plan: str = "",
    given: Sequence[Approval] = (),
    menu: bool = False,
) -> list[Approval]:
    """``needed`` different supervisors, none of ``not_these``, with those who have ``given`` theirs
    already; nothing is stored yet. MenuKey as of ``ask_supervisors``."""
    approvals = list(given)
    while len(approvals) < needed:
        taken = not_these | {approval.supervisor for approval in approvals}
        person = await ask_one(desk, (*_which_of(approvals, needed), *what), taken, menu=menu)
        now = desk.clock.now()
        approvals.append(Approval(person.number, person.name, now, amount, rule, plan))
    return approvals


def _which_of(given: Sequence[Approval], needed: int) -> tuple[Line, ...]:
    """Where more than one is asked: who has approved, and the how manieth this is."""
    if needed < 2:
        return ()
    return (
        *(
            Line(
                say("flows.approved_of", number=number, count=needed), f"{by.supervisor} {by.name}"
            )
            for number, by in enumerate(given, 1)
        ),
        heading(say("flows.supervisor_of", number=len(given) + 1, count=needed)),
    )


def what_is_approved(
    application: Application, sale: Sale, *, gift: bool = False
) -> tuple[Line, ...]:
    """What the supervisor sees and is recorded for, the amount first: on a small screen that is
    what stands there. Of a ``gift`` that its holder gets it."""
    leg = next(tender for tender in sale.tenders if tender.leg == application.leg)
    exchange = application.kind is Kind.EXCHANGE  # of which no money goes back
    label = say("exchange.worth" if exchange else "flows.amount")
    amount = large(label, with_symbol(application.amount, sale.currency))
    if gift:
        shown = Line(of_holder(application.kind), known_as(sale, gift=True))
        return (amount, shown, *counted_on(sale, leg))
    trace = "" if leg.payment is None else leg.payment.trace
    kind = Line(say(f"flows.kind_{application.kind.value}"), trace or sale.number)
    return (amount, kind, *(() if exchange else which_leg(sale, leg)))


def _without_receipt(sale: Sale, decision: Decision) -> tuple[Line, ...]:
    """What was brought, and how much of it nobody knows: that is all that speaks for it."""
    if sale.origin is not SaleOrigin.BLIND:
        return ()
    goods = [
        Line(
            f"{one.name} ×{format_quantity(one.quantity)}",
            format_amount(one.charged, sale.currency),
        )
        for one in sale.lines
    ]
    unknown = [int(one.figures.get("unknown_goods", 0)) for one in decision.verdicts]
    if (worth := sum(unknown)) > 0:
        goods.append(Line(say("flows.blind_never_sold"), format_amount(worth, sale.currency)))
    return tuple(goods)


async def ask_one(
    desk: Desk,
    what: tuple[Line, ...],
    not_these: set[str],
    roles: frozenset[Role] = SUPERVISORS,
    *,
    menu: bool = False,
) -> Person:
    """One supervisor by number or badge, and PIN; asked again until it is one, or cancelled, also
    while the PIN is being checked. Cancel at the PIN leads back to the number.

    A wrong PIN counts against the clerk who asked, too; where it locks the clerk, LogOut.
    """
    wrong: tuple[Line, ...] = ()
    title = say("flows.supervisor")
    ask = Line(say("flows.supervisor_number" if roles == SUPERVISORS else "flows.either_number"))
    hint = say("goods.supervisor_hint" if menu else "flows.cancel_hint")
    while True:
        page = Page("supervisor.number", title, (*wrong, *what, ask), hint=hint)
        who = await ask_who(desk.ui, page, menu=menu)
        pin = await _pin(desk, Page("supervisor.pin", title, (*what, pin_of(who))))
        if pin is None:
            wrong = ()
            continue
        desk.ui.show(Page("supervisor.wait", title, (Line(say("flows.checking")),)))
        try:
            person = await _checked(desk, who, pin, not_these, roles)
        except Failure as failure:
            desk.ui.beep()
            wrong = (heading(failure.words),)
            await desk.ledger.journal.note("approval_refused", {"cause": failure.code})
            if failure.code == "people.asker_locked":
                await tell(desk.ui, "supervisor.locked", title, failure.words)
                raise LogOut from None
            desk.ui.leave_if_cancelled()
            desk.ui.drop_stale()
        else:
            desk.ui.leave_if_cancelled()
            return person


async def _pin(desk: Desk, page: Page) -> str | None:
    """For what is on the screen, no sooner; None where cancel leads back to the number."""
    page = replace(page, hint=say("flows.pin_hint"))
    try:
        return await digits(desk.ui, page, PIN, fresh=True)
    except LogOut:
        raise
    except Cancelled:
        return None


async def _checked(
    desk: Desk, who: Who, pin: str, not_these: set[str], roles: frozenset[Role]
) -> Person:
    """Whose badge it is is known with the right PIN alone, and then who must not be asked."""
    if isinstance(who, str) and who in not_these:
        raise Failure.of(_own_or_same(desk, who))
    person = await desk.people.approve(who, pin, asked_by=desk.clerk.number, roles=roles)
    if person.number in not_these:
        raise Failure.of(_own_or_same(desk, person.number))
    return person


def _own_or_same(desk: Desk, number: str) -> Words:
    return say("flows.own_refund" if number == desk.clerk.number else "flows.other_supervisor")
