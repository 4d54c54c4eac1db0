"""What is owed for goods that came back in time goes back after the return period as well, in
whatever ticket it is asked for (R12)."""

from __future__ import annotations

import asyncio
from typing import Final

from hw_sim.proofs.simulation.by_file import close_cases
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.counter_hands import till_tells
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, one_line, sell
from worlds.credit_counter import CUP, IN_CASH, credit_for_a_cup, give_rest_back, refunds, sound

from pos_terminal.core.refund import Kind, State
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

DAY: Final = 86_400
TODAY: Final = {"free_days": 0, "supervisor_days": 0}
ONE_DAY = Setting(language=Language.EN, rules={"window": TODAY})
TOO_OLD: Final = "Past the return period"


async def withdrawn(clerk: SimClerk) -> None:
    """The rest of a credit for the cup: it stays in its sale."""
    await clerk.at("refund.confirm: cancel", "ticket.left: enter", "home: menu", "menu: 3")
    await clerk.at("menu.to_do: 6", "ticket.todo: 1", "ticket.left: menu", "ticket.withdraw: enter")
    await clerk.home()


async def asked_for(clerk: SimClerk, amount: str = "enter") -> None:
    clerk.scan("GOODS")
    await clerk.at("sale: enter", f"refund.amount: {amount}", "refund.reason: 4")


async def paid(clerk: SimClerk) -> None:
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()


@at_the_counter(ONE_DAY)
async def test_the_rest_of_a_credit_that_was_withdrawn(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await give_rest_back(clerk, credit)
    await withdrawn(clerk)
    await asyncio.sleep(2 * DAY)
    await clerk.home()
    await asked_for(clerk)
    await paid(clerk)
    assert refunds(clerk, credit)[-1] == (Kind.CASH, State.HANDED_OVER, 900)
    clerk.scan(credit.number)
    await clerk.wait("exchange.credit_closed")
    assert "Rest given back ¥9.00" in one_line(clerk)
    assert "stays" not in clerk.text, "it went back by the receipt"
    await clerk.home()
    sound(clerk)


@at_the_counter(
    Setting(
        language=Language.EN,
        rules={
            "window": {
                **TODAY,
                "categories": {"food": {"free_days": 0, "supervisor_days": 0}},
                "free_days": 9,
                "supervisor_days": 9,
            }
        },
    )
)
async def test_the_window_is_that_of_the_goods_that_are_back(clerk: SimClerk) -> None:
    """Food that the customer keeps has none of it, and its money does not go back."""
    food = {"sku": "13", "name": "Milk", "quantity": 1, "unit_price": 300, "category": "food"}
    old = {"sold_at": "2026-11-15T10:00:00+08:00"}
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 1_200}, lines=[CUP, food], **CASH, **old)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan: menu")
    await clerk.at("exchange.as_credit: enter")
    await clerk.approve()
    await clerk.at("result: enter")
    await clerk.home()
    (credit,) = clerk.site.ledger.exchange_credits.open_ones()
    await give_rest_back(clerk, credit)
    await withdrawn(clerk)
    await asyncio.sleep(6 * DAY)
    await clerk.home()
    await asked_for(clerk, "1 2 0 0 enter")
    await clerk.wait("failure", "result")
    assert TOO_OLD in one_line(clerk)
    await clerk.home()
    await asked_for(clerk, "9 0 0 enter")
    await paid(clerk)
    assert refunds(clerk, credit)[-1] == (Kind.CASH, State.HANDED_OVER, 900)
    sound(clerk)


@at_the_counter(
    Setting(language=Language.EN, rules={"window": {"free_days": 6, "supervisor_days": 6}})
)
async def test_what_the_acquirer_left_of_a_payment(clerk: SimClerk) -> None:
    """It approved a part (10): the goods are back."""
    sale = clerk.site.shop.sale("visa-older")
    await clerk.log_in()
    clerk.scan(sale.receipt_no)
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await clerk.approve()
    clerk.site.acquirer.set_mode("partial:1000", 1)
    await clerk.show_card("visa")
    await clerk.home()
    assert clerk.site.sale(sale.sale_id).owed == sale.amount - 1_000
    await asyncio.sleep(8 * DAY)
    await clerk.home()
    clerk.scan(sale.receipt_no)
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.home()
    assert clerk.site.sale(sale.sale_id).remaining == 0
    sound(clerk)


@at_the_counter(ONE_DAY)
async def test_what_stayed_of_a_credit_that_two_ended(clerk: SimClerk) -> None:
    """Once its case is closed, less what went back elsewhere."""
    credit = await credit_for_a_cup(clerk, IN_CASH)
    event = {"kind": "refunded_elsewhere", "sale_id": "GOODS", "leg": 1, "amount": 300}
    await till_tells(clerk, event | {"reference": "HQ", "at": "2026-11-20T13:00:00+08:00"})
    clerk.scan(credit.number)
    await clerk.at("exchange.credit: 1")
    await clerk.approve()
    await clerk.approve(1)
    await clerk.wait("exchange.credit_closed")
    await clerk.home()
    assert await close_cases(clerk.site) == 1
    await asyncio.sleep(2 * DAY)
    await clerk.home()
    await asked_for(clerk)
    await paid(clerk)
    assert refunds(clerk, credit)[-1] == (Kind.CASH, State.HANDED_OVER, 600)
    verify_store(clerk.site.ledger)
