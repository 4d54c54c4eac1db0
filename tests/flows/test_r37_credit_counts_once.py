"""What is owed for goods of an earlier ticket, or to do, is no part of another exchange credit: it
is given back by its own ticket, once (R37)."""

from __future__ import annotations

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, sell
from worlds.credit_counter import CUP, give_rest_back, legs, sound

from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.texts import Language

TEA = {"sku": "77", "name": "Tea", "quantity": 1, "unit_price": 500, "barcodes": ["6977"]}
ENGLISH = Setting(language=Language.EN)


async def credit_for(clerk: SimClerk, code: str, *, last: bool = False) -> ExchangeCredit:
    """From home; the ``last`` piece of its sale need not be scanned."""
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5")
    if not last:
        await clerk.wait("refund.lines")
        clerk.scan(code)
        await clerk.at("refund.lines: menu")
    await clerk.at("refund.reason: 4", "goods.scan: menu", "exchange.as_credit: enter")
    await clerk.approve()
    await clerk.at("result: enter")
    await clerk.home()
    (credit,) = clerk.site.ledger.exchange_credits.open_ones()
    return credit


async def go_on(clerk: SimClerk) -> None:
    """With what is left to do, to the notes that are handed over."""
    await clerk.at("home: menu", "menu: 3", "menu.to_do: 6", "ticket.todo: 1", "ticket.left: enter")
    await paid(clerk)


async def paid(clerk: SimClerk) -> None:
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()


async def rest_to_do(clerk: SimClerk, credit: ExchangeCredit) -> None:
    await give_rest_back(clerk, credit)
    await clerk.at("refund.confirm: cancel", "ticket.left: enter")
    await clerk.home()


@at_the_counter(ENGLISH)
async def test_the_last_goods_bring_their_own_worth(clerk: SimClerk) -> None:
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 1_400}, lines=[CUP, TEA], **CASH)
    await clerk.log_in()
    first = await credit_for(clerk, "6911")
    await rest_to_do(clerk, first)
    second = await credit_for(clerk, "6977", last=True)
    assert (first.amount, second.amount) == (900, 500)
    await go_on(clerk)
    assert legs(clerk, second) == [(900, 500, 0)]
    await give_rest_back(clerk, second)
    await paid(clerk)
    assert legs(clerk, second) == [(1_400, 0, 0)]
    sound(clerk)


@at_the_counter(ENGLISH)
async def test_it_is_owed_once(clerk: SimClerk) -> None:
    """Both rests withdrawn: the sale's screen, and what it can give back, has each of them once."""
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 1_400}, lines=[CUP, TEA], **CASH)
    await clerk.log_in()
    for code, last in (("6911", False), ("6977", True)):
        await rest_to_do(clerk, await credit_for(clerk, code, last=last))
    sale = clerk.site.ledger.sales.by_id("GOODS")
    assert sale is not None
    assert sale.owed == 1_400
    await go_on(clerk)
    await go_on(clerk)
    sound(clerk)


@at_the_counter(ENGLISH)
async def test_a_payment_on_which_something_is_to_do_is_set_aside_last(clerk: SimClerk) -> None:
    """A wallet, and cash after it in the order: the rest to the wallet is to do there."""
    wallet = {"kind": "wallet", "amount": 900, "order_no": ["P-1"]}
    notes = {"kind": "cash", "amount": 500}
    await sell(clerk, "GOODS", wallet, notes, lines=[CUP, TEA], **CASH)
    await clerk.log_in()
    first = await credit_for(clerk, "6911")
    assert legs(clerk, first) == [(0, 900, 0), (0, 0, 500)]
    await rest_to_do(clerk, first)
    second = await credit_for(clerk, "6977", last=True)
    assert legs(clerk, second) == [(0, 0, 900), (0, 500, 0)]
    sound(clerk)
