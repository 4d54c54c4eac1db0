"""An exchange credit killed on its way: one number or none, a till that asks again takes once, and
its rest goes back once (R33, R37)."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hw_sim.bench.client import ask
from hw_sim.proofs.crash.crashing import Crashing
from worlds.crash import Crash, kicks

from pos_terminal.config import load
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.services.ledger.read_only import read_ledger

SALE: Final = "cash-today"


def begin_credit(crash: Crashing) -> None:
    """For one piece of it, of which the customer will choose another at the till."""
    crash.ready()
    sale = crash.hands.sample(SALE)
    crash.clerk.scan(sale)
    crash.clerk.see("sale")
    crash.hands.press("menu")
    crash.clerk.answer("sale.more", "5", enter=False)
    crash.clerk.answer("refund.lines", "1", enter=False)
    crash.clerk.answer("refund.quantity", "1")
    crash.clerk.see("refund.lines")
    crash.hands.press("menu")
    crash.clerk.answer("refund.reason", "4", enter=False)
    crash.clerk.see("goods.scan")
    crash.hands.press("menu")
    crash.clerk.see("exchange.as_credit")
    crash.hands.press("enter")
    crash.clerk.approve()
    crash.clerk.see("result")
    crash.clerk.accept()


def begin_rest(crash: Crashing) -> None:
    """Scanned at home, approved, and counted."""
    crash.ready()
    crash.clerk.see("home")
    crash.hands.scan(the_credit(crash).number)
    crash.clerk.answer("exchange.credit", "1", enter=False)
    crash.clerk.approve()
    crash.clerk.pay_out()
    crash.clerk.see("cash.hand_over")
    crash.hands.press("enter")
    crash.clerk.see("result")
    crash.clerk.accept()


def credit_of(crash: Crashing) -> ExchangeCredit | None:
    with read_ledger(load(crash.files.config)) as ledger:
        return ledger.exchange_credits.of_refund(1)


def the_credit(crash: Crashing) -> ExchangeCredit:
    found = credit_of(crash)
    assert found is not None
    return found


def redeem(crash: Crashing, number: str, amount: int) -> dict[str, Any]:
    request = {"verb": "redeem", "number": number, "amount": amount, "request": "till-1/1"}
    return ask(crash.hands.control, request, seconds=10.0)


@pytest.mark.parametrize("point", ["make_exchange_credit:inside", "make_exchange_credit:after"])
def test_there_is_one_credit_whose_slip_prints_or_none(crashing: Crash, point: str) -> None:
    crash = crashing()
    crash.open_up()
    crash.dies_at(begin_credit, point)
    committed = point.endswith("after")
    assert (credit_of(crash) is not None) is committed
    crash.reopen()
    if not committed:
        assert crash.refunds() == []
        assert crash.tender(crash.hands.sample(SALE)) == (0, 0)
        begin_credit(crash)
    credit = the_credit(crash)
    crash.hands.wait_receipts(2)
    [refund] = crash.refunds()
    assert (refund["kind"], refund["state"]) == ("exchange_credit", "set_aside")
    printed = [one["text"] for one in crash.hands.receipts()]
    assert [credit.number in text for text in printed] == [False, True]
    assert crash.tender(crash.hands.sample(SALE)) == (0, credit.amount)
    assert kicks(crash) == 0


@pytest.mark.parametrize("point", ["take_exchange_credit:inside", "take_exchange_credit:after"])
def test_a_till_without_an_answer_asks_again_and_takes_once(crashing: Crash, point: str) -> None:
    crash = crashing()
    crash.open_up()
    begin_credit(crash)
    credit = the_credit(crash)
    crash.arm(point)
    crash.dies(lambda: redeem(crash, credit.number, 100))
    taken = point.endswith("after")
    assert the_credit(crash).taken == (100 if taken else 0)
    crash.reopen()
    crash.ready()
    for again in (taken, True):
        answer = redeem(crash, credit.number, 100)
        assert (answer["ok"], answer["left"]) == (True, credit.amount - 100)
        assert (answer["kind"], answer["again"]) == ("exchange", again)
    assert crash.tender(crash.hands.sample(SALE)) == (100, credit.amount - 100)


@pytest.mark.parametrize(
    "point", ["settle_exchange_credit:inside", "settle_exchange_credit:after", "commit_cash:inside"]
)
def test_the_rest_goes_back_once_and_the_till_takes_nothing_of_it(
    crashing: Crash, point: str
) -> None:
    crash = crashing()
    crash.open_up()
    begin_credit(crash)
    credit = the_credit(crash)
    redeem(crash, credit.number, 100)
    crash.dies_at(begin_rest, point)
    crash.reopen()
    crash.ready()
    settled = point != "settle_exchange_credit:inside"
    assert (the_credit(crash).state == "settled") is settled
    if settled:
        more = {"verb": "redeem", "number": credit.number, "amount": 1, "request": "till-1/2"}
        assert ask(crash.hands.control, more, seconds=10.0)["cause"] == "voucher.settled"
        [rest] = [one for one in crash.hands.ledger()["applications"] if one["kind"] == "cash"]
        assert (rest["state"], rest["amount"]) == ("open", credit.amount - 100)
        assert crash.tender(crash.hands.sample(SALE)) == (100, 0)
    else:
        begin_rest(crash)
        assert crash.tender(crash.hands.sample(SALE)) == (credit.amount, 0)
    crash.verify()
