"""Store credit killed on its way: one voucher or none, and a till that asks again (R36, R37)."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.bench.client import ask
from hw_sim.proofs.crash.crashing import Crashing
from worlds.crash import Crash, kicks

from pos_terminal.config import load
from pos_terminal.core.voucher import Voucher
from pos_terminal.services.ledger.read_only import read_ledger

SALE = "cash-today"
LIMIT = "\n[policy.rules.cash_limit]\nlimit = 1\n"


@pytest.fixture
def credit(crashing: Crash) -> Any:
    """A terminal, not started yet, in a shop with a limit below the sale."""
    crash = crashing()
    config = crash.files.config
    config.write_text(config.read_text("utf-8") + LIMIT, "utf-8")
    return crash


def give_credit(crash: Crashing) -> None:
    crash.ready()
    crash.clerk.scan(crash.hands.sample(SALE))
    crash.clerk.ask_for()
    crash.clerk.approve()
    crash.clerk.pay_out()
    crash.clerk.see("result")
    crash.clerk.accept()


def voucher_of(crash: Crashing) -> Voucher | None:
    with read_ledger(load(crash.files.config)) as ledger:
        return ledger.vouchers.of_refund(1)


def redeem(crash: Crashing, number: str, amount: int) -> dict[str, Any]:
    request = {"verb": "redeem", "number": number, "amount": amount, "request": "till-1/1"}
    return ask(crash.hands.control, request, seconds=10.0)


@pytest.mark.parametrize("point", ["issue_credit:inside", "issue_credit:after"])
def test_there_is_one_voucher_whose_slip_prints_or_none(credit: Any, point: str) -> None:
    crash = credit
    crash.open_up()
    crash.dies_at(give_credit, point)
    committed = point.endswith("after")
    voucher = voucher_of(crash)
    assert (voucher is not None) is committed
    crash.reopen()
    if not committed:
        assert crash.refunds() == []
        assert crash.hands.receipts() == []
        give_credit(crash)
        voucher = voucher_of(crash)
    crash.hands.wait_receipts(2)
    [refund] = crash.refunds()
    assert (refund["kind"], refund["state"]) == ("credit", "issued")
    assert voucher is not None
    printed = [one["text"] for one in crash.hands.receipts()]
    assert [voucher.number in text for text in printed] == [False, True]
    sale = crash.hands.sample(SALE)
    assert crash.tender(sale) == (sale["amount"], 0)
    assert kicks(crash) == 0


@pytest.mark.parametrize("point", ["redeem:inside", "redeem:after"])
def test_a_till_without_an_answer_asks_again_and_takes_once(credit: Any, point: str) -> None:
    crash = credit
    crash.open_up()
    give_credit(crash)
    issued = voucher_of(crash)
    assert issued is not None
    crash.arm(point)
    crash.dies(lambda: redeem(crash, issued.number, 100))
    taken = point.endswith("after")
    before = voucher_of(crash)
    assert before is not None
    assert before.redeemed == (100 if taken else 0)
    crash.reopen()
    crash.ready()
    expected = {"ok": True, "amount": 100, "left": issued.amount - 100, "currency": "156"}
    expected |= {"kind": "credit"}
    assert redeem(crash, issued.number, 100) == expected | {"again": taken}
    assert redeem(crash, issued.number, 100) == expected | {"again": True}
    refused = redeem(crash, issued.number, 101)
    assert (refused["ok"], refused["cause"]) == (False, "voucher.reused")
    after = voucher_of(crash)
    assert after is not None
    assert after.redeemed == 100
    assert kicks(crash) == 0
