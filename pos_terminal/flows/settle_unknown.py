"""Two people settle an outcome that stays unknown, with the acquirer's reference (R32)."""

from __future__ import annotations

from typing import Final

from pos_terminal.core import receipt_code
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import Refund, State
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.ask_supervisor import ask_one
from pos_terminal.flows.desk import Desk
from pos_terminal.ports import Approval, Finding
from pos_terminal.texts import known
from pos_terminal.ui.ask import Entry, choose, confirm, digits, heading, tell
from pos_terminal.ui.page import Line, Page

REFERENCE: Final = Entry(4, 20)
"""What the acquirer calls its enquiry or its posting: never nothing."""


async def settle_unknown(desk: Desk, refund: Refund) -> None:
    """What is known, what the acquirer says, its reference, two people, one commit.

    Moves no money and needs no acquirer: it works while trading is stopped. Failure
    ``unknown.in_flight``, and those of ``Authoriser.settle_by_people``.
    """
    if refund.state is State.SEALED:
        raise Failure("unknown.in_flight")
    await _show(desk, refund)
    paid = await _ask_outcome(desk, refund)
    reference = await _ask_reference(desk, refund, paid)
    finding = await _ask_people(desk, refund, paid, reference)
    await _confirm(desk, refund, finding)
    desk.ui.show(Page("unknown.wait", say("unknown.title"), (Line(say("unknown.recording")),)))
    result = await desk.authoriser.settle_by_people(refund.refund_id, finding)
    desk.printing.wake()
    advice = () if result.advice is None else (result.advice,)
    amount = Line(say("flows.amount"), with_symbol(refund.amount, refund.currency))
    await tell(desk.ui, "unknown.done", say("unknown.title"), result.words, amount, *advice)


async def _show(desk: Desk, refund: Refund) -> None:
    """All that is known of it: what the acquirer will ask for on the telephone."""
    end = desk.authoriser.given_up_from(refund)
    facts = (
        ("unknown.kind", say(f"flows.kind_{refund.kind.value}")),
        ("flows.amount", with_symbol(refund.amount, refund.currency)),
        ("unknown.card", refund.masked or ""),
        ("unknown.at", f"{refund.sealed_at:%Y-%m-%d %H:%M:%S}"),
        ("unknown.batch", refund.batch or ""),
        ("flows.trace", refund.stan or ""),
        ("unknown.check_code", check_code(desk, refund)),
        ("unknown.repeats", str(refund.repeats)),
        ("unknown.not_paid_from", f"{end:%m-%d %H:%M}"),
    )
    lines = [
        Line(value) if not isinstance(value, str) else Line(say(label), value)
        for label, value in facts
    ]
    if refund.cause is not None and known(refund.cause):
        lines.insert(1, Line(say(refund.cause)))
    page = Page("unknown.facts", say("unknown.title"), tuple(lines), hint=say("unknown.ask_hint"))
    await confirm(desk.ui, page)


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
    paid = await choose(desk.ui, page, options) == 0
    if not paid:
        _must_be_over(desk, refund)
    return paid


def _must_be_over(desk: Desk, refund: Refund) -> None:
    """Said before two people are called; the commit itself looks again."""
    doubt = desk.clock.doubt
    if doubt is not None:
        raise Failure(doubt.key, **doubt.values)
    end = desk.authoriser.given_up_from(refund)
    if desk.clock.now() < end:
        raise Failure("host.too_early", since=f"{end:%m-%d %H:%M}")


async def _ask_reference(desk: Desk, refund: Refund, paid: bool) -> str:
    lines = (*_about(refund), _outcome(paid), Line(say("unknown.reference")))
    return await digits(desk.ui, Page("unknown.reference", say("unknown.title"), lines), REFERENCE)


async def _ask_people(desk: Desk, refund: Refund, paid: bool, reference: str) -> Finding:
    """Two supervisors, neither of them at the terminal now or when the refund was made."""
    what = (*_about(refund), _outcome(paid), Line(say("unknown.reference_is"), reference))
    taken = {desk.clerk.number, refund.operator}
    first = await _ask_one(desk, refund, what, taken)
    second = await _ask_one(desk, refund, what, taken | {first.supervisor})
    return Finding(paid, reference, desk.clerk.number, (first, second))


async def _ask_one(
    desk: Desk, refund: Refund, what: tuple[Line, ...], not_these: set[str]
) -> Approval:
    person = await ask_one(desk, what, not_these)
    now = desk.clock.now()
    return Approval(person.number, person.name, now, refund.amount, Finding.RULE)


async def _confirm(desk: Desk, refund: Refund, finding: Finding) -> None:
    people = (Line(f"{one.supervisor} {one.name}") for one in finding.approvals)
    lines = (
        *_about(refund),
        _outcome(finding.paid),
        Line(say("unknown.reference_is"), finding.reference),
        *people,
        Line(say("unknown.means_paid" if finding.paid else "unknown.means_not_paid")),
    )
    page = Page("unknown.confirm", say("unknown.title"), lines, hint=say("unknown.confirm_hint"))
    await confirm(desk.ui, page)


def _about(refund: Refund) -> tuple[Line, ...]:
    return (
        Line(say(f"flows.kind_{refund.kind.value}"), refund.stan or ""),
        heading(say("flows.amount"), with_symbol(refund.amount, refund.currency)),
    )


def _outcome(paid: bool) -> Line:
    return heading(say("unknown.paid" if paid else "unknown.not_paid"))
