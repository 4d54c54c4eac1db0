"""Of two exchange credits that tills say paid one sale, neither's rest goes back unseen (R37)."""

from __future__ import annotations

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, sell
from worlds.credit_counter import CUP, IN_CASH, sound, taken

from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.texts import Language


async def credit(clerk: SimClerk, name: str) -> ExchangeCredit:
    """For a cup; the shop's rules ask nobody."""
    await sell(clerk, name, IN_CASH, lines=[CUP], **CASH)
    clerk.scan(name)
    await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan: menu")
    await clerk.at("exchange.as_credit: enter", "result: enter")
    await clerk.home()
    newest, *_ = reversed(clerk.site.ledger.exchange_credits.open_ones())
    return newest


@at_the_counter(Setting(language=Language.EN, policy={"supervisor": "by-rule"}))
async def test_when_the_till_took_one_the_other_takes_a_supervisor_still(clerk: SimClerk) -> None:
    await clerk.log_in()
    first, second = await credit(clerk, "GOODS-1"), await credit(clerk, "GOODS-2")
    tenders = [
        {"kind": "exchange", "amount": 900, "exchange_no": one.number} for one in (first, second)
    ]
    await sell(clerk, "POT", *tenders, **CASH)
    await taken(clerk, first, 900)
    clerk.scan(second.number)
    await clerk.at("exchange.credit: 1", "supervisor.number")
    assert "Credit told as paid, not taken 9.00" in " ".join(clerk.text.split())
    await clerk.home()
    sound(clerk)
