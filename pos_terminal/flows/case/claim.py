"""The supplier of goods that came back is asked to bear them, and what sending them cost (R47a)."""

from __future__ import annotations

from msgspec.structs import replace

from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.evidence import EvidenceItem
from pos_terminal.core.items import Item
from pos_terminal.core.money import with_symbol
from pos_terminal.core.payout import PayoutFor
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.words import Words, say
from pos_terminal.flows.case.ask_at_most import ask_at_most
from pos_terminal.flows.case.case_facts import refund_of_case
from pos_terminal.flows.case.paper_again import paper_of, print_again
from pos_terminal.flows.case.paper_lines import number_text
from pos_terminal.flows.common.amount_hint import amount_hint
from pos_terminal.flows.common.ask_evidence import ask_evidence
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.slips_on_the_way import slips_of_case, tell_with_slips
from pos_terminal.flows.common.steps import one_after_the_other
from pos_terminal.ports import Case, NewPaper
from pos_terminal.texts import render
from pos_terminal.ui.ask import confirm, digits, large, money_entry
from pos_terminal.ui.page import Line, Page

_TITLE = say("remedy.do_claim")


def can_claim(desk: Desk, case: Case) -> bool:
    """Of goods that a refund names, and that came back."""
    refund = refund_of_case(desk, case)
    asked = None if refund is None else desk.ledger.applications.by_number(refund.application)
    return asked is not None and any(_came_back(item) for item in asked.items)


def _came_back(item: Item) -> bool:
    """The supplier is shown no goods that nobody has."""
    return item.looked is None or item.looked.disposition is not None


async def claim(desk: Desk, case: Case) -> None:
    """How much for the goods, how much freight, what shows it; one commit. Failure
    ``cases.closed``."""
    refund = refund_of_case(desk, case)
    if refund is None:
        raise RuntimeError("a claim of no refund")
    if (known := paper_of(desk, case, PaperKind.CLAIM)) is not None:
        page = Page("claim.again", _TITLE, (Line(say("remedy.paper_again")),))
        await confirm(desk.ui, replace(page, hint=say("remedy.paper_hint")))
        again = await print_again(desk, case, known, _TITLE)
        await _told(desk, case, again)
        return
    asking = _Asking(desk, case, refund)
    await one_after_the_other(desk.ui, asking.goods, asking.freight, asking.evidence)
    new = await asking.confirmed()
    papers = desk.papers()
    slips = papers.claim(new, refund, asking.freight_paid)
    number = await desk.ledger.case_papers.add(new, slips)
    await _told(desk, case, say("remedy.paper_printed", number=number_text(number)))


async def _told(desk: Desk, case: Case, said: Words) -> None:
    slips = await slips_of_case(desk, case.case_id, _TITLE)
    await tell_with_slips(desk, "claim.done", _TITLE, said, slips=slips)


class _Asking:
    def __init__(self, desk: Desk, case: Case, refund: Refund) -> None:
        self._desk = desk
        self._case = case
        self._refund = refund
        paid = desk.ledger.payouts.of_case(case.case_id)
        self.freight_paid = sum(one.amount for one in paid if one.what is PayoutFor.FREIGHT)
        asked = desk.ledger.applications.by_number(refund.application)
        self._worth = refund.done
        if asked is not None and refund.kind is Kind.EXCHANGE:
            self._worth = sum(one.brings for one in asked.items if _came_back(one))
        self._shows: tuple[EvidenceItem, ...] = ()

    async def goods(self) -> None:
        """What was given back for them is proposed, and the most, of an exchange what they are
        worth; 0 where only the freight is asked for."""
        currency, most = self._refund.currency, self._worth
        shown = Line(say("claim.most"), with_symbol(most, currency))
        page = Page("claim.goods", _TITLE, (Line(say("claim.goods")), shown))
        more = say("recovery.more")
        self._goods = await ask_at_most(
            self._desk, page, most, currency, more, first=str(most), least=0
        )

    async def freight(self) -> None:
        """What was paid out for it is proposed; 0 where nothing was."""
        currency = self._refund.currency
        lines = (Line(say("claim.freight")),)
        page = Page("claim.freight", _TITLE, lines, hint=amount_hint(currency))
        first = str(self.freight_paid)
        typed = await digits(self._desk.ui, page, money_entry(1, currency), first=first)
        self.freight_paid = int(typed)

    async def evidence(self) -> None:
        self._shows = await ask_evidence(self._desk, (), needed=False)

    async def confirmed(self) -> NewPaper:
        currency, total = self._refund.currency, self._goods + self.freight_paid
        lines = (
            large(say("claim.total"), with_symbol(total, currency)),
            Line(say("claim.goods"), with_symbol(self._goods, currency)),
            Line(say("claim.freight"), with_symbol(self.freight_paid, currency)),
            *(Line(say(f"tenders.evidence_{e.kind.value}"), e.reference) for e in self._shows),
        )
        page = Page("claim.confirm", _TITLE, lines, hint=say("remedy.paper_hint"))
        await confirm(self._desk.ui, page)
        return NewPaper(
            case_id=self._case.case_id,
            kind=PaperKind.CLAIM,
            amount=total,
            currency=currency,
            operator=self._desk.clerk.number,
            text=f"{render(_TITLE, self._desk.ui.language)} {with_symbol(total, currency)}",
            evidence=self._shows,
        )
