"""The terminal with a mistake put into it: what the simulation must notice.

Each one is a context manager; within it the product is wrong. ``synchronous = NORMAL`` is not
among them: a kill loses nothing that the system has taken, only a power cut does.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final
from unittest.mock import patch

from msgspec.structs import replace
from pos_drivers.printer import EscposPrinter

from pos_terminal.core import items
from pos_terminal.core.case import CaseKind
from pos_terminal.core.line_state import LineState
from pos_terminal.core.people import Person
from pos_terminal.core.price import list_worth
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.flows.common import ask_supervisor
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.refund import ask_wanted, hand_out_cash, present_card
from pos_terminal.ports import (
    CardFacts,
    Conclusion,
    Confirmation,
    Drawn,
    PrinterLost,
    Sealed,
    Slips,
    Upset,
    VoucherSlips,
)
from pos_terminal.services.host import session
from pos_terminal.services.host.prober import Prober
from pos_terminal.services.host.seen import Seen
from pos_terminal.services.ledger import concluding, issuing, sealing
from pos_terminal.services.ledger.books import cases, refunds, sales
from pos_terminal.services.ledger.books.applications import (
    writes as applications_writes,
)
from pos_terminal.services.ledger.books.feed import events
from pos_terminal.services.ledger.books.sales import Known, writes
from pos_terminal.services.ledger.books.slips import queue
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.money import request, send
from pos_terminal.services.money.by_people import ByPeople
from pos_terminal.services.money.pending import Pending
from pos_terminal.services.money.pursue import Pursuer
from pos_terminal.services.security.people import StoredPeople
from pos_terminal.services.security.people_db import PeopleDb
from pos_terminal.services.security.people_tries import Begun
from pos_terminal.stopped import Stopped
from pos_terminal.ui.page import Line
from pos_terminal.wire import card_dialogue
from pos_terminal.wire.apdu import Reply
from pos_terminal.wire.card_dialogue import CardRead
from pos_terminal.wire.card_exchange import Steps
from pos_terminal.wire.iso8583 import matching, requests
from pos_terminal.wire.iso8583.matching import Mismatch
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.profile import Function, Profile

Mutant = Callable[[], AbstractContextManager[None]]


class _Undo(Exception):
    """Ends a transaction that is only tried."""


@contextmanager
def send_before_commit() -> Iterator[None]:
    """The request leaves first, its intent becomes durable a moment later."""

    async def seal(
        self: LedgerStore,
        application: int,
        card: CardFacts | None,
        build: Callable[[Drawn], Message],
    ) -> Sealed:
        drafts: list[Sealed] = []

        def draft(step: Step) -> None:
            drafts.append(sealing.seal(step, application, card, build))
            raise _Undo

        def keep(step: Step) -> Sealed:
            return sealing.seal(step, application, card, build)

        async def later() -> None:
            await asyncio.sleep(0.0)
            await self.step("seal", keep)

        try:
            self.writer.transact("draft", draft)
        except _Undo:
            self.committing = asyncio.ensure_future(later())  # type: ignore[attr-defined]
        return drafts[0]

    with patch.object(LedgerStore, "seal", seal):
        yield


@contextmanager
def reversal_forgotten() -> Iterator[None]:
    """A void with an unknown outcome is never taken back: no 0400 leaves."""

    def owed(self: Pending) -> list[Any]:
        return []

    async def no_round(self: Pursuer, intent: Any, deadline: float) -> tuple[None, int]:
        return None, 0

    with patch.object(Pending, "owed", owed), patch.object(Pursuer, "round", no_round):
        yield


@contextmanager
def hold_released_early() -> Iterator[None]:
    """An unknown refund sets nothing aside: the sale can be given back again."""
    holding = frozenset({State.SEALED, State.REVERSING})
    released = {State.UNKNOWN: "failed", **concluding._APPLICATION}
    with (
        patch.object(concluding, "HOLDING", holding),
        patch.object(concluding, "_APPLICATION", released),
    ):
        yield


@contextmanager
def goods_released_early() -> Iterator[None]:
    """An unknown refund keeps its money on hold and lets go of its goods."""
    honest = concluding.conclude

    def conclude(step: Step, refund_id: int, conclusion: Conclusion) -> Refund:
        before = refunds.load(step.db, refund_id)
        refund = honest(step, refund_id, conclusion)
        if before.state is State.SEALED and refund.state is State.UNKNOWN:
            sales.release_goods(step, refund.application, returned=False)
        return refund

    with patch.object(concluding, "conclude", conclude):
        yield


@contextmanager
def repeat_with_a_new_stan() -> Iterator[None]:
    """The acquirer can't know the repeat again, and pays it."""
    honest = requests.repeat
    drawn = iter(range(500_000, 999_999))

    def repeat(profile: Profile, message: Message) -> Message:
        return honest(profile, message).with_fields({11: f"{next(drawn):06d}"})

    with patch.object(requests, "repeat", repeat):
        yield


@contextmanager
def approval_not_recorded() -> Iterator[None]:
    """The clerk sees the approval, the ledger forgets to commit it."""
    honest = LedgerStore.conclude

    async def conclude(self: LedgerStore, refund_id: int, conclusion: Any) -> Any:
        if conclusion.state is State.ACCEPTED:
            found = self.refunds.by_id(refund_id)
            assert found is not None  # it was sealed
            return found
        return await honest(self, refund_id, conclusion)

    with patch.object(LedgerStore, "conclude", conclude):
        yield


@contextmanager
def first_payment_for_every_leg() -> Iterator[None]:
    """A sale has one payment: every leg is asked for by the numbers of the first."""
    honest = request.builder

    def builder(
        config: Any,
        profile: Any,
        application: Any,
        sale: Sale,
        *more: Any,
        **named: Any,
    ) -> Any:
        first = sale.payments[0]
        legs = tuple(
            replace(leg, payment=None if leg.payment is None else first) for leg in sale.tenders
        )
        return honest(config, profile, application, replace(sale, tenders=legs), *more, **named)

    with patch.object(send, "builder", builder):
        yield


@contextmanager
def voucher_after_its_refund() -> Iterator[None]:
    """The refund as store credit is durable first, its voucher a moment later."""

    async def issue_credit(self: LedgerStore, application: int, slips: VoucherSlips) -> Refund:
        def give_back(step: Step) -> Refund:
            return concluding.commit_at_once(step, application, Kind.CREDIT, State.ISSUED)

        refund = await self.step("issue_credit", give_back)
        await self.step("voucher", lambda step: issuing.add_voucher(step, refund, slips))
        return refund

    with patch.object(LedgerStore, "issue_credit", issue_credit):
        yield


@contextmanager
def goods_at_list_price() -> Iterator[None]:
    """What a promotion or a discount took off is given back with the goods."""

    def worths(sale: Sale) -> dict[int, int]:
        return {line.line: list_worth(line.quantity, line.price) for line in sale.lines}

    with patch.object(items, "worths", worths):
        yield


MUTANTS: Final[Mapping[str, Mutant]] = {
    "send before commit": send_before_commit,
    "reversal forgotten": reversal_forgotten,
    "hold released early": hold_released_early,
    "goods released early": goods_released_early,
    "repeat with a new STAN": repeat_with_a_new_stan,
    "approval not recorded": approval_not_recorded,
    "first payment for every leg": first_payment_for_every_leg,
    "voucher after its refund": voucher_after_its_refund,
    "goods at list price": goods_at_list_price,
}


@contextmanager
def one_supervisor_counts_twice() -> Iterator[None]:
    """The screen asks for another supervisor and takes the same one."""
    honest = ask_supervisor.ask_one

    async def ask_one(
        desk: Desk, what: tuple[Line, ...], not_these: set[str], **more: Any
    ) -> Person:
        return await honest(desk, what, not_these & {desk.clerk.number}, **more)

    with patch.object(ask_supervisor, "ask_one", ask_one):
        yield


@contextmanager
def a_badge_is_enough() -> Iterator[None]:
    """Whatever is typed behind a badge is its PIN."""
    honest = StoredPeople._fits

    def fits(self: StoredPeople, begun: Begun, name: str, pin: str, asked_by: str | None) -> bool:
        if begun.attempt is not None and name != begun.attempt.entry.person.number:
            self._db.end_try(begun.attempt.entry.person.number, asked_by)
            return True
        return honest(self, begun, name, pin, asked_by)

    with patch.object(StoredPeople, "_fits", fits):
        yield


@contextmanager
def a_lock_keeps_nobody_out() -> Iterator[None]:
    """Wrong PINs are counted and locks set, and the right PIN goes through all the same."""
    honest = PeopleDb.begin_try

    def begin_try(
        self: PeopleDb,
        number: str | None,
        now: int,
        day: str,
        asked_by: str | None = None,
    ) -> Begun:
        begun = honest(self, number, now, day, asked_by)
        attempt, asker = begun.attempt, begun.asker
        if attempt is not None:
            attempt = replace(attempt, counted=replace(attempt.counted, locked_for=0))
        return Begun(attempt, None if asker is None else replace(asker, locked_for=0))

    with patch.object(PeopleDb, "begin_try", begin_try):
        yield


@contextmanager
def any_sign_on_answer_will_do() -> Iterator[None]:
    """Whose STAN and terminal a sign-on's answer names is not looked at."""
    honest = matching.matches

    def matches(profile: Profile, request: Message, answer: Message) -> Mismatch | None:
        if profile.function(request) is Function.SIGN_ON:
            return None
        return honest(profile, request, answer)

    with patch.object(session, "matches", matches):
        yield


@contextmanager
def verbs_stay_open() -> Iterator[None]:
    """Tools go on with a ledger that was found changed."""
    with patch.object(Stopped, "close_verbs", lambda self, why: None):
        yield


@contextmanager
def totals_not_counted() -> Iterator[None]:
    """What the till tells of a leg later is taken, and changes nothing."""
    with patch.object(events, "_adjust", lambda *_: None):
        yield


@contextmanager
def last_total_told_counts() -> Iterator[None]:
    """The total that came last counts, and not the one of the latest moment."""

    def adjust(step: Step, event: sqlite3.Row, known: Known) -> None:
        sales.set_total(step, known.key, event["leg"], event["amount"])

    with patch.object(events, "_adjust", adjust):
        yield


@contextmanager
def below_without_a_case() -> Iterator[None]:
    """A total below what is given back is that much, and nobody hears of it."""
    with patch.object(events, "_open_case", lambda *_, **__: None):
        yield


@contextmanager
def total_never_settled() -> Iterator[None]:
    """What a hold kept a leg above its total by stays after the case is closed."""
    with patch.object(sales, "settle_total", lambda *_: None):
        yield


@contextmanager
def room_after_a_void() -> Iterator[None]:
    """A payment that was voided may have a tip to give back later."""
    with patch.object(writes, "VOIDED_LEG", "0"):
        yield


@contextmanager
def first_application_alone() -> Iterator[None]:
    """The first number that a card says is the card's, and no other application is asked."""
    honest = card_dialogue._Reading._serves

    def serves(self: Any, aid: bytes, label: str, selected: Reply) -> Steps[bool]:
        yield from honest(self, aid, label, selected)
        return bool(self._found)

    with patch.object(card_dialogue._Reading, "_serves", serves):
        yield


@contextmanager
def first_number_goes_out() -> Iterator[None]:
    """Whichever application is the sale's, the acquirer is told the first one's number."""
    honest = present_card._matched

    def matched(desk: Desk, tender: Tender, cards: Sequence[CardRead]) -> CardFacts | None:
        found = honest(desk, tender, cards)
        return None if found is None else replace(found, pan=cards[0].pan)

    with patch.object(present_card, "_matched", matched):
        yield


CARDS: Final[Mapping[str, Mutant]] = {
    "first application alone": first_application_alone,
    "first number goes out": first_number_goes_out,
}
"""Of a card with several applications."""
TOTALS: Final[Mapping[str, Mutant]] = {
    "totals not counted": totals_not_counted,
    "last total told counts": last_total_told_counts,
    "below without a case": below_without_a_case,
    "total never settled": total_never_settled,
    "room after a void": room_after_a_void,
}
"""Of what the till says later that a leg is."""
STAFF: Final[Mapping[str, Mutant]] = {
    "a badge is enough": a_badge_is_enough,
    "a lock keeps nobody out": a_lock_keeps_nobody_out,
}
"""Of who says who it is."""
TRUST: Final[Mapping[str, Mutant]] = {
    "one supervisor counts twice": one_supervisor_counts_twice,
    "any sign-on answer will do": any_sign_on_answer_will_do,
    "verbs stay open": verbs_stay_open,
}
"""Of whom it believes what; each lived once, when no test looked."""


@contextmanager
def not_told_is_not_printed() -> Iterator[None]:
    """A printer that can't say what it has printed makes the terminal ask, slip by slip."""

    async def taken_up(self: EscposPrinter) -> Confirmation:
        raise PrinterLost(Upset.NO_END)

    with patch.object(EscposPrinter, "_taken_up", taken_up):
        yield


PAPER: Final[Mapping[str, Mutant]] = {"not told is not printed": not_told_is_not_printed}
"""Of what it asks people about."""


@contextmanager
def dead_line_not_noticed() -> Iterator[None]:
    """No connection can be had, and the terminal goes on saying what it said."""
    with (
        patch.object(Seen, "down", lambda self, why: None),
        patch.object(Seen, "ended", lambda self, why: None),
    ):
        yield


@contextmanager
def no_probes() -> Iterator[None]:
    """The line is tried by messages alone."""
    with patch.object(Prober, "look", lambda self: None):
        yield


@contextmanager
def line_never_comes_back() -> Iterator[None]:
    """Once dead it is said to be dead until a message is answered."""
    honest = Seen.connected

    def connected(self: Seen) -> None:
        if self.state is not LineState.DOWN:
            honest(self)

    with patch.object(Seen, "connected", connected):
        yield


@contextmanager
def approved_plan_is_a_draft() -> Iterator[None]:
    """What of it is not sealed when the terminal dies is forgotten by the next start."""
    with patch.object(applications_writes, "keep", lambda step, number: None):
        yield


@contextmanager
def drawer_opens_twice() -> Iterator[None]:
    """For one sum of cash."""
    honest = hand_out_cash._open_drawer

    async def twice(desk: Desk, lying: Sequence[Refund]) -> bool:
        await honest(desk, lying)
        return await honest(desk, lying)

    with patch.object(hand_out_cash, "_open_drawer", twice):
        yield


@contextmanager
def form_holds_nothing() -> Iterator[None]:
    """What is to be paid elsewhere is still there to be given back here."""

    def hold(step: Step, application: object) -> None:
        return

    with patch.object(sales, "hold", hold):
        yield


@contextmanager
def withdrawn_at_once() -> Iterator[None]:
    """The acquirer may still pay it by its form today."""
    with patch.object(ByPeople, "given_up_from", lambda *_: None):
        yield


@contextmanager
def paid_late_and_forgotten() -> Iterator[None]:
    """A withdrawn form was paid: the amount is counted, no case is opened."""
    honest = cases.open_of_refund

    def opened(step: Step, refund_id: int, kind: CaseKind, *facts: Any, over: int) -> Any:
        if kind is not CaseKind.OVERPAYMENT:
            return honest(step, refund_id, kind, *facts, over=over)
        return None

    with patch.object(cases, "open_of_refund", opened):
        yield


@contextmanager
def points_twice() -> Iterator[None]:
    """They go back, and of the sale nothing is gone: a next time they go back again."""
    with patch.object(sales, "spend", lambda *_: None):
        yield


@contextmanager
def voucher_forgets_what_paid() -> Iterator[None]:
    """A new one for a leg that another had paid does not say so."""
    with patch.object(sales, "paid_by_voucher", lambda *_: ""):
        yield


@contextmanager
def gift_goes_to_who_paid() -> Iterator[None]:
    """Whoever holds the gift receipt gets the buyer's money, and nobody is asked."""

    async def always(desk: Desk) -> bool:
        return True

    with patch.object(ask_wanted, "back_to_buyer", always):
        yield


CREDITS: Final[Mapping[str, Mutant]] = {
    "points twice": points_twice,
    "a voucher forgets what paid": voucher_forgets_what_paid,
    "a gift goes to who paid": gift_goes_to_who_paid,
}
"""Of what goes back as store credit and as points."""
PAID_ELSEWHERE: Final[Mapping[str, Mutant]] = {
    "a form holds nothing": form_holds_nothing,
    "withdrawn at once": withdrawn_at_once,
    "paid late and forgotten": paid_late_and_forgotten,
}
"""Of what it does with a form that other people carry out."""
TICKETS: Final[Mapping[str, Mutant]] = {
    "an approved plan is a draft": approved_plan_is_a_draft,
    "the drawer opens twice": drawer_opens_twice,
}
"""Of what it does with a visit's plan."""


@contextmanager
def form_before_its_hold() -> Iterator[None]:
    """The form is durable and on its way to the printer, its amount set aside a moment later."""
    hold = sales.hold

    async def commit_form(self: LedgerStore, application: int, slips: Slips) -> Refund:
        with patch.object(sales, "hold", lambda step, of: None):
            refund = await self.step(
                "commit_form",
                lambda step: concluding.commit_form(step, application, slips),
            )
        known = self.applications.by_number(application)
        assert known is not None  # its form was printed
        await self.step("hold", lambda step: hold(step, known))
        return refund

    with patch.object(LedgerStore, "commit_form", commit_form):
        yield


@contextmanager
def form_before_its_paper() -> Iterator[None]:
    """The amount is set aside first, the form queued a moment later."""

    async def commit_form(self: LedgerStore, application: int, slips: Slips) -> Refund:
        refund = await self.step(
            "commit_form", lambda step: concluding.commit_form(step, application, ())
        )
        papers = slips(refund) if callable(slips) else slips
        await self.step("form", lambda step: queue(step, papers, refund.refund_id, application))
        return refund

    with patch.object(LedgerStore, "commit_form", commit_form):
        yield


FORMS: Final[Mapping[str, Mutant]] = {
    "a form before its hold": form_before_its_hold,
    "a form before its paper": form_before_its_paper,
}
"""Of the order in which a manual refund becomes durable."""
LINE: Final[Mapping[str, Mutant]] = {
    "a dead line is not noticed": dead_line_not_noticed,
    "no probes": no_probes,
    "a line never comes back": line_never_comes_back,
}
"""Of what it says of the line."""
