"""Cases closed by people; an overpaid sale is let go with what is left of it (R32, R45)."""

from __future__ import annotations

import sqlite3

import pytest
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.core.case import CaseKind
from pos_terminal.core.case_end import CaseCause
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval, Case, Closing, Finding
from pos_terminal.services.proof.verify import verify_store

REFERENCE = "20260106007"


def people(world: World, *numbers: str) -> tuple[Approval, ...]:
    return tuple(Approval(n, f"P{n}", world.clock.now(), 0, Closing.RULE) for n in numbers)


def found(world: World, done: int) -> Finding:
    first, second = people(world, "201", "202")
    return Finding(done, REFERENCE, "102", (first, second))


def close(
    world: World, kind: str, *numbers: str, operator: str = "102", reference: str = REFERENCE
) -> Case:
    (number,) = [one.case_id for one in world.store.cases.open_ones() if one.kind == kind]
    closing = Closing(reference, operator, people(world, *numbers), cause=CaseCause.TRAINING)
    case: Case = world.do(world.store.cases.close(number, closing))
    return case


def overpaid(world: World, amount: int, sale: str = "S1", kind: Kind = Kind.REFUND) -> int:
    """A refund that was given up and then approved all the same."""
    if world.store.sales.by_id(sale) is None:
        world.sell(sale)
    refund_id: int = world.seal(amount, sale, kind).refund.refund_id
    world.conclude(refund_id, State.REVERSING if kind is Kind.VOID else State.UNKNOWN)
    first, second = people(world, "201", "202")
    finding = Finding(0, REFERENCE, "102", (first, second))
    world.conclude(refund_id, State.GIVEN_UP, finding=finding)
    return refund_id


def approve_late(world: World, refund_id: int, done: int) -> None:
    world.conclude(
        refund_id, State.OVERPAID, done, answer=world.answer(), case=CaseKind.OVERPAYMENT
    )


@pytest.fixture
def late(world: World) -> World:
    """All of a refund of 40.00 was approved after it was given up."""
    approve_late(world, overpaid(world, 4_000), 4_000)
    return world


def test_the_sale_gives_back_only_what_the_overpayment_left(late: World) -> None:
    before = len(late.kinds())
    case = close(late, CaseKind.OVERPAYMENT, "201", "202")
    assert not case.open
    assert late.kinds()[before:] == ["closing", "sale_unlocked"]
    assert not late.sale("S1").locked
    assert late.tender() == (4_000, 0)
    assert failure_of(late.seal, 6_001) == "ledger.balance"
    late.refunded(6_000, State.ACCEPTED, 6_000)
    assert late.tender() == (10_000, 0)
    assert late.store.cases.open_ones() == []
    verify_store(late.store)


def test_nothing_is_left_of_what_was_paid_twice(world: World) -> None:
    refund_id = overpaid(world, 10_000)
    world.refunded(10_000, State.ACCEPTED, 10_000)
    approve_late(world, refund_id, 10_000)
    close(world, CaseKind.OVERPAYMENT, "201", "202")
    sale = world.sale("S1")
    assert (sale.locked, sale.done, sale.remaining) == (False, 10_000, 0)
    verify_store(world.store)


def test_a_void_that_took_effect_after_all_leaves_nothing(world: World) -> None:
    approve_late(world, overpaid(world, 10_000, kind=Kind.VOID), 10_000)
    close(world, CaseKind.OVERPAYMENT, "201", "202")
    assert world.tender() == (10_000, 0)
    verify_store(world.store)


def test_each_leg_bears_its_own_overpayment(world: World) -> None:
    card = {"kind": "card", "amount": 6_000, "pan": world.visa.reveal()}
    world.sell("S1", tenders=[card, {"kind": "cash", "amount": 4_000}])
    refund_id = overpaid(world, 6_000)
    world.refunded(5_000, State.ACCEPTED, 5_000)
    approve_late(world, refund_id, 6_000)
    close(world, CaseKind.OVERPAYMENT, "201", "202")
    assert (world.tender(leg=1), world.tender(leg=2)) == ((6_000, 0), (0, 0))
    verify_store(world.store)


def test_overpaid_twice_it_is_locked_until_both_are_closed(world: World) -> None:
    one, other = overpaid(world, 3_000), overpaid(world, 4_000)
    approve_late(world, one, 3_000)
    approve_late(world, other, 4_000)
    first, second = (case.case_id for case in world.store.cases.open_ones())
    closing = Closing(REFERENCE, "102", people(world, "201", "202"), cause=CaseCause.TRAINING)
    world.do(world.store.cases.close(first, closing))
    assert world.sale("S1").locked
    verify_store(world.store)
    world.do(world.store.cases.close(second, closing))
    assert not world.sale("S1").locked
    assert world.tender() == (7_000, 0)
    verify_store(world.store)


def test_it_waits_for_what_is_open_on_the_same_leg(world: World) -> None:
    """What that one holds may come free: it would be given back beside the overpayment."""
    refund_id = overpaid(world, 6_000)
    waiting = world.seal(10_000).refund
    approve_late(world, refund_id, 6_000)
    assert failure_of(close, world, CaseKind.OVERPAYMENT, "201", "202") == "cases.leg_open"
    world.conclude(waiting.refund_id, State.DECLINED)
    close(world, CaseKind.OVERPAYMENT, "201", "202")
    assert world.sale("S1").remaining == 4_000
    verify_store(world.store)


def test_an_unknown_outcome_is_no_case_for_closing(sold: World) -> None:
    refund = sold.refunded(4_000, State.UNKNOWN, case=CaseKind.UNKNOWN_OUTCOME)
    sold.do(sold.store.cases.open(refund.refund_id, CaseKind.SLIP_DISPUTED, "101"))
    for kind in ("unknown_outcome", "slip_disputed"):
        assert failure_of(close, sold, kind, "201") == "cases.outcome_open"
    assert len(sold.store.cases.open_ones()) == 2


def test_one_supervisor_closes_another_case_and_no_money_moves(sold: World) -> None:
    refund = sold.refunded(4_000, State.ACCEPTED, 4_000)
    number = sold.do(sold.store.cases.open(refund.refund_id, CaseKind.SLIP_DISPUTED, "101"))
    assert close(sold, "slip_disputed", "201").case_id == number
    assert sold.tender() == (4_000, 0)
    row = sold.store.db.execute("SELECT * FROM closings").fetchone()
    assert (row["reference"], row["operator"], row["first"]) == (REFERENCE, "102", "201")
    assert (row["second"], row["counted"]) == (None, 0)
    with pytest.raises(Failure, match=r"cases\.closed"):
        sold.do(
            sold.store.cases.close(
                number, Closing("1234", "102", people(sold, "201"), cause=CaseCause.TRAINING)
            )
        )
    verify_store(sold.store)


def test_a_case_of_a_sale_is_closed_as_well(world: World) -> None:
    world.sell(state="unconfirmed")
    world.do(
        world.store.cases.open_of_sale(
            world.sale().key, CaseKind.UNILATERAL_DEBIT, "101", lambda _: []
        )
    )
    assert not close(world, "unilateral_debit", "201").open
    verify_store(world.store)


@pytest.mark.parametrize(
    ("numbers", "operator"),
    [
        (("201",), "102"),  # an overpayment takes two
        (("201", "201"), "102"),
        (("102", "201"), "102"),
        (("101", "201"), "102"),  # made the refund
    ],
)
def test_an_overpayment_takes_two_others(
    late: World, numbers: tuple[str, ...], operator: str
) -> None:
    with pytest.raises(ValueError, match="other than who made it"):
        close(late, CaseKind.OVERPAYMENT, *numbers, operator=operator)
    assert late.sale("S1").locked


def test_without_a_reference_it_stays_open(late: World) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        close(late, CaseKind.OVERPAYMENT, "201", "202", reference="")
    assert len(late.store.cases.open_ones()) == 1
    assert late.tender() == (0, 0)


BEHIND_ITS_BACK = [
    "DELETE FROM closings",
    "UPDATE closings SET counted = 0",
    "UPDATE closings SET reference = '1'",
    "UPDATE closings SET second = '203'",
    "UPDATE cases SET state = 'open', closed_at = NULL WHERE kind = 'overpayment'",
    "UPDATE sales SET locked = 1",
    "UPDATE tenders SET done = 0",
]


@pytest.mark.parametrize("change", BEHIND_ITS_BACK)
def test_a_change_behind_its_back_shows(late: World, change: str) -> None:
    close(late, CaseKind.OVERPAYMENT, "201", "202")
    verify_store(late.store)
    assert late.store.writer.db.execute(change).rowcount
    assert failure_of(verify_store, late.store) == "ledger.tampered"


def test_an_overpayment_closed_behind_its_back_shows(late: World) -> None:
    db = late.store.writer.db
    db.execute("UPDATE cases SET state = 'closed', closed_at = 'now' WHERE kind = 'overpayment'")
    db.execute("UPDATE sales SET locked = 0")
    assert failure_of(verify_store, late.store) == "ledger.tampered"


def test_what_people_told_late_has_all_effects(world: World) -> None:
    refund_id = overpaid(world, 4_000)
    finding = found(world, 2_500)
    world.conclude(refund_id, State.OVERPAID, 2_500, finding=finding, case=CaseKind.OVERPAYMENT)
    assert world.refund(refund_id).done == 2_500
    assert world.sale("S1").locked
    assert [one.done for one in world.store.findings.of_refund(refund_id)] == [0, 2_500]
    verify_store(world.store)


def test_less_than_asked_leaves_the_rest_free(sold: World) -> None:
    refund_id = sold.refunded(4_000, State.UNKNOWN).refund_id
    finding = found(sold, 1_500)
    with pytest.raises(ValueError, match="not what people found"):
        sold.conclude(refund_id, State.ACCEPTED, 4_000, finding=finding)
    sold.conclude(refund_id, State.ACCEPTED, 1_500, finding=finding)
    assert sold.tender() == (1_500, 0)
    verify_store(sold.store)


def test_a_void_is_found_in_full_or_not_at_all(sold: World) -> None:
    refund_id = sold.refunded(10_000, State.REVERSING, kind=Kind.VOID).refund_id
    finding = found(sold, 9_999)
    with pytest.raises(ValueError, match="given back as"):
        sold.conclude(refund_id, State.ACCEPTED, 9_999, finding=finding)
