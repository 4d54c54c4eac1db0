"""Goods of simulated days that are scanned: what would be noticed of them, and nothing else."""

from __future__ import annotations

from collections import Counter
from unittest.mock import patch

import pytest
from hw_sim.bench.sample_sales import SampleSale
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.credit_till import CreditTill
from hw_sim.proofs.simulation.goods_till import CHEESE, SCALE_CODES, goods_to_scan, tell_goods
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.site import Setting
from hw_sim.proofs.simulation.stock_truth import StockTruth
from worlds.counter import logged_in

from pos_terminal.core import items
from pos_terminal.core.goods_code import mod10_ok
from pos_terminal.core.rules import returnable, serial
from pos_terminal.core.sale import Sale
from pos_terminal.core.worth import worths
from pos_terminal.services.ledger.books import exchanges
from pos_terminal.services.ledger.books.applications import serials

PHONE = "IMEI-00-77"
BY_RULE = Setting(policy={"supervisor": "by-rule"}, scale_codes=SCALE_CODES)
GROUND = {"zh": "清仓商品", "en": "Clearance"}
NO_CASES = Setting(
    policy={"supervisor": "by-rule"},
    rules={"returnable": {"skus": {"88002000": GROUND}}},
)


async def to_goods(clerk: SimClerk, place: int) -> SampleSale:
    """Of the till's sale at this place, told the first time."""
    if clerk.site.credits is None:
        till = CreditTill(clerk.site, 0, Counter())
        await tell_goods(till)
        assert len(goods_to_scan(till)) == 4
    assert clerk.site.credits is not None
    sale = clerk.site.credits.told[place].sample
    clerk.scan(sale.receipt_no)
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")
    return sale


async def paid_out(clerk: SimClerk) -> None:
    """Whatever was chosen, which nobody is asked for."""
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter")
    await clerk.home()


@logged_in(BY_RULE)
async def test_pieces_by_number_and_goods_by_weight_come_back_in_parts(clerk: SimClerk) -> None:
    await to_goods(clerk, 0)
    clerk.scan(PHONE)
    await clerk.wait_text("Telephone 退1/3")
    await paid_out(clerk)
    for grams in ("254", "1000"):
        sale = await to_goods(clerk, 2)
        await clerk.at(": 1", f"refund.quantity: {grams} enter")
        if grams == "254":
            clerk.scan(CHEESE[0])
            await clerk.wait_text("Cheese 退1/1")
        await paid_out(clerk)
    came = [(one.line, one.quantity, one.serial) for one in clerk.site.ledger.stock.after(0, 9)]
    assert came == [(1, 1_000, PHONE), (1, 254, ""), (3, 1_000, ""), (1, 1_000, "")]
    brought = [one.done for one in clerk.site.refunds_of(sale.sale_id)]
    assert (
        sum(brought)
        == 1_995
        + sum(  # of the promotion, apples' part of what was paid for it
            round(1_799 * 1_480 / (1_480 + 700)) for _ in brought[:1]
        )
    )
    assert violations(clerk.site) == []


async def never_came(clerk: SimClerk) -> None:
    """The first goods that came back, as a supervisor says since."""
    clerk.press("menu", "4", "3")
    await clerk.at("stock.slip: 1 enter", "stock.line: 1", "stock.correct: 5", "supervisor.number")
    await clerk.approve()
    await clerk.at("stock.corrected: enter")
    await clerk.home()


@pytest.mark.parametrize("asked", [True, False])
def test_a_piece_that_never_came_is_paid_for_once_more_by_supervisors_alone(asked: bool) -> None:
    @logged_in(BY_RULE)
    async def story(clerk: SimClerk) -> None:
        StockTruth(clerk.site)
        await to_goods(clerk, 0)
        clerk.scan(PHONE)
        await clerk.wait_text("Telephone 退1/3")
        await paid_out(clerk)
        await never_came(clerk)
        await to_goods(clerk, 0)
        clerk.scan(PHONE)
        await clerk.at("goods.serial_other: enter", "refund.lines")
        if asked:
            await clerk.at(": menu", "refund.amount: enter", "refund.reason: 4")
            await clerk.approve()
            await clerk.pay_out()
            await clerk.at("cash.hand_over: enter", "result: enter")
            await clerk.home()
            assert violations(clerk.site) == []
        else:
            with (
                patch.object(serial, "has_serials", lambda _: False),
                patch.object(serials, "check", lambda *_: frozenset()),
            ):
                await paid_out(clerk)
            assert any("was paid for 2 times" in one for one in violations(clerk.site))

    story()


@logged_in(BY_RULE)
async def test_a_piece_that_goes_out_unread_and_unasked_is_noticed(clerk: SimClerk) -> None:
    await to_goods(clerk, 0)
    await clerk.at("refund.lines: cancel", "refund.amount: cancel", "sale: menu", "sale.more: 5")
    clerk.scan(PHONE)
    await clerk.wait_text("Telephone 退1/3")
    await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan")
    clerk.scan("88001000")
    with (
        patch.object(serial, "unread", lambda *_: 0),
        patch.object(exchanges, "unread_unasked", lambda *_: False),
    ):
        await clerk.at("goods.serial: enter", "exchange.even: enter", "result: enter")
    await clerk.home()
    assert any("a piece went out unread" in one for one in violations(clerk.site))


@logged_in(BY_RULE)
async def test_another_piece_that_nobody_approved_is_noticed(clerk: SimClerk) -> None:
    await to_goods(clerk, 0)
    with patch.object(serial, "has_serials", lambda _: False):
        await clerk.at(": 1", "refund.quantity: 1 enter", "goods.serial")
        clerk.scan("IMEI-99-00")
        await clerk.at("goods.serial_other: enter")
        await paid_out(clerk)
    assert any("('IMEI-99-00',) came back" in one for one in violations(clerk.site))


@logged_in(NO_CASES)
async def test_goods_that_the_shop_keeps_out_are_noticed(clerk: SimClerk) -> None:
    for place, line in ((0, 2), (2, 4)):
        await to_goods(clerk, place)
        with patch.object(returnable, "_objection", lambda *_: None):
            await clerk.at(f": {line}", "refund.quantity: 1 enter")
            await paid_out(clerk)
    found = [one for one in violations(clerk.site) if "don't come back" in one]
    assert [one.split()[2] for one in found] == ["Case:", "Fish:"]


@logged_in(BY_RULE)
async def test_a_weight_that_brings_what_pieces_would_is_noticed(clerk: SimClerk) -> None:
    """The whole line's worth for a part of it."""

    def whole(sale: Sale) -> dict[int, int]:
        return {line: 2 * each for line, each in worths(sale).items()}

    await to_goods(clerk, 2)
    with patch.object(items, "worths", whole):
        await clerk.at(": 1", "refund.quantity: 500 enter")
        await paid_out(clerk)
    assert any("goods brought" in one for one in violations(clerk.site))


def test_the_scales_print_codes_of_goods() -> None:
    assert all(mod10_ok(one) for one in CHEESE)
