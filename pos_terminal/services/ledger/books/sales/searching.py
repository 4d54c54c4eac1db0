"""The question for what is known of a sale (R5): begun at one of the facts, in its index, newest
first. Which sales have the others is gathered from their indexes before, each read once and
without a look at any sale: a look costs as much as fifty entries of an index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from pos_terminal.core.goods_code import Codes
from pos_terminal.core.local_time import readings
from pos_terminal.core.sought import LEAST, MOST_COUNTED, Sought

Values = dict[str, str | int]
Where = tuple[str, str]
"""A table, and what holds of its row ``x``."""
_DAY: Final = timedelta(days=1)
_ON: Final = """(EXISTS (SELECT 1 FROM sales s WHERE s.sale_key = x.sale_key AND s.sold_on = :on)
    OR EXISTS (SELECT 1 FROM tenders p WHERE p.sale_key = x.sale_key AND p.paid_on = :on))"""
_AROUND: Final = "x.sold_ts BETWEEN :since AND :until"
_AMOUNT: Final = [("tenders", "x.amount = :amount"), ("sales", "x.amount = :amount")]
_LAST_FOUR: Final = [("tenders", "x.masked IS NOT NULL AND substr(x.masked, -4) = :last_four")]


def question(what: Sought, zone: tzinfo) -> tuple[str, Values]:
    """SQL for the keys of the newest ``MOST_COUNTED``, and its values."""
    if what.known < LEAST:
        raise ValueError("too little is known: every sale of a day, or of an article, would fit")
    values: Values = {"most": MOST_COUNTED}
    facts: list[Sequence[Where]] = []
    if what.goods is not None:
        facts.append([("goods_codes", one) for one in _one_of(what.goods, values)])
    if what.last_four:
        values["last_four"] = what.last_four
        facts.append(_LAST_FOUR)
    if what.amount is not None:
        values["amount"] = what.amount
        facts.append(_AMOUNT)
    if what.on is not None:
        values |= _around(what.on, zone)
        facts = [[(table, f"{one} AND {_AROUND}") for table, one in fact] for fact in facts]
    begun, *others = facts
    wanted = [f"x.sale_key IN ({' UNION ALL '.join(_keys(fact))})" for fact in others]
    return _union(begun, wanted if what.on is None else [*wanted, _ON]), values


def _keys(fact: Sequence[Where]) -> Iterator[str]:
    return (f"SELECT x.sale_key FROM {table} x WHERE {one}" for table, one in fact)


def _union(begun: Sequence[Where], wanted: Sequence[str]) -> str:
    parts = (
        f"SELECT DISTINCT x.sale_key, x.sold_ts FROM {table} x WHERE {' AND '.join((one, *wanted))}"
        for table, one in begun
    )
    return " UNION ".join(parts) + " ORDER BY sold_ts DESC, sale_key DESC LIMIT :most"


def _one_of(goods: Codes, values: Values) -> Iterator[str]:
    """Conditions on a code, each of which an index answers."""
    for number, code in enumerate(sorted(goods.whole)):
        values[f"code{number}"] = code
        yield f"x.code = :code{number}"
    for number, form in enumerate(goods.pieces):
        begin = form.partition("?")[0]
        values |= {f"form{number}": form, f"from{number}": begin, f"to{number}": begin + ":"}
        yield f"x.code >= :from{number} AND x.code < :to{number} AND x.code GLOB :form{number}"


def _around(day: date, zone: tzinfo) -> Values:
    """From the day before to the one behind it: a payment may be across midnight from its sale."""
    first, last = (datetime.combine(one, time()) for one in (day - _DAY, day + 2 * _DAY))
    since, until = readings(first, zone)[0], readings(last, zone)[-1]
    return {
        "on": day.isoformat(),
        "since": int(since.timestamp()),
        "until": int(until.timestamp()) - 1,
    }
