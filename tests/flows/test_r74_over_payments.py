"""What is taken off counts once, over however many payments and sales of a ticket (R74, R35).

The figures: two teas of 15.00 each and one cup of 9.00; 5.00 off for the tea.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, explained, in_each_language, sell

from pos_terminal.core.items import due, owed
from pos_terminal.core.looked import Deducted
from pos_terminal.core.refund import Kind
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

TEA: dict[str, Any] = {"sku": "9", "name": "Tea", "quantity": 2, "unit_price": 1_500}
CUP: dict[str, Any] = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900}
POINTS = {"kind": "points", "amount": 2_000}
REST = {"kind": "cash", "amount": 1_900}
BY_RULE = Setting(language=Language.EN, policy={"supervisor": "by-rule"})


async def less_for_tea(clerk: SimClerk, *, by: str = "1") -> None:
    """At the reason: 5.00 off for the first line."""
    await clerk.at("refund.reason: menu", "goods.or_note: 2", "goods.lines: 1", "goods.line: 3")
    await clerk.at(f"goods.deduct: {by}", "goods.deduct_amount: 5 0 0 enter", "goods.line: menu")
    await clerk.at("goods.lines: menu", "refund.reason: 4")


def given(clerk: SimClerk) -> list[tuple[Kind, int, list[tuple[int, int, int]]]]:
    """Of each refund, oldest first: how, how much, and of its goods share, worth and deduction."""
    ledger = clerk.site.ledger
    verify_store(ledger)
    found = []
    for refund in reversed(ledger.refunds.recent(9)):
        items = clerk.site.application(refund.application).items
        of_items = [(one.amount, one.worth, one.looked.deduction) for one in items if one.looked]
        found.append((refund.kind, refund.done, of_items))
    return found


async def papers(clerk: SimClerk, count: int) -> Sequence[str]:
    await clerk.site.until(lambda: len(clerk.papers) == count, 600, "all copies")
    return clerk.papers


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_of_two_payments_it_is_taken_off_once(
    clerk: SimClerk, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    """20.00 of points and 19.00 in cash for 39.00: 34.00 go back, and the last payment has less."""
    await sell(clerk, "GOODS", POINTS, REST, lines=[TEA, CUP], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: enter")
    await less_for_tea(clerk)
    await clerk.wait("ticket.plan")
    for amount in ("34.00", "20.00", "14.00"):
        assert amount in clerk.text
    await clerk.at("ticket.plan: enter", "supervisor.number")
    zh = language is Language.ZH_CN
    off = "已使用" if zh else "Used"
    for shown in ("34.00", "30.00", off, "-¥5.00"):
        assert clerk.text.count(shown) == 1, shown
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter")
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()
    # 20.00 over 25.00 of tea and 9.00 of cup, by the largest remainder
    tea, cup = (1_471, 3_000, 500), (529, 900, 0)
    assert given(clerk) == [(Kind.POINTS, 2_000, [tea, cup]), (Kind.CASH, 1_400, [])]
    sale = clerk.site.ledger.sales.by_id("GOODS")
    assert sale is not None
    assert (sale.remaining, due(sale), owed(sale)) == (500, 0, 0), "nobody is owed the rest"
    # what the customer reads: 30.00 less 5.00 are 25.00, of which this payment has 14.71
    for paper in (await papers(clerk, 4))[:2]:
        at = [paper.index(one) for one in ("14.71", "30.00", "-5.00", "25.00")]
        assert at == sorted(at), paper
    for paper in clerk.papers[2:]:
        assert "-5.00" not in paper, paper
    told = explained(clerk, 1, language, capsys)
    tea_is = "Tea ×2: 14.71, 价值 30.00" if zh else "Tea ×2: 14.71, worth 30.00"
    assert f"{tea_is}, {'扣款 5.00 (已使用)' if zh else '5.00 deducted (Used)'}" in told
    assert "500" not in told.replace("5000.00", "").replace("50000.00", "")
    assert "-5.00" not in explained(clerk, 2, language, capsys)
    (first, second) = overview(clerk.site.ledger.db)["applications"]
    assert second["items"] == []
    (shown, _) = first["items"]
    assert (shown["worth"], shown["deduction"], shown["deducted_for"]) == (3_000, 500, "used")


@pytest.mark.parametrize(("digit", "kind"), list(enumerate(Deducted, 1)))
def test_the_kind_is_on_both_copies_and_in_explain(
    digit: int, kind: Deducted, capsys: pytest.CaptureFixture[str]
) -> None:
    @at_the_counter()
    async def story(clerk: SimClerk) -> None:
        await sell(clerk, "GOODS", {"kind": "cash", "amount": 3_900}, lines=[TEA, CUP], **CASH)
        await clerk.log_in()
        clerk.scan("GOODS")
        await clerk.at("sale: enter", "refund.amount: enter")
        await less_for_tea(clerk, by=str(digit))
        await clerk.approve()
        await clerk.pay_out()
        await clerk.at("cash.hand_over: enter", "result")
        await clerk.home()
        name = ("Used", "Part missing", "Restocking fee", "As agreed")[digit - 1]
        assert f"5.00 deducted ({name})" in explained(clerk, 1, Language.EN, capsys)
        for paper in await papers(clerk, 2):
            assert f"Less, {name.lower()}" in paper
            assert all(one in paper for one in ("30.00", "-5.00", "25.00", "34.00"))
            assert "Left of that" not in paper, "one payment has all of it"
        (application,) = overview(clerk.site.ledger.db)["applications"]
        assert application["items"][0]["deducted_for"] == kind.value

    story()


@at_the_counter()
async def test_of_two_sales_in_one_ticket_each_line_has_its_own(clerk: SimClerk) -> None:
    """MENU at the supervisor's number leads to the lines of both; only one brings less."""
    for receipt in ("ONE", "TWO"):
        await sell(clerk, receipt, {"kind": "cash", "amount": 900}, lines=[CUP], **CASH)
    await clerk.log_in()
    clerk.scan("ONE")
    await clerk.at("sale: menu", "sale.more: 1", "sale: enter", "refund.amount: enter")
    await clerk.at("refund.reason: 4", "ticket.plan")
    clerk.scan("TWO")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4", "ticket.plan: enter")
    await clerk.at("supervisor.number: menu", "goods.lines: 2", "goods.line: 3", "goods.deduct: 4")
    await clerk.at("goods.deduct_amount: 4 0 0 enter", "goods.line: menu", "goods.lines: menu")
    await clerk.wait("supervisor.number")
    assert "4.00 deducted: supervisor" in clerk.text
    assert clerk.text.count("-¥4.00") == 1
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter", "result")
    await clerk.home()
    whole, less = (900, 900, 0), (500, 900, 400)
    assert given(clerk) == [(Kind.CASH, 900, [whole]), (Kind.CASH, 500, [less])]


@at_the_counter(BY_RULE)
async def test_of_a_gift_the_holder_learns_no_other_price(clerk: SimClerk) -> None:
    """Store credit over two payments, most first; what was not chosen stays untold."""
    gift: dict[str, Any] = {"gift_receipt_no": "G-77", **CASH}
    await sell(clerk, "GOODS", POINTS, REST, lines=[TEA, CUP], **gift)
    await clerk.log_in()
    clerk.scan("G-77")
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: menu")
    await clerk.at("goods.or_note: 2", "goods.line: 3", "goods.deduct: 2")
    for untold in ("9.00", "39.00", "20.00", "19.00"):
        assert untold not in clerk.text
    await clerk.at("goods.deduct_amount: 5 0 0 enter", "goods.line: menu", "refund.reason: 4")
    await clerk.wait("ticket.plan")
    await clerk.at("ticket.plan: enter", "supervisor.number")
    assert "5.00 deducted: supervisor" in clerk.text
    await clerk.approve()
    for _ in range(2):
        await clerk.at("refund.confirm: enter", "result: enter")
    await clerk.home()
    first, second = given(clerk)
    assert first == (Kind.CREDIT, 2_000, [(2_000, 3_000, 500)])
    assert second == (Kind.CREDIT, 500, [])
    sale = clerk.site.ledger.sales.by_id("GOODS")
    assert sale is not None
    assert (sale.remaining, due(sale), sale.owed, sale.owed_to_holder) == (1_400, 900, 0, 0)
    for paper in await papers(clerk, 4):
        assert "G-77" in paper
        for untold in ("39.00", "19.00", "9.00\n", "14.00", "GOODS", "Cup"):
            assert untold not in paper, paper
