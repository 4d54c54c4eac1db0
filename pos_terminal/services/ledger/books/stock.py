"""Goods and points that came back: movements, in the commit of their refund's outcome.

The stock system and the till fetch them by their numbers, which only rise and have no gaps. None is
ever changed. Of points the ledger knows what they paid for, in minor units, and of which leg of
which sale; whose they are and how many that makes is the till's to say.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, Final

from pos_terminal.core.digest import digest
from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.items import Item
from pos_terminal.core.looked import NOBODY_LOOKED, Disposition, Sort
from pos_terminal.core.quantity import SCALE
from pos_terminal.core.refund import AS_CREDIT, Kind, Refund, State
from pos_terminal.core.sale import LineKind
from pos_terminal.core.stock import Moved
from pos_terminal.core.words import Failure
from pos_terminal.ports.records import Correction, Movement
from pos_terminal.ports.stock_page import StockPage
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books import applications, cases, refunds, sales
from pos_terminal.services.ledger.books.applications.items import ITEM, item_of
from pos_terminal.services.ledger.books.applications.serials import pieces_back
from pos_terminal.services.ledger.books.book import (
    MOMENT,
    Book,
    Face,
    Gone,
    HeldBy,
    Invariant,
    Listing,
    Log,
    Query,
    ReadFace,
)
from pos_terminal.services.ledger.names import Names, among
from pos_terminal.services.ledger.step import Step

_TABLES: Final = f"""
CREATE TABLE stock_movements (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    what TEXT NOT NULL REFERENCES moved_kinds,
    refund_id INTEGER NOT NULL REFERENCES refunds,
    amount INTEGER CHECK (amount > 0),
    sale_key INTEGER NOT NULL,
    line INTEGER,
    quantity INTEGER CHECK (quantity != 0),
    sku TEXT NOT NULL DEFAULT '',
    barcode TEXT NOT NULL DEFAULT '',
    serial TEXT NOT NULL DEFAULT '',
    condition TEXT NOT NULL DEFAULT '',
    disposition TEXT REFERENCES dispositions,
    reason TEXT NOT NULL DEFAULT '',
    counters INTEGER UNIQUE REFERENCES stock_movements,
    operator TEXT,
    supervisor TEXT,
    FOREIGN KEY (sale_key, line) REFERENCES lines (sale_key, line),
    CONSTRAINT countered CHECK (
        (counters IS NOT NULL) = (coalesce(quantity, 1) < 0 AND disposition IS NOT NULL)),
    CONSTRAINT corrected CHECK (CASE WHEN operator IS NULL
        THEN coalesce(supervisor, counters) IS NULL
        ELSE supervisor IS NOT NULL AND supervisor != operator END),
    CONSTRAINT points CHECK (what != '{Moved.POINTS}' OR amount IS NOT NULL
        AND coalesce(line, quantity, disposition, operator) IS NULL
        AND sku || barcode || serial || condition || reason = ''),
    CONSTRAINT goods CHECK (what != '{Moved.GOODS}' OR amount IS NULL AND line IS NOT NULL
        AND quantity IS NOT NULL AND (disposition IS NOT NULL OR quantity < 0)),
    CONSTRAINT another CHECK (what != '{Moved.GOODS}' OR disposition IS NOT NULL OR barcode != '')
) STRICT;
CREATE INDEX stock_refund ON stock_movements (refund_id);
CREATE INDEX stock_line ON stock_movements (sale_key, line) WHERE line IS NOT NULL;
CREATE UNIQUE INDEX stock_points ON stock_movements (refund_id) WHERE what = '{Moved.POINTS}';
CREATE TRIGGER no_more_than_was_sold BEFORE INSERT ON stock_movements
WHEN NEW.line IS NOT NULL AND NEW.quantity + (SELECT coalesce(sum(m.quantity), 0)
    FROM stock_movements m WHERE m.sale_key = NEW.sale_key AND m.line = NEW.line) >
    (SELECT l.quantity FROM lines l WHERE l.sale_key = NEW.sale_key AND l.line = NEW.line)
BEGIN
    SELECT RAISE(ABORT, 'more goods come back than were sold');
END;
CREATE TRIGGER countered_as_it_was BEFORE INSERT ON stock_movements
WHEN NEW.counters IS NOT NULL AND NOT EXISTS (SELECT 1 FROM stock_movements m
    WHERE m.n = NEW.counters AND m.refund_id = NEW.refund_id AND m.sale_key = NEW.sale_key
    AND m.line = NEW.line AND m.quantity = -NEW.quantity AND m.serial = NEW.serial
    AND m.sku = NEW.sku AND m.barcode = NEW.barcode
    AND m.condition = NEW.condition AND m.disposition = NEW.disposition
    AND m.reason = NEW.reason)
BEGIN
    SELECT RAISE(ABORT, 'the movement that is taken back was another');
END;
CREATE TRIGGER each_serial_once BEFORE INSERT ON stock_movements
WHEN NEW.serial != '' AND NEW.quantity > 0 AND NEW.operator IS NULL
    AND 0 < (SELECT m.quantity FROM stock_movements m
    WHERE m.sale_key = NEW.sale_key AND m.line IS NOT NULL AND m.serial = NEW.serial
    AND m.operator IS NULL AND (m.quantity < 0 OR 0 < (SELECT sum(o.quantity)
        FROM stock_movements o WHERE o.refund_id = m.refund_id AND o.line = m.line
        AND o.serial = m.serial AND o.disposition IS NOT NULL))
    ORDER BY m.n DESC LIMIT 1)
BEGIN
    SELECT RAISE(ABORT, 'a piece comes back twice');
END;
CREATE TRIGGER corrected_serial_once BEFORE INSERT ON stock_movements
WHEN NEW.serial != '' AND NEW.quantity > 0 AND NEW.operator IS NOT NULL
    AND 0 < (SELECT coalesce(sum(o.quantity), 0) FROM stock_movements o
        WHERE o.refund_id = NEW.refund_id AND o.line = NEW.line
        AND o.serial = NEW.serial AND o.disposition IS NOT NULL)
BEGIN
    SELECT RAISE(ABORT, 'a piece is booked twice');
END;
CREATE TRIGGER no_more_than_came_back BEFORE INSERT ON stock_movements
WHEN NEW.quantity < 0 AND NEW.disposition IS NULL AND NEW.quantity
    + (SELECT coalesce(sum(m.quantity), 0) FROM stock_movements m
        WHERE m.refund_id = NEW.refund_id AND m.line = NEW.line)
    + (SELECT coalesce(sum(i.quantity), 0) FROM refunds r JOIN application_items i
        USING (application) WHERE r.refund_id = NEW.refund_id AND i.line = NEW.line
        AND i.disposition IS NULL) < 0
BEGIN
    SELECT RAISE(ABORT, 'more goods go out than came back for them');
END;
"""
_GIVEN_FOR: Final = (Kind.EXCHANGE, Kind.EXCHANGE_CREDIT)
"""Refunds for whose goods others went out, or will: what came back for them can't be taken back as
never come."""
_FACTS: Final = """m.n, m.at, m.what, m.amount, s.sale_key, s.sale_id, m.line,
    iif(m.sku || m.barcode = '', l.sku, m.sku) AS sku,
    iif(m.sku || m.barcode = '', l.barcodes ->> 0, m.barcode) AS barcode, m.serial,
    m.quantity, m.condition, m.disposition, m.reason, m.refund_id AS refund,
    r.application, a.ticket, r.leg, r.currency, m.counters, m.operator, m.supervisor
    FROM stock_movements m JOIN refunds r USING (refund_id)
    JOIN applications a ON a.number = r.application
    JOIN sales s ON s.sale_key = r.sale_key
    LEFT JOIN lines l ON l.sale_key = m.sale_key AND l.line = m.line"""
_ALL: Final = f"SELECT {_FACTS}"
_LIST: Final = f"{_ALL} ORDER BY m.n DESC LIMIT :limit"
_NUMBERS: Final = """SELECT (SELECT min(n) FROM stock_movements) AS oldest,
    (SELECT seq FROM sqlite_sequence WHERE name = 'stock_movements') AS last"""
_UNMATCHED: Final = f"""SELECT r.refund_id FROM refunds r LEFT JOIN stock_movements m
    ON m.refund_id = r.refund_id AND m.what = '{Moved.POINTS}'
    WHERE (r.kind = '{Kind.POINTS}') != (m.n IS NOT NULL) OR m.amount != r.done LIMIT 1"""
"""Of each refund in points one movement, of all that was given back."""
_RETURNED: Final = f"""WITH named AS (SELECT r.refund_id, i.line, i.quantity, i.condition,
        i.disposition, i.reason FROM refunds r JOIN application_items i USING (application)
        JOIN lines l USING (sale_key, line)
        WHERE (r.done > 0 AND r.state != '{State.OVERPAID}'
            OR r.state IN {among(AS_CREDIT | {State.EXCHANGED})})
        AND i.disposition IS NOT NULL AND l.kind = '{LineKind.GOODS}'),
    moved AS (SELECT refund_id, line, sum(quantity) AS quantity, condition, disposition, reason
        FROM stock_movements WHERE what = '{Moved.GOODS}' AND operator IS NULL AND quantity > 0
        GROUP BY refund_id, line, condition, disposition, reason)
    SELECT refund_id FROM (SELECT * FROM named EXCEPT SELECT * FROM moved)
    UNION ALL SELECT refund_id FROM (SELECT * FROM moved EXCEPT SELECT * FROM named) LIMIT 1"""
"""Of each refund that gave something back, or stands for it, its goods moved, once, as they were
found."""
_SORTS: Final = f"""WITH named AS (SELECT r.refund_id, i.line, s.value ->> 0 AS sku,
        s.value ->> 1 AS barcode, s.value ->> 2 AS quantity FROM refunds r
        JOIN application_items i USING (application), json_each(i.sorts) s
        WHERE i.disposition IS NOT NULL AND (r.done > 0 AND r.state != '{State.OVERPAID}'
            OR r.state IN {among(AS_CREDIT | {State.EXCHANGED})})),
    moved AS (SELECT refund_id, line, sku, barcode, sum(quantity) AS quantity
        FROM stock_movements WHERE what = '{Moved.GOODS}' AND operator IS NULL AND quantity > 0
        AND sku || barcode != '' GROUP BY refund_id, line, sku, barcode)
    SELECT refund_id FROM (SELECT * FROM named EXCEPT SELECT * FROM moved)
    UNION ALL SELECT refund_id FROM (SELECT * FROM moved EXCEPT SELECT * FROM named) LIMIT 1"""
"""Likewise, of other goods than those sold."""
_GIVEN_OUT: Final = """WITH given AS (SELECT refund_id, line, quantity FROM exchanges),
    moved AS (SELECT refund_id, line, -sum(quantity) AS quantity FROM stock_movements
        WHERE quantity < 0 AND disposition IS NULL GROUP BY refund_id, line)
    SELECT refund_id FROM (SELECT * FROM given EXCEPT SELECT * FROM moved)
    UNION ALL SELECT refund_id FROM (SELECT * FROM moved EXCEPT SELECT * FROM given) LIMIT 1"""
"""Of each exchange what went out, once."""
_UNEVEN: Final = f"""SELECT refund_id FROM stock_movements m JOIN refunds r USING (refund_id)
    WHERE m.disposition IS NOT NULL GROUP BY refund_id, m.line, m.serial
    HAVING count(m.operator) > 0
        AND sum(m.quantity) != sum(iif(m.operator IS NULL, m.quantity, 0))
        AND (sum(m.quantity) != 0 OR r.kind IN {among(_GIVEN_FOR)})
        AND NOT EXISTS (SELECT 1 FROM application_items i
            WHERE i.application = r.application AND i.line = m.line AND i.disposition IS NULL
            AND i.quantity = (SELECT sum(o.quantity) FROM stock_movements o
                WHERE o.refund_id = m.refund_id AND o.line = m.line
                AND o.disposition IS NOT NULL))
    LIMIT 1"""
"""What was corrected came to no other quantity: as much was booked anew as was taken back, or none
of it had come back; or all came of which the refund had said that none did."""
_COUNTS: Final = f"""m.what = '{Moved.GOODS}' AND m.counters IS NULL
    AND m.quantity > 0
    AND NOT EXISTS (SELECT 1 FROM stock_movements c WHERE c.counters = m.n)"""
"""Where goods are: movements that none took back."""
_NONE_STANDS: Final = """NOT EXISTS (SELECT 1 FROM stock_movements o
    WHERE o.refund_id = {refund} AND o.line = {line} AND o.quantity > 0
    AND NOT EXISTS (SELECT 1 FROM stock_movements c WHERE c.counters = o.n))"""
_ABSENT: Final = f"""m.what = '{Moved.GOODS}' AND m.operator IS NULL AND m.quantity > 0
    AND {_NONE_STANDS.format(refund="m.refund_id", line="m.line")}"""
"""As they were booked in at first, of which nothing stands: somebody said that none came back."""
_NEVER_CAME: Final = f"""SELECT 0 AS n, r.sealed_at AS at, '{Moved.GOODS}' AS what, {ITEM},
    r.sale_key, s.sale_id, l.sku, l.barcodes ->> 0 AS barcode,
    r.refund_id AS refund, r.application, a.ticket, r.leg, r.currency, NULL AS counters,
    '' AS operator, '' AS supervisor
    FROM applications a JOIN refunds r ON r.application = a.number
    JOIN application_items i ON i.application = a.number
    JOIN lines l ON l.sale_key = r.sale_key AND l.line = i.line
    JOIN sales s ON s.sale_key = r.sale_key
    WHERE i.disposition IS NULL AND i.reason != '' AND l.kind = '{LineKind.GOODS}'
    AND r.kind != '{Kind.EXCHANGE_CREDIT}' AND (r.done > 0 AND r.state != '{State.OVERPAID}'
        OR r.state IN {among(AS_CREDIT | {State.EXCHANGED})})
    AND {_NONE_STANDS.format(refund="r.refund_id", line="i.line")} AND"""
"""What the refund itself said not to have come: it gave the money back, or another piece
out, and nothing came."""
_BACK_SINCE: Final = """SELECT 1 FROM stock_movements WHERE sale_key = ? AND serial = ?
    AND refund_id != ? GROUP BY serial HAVING sum(quantity) > 0"""
_STORED: Final = f"""SELECT n, at, refund_id, sale_key, line, quantity, sku, barcode,
    serial, condition, disposition, reason, counters, operator, supervisor FROM stock_movements
    WHERE what = '{Moved.GOODS}'"""
"""As its entry in the log has a digest of it."""
_INSERT: Final = """INSERT INTO stock_movements (at, what, refund_id, amount, sale_key, line,
    quantity, sku, barcode, serial, condition, disposition, reason, counters, operator, supervisor)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_NOBODY: Final = (None, None, None)
"""Counters nothing, and nobody corrected it."""


_Row = tuple[str | int | None, ...]
_Goods = tuple[int, str, str, str]
"""How much, SKU and barcode of what is not as sold, and the number of the piece."""


def movement_of(row: sqlite3.Row | Mapping[str, Any]) -> Movement:
    return Movement(
        n=row["n"],
        at=datetime.fromisoformat(row["at"]),
        what=Moved(row["what"]),
        refund_id=row["refund"],
        application=row["application"],
        ticket=row["ticket"],
        sale_key=row["sale_key"],
        sale_id=row["sale_id"] or "",
        leg=row["leg"],
        currency=row["currency"],
        amount=row["amount"] or 0,
        line=row["line"],
        sku=row["sku"] or "",
        barcode=row["barcode"] or "",
        serial=row["serial"],
        quantity=row["quantity"] or 0,
        condition=row["condition"],
        disposition=Disposition(row["disposition"]) if row["disposition"] else None,
        reason=row["reason"],
        counters=row["counters"],
        operator=row["operator"] or "",
        supervisor=row["supervisor"] or "",
    )


def add_points(step: Step, refund: Refund) -> None:
    """The movement of this refund."""
    row = (Moved.POINTS, refund.refund_id, refund.done, refund.sale_key)
    moment = step.now.isoformat()
    number = step.insert(_INSERT, (moment, *row, None, None, "", "", "", "", None, "", *_NOBODY))
    step.log("points", refund=refund.refund_id, movement=number, amount=refund.done)


def add_goods(step: Step, refund: Refund, out: Sequence[GivenOut] = ()) -> None:
    """The goods that its application names are back, as they were found; fees are none. Of an
    exchange others go ``out``: less than nothing of the same lines."""
    named = applications.load(step.db, refund.application).items
    of_goods = sales.goods_lines(step.db, refund.sale_key)
    rows = [
        (Moved.GOODS, refund.refund_id, None, refund.sale_key, *row)
        for item in named
        if item.line in of_goods
        for row in _rows(item)
    ]
    of_refund = (Moved.GOODS, refund.refund_id, None, refund.sale_key)
    rows += [(*of_refund, *row) for one in out for row in _rows_out(one)]
    if rows:
        _add(step, "stock", refund.refund_id, [(*row, *_NOBODY) for row in rows])


def correct(step: Step, wrong: Correction) -> Sequence[int]:
    """What of a line was booked otherwise is taken back and booked as it is right; the numbers of
    all that were written. What never came back is taken back alone; where that was wrong, it is
    booked in again. No money moves, and nothing that was written is changed.

    Failure ``stock.as_it_is`` where all of it is booked so, or none of that line moved;
    ``ledger.serial_back`` where such a piece came back by another refund since. A number that was
    kept of what came after all, and is back by now, is another piece's.
    """
    if wrong.operator == wrong.supervisor:
        raise ValueError("another one than the operator corrects how goods were booked")
    if wrong.disposition is None and refunds.load(step.db, wrong.refund_id).kind in _GIVEN_FOR:
        raise ValueError("goods for which others went out came back")
    sql = f"""SELECT m.* FROM stock_movements m WHERE m.refund_id = ? AND m.line = ?
        AND {_COUNTS} AND (m.condition, m.disposition) IS NOT (?, ?) ORDER BY m.n"""
    right, people = (wrong.condition, wrong.disposition), (wrong.operator, wrong.supervisor)
    rows: list[_Row] = []
    for row in step.db.execute(sql, (wrong.refund_id, wrong.line, *right)):
        of_it = (Moved.GOODS, wrong.refund_id, None, row["sale_key"], wrong.line)
        was = (row["condition"], row["disposition"], row["reason"])
        goods = (row["sku"], row["barcode"], row["serial"])
        rows.append((*of_it, -row["quantity"], *goods, *was, row["n"], *people))
        if wrong.disposition is not None:
            anew = (row["quantity"], *goods, *right, row["reason"], None)
            rows.append((*of_it, *anew, *people))
    if not rows and wrong.disposition is not None:
        rows = [(*row, *people) for row in _after_all(step, wrong)]
    if not rows:
        raise Failure("stock.as_it_is")
    numbers = _add(step, "stock_corrected", wrong.refund_id, rows, *people)
    refund = refunds.load(step.db, wrong.refund_id)
    cases.corrected_goods(step, refund, wrong.operator, (numbers[0], numbers[-1]))
    return numbers


def _after_all(step: Step, wrong: Correction) -> Iterator[_Row]:
    """Of a line of which somebody said that none of it came back: since, or at the refund."""
    sql = f"SELECT m.* FROM stock_movements m WHERE m.refund_id = ? AND m.line = ? AND {_ABSENT}"
    for row in step.db.execute(sql, (wrong.refund_id, wrong.line)).fetchall():
        piece = (row["sale_key"], row["serial"], wrong.refund_id)
        if row["serial"] and step.db.execute(_BACK_SINCE, piece).fetchone() is not None:
            raise Failure("ledger.serial_back", serial=row["serial"])
        of_it = (Moved.GOODS, wrong.refund_id, None, row["sale_key"], wrong.line)
        goods = (row["quantity"], row["sku"], row["barcode"], row["serial"])
        yield (*of_it, *goods, wrong.condition, wrong.disposition, row["reason"], None)
    sql = f"{_NEVER_CAME} r.refund_id = ? AND i.line = ?"
    for row in step.db.execute(sql, (wrong.refund_id, wrong.line)).fetchall():
        of_it = (Moved.GOODS, wrong.refund_id, None, row["sale_key"], wrong.line)
        back = pieces_back(step.db, row["sale_key"]).back
        for goods in _numbered(item_of(row), back, wrong.serials):
            yield (*of_it, *goods, wrong.condition, wrong.disposition, row["reason"], None)


def _numbered(item: Item, back: Set[str], given: Sequence[str]) -> Iterator[_Goods]:
    """Its pieces by the numbers that were kept, but of those that are ``back``, and the others by
    those that are ``given``, as far as they go."""
    kept = [serial for *_, serial in _pieces(item) if serial and serial not in back]
    rest = list(given)
    for place, serial in enumerate(rest):
        if serial in back or serial in (*kept, *rest[:place]):
            raise Failure("ledger.serial_back", serial=serial)
    for quantity, sku, code, serial in _pieces(item):
        if serial in kept:
            yield (quantity, sku, code, serial)
            continue
        now = rest[: quantity // SCALE]
        rest = rest[len(now) :]
        yield from ((SCALE, sku, code, one) for one in now)
        if more := quantity - SCALE * len(now):
            yield (more, sku, code, "")
    if rest:
        raise ValueError(f"more numbers than pieces of line {item.line}")


def _add(step: Step, kind: str, refund_id: int, rows: Sequence[_Row], *people: str) -> list[int]:
    """Their numbers; one entry of the log for all of them."""
    moment = step.now.isoformat()
    numbers = [step.insert(_INSERT, (moment, *row)) for row in rows]
    sql = f"{_STORED} AND n BETWEEN ? AND ? ORDER BY n"
    stored = [tuple(row) for row in step.db.execute(sql, (numbers[0], numbers[-1]))]
    facts = dict(zip(("operator", "supervisor"), people, strict=False))
    step.log(
        kind,
        refund=refund_id,
        first=numbers[0],
        movements=len(numbers),
        digest=digest(stored),
        **facts,
    )
    return numbers


def _rows(item: Item) -> Iterator[_Row]:
    """One for each piece with a number of its own, and one for the others: of those sold, and of
    each sort that had gone out; none of what did not come back."""
    looked = item.looked
    if looked is None or looked.disposition is None:
        return
    found = (looked.condition, looked.disposition, looked.reason)
    yield from ((item.line, *goods, *found) for goods in _pieces(item))


def _pieces(item: Item) -> Iterator[_Goods]:
    """Whether they came or not."""
    looked = item.looked or NOBODY_LOOKED
    of_sorts = {serial for sort in looked.sorts for serial in sort.serials}
    sold = tuple(serial for serial in looked.serials if serial not in of_sorts)
    as_sold = item.quantity - sum(sort.quantity for sort in looked.sorts)
    for sort in (Sort("", "", as_sold, sold), *looked.sorts):
        for serial in sort.serials:
            yield (SCALE, sort.sku, sort.code, serial)
        if rest := sort.quantity - SCALE * len(sort.serials):
            yield (rest, sort.sku, sort.code, "")


def _missing(row: sqlite3.Row) -> Iterator[Movement]:
    """What never came, as it would have moved."""
    for quantity, sku, code, serial in _pieces(item_of(row)):
        sort = {"sku": sku, "barcode": code} if sku or code else {}
        goods = {"quantity": quantity, "serial": serial, "amount": 0}
        yield movement_of({**dict(row), **sort, **goods})


def _rows_out(one: GivenOut) -> Iterator[_Row]:
    """Likewise."""
    for serial in one.serials:
        yield (one.line, -SCALE, one.sku, one.code, serial, "", None, "")
    if rest := one.quantity - SCALE * len(one.serials):
        yield (one.line, -rest, one.sku, one.code, "", "", None, "")


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """Every movement is as its entry says, and none is missing. Failure ``ledger.tampered``."""
    _check_points(db, log)
    rows = {row["n"]: tuple(row) for row in db.execute(_STORED)}
    told = 0
    for kind in ("stock", "stock_corrected"):
        facts = ("first", "movements", "refund", "digest", MOMENT)
        for first, count, *right in log.of_kept(kind, "refund", "refunds", *facts):
            found = [rows[n] for n in range(first, first + count) if n in rows]
            stored = [[row[2], digest(found), row[1]] for row in found]
            if len(found) != count or any(one != right for one in stored):
                raise Failure("ledger.tampered", what="stock")
            told += count
    if told != len(rows):
        raise Failure("ledger.tampered", what="stock")


def _check_points(db: sqlite3.Connection, log: Log) -> None:
    row = db.execute(_UNMATCHED).fetchone()
    if row is not None:
        raise Failure("ledger.tampered", what=f"points of refund {row[0]}")
    logged = log.of_kept("points", "refund", "refunds", "movement", "refund", "amount", MOMENT)
    sql = f"""SELECT n, m.refund_id, m.amount, at FROM stock_movements m
        JOIN refunds r USING (refund_id) WHERE what = '{Moved.POINTS}'
        AND r.sale_key = m.sale_key ORDER BY n"""
    if logged != [tuple(row) for row in db.execute(sql)]:
        raise Failure("ledger.tampered", what="points")


class StockReads(ReadFace):
    """Fulfils ``ports.StockReads``."""

    def page(self, since: int, most: int) -> StockPage:
        """Written meanwhile is what comes above ``last``."""
        (numbers,) = self._rows(_NUMBERS)
        last, oldest = numbers["last"] or 0, numbers["oldest"]
        if since > last:
            raise Failure("stock.ahead", since=since, last=last)
        found = [one for one in self.after(since, most) if one.n <= last]
        end = found[-1].n if len(found) == most else last
        return StockPage(found, end, last, oldest, erased=end - since - len(found))

    def after(self, number: int, most: int) -> Sequence[Movement]:
        sql = f"{_ALL} WHERE m.n > ? ORDER BY m.n LIMIT ?"
        return [movement_of(row) for row in self._rows(sql, number, most)]

    def of_refund(self, refund_id: int) -> Sequence[Movement]:
        sql = f"{_ALL} WHERE m.refund_id = ? ORDER BY m.n"
        return [movement_of(row) for row in self._rows(sql, refund_id)]

    def where(self, ticket: int) -> Sequence[Movement]:
        sql = f"{_ALL} WHERE a.ticket = ? AND {_COUNTS} ORDER BY m.n"
        return [movement_of(row) for row in self._rows(sql, ticket)]

    def any_of_it(self) -> bool:
        moved = self._rows("SELECT 1 FROM stock_movements LIMIT 1")
        return bool(moved or self._rows(f"{_NEVER_CAME} true LIMIT 1"))

    def absent(self, ticket: int) -> Sequence[Movement]:
        since = self._rows(f"{_ALL} WHERE a.ticket = ? AND {_ABSENT} ORDER BY m.n", ticket)
        never = self._rows(f"{_NEVER_CAME} a.ticket = ? ORDER BY refund, i.line", ticket)
        return [*map(movement_of, since), *(each for row in never for each in _missing(row))]


class Stock(Face, StockReads):
    """Fulfils ``ports.Stock``."""

    async def correct(self, wrong: Correction) -> Sequence[int]:
        return await self._door.step("correct_stock", lambda step: correct(step, wrong))


def _shown(_: Query, row: dict[str, Any]) -> dict[str, Any]:
    return sales.readable(row) if row["quantity"] is not None else row


BOOK: Final = Book(
    names=(Names.of("moved_kinds", Moved),),
    tables=_TABLES,
    entries={
        kind: HeldBy("refund", "refunds", "refund_id")
        for kind in ("stock", "stock_corrected", "points")
    },
    witness=_witness,
    invariants=(
        Invariant("stock of refund", _RETURNED),
        Invariant("corrected stock of refund", _UNEVEN),
        Invariant("stock of exchange", _GIVEN_OUT),
        Invariant("exchanged goods in stock", _SORTS),
    ),
    goes=(Gone("stock_movements", purges.OF_REFUNDS),),
    lists=(
        Listing(
            name="stock",
            sql=_LIST,
            columns=(
                *("n", "at", "what", "refund", "sale_id", "line", "sku", "quantity"),
                *("condition", "disposition", "reason", "amount", "counters"),
            ),
            shown=_shown,
        ),
    ),
)
