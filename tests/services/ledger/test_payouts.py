"""Payouts are held in the commit: ceilings, people, and the log (R47a)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from worlds.ledger import World

from pos_terminal.core.case import CaseKind
from pos_terminal.core.case_step import StepKind
from pos_terminal.core.payout import PayoutFor, PayoutKind, PayoutLimits, PayoutState
from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval, NewPayout, Payout
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.slip import Slip

LIMITS = PayoutLimits(per_case=2_000, per_day=3_000)


def open_case(world: World, kind: CaseKind = CaseKind.GOODS) -> int:
    number: int = world.do(
        world.store.cases.open_of_sale(world.sale().key, kind, "101", lambda _: ())
    )
    return number


def pay(
    world: World,
    case_id: int,
    amount: int,
    kind: PayoutKind = PayoutKind.CASH,
    people: tuple[str, str] = ("201", "202"),
) -> Payout:
    now = world.clock.now()
    first, second = (Approval(one, f"N{one}", now, amount, "payout") for one in people)
    new = NewPayout(
        *(case_id, PayoutFor.FREIGHT, kind, amount, "156", "101", (first, second), "Freight")
    )

    def slips(number: int) -> Sequence[Slip]:
        return [world.slip(copy, case=case_id, application=0) for copy in Copy]

    payout: Payout = world.do(world.store.payouts.pay_out(new, LIMITS, slips))
    return payout


def test_it_is_one_commit_with_its_step_and_slips(sold: World) -> None:
    case = open_case(sold)
    payout = pay(sold, case, 1_200)
    assert payout.state is PayoutState.TO_HAND_OVER
    (step,) = sold.store.cases.steps(case)
    assert (step.kind, step.text) == (StepKind.REFUND, f"Freight #{payout.payout_id}")
    assert len(sold.store.slips.of_case(case)) == len(Copy)
    verify_store(sold.store)


def test_no_more_than_the_case_and_the_day_allow(sold: World) -> None:
    first, second = open_case(sold), open_case(sold, CaseKind.TIME)
    pay(sold, first, 2_000)
    with pytest.raises(Failure, match="over_case"):
        pay(sold, first, 1)
    with pytest.raises(Failure, match="over_day"):
        pay(sold, second, 1_001)
    pay(sold, second, 1_000)
    sold.clock.moment += timedelta(days=1)
    with pytest.raises(Failure, match="over_case"):
        pay(sold, first, 1)
    pay(sold, second, 1_000)
    assert sold.store.payouts.paid(first, "2000-01-01") == (2_000, 0)
    verify_store(sold.store)


@pytest.mark.parametrize("people", [("101", "201"), ("201", "201"), ("201", "101")])
def test_three_people_take_part(sold: World, people: tuple[str, str]) -> None:
    case = open_case(sold)
    with pytest.raises(ValueError, match="two other people"):
        pay(sold, case, 100, people=people)
    assert sold.store.payouts.by_number(1) is None


def test_cash_is_handed_over_once_and_a_form_never(sold: World) -> None:
    case = open_case(sold)
    cash, form = pay(sold, case, 100), pay(sold, case, 200, PayoutKind.MANUAL)
    assert [one.payout_id for one in sold.store.payouts.to_hand_over()] == [cash.payout_id]
    sold.do(sold.store.payouts.handed_over(cash.payout_id, "101"))
    for number in (cash.payout_id, form.payout_id):
        with pytest.raises(Failure, match="not_lying"):
            sold.do(sold.store.payouts.handed_over(number, "101"))
    assert not sold.store.payouts.to_hand_over()
    verify_store(sold.store)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payouts SET amount = 1",
        "UPDATE payouts SET second_name = 'somebody'",
        "UPDATE payouts SET state = 'handed_over'",
        "UPDATE payouts SET what = 'goodwill'",
        "DELETE FROM payouts",
    ],
)
def test_a_change_behind_the_ledgers_back_is_seen(sold: World, change: str) -> None:
    pay(sold, open_case(sold), 1_200)
    sold.store.writer.db.execute(change)
    with pytest.raises(Failure, match=r"ledger\.tampered"):
        verify_store(sold.store)
