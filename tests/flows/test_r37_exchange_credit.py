"""Exchange credit (换货券): what came back, for goods that the till sells at other prices (R37)."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, explained, sell

from pos_terminal.core.case import CaseKind
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.invoice import Answered, InvoiceBack
from pos_terminal.core.looked import Deducted
from pos_terminal.core.refund import Kind, State
from pos_terminal.ports import JobState, Taking
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.kinds.exchange_credit import ExchangeCredited

SHIRT = {"sku": "S-M", "name": "Shirt", "quantity": 2, "unit_price": 1_500, "barcodes": ["6901"]}
CUP = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900, "barcodes": ["6911"]}
NOTES = {"kind": "cash", "amount": 3_900}
OPEN_JOBS = (JobState.READY, JobState.SENDING, JobState.UNKNOWN)


async def sold(clerk: SimClerk, lines: list[dict[str, Any]], *tenders: dict[str, Any]) -> None:
    """To the questions of an exchange."""
    await sell(clerk, "GOODS", *tenders, lines=lines, **CASH)
    await clerk.log_in()
    await begin(clerk)


async def begin(clerk: SimClerk) -> None:
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5")


async def made(clerk: SimClerk) -> ExchangeCredit:
    """From the clerk's yes to home, with all of its paper."""
    await clerk.at("exchange.as_credit: enter")
    await clerk.approve()
    await clerk.at("result: enter")
    await clerk.home()
    await clerk.site.until(lambda: not clerk.site.ledger.slips.in_state(*OPEN_JOBS), 60, "slips")
    return credit_of(clerk)


def credit_of(clerk: SimClerk) -> ExchangeCredit:
    ledger = clerk.site.terminal.ledger
    assert ledger is not None
    verify_store(ledger)
    (credit,) = ledger.exchange_credits.open_ones()
    return credit


async def one_cup(clerk: SimClerk) -> ExchangeCredit:
    """Paid in cash."""
    await sold(clerk, [CUP], {"kind": "cash", "amount": 900})
    await clerk.at("refund.reason: 4", "goods.scan: menu")
    return await made(clerk)


def balance(clerk: SimClerk) -> list[tuple[int, int, int]]:
    """Of each payment: given back, set aside, left."""
    sale = clerk.site.ledger.sales.by_id("GOODS")
    assert sale is not None
    return [(leg.done, leg.held, leg.remaining) for leg in sale.tenders]


@pytest.mark.parametrize("language", Language)
def test_the_customer_will_choose_at_the_till(language: Language) -> None:
    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        chinese = language is Language.ZH_CN
        await sold(clerk, [CUP], {"kind": "cash", "amount": 900})
        await clerk.at("refund.reason: 4", "goods.scan: menu", "exchange.as_credit")
        assert "9.00" in clerk.text
        assert ("有效至" if chinese else "Valid until") in clerk.text
        await clerk.at("exchange.as_credit: enter", "supervisor.number")
        assert ("换货券" if chinese else "Exchange credit") in clerk.text
        assert ("有效至" if chinese else "Valid until") in clerk.text
        await clerk.approve()
        await clerk.at("result")
        assert ("换货券已发" if chinese else "Exchange credit made") in clerk.text
        assert "9.00" in clerk.text
        await clerk.at("result: enter")
        await clerk.home()
        credit = credit_of(clerk)
        assert (credit.amount, credit.taken, credit.left) == (900, 0, 900)
        assert (credit.expires_at - credit.made_at).total_seconds() == 2 * 3_600
        assert balance(clerk) == [(0, 900, 0)]
        assert clerk.site.parts.drawer == 0
        (refund,) = clerk.site.ledger.refunds.recent(5)
        assert (refund.kind, refund.state) == (Kind.EXCHANGE_CREDIT, State.SET_ASIDE)
        assert [one.quantity for one in clerk.site.ledger.stock.after(0, 9)] == [1_000]

    story()


@at_the_counter()
async def test_another_price_leads_there(clerk: SimClerk) -> None:
    await sold(clerk, [SHIRT, CUP], NOTES)
    await clerk.at("refund.lines: 1", "refund.quantity: 1 enter", "refund.lines: menu")
    await clerk.at("refund.reason: 4", "goods.scan")
    clerk.scan("6902")
    await clerk.at("exchange.price: 1800 enter", "exchange.as_credit: cancel", "goods.scan")
    clerk.scan("6902")
    await clerk.at("exchange.price: 1800 enter")
    credit = await made(clerk)
    assert credit.amount == 1_500
    assert balance(clerk) == [(0, 1_500, 2_400)]


@at_the_counter(Setting(language=Language.EN, policy={"exchange_hours": 24}))
async def test_the_paper_is_the_credit_and_the_merchants_names_no_number(clerk: SimClerk) -> None:
    credit = await one_cup(clerk)
    assert (credit.expires_at - credit.made_at).total_seconds() == 24 * 3_600
    merchant, customer = clerk.papers
    assert credit.number not in merchant
    assert customer.count(credit.number) == 2
    jobs = clerk.site.ledger.slips.before(None, 9)
    bodies = {job.slip.head.copy: job.slip.body for job in jobs}
    assert all(isinstance(one, ExchangeCredited) for one in bodies.values())
    assert bodies[Copy.CUSTOMER].is_money(Copy.CUSTOMER)
    assert not bodies[Copy.MERCHANT].is_money(Copy.MERCHANT)


@at_the_counter()
async def test_goods_that_bring_less_are_set_aside_for_less(clerk: SimClerk) -> None:
    await sold(clerk, [CUP], {"kind": "cash", "amount": 900})
    await clerk.at("refund.reason: menu", "goods.or_note: 2", "goods.line: 3", "goods.deduct: 1")
    await clerk.at("goods.deduct_amount: 100 enter", "goods.line: menu")
    await clerk.at("refund.reason: 4", "exchange.as_credit")
    assert "by credit only" in clerk.text
    credit = await made(clerk)
    assert credit.amount == 800
    (application,) = clerk.site.ledger.applications.of_ticket(credit.ticket)
    (item,) = application.items
    assert item.looked is not None
    assert (item.looked.deduction, item.looked.deducted_for) == (100, Deducted.USED)


@at_the_counter()
async def test_several_payments_are_one_credit_in_their_order(clerk: SimClerk) -> None:
    """The wallet first, then the cash, as far as the goods go, though the till told that first.
    What it takes falls on them so."""
    wallet = {"kind": "wallet", "amount": 2_000, "order_no": ["P-1"]}
    await sold(clerk, [SHIRT, CUP], {"kind": "cash", "amount": 1_900}, wallet)
    await clerk.at("refund.lines: 1", "refund.quantity: enter", "refund.lines: menu")
    await clerk.at("refund.reason: 4", "goods.scan: menu", "exchange.as_credit")
    assert "30.00" in clerk.text
    await clerk.at("exchange.as_credit: enter", "supervisor.number")
    assert "20.00" in clerk.text
    assert "10.00" in clerk.text
    await clerk.approve()
    await clerk.at("result")
    assert "30.00" in clerk.text
    await clerk.at("result: enter")
    await clerk.home()
    credit = credit_of(clerk)
    assert credit.amount == 3_000
    approvals = clerk.site.ledger.applications.approvals
    assert [one.amount for number in (1, 2) for one in approvals(number)] == [2_000, 1_000]
    assert balance(clerk) == [(0, 1_000, 900), (0, 2_000, 0)]
    await clerk.site.ledger.take_exchange_credit(Taking(credit.number, 2_100, request="till-1/1"))
    assert balance(clerk) == [(100, 900, 900), (2_000, 0, 0)]


@at_the_counter()
async def test_cancelled_at_the_supervisor_nothing_is_set_aside(clerk: SimClerk) -> None:
    await sold(clerk, [CUP], {"kind": "cash", "amount": 900})
    await clerk.at("refund.reason: 4", "goods.scan: menu", "exchange.as_credit: enter")
    await clerk.at("supervisor.number: cancel")
    await clerk.home()
    assert clerk.site.ledger.exchange_credits.open_ones() == []
    assert balance(clerk) == [(0, 0, 900)]
    assert clerk.site.ledger.applications.to_do() == []


@at_the_counter()
async def test_explain_tells_it(clerk: SimClerk, capsys: pytest.CaptureFixture[str]) -> None:
    await one_cup(clerk)
    told = explained(clerk, 1, Language.EN, capsys)
    assert "set aside for an exchange credit" in told
    assert "9.00, taken by the till 0.00, left for it 9.00, valid until 2026-11-20 15:00" in told


@at_the_counter()
async def test_the_invoice_of_what_comes_back_is_asked_about(clerk: SimClerk) -> None:
    """An even exchange leaves the sale as it was; what the till takes gives money back."""
    cash = {"kind": "cash", "amount": 900}
    await sell(clerk, "GOODS", cash, lines=[CUP], invoice="issued", **CASH)
    await clerk.log_in()
    await begin(clerk)
    await clerk.at("refund.reason: 4", "goods.scan: menu", "invoice.ask: 1")
    credit = await made(clerk)
    (application,) = clerk.site.ledger.applications.of_ticket(credit.ticket)
    assert application.invoice == InvoiceBack(Answered.RETURNED)
    clerk.scan(credit.number)
    await clerk.at("exchange.credit: 1")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    rest = clerk.site.ledger.applications.of_ticket(credit.ticket)[-1]
    assert rest.invoice == application.invoice, "nobody is asked twice"


@pytest.mark.parametrize("language", Language)
def test_a_sale_that_says_that_it_paid_more_than_was_taken_is_a_case(language: Language) -> None:
    zh = language is Language.ZH_CN

    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        credit = await one_cup(clerk)
        await clerk.site.ledger.take_exchange_credit(Taking(credit.number, 100, request="till-1/1"))
        told = {"kind": "exchange", "amount": 700, "exchange_no": credit.number}
        await sell(clerk, "BOUGHT", told, **CASH)
        await clerk.at("home: menu", "menu: 4 1", "case.list: 1", "case.facts")
        text = " ".join(clerk.text.split())
        assert ("换货券未核销" if zh else "Exchange credit paid, not taken") in text
        assert "7.00" in text
        assert "1.00" in text
        assert credit.number not in text
        await clerk.home()

    story()


@pytest.mark.parametrize("language", Language)
def test_goods_whose_money_went_back_before_are_worth_no_credit(language: Language) -> None:
    """An amount that took no goods back had all but the delivery."""
    fee = {"sku": "", "name": "Delivery", "quantity": 1, "unit_price": 500, "kind": "fee"}

    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        await sell(clerk, "GOODS", {"kind": "cash", "amount": 1_400}, lines=[CUP, fee], **CASH)
        await clerk.log_in()
        clerk.scan("GOODS")
        await clerk.at("sale: enter", "refund.amount: 9 0 0 enter", "refund.reason: 4")
        await clerk.approve()
        await clerk.pay_out()
        await clerk.at("cash.hand_over: enter", "result: enter")
        await clerk.home()
        await begin(clerk)
        await clerk.at("refund.reason: 4", "goods.scan: menu", "failure")
        said = {
            Language.EN: "These goods bring nothing any more",
            Language.ZH_CN: "这些商品已无可退金额",
        }
        assert said[language] in " ".join(clerk.text.split())
        await clerk.home()
        ledger = clerk.site.ledger
        verify_store(ledger)
        assert [one.kind for one in ledger.refunds.recent(9)] == [Kind.CASH]
        assert list(ledger.exchange_credits.open_ones()) == []

    story()


@at_the_counter(Setting(language=Language.EN, policy={"supervisor": "by-rule"}))
async def test_goods_that_a_till_says_a_voucher_paid_bring_none_where_it_was_a_credit(
    clerk: SimClerk,
) -> None:
    """Both verbs answer alike, so a till that knows vouchers alone tells it as one."""
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 900}, lines=[CUP], **CASH)
    await clerk.log_in()
    await begin(clerk)
    await clerk.at("refund.reason: 4", "goods.scan: menu", "exchange.as_credit: enter")
    await clerk.at("result: enter")
    await clerk.home()
    (credit,) = clerk.site.ledger.exchange_credits.open_ones()
    told = {"kind": "voucher", "amount": 900, "voucher_no": credit.number}
    await sell(clerk, "BOUGHT", told, lines=[CUP], **CASH)
    (case,) = clerk.site.ledger.cases.open_ones()
    assert case.kind is CaseKind.EXCHANGE_NOT_REDEEMED
    clerk.scan("BOUGHT")
    await clerk.at("sale: enter", "failure")
    await clerk.home()
    clerk.scan(credit.number)
    await clerk.at("exchange.credit: 1", "supervisor.number")
    assert "Credit told as paid, not taken 9.00" in " ".join(clerk.text.split())
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter")
    await clerk.home()
    ledger = clerk.site.ledger
    done = [(one.kind, one.done) for one in ledger.refunds.recent(9) if one.done]
    assert done == [(Kind.CASH, 900)], "once, for one cup"
    verify_store(ledger)
