"""Money back by another tender than it was paid with: a listed exception, what shows it, and
supervisors (R34, R75)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pos_terminal.core.application import ApplicationState, Withdrawn
from pos_terminal.core.decision import with_policy
from pos_terminal.core.eligibility import Because, Choice, over_cash_limit
from pos_terminal.core.items import name_items, still_owed
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.rules.state import refusal
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.tenders import MOST_EVIDENCE, Basis, EvidenceItem, EvidenceKind, Way
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.another_way import ways_of
from pos_terminal.flows.common.ask_rules import ask_rules
from pos_terminal.flows.common.ask_supervisor import ask_supervisors
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.get_ready import get_ready
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.name_leg import leg_line, which_leg
from pos_terminal.flows.common.steps import Step, one_after_the_other
from pos_terminal.flows.common.turned_away import at_home_here, by_state
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.ask_amount import Asked, ask_amount
from pos_terminal.flows.refund.ask_reason import ask_reason
from pos_terminal.flows.refund.give_back import apply, until_its_end
from pos_terminal.flows.refund.refuse import refuse
from pos_terminal.flows.refund.ways import WAYS
from pos_terminal.ports import Key
from pos_terminal.texts.domain import of_choice
from pos_terminal.ui.ask import Typed, choose, choose_or, heading, text
from pos_terminal.ui.page import Line, Page

MOST_CHARACTERS: Final = 40


async def back_another_way(desk: Desk, found: Found) -> None:
    """From the list of the sale's screen: which payment, exception and way, how much, what shows
    it, why. Cancel goes back by one question."""
    with desk.authoriser.sale():
        sale = await _ready(desk, found.sale_key)
        asking = _Asking(desk, found, sale)
        await one_after_the_other(*asking.questions())
        await _carry_out(desk, asking.wanted(), asking.way, asking.basis())


async def form_after(desk: Desk, number: int) -> None:
    """By the key where a text leads to the form: what this application asked for, once more. Only
    evidence is asked for, where the shop wants it."""
    with desk.authoriser.sale():
        before = desk.ledger.applications.by_number(number)
        if before is None:
            raise Failure("tenders.none")
        sale = await _ready(desk, before.sale_key)
        leg = sale.tender(before.leg)
        forms = [one for one in ways_of(desk, sale, leg) if one.back is Kind.MANUAL]
        if not forms or leg.remaining < before.amount:
            raise Failure("tenders.none")
        way = next((one for one in forms if one.exception == "declined"), forms[0])
        asked = _Evidence(desk, way)
        if way.evidence:
            await asked.collect()
        choice, reason = _choice(desk, sale, way, before.amount), desk.shop.reason(before.reason)
        wanted = Wanted(
            *(sale, leg, before.amount, choice, reason, before.note, before.items, before.owed)
        )
        done = await _carry_out(desk, wanted, way, Basis(way.exception, tuple(asked.items)))
        if done and before.state is ApplicationState.OPEN and before.kept:
            # a leg of a ticket that was to do: its form is there now
            await desk.ledger.applications.cancel(number, Withdrawn.TAKEN_UP_AGAIN)


async def _ready(desk: Desk, sale_key: int | None) -> Sale:
    sale = desk.ledger.sales.by_key(sale_key)
    if sale is not None and desk.shop.home is not None:
        at_home_here(sale, desk.shop.home)
    await get_ready(desk)
    sale = desk.ledger.sales.by_key(sale_key)
    if sale is None:
        raise Failure("flows.no_sale")
    if refusal(sale) is not None:
        raise by_state(sale)
    return sale


async def _carry_out(desk: Desk, wanted: Wanted, way: Way, basis: Basis) -> bool:
    """False where the rules refuse it."""
    decision = with_policy(ask_rules(desk, wanted), desk.shop.supervisor)
    application = await apply(desk, wanted, decision)
    if decision.refuses:
        await refuse(desk, application, decision)
        return False
    async with until_its_end(desk, application):
        await desk.ledger.exceptions.keep(application.number, basis)
        needed = max(approvals_needed([decision], desk.shop.supervisor), way.approvals)
        about = _about(basis)
        await ask_supervisors(desk, application, wanted.sale, needed, decision, about=about)
        await WAYS[application.kind](desk, application, wanted)
    return True


def _about(basis: Basis) -> tuple[Line, ...]:
    """Why it goes another way, and what shows it: the supervisors see both."""
    shown = (
        Line(say(f"tenders.evidence_{one.kind.value}"), one.reference) for one in basis.evidence
    )
    return (heading(say(f"tenders.exception_{basis.exception.value}")), *shown)


def _choice(desk: Desk, sale: Sale, way: Way, amount: int) -> Choice:
    """Above the shop's limit cash is store credit here, too."""
    back = way.back
    if back is Kind.CASH and over_cash_limit(sale, amount, desk.here.cash_limit):
        back = Kind.CREDIT
    return Choice(back, Because.EXCEPTION)


class _Evidence:
    """What is collected of it."""

    def __init__(self, desk: Desk, way: Way) -> None:
        self._desk = desk
        self._way = way
        self.items: list[EvidenceItem] = []

    async def collect(self) -> None:
        """Kind and reference, up to five; the menu key ends it, once there is what is needed."""
        kinds = list(EvidenceKind)
        options = [Line(say(f"tenders.evidence_{kind.value}")) for kind in kinds]
        needed = False
        while len(self.items) < MOST_EVIDENCE:
            told = [heading(say("tenders.evidence_needed"))] if needed else []
            lines = (*told, *(self._line(one) for one in self.items))
            page = Page(
                "evidence.kind",
                say("tenders.which_evidence"),
                lines,
                hint=say("tenders.evidence_hint"),
            )
            picked = await choose_or(self._desk.ui, page, options, menu_key, first=None)
            needed = False
            if not isinstance(picked, Key):
                await self._add(kinds[picked])
            elif self.items or not self._way.evidence:
                return
            else:
                self._desk.ui.beep()
                needed = True

    async def _add(self, kind: EvidenceKind) -> None:
        """Nothing typed is no piece of it."""
        named = heading(say(f"tenders.evidence_{kind.value}"))
        lines = (named, Line(say("tenders.evidence_reference")))
        page = Page("evidence.reference", say("tenders.evidence"), lines)
        reference = (await text(self._desk.ui, page, MOST_CHARACTERS)).strip()
        if reference:
            self.items.append(EvidenceItem(kind, reference))
        else:
            self._desk.ui.beep()

    @staticmethod
    def _line(one: EvidenceItem) -> Line:
        return Line(say(f"tenders.evidence_{one.kind.value}"), one.reference)


class _Asking:
    """One question a method, in the order in which they are asked."""

    def __init__(self, desk: Desk, found: Found, sale: Sale) -> None:
        self._desk = desk
        self._found = found
        self._sale = sale
        self._legs = [leg for leg in sale.tenders if self._ways(leg)]
        if not self._legs:
            raise Failure("tenders.none")
        self._leg = self._legs[0]
        self._asked = Asked(found.by_gift, (self._leg.leg,))
        self._note = Typed()

    def questions(self) -> Sequence[Step]:
        of_leg: tuple[Step, ...] = () if len(self._legs) < 2 else (self.which_payment,)
        return (*of_leg, self.which_way, self.how_much, self.what_shows_it, self.why)

    def _ways(self, leg: Tender) -> tuple[Way, ...]:
        return ways_of(self._desk, self._sale, leg, by_gift=self._found.by_gift)

    async def which_payment(self) -> None:
        page = Page("refund.leg", say("flows.which_leg"), hint=say("ui.by_digit"))
        options = [leg_line(self._sale, leg) for leg in self._legs]
        self._leg = self._legs[await choose(self._desk.ui, page, options, first=None)]
        if self._asked.legs != (self._leg.leg,):
            self._asked = Asked(self._found.by_gift, (self._leg.leg,))

    async def which_way(self) -> None:
        """The exception and where it leads, as the shop lists them."""
        there = self._ways(self._leg)
        page = Page(
            "exception",
            say("tenders.which"),
            which_leg(self._sale, self._leg),
            hint=say("ui.by_digit"),
        )
        options = [
            Line(say(f"tenders.exception_{one.exception.value}"), self._said(one)) for one in there
        ]
        self.way = there[await choose(self._desk.ui, page, options, first=None)]
        self._evidence = _Evidence(self._desk, self.way)

    def _said(self, way: Way) -> str:
        from pos_terminal.texts import render  # only here

        return render(say(f"tenders.to_{way.back.value}"), self._desk.ui.language)

    async def how_much(self) -> None:
        self._asked.choice = _choice(self._desk, self._sale, self.way, self._leg.remaining)
        await ask_amount(self._desk, self._sale, (self._leg,), self._asked)
        self._choice = _choice(self._desk, self._sale, self.way, self._asked.amount)

    async def what_shows_it(self) -> None:
        self._evidence = _Evidence(self._desk, self.way)
        await self._evidence.collect()

    async def why(self) -> None:
        amount = with_symbol(self._asked.amount, self._sale.currency)
        goes = heading(of_choice(self._choice))
        about = (goes, Line(say("flows.amount"), amount), *which_leg(self._sale, self._leg))
        self._reason = await ask_reason(self._desk, about, self._note)

    def basis(self) -> Basis:
        return Basis(self.way.exception, tuple(self._evidence.items))

    def wanted(self) -> Wanted:
        sale, leg, asked = self._sale, self._leg, self._asked
        items = name_items(sale, self._choice.kind, asked.amount, asked.chosen)
        owed = still_owed(sale, leg.remaining, asked.amount, asked.chosen)
        return Wanted(
            *(sale, leg, asked.amount, self._choice, self._reason, self._note.text, items, owed),
            by_gift=self._found.by_gift,
        )
