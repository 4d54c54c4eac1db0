"""A refund, and what the acquirer's file tells of its money afterwards (R50)."""

from __future__ import annotations

import json
from typing import Any, Final

from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.other_tenders import CARD, SALE, shop, way
from worlds.told_outcomes import file_of

from pos_terminal.core.refund import Refund, State

SHOP: Final = shop(way("cash", "returned"), repeat="never")


async def refund(clerk: SimClerk, amount: int = 500) -> Refund:
    """Accepted by the acquirer."""
    await clerk.give_back(clerk.site.shop.sale(SALE), amount, card=CARD)
    await clerk.home()
    (given,) = clerk.site.ledger.refunds.recent(1)
    assert given.state is State.ACCEPTED
    return given


def told(clerk: SimClerk, outcome: str, **facts: Any) -> str:
    """The acquirer's record of the newest refund, as it became of it."""
    record = json.loads(file_of(clerk).splitlines()[-1])
    became = {"outcome": outcome, "reference": f"{outcome}-1", "arn": "74537605312345678901234"}
    return json.dumps(record | became | facts)
