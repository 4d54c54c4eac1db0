"""A ledger with many sales and refunds, written by SQL alone: importing them is not measured.

The rows look as imported ones do and fill the same indexes. Their audit log stays short, so a
full verification would refuse such a ledger; the check at every start, which looks at the newest
entries, takes it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from hw_sim.bench import identity

CARDS_SHARE = 4
"""Sales to a card."""
OPEN = 3
"""Refunds without an outcome, however many there are; so many forms that people carry out, and
tickets of which something is to do."""
_DAYS = 300
_ARTICLES = 5_000
"""Kinds of goods that the shop sells, one a sale."""
_SCATTER = 2654435761
"""A multiplier (Knuth's) that spreads tokens over the index, as real ones are spread."""

_SALES = """
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
INSERT INTO sales (sale_id, origin, merchant_id, terminal_id, batch, trace, rrn, auth_code, sold_at,
    sold_ts, sold_on, currency, amount, receipt_no, gift_receipt_no, state, told_state, content,
    import_id)
SELECT printf('M%09d', i), 'feed', :merchant, :terminal, '', '', '', '',
    strftime('%Y-%m-%dT%H:%M:%S+00:00', :first + i * :step, 'unixepoch'), :first + i * :step,
    date(:first + i * :step, 'unixepoch'), '156', 1000 + i % 90000, printf('MR%09d', i),
    '', 'approved', 'approved', printf('%064x', i), :import
FROM n"""
_TENDERS = """
INSERT INTO tenders (sale_key, leg, kind, amount, told, done, masked, token, token_key_id,
    scheme, funding, sold_ts, terminal_id, batch, trace, rrn, auth_code, paid_at, paid_ts, paid_on,
    batch_closed)
SELECT sale_key, 1, 'card', amount, amount, amount,
    printf('476173******%04d', i * :scatter % 4294967296 % 10000),
    printf('%064x', (i % :cards) * :scatter % 4294967296),
    '00000000', 'visa', 'credit', sold_ts, terminal_id, printf('%06d', 900000 + i % 1000),
    printf('%06d', i % 1000000), printf('9%011d', i), printf('%06d', i % 999983),
    sold_at, sold_ts, sold_on, 1
FROM (SELECT *, cast(substr(sale_id, 2) AS INTEGER) AS i FROM sales WHERE import_id = :import)"""
_LINES = """
INSERT INTO lines (sale_key, line, sku, name, quantity, unit_price, category, kind, paid,
    promotion, barcodes, serials, returnable, not_returnable_because)
SELECT sale_key, 1, printf('6901028%05d', cast(substr(sale_id, 2) AS INTEGER) % :articles),
    '绿茶 500ml', 1000, amount, 'drinks', 'goods', amount, '',
    '[]', '[]', 1, ''
FROM sales WHERE import_id = :import"""
_CODES = """
INSERT INTO goods_codes (sale_key, code, sold_ts, price)
SELECT l.sale_key, l.sku, s.sold_ts, l.paid FROM lines l JOIN sales s USING (sale_key)
WHERE s.import_id = :import"""
_APPLICATIONS = """
INSERT INTO applications (number, ticket, place, sale_key, leg, kind, amount, owed, reason, note,
    operator, state, opened_at, changed_at)
SELECT number, number, 1, sale_key, 1, 'refund', amount, amount, '1', '', '101', 'done', sold_at,
    sold_at
FROM (SELECT *, :known + row_number() OVER (ORDER BY sale_key) AS number FROM sales
    WHERE import_id = :import)"""
_REFUNDS = """
INSERT INTO refunds (application, sale_key, leg, seq, kind, state, amount, done, currency,
    operator, match, stan, batch, sealed_at, sealed_ts, sealed_on, concluded_at)
SELECT number, sale_key, 1, 1, 'refund', 'accepted', amount, amount, '156', '101', 'exact',
    printf('%06d', 1 + number % 999999), printf('%06d', 800000 + number / 999999),
    opened_at, unixepoch(opened_at), substr(opened_at, 1, 10), opened_at
FROM applications WHERE number > :known"""
_UNKNOWN = """
UPDATE refunds SET state = 'unknown', done = 0 WHERE refund_id IN (
    SELECT refund_id FROM refunds WHERE state = 'accepted' ORDER BY refund_id LIMIT :open)"""
_FORMS = """
UPDATE refunds SET kind = 'manual', state = 'form_printed', done = 0 WHERE refund_id IN (
    SELECT refund_id FROM refunds WHERE state = 'accepted' ORDER BY refund_id LIMIT :open)"""
_TO_DO = """
UPDATE applications SET state = 'open', kept = 1, ticket = number - 1, place = 2 WHERE number IN (
    SELECT number FROM applications ORDER BY number DESC LIMIT :open)"""


@dataclass(frozen=True, slots=True)
class Key:
    """What finds one of the stocked sales."""

    trace: str
    rrn: str
    day: str
    receipt_no: str
    token: str
    amount: int
    """Minor units."""
    last_four: str
    code: str
    """Of its goods, as it is looked for."""


def stock(path: Path, count: int, *, pending: bool) -> None:
    """Add ``count`` refunded sales to a ledger that no process has open.

    ``pending`` leaves a few refunds unknown; a terminal would go on sending those.
    """
    db = sqlite3.connect(path, isolation_level=None)
    try:
        _without_durability(db)
        indexes = db.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchall()
        db.execute("BEGIN")
        for name, _ in indexes:
            db.execute(f"DROP INDEX {name}")
        _fill(db, count, pending)
        for _, sql in indexes:
            db.execute(sql)
        db.execute("COMMIT")
        db.execute("PRAGMA journal_mode = WAL")
    finally:
        db.close()


def key(db: sqlite3.Connection, number: int) -> Key:
    """How to find stocked sale ``number`` (from 1). Not measured."""
    row = db.execute(
        """SELECT t.trace, t.rrn, t.paid_on, s.receipt_no, t.token, s.amount,
        substr(t.masked, -4), (SELECT min(code) FROM goods_codes g WHERE g.sale_key = s.sale_key)
        FROM sales s JOIN tenders t USING (sale_key) WHERE s.sale_id = ?""",
        (f"M{number:09d}",),
    ).fetchone()
    return Key(*row)


def _without_durability(db: sqlite3.Connection) -> None:
    for pragma in (
        "journal_mode = DELETE",
        "journal_mode = OFF",
        "synchronous = OFF",
        "foreign_keys = OFF",
        "temp_store = MEMORY",
        "cache_size = -200000",
    ):
        db.execute(f"PRAGMA {pragma}")


def _fill(db: sqlite3.Connection, count: int, pending: bool) -> None:
    now = db.execute("SELECT unixepoch()").fetchone()[0]
    step = _DAYS * 86400 // count or 1
    import_id = db.execute(
        "INSERT INTO imports (at, source, records, digest) VALUES ('', 'stock', ?, '')", (count,)
    ).lastrowid
    known = db.execute("SELECT coalesce(max(number), 0) FROM applications").fetchone()[0]
    values = {
        "count": count,
        "merchant": identity.MERCHANT_ID,
        "terminal": identity.TERMINAL_ID,
        "first": now - 86400 - (count + 1) * step,  # today's limits stay untouched
        "step": step,
        "import": import_id,
        "cards": max(1, count // CARDS_SHARE),
        "scatter": _SCATTER,
        "articles": _ARTICLES,
        "known": known,
        "open": OPEN if pending else 0,
    }
    filling = (_SALES, _TENDERS, _LINES, _CODES, _APPLICATIONS, _REFUNDS)
    for sql in (*filling, _UNKNOWN, _FORMS, _TO_DO):
        wanted = {name: value for name, value in values.items() if f":{name}" in sql}
        db.execute(sql, wanted)
