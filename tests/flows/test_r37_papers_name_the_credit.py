"""What goes back of an exchange credit says on paper, and to who asks why, which credit that is, by
its number as anybody may see it (R37)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, at_the_counter, explained, report, sell
from worlds.credit_counter import (
    BY_WALLET,
    IN_CASH,
    credit_for_a_cup,
    credit_of_line,
    give_rest_back,
    taken,
)

from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.print_job import UNPRINTED
from pos_terminal.core.voucher import mask
from pos_terminal.services.ledger.overview import overview
from pos_terminal.texts import Language


async def named_on_all(clerk: SimClerk, credit: ExchangeCredit, before: int) -> Sequence[str]:
    """All that was printed since so many papers."""
    await clerk.home()
    ledger = clerk.site.ledger
    await clerk.site.until(lambda: not ledger.slips.in_state(*UNPRINTED), 60, "slips")
    papers = clerk.papers[before:]
    assert papers
    for paper in papers:
        assert mask(credit.number) in paper, paper
        assert credit.number not in paper
    return papers


@at_the_counter()
async def test_the_rest_in_cash(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    before = len(clerk.papers)
    await taken(clerk, credit, 600)
    await give_rest_back(clerk, credit)
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    for paper in await named_on_all(clerk, credit, before):
        assert "Taken by the till" in paper
        assert all(amount in paper for amount in ("9.00", "6.00", "3.00"))


@at_the_counter()
async def test_the_rest_that_is_to_do(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    before = len(clerk.papers)
    await give_rest_back(clerk, credit)
    await clerk.at("refund.confirm: cancel", "ticket.left: enter")
    assert len(await named_on_all(clerk, credit, before)) == 2


@at_the_counter()
async def test_the_rest_that_the_acquirer_declined(clerk: SimClerk) -> None:
    credit = await credit_of_line(clerk, "visa-older")
    before = len(clerk.papers)
    clerk.site.acquirer.set_mode("code:05", 1)
    await give_rest_back(clerk, credit)
    await clerk.show_card("visa")
    await clerk.wait("result", "ticket.failed")
    await named_on_all(clerk, credit, before)


@at_the_counter()
async def test_the_rest_by_a_form(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, BY_WALLET)
    before = len(clerk.papers)
    await give_rest_back(clerk, credit)
    await clerk.pay_out()
    await clerk.at("result: enter")
    await named_on_all(clerk, credit, before)


@at_the_counter()
async def test_goods_that_it_paid_for_and_what_they_open_again(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    before = len(clerk.papers)
    await taken(clerk, credit, 900)
    line = {"sku": "12", "name": "Pot", "quantity": 1, "unit_price": 900}
    tender = {"kind": "exchange", "amount": 900, "exchange_no": credit.number}
    await sell(clerk, "POT", tender, lines=[line], **CASH)
    clerk.scan("POT")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.at("exchange.back: enter")
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    assert len(await named_on_all(clerk, credit, before)) == 4


@pytest.mark.parametrize("language", Language)
def test_explain_and_the_list_lead_from_the_one_to_the_other(
    language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    @at_the_counter()
    async def story(clerk: SimClerk) -> None:
        credit = await credit_for_a_cup(clerk, IN_CASH)
        await taken(clerk, credit, 600)
        await give_rest_back(clerk, credit)
        await clerk.at("refund.confirm: cancel", "ticket.left: enter")
        await clerk.home()
        (rest,) = clerk.site.ledger.applications.to_do()
        says = {
            Language.ZH_CN: f"余额 3.00: 申请 {rest.number}, 待处理",
            Language.EN: f"rest 3.00: application {rest.number}, open",
        }
        for number in (credit.ticket, rest.number):
            told = explained(clerk, number, language, capsys)
            assert mask(credit.number) in told
            assert says[language] in told
        (listed,) = overview(clerk.site.ledger.db)["exchange_credits"]
        assert listed["rest"] == [
            {"application": rest.number, "kind": "cash", "state": "open", "amount": 300}
        ]

    story()


@pytest.mark.parametrize("language", Language)
def test_explain_says_what_it_bought_and_where_that_opened_it_again(
    language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the credit, of the goods that came back, and of what goes out for them."""

    @at_the_counter()
    async def story(clerk: SimClerk) -> None:
        credit = await credit_for_a_cup(clerk, IN_CASH)
        await taken(clerk, credit, 900)
        tender = {"kind": "exchange", "exchange_no": credit.number}
        await sell(clerk, "POT", tender | {"amount": 700}, **CASH)
        await sell(clerk, "LID", tender | {"amount": 200}, **CASH)
        void = {"kind": "sale_voided", "sale_id": "LID", "at": "2026-11-20T12:00:00+08:00"}
        await report(clerk, json.dumps(void))
        clerk.scan("POT")
        await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
        await clerk.approve()
        await clerk.at("exchange.back: enter")
        await clerk.pay_out()
        await clerk.at("cash.hand_over: enter", "result: enter")
        await clerk.home()
        goods = clerk.site.ledger.sales.by_id("POT")
        assert goods is not None
        (back,) = clerk.site.ledger.refunds.of_sale(goods.key)
        says = {
            Language.ZH_CN: (
                "交易 POT 用此券付 7.00",
                "交易 LID 曾用此券付 2.00, 该交易已撤销",
                f"申请 {back.application} 的商品退回: 交易 GOODS 付款 1 重新可退 7.00",
            ),
            Language.EN: (
                "paid 7.00 of sale POT",
                "paid 2.00 of sale LID, which the till voided",
                f"application {back.application} opened it again: 7.00 of payment 1 of sale GOODS",
            ),
        }
        for number in (credit.ticket, back.application, back.application + 1):
            told = explained(clerk, number, language, capsys)
            assert [one for one in says[language] if one not in told] == []

    story()


@at_the_counter()
async def test_the_list_says_that_its_time_is_over_and_it_is_to_do(clerk: SimClerk) -> None:
    """As home does, and as the till is told."""
    credit = await credit_for_a_cup(clerk, IN_CASH)

    def states(after: timedelta) -> list[tuple[str, str]]:
        found = overview(clerk.site.ledger.db, now=credit.expires_at + after)
        clerk.site.ledger.db.execute("ROLLBACK")
        listed, tickets = found["exchange_credits"], found["tickets"]
        return [(one["state"], two["state"]) for one, two in zip(listed, tickets, strict=True)]

    assert states(timedelta(minutes=-1)) == [("open", "open")]
    assert states(timedelta(minutes=1)) == [("expired", "todo")]
    await give_rest_back(clerk, credit)
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert states(timedelta(minutes=1)) == [("settled", "done")]
