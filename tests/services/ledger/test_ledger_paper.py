"""Print jobs and cash legs."""

from __future__ import annotations

import sqlite3

import pytest
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.core.refund import IllegalMove, Kind, State
from pos_terminal.core.words import Failure
from pos_terminal.ports import JobState, Upset
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.kinds.refund import Refunded
from pos_terminal.wire.receipt.kinds.refused import Refused
from pos_terminal.wire.receipt.parts.decided import Decided

BOTH = {1: JobState.CONFIRMED, 2: JobState.TAKEN}
APPROVED = Refunded(decided=Decided(approvals=("201 王",)))


@pytest.fixture
def printed(world: World) -> World:
    """A refund with two jobs waiting, 1 and 2."""
    world.sell()
    refund_id = world.seal(4000).refund.refund_id
    slips = (world.slip(Copy.MERCHANT, APPROVED), world.slip(Copy.CUSTOMER))
    world.conclude(refund_id, State.ACCEPTED, 4000, slips=slips)
    return world


def test_slips_come_back_as_they_were_queued(printed: World) -> None:
    jobs = printed.store.slips.in_state(JobState.READY)
    assert [job.slip.copy for job in jobs] == [Copy.MERCHANT, Copy.CUSTOMER]
    assert jobs[0].slip == printed.slip(Copy.MERCHANT, APPROVED)
    assert [(job.attempt, job.duplicate, job.refund_id) for job in jobs] == [(0, 0, 1), (0, 0, 1)]


def test_both_slips_are_done_in_one_commit(printed: World) -> None:
    store = printed.store
    assert printed.do(store.slips.sending(1)).attempt == 1
    printed.do(store.slips.sending(2))
    statements: list[str] = []
    store.writer.db.set_trace_callback(statements.append)
    printed.do(store.slips.done(BOTH))
    assert statements.count("COMMIT") == 1
    assert [job.state for job in store.slips.of_refund(1)] == list(BOTH.values())
    assert store.slips.in_state(JobState.READY, JobState.SENDING, JobState.UNKNOWN) == []


def test_a_half_confirmed_pair_is_not_confirmed(printed: World) -> None:
    printed.do(printed.store.slips.sending(1))
    assert failure_of(lambda: printed.do(printed.store.slips.done(BOTH))) == "ledger.job"
    assert [job.state for job in printed.store.slips.of_refund(1)] == [
        JobState.SENDING,
        JobState.READY,
    ]


def test_an_interrupted_job_waits_for_the_clerk(printed: World) -> None:
    printed.do(printed.store.slips.sending(1))
    store = printed.reopen()
    assert [job.job_id for job in printed.do(store.slips.interrupted())] == [1]
    assert [job.job_id for job in store.slips.in_state(JobState.READY)] == [2]
    entries = len(printed.kinds())
    assert [job.job_id for job in printed.do(store.slips.interrupted())] == [1]
    assert len(printed.kinds()) == entries
    printed.do(store.slips.ready_again(1, "101"))
    assert printed.do(store.slips.sending(1)).attempt == 2
    printed.do(store.slips.unknown(1, Upset.POWER_ON))
    assert [job.upset for job in store.slips.in_state(JobState.UNKNOWN)] == [Upset.POWER_ON]
    printed.do(store.slips.dropped(1, "101"))
    dropped = store.slips.of_refund(1)[0]
    assert (dropped.state, dropped.upset) == (JobState.DROPPED, None)


def test_what_happened_to_a_slip_is_kept_with_it_and_held_against_the_log(printed: World) -> None:
    printed.do(printed.store.slips.sending(1))
    store = printed.reopen()
    printed.do(store.slips.interrupted())
    assert [job.upset for job in store.slips.in_state(JobState.UNKNOWN)] == [Upset.CRASH]
    verify_store(store)
    with pytest.raises(sqlite3.IntegrityError, match="asked"):
        store.writer.db.execute("UPDATE print_jobs SET upset = 'silent' WHERE job_id = 2")
    store.writer.db.execute("UPDATE print_jobs SET upset = 'silent' WHERE job_id = 1")
    assert failure_of(lambda: verify_store(store)) == "ledger.tampered"


def test_a_job_of_which_no_byte_left_was_no_attempt(printed: World) -> None:
    store = printed.store
    printed.do(store.slips.sending(1))
    printed.do(store.slips.unsent(1))
    assert [(job.job_id, job.attempt) for job in store.slips.in_state(JobState.READY)] == [
        (1, 0),
        (2, 0),
    ]
    assert printed.do(store.slips.sending(1)).attempt == 1
    verify_store(store)


def test_copies_are_counted_on_the_original(printed: World) -> None:
    store = printed.store
    first = printed.do(store.slips.reprint(2, "101"))
    second = printed.do(store.slips.reprint(first.job_id, "101"))
    assert [(job.duplicate, job.state) for job in (first, second)] == [
        (1, JobState.READY),
        (2, JobState.READY),
    ]
    assert second.slip == printed.slip(Copy.CUSTOMER)
    assert printed.kinds()[-2:] == ["reprint", "reprint"]


def test_a_refused_application_has_its_slip(world: World) -> None:
    world.sell()
    application = world.apply_for(20_000, refused=True)
    assert application.state == "refused"
    slip = world.slip(body=Refused())
    world.do(world.store.slips.queue([slip], application.number))
    assert [job.slip for job in world.store.slips.in_state(JobState.READY)] == [slip]


def test_finished_jobs_are_asked_for_by_refund(world: World) -> None:
    with pytest.raises(ValueError, match="no index"):
        world.store.slips.in_state(JobState.CONFIRMED)


# --- cash -----------------------------------------------------------------------------------


@pytest.fixture
def cash(world: World) -> World:
    """A cash leg of 8.00 committed as refund 1."""
    world.sell(tenders=[{"kind": "cash", "amount": 10_000}], rrn="", trace="", batch="")
    number = world.apply_for(800, kind=Kind.CASH).number
    world.do(
        world.store.commit_cash(
            number, lambda refund: [world.slip(barcode=f"{refund.refund_id:013d}")]
        )
    )
    return world


def test_cash_counts_as_given_before_the_drawer_opens(cash: World) -> None:
    assert cash.tender() == (800, 0)
    (refund,) = cash.store.refunds.to_hand_over()
    assert (refund.state, refund.done, refund.masked) == (State.TO_HAND_OVER, 800, None)
    assert cash.store.slips.in_state(JobState.READY)[0].slip.head.barcode == "0000000000001"
    assert cash.store.refunds.open_ones() == []


def test_the_drawer_is_counted_and_the_money_confirmed_once(cash: World) -> None:
    cash.do(cash.store.refunds.drawer_opened(1, "101"))
    cash.reopen()
    assert cash.store.db.execute("SELECT drawer FROM refunds").fetchone()[0] == 1
    assert [refund.refund_id for refund in cash.store.refunds.to_hand_over()] == [1]
    cash.do(cash.store.refunds.handed_over(1, "101"))
    assert cash.store.refunds.to_hand_over() == []
    with pytest.raises(IllegalMove):
        cash.do(cash.store.refunds.handed_over(1, "101"))
    assert cash.tender() == (800, 0)


def test_cash_keeps_to_the_balance(cash: World) -> None:
    number = cash.apply_for(9201, kind=Kind.CASH).number
    assert failure_of(lambda: cash.do(cash.store.commit_cash(number, []))) == "ledger.balance"
    assert cash.tender() == (800, 0)


def test_the_drawer_is_no_business_of_a_card_refund(world: World) -> None:
    world.sell()
    world.seal(100)
    with pytest.raises(Failure, match=r"ledger\.no_cash"):
        world.do(world.store.refunds.drawer_opened(1, "101"))
