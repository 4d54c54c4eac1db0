"""Two people conclude an outcome that stays unknown, with the acquirer's reference (R32).

So they do with an approval of what was given up, that the acquirer tells of by telephone or letter.
"""

from __future__ import annotations

from pos_terminal.core import receipt_code
from pos_terminal.core.money import format_amount, with_symbol
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.amount_hint import amount_hint
from pos_terminal.flows.common.ask_supervisor import ask_each
from pos_terminal.flows.common.confirm_clock import confirm_clock
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.secret_code import REFERENCE, ask_digits
from pos_terminal.ports import Finding
from pos_terminal.texts.domain import of_cause
from pos_terminal.ui.ask import confirm, decide, digits, heading, large, money_entry, tell
from pos_terminal.ui.page import Line, Page


async def conclude_unknown(desk: Desk, refund: Refund) -> None:
    """What is known, what the acquirer says, its reference, two people, one commit.

    Moves no money and needs no acquirer: it works while trading is stopped. Failure
    ``unknown.in_flight``, and those of ``Authoriser.conclude_by_people``.
    """
    if refund.state is State.SEALED:
        raise Failure("unknown.in_flight")
    await _show(desk, refund)
    paid = await _ask_outcome(desk, refund)
    await _record(desk, refund, paid)


async def record_late_approval(desk: Desk, refund: Refund) -> None:
    """It was given up, and the acquirer says now that it was paid: the sale is locked.

    Failures as of ``conclude_unknown``.
    """
    await _show(desk, refund)
    await _record(desk, refund, paid=True)


async def _record(desk: Desk, refund: Refund, paid: bool) -> None:
    done = await _ask_done(desk, refund) if paid else 0
    reference = await _ask_reference(desk, refund, done)
    finding = await _ask_people(desk, refund, done, reference)
    await _confirm(desk, refund, finding)
    desk.ui.show(Page("unknown.wait", say("unknown.title"), (Line(say("unknown.recording")),)))
    result = await desk.authoriser.conclude_by_people(refund.refund_id, finding)
    desk.printing.wake()
    advice = () if result.advice is None else (result.advice,)
    amount = Line(say("flows.amount"), with_symbol(done or refund.amount, refund.currency))
    await tell(desk.ui, "unknown.done", say("unknown.title"), result.words, amount, *advice)


async def _show(desk: Desk, refund: Refund) -> None:
    """All that is known of it: what the acquirer will ask for on the telephone."""
    facts = (
        ("unknown.kind", say(f"flows.kind_{refund.kind.value}")),
        ("flows.amount", with_symbol(refund.amount, refund.currency)),
        ("unknown.card", refund.masked or ""),
        ("unknown.at", f"{desk.shop.local(refund.sealed_at):%Y-%m-%d %H:%M:%S}"),
        ("unknown.batch", refund.batch or ""),
        ("flows.trace", refund.stan or ""),
        ("unknown.check_code", check_code(desk, refund)),
        ("unknown.repeats", str(refund.repeats)),
    )
    lines = [
        Line(value) if not isinstance(value, str) else Line(say(label), value)
        for label, value in facts
    ]
    if refund.cause is not None:
        lines.insert(1, Line(of_cause(refund.cause)))
    given_up = refund.state is State.GIVEN_UP
    lines += _who_gave_up(desk, refund) if given_up else _not_paid_from(desk, refund)
    hint = say("unknown.late_hint" if given_up else "unknown.ask_hint")
    await confirm(desk.ui, Page("unknown.facts", _title(refund), tuple(lines), hint=hint))


def _title(refund: Refund) -> Words:
    return say("unknown.late_title" if refund.state is State.GIVEN_UP else "unknown.title")


def _not_paid_from(desk: Desk, refund: Refund) -> list[Line]:
    """The cut-off, where there is one."""
    end = desk.authoriser.given_up_from(refund)
    return [] if end is None else [Line(say("unknown.not_paid_from"), f"{end:%m-%d %H:%M}")]


def _who_gave_up(desk: Desk, refund: Refund) -> list[Line]:
    lines = []
    for finding in desk.ledger.findings.of_refund(refund.refund_id):
        lines.append(Line(say("unknown.given_up_by"), finding.reference))
        lines += [Line(f"  {one.supervisor} {one.name}") for one in finding.approvals]
    return lines


def check_code(desk: Desk, refund: Refund) -> str:
    """The certificate's check code; empty for a number that it can't carry."""
    if refund.refund_id > receipt_code.MAX_SERIAL:
        return ""
    shop = desk.shop
    return receipt_code.encode(refund.kind, shop.merchant_id, shop.terminal_id, refund.refund_id)


async def _ask_outcome(desk: Desk, refund: Refund) -> bool:
    """Whether it was paid. Failure ``host.too_early`` before the cut-off, ``clock.…``."""
    page = Page("unknown.outcome", say("unknown.what"), _about(refund))
    options = (Line(say("unknown.paid")), Line(say("unknown.not_paid")))
    paid = await decide(desk.ui, page, options) == 0
    if not paid:
        await confirm_clock(desk)
        must_be_over(desk, refund)
    return paid


def must_be_over(desk: Desk, refund: Refund) -> None:
    """Said before two people are called; the commit itself looks again."""
    doubt = desk.clock.doubt
    if doubt is not None:
        raise Failure.of(doubt)
    end = desk.authoriser.given_up_from(refund)
    if end is not None and desk.clock.now() < end:
        raise Failure("host.too_early", since=f"{end:%m-%d %H:%M}")


async def _ask_done(desk: Desk, refund: Refund) -> int:
    """How much was paid: all of it by enter alone. A void is in full or not at all."""
    if refund.kind is Kind.VOID:
        return refund.amount

    wrong: tuple[Line, ...] = ()
    while True:
        # after a mistake enter alone is no longer “all of it”
        entry = money_entry(1 if wrong else 0, refund.currency)
        lines = (*wrong, *_about(refund), *(() if wrong else (Line(say("unknown.whole")),)))
        hint = amount_hint(refund.currency)
        page = Page("unknown.amount", say("unknown.how_much"), lines, hint=hint)
        typed = await digits(desk.ui, page, entry, fresh=True)
        done = int(typed) if typed else refund.amount
        if 0 < done <= refund.amount:
            return done
        desk.ui.beep()
        most = format_amount(refund.amount, refund.currency)
        wrong = (heading(say("unknown.at_most", most=most)),)


async def _ask_reference(desk: Desk, refund: Refund, done: int) -> str:
    lines = (*_about(refund), _outcome(refund, done), Line(say("unknown.reference")))
    return await ask_digits(desk, Page("unknown.reference", _title(refund), lines), REFERENCE)


async def _ask_people(desk: Desk, refund: Refund, done: int, reference: str) -> Finding:
    """Two supervisors, neither of them at the terminal now or when the refund was made."""
    reference_is = Line(say("unknown.reference_is"), reference)
    what = (*_about(refund), _outcome(refund, done), reference_is)
    not_these = {desk.clerk.number, refund.operator}
    first, second = await ask_each(
        desk, 2, what, not_these, amount=done or refund.amount, rule=Finding.RULE
    )
    return Finding(done, reference, desk.clerk.number, (first, second))


async def _confirm(desk: Desk, refund: Refund, finding: Finding) -> None:
    people = (Line(f"{one.supervisor} {one.name}") for one in finding.approvals)
    lines = (
        *_about(refund),
        _outcome(refund, finding.done),
        Line(say("unknown.reference_is"), finding.reference),
        *people,
        Line(say(_meaning(refund, finding))),
    )
    page = Page("unknown.confirm", _title(refund), lines, hint=say("unknown.confirm_hint"))
    await confirm(desk.ui, page)


def _meaning(refund: Refund, finding: Finding) -> str:
    if refund.state is State.GIVEN_UP:
        return "unknown.means_overpaid"
    return "unknown.means_paid" if finding.paid else "unknown.means_not_paid"


def _about(refund: Refund) -> tuple[Line, ...]:
    return (
        Line(say(f"flows.kind_{refund.kind.value}"), refund.stan or ""),
        large(say("flows.amount"), with_symbol(refund.amount, refund.currency)),
    )


def _outcome(refund: Refund, done: int) -> Line:
    """Paid, with how much where it is not all of it; or not paid."""
    part = with_symbol(done, refund.currency) if 0 < done < refund.amount else ""
    return heading(say("unknown.paid" if done else "unknown.not_paid"), part)
