"""What people conclude, and an approval that comes after it (R32)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.core.case import CaseKind
from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import IllegalMove, Kind, Refund, State
from pos_terminal.core.sale import SaleState
from pos_terminal.ports import Approval, Finding
from pos_terminal.services.proof.verify import verify_store

Find = Callable[..., Finding]


@pytest.fixture
def find(world: World) -> Find:
    def make(
        done: int, *, first: str = "201", second: str = "202", operator: str = "102", **more: Any
    ) -> Finding:
        at = world.clock.now()
        one = Approval(first, "张伟", at, 4_000, Finding.RULE)
        other = Approval(second, "陈静", at, 4_000, Finding.RULE)
        facts: dict[str, Any] = {"reference": "20260105001"} | more
        return Finding(done=done, operator=operator, approvals=(one, other), **facts)

    return make


def unknown(world: World, amount: int = 4_000, kind: Kind = Kind.REFUND) -> int:
    """A sale of 10 000 and a refund of it whose outcome nobody knows."""
    if world.store.sales.by_id("S1") is None:
        world.sell()
    refund_id: int = world.seal(amount, kind=kind).refund.refund_id
    state = State.REVERSING if kind is Kind.VOID else State.UNKNOWN
    world.conclude(refund_id, state, cause=Cause.NO_ANSWER, case=CaseKind.UNKNOWN_OUTCOME)
    return refund_id


@pytest.fixture
def refund_id(world: World) -> int:
    """Of 40.00, whose outcome nobody knows."""
    return unknown(world)


def give_up(world: World, find: Find, refund_id: int) -> Refund:
    refund: Refund = world.conclude(refund_id, State.GIVEN_UP, finding=find(0))
    return refund


def cases(world: World) -> dict[str, str]:
    return dict(world.store.db.execute("SELECT kind, state FROM cases ORDER BY case_id").fetchall())


def test_paid_has_all_effects_of_an_approval(world: World, find: Find, refund_id: int) -> None:
    finding = find(4_000)
    refund = world.conclude(
        refund_id, State.ACCEPTED, 4_000, finding=finding, flagged=True, slips=(world.slip(),)
    )
    assert (refund.state, refund.done, refund.flagged) == (State.ACCEPTED, 4_000, True)
    assert world.tender() == (4_000, 0)
    assert world.application(refund.application).state == "done"
    assert len(world.store.slips.of_refund(refund_id)) == 1
    assert world.store.refunds.open_ones() == []
    assert world.store.findings.of_refund(refund_id) == [finding]
    assert failure_of(world.store.messages.reopen, refund_id) == "ledger.closed"
    assert cases(world) == {"unknown_outcome": "closed"}
    verify_store(world.store)


def test_a_void_that_took_effect_voids_the_sale(world: World, find: Find) -> None:
    refund_id = unknown(world, 10_000, Kind.VOID)
    world.conclude(refund_id, State.ACCEPTED, 10_000, finding=find(10_000))
    assert world.sale("S1").state is SaleState.VOIDED
    assert world.store.db.execute("SELECT reversal FROM messages").fetchone()[0] == 0
    verify_store(world.store)


@pytest.mark.parametrize("kind", [Kind.REFUND, Kind.VOID])
def test_not_paid_frees_the_hold_for_a_new_refund(world: World, find: Find, kind: Kind) -> None:
    refund_id = unknown(world, 10_000, kind)
    refund = give_up(world, find, refund_id)
    assert (refund.state, refund.done) == (State.GIVEN_UP, 0)
    assert world.tender() == (0, 0)
    assert world.store.refunds.open_ones() == []
    assert world.application(refund.application).state == "failed"
    assert world.sale("S1").state is SaleState.APPROVED
    assert world.store.refunds.unpaid(str(refund.stan)) == [refund]
    assert failure_of(world.store.messages.reopen, refund_id) == "ledger.closed"
    assert failure_of(world.seal_again, refund.application, 10_000) == "ledger.application"
    assert world.seal(10_000).refund.state is State.SEALED
    verify_store(world.store)


def test_what_is_given_up_counts_no_more(world: World, find: Find, refund_id: int) -> None:
    today = date(2026, 1, 5)
    token = world.card().token
    since = world.clock.now() - timedelta(minutes=10)
    assert world.store.refunds.counts(today, None).count == 1
    assert world.store.refunds.same_recently(token, None, 4_000, since) == 1
    give_up(world, find, refund_id)
    assert world.store.refunds.counts(today, None).count == 0
    assert world.store.refunds.same_recently(token, None, 4_000, since) == 0


def test_its_request_can_still_be_matched_but_shows_no_card(
    world: World, find: Find, refund_id: int
) -> None:
    give_up(world, find, refund_id)
    request = world.store.messages.request(refund_id)
    assert (request.mti, request.get(4)) == ("0220", "000000004000")
    assert request.get(11) == world.refund(refund_id).stan
    assert request.get(2) is None
    assert request.get(14) is None


def late_approval(world: World, refund_id: int, done: int = 4_000) -> Refund:
    refund: Refund = world.conclude(
        refund_id,
        State.OVERPAID,
        done,
        answer=world.answer(),
        cause=Cause.OVERPAID,
        case=CaseKind.OVERPAYMENT,
        slips=(world.slip(),),
    )
    return refund


def test_a_later_approval_locks_the_sale_and_opens_a_case(world: World, find: Find) -> None:
    refund_id = unknown(world, 10_000)
    give_up(world, find, refund_id)
    world.refunded(10_000, State.ACCEPTED, 10_000)
    refund = late_approval(world, refund_id, 10_000)
    assert (refund.state, refund.done, refund.rrn) == (State.OVERPAID, 10_000, "600510000099")
    sale = world.sale("S1")
    assert sale.locked
    assert (sale.done, sale.held) == (10_000, 0)
    assert cases(world) == {"unknown_outcome": "closed", "overpayment": "open"}
    assert world.store.refunds.counts(date(2026, 1, 5), None).amount == 20_000
    assert world.store.refunds.unpaid(str(refund.stan)) == []
    verify_store(world.store)
    with pytest.raises(IllegalMove):
        late_approval(world, refund_id, 10_000)


def test_nothing_more_is_given_back_of_a_locked_sale(
    world: World, find: Find, refund_id: int
) -> None:
    give_up(world, find, refund_id)
    waiting = world.seal(1_000).refund
    late_approval(world, refund_id)
    assert failure_of(world.seal, 1) == "ledger.sale_locked"
    with pytest.raises(sqlite3.IntegrityError):
        world.store.writer.db.execute("UPDATE tenders SET held = held + 1")
    # what was under way comes to its end
    world.conclude(waiting.refund_id, State.ACCEPTED, 1_000)
    verify_store(world.store)


def test_a_void_from_the_feed_of_an_overpaid_sale_tells_what_is_too_much_once(
    world: World, find: Find, refund_id: int
) -> None:
    give_up(world, find, refund_id)
    late_approval(world, refund_id)
    event = {"kind": "sale_voided", "sale_id": "S1", "at": "2026-01-05T12:00:00+08:00"}
    assert world.take_in(event).events == 1
    assert world.sale("S1").state is SaleState.VOIDED
    cases = [(case.kind, case.over) for case in world.store.cases.open_ones()]
    assert cases == [(CaseKind.OVERPAYMENT, 4_000)], "14,000 of 10,000 went back"
    verify_store(world.store)


@pytest.mark.parametrize(
    "state", [State.SEALED, State.ACCEPTED, State.DECLINED, State.NOT_SENT, State.GIVEN_UP]
)
def test_people_conclude_only_what_is_unknown(world: World, find: Find, state: State) -> None:
    world.sell()
    refund_id = world.seal(4_000).refund.refund_id
    if state is State.GIVEN_UP:
        world.conclude(refund_id, State.UNKNOWN)
        give_up(world, find, refund_id)
    elif state is not State.SEALED:
        world.conclude(refund_id, state, 4_000 if state is State.ACCEPTED else 0)
    before = world.tender()
    for paid, new in ((True, State.ACCEPTED), (False, State.GIVEN_UP)):
        done = 4_000 if paid else 0
        with pytest.raises(IllegalMove):
            world.conclude(refund_id, new, done, finding=find(done))
    assert world.tender() == before
    verify_store(world.store)


@pytest.mark.parametrize(
    "people",
    [
        {"first": "201", "second": "201"},
        {"first": "102", "second": "201"},
        {"first": "201", "second": "101"},  # made the refund
    ],
)
def test_it_takes_two_others(
    world: World, find: Find, refund_id: int, people: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="two people"):
        world.conclude(refund_id, State.GIVEN_UP, finding=find(0, **people))
    assert world.tender() == (0, 4_000)
    assert world.store.findings.of_refund(refund_id) == []


def test_the_word_and_the_state_must_agree(world: World, find: Find, refund_id: int) -> None:
    with pytest.raises(ValueError, match="not what people found"):
        world.conclude(refund_id, State.GIVEN_UP, finding=find(4_000))
    with pytest.raises(sqlite3.IntegrityError):
        world.conclude(refund_id, State.GIVEN_UP, finding=find(0, reference=""))
    assert world.tender() == (0, 4_000)


BEHIND_ITS_BACK = [
    "DELETE FROM findings",
    "UPDATE findings SET paid = 1, done = 1",
    "UPDATE findings SET reference = '1'",
    "UPDATE findings SET second = '203'",
    "UPDATE findings SET operator = '103'",
    "UPDATE refunds SET state = 'declined' WHERE state = 'given_up'",
    "UPDATE refunds SET state = 'declined', done = 0 WHERE state = 'overpaid'",
    "UPDATE sales SET locked = 0",
    "UPDATE sales SET locked = 1",
    "UPDATE tenders SET done = 4000",
]


@pytest.mark.parametrize("overpaid", [False, True])
@pytest.mark.parametrize("change", BEHIND_ITS_BACK)
def test_a_change_behind_its_back_shows(
    world: World, find: Find, refund_id: int, change: str, overpaid: bool
) -> None:
    give_up(world, find, refund_id)
    if overpaid:
        late_approval(world, refund_id)
    verify_store(world.store)
    changed = world.store.writer.db.execute(change).rowcount
    same = ("locked = 1" in change) is overpaid and "locked" in change
    if same or changed == 0:
        verify_store(world.store)
        return
    assert failure_of(verify_store, world.store) == "ledger.tampered"


def test_what_people_concluded_is_in_one_commit_and_survives(
    world: World, find: Find, refund_id: int
) -> None:
    before = len(world.kinds())
    give_up(world, find, refund_id)
    assert world.kinds()[before:] == ["finding", "case_closed", "refund"]
    kept = world.open(world.copy("cut"))
    refund = kept.refunds.by_id(refund_id)
    assert refund is not None
    assert refund.state is State.GIVEN_UP
    assert kept.findings.of_refund(refund_id)
    kept.close()
