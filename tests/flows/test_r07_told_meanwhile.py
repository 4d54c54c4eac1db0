"""A till tells what a clerk typed while the clerk is at it (R7): nothing is lost, nothing goes out
twice, and the screen says what to do."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, logged_in, sell
from worlds.typed import AMOUNT, DAY, ON, RRN, all_sales, give, purchase, tell, type_in, typed

from pos_terminal.core.refund import State
from pos_terminal.core.sale import SaleOrigin
from pos_terminal.services.proof.verify import verify_store

WAY = ("sale", "refund.amount", "refund.reason", "supervisor.number", "card.present", "host.wait")

BEFORE = WAY[:3]
"""Nothing is stored yet: what was found is looked for again."""


async def go_on(clerk: SimClerk, prompt: str) -> None:
    """From this prompt to the next one of ``WAY``."""
    match prompt:
        case "sale":
            await clerk.go("enter", to="refund.amount")
        case "refund.amount":
            await clerk.answer("refund.amount", "2000")
            await clerk.wait("refund.reason")
        case "refund.reason":
            await clerk.go("1", to="supervisor.number")
        case "supervisor.number":
            await clerk.approve()
        case "card.present":
            clerk.tap("visa")
            await clerk.wait("supervisor.number")
            await clerk.approve(1)
            await clerk.wait("host.wait")


@pytest.mark.parametrize("at", WAY)
def test_told_while_the_clerk_is_at_it(at: str) -> None:
    @logged_in()
    async def story(clerk: SimClerk) -> None:
        purchase(clerk)
        await type_in(clerk)
        key = typed(clerk).key
        for prompt in WAY[: WAY.index(at)]:
            if prompt == "card.present":
                clerk.site.acquirer.set_mode("delay:5", 1)
            await go_on(clerk, prompt)
        await tell(clerk)
        assert clerk.site.ledger.sales.by_key(key) is None
        if at in BEFORE:
            for prompt in BEFORE[BEFORE.index(at) : -1]:
                await go_on(clerk, prompt)
            await clerk.go("1", to="failure")
            assert "The till has just told this sale" in " ".join(clerk.text.split())
        else:
            for prompt in WAY[WAY.index(at) : -1]:
                await go_on(clerk, prompt)
            await clerk.wait("result")
            clerk.take_away()
        await clerk.home()
        verify_store(clerk.site.ledger)
        (sale,) = all_sales(clerk)
        assert sale.origin is SaleOrigin.FEED
        assert sale.done == (0 if at in BEFORE else 2_000)
        assert sale.held == 0
        clerk.scan("LATE")
        await clerk.wait("sale")
        left = AMOUNT - sale.done
        await give(clerk, left)
        assert clerk.site.sale("LATE").done == AMOUNT
        paid = [row["paid"] for row in clerk.site.acquirer.ledger() if row["paid"]]
        assert sum(paid) == AMOUNT
        assert State.UNKNOWN not in [one.state for one in clerk.site.refunds_of("LATE")]

    story()


@logged_in()
async def test_told_while_the_answer_does_not_come_the_customer_has_the_certificate(
    clerk: SimClerk,
) -> None:
    """Of the till's sale, as it is by then."""
    purchase(clerk)
    await type_in(clerk)
    clerk.site.acquirer.set_mode("drop-answer", 99)
    for prompt in WAY[:-1]:
        await go_on(clerk, prompt)
    await clerk.site.until(lambda: typed(clerk).held == 2_000, 5, "seal")
    await tell(clerk, amount=AMOUNT, beside=[{"kind": "cash", "amount": 700}])
    await clerk.wait("result")
    (refund,) = clerk.site.refunds_of("LATE")
    assert refund.state is State.UNKNOWN
    assert len(clerk.papers) == 2, "both copies"
    assert all("LATE" in paper and str(refund.stan) in paper for paper in clerk.papers)
    clerk.take_away()
    await clerk.home()
    verify_store(clerk.site.ledger)


@logged_in()
async def test_told_before_the_form_of_it_is_approved_the_form_names_the_till_s(
    clerk: SimClerk,
) -> None:
    """With cash beside it: the card's leg is another one than it was typed as."""
    purchase(clerk)
    await type_in(clerk)
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.at("sale: enter", "refund.amount: 2000 enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.approve(1)
    await clerk.at("result: menu", "supervisor.number")
    await tell(clerk, amount=AMOUNT, beside=[{"kind": "cash", "amount": 700}])
    await clerk.approve()
    await clerk.at("refund.confirm: enter")
    await clerk.wait("result")
    await clerk.home()
    sale = clerk.site.sale("LATE")
    assert (sale.done, sale.held, sale.locked) == (0, 2_000, False)
    await clerk.site.until(lambda: "LATE" in clerk.papers[-1], 60, "form")
    verify_store(clerk.site.ledger)


@logged_in()
async def test_told_before_the_last_key_it_is_the_till_s_sale_that_is_shown(
    clerk: SimClerk,
) -> None:
    purchase(clerk)
    await type_in(clerk, to="typed.review")
    await tell(clerk)
    await clerk.go("enter", to="sale")
    assert "Typed by hand" not in clerk.text
    (sale,) = all_sales(clerk)
    assert sale.sale_id == "LATE"
    verify_store(clerk.site.ledger)


async def to_plan(clerk: SimClerk) -> None:
    """20.00 of the typed sale and a receipt paid in cash, in one visit."""
    await sell(clerk, "NOTES-1", {"kind": "cash", "amount": 500}, **CASH)
    purchase(clerk)
    await type_in(clerk)
    await clerk.at("sale: menu", "sale.more: 1", "sale: enter", "refund.amount: 2000 enter")
    await clerk.at("refund.reason: 1", "ticket.plan")
    clerk.scan("NOTES-1")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1", "ticket.plan")


@logged_in()
async def test_told_while_it_is_in_a_plan_nothing_of_the_plan_is_begun(clerk: SimClerk) -> None:
    await to_plan(clerk)
    await tell(clerk)
    await clerk.at("ticket.plan: enter", "failure")
    assert "The till has just told this sale" in " ".join(clerk.text.split())
    await clerk.home()
    assert clerk.site.ledger.refunds.recent(9) == []
    assert clerk.site.sale("LATE").remaining == AMOUNT


@logged_in()
async def test_told_while_its_leg_is_left_to_do_the_ticket_goes_on_with_the_till_s(
    clerk: SimClerk,
) -> None:
    await to_plan(clerk)
    assert "11-19 12:00" not in clerk.text, "the hour of what was typed is not known"
    await clerk.at("ticket.plan: enter", "supervisor.number")
    assert "11-19 12:00" not in clerk.text
    await clerk.approve()
    await clerk.at("card.present: cancel", "refund.confirm: enter", "cash.hand_over: enter")
    await clerk.at("result: enter", "ticket.left: enter", "home")
    await clerk.site.until(lambda: "STILL TO DO" in clerk.papers[-1], 60, "what is left")
    assert DAY in clerk.papers[-1]
    assert "12:00:00" not in clerk.papers[-1]
    await tell(clerk)
    await clerk.at(": menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: enter")
    await clerk.wait("supervisor.number")
    await clerk.approve()  # it is the till's payment now: another plan
    await clerk.show_card("visa")
    await clerk.approve(1)
    await clerk.wait("result")
    clerk.take_away()
    await clerk.home()
    sale = clerk.site.sale("LATE")
    assert (sale.done, sale.locked) == (2_000, False)
    assert [row["paid"] for row in clerk.site.acquirer.ledger() if row["paid"]] == [2_000]
    verify_store(clerk.site.ledger)


@logged_in()
async def test_told_between_two_looks_at_the_other_ways_of_a_payment(clerk: SimClerk) -> None:
    """The typed sale's refusal opened its only other way, and has gone over to the till's sale."""
    purchase(clerk)
    await type_in(clerk)
    clerk.site.acquirer.set_mode("code:04", 1)
    await give(clerk, 2_000)
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal: enter")
    for prompt, digits in (("rrn", RRN), ("date", ON), ("amount", str(AMOUNT))):
        await clerk.answer(f"typed.{prompt}", digits)
    await clerk.at("sale: menu", "sale.more: 3", "exception: 1", "refund.amount")
    await tell(clerk)
    await clerk.at("refund.amount: cancel", "failure")
    assert "No exception is open for it" in " ".join(clerk.text.split())
    await clerk.home()
    verify_store(clerk.site.ledger)
