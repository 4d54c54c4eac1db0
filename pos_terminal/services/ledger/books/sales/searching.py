"""The question for what is known of a sale (R5): begun at the fact that fewest sales have, in its
index, newest first. Whether one of those has the other facts is looked up in their indexes, too, by
the moment of the sale: what one fact has lies together there, and no sale is looked at for it.

How many have a fact differs: a shop's best article is in every twentieth sale, a round amount in
every fiftieth, four digits of a card in one of ten thousand. So it is asked before, each list being
counted so far as it matters.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from msgspec import Struct

from pos_terminal.core.goods_code import Codes
from pos_terminal.core.local_time import readings
from pos_terminal.core.sought import LEAST, MOST_COUNTED, Sought

_Values = dict[str, str | int]


class _Where(Struct, frozen=True):
    """Some of the sales that have a fact."""

    table: str
    one: str
    """What holds of its rows."""
    index: str = ""
    """In which ``sold_ts`` follows on what ``one`` compares; empty where it compares a range."""


_Fact = Sequence[_Where]
_DAY: Final = timedelta(days=1)
_ON: Final = """(EXISTS (SELECT 1 FROM sales s WHERE s.sale_key = x.sale_key AND s.sold_on = :on)
    OR EXISTS (SELECT 1 FROM tenders p WHERE p.sale_key = x.sale_key AND p.paid_on = :on))"""
_AROUND: Final = "sold_ts BETWEEN :since AND :until"
_AMOUNT: Final = tuple(
    _Where(table, "amount = :amount", f"{table}_amount") for table in ("tenders", "sales")
)
_LAST_FOUR: Final = (
    _Where(
        "tenders", "masked IS NOT NULL AND substr(masked, -4) = :last_four", "tenders_last_four"
    ),
)
_EXCHANGED: Final = """(SELECT r.sale_key, s.sold_ts, e.code, e.sku FROM exchanges e
    JOIN refunds r USING (refund_id) JOIN sales s USING (sale_key))"""
"""What went out in place of goods: that is what the customer has in hand (R37)."""
_DIGITS: Final = (8, 12, 13, 14)
"""Of a retail code, which may be told with zeros before it, and without."""
_COUNTED: Final = (128, 1024, 8192)
"""Where each has more than the last, the first fact is begun at."""


def keys(db: sqlite3.Connection, what: Sought, zone: tzinfo) -> list[int]:
    """Of the newest ``MOST_COUNTED`` sales that have all of it."""
    if what.known < LEAST:
        raise ValueError("too little is known: every sale of a day, or of an article, would fit")
    values: _Values = {"most": MOST_COUNTED}
    facts: list[_Fact] = []
    if what.last_four:
        values["last_four"] = what.last_four
        facts.append(_LAST_FOUR)
    if what.goods is not None:
        facts.append(tuple(_one_of(what.goods, values)))
    if what.amount is not None:
        values["amount"] = what.amount
        facts.append(_AMOUNT)
    during = "TRUE"
    if what.on is not None:
        values |= _around(what.on, zone)
        during = _AROUND
    begun = facts.pop(_shortest(db, facts, during, values))
    wanted = [during, *map(_has, facts), *([] if what.on is None else [_ON])]
    return [row["sale_key"] for row in db.execute(_union(begun, wanted), values)]


def _shortest(db: sqlite3.Connection, facts: Sequence[_Fact], during: str, values: _Values) -> int:
    """Which of the facts fewest sales have."""
    if len(facts) > 1:
        longer = ", ".join(" OR ".join(_is_longer(one, during) for one in fact) for fact in facts)
        for count in _COUNTED:
            row = db.execute(f"SELECT {longer}", {**values, "count": count}).fetchone()
            if not all(row):
                return tuple(row).index(0)
    return 0


def _is_longer(where: _Where, during: str) -> str:
    return f"""EXISTS (SELECT 1 FROM {where.table} WHERE {where.one} AND {during}
        LIMIT 1 OFFSET :count)"""


def _has(fact: _Fact) -> str:
    """Of a row ``x``: its sale has the fact. Names without a table are the inner one's."""
    found = " OR ".join(
        f"""EXISTS (SELECT 1 FROM {where.table} {where.index and f"INDEXED BY {where.index}"}
        WHERE {where.one} AND sold_ts = x.sold_ts AND sale_key = x.sale_key)"""
        for where in fact
    )
    return f"({found})"


def _union(begun: _Fact, wanted: Sequence[str]) -> str:
    parts = (
        f"""SELECT DISTINCT sale_key, sold_ts FROM {where.table} x
        WHERE {" AND ".join((where.one, *wanted))}"""
        for where in begun
    )
    return " UNION ".join(parts) + " ORDER BY sold_ts DESC, sale_key DESC LIMIT :most"


def _one_of(goods: Codes, values: _Values) -> Iterator[_Where]:
    """Conditions on a code, each of which an index answers."""
    for number, code in enumerate(sorted(goods.whole)):
        values[f"code{number}"] = code
        yield _Where("goods_codes", f"code = :code{number}", "goods_codes_code")
        told = [f"told{number}_{digits}" for digits in _DIGITS]
        values |= {name: code.zfill(n) for name, n in zip(told, _DIGITS, strict=True)}
        one = f"(:code{number}, {', '.join(f':{name}' for name in told)})"
        yield from (_Where(_EXCHANGED, f"{which} IN {one}") for which in ("code", "sku"))
    for number, form in enumerate(goods.pieces):
        begin = form.partition("?")[0]
        values |= {f"form{number}": form, f"from{number}": begin, f"to{number}": begin + ":"}
        one = f"code >= :from{number} AND code < :to{number} AND code GLOB :form{number}"
        yield _Where("goods_codes", one)


def _around(day: date, zone: tzinfo) -> _Values:
    """From the day before to the one behind it: a payment may be across midnight from its sale."""
    first, last = (datetime.combine(one, time()) for one in (day - _DAY, day + 2 * _DAY))
    since, until = readings(first, zone)[0], readings(last, zone)[-1]
    return {
        "on": day.isoformat(),
        "since": int(since.timestamp()),
        "until": int(until.timestamp()) - 1,
    }
