"""The outcome, with its slips: printed, waiting for paper, or to be asked about (R30, R42)."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from pos_terminal.core.case import CaseKind
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import AS_CREDIT, OPEN, SERVED, SPENT, CardMatch, Refund, State
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.another_way import AnotherWay, leads_to_form
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.common.next_search import NextSearch
from pos_terminal.flows.common.slips_on_the_way import SlipsOnTheWay
from pos_terminal.flows.common.went_wrong import WentWrong
from pos_terminal.ports import InputEvent, Key, KeyPressed, Result, Scanned
from pos_terminal.ui.ask import confirm, heading, large, tell
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled


async def show_result(desk: Desk, result: Result, *, more: bool = False) -> None:
    """Until the clerk has read it; for money given back, until the customer checked the slip.
    ``more`` of the same ticket follows: a scan begins nothing else.

    The sale is no longer on the screen: what is owed goes on behind it.
    """
    with desk.authoriser.elsewhere():
        await _show(desk, result, more)


async def _show(desk: Desk, result: Result, more: bool) -> None:
    accepted = result.refund.state in SERVED
    to_form = leads_to_form(desk, result.refund)
    menu = accepted or to_form or not more
    hint = say("flows.checked_hint" if accepted else "flows.result_hint" if menu else "ui.enter")
    if to_form:
        hint = say("tenders.form_hint_on" if more else "tenders.form_hint")
    printing = _page(result, say("flows.printing"))
    refund_id = result.refund.refund_id
    slips = SlipsOnTheWay(desk, lambda: desk.printing.slips_done(refund_id))
    await slips.wait(replace(printing, name="print.wait", hint=None))

    scanned = False

    def page() -> Page:
        shown = replace(_page(result, slips.words), hint=hint)
        first = (heading(say("flows.ticket_first")),) if scanned else ()
        return replace(shown, lines=(*first, *shown.lines))

    def too_early() -> None:
        nonlocal scanned
        scanned = True
        desk.ui.refresh()

    with slips.followed():
        keys = _keys(menu, too_early if more else None)
        key = await desk.ui.prompt(page, keys, fresh=True, cancellable=False)
    if key is Key.MENU and to_form:
        raise AnotherWay(result.refund.application)
    if key is Key.MENU and more:  # what is left of the ticket goes on
        await _customer_objects(desk, result.refund)
    elif key is Key.MENU:
        raise WentWrong(result.refund.refund_id)


def _keys(menu: bool, too_early: Callable[[], None] | None) -> Callable[[InputEvent], Key | None]:
    """Enter and cancel have read it, and so has who scans the next receipt, where that is not
    ``too_early``; the menu key says what went wrong, or leads to the form."""

    def accept(event: InputEvent) -> Key | None:
        match event:
            case KeyPressed(Key.ENTER | Key.CANCEL as key):
                return key
            case KeyPressed(Key.MENU) if menu:
                return Key.MENU
            case Scanned():
                if too_early is None:
                    raise NextSearch(event)
                too_early()
                return None
            case _:
                return None

    return accept


def outcome(result: Result) -> tuple[Line, ...]:
    """What it has come to, where something else is asked for first."""
    refund = result.refund
    words = () if _plain(refund) else (heading(result.words),)
    return (heading(_title(refund)), *words, *_amounts(refund))


def _page(result: Result, slips: Words) -> Page:
    """What matters first: on the smallest screen the numbers are found by scrolling."""
    refund = result.refund
    lines = [
        *([] if _plain(refund) else [large(result.words)]),
        *([] if result.remark is None else [Line(result.remark)]),
        *_code(refund),
        *_amounts(refund),
        *([] if result.advice is None or _approved(refund) else [Line(result.advice)]),
        Line(slips),
        *_to_what(refund),
    ]
    lines += [
        Line(say(label), value)
        for label, value in (("flows.trace", refund.stan), ("flows.rrn", refund.rrn))
        if value
    ]
    alert = refund.state not in SERVED or _in_part(refund)
    return Page("result", _title(refund), tuple(lines), alert=alert, large_title=True)


def _to_what(refund: Refund) -> list[Line]:
    """Where it is not the very card that paid."""
    said = {CardMatch.PAR: "flows.same_account", CardMatch.BY_REFERENCE: "flows.by_reference"}
    return [Line(say(said[refund.match]))] if refund.match in said else []


def _plain(refund: Refund) -> bool:
    """All of it given back and nothing to remark: the title says it, and once is enough."""
    return refund.state in SERVED and not refund.flagged and not _in_part(refund)


def _approved(refund: Refund) -> bool:
    """The acquirer's plain yes: to take the slips is no advice while the paper may be out."""
    return _plain(refund) and refund.response is not None


def _code(refund: Refund) -> list[Line]:
    """Field 39 of a decline, for whoever asks the acquirer about it (R30)."""
    if refund.response is None or refund.state in SERVED:
        return []
    return [Line(say("flows.response"), refund.response)]


def _in_part(refund: Refund) -> bool:
    return refund.state in SPENT and refund.done < refund.amount


def _amounts(refund: Refund) -> tuple[Line, ...]:
    """What was given back, or asked for where nothing was; both where they differ."""
    asked, done = (with_symbol(one, refund.currency) for one in (refund.amount, refund.done))
    if refund.state in AS_CREDIT:
        return (large(say("exchange.credit_worth"), asked),)
    if refund.state is State.EXCHANGED:
        return (Line(say("exchange.worth"), asked),)
    if _in_part(refund):
        return Line(say("flows.asked"), asked), large(say("flows.done"), done)
    if refund.state in SPENT:
        return (large(say("flows.amount"), done),)
    return (Line(say("flows.amount"), asked),)


def _title(refund: Refund) -> Words:
    """An open outcome is neither a success nor “not refunded”: that would be a guess (R32)."""
    if _in_part(refund):
        return say("flows.done_part")
    if refund.state in SERVED:
        return say(f"flows.done_{refund.kind.value}")
    if refund.state is State.FORM_PRINTED:
        return say("flows.form_printed")
    return say("flows.outcome_open" if refund.state in OPEN else "flows.not_refunded")


async def _customer_objects(desk: Desk, refund: Refund) -> None:
    """“Wrong” opens a case: nothing is undone here, and nothing is forgotten (R39)."""
    sure = Page(
        "case.confirm",
        say("flows.case"),
        (Line(say("flows.case_sure")),),
        hint=say("flows.case_hint"),
    )
    try:
        await confirm(desk.ui, sure)
    except LogOut:
        raise
    except Cancelled:
        return
    number = await desk.ledger.cases.open(
        refund.refund_id, CaseKind.SLIP_DISPUTED, desk.clerk.number
    )
    opened = say("flows.case_opened", number=number)
    await tell(desk.ui, "case.opened", say("flows.case"), opened, alert=False)
