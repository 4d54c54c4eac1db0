"""Open cases: what each is about, and its closing by supervisors with a reference (R45)."""

from __future__ import annotations

from pos_terminal.core.case import (
    CaseKind,
    Contradicted,
    OutcomeFacts,
    PaidTwice,
    PaidUnknown,
    ToldElsewhere,
    ToldExchange,
    TypedDiffers,
    locks,
    supervisors_to_close,
)
from pos_terminal.core.exchange_credit import name_of
from pos_terminal.core.money import format_amount, with_symbol
from pos_terminal.core.refund import HOLDING, OPEN, Kind, Refund
from pos_terminal.core.rules.state import refusal
from pos_terminal.core.sale import Sale
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.ask_supervisor import ask_each
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.secret_code import ask_digits
from pos_terminal.flows.trouble.conclude_unknown import REFERENCE
from pos_terminal.ports import Case, Closing
from pos_terminal.texts import known, render
from pos_terminal.texts.domain import of_cause
from pos_terminal.ui.ask import choose, confirm, decide, heading, tell, tell_empty
from pos_terminal.ui.page import Line, Page


async def show_cases(desk: Desk) -> None:
    """The open ones, oldest first."""
    cases = desk.ledger.cases.open_ones()
    title = say("cases.list")
    if not cases:
        await tell_empty(desk.ui, "cases", title, say("cases.none"))
        return
    page = Page("cases", title, hint=say("cases.choose_hint"))
    case = cases[await choose(desk.ui, page, [_option(desk, case) for case in cases])]
    await _close(desk, case)


async def _close(desk: Desk, case: Case) -> None:
    """Facts, reference, supervisors, one commit. Failure ``cases.…``."""
    refund = None if case.refund_id is None else desk.ledger.refunds.by_id(case.refund_id)
    facts, hint = _facts(desk, case, refund), say("cases.close_hint")
    await confirm(desk.ui, Page("case.facts", say("cases.title"), facts, hint=hint))
    if refund is not None and refund.state in OPEN:
        raise Failure("cases.outcome_open", number=case.case_id)
    closing = await _ask_closing(desk, case, refund)
    await desk.ledger.cases.close(case.case_id, closing)
    await tell(desk.ui, "case.closed", say("cases.title"), *_after(desk, case), alert=False)


async def _ask_closing(desk: Desk, case: Case, refund: Refund | None) -> Closing:
    about = (heading(_name(case)), *_sale_line(desk, case))
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
    what = (*about, Line(say("unknown.reference_is"), reference))
    amount = case.over or (0 if refund is None else refund.done)
    not_these = {desk.clerk.number, *(() if refund is None else (refund.operator,))}
    needed = supervisors_to_close(case.kind, case.over)
    approvals = await ask_each(desk, needed, what, not_these, amount=amount, rule=Closing.RULE)
    people = (Line(f"{one.supervisor} {one.name}") for one in approvals)
    lines, hint = (*what, *people), say("cases.confirm_hint")
    await confirm(desk.ui, Page("case.confirm_closing", say("cases.title"), lines, hint=hint))
    return Closing(reference, desk.clerk.number, tuple(approvals), theirs, one_payment)


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


def _facts(desk: Desk, case: Case, refund: Refund | None) -> tuple[Line, ...]:
    lines = [
        heading(_name(case), str(case.case_id)),
        Line(say("cases.opened_at"), f"{desk.shop.local(case.opened_at):%Y-%m-%d %H:%M}"),
        *_sale_line(desk, case),
    ]
    if refund is not None:
        amount = refund.done or refund.amount
        lines += [
            Line(say(f"flows.kind_{refund.kind.value}"), refund.stan or ""),
            Line(say("flows.amount"), with_symbol(amount, refund.currency)),
            *([Line(say("unknown.card"), refund.masked)] if refund.masked else []),
            Line(_state(refund)),
        ]
        lines += _references(desk, refund)
    lines += _told(desk, case)
    if case.over:
        lines.append(heading(say("cases.over"), with_symbol(case.over, desk.shop.currency)))
    if isinstance(case.facts, PaidTwice):
        lines += _postings(case.facts)
    if isinstance(case.facts, PaidUnknown):
        lines += _request(case.facts)
    if isinstance(case.facts, ToldElsewhere):
        lines += _elsewhere(case.facts, desk.shop.currency)
    if isinstance(case.facts, ToldExchange):
        lines += _exchange(case.facts, desk.shop.currency)
    if isinstance(case.facts, TypedDiffers):
        lines += _differs(case.facts, desk.shop.currency)
    if isinstance(case.facts, OutcomeFacts) and case.facts.cause is not None:
        lines.append(Line(of_cause(case.facts.cause)))
    return tuple(lines)


def _references(desk: Desk, refund: Refund) -> list[Line]:
    """Under which the acquirer told of it, to people or in its file."""
    findings = desk.ledger.findings.of_refund(refund.refund_id)
    evidence = desk.ledger.outcomes.evidence(refund.refund_id)
    told = [*(one.reference for one in findings), *(one.reference for one in evidence)]
    return [Line(say("unknown.reference_is"), reference) for reference in told]


def _told(desk: Desk, case: Case) -> list[Line]:
    """What the acquirer says against the ledger: in its file, or on the line."""
    facts = case.facts
    if not isinstance(facts, Contradicted):
        return []
    if not facts.file:
        return [heading(say("cases.told_late")), Line(say("cases.rrn"), facts.reference)]
    told = say("cases.told_paid" if facts.told else "cases.told_not_paid")
    return [
        heading(told),
        Line(say("unknown.reference_is"), facts.reference),
        Line(say("cases.file"), f"{facts.file}:{facts.line}"),
        *(_other(desk, facts.other) if facts.other else []),
    ]


def _other(desk: Desk, number: int) -> list[Line]:
    """The application that the same payment has carried out, and its sale."""
    application = desk.ledger.applications.by_number(number)
    sale = None if application is None else desk.ledger.sales.by_key(application.sale_key)
    return [
        heading(say("cases.has_paid"), str(number)),
        *([] if sale is None else [Line(say("cases.sale"), sale.number)]),
    ]


def _postings(facts: PaidTwice) -> list[Line]:
    """The refund's own posting, and the one beside it."""
    lines = []
    for number, one in enumerate(facts.postings, 1):
        lines += [
            Line(say("cases.posting", number=number), one.rrn or one.reference),
            Line(say("cases.file"), f"{one.file}:{one.line}")
            if one.file
            else Line(say("cases.told_here")),
        ]
    return lines


def _request(facts: PaidUnknown) -> list[Line]:
    """What the file says of a request that is not in the ledger, as far as it says it."""
    found = (
        ("unknown.batch", facts.batch),
        ("manual.application" if facts.kind is Kind.MANUAL else "flows.trace", facts.stan),
        ("cases.rrn", facts.rrn),
        ("cases.original_rrn", facts.original_rrn),
        ("unknown.card", f"**{facts.last4}" if facts.last4 else ""),
        ("unknown.at", facts.happened_on),
        ("unknown.reference_is", facts.reference),
        ("cases.file", f"{facts.file}:{facts.line}"),
    )
    kind = Line(say(f"flows.kind_{facts.kind.value}"))
    return [kind, *(Line(say(label), text) for label, text in found if text)]


def _elsewhere(facts: ToldElsewhere, currency: str) -> list[Line]:
    """What another system says it did."""
    amount = "" if facts.event is SaleEvent.SALE_VOIDED else with_symbol(facts.amount, currency)
    return [
        Line(say(f"cases.told_{facts.event.value}"), amount),
        Line(say("unknown.reference_is"), facts.reference),
    ]


def _exchange(facts: ToldExchange, currency: str) -> list[Line]:
    """What tills say that it paid, and what they took; of a number that is unclear how many of ours
    it may be."""
    number = name_of(facts.number, facts.ticket) if facts.ticket else facts.number
    taken = Line(say("cases.exchange_taken"), with_symbol(facts.taken, currency))
    if not facts.ticket:
        taken = Line(say("cases.exchange_perhaps"), str(facts.perhaps))
    return [
        Line(say("exchange.credit_number"), number),
        heading(say("cases.exchange_paid"), with_symbol(facts.paid, currency)),
        taken,
    ]


def _differs(facts: TypedDiffers, currency: str) -> list[Line]:
    """What was typed, and what the till tells instead."""
    lines = [Line(say("cases.original_rrn"), facts.rrn), Line(say("cases.typed_told"))]
    for one in facts.differs:
        shown = [one.typed, one.told]
        if one.fact == "amount":
            shown = [format_amount(int(text), currency) for text in shown]
        lines.append(heading(say(f"cases.differs_{one.fact}"), " / ".join(shown)))
    if facts.given:
        lines.append(Line(say("flows.done"), with_symbol(facts.given, currency)))
    return lines


def _state(refund: Refund) -> Words | str:
    key = f"cases.state_{refund.state.value}"
    return say(key) if known(key) else refund.state.value


def _sale_line(desk: Desk, case: Case) -> list[Line]:
    sale = desk.ledger.sales.by_key(case.sale_key)
    if sale is None:
        return []
    amount = with_symbol(sale.amount, sale.currency)
    return [Line(say("cases.sale"), sale.number), Line(sale.when, amount)]


def _meaning(case: Case) -> tuple[Line, ...]:
    """What its closing brings about, where it is more than an entry."""
    if not locks(case.kind, case.over):
        return ()
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


def _name(case: Case) -> Words | str:
    """A kind that has no text is shown as it is."""
    if isinstance(case.facts, Contradicted) and not case.facts.file:
        return say("cases.kind_late_approval")
    if isinstance(case.facts, ToldExchange) and not case.facts.ticket:
        return say("cases.kind_exchange_unclear")
    key = f"cases.kind_{case.kind}"
    return say(key) if known(key) else case.kind


def _option(desk: Desk, case: Case) -> Line:
    """Of sales that name one exchange credit each has its own case: which sale, and how much."""
    name, day, facts = _name(case), _day(desk, case), case.facts
    sale = desk.ledger.sales.by_key(case.sale_key)
    if not isinstance(facts, ToldExchange) or sale is None:
        return Line(name, day)
    text = name if isinstance(name, str) else render(name, desk.ui.language)
    return Line(f"{text}\n  {day} {sale.number} {with_symbol(sale.amount, sale.currency)}")


def _day(desk: Desk, case: Case) -> str:
    return f"{desk.shop.local(case.opened_at):%m-%d}"
