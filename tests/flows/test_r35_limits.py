"""R35, R36: ceilings, daily and cash limits judge each leg and the ticket's sum; the stricter wins.

None of these legs is above a limit by itself.
"""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, logged_in, sell

from pos_terminal.core.refund import Kind
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language


def shop(**rules: dict[str, Any]) -> Setting:
    """Where nobody is asked but by a rule."""
    return Setting(language=Language.EN, policy={"supervisor": "by-rule"}, rules=rules)


def text(clerk: SimClerk) -> str:
    return " ".join(clerk.text.split())


def done(clerk: SimClerk) -> list[tuple[Kind, int]]:
    """Newest first."""
    verify_store(clerk.site.ledger)
    return [(one.kind, one.done) for one in clerk.site.ledger.refunds.recent(20)]


def cash(amount: int) -> dict[str, Any]:
    return {"kind": "cash", "amount": amount}


def voucher(amount: int) -> dict[str, Any]:
    return {"kind": "voucher", "amount": amount, "voucher_no": "2900017"}


async def two_sales(clerk: SimClerk, *typed: str) -> None:
    """SALE-1 and SALE-2 in one plan, of the second so much; from home to the plan of both."""
    clerk.scan("SALE-1")
    await clerk.at("sale: menu", "sale.more: 1", "sale: enter", "refund.amount: enter")
    await clerk.at("refund.reason: 4", "ticket.plan")
    clerk.scan("SALE-2")
    await clerk.at("sale: enter", " ".join(["refund.amount:", *typed, "enter"]), "refund.reason: 4")


@logged_in(shop(ceiling={"supervisor_above": 5_000, "two_above": 7_000, "deny_above": 9_000}))
async def test_a_ceiling_over_two_sales_asks_nobody_one_or_two_or_refuses(clerk: SimClerk) -> None:
    await sell(clerk, "SALE-1", cash(4_000), **CASH)
    await sell(clerk, "SALE-2", cash(4_900), **CASH)
    await two_sales(clerk, *"1000")  # 50.00 in all: nobody
    await clerk.at("ticket.plan")
    await clerk.wait_text("50.00")
    await clerk.at(": enter", "refund.confirm: cancel", "ticket.left: enter", "home")
    await clerk.at(": menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: menu")
    await clerk.at("ticket.withdraw: enter", "home")
    await two_sales(clerk, *"1001")  # 50.01: one
    await clerk.at("ticket.plan")
    await clerk.wait_text("50.01")
    await clerk.at(": enter", "supervisor.number")
    assert "Above 50.00: supervisor" in text(clerk)
    await clerk.approve()
    await clerk.at("refund.confirm: cancel", "ticket.left: enter", "home")
    await clerk.at(": menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: menu")
    await clerk.at("ticket.withdraw: enter", "home")
    await two_sales(clerk)  # 89.00: two
    await clerk.at("ticket.plan")
    await clerk.wait_text("89.00")
    await clerk.at(": enter", "supervisor.number")
    assert "Above 70.00: two supervisors" in text(clerk)
    await clerk.approve()
    await clerk.at("supervisor.number")
    await clerk.approve(1)
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    assert done(clerk) == [(Kind.CASH, 4_900), (Kind.CASH, 4_000)]
    assert clerk.site.parts.drawer == 1
    await sell(clerk, "SALE-3", voucher(4_000), cash(5_001), **CASH)
    clerk.scan("SALE-3")  # 90.01 of two payments: refused, and neither goes back alone instead
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await clerk.wait("result")
    assert "Above the ceiling of 90.00" in text(clerk)
    await clerk.go("enter", to="home")
    assert len(done(clerk)) == 2


@logged_in(shop(daily={"clerk_amount": 20_000, "answer": "deny"}))
async def test_a_day_that_other_tickets_used_up_counts_the_whole_ticket(clerk: SimClerk) -> None:
    await sell(clerk, "SALE-0", cash(15_000), **CASH)
    clerk.scan("SALE-0")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    await sell(clerk, "SALE-1", cash(3_000), **CASH)
    await sell(clerk, "SALE-2", cash(3_000), **CASH)
    await two_sales(clerk)  # 30.00 more is within the day, 60.00 is not
    await clerk.wait("ticket.failed")
    assert "Over the clerk's limit for a day" in text(clerk)
    await clerk.at(": enter", "ticket.plan")
    assert "60.00" not in text(clerk)  # as it was, of one sale
    await clerk.at(": cancel", "sale.more: cancel", "sale: cancel", "home")
    await two_sales(clerk, *"2000")
    await clerk.at("ticket.plan")
    await clerk.wait_text("50.00")
    await clerk.at(": enter", "refund.confirm: enter", "cash.hand_over: enter", "result: enter")
    await clerk.wait("home")
    assert done(clerk)[:2] == [(Kind.CASH, 2_000), (Kind.CASH, 3_000)]
    # now the day is used up: the last of it goes back another day
    clerk.scan("SALE-2")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4", "result")
    assert "Over the clerk's limit for a day" in text(clerk)


@logged_in(shop(daily={"terminal_count": 3, "answer": "ask_two"}))
async def test_a_days_count_counts_each_leg(clerk: SimClerk) -> None:
    for name in ("SALE-1", "SALE-2"):
        await sell(clerk, name, cash(600), **CASH)
    await sell(clerk, "SALE-3", voucher(500), cash(700), **CASH)
    await two_sales(clerk)  # two of three: nobody is asked, nor for one more
    await clerk.at("ticket.plan")
    await clerk.wait_text("12.00")
    await clerk.at(": enter", "refund.confirm: enter", "cash.hand_over: enter", "result: enter")
    await clerk.wait("home")
    clerk.scan("SALE-3")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4", "ticket.plan: enter")
    await clerk.wait("supervisor.number")
    assert "Over the terminal's limit for a day" in text(clerk)
    await clerk.approve()
    await clerk.at("supervisor.number")
    await clerk.approve(1)
    await clerk.wait("refund.confirm")


@pytest.mark.parametrize("second", [400, 401])
@logged_in(shop(cash_limit={"limit": 1_000}))
async def test_the_cash_of_two_sales_is_one_sum(clerk: SimClerk, second: int) -> None:
    """Within the limit one opening of the drawer; a cent above it, vouchers and none."""
    await sell(clerk, "SALE-1", cash(600), **CASH)
    await sell(clerk, "SALE-2", cash(second), **CASH)
    await two_sales(clerk)
    await clerk.at("ticket.plan")
    await clerk.wait_text(f"10.0{second - 400}")
    clerk.press("enter")
    if second == 400:
        await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
        assert done(clerk) == [(Kind.CASH, 400), (Kind.CASH, 600)]
        assert clerk.site.parts.drawer == 1
        return
    await clerk.wait("supervisor.number")
    assert "Above cash limit 10.00" in text(clerk)
    await clerk.approve()
    # left and taken up again it is the same sum, and nobody is asked twice
    await clerk.at("refund.confirm: cancel")
    await clerk.wait_text("¥4.01")
    await clerk.at(": cancel", "ticket.left: enter", "home")
    await clerk.at(": menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: enter")
    await clerk.at("refund.confirm: enter", "result: enter", "refund.confirm: enter")
    await clerk.at("result: enter", "home")
    assert done(clerk) == [(Kind.CREDIT, 401), (Kind.CREDIT, 600)]
    assert clerk.site.parts.drawer == 0


@logged_in(
    Setting(
        language=Language.EN,
        rules={"ceiling": {"supervisor_above": 100, "two_above": 2_000, "deny_above": 9_000_000}},
    )
)
async def test_what_a_declined_leg_becomes_is_judged_with_what_went_back_before_it(
    clerk: SimClerk,
) -> None:
    """15.48 and 10.32 take two together; one is on its card when the other goes on by its form."""
    await clerk.find(clerk.site.shop.sale("two-cards-older"))
    await clerk.at("sale: enter", "refund.leg: 3", "refund.amount: enter", "refund.reason: 1")
    await clerk.at("ticket.plan: enter")
    await clerk.approve(0)
    await clerk.approve(1)
    assert await clerk.show_card("visa", tapped=False) == "result"
    await clerk.at("result: enter", "card.present")
    clerk.site.acquirer.set_mode("code:57", 1)
    assert await clerk.show_card("unionpay-debit", tapped=False) == "result"
    await clerk.at("result: menu", "supervisor.number")
    assert "Above 20.00: two supervisors" in text(clerk)
    await clerk.approve(0)
    await clerk.wait_text("2 of 2")
    await clerk.approve(1)
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    assert [kind for kind, _ in done(clerk)] == [Kind.MANUAL, Kind.REFUND, Kind.REFUND]
