"""The question for what is known of a sale (R5): begun at the fact that fewest sales have in
common, from its index, newest first; the other facts are looked up for each sale that comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from pos_terminal.core.goods_code import Codes
from pos_terminal.core.local_time import readings
from pos_terminal.core.sought import LEAST, MOST_COUNTED, Sought

Values = dict[str, str | int]
_DAY: Final = timedelta(days=1)
_ON: Final = """(EXISTS (SELECT 1 FROM sales s WHERE s.sale_key = x.sale_key AND s.sold_on = :on)
    OR EXISTS (SELECT 1 FROM tenders p WHERE p.sale_key = x.sale_key AND p.paid_on = :on))"""
_AMOUNT: Final = """(EXISTS (SELECT 1 FROM sales a WHERE a.sale_key = x.sale_key
    AND +a.amount = :amount)
    OR EXISTS (SELECT 1 FROM tenders a WHERE a.sale_key = x.sale_key AND +a.amount = :amount))"""
"""The plus keeps it to the sale's own rows: the index of amounts has those of all sales."""
_LAST_FOUR: Final = "x.masked IS NOT NULL AND substr(x.masked, -4) = :last_four"


def question(what: Sought, zone: tzinfo) -> tuple[str, Values]:
    """SQL for the keys of the newest ``MOST_COUNTED``, and its values."""
    if what.known < LEAST:
        raise ValueError("too little is known: every sale of a day, or of an article, would fit")
    values: Values = {"most": MOST_COUNTED}
    wanted = []
    if what.on is not None:
        values |= _around(what.on, zone)
        wanted += ["x.sold_ts BETWEEN :since AND :until", _ON]
    goods = [] if what.goods is None else list(_one_of(what.goods, values))
    if what.amount is not None:
        values["amount"] = what.amount
    if what.last_four:
        values["last_four"] = what.last_four
        begun = [("tenders", _LAST_FOUR)]
        wanted += [_AMOUNT] if what.amount is not None else []
    elif what.amount is not None:
        begun = [(table, "x.amount = :amount") for table in ("tenders", "sales")]
    else:
        begun = [("goods_codes", one.format("x.code")) for one in goods]
    if goods and begun[0][0] != "goods_codes":
        any_of = " OR ".join(one.format("+g.code") for one in goods)
        wanted.append(
            f"EXISTS (SELECT 1 FROM goods_codes g WHERE g.sale_key = x.sale_key AND ({any_of}))"
        )
    return _union(begun, wanted), values


def _union(begun: Sequence[tuple[str, str]], wanted: Sequence[str]) -> str:
    parts = (
        f"SELECT x.sale_key, x.sold_ts FROM {table} x WHERE {' AND '.join((first, *wanted))}"
        for table, first in begun
    )
    return " UNION ".join(parts) + " ORDER BY sold_ts DESC, sale_key LIMIT :most"


def _one_of(goods: Codes, values: Values) -> Iterator[str]:
    """Conditions on a code, each of which an index answers."""
    for number, code in enumerate(sorted(goods.whole)):
        values[f"code{number}"] = code
        yield f"{{}} = :code{number}"
    for number, form in enumerate(goods.pieces):
        begin = form.partition("?")[0]
        values |= {f"form{number}": form, f"from{number}": begin, f"to{number}": begin + ":"}
        yield f"({{0}} >= :from{number} AND {{0}} < :to{number} AND {{0}} GLOB :form{number})"


def _around(day: date, zone: tzinfo) -> Values:
    """From the day before to the one behind it: a payment may be across midnight from its sale."""
    first, last = (datetime.combine(one, time()) for one in (day - _DAY, day + 2 * _DAY))
    since, until = readings(first, zone)[0], readings(last, zone)[-1]
    return {
        "on": day.isoformat(),
        "since": int(since.timestamp()),
        "until": int(until.timestamp()) - 1,
    }
