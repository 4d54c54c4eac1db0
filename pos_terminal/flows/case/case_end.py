"""What a case came from, and who bears how much of it: asked at its closing (R77)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec.structs import asdict, replace

from pos_terminal.core.case import CaseKind
from pos_terminal.core.case_end import NOTHING_LOST, CaseCause, Loss
from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.money import with_symbol
from pos_terminal.core.words import say
from pos_terminal.flows.case.paper_lines import unrecovered
from pos_terminal.flows.common.amount_hint import amount_hint
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.ports import Case
from pos_terminal.ui.ask import choose, digits, heading, money_entry
from pos_terminal.ui.page import Line, Page

_LIKELY: Final[Mapping[CaseKind, CaseCause]] = {
    **dict.fromkeys((CaseKind.AMOUNT_LITTLE, CaseKind.AMOUNT_MUCH), CaseCause.TYPING),
    CaseKind.GOODS: CaseCause.WRONG_GOODS,
    # what money did that was sent as it should be, or what the acquirer told late or otherwise
    **dict.fromkeys(
        (
            *(CaseKind.TIME, CaseKind.ACCOUNT, CaseKind.RETURNED, CaseKind.UNILATERAL_DEBIT),
            *(CaseKind.OVERPAYMENT, CaseKind.CONTRADICTION, CaseKind.PAID_TWICE),
            *(CaseKind.PAID_UNKNOWN, CaseKind.UNKNOWN_OUTCOME, CaseKind.BATCH_CLOSED),
        ),
        CaseCause.ACQUIRER,
    ),
    # what tills or other systems told otherwise than it was, and a key that is gone
    **dict.fromkeys(
        (
            *(CaseKind.ELSEWHERE, CaseKind.TYPED_DIFFERS, CaseKind.CARD_DATA_GONE),
            *(CaseKind.VOUCHER_NOT_REDEEMED, CaseKind.EXCHANGE_NOT_REDEEMED),
            *(CaseKind.EXCHANGE_NOT_TOLD, CaseKind.RECOVERY_UNKNOWN),
        ),
        CaseCause.SYSTEM,
    ),
}
"""Neither a complaint nor a slip that somebody disputes says where it came from."""


async def ask_cause(desk: Desk, case: Case) -> CaseCause:
    """What the ledger knows of it is marked: enter takes it."""
    causes = list(CaseCause)
    proposed = likely_cause(case.kind)
    marked = None if proposed is None else causes.index(proposed)
    page = Page("case.close", say("cases.which_cause"), hint=say("ui.by_digit"))
    options = [Line(say(f"cases.cause_{one.value}")) for one in causes]
    return causes[await choose(desk.ui, page, options, first=marked)]


def likely_cause(kind: CaseKind) -> CaseCause | None:
    """None where only people know."""
    return _LIKELY.get(kind)


async def ask_loss(desk: Desk, case: Case) -> Loss:
    """A digit for each who bears some of it, enter goes on. What the ledger knows that the shop
    bears stands there already: nobody has to add it up, and anybody may say otherwise."""
    loss = replace(NOTHING_LOST, shop=_borne(desk, case))
    while True:
        who = list(asdict(loss))
        options = [
            Line(say(f"cases.loss_{one}"), with_symbol(getattr(loss, one), desk.shop.currency))
            for one in who
        ]
        over = with_symbol(case.over, desk.shop.currency)
        about = (heading(say("cases.over"), over),) if case.over else ()
        page = Page("case.loss", say("cases.which_loss"), about, hint=say("cases.loss_hint"))
        options.append(Line(say("cases.loss_told")))
        picked = await choose(desk.ui, page, options, first=len(who))
        if picked == len(who):
            return loss
        with BackHere():
            amount = await _ask_amount(desk, who[picked])
            loss = replace(loss, **{who[picked]: amount})


def _borne(desk: Desk, case: Case) -> int:
    """Minor units: what the shop paid out, and what went back too much and was not paid back."""
    payouts = desk.ledger.payouts.of_case(case.case_id)
    papers = desk.ledger.case_papers.of_case(case.case_id)
    unpaid = (unrecovered(desk, one) for one in papers if one.kind is PaperKind.RECOVERY)
    return sum(one.amount for one in payouts) + sum(unpaid)


async def _ask_amount(desk: Desk, who: str) -> int:
    """Minor units."""
    currency = desk.shop.currency
    lines = (heading(say(f"cases.loss_{who}")),)
    page = Page("case.loss_amount", say("cases.which_loss"), lines, hint=amount_hint(currency))
    return int(await digits(desk.ui, page, money_entry(1, currency)))


def end_lines(desk: Desk, cause: CaseCause, loss: Loss) -> tuple[Line, ...]:
    """As supervisors see it."""
    bears = (
        Line(say(f"cases.loss_{who}"), with_symbol(amount, desk.shop.currency))
        for who, amount in asdict(loss).items()
        if amount
    )
    return (Line(say(f"cases.cause_{cause.value}")), *bears)
