"""A typed sale and a till's payment that may be one, though the ledger can't say so (R7): the till
told no reference, or the same one with another day.

Only people know: while they have not joined the two, each would be given back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from pos_terminal.core.reference import NEIGHBOUR_DAYS, spelled
from pos_terminal.core.rules.typed import Other
from pos_terminal.core.sale import SaleOrigin, TenderKind
from pos_terminal.core.typed import Typed, might_be
from pos_terminal.services.ledger.books.sales.rows import name_of, stored

Leg = tuple[int, int]
"""Sale and leg."""
_KNOWN: Final = ("batch", "trace", "auth_code")
"""What the till may know of a payment without its reference, and the slip."""
_DAYS: Final = "t.sold_ts BETWEEN :first - 86400 AND :last AND t.paid_on BETWEEN :before AND :after"
"""What was paid on a day was sold on it, or late on the one before."""
_FITS: Final = " AND ".join(
    (
        *(f"(t.{fact} = :{fact} OR '' IN (t.{fact}, :{fact}))" for fact in _KNOWN),
        "(:last4 = '' OR substr(t.masked, -4) = :last4 OR coalesce(t.masked, '') = '')",
    )
)
"""As ``might_be`` has it: of very many of one price the list has those that it may be."""
_BARE: Final = (
    f"{_DAYS} AND t.kind = '{TenderKind.CARD}' AND t.rrn = '' AND t.typed = 0 AND {_FITS}"
)
_OF: Final = "sale_key, leg, paid_on != :on AS beside FROM tenders t"
BARE: Final = f"""SELECT {_OF} WHERE amount = :amount AND {_BARE}
    UNION SELECT {_OF} WHERE told = :amount AND told != amount AND {_BARE}
    ORDER BY 3, 1 DESC LIMIT 50"""
"""Payments of that day and amount by which the acquirer can't be asked, its own day's first."""
TYPED: Final = f"""SELECT t.sale_key, t.leg FROM tenders t JOIN sales s USING (sale_key)
    WHERE t.amount IN (:amount, :told) AND t.typed > 0 AND {_DAYS} AND {_FITS}
    AND s.origin = '{SaleOrigin.TYPED}' AND t.rrn != '' ORDER BY 1 DESC LIMIT 50"""
SAME_REFERENCE: Final = """SELECT t.sale_key, t.leg, t.typed, s.origin FROM tenders t
    JOIN sales s USING (sale_key) WHERE t.rrn = ? AND t.rrn != '' AND t.sale_key != ?
    ORDER BY 1 DESC LIMIT 50"""
"""Of whatever day: what is one by its day as well has become one."""
LEG: Final = "SELECT * FROM tenders t JOIN sales s USING (sale_key) WHERE sale_key = ? AND leg = ?"


def of_typed(db: sqlite3.Connection, typed: Typed, zone: tzinfo) -> list[Leg]:
    """Payments of tills that may be what somebody typed, its own day's first."""
    values = {"amount": typed.amount, "on": typed.on.isoformat(), "last4": typed.last4}
    values |= {fact: getattr(typed, fact) for fact in _KNOWN}
    rows = db.execute(BARE, values | _around(typed.on, zone))
    found = [(row["sale_key"], row["leg"]) for row in rows]
    return [one for one in found if _fits(db, typed, one)]


def another(db: sqlite3.Connection, sale_key: int, leg: int, zone: tzinfo) -> list[Leg]:
    """Other sales' payments that this one may be: of a typed sale the till's, of a till's the typed
    ones. What was there when somebody said of a typed one that it is none of them is none."""
    row = db.execute(LEG, (sale_key, leg)).fetchone()
    if row is None or row["kind"] != TenderKind.CARD or row["paid_on"] is None:
        return []
    if row["origin"] == SaleOrigin.TYPED and row["rrn"]:
        found = _same_reference(db, row, SaleOrigin.FEED)
        found += of_typed(db, _typed(db, sale_key, zone), zone)
        return [one for one in found if row["typed"] < 2 or one[0] > sale_key]
    if row["origin"] != SaleOrigin.FEED:
        return []
    if row["rrn"]:
        return _same_reference(db, row, SaleOrigin.TYPED)
    on = date.fromisoformat(row["paid_on"])
    values = {"amount": row["amount"], "told": row["told"], **_around(on, zone)}
    values |= {"last4": (row["masked"] or "")[-4:], **{fact: row[fact] for fact in _KNOWN}}
    typed = [(one["sale_key"], one["leg"]) for one in db.execute(TYPED, values)]
    return [one for one in typed if _fits(db, _typed(db, one[0], zone), (sale_key, leg))]


def perhaps_another(
    db: sqlite3.Connection, sale_key: int, leg: int, zone: tzinfo
) -> Sequence[Other]:
    """The same, as the rules ask for it, and tills' sales that no word makes one: a clerk typed the
    reference of one for the other, or of another day. By their keys."""
    found = [*another(db, sale_key, leg, zone), *_typed_for_another(db, sale_key, leg)]
    keys = sorted({key for key, _ in found})
    return [Other(key, name_of(db, key) or f"#{key}") for key in keys]


def _typed_for_another(db: sqlite3.Connection, sale_key: int, leg: int) -> list[Leg]:
    """Two payments of tills with one reference, which a clerk typed for one of them."""
    row = db.execute(LEG, (sale_key, leg)).fetchone()
    if row is None or row["origin"] != SaleOrigin.FEED or not row["rrn"]:
        return []
    return [
        (one["sale_key"], one["leg"])
        for one in _of_reference(db, row)
        if one["origin"] == SaleOrigin.FEED and (row["typed"] or one["typed"])
    ]


def _same_reference(db: sqlite3.Connection, row: sqlite3.Row, origin: SaleOrigin) -> list[Leg]:
    rows = _of_reference(db, row)
    return [(one["sale_key"], one["leg"]) for one in rows if one["origin"] == origin]


def _of_reference(db: sqlite3.Connection, row: sqlite3.Row) -> list[sqlite3.Row]:
    values = (spelled(row["rrn"]), row["sale_key"])
    return db.execute(SAME_REFERENCE, values).fetchall()


def _typed(db: sqlite3.Connection, sale_key: int, zone: tzinfo) -> Typed:
    sale = stored(db, sale_key)
    if sale is None:
        raise KeyError(sale_key)
    return Typed.of(sale, zone)


def _fits(db: sqlite3.Connection, typed: Typed, bare: Leg) -> bool:
    sale = stored(db, bare[0])
    return sale is not None and might_be(typed, sale.tender(bare[1]))


def _around(on: date, zone: tzinfo) -> dict[str, str | int]:
    """A day and those beside it, as ``_DAYS`` asks for them."""
    beside = timedelta(days=NEIGHBOUR_DAYS)
    before, after = on - beside, on + beside
    first = datetime.combine(before, time(), zone)
    last = datetime.combine(after + timedelta(days=1), time(), zone)
    return {
        "before": before.isoformat(),
        "after": after.isoformat(),
        "first": int(first.timestamp()),
        "last": int(last.timestamp()) - 1,
    }
