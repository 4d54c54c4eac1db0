"""Goods that an exchange credit paid for: no second credit, and no more than there is of the first
one in a visit of several sales or by another way (R37)."""

from __future__ import annotations

import json

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, begin_ticket, one_line, report, sell
from worlds.credit_counter import IN_CASH, credit_for_a_cup, legs, sound, taken
from worlds.other_tenders import shop, way

from pos_terminal.core.refund import Kind, State
from pos_terminal.texts import Language

POT = {"sku": "12", "name": "Pot", "quantity": 1}
BY_WALLET = {"kind": "wallet", "amount": 300, "order_no": ["P-7"]}


async def buy(
    clerk: SimClerk, number: str, amount: int, *beside: dict[str, object], name: str = "POT"
) -> None:
    tenders = [{"kind": "exchange", "amount": amount, "exchange_no": number}, *beside]
    whole = sum(int(str(one["amount"])) for one in tenders)
    lines = [POT | {"unit_price": whole}]
    await sell(clerk, name, *tenders, lines=lines, gift_receipt_no=f"G-{name}", **CASH)


@pytest.mark.parametrize("in_cash", [0, 300])
@pytest.mark.parametrize("language", Language)
def test_they_become_no_other_credit_but_go_back(language: Language, in_cash: int) -> None:
    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        credit = await credit_for_a_cup(clerk, IN_CASH)
        await taken(clerk, credit, 900)
        beside = [{"kind": "cash", "amount": in_cash}] if in_cash else []
        await buy(clerk, credit.number, 900, *beside)
        clerk.scan("POT")
        await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan: menu")
        await clerk.at("failure")
        said = {Language.ZH_CN: "请先退货,再另买", Language.EN: "refund it, then buy"}
        assert said[language] in clerk.text
        await clerk.home()
        assert legs(clerk, credit) == [(900, 0, 0)]

    story()


def given(clerk: SimClerk, name: str) -> list[tuple[Kind, State, int]]:
    sale = clerk.site.ledger.sales.by_id(name)
    assert sale is not None
    return [(one.kind, one.state, one.done) for one in clerk.site.ledger.refunds.of_sale(sale.key)]


@at_the_counter()
async def test_two_sales_in_one_visit_share_what_the_till_took(clerk: SimClerk) -> None:
    """It is seen before anybody agrees, and all that was agreed goes back."""
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 700)
    await buy(clerk, credit.number, 500, name="ONE")
    await buy(clerk, credit.number, 400, name="TWO")
    await begin_ticket(clerk, "ONE")
    clerk.scan("TWO")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4", "ticket.plan")
    assert "9.00" not in clerk.text
    assert "7.00" in clerk.text
    await clerk.at("ticket.plan: enter")
    await clerk.approve()
    await clerk.at("exchange.back: enter")
    await clerk.wait_text("¥2.00")
    await clerk.at("exchange.back: enter")
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter")
    await clerk.home()
    assert given(clerk, "ONE") == [(Kind.EXCHANGE_BACK, State.REOPENED, 500)]
    assert given(clerk, "TWO") == [(Kind.EXCHANGE_BACK, State.REOPENED, 200)]
    sound(clerk)


@at_the_counter()
async def test_what_of_it_can_t_go_back_is_said_before_the_amount(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 600)
    await buy(clerk, credit.number, 900, {"kind": "cash", "amount": 100})
    clerk.scan("POT")
    said = "Paid by a credit, can't go back ¥3.00 The till took less of the credit"
    await clerk.at("sale")
    assert said in one_line(clerk)
    await clerk.at("sale: enter", "refund.amount")
    assert said in one_line(clerk)
    await clerk.home()


@pytest.mark.parametrize("language", Language)
def test_where_none_of_it_can_the_sale_says_why(language: Language) -> None:
    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        chinese = language is Language.ZH_CN
        credit = await credit_for_a_cup(clerk, IN_CASH)
        await buy(clerk, credit.number, 900)
        clerk.scan("POT")
        await clerk.at("sale")
        not_taken = "收银机没有收这么多换货券" if chinese else "The till took less of the credit"
        assert not_taken in one_line(clerk)
        await clerk.home()
        await taken(clerk, credit, 900)
        void = {"kind": "sale_voided", "sale_id": "GOODS", "at": "2026-11-20T12:00:00+08:00"}
        await report(clerk, json.dumps(void))
        clerk.scan("POT")
        await clerk.at("sale")
        stopped = "首笔交易已锁定或撤销" if chinese else "first sale is locked or voided"
        assert stopped in one_line(clerk)
        await clerk.home()

    story()


@at_the_counter(
    shop(
        way("cash", "gift", evidence=False) | {"paid": "exchange"},
        way("cash", "gift", evidence=False) | {"paid": "wallet"},
    )
)
async def test_another_way_takes_what_is_there(clerk: SimClerk) -> None:
    """Of the wallet: the till took nothing of the credit, whose part is the larger one."""
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await buy(clerk, credit.number, 900, BY_WALLET)
    clerk.scan("G-POT")
    await clerk.at("sale: menu", "sale.more: 3", "exception: 1", "refund.lines: 1")
    await clerk.at("refund.quantity: enter", "refund.lines: menu", "refund.amount: enter")
    await clerk.at("evidence.kind: menu", "refund.reason: 4")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert given(clerk, "POT") == [(Kind.CASH, State.HANDED_OVER, 300)]
    sound(clerk)
