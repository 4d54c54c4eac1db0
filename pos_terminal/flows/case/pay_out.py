"""Freight or goodwill, beside the sale: what for, how, how much, two supervisors, one commit; cash
through the drawer (R47a)."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.money import with_symbol
from pos_terminal.core.payout import PayoutFor, PayoutKind
from pos_terminal.core.words import Words, say
from pos_terminal.flows.case.ask_at_most import ask_at_most
from pos_terminal.flows.common.ask_supervisor import ask_each, ask_one
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.common.get_ready import get_ready
from pos_terminal.flows.common.lying import Lying
from pos_terminal.flows.common.slips_on_the_way import (
    SlipsOnTheWay,
    slips_of_case,
    tell_with_slips,
)
from pos_terminal.flows.common.steps import one_after_the_other
from pos_terminal.ports import Case, NewPayout, Payout, PrinterLost
from pos_terminal.texts import render
from pos_terminal.ui.ask import choose, confirm, heading, large, tell, tell_empty
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled

_RULE: Final = "payout"
"""What the supervisors are asked by."""
_APPROVALS: Final = 2
_TITLE: Final = say("remedy.payout")


def can_pay_out(desk: Desk, case: Case) -> bool:
    """Whether the shop pays out at all, and there is a sale that it is beside."""
    return desk.shop.payouts is not None and case.sale_key is not None


async def pay_out(desk: Desk, case: Case) -> None:
    """After the commit the cash is owed: cancel leaves it “to hand over”, never undone.

    Failure ``remedy.over_case``, ``remedy.over_day``, and those of ``get_ready``.
    """
    await get_ready(desk)
    asking = _Asking(desk, case)
    if (used_up := asking.used_up()) is not None:
        await tell_empty(desk.ui, "payout.none", _TITLE, used_up)
        return
    await one_after_the_other(desk.ui, asking.what, asking.kind, asking.amount)
    new = await asking.approved()
    limits, key = desk.shop.payouts, case.sale_key
    if limits is None or key is None:
        raise RuntimeError("asked for a payout that can't be")
    payout = await desk.ledger.payouts.pay_out(new, limits, desk.papers().payout(new, key))
    slips = await slips_of_case(desk, case.case_id, _TITLE)
    if payout.kind is not PayoutKind.CASH:
        told = say(f"remedy.{payout.state}")
        await tell_with_slips(desk, "payout.done", _TITLE, told, slips=slips)
    elif await _slip_seen(desk, payout, slips):
        await _hand_over(desk, payout)


class _Asking:
    def __init__(self, desk: Desk, case: Case) -> None:
        self._desk = desk
        self._case = case

    async def what(self) -> None:
        reasons = list(PayoutFor)
        page = Page("payout.what", _TITLE, hint=say("ui.by_digit"))
        options = [Line(say(f"remedy.for_{one.value}")) for one in reasons]
        self._what = reasons[await choose(self._desk.ui, page, options, first=None)]

    async def kind(self) -> None:
        """Never over the card line."""
        kinds = list(PayoutKind)
        page = Page("payout.kind", _TITLE, (self._for(),), hint=say("ui.by_digit"))
        options = [Line(say(f"remedy.by_{one.value}")) for one in kinds]
        self._kind = kinds[await choose(self._desk.ui, page, options, first=None)]

    async def amount(self) -> None:
        """What may still be paid out is shown; more is not taken."""
        desk, currency = self._desk, self._desk.shop.currency
        left = self._left()
        most = Line(say("remedy.most"), with_symbol(left, currency))
        lines = (self._for(), Line(say(f"remedy.by_{self._kind.value}")), most)
        page = Page("payout.amount", _TITLE, lines)
        self._amount = await ask_at_most(desk, page, left, currency, say("remedy.too_much"))

    def used_up(self) -> Words | None:
        """That nothing more may be paid out, where that is so: nobody is asked how much."""
        limits = self._desk.shop.payouts
        if limits is None or self._left() > 0:
            return None
        of_case, _ = self._paid()
        return say("remedy.used_up_case" if of_case >= limits.per_case else "remedy.used_up_day")

    def _left(self) -> int:
        limits = self._desk.shop.payouts
        return 0 if limits is None else limits.left(*self._paid())

    def _paid(self) -> tuple[int, int]:
        """Of the case, and of today."""
        today = self._desk.clock.now().date().isoformat()
        return self._desk.ledger.payouts.paid(self._case.case_id, today)

    def _for(self) -> Line:
        return heading(say(f"remedy.for_{self._what.value}"))

    async def approved(self) -> NewPayout:
        """By two who are not the clerk."""
        desk, amount = self._desk, self._amount
        shown = with_symbol(amount, desk.shop.currency)
        what = (
            large(say("remedy.payout"), shown),
            self._for(),
            Line(say(f"remedy.by_{self._kind.value}")),
            Line(say("remedy.of_case"), str(self._case.case_id)),
        )
        clerk = desk.clerk.number
        approvals = await ask_each(desk, _APPROVALS, what, {clerk}, amount=amount, rule=_RULE)
        first, second = approvals
        return NewPayout(
            case_id=self._case.case_id,
            what=self._what,
            kind=self._kind,
            amount=amount,
            currency=desk.shop.currency,
            operator=clerk,
            approvals=(first, second),
            text=f"{self._told(say(f'remedy.for_{self._what.value}'))} {shown}",
        )

    def _told(self, words: Words) -> str:
        return render(words, self._desk.ui.language)


async def _slip_seen(desk: Desk, payout: Payout, slips: SlipsOnTheWay) -> bool:
    """Whether the cash goes out now: who has no slip to be signed says so before the drawer
    opens. Cancel leaves it “to hand over”."""

    def page() -> Page:
        amount = large(say("flows.amount"), with_symbol(payout.amount, payout.currency))
        hint = say("remedy.slip_hint")
        return Page("payout.slip", _TITLE, (heading(slips.words), amount), hint=hint)

    if slips.came_out:
        return True
    try:
        with slips.followed():
            await confirm(desk.ui, page)
    except LogOut:
        raise
    except Cancelled:
        return False
    return True


async def _hand_over(desk: Desk, payout: Payout) -> None:
    """The drawer opens once by itself; written down first, a crash in between never repeats it."""
    opened = True
    if desk.shop.drawer:
        facts: dict[str, str | int] = {"payout": payout.payout_id, "operator": desk.clerk.number}
        await desk.ledger.journal.note("payout_drawer", facts)
        try:
            await desk.printing.kick_drawer()
        except PrinterLost:
            await desk.ledger.journal.note("drawer_failed", {"payout": payout.payout_id})
            opened = False
    stuck = () if opened else (heading(say("flows.drawer_stuck")),)
    amount = large(say("flows.amount"), with_symbol(payout.amount, payout.currency))
    hint = say("flows.hand_over_hint")
    page = Page("payout.hand_over", say("flows.hand_over"), (*stuck, amount), hint=hint)
    try:
        await confirm(desk.ui, page)
    except LogOut:
        raise
    except Cancelled:
        return
    await desk.ledger.payouts.handed_over(payout.payout_id, desk.clerk.number)
    await tell(desk.ui, "payout.done", _TITLE, say("remedy.handed_over"), alert=False)


def lying_payouts(desk: Desk) -> list[Lying]:
    """Cash that is to hand over still."""
    return [_lying(desk, one) for one in desk.ledger.payouts.to_hand_over()]


def _lying(desk: Desk, payout: Payout) -> Lying:
    at = f"{desk.shop.local(payout.at):%m-%d %H:%M}"
    named = render(say(f"remedy.for_{payout.what.value}"), desk.ui.language)
    shown = Line(f"{at} {named}", with_symbol(payout.amount, payout.currency))

    async def begin() -> None:
        """Only a supervisor opens the drawer again."""
        what = (
            Line(say("remedy.payout"), str(payout.payout_id)),
            large(say("flows.amount"), with_symbol(payout.amount, payout.currency)),
        )
        person = await ask_one(desk, what, {desk.clerk.number, payout.operator})
        facts: dict[str, str | int] = {"payout": payout.payout_id, "supervisor": person.number}
        await desk.ledger.journal.note("payout_again", facts)
        await _hand_over(desk, payout)

    return Lying(shown, begin)
