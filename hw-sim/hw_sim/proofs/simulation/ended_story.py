"""A story of the counter: the till voids a sale on which an exchange credit stands, and two people
end the credit (R37).

As every one of them it looks at the ledger first, and goes on where it was.
"""

from __future__ import annotations

from typing import Final

from hw_sim.proofs.simulation.clerk import Lost, SimClerk
from hw_sim.proofs.simulation.counter_hands import sold, till_tells, to_the_end
from hw_sim.proofs.simulation.stories import Story
from pos_terminal.core.exchange_credit import CreditState, ExchangeCredit
from pos_terminal.core.print_job import UNPRINTED
from pos_terminal.core.sale import SaleState

_SALE: Final = "ENDED"
_WORTH: Final = 1_500


async def _ended(clerk: SimClerk) -> None:
    await clerk.home()
    ledger = clerk.site.ledger
    if ledger.sales.by_id(_SALE) is None:
        lines = [{"sku": "E", "name": "Umbrella", "quantity": "1", "unit_price": _WORTH}]
        await till_tells(clerk, sold(_SALE, {"kind": "cash", "amount": _WORTH}, lines=lines))
    if _credit(clerk) is None:
        clerk.scan(_SALE)
        await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan: menu")
        await clerk.at("exchange.as_credit: enter")
        await to_the_end(clerk)
    credit, sale = _credit(clerk), ledger.sales.by_id(_SALE)
    if credit is None:
        raise Lost("no exchange credit was made")
    if sale is None or sale.state is not SaleState.VOIDED:
        at = "2026-11-20T13:00:00+08:00"
        await till_tells(clerk, {"kind": "sale_voided", "sale_id": _SALE, "at": at})
    if credit.state is CreditState.OPEN:
        clerk.scan(credit.number)
        await clerk.at("exchange.credit: 1")
        for place in (0, 1):
            await clerk.approve(place)
        await clerk.at("exchange.credit_closed: enter", "home")


def _credit(clerk: SimClerk) -> ExchangeCredit | None:
    sale = clerk.site.ledger.sales.by_id(_SALE)
    refunds = () if sale is None else clerk.site.ledger.refunds.of_sale(sale.key)
    found = (clerk.site.ledger.exchange_credits.of_refund(one.refund_id) for one in refunds)
    return next((one for one in found if one is not None), None)


def _of_ended(clerk: SimClerk) -> list[str]:
    """What was set aside is the sale's again, and nothing went back by it."""
    credit, sale = _credit(clerk), clerk.site.ledger.sales.by_id(_SALE)
    wrong = []
    if credit is None or credit.state is not CreditState.ENDED:
        wrong.append("the credit of a voided sale is not ended")
    if sale is None or (sale.tender(1).done, sale.tender(1).held) != (0, 0):
        wrong.append("something of a voided sale is set aside, or went back")
    if clerk.site.ledger.slips.in_state(*UNPRINTED):
        wrong.append("slips are not out")
    return wrong


ENDED: Final = Story(
    "ended",
    "cash-today",
    _ended,
    by_card=False,
    wrong=_of_ended,
    repeats=("identical",),
)
