"""What was deducted stays with the shop: nothing offers it again, and who gives it back all the
same asks a supervisor (R74).

The figures: two teas of 15.00 each and one cup of 9.00; 5.00 off for one tea, which brings 10.00.
"""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, explained, in_each_language, sell

from pos_terminal.core import receipt_code
from pos_terminal.core.refund import State
from pos_terminal.core.sale import Sale
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

TEA: dict[str, Any] = {"sku": "9", "name": "Tea", "quantity": 2, "unit_price": 1_500}
CUP: dict[str, Any] = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900}
MASKED = "622848*********0018"
BY_RULE = Setting(language=Language.EN, policy={"supervisor": "by-rule"})


async def a_tea_for_less(clerk: SimClerk, *tenders: dict[str, Any], **changes: Any) -> None:
    """Sold, and one tea chosen with 5.00 off, to what follows the supervisor."""
    paid = tenders or ({"kind": "cash", "amount": 3_900},)
    await sell(clerk, "GOODS", *paid, lines=[TEA, CUP], **(CASH | changes))
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines: 1")
    await clerk.at("refund.quantity: 1 enter", "refund.lines: menu", "refund.amount: enter")
    await clerk.at("refund.reason: menu", "goods.or_note: 2", "goods.line: 3", "goods.deduct: 1")
    await clerk.at("goods.deduct_amount: 5 0 0 enter", "goods.line: menu", "refund.reason: 4")


async def paid_in_cash(clerk: SimClerk) -> None:
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()


def stands(clerk: SimClerk) -> tuple[int, int, int]:
    """Given back, deducted, and what is offered."""
    verify_store(clerk.site.ledger)
    sale = the_sale(clerk)
    db = clerk.site.ledger.db
    (told,) = (one for one in overview(db)["sales"] if one["sale_id"] == "GOODS")
    db.rollback()
    assert (told["done"], told["deducted"]) == (sale.done, sale.withheld)
    return sale.done, sale.withheld, sale.offered


def the_sale(clerk: SimClerk) -> Sale:
    sale = clerk.site.ledger.sales.by_id("GOODS")
    assert sale is not None
    return sale


def row(clerk: SimClerk, label: str) -> str:
    """What stands beside it on the screen."""
    (found,) = (one for one in clerk.text.splitlines() if one.strip().startswith(label))
    return found.strip().removeprefix(label).strip()


@pytest.mark.parametrize("language", Language)
@in_each_language(policy={"supervisor": "by-rule"})
async def test_all_goods_are_back_and_it_is_given_back_by_a_supervisor_alone(
    clerk: SimClerk, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    zh = language is Language.ZH_CN
    remaining, deducted = ("可退", "已扣款") if zh else ("Remaining", "Deducted")
    await a_tea_for_less(clerk)
    await clerk.approve()
    await paid_in_cash(clerk)
    assert stands(clerk) == (1_000, 500, 2_400)
    clerk.scan("GOODS")
    await clerk.wait("sale")
    assert (row(clerk, remaining), row(clerk, deducted)) == ("¥24.00", "¥5.00")
    await clerk.at("sale: enter", "refund.amount")
    assert (row(clerk, remaining), row(clerk, deducted)) == ("¥24.00", "¥5.00")
    await clerk.at("refund.amount: enter", "refund.reason: 4")
    await paid_in_cash(clerk)
    assert stands(clerk) == (3_400, 500, 0)
    assert all(not line.remaining for line in the_sale(clerk).lines), "all goods are back"
    clerk.scan("GOODS")
    await clerk.wait("sale")
    assert (row(clerk, remaining), row(clerk, deducted)) == ("¥0.00", "¥5.00")
    only = "只剩已扣款,要退须输入金额" if zh else "Only what was deducted is left: type it"
    await clerk.at("sale: enter", "refund.amount")
    assert only in clerk.text
    clerk.press("enter")
    await clerk.site.until(lambda: clerk.text.splitlines()[1].strip() == only, 600, "enter is none")
    await clerk.at("refund.amount: 3 0 0 enter", "refund.reason: 4", "supervisor.number")
    asks = "含已扣款 3.00,需主管" if zh else "3.00 of it was deducted: supervisor"
    await clerk.wait_text(asks)
    await clerk.approve()
    await paid_in_cash(clerk)
    assert stands(clerk) == (3_700, 200, 0), "what went back is not deducted any more"
    told = explained(clerk, 3, language, capsys)
    assert asks in told
    assert "扣款 5.00" in told if zh else "deducted 5.00" in told


@at_the_counter(BY_RULE)
async def test_more_than_the_goods_that_are_left_bring_asks(clerk: SimClerk) -> None:
    """29.00 are not back, and 5.00 of them were deducted."""
    await a_tea_for_less(clerk)
    await clerk.approve()
    await paid_in_cash(clerk)
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: 2 3 9 9 enter", "refund.reason: 4")
    await paid_in_cash(clerk)  # nobody is asked
    assert stands(clerk) == (3_399, 500, 1)
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines: 1")
    await clerk.at("refund.quantity: enter", "refund.lines: menu", "refund.amount")
    await clerk.wait_text("0.01")
    await clerk.home()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: 2 enter")
    await clerk.at("refund.reason: 4", "supervisor.number")
    await clerk.wait_text("0.01 of it was deducted: supervisor")


@at_the_counter(BY_RULE)
async def test_two_payments_together_ask_though_neither_alone_would(clerk: SimClerk) -> None:
    """10.00 in points and 19.00 in cash are not back, 24.00 of them for goods."""
    points, rest = {"kind": "points", "amount": 2_000}, {"kind": "cash", "amount": 1_900}
    await a_tea_for_less(clerk, points, rest)
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    assert stands(clerk) == (1_000, 500, 2_400)
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: 2 9 0 0 enter", "refund.reason: 4")
    await clerk.at("ticket.plan: enter", "supervisor.number")
    await clerk.wait_text("5.00 of it was deducted: supervisor")
    await clerk.at("supervisor.number: cancel")
    await clerk.home()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: 2 3 9 9 enter", "refund.reason: 4")
    await clerk.at("ticket.plan: enter", "refund.confirm")


@at_the_counter(BY_RULE)
async def test_beside_another_sale_it_is_of_its_own(clerk: SimClerk) -> None:
    """What goes back of the other one is no part of it."""
    await a_tea_for_less(clerk)
    await clerk.approve()
    await paid_in_cash(clerk)
    await sell(clerk, "OTHER", {"kind": "cash", "amount": 900}, lines=[CUP], **CASH)
    for amount, prompt in (("2 4 0 0", "refund.confirm"), ("2 4 0 1", "supervisor.number")):
        clerk.scan("OTHER")
        await clerk.at("sale: menu", "sale.more: 1", "sale: enter", "refund.amount: enter")
        await clerk.at("refund.reason: 4", "ticket.plan")
        clerk.scan("GOODS")
        await clerk.at("sale: enter", f"refund.amount: {amount} enter", "refund.reason: 4")
        await clerk.at("ticket.plan: enter", prompt)
        await clerk.home()


@at_the_counter(BY_RULE)
async def test_a_form_that_nobody_pays_has_deducted_nothing(clerk: SimClerk) -> None:
    """It is kept out of what is offered as long as the form may be paid."""
    await a_tea_for_less(clerk, {"kind": "transfer", "amount": 3_900})
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    assert stands(clerk) == (0, 500, 2_400)
    (form,) = clerk.site.ledger.refunds.recent(1)
    home = clerk.site.terminal.config.terminal
    code = receipt_code.encode_application(home.merchant_id, home.terminal_id, form.application)
    clerk.scan(code)
    await clerk.at("manual.form: 2", "manual.reference")
    clerk.scan(code)
    await clerk.wait_text(code[-8:])
    clerk.press("enter")
    for supervisor in (0, 1):
        await clerk.approve(supervisor)
    await clerk.at("manual.confirm: enter", "manual.done: enter", "home")
    assert clerk.site.ledger.refunds.recent(1)[0].state is State.WITHDRAWN
    assert stands(clerk) == (0, 0, 3_900)


@at_the_counter(BY_RULE)
async def test_a_declined_card_has_deducted_nothing(clerk: SimClerk) -> None:
    day = {"trace": "000918", "rrn": "632413000918", "batch": "000042"}
    card = {"kind": "card", "amount": 3_900, "masked": MASKED, "scheme": "unionpay"}
    await a_tea_for_less(clerk, card | {"funding": "debit"}, **day)
    await clerk.approve()
    clerk.site.acquirer.set_mode("code:05", 1)
    await clerk.show_card("unionpay-debit", tapped=False)
    await clerk.home()
    assert clerk.site.ledger.refunds.recent(1)[0].state is State.DECLINED
    assert stands(clerk) == (0, 0, 3_900)
