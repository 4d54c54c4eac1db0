"""A shop that gives back another way than it was paid, by exceptions (R34)."""

from __future__ import annotations

from typing import Any, Final

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting

from pos_terminal.texts import Language

SALE: Final = "unionpay-credit-older"
CARD: Final = "unionpay-credit"


def shop(*tenders: dict[str, Any], **more: Any) -> Setting:
    return Setting(language=Language.EN, policy={"tenders": list(tenders)}, **more)


def way(back: str, exception: str, **more: Any) -> dict[str, Any]:
    return {"paid": "card", "back": back, "exception": exception, **more}


async def to_the_list(clerk: SimClerk) -> None:
    """What else can be done with the sale."""
    await clerk.home()
    clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
    await clerk.at("sale: menu", "sale.more")
