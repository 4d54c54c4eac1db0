"""Payouts stand on lines of their own, wherever money is told, and in no sum of refunds (R47a)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import explained, logged_in

from pos_terminal.core.print_job import UNPRINTED
from pos_terminal.core.voucher import mask
from pos_terminal.services.ledger.overview import overview
from pos_terminal.texts import Language

SETTING = Setting(language=Language.EN, policy={"payouts": {"per_case": 5_000, "per_day": 50_000}})
GIVEN_BACK = 1_000
PAID_OUT = {1: 111, 2: 222, 3: 333}
"""By the key of the way: cash, store credit, form."""
OF_PAYOUTS = {"payouts", "case_papers", "cases", "vouchers", "print_jobs", "slips"}
"""Lists in which they may be seen."""


async def case_of_goods(clerk: SimClerk) -> str:
    receipt = clerk.site.shop.sale("visa-older").receipt_no
    clerk.scan(receipt)
    await clerk.at("sale: enter", f"refund.amount: {GIVEN_BACK} enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.at("result: menu", "case.kind: 5", "case.opened: enter", "case.facts")
    return receipt


async def pay_each_way(clerk: SimClerk) -> None:
    """The cash stays to hand over."""
    for way, amount in PAID_OUT.items():
        await clerk.at("case.facts: 2", "case.remedy: 3", "payout.what: 1")
        await clerk.at(f"payout.kind: {way}", f"payout.amount: {amount} enter")
        await clerk.approve()
        await clerk.approve(1)
        await clerk.at("payout.hand_over: cancel" if way == 1 else "payout.done: enter")
        await clerk.at("case.facts")
    slips = clerk.site.ledger.slips
    await clerk.site.until(lambda: not slips.in_state(*UNPRINTED), 60, "slips")


def told(clerk: SimClerk) -> dict[str, Any]:
    ledger = clerk.site.ledger
    found = overview(ledger.db)
    ledger.db.execute("COMMIT")  # it looks at one state of the ledger
    return found


@logged_in(SETTING)
async def test_no_other_list_and_no_sum_changes(clerk: SimClerk) -> None:
    """``ledger --json`` whole, before and after: sales, refunds, stock and what stands above."""
    receipt = await case_of_goods(clerk)
    before = told(clerk)
    sale = clerk.site.ledger.sales.by_key(clerk.site.ledger.sales.by_receipt(receipt)[0].key)
    await pay_each_way(clerk)
    after = told(clerk)
    changed = {name for name in after if after[name] != before[name]}
    assert {"payouts", "vouchers"} <= changed <= OF_PAYOUTS
    assert [one["done"] for one in after["refunds"]] == [GIVEN_BACK]
    assert {one["kind"]: one["amount"] for one in after["payouts"]} == {
        "cash": 111,
        "credit": 222,
        "manual": 333,
    }
    assert sale is not None
    assert clerk.site.ledger.sales.by_key(sale.key) == sale


@logged_in(SETTING)
async def test_explain_has_a_line_for_each(
    clerk: SimClerk, capsys: pytest.CaptureFixture[str]
) -> None:
    await case_of_goods(clerk)
    await pay_each_way(clerk)
    voucher = clerk.site.ledger.vouchers.of_payout(2)
    assert voucher is not None
    lines = explained(clerk, 1, Language.EN, capsys).splitlines()
    assert "  payout 1 of case 1: Freight, Cash, ¥1.11, beside the sale" in lines
    credit = "  payout 2 of case 1: Freight, Store credit, ¥2.22, beside the sale, "
    assert f"{credit}{mask(voucher.number)}" in lines
    assert "  payout 3 of case 1: Freight, Form, paid by people, ¥3.33, beside the sale" in lines
    chinese = explained(clerk, 1, Language.ZH_CN, capsys)
    assert "  差错 1 另付 1: 运费, 现金, ¥1.11, 不计入退款" in chinese.splitlines()
    stored = json.loads(explained(clerk, 1, Language.EN, capsys, "--json"))
    assert [(one["kind"], one["amount"]) for one in stored["payouts"]] == [
        ("cash", 111),
        ("credit", 222),
        ("manual", 333),
    ]
    assert [one["voucher"] for one in stored["payouts"]] == [None, mask(voucher.number), None]
    assert stored["voucher"] is None, "the refund went to a card"
    assert voucher.number not in f"{lines} {chinese} {stored}"


@logged_in(SETTING)
async def test_cash_that_lies_there_is_a_line_of_its_own(clerk: SimClerk) -> None:
    await case_of_goods(clerk)
    await pay_each_way(clerk)
    await clerk.at("case.facts: cancel", "home: menu", "menu: 3 2", "cash.choose")
    rows = [row for row in clerk.text.splitlines() if "¥" in row]
    assert len(rows) == 1
    assert "Freight" in rows[0]
    assert rows[0].endswith("¥1.11")


@logged_in(SETTING)
async def test_screen_and_record_of_the_case_have_them(clerk: SimClerk) -> None:
    """And what its voucher is worth, never its number."""
    await case_of_goods(clerk)
    await pay_each_way(clerk)
    voucher = clerk.site.ledger.vouchers.of_payout(2)
    assert voucher is not None
    screen = " ".join(clerk.text.split())
    there = len(clerk.papers)
    await clerk.at("case.facts: 3")
    await clerk.site.until(lambda: len(clerk.papers) > there, 60, "the record")
    record = clerk.papers[-1]
    for line in ("Payout #1 11-20 ¥1.11 Freight Cash", "Payout #2 11-20 ¥2.22"):
        assert line in screen, "the others are a key further down"
    for amount in ("1.11", "2.22", "3.33"):
        assert amount in record
    assert mask(voucher.number) in record
    assert voucher.number not in f"{screen} {record}"
