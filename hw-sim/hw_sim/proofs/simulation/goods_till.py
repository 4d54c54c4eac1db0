"""A till that sells what the sample sales lack: telephones, each with a number of its own, and what
its scales weigh, in a promotion; paid in cash."""

from __future__ import annotations

import asyncio
from typing import Final

from hw_sim.bench.sample_sales import SampleLine, SampleTender
from hw_sim.proofs.simulation.credit_till import CreditTill
from hw_sim.proofs.simulation.later_sale import LaterSale

DAYS: Final = 0.3
"""Of the days: with such a till, and clerks who scan goods."""
SCALE_CODES: Final = ["21IIIIIPPPPPC"]
"""What the shop's scales print."""
CHEESE: Final = ("2154321019956", "2154321010205")
"""Two pieces, of 19.95 and of 10.20; what the second says is no line's price."""
_ABOUT: Final = "cash for goods to scan"
_PIECES: Final = 3
_AGAIN: Final = 20.0
"""Seconds after which a sale that was not taken is told again."""


def _telephones(number: int) -> tuple[SampleLine, ...]:
    """And a case for each, which has no number."""
    serials = [f"IMEI-{number}{piece}-77" for piece in range(_PIECES)]
    return (
        SampleLine(f"8800100{number}", "Telephone", _PIECES, 4_900, "", {"serials": serials}),
        SampleLine(f"8800200{number}", "Case", _PIECES, 600, ""),
    )


def _weighed() -> tuple[SampleLine, ...]:
    """Apples for less beside bread, of which nobody takes any back, and cheese."""
    apples = {"quantity": "1.254", "unit_price": 1_180, "group": "morning", "paid": 1_299}
    bread = {"group": "morning", "paid": 500}
    ham = {"quantity": "0.318", "unit_price": 8_900, "paid": 2_830}
    kept = {"returnable": False, "not_returnable_because": "fresh", "paid": 990}
    return (
        SampleLine("88003001", "Apples", 1, 1_480, "", apples),
        SampleLine("88003002", "Bread", 2, 350, "", bread),
        SampleLine(CHEESE[0], "Cheese", 1, 1_995, "", {"paid": 1_995}),
        SampleLine("88003004", "Fish", 1, 990, "", kept),
        SampleLine("88003005", "Ham", 1, 2_830, "", ham),
    )


async def tell_goods(till: CreditTill) -> None:
    """Until the terminal has all of them."""
    sold = []
    for lines in (_telephones(0), _telephones(1), _weighed(), _weighed()):
        paid = sum(line.told.get("paid", line.listed) for line in lines)
        sold.append(till.sell(_ABOUT, [SampleTender("cash", paid)], lines=lines))
    while any(one not in till.book.told for one in sold):
        await till.tell()
        await asyncio.sleep(_AGAIN)


def goods_to_scan(till: CreditTill) -> list[LaterSale]:
    """Those that the terminal knows."""
    return [one for one in till.book.told if one.sample.about.endswith(_ABOUT)]
