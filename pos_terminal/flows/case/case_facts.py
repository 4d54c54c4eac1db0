"""What a case is about: as its screen has it, and its record (R45)."""

from __future__ import annotations

from pos_terminal.core.case import (
    Contradicted,
    OutcomeFacts,
    PaidTwice,
    PaidUnknown,
    Reported,
    Returned,
    ToldElsewhere,
    ToldExchange,
    ToldRecovery,
    TypedDiffers,
)
from pos_terminal.core.exchange_credit import name_of
from pos_terminal.core.money import format_amount, with_symbol
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.core.words import Words, say
from pos_terminal.flows.case.paper_lines import paid_amiss, paper_lines
from pos_terminal.flows.case.reading import Reading
from pos_terminal.ports import Case
from pos_terminal.ports.standing import waits
from pos_terminal.texts import known, render
from pos_terminal.texts.domain import of_cause
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line


def facts_of_case(desk: Reading, case: Case) -> tuple[Line, ...]:
    refund = refund_of_case(desk, case)
    lines = [
        heading(name_of_case(case), str(case.case_id)),
        *paid_amiss(desk, case),
        Line(say("cases.opened_at"), f"{desk.shop.local(case.opened_at):%Y-%m-%d %H:%M}"),
        *_finder(desk, case),
        *sale_of_case(desk, case),
    ]
    if refund is not None:
        amount = refund.done or refund.amount
        lines += [
            Line(say(f"flows.kind_{refund.kind.value}"), refund.stan or ""),
            Line(say("flows.amount"), with_symbol(amount, refund.currency)),
            *([Line(say("unknown.card"), refund.masked)] if refund.masked else []),
            Line(_state(desk, refund)),
        ]
        lines += _references(desk, refund)
    lines += _told(desk, case)
    if case.over:
        lines.append(heading(say("cases.over"), with_symbol(case.over, desk.shop.currency)))
    if isinstance(case.facts, Returned):
        lines += _came_back(case.facts, desk.shop.currency)
    if isinstance(case.facts, PaidTwice):
        lines += _postings(case.facts)
    if isinstance(case.facts, PaidUnknown):
        lines += _request(case.facts)
    if isinstance(case.facts, ToldElsewhere):
        lines += _elsewhere(case.facts, desk.shop.currency)
    if isinstance(case.facts, ToldExchange):
        lines += _exchange(case.facts, desk.shop.currency)
    if isinstance(case.facts, ToldRecovery):
        lines.append(Line(say("recovery.told"), case.facts.number))
    if isinstance(case.facts, TypedDiffers):
        lines += _differs(case.facts, desk.shop.currency)
    if isinstance(case.facts, OutcomeFacts) and case.facts.cause is not None:
        lines.append(Line(of_cause(case.facts.cause)))
    return (*lines, *paper_lines(desk, case))


def refund_of_case(desk: Reading, case: Case) -> Refund | None:
    """None where it is about the sale itself, or nothing here is known of it."""
    return None if case.refund_id is None else desk.ledger.refunds.by_id(case.refund_id)


def _finder(desk: Reading, case: Case) -> list[Line]:
    """Of what files and tills told that is plain; of earlier cases nobody said it."""
    facts = case.facts
    if not isinstance(facts, Reported) or facts.found_by is None:
        return []
    who = render(say(f"cases.found_{facts.found_by.value}"), desk.ui.language)
    return [Line(say("cases.found_by"), who)]


def _references(desk: Reading, refund: Refund) -> list[Line]:
    """Under which the acquirer told of it, to people or in its file."""
    findings = desk.ledger.findings.of_refund(refund.refund_id)
    evidence = desk.ledger.outcomes.evidence(refund.refund_id)
    told = [*(one.reference for one in findings), *(one.reference for one in evidence)]
    return [Line(say("unknown.reference_is"), reference) for reference in told]


def _told(desk: Reading, case: Case) -> list[Line]:
    """What the acquirer says against the ledger: in its file, or on the line."""
    facts = case.facts
    if not isinstance(facts, Contradicted):
        return []
    if not facts.file:
        return [heading(say("cases.told_late")), Line(say("cases.rrn"), facts.reference)]
    told = say("cases.told_paid" if facts.told else "cases.told_not_paid")
    if facts.returned:
        told = say("returned.told")
    return [
        heading(told),
        Line(say("unknown.reference_is"), facts.reference),
        Line(say("cases.file"), f"{facts.file}:{facts.line}"),
        *(_other(desk, facts.other) if facts.other else []),
    ]


def _other(desk: Reading, number: int) -> list[Line]:
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
    own = [Line(say("returned.own_number_is"))] if facts.own else []
    return [kind, *own, *(Line(say(label), text) for label, text in found if text)]


def _came_back(facts: Returned, currency: str) -> list[Line]:
    """What came back, and the line that says so: its evidence."""
    found = (
        ("unknown.at", facts.happened_on),
        ("returned.arn", facts.arn),
        ("unknown.reference_is", facts.reference),
        ("cases.file", f"{facts.file}:{facts.line}"),
    )
    return [
        heading(say("returned.amount"), with_symbol(facts.amount, currency)),
        *(
            [Line(say("returned.told"), with_symbol(facts.told, currency))]
            if facts.told != facts.amount
            else []
        ),
        *(Line(say(label), text) for label, text in found if text),
    ]


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


def _state(desk: Reading, refund: Refund) -> Words | str:
    if refund.state is State.RETURNED and not waits(desk.ledger, refund):
        became = desk.ledger.outcomes.became(refund.refund_id)
        after_all = became is not None and became.credited
        return say("returned.state_overpaid" if after_all else "returned.state_given_again")
    key = f"cases.state_{refund.state.value}"
    return say(key) if known(key) else refund.state.value


def sale_of_case(desk: Reading, case: Case) -> list[Line]:
    sale = desk.ledger.sales.by_key(case.sale_key)
    if sale is None:
        return []
    amount = with_symbol(sale.amount, sale.currency)
    return [Line(say("cases.sale"), sale.number), Line(sale.when, amount)]


def name_of_case(case: Case) -> Words | str:
    """A kind that has no text is shown as it is."""
    if isinstance(case.facts, Contradicted) and not case.facts.file:
        return say("cases.kind_late_approval")
    if isinstance(case.facts, ToldExchange) and not case.facts.ticket:
        return say("cases.kind_exchange_unclear")
    if isinstance(case.facts, OutcomeFacts) and case.facts.state is State.RETURNED:
        return say("returned.kind_overpaid")
    key = f"cases.kind_{case.kind}"
    return say(key) if known(key) else case.kind
