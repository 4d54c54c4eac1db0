"""A story of the counter: an exchange credit, what the till takes of it, its rest, and the goods
that it paid for, which come back too (R37).

As every one of them it looks at the ledger first, and goes on where it was.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final

from hw_sim.proofs.simulation.clerk import Lost, SimClerk
from hw_sim.proofs.simulation.counter_hands import exactly, sold, till_tells, to_the_end
from hw_sim.proofs.simulation.stories import Story
from pos_terminal.core.exchange_credit import CreditState, ExchangeCredit
from pos_terminal.core.print_job import UNPRINTED
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.words import Failure

_SALE: Final = "EXCHANGE"
_BOUGHT: Final = "EXCHANGED"
_WALLET, _CASH, _TAKEN = 2_000, 1_500, 800


async def _exchange(clerk: SimClerk) -> None:
    """A coat paid by wallet and in cash: the till takes a part for a cap, the rest goes back, and
    then the cap is brought back."""
    await clerk.home()
    ledger = clerk.site.ledger
    if ledger.sales.by_id(_SALE) is None:
        coat = [{"sku": "C", "name": "Coat", "quantity": "1", "unit_price": _WALLET + _CASH}]
        wallet = {"kind": "wallet", "amount": _WALLET, "order_no": ["P-9"]}
        cash = {"kind": "cash", "amount": _CASH}
        await till_tells(clerk, sold(_SALE, wallet, cash, lines=coat))
    if _credit(clerk) is None:
        clerk.scan(_SALE)
        await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan: menu")
        await clerk.at("exchange.as_credit: enter")
        await to_the_end(clerk)
    credit = _credit(clerk)
    if credit is None:
        raise Lost("no exchange credit was made")
    if credit.state is CreditState.OPEN:
        await _till_takes(clerk, credit)
        clerk.scan(credit.number)
        await clerk.at("exchange.credit: 1")
        await to_the_end(clerk)
    await _what_is_left(clerk)
    if ledger.sales.by_id(_BOUGHT) is None:
        told = {"kind": "exchange", "amount": _TAKEN, "exchange_no": credit.number}
        cap = [{"sku": "H", "name": "Cap", "quantity": "1", "unit_price": _TAKEN}]
        await till_tells(clerk, sold(_BOUGHT, told, lines=cap))
    if not _refunds(clerk, _BOUGHT):
        clerk.scan(_BOUGHT)
        await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
        await to_the_end(clerk)
    await _what_is_left(clerk)


async def _what_is_left(clerk: SimClerk) -> None:
    """Nobody is asked about it again."""
    if clerk.site.ledger.applications.to_do():
        await clerk.at("home: menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: enter")
        await to_the_end(clerk, approves=False)


async def _till_takes(clerk: SimClerk, credit: ExchangeCredit) -> None:
    """By the same request each time: it is taken once. Lost where it is refused."""
    terminal = clerk.site.terminal
    request = {"number": credit.number, "amount": _TAKEN, "request": "till-1/000001"}
    try:
        answer = await terminal.ask(lambda: terminal.verbs["redeem"](request))
    except Failure as failure:
        raise Lost(f"the till is refused: {failure}") from None
    if answer is None:  # killed meanwhile: this story is over
        await asyncio.Event().wait()


def _refunds(clerk: SimClerk, name: str) -> Sequence[Refund]:
    sale = clerk.site.ledger.sales.by_id(name)
    return () if sale is None else clerk.site.ledger.refunds.of_sale(sale.key)


def _credit(clerk: SimClerk) -> ExchangeCredit | None:
    credits = clerk.site.ledger.exchange_credits
    found = (credits.of_refund(one.refund_id) for one in _refunds(clerk, _SALE))
    return next((one for one in found if one is not None), None)


def _of_exchange(clerk: SimClerk) -> list[str]:
    refunds = [*_refunds(clerk, _SALE), *_refunds(clerk, _BOUGHT)]
    found = Counter(f"{one.leg} {one.done} {one.kind}" for one in refunds)
    wrong = exactly(
        found,
        {
            f"1 {_TAKEN} {Kind.EXCHANGE_CREDIT}": 1,
            f"2 0 {Kind.EXCHANGE_CREDIT}": 1,
            f"1 0 {Kind.MANUAL}": 2,  # of the rest, and of the cap
            f"2 {_CASH} {Kind.CASH}": 1,
            f"1 {_TAKEN} {Kind.EXCHANGE_BACK}": 1,
        },
    )
    if any(one.state is State.SET_ASIDE for one in refunds):
        wrong.append("something is set aside still")
    moved = [one for by in refunds for one in clerk.site.ledger.stock.of_refund(by.refund_id)]
    wrong += exactly(Counter(one.sku for one in moved), {"C": 1, "H": 1})
    if clerk.site.ledger.slips.in_state(*UNPRINTED):
        wrong.append("slips are not out")
    return wrong


EXCHANGE: Final = Story(
    "exchange",
    "cash-today",
    _exchange,
    by_card=False,
    wrong=_of_exchange,
    repeats=("identical",),
)
