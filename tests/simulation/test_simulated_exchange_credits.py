"""Tills that take exchange credits on simulated days: what would be noticed, and nothing else."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random

import pytest
from hw_sim.bench.sample_sales import SampleLine, SampleTender
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.counter_hands import to_the_end
from hw_sim.proofs.simulation.credit_till import CreditTill
from hw_sim.proofs.simulation.exchange_credit_till import ExchangeCreditTill, Fate
from hw_sim.proofs.simulation.goods_mutants import CREDITS
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.invoice_till import InvoiceTill
from hw_sim.proofs.simulation.people.hands import Hands
from hw_sim.proofs.simulation.people.invoices import Invoices
from worlds.counter import at_the_counter

from pos_terminal.core.refund import Kind

SALE = "two-cards-older"
HOUR = 3_600.0


class _Till(ExchangeCreditTill):
    """Of whose customers it is known what they do."""

    def __init__(self, clerk: SimClerk, fate: Fate) -> None:
        super().__init__(clerk.site, Random(1), Counter())
        self.fate = fate

    async def once(self) -> None:
        """Each of its customers comes now."""
        for number, paper in self._known().items():
            paper.fate = self.fate
            await self._comes(number, paper)


async def credit(clerk: SimClerk, quantity: str = "enter") -> str:
    """Of all goods of a sale that two cards paid, or of one."""
    await clerk.log_in()
    await clerk.find(clerk.site.shop.sale(SALE))
    await clerk.at("sale: menu", "sale.more: 5")
    if await clerk.wait("refund.lines", "refund.reason") == "refund.lines":
        for line in range(1, len(clerk.site.shop.sale(SALE).lines) + 1):
            await clerk.at(f"refund.lines: {line}", f"refund.quantity: {quantity}")
        await clerk.at("refund.lines: menu")
    await clerk.at("refund.reason: 4", "goods.scan: menu", "exchange.as_credit: enter")
    await clerk.approve()
    await clerk.at("result: enter")
    await clerk.home()
    (made,) = clerk.site.ledger.exchange_credits.open_ones()
    return made.number


async def rest_back(clerk: SimClerk, number: str) -> None:
    """By the cards that paid."""
    clerk.scan(number)
    await clerk.at("exchange.credit: 1")
    await clerk.approve()
    while (shown := await clerk.wait("card.present", "result", "ticket.left", "home")) != "home":
        if shown == "card.present":
            await clerk.show_card("unionpay-debit" if "622848" in clerk.text else "visa")
        else:
            clerk.press("enter")
            await clerk.leave(shown)


async def problems(clerk: SimClerk, till: _Till) -> list[str]:
    await till.finish()
    await clerk.site.until(lambda: not clerk.site.ledger.refunds.open_ones(), HOUR, "rest")
    return violations(clerk.site)


@at_the_counter()
async def test_taken_in_parts_and_the_rest_given_back_is_even(clerk: SimClerk) -> None:
    till = _Till(clerk, Fate.PARTS)
    number = await credit(clerk)
    await till.once()
    taken = till.book.taken[number]
    amount = clerk.site.shop.sale(SALE).amount
    assert 0 < taken < amount
    await rest_back(clerk, number)
    till.fate = Fate.ALL
    await till.once()
    assert till.book.taken[number] == taken, "what is settled takes nothing"
    assert till.book.settled == {number}
    assert await problems(clerk, till) == []
    refunds = clerk.site.refunds_of(clerk.site.shop.sale(SALE).sale_id)
    assert sum(one.done for one in refunds) == amount


@pytest.mark.parametrize("fate", [Fate.ALL, Fate.MORE, Fate.TWICE])
@at_the_counter()
async def test_whatever_it_asks_for_it_takes_what_it_is_worth(clerk: SimClerk, fate: Fate) -> None:
    number = await credit(clerk)
    till = _Till(clerk, fate)
    await till.once()
    assert till.book.taken[number] == clerk.site.shop.sale(SALE).amount
    assert await problems(clerk, till) == []


@at_the_counter()
async def test_what_is_taken_after_its_time_is_noticed(clerk: SimClerk) -> None:
    number = await credit(clerk)
    till = _Till(clerk, Fate.LATE)
    await till.once()
    await asyncio.sleep(4 * HOUR)
    with CREDITS["taken after its time"]():
        await till.once()
    assert any(f"{number[-4:]} was taken after" in one for one in clerk.site.objections)


@at_the_counter()
async def test_what_falls_on_another_payment_is_noticed(clerk: SimClerk) -> None:
    await credit(clerk)
    till = _Till(clerk, Fate.PARTS)
    with CREDITS["taken of the last payment"]():
        await till.once()
    assert any("of it is spent" in one for one in await problems(clerk, till))


@at_the_counter()
async def test_a_till_that_takes_what_it_was_never_answered_is_noticed(clerk: SimClerk) -> None:
    number = await credit(clerk)
    till = _Till(clerk, Fate.PARTS)
    await till.once()
    till.book.taken[number] -= 1
    assert any("the till took" in one for one in await problems(clerk, till))


async def bought(clerk: SimClerk, number: str, till: _Till) -> str:
    """All that the till took was sold for, in two lines; the receipt of that sale."""
    sells = CreditTill(clerk.site, 1, Counter())
    taken = till.book.taken[number]
    price = taken // 3
    lines = (
        SampleLine("BOUGHT-1", "Bought 1", 1, price, ""),
        SampleLine("BOUGHT-2", "Bought 2", 1, taken - price, ""),
    )
    tenders = [SampleTender("exchange", taken)]
    sold = sells.sell("an exchange credit", tenders, exchange=number, lines=lines)
    await sells.tell_the_rest()
    return sold.sample.receipt_no


async def brings_back(clerk: SimClerk, receipt: str, line: int) -> None:
    clerk.scan(receipt)
    await clerk.at("sale: enter", "refund.amount: menu", f"refund.lines: {line}")
    await clerk.at("refund.quantity: enter", "refund.lines: menu", "refund.amount: enter")
    if await clerk.wait("refund.reason", "invoice.ask") == "invoice.ask":
        await clerk.at("invoice.ask: 1")
    await clerk.at("refund.reason: 4")
    await to_the_end(clerk)


async def one_of_two(clerk: SimClerk, line: int = 2, quantity: str = "enter") -> _Till:
    """The till took all of a credit and sold for it, and one of these two goods comes back."""
    number = await credit(clerk, quantity)
    till = _Till(clerk, Fate.ALL)
    await till.once()
    receipt = await bought(clerk, number, till)
    await brings_back(clerk, receipt, line)
    return till


@at_the_counter()
async def test_goods_that_it_paid_for_come_back_one_after_the_other(clerk: SimClerk) -> None:
    till = await one_of_two(clerk)
    (number,) = till.book.taken
    assert clerk.site.credits is not None
    (sold,) = clerk.site.credits.told
    await brings_back(clerk, sold.sample.receipt_no, 1)
    assert await problems(clerk, till) == []
    first = clerk.site.shop.sale(SALE)
    real = [
        one for one in clerk.site.refunds_of(first.sale_id) if one.kind is not Kind.EXCHANGE_CREDIT
    ]
    assert sum(one.done for one in real) == first.amount
    assert till.book.taken[number] == first.amount


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("opened of the last payment", "open refunds"),
        ("opened and not kept", "not whole"),
    ],
)
@at_the_counter()
async def test_what_is_opened_otherwise_is_noticed(clerk: SimClerk, name: str, said: str) -> None:
    with CREDITS[name]():
        till = await one_of_two(clerk, 1)
    assert any(said in one for one in await problems(clerk, till))


@at_the_counter()
async def test_more_than_came_back_is_noticed(clerk: SimClerk) -> None:
    with CREDITS["opened for more than came back"]():
        till = await one_of_two(clerk, quantity="1 enter")
    assert any("which opened" in one for one in await problems(clerk, till))


@at_the_counter()
async def test_an_invoice_asked_for_again_is_not_the_one_that_its_credit_asked_for(
    clerk: SimClerk,
) -> None:
    """In one visit goods of a sale come back, and goods that its credit paid for open it again."""
    first = clerk.site.shop.sale(SALE)
    invoices = InvoiceTill(clerk.site, Random(1), Counter(), [])
    invoices.issue([first])
    await invoices.tell_the_rest()
    customer = Invoices(Hands(clerk.site, Random(1), Counter()))

    async def answers(way: str) -> None:
        choices = customer.screens()[await clerk.wait("invoice.ask", "invoice.number")]()
        next(act for _, name, act in choices if name == way)()
        await clerk.leave("invoice.ask")

    await clerk.log_in()
    await clerk.find(first)
    await clerk.at("sale: menu", "sale.more: 5", "refund.lines: 1", "refund.quantity: 1 enter")
    await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan: menu")
    await answers("takes an invoice back")
    await clerk.at("exchange.as_credit: enter")
    await clerk.approve()
    await clerk.at("result: enter")
    await clerk.home()
    till = _Till(clerk, Fate.ALL)
    await till.once()
    (number,) = till.book.taken
    receipt = await bought(clerk, number, till)
    await clerk.find(first)
    await clerk.at(
        "sale: menu", "sale.more: 1", "sale: enter", "refund.leg: 2", "refund.amount: 100 enter"
    )
    await answers("has a red-letter invoice")
    await answers("scans a red-letter invoice")
    await clerk.at("refund.reason: 4", "ticket.plan")
    clerk.scan(receipt)
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4", "ticket.plan: enter")
    await clerk.approve()
    await clerk.wait("exchange.back")
    await asyncio.sleep(1.0)
    await to_the_end(clerk)
    opened = clerk.site.ledger.db.execute("SELECT count(*) FROM reopened").fetchone()
    assert opened[0] > 0
    assert await problems(clerk, till) == []
