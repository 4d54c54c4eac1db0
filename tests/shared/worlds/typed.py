"""What a clerk types from the customer's card slip, and what the till tells of it (R7)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any

from hw_sim.acquirer import records
from hw_sim.bench.feed import acquirer_record
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import sell

from pos_terminal.core.sale import Sale, SaleOrigin
from pos_terminal.services.ledger.connect import open_reader

RRN = "632313000951"
ON = "1119"
DAY = "2026-11-19"
AMOUNT = 5_000
FOUR = "************0010"
"""The VISA test card's."""


def purchase(clerk: SimClerk, **changes: object) -> None:
    """The acquirer has taken a payment by VISA yesterday, of which the terminal knows nothing."""
    (record,) = acquirer_record(clerk.site.shop.sale("visa-older"))
    own: dict[str, Any] = {
        "sale_id": f"ELSEWHERE-{changes.get('rrn', RRN)}",
        "rrn": RRN,
        "batch": "000003",
        "trace": "000951",
        "auth_code": None,
        "amount": AMOUNT,
        "sold_at": f"{DAY}T10:00:00+08:00",
    }
    clerk.site.acquirer.add_sales(records.parse_sales([record | own | changes]))


async def tell(clerk: SimClerk, name: str = "LATE", **changes: Any) -> None:
    """The till tells of the same payment."""
    own = {"batch": "000003", "trace": "000951", "rrn": RRN, "auth_code": ""}
    card = {"kind": "card", "amount": AMOUNT, "masked": FOUR, "scheme": ""}
    card |= {key: changes.pop(key) for key in ("amount", "masked") if key in changes}
    rest = changes.pop("beside", [])
    await sell(clerk, name, card, *rest, **own | {"sold_at": f"{DAY}T10:00:00+08:00"} | changes)


async def type_in(
    clerk: SimClerk,
    amount: str = str(AMOUNT),
    rrn: str = RRN,
    last4: str = "",
    to: str = "sale",
    *,
    on: str = ON,
) -> None:
    """From home to what follows the last question: nothing but the four facts, this terminal."""
    await clerk.wait("home")
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal: enter")
    await clerk.answer("typed.rrn", rrn)
    await clerk.answer("typed.date", on)
    await clerk.answer("typed.amount", amount)
    await clerk.at("typed.batch: enter", "typed.trace: enter")
    await clerk.answer("typed.last4", last4)
    if to == "sale":
        await clerk.at("typed.review: enter")
    await clerk.wait(to)


async def give(clerk: SimClerk, amount: int, *, supervisors: int = 1) -> str:
    """From the sale on the screen; the card's own supervisor besides, as with four digits."""
    await clerk.at("sale: enter")
    await clerk.answer("refund.amount", str(amount))
    await clerk.go("1", to="supervisor.number")
    for place in range(supervisors):
        await clerk.approve(place)
    shown = await clerk.show_card("visa")
    if shown == "supervisor.number":
        await clerk.approve(1)
        await clerk.wait("result", "failure")
    await clerk.home()
    return shown


def typed(clerk: SimClerk) -> Sale:
    (sale,) = [one for one in all_sales(clerk) if one.origin is SaleOrigin.TYPED]
    return sale


def typed_now(clerk: SimClerk) -> Sale:
    """The one that stands."""
    (sale,) = all_sales(clerk)
    assert sale.origin is SaleOrigin.TYPED
    return sale


def entries(clerk: SimClerk, kind: str) -> list[dict[str, Any]]:
    """Of the audit log."""
    with closing(open_reader(clerk.site.ledger.path)) as db:
        rows = db.execute("SELECT facts FROM audit WHERE kind = ? ORDER BY seq", (kind,)).fetchall()
    return [json.loads(row["facts"]) for row in rows]


def all_sales(clerk: SimClerk) -> list[Sale]:
    sales = clerk.site.ledger.sales
    found = [sales.by_key(one.key) for one in sales.by_rrn(RRN, date.fromisoformat(DAY))]
    return [sale for sale in found if sale is not None]


LETTERS = ("ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ")
"""Of the keys 2 to 9 (ITU-T E.161)."""


def keys_of(code: str) -> Iterator[str]:
    """The key that has the letter, and the down key as often as it is the how manieth there."""
    for sign in code:
        key, letters = next(
            ((str(at), each) for at, each in enumerate(LETTERS, 2) if sign in each), (sign, sign)
        )
        yield from (key, *["down"] * (0 if sign.isdigit() else letters.index(sign) + 1))
