"""Mistakes put into what the terminal does about a case: what the simulation must notice (R45, R46,
R47a)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final
from unittest.mock import patch

from msgspec.structs import replace

from pos_terminal.core.payout import PayoutLimits
from pos_terminal.core.voucher import Voucher
from pos_terminal.flows.case import pay_out
from pos_terminal.flows.common import ask_supervisor
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports import Approval, NewPayout, Payout, PayoutSlips
from pos_terminal.services.ledger.books import case_papers, slips
from pos_terminal.services.ledger.books import payouts as book
from pos_terminal.services.ledger.books.cases import opening, reads
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.receipt.slip import Slip

Mutant = Callable[[], AbstractContextManager[None]]


@contextmanager
def payout_before_its_paper() -> Iterator[None]:
    """It is durable, and its slips are queued a moment later."""

    async def pay(
        self: book.Payouts, new: NewPayout, limits: PayoutLimits, make: PayoutSlips
    ) -> Payout:
        vouchers = []

        def none(_: int, voucher: Voucher | None) -> Sequence[Slip]:
            vouchers.append(voucher)
            return ()

        paid = await self._door.step("pay_out", lambda step: book.add(step, new, limits, none))

        def queue(step: Step) -> None:
            slips.queue(step, make(paid.payout_id, vouchers[0]), None, None, case_id=new.case_id)

        await self._door.step("papers", queue)
        return paid

    with patch.object(book.Payouts, "pay_out", pay):
        yield


@contextmanager
def payout_opens_the_drawer_twice() -> Iterator[None]:
    """For one sum of cash."""
    honest = pay_out._hand_over

    async def twice(desk: Desk, payout: Payout) -> None:
        await desk.ledger.journal.note("payout_drawer", {"payout": payout.payout_id})
        await desk.printing.kick_drawer()
        await honest(desk, payout)

    with patch.object(pay_out, "_hand_over", twice):
        yield


@contextmanager
def drawer_before_its_entry() -> Iterator[None]:
    """It opens, and a kill leaves nothing that says so."""
    honest = pay_out._hand_over

    async def first(desk: Desk, payout: Payout) -> None:
        await desk.printing.kick_drawer()
        with patch.object(type(desk.printing), "kick_drawer", _nothing):
            await honest(desk, payout)

    with patch.object(pay_out, "_hand_over", first):
        yield


async def _nothing(_: object) -> None:
    return


@contextmanager
def ceilings_forgotten() -> Iterator[None]:
    """What was paid out before counts for nothing."""
    with patch.object(book, "_sums", lambda *_: (0, 0)):
        yield


@contextmanager
def one_supervisor_for_two() -> Iterator[None]:
    """Whoever said yes is taken for both."""
    honest = ask_supervisor.ask_each

    async def once(desk: Desk, needed: int, *what: Any, **more: Any) -> list[Approval]:
        (first,) = await honest(desk, needed - 1, *what, **more)
        not_these = (first.supervisor, desk.clerk.number)
        other = next((one for one in _SUPERVISORS if one not in not_these), "901")
        return [first, replace(first, supervisor=other)]

    with patch.object(pay_out, "ask_each", once):
        yield


@contextmanager
def asked_back_forgotten() -> Iterator[None]:
    """Each recovery slip may be as much as went back by its refund."""
    with patch.object(case_papers, "to_ask_back", lambda *_: 500):
        yield


@contextmanager
def never_due_again() -> Iterator[None]:
    """Of a case that somebody noted a step of nobody is reminded any more."""
    steps = "SELECT case_id FROM case_steps"
    with patch.object(reads, "_DUE", f"{reads._DUE} AND k.case_id NOT IN ({steps})"):
        yield


@contextmanager
def opened_beside_the_open_one() -> Iterator[None]:
    """Whoever says again what went wrong has another case of it."""
    with (
        patch.object(opening, "_open_alone", lambda _: " AND 0"),
        patch.object(reads.CaseReads, "open_about", lambda *_: []),
    ):
        yield


_SUPERVISORS: Final = ("201", "202")
WHOLE_DAYS: Final[Mapping[str, tuple[Mutant, str]]] = {
    "ceilings are forgotten": (ceilings_forgotten, "the ceiling is"),
    "one supervisor for two": (one_supervisor_for_two, "without the PIN of"),
    "never due again": (never_due_again, "cases come due one day"),
    "opened beside the open one": (opened_beside_the_open_one, "of one kind are open at once"),
}
"""Each with what is said of a day on which people make mistakes on purpose."""
KILLED: Final[Mapping[str, tuple[Mutant, str]]] = {
    "a payout before its paper": (payout_before_its_paper, "pay_out:after"),
    "a payout opens the drawer twice": (payout_opens_the_drawer_twice, "close_case:before"),
    "the drawer opens before its entry": (drawer_before_its_entry, "note.payout_drawer:before"),
}
"""Each with the moment at which a kill shows it."""
