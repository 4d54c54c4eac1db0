"""A supervisor approves this sale and this amount, before the card is read (R23, R24)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.decision import Decision, Objection
from pos_terminal.core.money import with_symbol
from pos_terminal.core.people import Person
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.credentials import NUMBER, PIN
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.name_leg import which_leg
from pos_terminal.ports import Application, Approval
from pos_terminal.texts.domain import of_verdict
from pos_terminal.ui.ask import digits, heading
from pos_terminal.ui.page import Line, Page


async def ask_supervisors(
    desk: Desk, application: Application, sale: Sale, needed: int, decision: Decision
) -> None:
    """``needed`` different supervisors, none of them the operator; stored before it goes on."""
    if needed == 0:
        return
    strictest = decision.strictest
    rule = Objection.POLICY.value if strictest is None else strictest.rule
    # that every refund needs one is nothing that anybody must be told
    told = strictest is not None and strictest.against is not Objection.POLICY
    asked = (heading(of_verdict(strictest)),) if strictest is not None and told else ()
    approvals: list[Approval] = []
    while len(approvals) < needed:
        taken = {desk.clerk.number, *(approval.supervisor for approval in approvals)}
        what = (*asked, *what_is_approved(application, sale))
        person = await ask_one(desk, (*which_of(approvals, needed), *what), taken)
        approvals.append(
            Approval(person.number, person.name, desk.clock.now(), application.amount, rule)
        )
    await desk.ledger.applications.approve(application.number, approvals)


def which_of(given: Sequence[Approval], needed: int) -> tuple[Line, ...]:
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


def what_is_approved(application: Application, sale: Sale) -> tuple[Line, ...]:
    """What the supervisor sees and is recorded for."""
    leg = next(tender for tender in sale.tenders if tender.leg == application.leg)
    trace = "" if leg.payment is None else leg.payment.trace
    return (
        Line(say(f"flows.kind_{application.kind.value}"), trace or sale.number),
        heading(say("flows.amount"), with_symbol(application.amount, sale.currency)),
        *which_leg(sale, leg),
    )


async def ask_one(desk: Desk, what: tuple[Line, ...], not_these: set[str]) -> Person:
    """One supervisor by number and PIN; asked again until it is one, or cancelled, also while
    the PIN is being checked."""
    wrong: tuple[Line, ...] = ()
    title = say("flows.supervisor")
    while True:
        lines = (*wrong, *what)
        page = Page("supervisor.number", title, (*lines, Line(say("flows.supervisor_number"))))
        number = await digits(desk.ui, page, NUMBER)
        page = Page("supervisor.pin", title, (*what, Line(say("flows.pin_of", number=number))))
        pin = await digits(desk.ui, page, PIN)
        desk.ui.show(Page("supervisor.wait", title, (Line(say("flows.checking")),)))
        try:
            person = await _checked(desk, number, pin, not_these)
        except Failure as failure:
            desk.ui.beep()
            wrong = (heading(failure.words),)
            await desk.ledger.journal.note("approval_refused", {"cause": failure.code})
            desk.ui.leave_if_cancelled()
            desk.ui.drop_stale()
        else:
            desk.ui.leave_if_cancelled()
            return person


async def _checked(desk: Desk, number: str, pin: str, not_these: set[str]) -> Person:
    if number in not_these:
        raise Failure.of(_own_or_same(desk, number))
    return await desk.people.approve(number, pin)


def _own_or_same(desk: Desk, number: str) -> Words:
    return say("flows.own_refund" if number == desk.clerk.number else "flows.other_supervisor")
