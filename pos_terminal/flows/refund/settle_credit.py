"""What is left of an exchange credit goes back to its tender (R37).

From the supervisors' yes on the till takes nothing more of it: one commit ends it and makes its
rest an approved plan of its ticket, which is to do until it is done.
"""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.exchange_credit import CreditState, ExchangeCredit
from pos_terminal.core.money import with_symbol
from pos_terminal.core.rules import card_match
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.words import VoucherFailure, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.get_ready import get_ready
from pos_terminal.flows.refund.approve_plan import ask_plan
from pos_terminal.flows.refund.ask_invoice import ask_since
from pos_terminal.flows.refund.card_readers import ready_or_word
from pos_terminal.flows.refund.carry_out import carry_out
from pos_terminal.flows.refund.go_on import go_on
from pos_terminal.flows.refund.opened import digest_with, draft_behind, seen_of, under_way
from pos_terminal.flows.refund.rest_of_credit import Rest, rests_of
from pos_terminal.flows.refund.to_card import to_card
from pos_terminal.flows.refund.ways import WAYS
from pos_terminal.ports import Approval
from pos_terminal.ui.ask import confirm, large
from pos_terminal.ui.page import Line, Page


async def settle_credit(desk: Desk, number: str) -> None:
    """Approved, then the till takes nothing more, then each payment has its rest back. Failure
    ``voucher.settled`` where it ended meanwhile, or why nothing of it can go back now."""
    with desk.authoriser.sale():
        await get_ready(desk)
        credit = desk.ledger.exchange_credits.by_number(number)
        if credit is None or credit.state is not CreditState.OPEN:
            raise VoucherFailure("voucher.settled")
        rests = rests_of(desk, credit)
        before = next((one.wanted.invoice for one in rests if one.wanted.invoice), None)
        if (said := await ask_since(desk, credit.sale_key, before)) != before:
            rests = rests_of(desk, credit, said)
        digest = digest_with(desk, credit.ticket, rests)
        approvals = await _approved(desk, credit, rests, digest)
        drafts = [
            draft_behind(desk, one.before, one, approvals, one.before.goods_back) for one in rests
        ]
        applications = await desk.ledger.settle_exchange_credit(number, drafts, desk.clerk.number)
        going, against = under_way(desk, rests, applications)
        if going:
            await carry_out(desk, going, against)
            return
    await go_on(desk, credit.ticket)  # which leads to the form


async def _approved(
    desk: Desk, credit: ExchangeCredit, rests: Sequence[Rest], digest: str
) -> Sequence[Approval]:
    """What can go back now; the rest of it is approved once it can."""
    free = [one for one in rests if one.against is None]
    cards = [one for one in free if WAYS.get(one.wanted.choice.kind) is to_card]
    needed = approvals_needed([one.decision for one in free], desk.shop.supervisor)
    amount = with_symbol(sum(one.wanted.amount for one in free), credit.currency)
    if cards:
        await ready_or_word(desk, large(say("flows.amount"), amount))
    if not needed or not free:
        await _be_sure(desk, credit)
        return ()
    seen = [seen_of(one.wanted, credit.ticket) for one in free]
    foreseen = [card_match.foreseen(one.wanted.tender.card) for one in cards]
    verdicts = [*(said for one in free for said in one.decision.read), *foreseen]
    about = (Line(say("exchange.rest_of"), credit.known_as),)
    return await ask_plan(desk, seen, verdicts, needed, digest, about=about)


async def _be_sure(desk: Desk, credit: ExchangeCredit) -> None:
    """Nobody is asked who could say no: cancel leaves it for the till."""
    rest = large(say("exchange.rest_back"), with_symbol(credit.left, credit.currency))
    lines = (rest, Line(say("exchange.takes_no_more")))
    page = Page("exchange.rest_back", say("exchange.credit"), lines, hint=say("exchange.rest_hint"))
    await confirm(desk.ui, page)
