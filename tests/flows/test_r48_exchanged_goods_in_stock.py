"""What went out in an exchange comes back to stock as what it is (R37, R48)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, explained, sell

from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

M: dict[str, Any] = {"sku": "M", "name": "Shirt M", "unit_price": 1_500, "barcodes": ["6901"]}
L = M | {"sku": "L", "name": "Shirt L", "barcodes": ["6902"], "quantity": 1}
BY_RULE = Setting(language=Language.EN, policy={"supervisor": "by-rule"})


async def two_exchanged_for_one(clerk: SimClerk) -> None:
    """Of two M one was exchanged for L, which was sold at that price since."""
    await sell(clerk, "LATER", {"kind": "cash", "amount": 1_500}, lines=[L], **CASH)
    shirts = [M | {"quantity": 2}]
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 3_000}, lines=shirts, **CASH)
    await clerk.log_in()
    await exchange(clerk, "6901", "6902")


async def exchange(clerk: SimClerk, back: str, out: str) -> None:
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.lines")
    clerk.scan(back)
    await clerk.wait_text("1 of 2")
    await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan")
    clerk.scan(out)
    await clerk.at("exchange.even: enter", "result: enter")
    await clerk.home()


async def refund(clerk: SimClerk, *codes: str) -> None:
    """What is scanned so, or all that is left."""
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount")
    if codes:
        await clerk.at("refund.amount: menu", "refund.lines")
        for count, code in enumerate(codes, 1):
            clerk.scan(code)
            await clerk.wait_text(f"{count} of")
        await clerk.at("refund.lines: menu", "refund.amount")
    await clerk.at("refund.amount: enter", "refund.reason: 4")
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()


def moved(clerk: SimClerk) -> list[tuple[str, str, int]]:
    verify_store(clerk.site.ledger)
    return [(one.sku, one.barcode, one.quantity) for one in clerk.site.ledger.stock.after(0, 99)]


def on_the_shelf(clerk: SimClerk) -> dict[str, int]:
    """More of each than before, thousandths by SKU."""
    found: Counter[str] = Counter()
    for sku, _, quantity in moved(clerk):
        found[sku] += quantity
    return dict(found)


@at_the_counter(BY_RULE)
async def test_the_code_that_is_scanned_says_what_comes_back(
    clerk: SimClerk, capsys: pytest.CaptureFixture[str]
) -> None:
    await two_exchanged_for_one(clerk)
    assert moved(clerk) == [("M", "6901", 1_000), ("L", "6902", -1_000)]
    await refund(clerk, "6902")
    assert moved(clerk)[2:] == [("L", "6902", 1_000)]
    assert on_the_shelf(clerk) == {"M": 1_000, "L": 0}
    told = explained(clerk, 2, Language.EN, capsys)
    assert "of these 6902 ×1, which went out in exchange" in told
    assert "其中换货后的 6902 ×1" in explained(clerk, 2, Language.ZH_CN, capsys)
    db = clerk.site.ledger.db
    (_, application) = overview(db)["applications"]
    db.rollback()
    (item,) = application["items"]
    assert item["sorts"] == [{"sku": "L", "code": "6902", "quantity": "1", "serials": []}]
    await refund(clerk)
    assert on_the_shelf(clerk) == {"M": 2_000, "L": 0}, "and the other is as it was sold"


@at_the_counter(BY_RULE)
async def test_the_old_code_says_that_it_is_one_of_those_sold(clerk: SimClerk) -> None:
    await two_exchanged_for_one(clerk)
    await refund(clerk, "6901")
    assert moved(clerk)[2:] == [("M", "6901", 1_000)]
    await refund(clerk)
    assert moved(clerk)[3:] == [("L", "6902", 1_000)]


@at_the_counter(BY_RULE)
async def test_unscanned_it_is_what_went_out_last(clerk: SimClerk) -> None:
    await two_exchanged_for_one(clerk)
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines: 1")
    await clerk.at("refund.quantity: 1 enter", "refund.lines: menu", "refund.amount: enter")
    await clerk.at("refund.reason: 4")
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()
    assert moved(clerk)[2:] == [("L", "6902", 1_000)]


@at_the_counter(BY_RULE)
async def test_both_at_once_are_two_movements(clerk: SimClerk) -> None:
    await two_exchanged_for_one(clerk)
    await refund(clerk, "6902", "6901")
    assert moved(clerk)[2:] == [("M", "6901", 1_000), ("L", "6902", 1_000)]


@at_the_counter(BY_RULE)
async def test_another_of_what_went_out_is_not_the_customers(clerk: SimClerk) -> None:
    """One L went out: a second one was bought elsewhere, for less perhaps."""
    await two_exchanged_for_one(clerk)
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")
    for code in ("6902", "6902"):
        clerk.scan(code)
    await clerk.wait_text("The sale has no such goods")
    assert "1 of 2" in clerk.text
    clerk.scan("6901")
    await clerk.wait_text("2 of 2")
    clerk.scan("6901")
    await clerk.wait_text("All of Shirt M is chosen")
    await clerk.at("refund.lines: 1", "refund.quantity: 1 enter", "refund.lines")
    for code in ("6901", "6901"):
        clerk.scan(code)
    await clerk.wait_text("All of Shirt M is chosen")


@at_the_counter(BY_RULE)
async def test_what_went_out_is_exchanged_once_more(clerk: SimClerk) -> None:
    """L back for M: nobody has an L any more."""
    await two_exchanged_for_one(clerk)
    await exchange(clerk, "6902", "6901")
    assert moved(clerk)[2:] == [("L", "6902", 1_000), ("M", "6901", -1_000)]
    await refund(clerk)
    assert on_the_shelf(clerk) == {"M": 2_000, "L": 0}


@at_the_counter(BY_RULE)
async def test_each_that_goes_out_leaves_by_its_own_number(clerk: SimClerk) -> None:
    """Two M for two L, one after the other."""
    await two_exchanged_for_one(clerk)
    await exchange(clerk, "6901", "6902")
    assert moved(clerk)[2:] == [("M", "6901", 1_000), ("L", "6902", -1_000)]
    assert on_the_shelf(clerk) == {"M": 2_000, "L": -2_000}
