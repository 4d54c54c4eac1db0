"""Exchange credits made, taken and given back by a clerk at the counter (R37)."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from worlds.counter import CASH, sell

from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.words import Failure
from pos_terminal.services.proof.verify import verify_store

CUP = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900, "barcodes": ["6911"]}
IN_CASH = {"kind": "cash", "amount": 900}
BY_WALLET = {"kind": "wallet", "amount": 900, "order_no": ["P-1"]}


async def credit_for_a_cup(
    clerk: SimClerk, *tenders: dict[str, Any], logged_in: bool = False, **changes: Any
) -> ExchangeCredit:
    """``changes`` are of the sale; of one with an invoice the customer has brought that, too."""
    await sell(clerk, "GOODS", *tenders, lines=[CUP], **CASH, **changes)
    if not logged_in:
        await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan: menu")
    if "invoice" in changes:
        await clerk.at("invoice.ask: 1")
    await clerk.at("exchange.as_credit: enter")
    await clerk.approve()
    await clerk.at("result: enter")
    await clerk.home()
    (credit,) = clerk.site.ledger.exchange_credits.open_ones()
    return credit


async def credit_of_line(clerk: SimClerk, name: str, lines: int = 1) -> ExchangeCredit:
    """All of the first line of one of the shop's sales, or of so many."""
    await clerk.log_in()
    clerk.scan(clerk.site.shop.sale(name).receipt_no)
    await clerk.at("sale: menu", "sale.more: 5")
    if await clerk.wait("refund.lines", "refund.reason") == "refund.lines":
        for line in range(1, lines + 1):
            await clerk.at(f"refund.lines: {line}", "refund.quantity: enter")
        await clerk.at("refund.lines: menu")
    await clerk.at("refund.reason: 4", "goods.scan: menu")
    await clerk.at("exchange.as_credit: enter")
    await clerk.approve()
    await clerk.at("result: enter")
    await clerk.home()
    (credit,) = clerk.site.ledger.exchange_credits.open_ones()
    return credit


async def taken(
    clerk: SimClerk, credit: ExchangeCredit, amount: int, request: str = "till-1/1"
) -> dict[str, Any]:
    """What the till is answered, at the control socket."""
    terminal = clerk.site.terminal
    asked = {"number": credit.number, "amount": amount, "request": request}
    answer = await terminal.ask(lambda: terminal.verbs["redeem"](asked))
    assert answer is not None
    return answer


async def buy(
    clerk: SimClerk, credit: ExchangeCredit, amount: int, *beside: dict[str, Any], name: str = "POT"
) -> None:
    """The till tells of two pots, of which the credit paid so much."""
    whole = amount + sum(one["amount"] for one in beside)
    line = {"sku": "12", "name": "Pot", "quantity": 2, "unit_price": whole // 2}
    tenders = [{"kind": "exchange", "amount": amount, "exchange_no": credit.number}, *beside]
    await sell(clerk, name, *tenders, lines=[line], **CASH)


async def bring_back(clerk: SimClerk, name: str = "POT", amount: str = "enter") -> None:
    """From the scan to the supervisor's yes."""
    clerk.scan(name)
    await clerk.at("sale: enter")
    await clerk.at(f"refund.amount: {amount}")
    await clerk.at("refund.reason: 4")


async def refused(clerk: SimClerk, credit: ExchangeCredit, amount: int, request: str) -> str:
    with pytest.raises(Failure) as found:
        await taken(clerk, credit, amount, request)
    return found.value.code


async def give_rest_back(clerk: SimClerk, credit: ExchangeCredit) -> None:
    """From home to the supervisors' yes."""
    clerk.scan(credit.number)
    await clerk.at("exchange.credit: 1")
    await clerk.approve()


def now(clerk: SimClerk, credit: ExchangeCredit) -> ExchangeCredit:
    found = clerk.site.ledger.exchange_credits.by_number(credit.number)
    assert found is not None
    return found


def legs(clerk: SimClerk, credit: ExchangeCredit) -> list[tuple[int, int, int]]:
    """Of each payment: given back, set aside, left."""
    sale = clerk.site.ledger.sales.by_key(credit.sale_key)
    assert sale is not None
    return [(leg.done, leg.held, leg.remaining) for leg in sale.tenders]


def refunds(clerk: SimClerk, credit: ExchangeCredit) -> list[tuple[Kind, State, int]]:
    of_sale = clerk.site.ledger.refunds.of_sale(credit.sale_key)
    return [(one.kind, one.state, one.done) for one in of_sale]


def of_first(clerk: SimClerk, credit: ExchangeCredit) -> list[tuple[Kind, State, int]]:
    """What went back of the sale that the credit stands on, but for what the till took."""
    found = clerk.site.ledger.refunds.of_sale(credit.sale_key)
    return [(one.kind, one.state, one.done) for one in found if one.kind != Kind.EXCHANGE_CREDIT]


def sound(clerk: SimClerk) -> None:
    ledger = clerk.site.terminal.ledger
    assert ledger is not None
    verify_store(ledger)
    found = violations(clerk.site)
    assert found == [], found
