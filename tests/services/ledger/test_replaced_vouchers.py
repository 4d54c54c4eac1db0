"""A voucher whose paper was lost goes on under a new number; the old one is dead (R37, R41)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.voucher import Voucher, VoucherState, mask
from pos_terminal.core.words import Failure
from pos_terminal.ports import JobState, Taking
from pos_terminal.services.ledger import issuing
from pos_terminal.services.ledger.books import vouchers
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.kinds.credit import StoreCredit
from pos_terminal.wire.receipt.slip import Slip


@pytest.fixture
def cash(world: World) -> World:
    """A sale of 100.00 paid in cash."""
    world.sell(tenders=[{"kind": "cash", "amount": 10_000}], rrn="", trace="", batch="")
    return world


def slips_of(world: World) -> Any:
    def slips(refund: Refund, voucher: Voucher) -> Sequence[Slip]:
        body = StoreCredit(voucher.number, voucher.replaces or "")
        return [world.slip(body=body, copy=Copy.CUSTOMER, amount=voucher.amount)]

    return slips


def printed(world: World, end: JobState = JobState.CONFIRMED) -> None:
    for job in world.store.slips.in_state(JobState.READY):
        world.do(world.store.slips.sending(job.job_id))
        world.do(world.store.slips.done({job.job_id: end}))


@pytest.fixture
def old(cash: World) -> Voucher:
    """Of 50.00, on paper."""
    number = cash.apply_for(5_000, kind=Kind.CREDIT).number
    refund = cash.do(cash.store.issue_credit(number, slips_of(cash)))
    printed(cash)
    found = cash.store.vouchers.of_refund(refund.refund_id)
    assert isinstance(found, Voucher)
    return found


def again(world: World, number: str, supervisor: str = "201") -> Voucher:
    slips = slips_of(world)
    old = world.store.vouchers.by_number(number)
    refund = None if old is None else world.store.refunds.by_id(old.refund_id or 0)

    def anew(new: Voucher) -> Sequence[Slip]:
        assert refund is not None
        made: Sequence[Slip] = slips(refund, new)
        return made

    new = world.do(world.store.replace_voucher(number, "101", supervisor, anew))
    assert isinstance(new, Voucher)
    return new


def take(world: World, number: str, amount: int, request: str) -> Any:
    return world.do(world.store.vouchers.redeem(Taking(number, amount, request=request)))


def test_the_new_number_is_worth_what_was_left_and_the_old_one_nothing(
    cash: World, old: Voucher
) -> None:
    take(cash, old.number, 1_000, "T1")
    new = again(cash, old.number)
    assert new.number != old.number
    assert (new.amount, new.left, new.state) == (4_000, 4_000, VoucherState.OPEN)
    dead = cash.voucher(old.number)
    assert (dead.state, dead.left, dead.redeemed) == (VoucherState.REPLACED, 0, 1_000)
    assert cash.store.vouchers.of_refund(old.refund_id or 0) == new
    for work in (
        lambda: take(cash, old.number, 1, "T2"),
        lambda: cash.do(cash.store.vouchers.cancel(old.number, "101", "201")),
        lambda: again(cash, old.number),
    ):
        assert failure_of(work) == "voucher.replaced"
    assert take(cash, old.number, 1_000, "T1").again
    take(cash, new.number, 4_000, "T3")
    assert cash.tender() == (5_000, 0)
    verify_store(cash.store)


def test_number_and_slip_are_one_commit(cash: World, old: Voucher) -> None:
    statements: list[str] = []
    cash.store.writer.db.set_trace_callback(statements.append)
    new = again(cash, old.number)
    assert statements.count("COMMIT") == 1
    (job,) = cash.store.slips.in_state(JobState.READY)
    assert job.slip.body == StoreCredit(new.number, old.number)
    assert job.duplicate == 0


@pytest.mark.parametrize("at", ["replace", "_insert", "queue"])
def test_a_step_that_is_killed_leaves_one_living_number(
    cash: World, old: Voucher, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """Before and after each of its writes."""
    where: Any = issuing if at == "queue" else vouchers
    real = getattr(where, at)
    for after in (False, True):

        def cut(*args: Any, after: bool = after, **more: Any) -> Any:
            if after:
                real(*args, **more)
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(where, at, cut)
            with pytest.raises(KeyboardInterrupt):
                again(cash, old.number)
        living = cash.store.vouchers.of_refund(old.refund_id or 0)
        assert living == old
        assert cash.store.slips.in_state(JobState.READY) == []
        verify_store(cash.store)


def test_two_living_numbers_are_none_for_the_schema(cash: World, old: Voucher) -> None:
    again(cash, old.number)
    with closing(sqlite3.connect(cash.path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute("UPDATE vouchers SET state = 'open'")


@pytest.mark.parametrize("end", [JobState.CONFIRMED, JobState.TAKEN])
def test_a_slip_that_may_still_come_out_is_printed_first(
    cash: World, old: Voucher, end: JobState
) -> None:
    """One that a printer took up, which can't say more, is done."""
    new = again(cash, old.number)
    assert failure_of(lambda: again(cash, new.number)) == "ledger.voucher_waits"
    printed(cash, end)
    assert again(cash, new.number).replaces == new.number


def test_the_paper_itself_is_never_printed_twice(cash: World, old: Voucher) -> None:
    (job,) = cash.store.slips.of_refund(old.refund_id or 0)
    failure = failure_of(lambda: cash.do(cash.store.slips.reprint(job.job_id, "101")))
    assert failure == "ledger.slip_is_money"


def test_nobody_agrees_to_their_own(cash: World, old: Voucher) -> None:
    with pytest.raises(ValueError, match="somebody else"):
        again(cash, old.number, supervisor="101")


def test_what_is_spent_or_cancelled_gets_no_new_number(cash: World, old: Voucher) -> None:
    cash.do(cash.store.vouchers.cancel(old.number, "101", "201"))
    assert failure_of(lambda: again(cash, old.number)) == "voucher.cancelled"


def test_the_list_shows_the_chain_and_no_number(cash: World, old: Voucher) -> None:
    new = again(cash, old.number)
    printed(cash)
    newest = again(cash, new.number)
    told = overview(cash.store.db)["vouchers"]
    chain = [(one["number"], one["state"], one["replaces"], one["replaced_by"]) for one in told]
    a, b, c = (mask(one.number) for one in (old, new, newest))
    assert sorted(chain, key=str) == sorted(
        [(c, "open", b, None), (b, "replaced", a, c), (a, "replaced", None, b)], key=str
    )
    log = json.dumps([dict(row) for row in cash.store.db.execute("SELECT facts FROM audit")])
    for one in (old, new, newest):
        assert one.number not in json.dumps(told) + log


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM vouchers WHERE state = 'replaced'",
        "UPDATE vouchers SET amount = amount + 1 WHERE state = 'open'",
        "UPDATE vouchers SET replaces = NULL",
        "UPDATE vouchers SET number = '8999999999999' WHERE state = 'open'",
    ],
)
def test_a_change_behind_its_back_is_found(cash: World, old: Voucher, change: str) -> None:
    take(cash, old.number, 1_000, "T1")
    again(cash, old.number)
    verify_store(cash.store)
    with closing(sqlite3.connect(cash.path)) as db, db:
        db.execute(change)
    with pytest.raises(Failure, match=r"ledger\.tampered"):
        verify_store(cash.store)
