"""Open cases: what each is about, and its closing by supervisors with a reference (R45)."""

from __future__ import annotations

from pos_terminal.core.case import (
    CaseKind,
    PaidTwice,
    PaidUnknown,
    locks,
    supervisors_to_close,
)
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import HOLDING, OPEN, Refund
from pos_terminal.core.rules.state import refusal
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.case.case_end import ask_cause, ask_loss, end_lines
from pos_terminal.flows.case.case_facts import name_of_case, refund_of_case, sale_of_case
from pos_terminal.flows.case.print_record import print_record
from pos_terminal.flows.case.still_open import still_open
from pos_terminal.flows.common.ask_supervisor import ask_each
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.secret_code import REFERENCE, ask_digits
from pos_terminal.ports import Case, Closing, InputEvent, Key, KeyPressed
from pos_terminal.ui.ask import confirm, decide, heading
from pos_terminal.ui.page import Line, Page


async def close_case(desk: Desk, case: Case) -> None:
    """Reference, cause and loss, supervisors, one commit. Failure ``cases.…``."""
    refund = refund_of_case(desk, case)
    if refund is not None and refund.state in OPEN:
        raise Failure("cases.outcome_open", number=case.case_id)
    closing = await _ask_closing(desk, case, refund)
    closed = await desk.ledger.cases.close(case.case_id, closing)
    await _say_closed(desk, closed)


async def _say_closed(desk: Desk, case: Case) -> None:
    """The menu key prints its record, with the closing."""

    def accept(event: InputEvent) -> Key | None:
        match event:
            case KeyPressed(Key.ENTER | Key.CANCEL | Key.MENU as key):
                return key
            case _:
                return None

    said = (one if isinstance(one, Line) else Line(one) for one in _after(desk, case))
    page = Page("case.closed", say("cases.title"), tuple(said), hint=say("cases.after_hint"))
    if await desk.ui.prompt(page, accept, fresh=True, cancellable=False) is Key.MENU:
        await print_record(desk, case)


async def _ask_closing(desk: Desk, case: Case, refund: Refund | None) -> Closing:
    about = (heading(name_of_case(case)), *still_open(desk, case), *sale_of_case(desk, case))
    here = desk.ledger.sales.by_key(case.sale_key)
    other = desk.ledger.sales.by_key(desk.ledger.cases.also_counted(case.case_id))
    theirs = one_payment = False
    if isinstance(case.facts, PaidTwice) and case.facts.perhaps_one:
        one_payment = await _is_one_payment(desk, case.facts)
        about += (Line(say("cases.means_one_payment")),) if one_payment else _meaning(case)
    elif here is None or other is None:
        about += _meaning(case)
    else:
        theirs = await _is_of_other(desk, case, here, other)
        of = heading(say("cases.counts_on"), (other if theirs else here).name)
        about += (of, Line(say("cases.means_whose")))
    if case.over and refund is not None and not one_payment:
        _must_be_alone(desk, refund)
    page = Page("case.reference", say("cases.title"), (*about, Line(say("cases.reference"))))
    reference = await ask_digits(desk, page, REFERENCE)
    cause = await ask_cause(desk, case)
    loss = await ask_loss(desk, case)
    what = (*about, Line(say("unknown.reference_is"), reference), *end_lines(desk, cause, loss))
    amount = case.over or (0 if refund is None else refund.done)
    not_these = {desk.clerk.number, *(() if refund is None else (refund.operator,))}
    needed = supervisors_to_close(case.kind, case.over)
    approvals = await ask_each(desk, needed, what, not_these, amount=amount, rule=Closing.RULE)
    people = (Line(f"{one.supervisor} {one.name}") for one in approvals)
    lines, hint = (*what, *people), say("cases.confirm_hint")
    await confirm(desk.ui, Page("case.confirm_closing", say("cases.title"), lines, hint=hint))
    return Closing(reference, desk.clerk.number, tuple(approvals), cause, loss, theirs, one_payment)


def _must_be_alone(desk: Desk, refund: Refund) -> None:
    """What another refund of its leg holds may come free: that one is ended first. Said before two
    people are called; the commit itself looks again."""
    others = desk.ledger.refunds.of_sale(refund.sale_key)
    if any(one.leg == refund.leg and one.state in HOLDING for one in others):
        raise Failure("cases.leg_open")


async def _is_one_payment(desk: Desk, facts: PaidTwice) -> bool:
    """Whether what people told of and what the file tells of is one. Whoever paid knows."""
    lines = tuple(Line(one.reference) for one in facts.postings)
    page = Page("case.payments", say("cases.payments"), lines, hint=say("ui.by_digit"))
    options = (Line(say("cases.two_payments")), Line(say("cases.one_payment")))
    return await decide(desk.ui, page, options) > 0


async def _is_of_other(desk: Desk, case: Case, here: Sale, other: Sale) -> bool:
    """Whether what went back by a reference of two sales is that of the ``other`` one, which has it
    counted so far. Who looks at both knows; the ledger doesn't."""
    over = with_symbol(case.over, desk.shop.currency)
    lines = (heading(say("cases.whose"), over), Line(say("cases.means_whose")))
    page = Page("case.whose", say("cases.title"), lines, hint=say("ui.by_digit"))
    options = [
        Line(f"{one.when} {one.name}", with_symbol(one.amount, one.currency))
        for one in (here, other)
    ]
    return await decide(desk.ui, page, options) > 0


def _meaning(case: Case) -> tuple[Line, ...]:
    """What its closing brings about, where it is more than an entry."""
    if not locks(case.kind, case.over):
        return ()
    if isinstance(case.facts, PaidUnknown) and case.facts.own:
        return (Line(say("cases.means_own")),)
    if case.sale_key is None:
        return (Line(say("cases.means_nothing")),)
    known_kinds = {
        CaseKind.OVERPAYMENT: "overpayment",
        CaseKind.ELSEWHERE: "elsewhere",
        CaseKind.TYPED_DIFFERS: "typed_differs",
    }
    kind = known_kinds.get(case.kind, "paid_twice")
    return (Line(say(f"cases.means_{kind}")),)


def _after(desk: Desk, case: Case) -> list[Words | Line]:
    """That it is closed; where it locked its sale also what that may still give back."""
    said: list[Words | Line] = [say("cases.closed_now", number=case.case_id)]
    sale = desk.ledger.sales.by_key(case.sale_key)
    if locks(case.kind, case.over) and sale is not None:
        if (against := refusal(sale)) is not None:
            said.append(say(f"rules.{against.value}"))
        else:
            left = with_symbol(sale.offered, sale.currency)
            said.append(Line(say("flows.remaining"), left))
    return said
