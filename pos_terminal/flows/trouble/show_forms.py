"""Manual refunds: what people carry out elsewhere, until somebody tells what came of it (R38)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from pos_terminal.core import receipt_code
from pos_terminal.core.finds_again import names_one
from pos_terminal.core.money import with_symbol
from pos_terminal.core.normal import normal
from pos_terminal.core.refund import Refund, State
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.ask_supervisor import ask_each, ask_one
from pos_terminal.flows.common.confirm_clock import confirm_clock
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.name_leg import leg_name
from pos_terminal.flows.common.of_gift import known_as, to_holder
from pos_terminal.flows.common.secret_code import ask_text
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.flows.trouble.conclude_unknown import must_be_over
from pos_terminal.ports import Approval, Finding, FormConfirmation, Result
from pos_terminal.texts.domain import of_holder
from pos_terminal.ui.ask import (
    choose,
    confirm,
    decide,
    heading,
    large,
    tell,
    tell_empty,
)
from pos_terminal.ui.page import Line, Page

MOST: Final = 40
"""Characters of a reference: a platform's order, a bank's or the acquirer's number."""


async def show_forms(desk: Desk) -> None:
    """The open ones, oldest first; behind them those that were withdrawn."""
    forms, withdrawn = desk.ledger.manual.open_ones(), desk.ledger.manual.withdrawn()
    title = say("manual.list")
    if not forms and not withdrawn:
        await tell_empty(desk.ui, "manual.none", title, say("manual.none"))
        return
    last = [Line(say("manual.withdrawn_list"), str(len(withdrawn)))] if withdrawn else []
    page = Page("manual.list", title, hint=say("ui.by_digit"))
    at = await choose(desk.ui, page, [*(_option(desk, one) for one in forms), *last])
    if at < len(forms):
        await show_form(desk, forms[at])
        return
    page = Page("manual.withdrawn", say("manual.withdrawn_list"), hint=say("ui.by_digit"))
    at = await choose(desk.ui, page, [_option(desk, one) for one in withdrawn])
    await _paid_after_all(desk, withdrawn[at])


async def show_form(desk: Desk, refund: Refund) -> None:
    """What it is about, and what became of it. Moves no money and needs no acquirer. Cancel leads
    back to it."""
    page = Page("manual.form", say("manual.title"), _facts(desk, refund))
    ends: tuple[tuple[str, Callable[[Desk, Refund], Awaitable[None]]], ...] = (
        ("manual.was_paid", _was_paid),
        ("manual.withdraw", _withdraw),
        ("manual.print_again", _print_again),
    )
    while True:
        at = await decide(desk.ui, page, [Line(say(name)) for name, _ in ends])
        with BackHere():
            await ends[at][1](desk, refund)
            return


async def _was_paid(desk: Desk, refund: Refund) -> None:
    """Whoever carried it out has told its reference; a supervisor agrees."""
    reference = await _ask_reference(desk, refund, say("manual.reference"), posting=True)
    what = (*_about(desk, refund), Line(say("unknown.reference_is"), reference))
    person = await ask_one(desk, what, {desk.clerk.number, refund.operator})
    now, rule = desk.clock.now(), FormConfirmation.RULE
    yes = Approval(person.number, person.name, now, refund.amount, rule)
    await _confirm(desk, what, [yes], say("manual.means_paid"))
    said = FormConfirmation(refund.amount, reference, desk.clerk.number, yes)
    await _end(desk, desk.authoriser.confirm_form(refund.refund_id, said))


async def _withdraw(desk: Desk, refund: Refund) -> None:
    """As “not paid” is said of an unknown outcome: two people, a reference, and after the
    acquirer's cut-off where it would have paid. The form itself may be the reference: struck
    through, nobody carries it out any more."""
    await confirm_clock(desk)
    must_be_over(desk, refund)
    reference = await _ask_reference(desk, refund, say("manual.reference_or_form"), form=True)
    await _told_by_two(desk, refund, 0, reference, say("manual.means_withdrawn"))


async def _paid_after_all(desk: Desk, refund: Refund) -> None:
    """It was withdrawn, and somebody has paid it: the sale is locked."""
    reference = await _ask_reference(desk, refund, say("manual.reference"), posting=True)
    await _told_by_two(desk, refund, refund.amount, reference, say("unknown.means_overpaid"))


async def _told_by_two(desk: Desk, refund: Refund, done: int, reference: str, means: Words) -> None:
    outcome = heading(say("unknown.paid" if done else "unknown.not_paid"))
    reference_is = Line(say("unknown.reference_is"), reference)
    what = (*_about(desk, refund), outcome, reference_is)
    not_these = {desk.clerk.number, refund.operator}
    first, second = await ask_each(
        desk, 2, what, not_these, amount=refund.amount, rule=FormConfirmation.RULE
    )
    await _confirm(desk, what, [first, second], means)
    finding = Finding(done, reference, desk.clerk.number, (first, second))
    await _end(desk, desk.authoriser.conclude_by_people(refund.refund_id, finding))


async def _print_again(desk: Desk, refund: Refund) -> None:
    """Both copies once more, marked as duplicates (R41)."""
    for job in desk.ledger.slips.of_refund(refund.refund_id):
        if job.duplicate == 0:
            await desk.printing.reprint(job.job_id, desk.clerk.number)
    await tell(
        desk.ui,
        "manual.printed",
        say("manual.title"),
        say("flows.slip_comes"),
        alert=False,
    )


async def _ask_reference(
    desk: Desk, refund: Refund, ask: Words, *, form: bool = False, posting: bool = False
) -> str:
    """Typed or scanned, never nothing; asked again until it is one. ``form``: that of this refund
    may be scanned in its place, and no other's. ``posting``: it is of a payment, which is no other
    form's."""
    wrong: Words | None = None
    while True:
        lines = (*_about(desk, refund), Line(ask))
        page = Page("manual.reference", say("manual.title"), lines, hint=wrong)
        cards = [refund.masked] if refund.masked else []
        given = normal(await ask_text(desk, page, MOST, cards=cards))
        if not names_one(given):
            wrong = say("manual.too_short")
        elif _is_form(given) and not (form and given == _code(desk, refund)):
            wrong = say("manual.not_its_form")
        elif posting and (
            other := desk.ledger.manual.carried_out_by(given, refund.refund_id)
        ):  # the one that is paid without it would go unseen
            wrong = say("manual.of_another", number=other.application)
        else:
            return given
        desk.ui.beep()


def _is_form(given: str) -> bool:
    code = receipt_code.decode(given)
    return code is not None and code.kind == receipt_code.APPLICATION_DIGIT


def _code(desk: Desk, refund: Refund) -> str:
    """What stands under the form's barcode."""
    shop, number = desk.shop, refund.application
    if number > receipt_code.MAX_SERIAL:
        return ""
    return receipt_code.encode_application(shop.merchant_id, shop.terminal_id, number)


async def _confirm(
    desk: Desk, what: tuple[Line, ...], approvals: list[Approval], means: Words
) -> None:
    people = (Line(f"{one.supervisor} {one.name}") for one in approvals)
    lines, hint = (*what, *people, Line(means)), say("unknown.confirm_hint")
    await confirm(desk.ui, Page("manual.confirm", say("manual.title"), lines, hint=hint))


async def _end(desk: Desk, ending: Awaitable[Result]) -> None:
    desk.ui.show(Page("manual.wait", say("manual.title"), (Line(say("unknown.recording")),)))
    result = await ending
    desk.printing.wake()
    advice = () if result.advice is None else (result.advice,)
    amount = Line(say("flows.amount"), with_symbol(result.refund.amount, result.refund.currency))
    alert = result.refund.state is not State.CONFIRMED
    await tell(
        desk.ui,
        "manual.done",
        say("manual.title"),
        result.words,
        amount,
        *advice,
        alert=alert,
    )


def _facts(desk: Desk, refund: Refund) -> tuple[Line, ...]:
    printed_at = desk.shop.local(refund.sealed_at)
    return (
        *_about(desk, refund),
        Line(say("manual.application"), str(refund.application)),
        Line(say("manual.printed_at"), f"{printed_at:%Y-%m-%d %H:%M}"),
    )


def _about(desk: Desk, refund: Refund) -> tuple[Line, ...]:
    sale = desk.ledger.sales.by_key(refund.sale_key)
    lines = [large(say("flows.amount"), with_symbol(refund.amount, refund.currency))]
    if sale is not None:
        application = desk.ledger.applications.by_number(refund.application)
        gift = application is not None and to_holder(desk, application)
        name = of_holder(refund.kind) if gift else leg_name(sale, sale.tender(refund.leg))
        told = [heading(say("manual.perhaps_paid"))] if sale.locked else []
        lines[:0] = [*told, Line(sale.when, known_as(sale, gift=gift)), Line(name)]
    return tuple(lines)


def _option(desk: Desk, refund: Refund) -> Line:
    printed_at = desk.shop.local(refund.sealed_at)
    return Line(
        f"{printed_at:%m-%d %H:%M} #{refund.application}",
        with_symbol(refund.amount, refund.currency),
    )
