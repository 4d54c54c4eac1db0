"""R35, R36: one visit is one ticket. Its plan is seen and approved once, each leg goes back alone,
cash last in one sum, and what could not be done stays to do."""

from __future__ import annotations

from typing import Any

from hw_sim.bench.script import Script, answer, see
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, logged_in, sell

from pos_terminal.core.refund import State
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store

TWO = "two-cards-older"


def tickets(clerk: SimClerk) -> list[dict[str, Any]]:
    verify_store(clerk.site.ledger)
    db = clerk.site.ledger.db
    found: list[dict[str, Any]] = overview(db)["tickets"]
    db.execute("COMMIT")
    return found


def states(clerk: SimClerk) -> tuple[str, list[str]]:
    """Of the newest ticket and its legs."""
    ticket = tickets(clerk)[-1]
    return ticket["state"], [f"{leg['tender']} {leg['state']}" for leg in ticket["plan"]]


def to_payment() -> Script:
    yield from answer("sale")
    return (yield from see("refund.leg", "refund.amount"))


async def to_plan(clerk: SimClerk, name: str, amount: str = "") -> None:
    await clerk.find(clerk.site.shop.sale(name))
    if await clerk.play(to_payment()) == "refund.leg":
        clerk.press("3")
    await clerk.answer("refund.amount", amount)
    await clerk.at("refund.reason: 1", "ticket.plan")


async def card(clerk: SimClerk, name: str) -> None:
    assert await clerk.show_card(name, tapped=False) == "result"
    clerk.press("enter")


@logged_in()
async def test_two_cards_are_one_ticket_and_each_takes_its_own_leg(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale(TWO)
    await to_plan(clerk, TWO)
    clerk.press("enter")
    await clerk.approve()
    await card(clerk, "unionpay-debit")  # the second leg's, though the first one's was asked for
    await card(clerk, "visa")
    await clerk.wait("home")
    assert states(clerk) == ("done", ["card done", "card done"])
    refunds = clerk.site.refunds_of(sale.sale_id)
    assert [(one.leg, one.state) for one in refunds] == [(2, State.ACCEPTED), (1, State.ACCEPTED)]
    (ticket,) = tickets(clerk)
    given = [clerk.site.ledger.applications.approvals(leg["application"]) for leg in ticket["plan"]]
    assert [len(one) for one in given] == [1, 1]
    assert len({one.plan for each in given for one in each}) == 1


@logged_in()
async def test_a_declined_card_leaves_the_cash_free_and_stays_to_do(clerk: SimClerk) -> None:
    await to_plan(clerk, "split-today")
    clerk.press("enter")
    await clerk.approve()
    clerk.site.acquirer.set_mode("code:05", 1)
    await card(clerk, "unionpay-debit")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "ticket.left")
    clerk.press("enter")
    await clerk.wait("home")
    assert states(clerk) == ("todo", ["card open", "cash done"])
    assert "1 tickets to do (MENU 3 6)" in clerk.text
    await clerk.at(": menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: enter")
    await card(clerk, "unionpay-debit")  # nobody is asked again
    await clerk.wait("home")
    assert states(clerk) == ("done", ["card done", "cash done"])


@logged_in()
async def test_several_receipts_are_one_plan_one_approval_and_one_sum_of_cash(
    clerk: SimClerk,
) -> None:
    shop = clerk.site.shop
    await sell(clerk, "NOTES-1", {"kind": "cash", "amount": 500}, **CASH)
    await clerk.find(shop.sale("cash-today"))
    await clerk.at("sale: menu", "sale.more: 1", "sale: enter", "refund.amount: 1000 enter")
    await clerk.at("refund.reason: 1", "ticket.plan")
    clerk.scan("NOTES-1")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 2", "ticket.plan")
    clerk.scan("NOTES-1")  # it is in there
    await clerk.at("ticket.failed: enter", "ticket.plan: menu", "ticket.add")
    clerk.scan(shop.sale("jcb-older").receipt_no)
    await clerk.at("sale: enter", "refund.amount: 200 enter", "refund.reason: 1", "ticket.plan")
    assert "¥17.00" in clerk.text
    clerk.press("enter")
    await clerk.approve()
    await card(clerk, "jcb")
    await clerk.wait("refund.confirm")
    assert "¥15.00" in clerk.text
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    assert states(clerk) == ("done", ["card done", "cash done", "cash done"])
    assert clerk.site.parts.drawer == 1
    assert [one.state for one in clerk.site.ledger.refunds.recent(3)] == [
        State.HANDED_OVER,
        State.HANDED_OVER,
        State.ACCEPTED,
    ]
