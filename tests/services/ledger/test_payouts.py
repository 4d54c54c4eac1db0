"""Payouts are held in the commit: ceilings, people, and the log (R47a)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import timedelta

import pytest
from worlds.ledger import World
from worlds.purge import later, next_batch, printed, purge

from pos_terminal.core.case import CaseKind
from pos_terminal.core.case_end import CaseCause
from pos_terminal.core.case_step import StepKind
from pos_terminal.core.payout import PayoutFor, PayoutKind, PayoutLimits, PayoutState
from pos_terminal.core.voucher import Voucher
from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval, Closing, NewPayout, Payout, Taking
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.kinds.credit import StoreCredit
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

    def slips(number: int, voucher: Voucher | None) -> Sequence[Slip]:
        assert (voucher is None) == (kind is not PayoutKind.CREDIT)
        if voucher is None:
            return [world.slip(copy, case=case_id, application=0) for copy in Copy]
        body = StoreCredit(voucher.number, payout=str(number))
        return [world.slip(case=case_id, application=0, barcode=voucher.number, body=body)]

    payout: Payout = world.do(world.store.payouts.pay_out(new, LIMITS, slips))
    return payout


def test_it_is_one_commit_with_its_step_and_slips(sold: World) -> None:
    case = open_case(sold)
    payout = pay(sold, case, 1_200)
    assert payout.state is PayoutState.TO_HAND_OVER
    (step,) = sold.store.cases.steps(case)
    assert (step.kind, step.text) == (StepKind.DECISION, f"Freight #{payout.payout_id}")
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


def credit(world: World, case: int, amount: int = 1_200) -> Voucher:
    paid = pay(world, case, amount, PayoutKind.CREDIT)
    voucher = world.store.vouchers.of_payout(paid.payout_id)
    assert voucher is not None
    return voucher


def test_as_store_credit_its_voucher_comes_with_the_commit(sold: World) -> None:
    case = open_case(sold)
    before = sold.sale()
    voucher = credit(sold, case)
    assert (voucher.amount, voucher.left, voucher.refund_id) == (1_200, 1_200, None)
    assert sold.store.vouchers.by_number(voucher.number) == voucher
    assert sold.sale() == before, "no part of what the sale gives back"
    with pytest.raises(Failure, match="over_case"):
        pay(sold, case, 801, PayoutKind.CREDIT)
    assert len(sold.store.db.execute("SELECT 1 FROM vouchers").fetchall()) == 1
    sold.do(sold.store.vouchers.redeem(Taking(voucher.number, 1_000, request="T1")))
    sold.do(sold.store.vouchers.cancel(voucher.number, "101", "201"))
    verify_store(sold.store)


def test_a_lost_paper_goes_on_as_the_same_payout(sold: World) -> None:
    """While the paper that there is may still come out it is no lost one; other slips of the case
    are none of it."""
    case = open_case(sold)
    voucher = credit(sold, case)
    sold.do(sold.store.vouchers.redeem(Taking(voucher.number, 200, request="T1")))

    def anew(new: Voucher) -> Sequence[Slip]:
        body = StoreCredit(new.number, payout="1")
        return [sold.slip(case=case, application=0, barcode=new.number, body=body)]

    replaced = sold.store.replace_voucher
    with pytest.raises(Failure, match="voucher_waits"):
        sold.do(replaced(voucher.number, "101", "201", anew))
    printed(sold)
    pay(sold, case, 100)  # its slips wait
    new = sold.do(replaced(voucher.number, "101", "201", anew))
    assert (new.left, new.replaces, new.payout_id) == (1_000, voucher.number, voucher.payout_id)
    assert sold.store.vouchers.of_payout(1) == new
    assert sold.store.slips.of_case(case)[-1].slip.head.barcode == new.number
    verify_store(sold.store)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE vouchers SET amount = 1100",
        "UPDATE vouchers SET amount = 2000 WHERE replaces IS NULL",
        "UPDATE vouchers SET issued_at = '2026-01-01T00:00:00+08:00'",
        "UPDATE vouchers SET state = 'cancelled'",
        "UPDATE redemptions SET amount = 300",
        "DELETE FROM vouchers WHERE replaces IS NULL",
        "DELETE FROM redemptions",
        "UPDATE payouts SET kind = 'manual', state = 'form_printed'",
    ],
)
def test_a_change_of_its_voucher_is_seen(sold: World, change: str) -> None:
    voucher = credit(sold, open_case(sold))
    sold.do(sold.store.vouchers.redeem(Taking(voucher.number, 200, request="T1")))
    verify_store(sold.store)
    sold.store.writer.db.execute(change)
    with pytest.raises(Failure, match=r"ledger\.tampered"):
        verify_store(sold.store)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE vouchers SET payout_id = NULL",
        "UPDATE vouchers SET refund_id = 1",
        "UPDATE payouts SET state = 'handed_over'",
    ],
)
def test_a_voucher_belongs_to_one_of_both(sold: World, change: str) -> None:
    credit(sold, open_case(sold))
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        sold.store.writer.db.execute(change)


def test_it_keeps_its_sale_and_slip_until_it_is_used(sold: World) -> None:
    case = open_case(sold)
    voucher = credit(sold, case)
    printed(sold)
    end = Closing("A2", "102", (approval(sold),), cause=CaseCause.TRAINING)
    sold.do(sold.store.cases.close(case, end))
    next_batch(sold)
    assert not {"sales", "slips"} & purge_after(sold, 250).keys()
    (job,) = sold.store.slips.of_case(case)
    assert job.slip.body == StoreCredit(voucher.number, payout="1")
    sold.do(sold.store.vouchers.redeem(Taking(voucher.number, 1_200, request="T1")))
    assert purge_after(sold, 1)["slips"] == 1
    assert purge_after(sold, 250)["sales"] == 1
    left = "SELECT 1 FROM vouchers UNION SELECT 1 FROM redemptions UNION SELECT 1 FROM payouts"
    assert not sold.store.db.execute(left).fetchall()
    verify_store(sold.store)


def purge_after(world: World, days: int) -> dict[str, int]:
    later(world, days)
    return purge(world)


def approval(world: World) -> Approval:
    return Approval("201", "N201", world.clock.now(), 0, "case")
