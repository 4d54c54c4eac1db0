"""Goods that come back for less than they are worth: why, how much, and who answers for it (R74).

The figures: two teas of 15.00 each and one cup of 9.00.
"""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, sell

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.items import due, owed
from pos_terminal.core.looked import Deducted, Disposition, Looked
from pos_terminal.ports import Application
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

TEA: dict[str, Any] = {"sku": "9", "name": "Tea", "quantity": 2, "unit_price": 1_500}
CUP: dict[str, Any] = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900}
EACH = Setting(language=Language.EN, policy={"inspection": "each"})
ONCE = Setting(language=Language.EN, policy={"inspection": "once"})
BY_RULE = Setting(language=Language.EN, policy={"supervisor": "by-rule"})


async def at_the_amount(clerk: SimClerk, *tenders: dict[str, Any]) -> None:
    paid = tenders or ({"kind": "cash", "amount": 3_900},)
    await sell(clerk, "GOODS", *paid, lines=[TEA, CUP], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter")


def applications(clerk: SimClerk) -> list[Application]:
    verify_store(clerk.site.ledger)
    (sale,) = clerk.site.ledger.sales.by_receipt("GOODS")
    numbers = range(1, 9)
    stored = [clerk.site.ledger.applications.by_number(number) for number in numbers]
    return [one for one in stored if one is not None and one.sale_key == sale.key]


async def paid_out(clerk: SimClerk) -> Application:
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()
    return max(applications(clerk), key=lambda one: one.number)


def found(application: Application) -> dict[int, tuple[int, int, Looked | None]]:
    return {one.line: (one.amount, one.worth, one.looked) for one in application.items}


AS_NEW = Looked("4", "1", Disposition.RESTOCK)
USED = Looked("4", "1", Disposition.RESTOCK, 500, Deducted.USED)


@at_the_counter()
async def test_a_deduction_by_line_from_the_reason_s_screen(clerk: SimClerk) -> None:
    """All of it; 5.00 off for the tea. What was taken off is settled."""
    await at_the_amount(clerk)
    await clerk.at("refund.amount: enter", "refund.reason: menu", "goods.or_note: 2")
    await clerk.at("goods.lines: 1", "goods.line: 3", "goods.deduct: 1")
    await clerk.at("goods.deduct_amount: 5 0 0 enter", "goods.line: menu", "goods.lines: menu")
    await clerk.at("refund.reason")
    for shown in ("39.00", "-¥5.00", "34.00"):
        await clerk.wait_text(shown)
    await clerk.at("refund.reason: 4", "supervisor.number")
    for shown in ("5.00 deducted: supervisor", "34.00", "30.00", "Used", "-¥5.00"):
        await clerk.wait_text(shown)
    await clerk.approve()
    application = await paid_out(clerk)
    assert application.amount == 3_400
    assert found(application) == {1: (2_500, 3_000, USED), 2: (900, 900, AS_NEW)}
    await clerk.site.until(lambda: len(clerk.papers) == 2, 600, "both copies")
    for paper in clerk.papers:
        assert all(one in paper for one in ("30.00", "-5.00", "25.00")), paper
    merchants, customers = clerk.papers
    assert "As new: back to stock" in merchants
    assert "As new" not in customers, "where the goods go is the shop's own affair"
    sale = clerk.site.ledger.sales.by_key(application.sale_key)
    assert sale is not None
    assert (sale.remaining, due(sale), owed(sale)) == (500, 0, 0)


@at_the_counter(BY_RULE)
async def test_who_gives_less_is_asked_for_where_nobody_else_would_be(clerk: SimClerk) -> None:
    await at_the_amount(clerk)
    await clerk.at("refund.amount: enter", "refund.reason")
    await clerk.wait_text("As new")
    await clerk.at("refund.reason: menu", "goods.or_note: 2")
    await clerk.at("goods.lines: 2", "goods.line: 3", "goods.deduct: 3")
    await clerk.at("goods.deduct_amount: 1 0 0 enter", "goods.line: menu", "goods.lines: menu")
    await clerk.at("refund.reason: 4", "supervisor.number")
    await clerk.wait_text("1.00 deducted: supervisor")
    await clerk.approve()
    assert (await paid_out(clerk)).amount == 3_800


@at_the_counter()
async def test_the_supervisor_s_menu_key_leads_to_the_goods_and_a_new_plan(
    clerk: SimClerk,
) -> None:
    await at_the_amount(clerk)
    await clerk.at("refund.amount: enter", "refund.reason: 4", "supervisor.number: menu")
    await clerk.at("goods.lines: 1", "goods.line: 3", "goods.deduct: 4")
    await clerk.at("goods.deduct_amount: 3 9 0 0 enter", "goods.deduct_amount")
    await clerk.wait_text("At most ¥30.00")
    await clerk.at("goods.deduct_amount: 3 0 0 0 enter", "goods.line: 1", "goods.condition: 2")
    await clerk.at("goods.line: cancel", "goods.lines: cancel", "supervisor.number")
    await clerk.wait_text("30.00 deducted: supervisor")
    await clerk.approve()
    application = await paid_out(clerk)
    first, second = sorted(applications(clerk), key=lambda one: one.number)
    assert (first.state, first.amount) == (ApplicationState.CANCELLED, 3_900)
    assert (second, second.amount) == (application, 900)
    agreed = Looked("4", "2", Disposition.QUARANTINE, 3_000, Deducted.AGREED)
    assert found(second) == {1: (0, 3_000, agreed), 2: (900, 900, AS_NEW)}
    (said,) = clerk.site.ledger.applications.approvals(second.number)
    assert clerk.site.ledger.applications.approvals(first.number) == []
    assert said.rule == "inspection"


@at_the_counter()
async def test_not_all_that_would_go_back_is_taken_off(clerk: SimClerk) -> None:
    await at_the_amount(clerk)
    await clerk.at("refund.amount: menu", "refund.lines: 2", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: menu")
    await clerk.at("goods.or_note: 2", "goods.line: 3", "goods.deduct: 2")
    await clerk.at("goods.deduct_amount: 9 0 0 enter", "goods.deduct_amount")
    await clerk.wait_text("At most ¥8.99")
    await clerk.at("goods.deduct_amount: cancel", "goods.line: menu", "refund.reason: 4")
    await clerk.at("supervisor.number")


@pytest.mark.parametrize("first", ["reason", "deduction"])
def test_nothing_is_taken_off_for_a_defect(first: str) -> None:
    @at_the_counter()
    async def story(clerk: SimClerk) -> None:
        await at_the_amount(clerk)
        await clerk.at("refund.amount: enter")
        if first == "reason":
            await clerk.at("refund.reason: 1", "supervisor.number: menu", "goods.lines: 1")
            await clerk.at("goods.line: 3", "goods.line")
        else:
            await clerk.at("refund.reason: menu", "goods.or_note: 2", "goods.lines: 1")
            await clerk.at("goods.line: 3", "goods.deduct: 1", "goods.deduct_amount: 1 enter")
            await clerk.at("goods.line: 2", "goods.reason: 1", "goods.line")
            await clerk.wait_text("Defective, nothing deducted: Tea")
            await clerk.at("goods.line: menu", "goods.lines: menu", "refund.reason: 1")
        await clerk.wait_text("Defective, nothing deducted: Tea")
        if first == "deduction":
            await clerk.at("refund.reason: 4", "supervisor.number")

    story()


@at_the_counter()
async def test_each_line_has_a_reason_of_its_own(clerk: SimClerk) -> None:
    """A defective cup beside tea that is not wanted: nothing is taken off the cup alone."""
    await at_the_amount(clerk)
    await clerk.at("refund.amount: enter", "refund.reason: menu", "goods.or_note: 2")
    await clerk.at("goods.lines: 2", "goods.line: 2", "goods.reason: 1", "goods.line: 3")
    await clerk.wait_text("Defective, nothing deducted: Cup")
    await clerk.at("goods.line: 1", "goods.condition: 4", "goods.refuse: 2")
    await clerk.wait_text("Defective, nothing deducted: Cup")
    await clerk.at("goods.refuse: cancel", "goods.condition: cancel", "goods.line: menu")
    await clerk.at("goods.lines: 1", "goods.line: 3", "goods.deduct: 1")
    await clerk.at("goods.deduct_amount: 5 0 0 enter", "goods.line: menu", "goods.lines: menu")
    await clerk.at("refund.reason: 4", "supervisor.number")
    await clerk.approve()
    application = await paid_out(clerk)
    broken = Looked("1", "3", Disposition.VENDOR)
    assert (application.reason, application.amount) == ("4", 3_400)
    assert found(application) == {1: (2_500, 3_000, USED), 2: (900, 900, broken)}


@at_the_counter(EACH)
async def test_damaged_by_the_buyer_is_refused_with_its_reason(clerk: SimClerk) -> None:
    await at_the_amount(clerk)
    await clerk.at("refund.amount: enter", "goods.condition: 1", "goods.condition")
    await clerk.wait_text("Cup")
    await clerk.at("goods.condition: 4", "goods.refuse: 1", "refund.reason: 4", "result")
    await clerk.wait_text("Damaged by the buyer, not taken back:")
    await clerk.home()
    (application,) = applications(clerk)
    assert application.state is ApplicationState.REFUSED
    assert clerk.site.ledger.stock.after(0, 9) == []
    await clerk.site.until(lambda: bool(clerk.papers), 600, "the slip")
    assert "Damaged by the buyer" in clerk.papers[-1]


@at_the_counter(EACH)
async def test_or_taken_for_less(clerk: SimClerk) -> None:
    await at_the_amount(clerk)
    await clerk.at("refund.amount: enter", "goods.condition: 1", "goods.condition: 4")
    await clerk.at("goods.refuse: 2", "goods.deduct: 4", "goods.deduct_amount: 0 enter")
    await clerk.at("goods.deduct_amount: 4 0 0 enter", "refund.reason: 4", "supervisor.number")
    await clerk.approve()
    application = await paid_out(clerk)
    damaged = Looked("4", "4", Disposition.DAMAGED, 400, Deducted.AGREED)
    assert application.amount == 3_500
    assert found(application) == {1: (3_000, 3_000, AS_NEW), 2: (500, 900, damaged)}


@at_the_counter(EACH)
async def test_not_damaged_after_all_it_brings_its_worth(clerk: SimClerk) -> None:
    await at_the_amount(clerk)
    await clerk.at("refund.amount: enter", "goods.condition: 1", "goods.condition: 4")
    await clerk.at("goods.refuse: 2", "goods.deduct: 4", "goods.deduct_amount: 4 0 0 enter")
    await clerk.at("refund.reason: cancel", "goods.condition: 1", "goods.condition: 2")
    await clerk.at("refund.reason")
    assert "Deducted" not in clerk.text
    await clerk.at("refund.reason: 4", "supervisor.number")
    assert "35.00" not in clerk.text
    await clerk.approve()
    application = await paid_out(clerk)
    assert application.amount == 3_900
    (_, tea), (_, cup) = sorted(found(application).items())
    assert (tea[:2], cup[:2]) == ((3_000, 3_000), (900, 900))
    assert cup[2] is not None
    assert (cup[2].deduction, cup[2].deducted_for) == (0, None)


@at_the_counter(EACH)
async def test_taken_for_less_and_not_back_after_all(clerk: SimClerk) -> None:
    """Nothing is deducted of goods that did not come, and that is no ground to say they did."""
    await at_the_amount(clerk)
    await clerk.at("refund.amount: enter", "goods.condition: 1", "goods.condition: 4")
    await clerk.at("goods.refuse: 2", "goods.deduct: 4", "goods.deduct_amount: 4 0 0 enter")
    await clerk.at("refund.reason: cancel", "goods.condition: 1", "goods.condition: 5")
    await clerk.at("refund.reason")
    assert "Deducted" not in clerk.text


@at_the_counter()
async def test_the_first_payment_names_the_goods_and_it_counts_once(clerk: SimClerk) -> None:
    """20.00 in cash and 19.00 by transfer for goods of which 5.00 are taken off."""
    cash, wired = {"kind": "cash", "amount": 2_000}, {"kind": "transfer", "amount": 1_900}
    await at_the_amount(clerk, cash, wired)
    await clerk.at("refund.amount: enter", "refund.reason: menu", "goods.or_note: 2")
    await clerk.at("goods.lines: 1", "goods.line: 3", "goods.deduct: 1")
    await clerk.at("goods.deduct_amount: 5 0 0 enter", "goods.line: menu", "goods.lines: menu")
    await clerk.at("refund.reason: 4")
    await clerk.wait_text("34.00")


@at_the_counter(ONCE)
async def test_a_part_that_names_no_goods_asks_nothing(clerk: SimClerk) -> None:
    await at_the_amount(clerk)
    await clerk.at("refund.amount: 1 0 0 enter", "refund.reason: 4", "supervisor.number")


async def choose(clerk: SimClerk, *lines: str) -> None:
    await clerk.at("refund.amount: menu")
    for line in lines:
        await clerk.at(f"refund.lines: {line}", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount")


@at_the_counter(BY_RULE)
async def test_a_smaller_amount_that_is_typed_for_goods_is_asked_why(clerk: SimClerk) -> None:
    """Shared over the lines by what they are worth; on both copies, and it is not given after."""
    await at_the_amount(clerk)
    await choose(clerk, "1", "2")
    await clerk.at("refund.amount: 2 6 0 0 enter", "goods.deduct: cancel", "refund.amount")
    await clerk.at("refund.amount: enter", "goods.deduct")
    for shown in ("39.00", "-¥13.00", "26.00"):
        await clerk.wait_text(shown)
    await clerk.at("goods.deduct: 1", "refund.reason: 4", "supervisor.number")
    for shown in ("13.00 deducted: supervisor", "26.00", "Used", "-¥10.00", "-¥3.00"):
        await clerk.wait_text(shown)
    await clerk.approve()
    application = await paid_out(clerk)
    assert application.amount == 2_600
    tea = Looked("4", "1", Disposition.RESTOCK, 1_000, Deducted.USED)
    cup = Looked("4", "1", Disposition.RESTOCK, 300, Deducted.USED)
    assert found(application) == {1: (2_000, 3_000, tea), 2: (600, 900, cup)}
    await clerk.site.until(lambda: len(clerk.papers) == 2, 600, "both copies")
    for paper in clerk.papers:
        assert all(one in paper for one in ("30.00", "-10.00", "20.00")), paper
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: 4 0 0 enter", "refund.reason: 3")
    await clerk.at("supervisor.number")


@at_the_counter()
async def test_what_was_typed_first_and_then_not_takes_nothing_off(clerk: SimClerk) -> None:
    await at_the_amount(clerk)
    await choose(clerk, "2")
    await clerk.at("refund.amount: 4 0 0 enter", "goods.deduct: 2", "refund.reason: cancel")
    await clerk.at("refund.amount: clear clear clear", "refund.amount: enter", "refund.reason")
    assert "-¥5.00" not in clerk.text
    await clerk.at("refund.reason: 1", "supervisor.number")
    await clerk.approve()
    assert (await paid_out(clerk)).amount == 900


@pytest.mark.parametrize("first", ["goods", "amount"])
def test_no_less_is_typed_for_defective_goods(first: str) -> None:
    @at_the_counter(BY_RULE)
    async def story(clerk: SimClerk) -> None:
        await at_the_amount(clerk)
        if first == "goods":
            await choose(clerk, "2")
            await clerk.at("refund.amount: 4 0 0 enter", "goods.deduct: 1")
        else:
            await clerk.at("refund.amount: 4 0 0 enter", "refund.reason: menu", "goods.or_note: 2")
            await clerk.at("goods.back: 2", "refund.lines: 2", "refund.quantity: enter")
            await clerk.at("refund.lines: menu", "goods.deduct: 1")
        await clerk.at("refund.reason: 1", "refund.reason")
        await clerk.wait_text("Defective, nothing deducted: Cup")

    story()


@at_the_counter()
async def test_no_less_than_a_payment_has_for_them(clerk: SimClerk) -> None:
    """The rest of them would not be owed any more, and nobody said that it is taken off."""
    paid = [{"kind": "voucher", "amount": 3_400}, {"kind": "points", "amount": 500}]
    await sell(clerk, "GOODS", *paid, lines=[TEA, CUP], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.leg: 2")
    await choose(clerk, "2")
    await clerk.at("refund.amount: 4 0 0 enter")
    await clerk.wait_text("For these it is 5.00 here, and no less")
    await clerk.at("refund.amount: 5 0 0 enter", "refund.reason")


@at_the_counter()
async def test_a_fee_brings_no_less(clerk: SimClerk) -> None:
    fee = {"sku": "", "name": "Delivery", "quantity": 1, "unit_price": 600, "kind": "fee"}
    paid = {"kind": "cash", "amount": 1_500}
    await sell(clerk, "GOODS", paid, lines=[CUP, fee], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter")
    await choose(clerk, "2")
    await clerk.at("refund.amount: 4 0 0 enter")
    await clerk.wait_text("For these it is 6.00 here, and no less")
