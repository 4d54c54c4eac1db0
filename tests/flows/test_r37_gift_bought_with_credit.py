"""Who holds the gift receipt of goods that an exchange credit paid for gets store credit (R37)."""

from __future__ import annotations

from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, at_the_counter, sell
from worlds.credit_counter import IN_CASH, credit_for_a_cup, legs, sound, taken

from pos_terminal.core.refund import Kind, State

POT = {"sku": "12", "name": "Pot", "quantity": 1}


async def gift(clerk: SimClerk, number: str, amount: int, in_cash: int = 0) -> None:
    """The till tells of a pot, of which the number paid so much, and cash the rest."""
    tenders = [{"kind": "exchange", "amount": amount, "exchange_no": number}]
    if in_cash:
        tenders.append({"kind": "cash", "amount": in_cash})
    line = POT | {"unit_price": amount + in_cash}
    await sell(clerk, "POT", *tenders, lines=[line], gift_receipt_no="GIFT-9", **CASH)


async def chosen(clerk: SimClerk) -> None:
    """The pot, to the sum that goes back."""
    clerk.scan("GIFT-9")
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount")


def of_pot(clerk: SimClerk) -> list[tuple[Kind, State, int]]:
    sale = clerk.site.ledger.sales.by_id("POT")
    assert sale is not None
    return [(one.kind, one.state, one.done) for one in clerk.site.ledger.refunds.of_sale(sale.key)]


@at_the_counter()
async def test_all_of_it_was_paid_by_the_credit(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 900)
    await gift(clerk, credit.number, 900)
    await chosen(clerk)
    await clerk.at("refund.amount: enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    assert of_pot(clerk) == [(Kind.CREDIT, State.ISSUED, 900)]
    assert legs(clerk, credit) == [(900, 0, 0)], "what the credit spent stays spent"
    clerk.scan("POT")
    await clerk.at("sale")
    assert "nothing is left" in clerk.text
    await clerk.home()
    sound(clerk)


@at_the_counter()
async def test_cash_beside_it_makes_it_whole(clerk: SimClerk) -> None:
    """Nothing of the goods stays owed to who gave them back."""
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 900)
    await gift(clerk, credit.number, 900, 300)
    await chosen(clerk)
    assert "12.00" in clerk.text
    await clerk.at("refund.amount: enter", "refund.reason: 4", "ticket.plan: enter")
    await clerk.approve()
    for _ in range(2):
        await clerk.at("refund.confirm: enter", "result: enter")
    await clerk.home()
    assert of_pot(clerk) == [(Kind.CREDIT, State.ISSUED, 900), (Kind.CREDIT, State.ISSUED, 300)]
    sound(clerk)


@at_the_counter()
async def test_no_more_than_the_till_took(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 600)
    await gift(clerk, credit.number, 900)
    await chosen(clerk)
    assert "6.00" in clerk.text
    assert "9.00" not in clerk.text.replace("3.00", "")
    await clerk.home()


@at_the_counter()
async def test_of_a_number_that_is_none_of_ours_nothing_goes_back(
    clerk: SimClerk,
) -> None:
    await clerk.log_in()
    await gift(clerk, "X-118", 900)
    clerk.scan("GIFT-9")
    await clerk.at("sale")
    assert "Refund where it was paid" in clerk.text
