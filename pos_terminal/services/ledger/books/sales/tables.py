"""Tables, checks and lists of sales."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import Any, Final

from pos_terminal.core.case import LOCKS, CaseKind, CaseState
from pos_terminal.core.digest import digest
from pos_terminal.core.invoice import Invoiced
from pos_terminal.core.price import as_given
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.refund import APART, AS_CREDIT, HOLDING, OPEN, State
from pos_terminal.core.sale import Funding, LineKind, SaleOrigin, SaleState, TenderKind
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.core.voucher import mask
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books.book import (
    Book,
    Gone,
    HeldBy,
    Invariant,
    Listing,
    Log,
    Numbered,
    Query,
)
from pos_terminal.services.ledger.books.sales import batches, codes, reopens, whose
from pos_terminal.services.ledger.books.sales.joined import JOINED, Joined
from pos_terminal.services.ledger.books.sales.reads import NEWEST_TOLD
from pos_terminal.services.ledger.books.sales.record import RECORD, mark
from pos_terminal.services.ledger.books.sales.rows import (
    ALL_LINES,
    ALL_TENDERS,
    DEDUCTED,
    InTurn,
    told_by,
)
from pos_terminal.services.ledger.books.sales.writes import VOIDED_LEG
from pos_terminal.services.ledger.names import Names, among
from pos_terminal.services.ledger.spans import NONE

_TABLES: Final = f"""
CREATE TABLE sales (
    sale_key INTEGER PRIMARY KEY AUTOINCREMENT,
    sale_id TEXT UNIQUE CHECK (sale_id != ''),
    origin TEXT NOT NULL REFERENCES sale_origins,
    merchant_id TEXT NOT NULL,
    terminal_id TEXT NOT NULL,
    batch TEXT NOT NULL,
    trace TEXT NOT NULL,
    rrn TEXT NOT NULL,
    auth_code TEXT NOT NULL,
    sold_at TEXT NOT NULL,
    sold_ts INTEGER NOT NULL,
    sold_on TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    receipt_no TEXT NOT NULL,
    state TEXT NOT NULL REFERENCES sale_states,
    told_state TEXT NOT NULL REFERENCES sale_states CHECK (told_state != '{SaleState.VOIDED}'),
    gift_receipt_no TEXT NOT NULL,
    invoice TEXT REFERENCES invoice_states,
    invoice_no TEXT NOT NULL DEFAULT '',
    recovery_no TEXT NOT NULL DEFAULT '',
    locked INTEGER NOT NULL DEFAULT 0 CHECK (locked IN (0, 1)),
    content TEXT NOT NULL,
    import_id INTEGER,
    CONSTRAINT invoice CHECK (invoice_no = '' OR invoice IS '{Invoiced.ISSUED}')
) STRICT;
CREATE INDEX sales_trace ON sales (trace, sold_ts) WHERE trace != '';
CREATE INDEX sales_rrn ON sales (rrn, sold_on) WHERE rrn != '';
CREATE INDEX sales_receipt ON sales (receipt_no, sold_ts) WHERE receipt_no != '';
CREATE INDEX sales_age ON sales (sold_ts);
CREATE INDEX sales_amount ON sales (amount, sold_ts);
CREATE INDEX sales_gift ON sales (gift_receipt_no, sold_ts) WHERE gift_receipt_no != '';
CREATE INDEX sales_recovery ON sales (recovery_no) WHERE recovery_no != '';

CREATE TABLE tenders (
    sale_key INTEGER NOT NULL REFERENCES sales,
    leg INTEGER NOT NULL CHECK (leg > 0),
    kind TEXT NOT NULL REFERENCES tender_kinds,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    told INTEGER NOT NULL CHECK (told >= 0),
    done INTEGER NOT NULL DEFAULT 0,
    held INTEGER NOT NULL DEFAULT 0,
    masked TEXT,
    token TEXT,
    token_key_id TEXT,
    par TEXT,
    scheme TEXT NOT NULL DEFAULT '',
    funding TEXT NOT NULL DEFAULT '{Funding.UNKNOWN}' REFERENCES fundings,
    sold_ts INTEGER NOT NULL,
    terminal_id TEXT NOT NULL DEFAULT '',
    batch TEXT NOT NULL DEFAULT '',
    trace TEXT NOT NULL DEFAULT '',
    rrn TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    auth_code TEXT NOT NULL DEFAULT '',
    paid_at TEXT,
    paid_ts INTEGER,
    paid_on TEXT,
    batch_closed INTEGER NOT NULL DEFAULT 0 CHECK (batch_closed IN (0, 1)),
    order_no TEXT NOT NULL DEFAULT '[]' CHECK (json_type(order_no) = 'array'),
    voucher_no TEXT NOT NULL DEFAULT '',
    exchange_no TEXT NOT NULL DEFAULT '',
    typed INTEGER NOT NULL DEFAULT 0 CHECK (typed BETWEEN 0 AND 2),
    as_told TEXT CHECK (json_array_length(as_told) = 4),
    PRIMARY KEY (sale_key, leg),
    CONSTRAINT card CHECK (kind = '{TenderKind.CARD}' OR coalesce(masked, token, token_key_id, par)
        IS NULL AND scheme = '' AND funding = '{Funding.UNKNOWN}'),
    CONSTRAINT no_payment CHECK (paid_at IS NOT NULL OR batch || trace || rrn || auth_code = ''),
    CONSTRAINT payment CHECK ((paid_at IS NULL) = (terminal_id = '')
        AND (paid_at IS NULL) = (paid_ts IS NULL) AND (paid_at IS NULL) = (paid_on IS NULL)),
    CONSTRAINT balance CHECK (held >= 0 AND done >= 0 AND held + done <= amount),
    CONSTRAINT as_told CHECK (as_told IS NULL OR typed > 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX tenders_token ON tenders (token, sold_ts) WHERE token IS NOT NULL;
CREATE INDEX tenders_trace ON tenders (trace, paid_ts) WHERE trace != '';
CREATE INDEX tenders_rrn ON tenders (rrn, paid_on) WHERE rrn != '';
CREATE UNIQUE INDEX tenders_typed ON tenders (terminal_id, rrn, paid_on) WHERE typed > 0;
CREATE INDEX tenders_batch ON tenders (terminal_id, batch, batch_closed) WHERE batch != '';
CREATE INDEX tenders_par ON tenders (par, sold_ts) WHERE par IS NOT NULL;
CREATE INDEX tenders_voucher ON tenders (voucher_no) WHERE voucher_no != '';
CREATE INDEX tenders_exchange ON tenders (exchange_no) WHERE exchange_no != '';
CREATE INDEX tenders_amount ON tenders (amount, sold_ts);
CREATE INDEX tenders_told ON tenders (told, sold_ts) WHERE told != amount;
CREATE INDEX tenders_last_four ON tenders (substr(masked, -4), sold_ts, sale_key, masked)
    WHERE masked IS NOT NULL;

CREATE TRIGGER hold_needs_approved_sale BEFORE UPDATE OF held ON tenders
WHEN NEW.held > OLD.held
    AND (SELECT state != '{SaleState.APPROVED}' OR locked FROM sales WHERE sale_key = NEW.sale_key)
BEGIN
    SELECT RAISE(ABORT, 'a hold on a sale that is not approved, or locked');
END;

CREATE TRIGGER one_hold_of_a_sale BEFORE UPDATE OF held ON tenders
WHEN NEW.held > OLD.held
    AND EXISTS (SELECT 1 FROM tenders t WHERE t.sale_key = NEW.sale_key AND t.held >
        (SELECT coalesce(sum(r.amount - r.done), 0) FROM refunds r WHERE r.sale_key = t.sale_key
            AND r.leg = t.leg AND r.state IN {among(APART)}))
BEGIN
    SELECT RAISE(ABORT, 'a hold on a sale that has an open refund');
END;

CREATE TABLE lines (
    sale_key INTEGER NOT NULL REFERENCES sales,
    line INTEGER NOT NULL,
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    returned INTEGER NOT NULL DEFAULT 0,
    held INTEGER NOT NULL DEFAULT 0,
    unit_price INTEGER NOT NULL CHECK (unit_price >= 0),
    category TEXT NOT NULL,
    kind TEXT NOT NULL REFERENCES line_kinds,
    paid INTEGER,
    promotion TEXT NOT NULL,
    barcodes TEXT NOT NULL CHECK (json_type(barcodes) = 'array'),
    serials TEXT NOT NULL CHECK (json_type(serials) = 'array'),
    returnable INTEGER NOT NULL CHECK (returnable IN (0, 1)),
    not_returnable_because TEXT NOT NULL,
    PRIMARY KEY (sale_key, line),
    CONSTRAINT line_balance CHECK (held >= 0 AND returned >= 0 AND held + returned <= quantity),
    CONSTRAINT discount CHECK (kind != '{LineKind.DISCOUNT}' OR returned + held = 0),
    CONSTRAINT paid CHECK (iif(kind = '{LineKind.DISCOUNT}', paid <= 0, paid >= 0))
) STRICT, WITHOUT ROWID;
{codes.TABLE}"""
_LIST: Final = """SELECT s.sale_key, s.sale_id, s.origin, s.merchant_id, s.terminal_id, s.batch,
    s.trace, s.rrn, s.auth_code, s.sold_at, s.currency, s.amount, s.receipt_no,
    s.gift_receipt_no, s.invoice, s.invoice_no, s.recovery_no, s.state, s.locked
    FROM sales s
    ORDER BY s.sale_key DESC LIMIT :limit"""
_LIST_TENDERS: Final = """SELECT leg, kind, amount, done, held, masked, scheme, funding,
    terminal_id, batch, trace, rrn, auth_code, paid_at, batch_closed, order_no, voucher_no,
    exchange_no, typed FROM tenders WHERE sale_key = :sale_key ORDER BY leg"""
_LIST_LINES: Final = """SELECT line, kind, sku, name, quantity, returned, held,
    unit_price, paid, promotion AS "group", category, barcodes, serials, returnable,
    not_returnable_because FROM lines WHERE sale_key = :sale_key ORDER BY line"""
_PROOFS: Final = """SELECT count(*) AS count FROM print_jobs WHERE sale_key = :sale_key
    AND duplicate = 0 AND slip -> 'body' ->> 'kind' = 'proof'"""
_STAYS: Final = """s.terminal_id = :terminal AND s.batch = :batch AND s.trace != ''
    OR EXISTS (SELECT 1 FROM tenders t WHERE t.sale_key = s.sale_key AND (t.held > 0
        OR t.terminal_id = :terminal AND t.batch = :batch AND t.trace != ''))"""
"""Trace numbers of the current batch must not be used again."""

_NAME: Final = "coalesce(s.sale_id, '#' || s.sale_key)"
"""Of a sale, for whoever is told what is wrong with it."""
_OF_OTHERS: Final = among((CaseKind.ELSEWHERE, CaseKind.PAID_UNKNOWN))
"""Cases of a sale that have no refund."""
_BALANCE: Final = f"""WITH taken_off AS MATERIALIZED ({whose.TAKEN_OFF})
    SELECT {_NAME}, t.leg FROM tenders t JOIN sales s USING (sale_key) WHERE
    t.held != (SELECT coalesce(sum(r.amount - r.done), 0) FROM refunds r
        WHERE r.sale_key = t.sale_key AND r.leg = t.leg AND r.state IN {among(HOLDING)})
    OR t.done != (SELECT coalesce(sum(r.done), 0) FROM refunds r WHERE r.sale_key = t.sale_key
        AND r.leg = t.leg AND r.state != '{State.OVERPAID}') - {reopens.REOPENED}
    - {reopens.RETURNED}
    + (SELECT coalesce(sum(e.counted), 0) FROM feed_events e WHERE e.sale_id = s.sale_id
        AND e.leg = t.leg)
    + (SELECT coalesce(sum(c.counted), 0) FROM closings c JOIN cases k USING (case_id)
        WHERE k.sale_key = t.sale_key AND k.kind IN {_OF_OTHERS} AND k.facts ->> 'leg' = t.leg)
    + (SELECT coalesce(sum(c.counted), 0) FROM closings c JOIN cases k USING (case_id)
        JOIN refunds r USING (refund_id) WHERE r.sale_key = t.sale_key AND r.leg = t.leg)
    - (SELECT coalesce(sum(o.amount), 0) FROM taken_off o WHERE o.sale_key = t.sale_key
        AND o.leg = t.leg) LIMIT 1"""
_GOODS: Final = f"""WITH named AS (SELECT i.sale_key, i.line,
    sum(iif(r.state IN {among(HOLDING - AS_CREDIT)}, i.quantity, 0)) AS held,
    sum(iif(r.done > 0 AND r.state != '{State.OVERPAID}' OR r.state IN {among(AS_CREDIT)},
        i.quantity, 0)) AS returned
    FROM application_items i JOIN refunds r USING (application) GROUP BY i.sale_key, i.line),
    elsewhere AS (SELECT s.sale_key, cast(x.key AS INTEGER) AS line, sum(x.value) AS returned
    FROM feed_events e JOIN sales s USING (sale_id), json_each(e.counted_items) x GROUP BY 1, 2)
    SELECT {_NAME} FROM lines l JOIN sales s USING (sale_key)
    LEFT JOIN named n USING (sale_key, line) LEFT JOIN elsewhere e USING (sale_key, line)
    WHERE l.held != coalesce(n.held, 0)
    OR l.returned != coalesce(n.returned, 0) + coalesce(e.returned, 0) LIMIT 1"""
_VOIDED: Final = f"""WITH facts AS (SELECT {_NAME} AS name, state, told_state,
    EXISTS (SELECT 1 FROM feed_events e WHERE e.sale_id = s.sale_id
        AND e.kind = '{SaleEvent.SALE_VOIDED}') AS elsewhere,
    EXISTS (SELECT 1 FROM tenders t WHERE t.sale_key = s.sale_key AND {VOIDED_LEG}) AS void,
    NOT EXISTS (SELECT 1 FROM tenders t WHERE t.sale_key = s.sale_key AND t.done < t.amount)
        AS nothing_left,
    NOT EXISTS (SELECT 1 FROM tenders t WHERE t.sale_key = s.sale_key AND NOT {VOIDED_LEG})
        AS every_leg
    FROM sales s)
    SELECT name FROM facts WHERE state NOT IN ('{SaleState.VOIDED}', told_state) OR
    state = '{SaleState.VOIDED}' AND NOT (elsewhere OR void AND nothing_left)
    OR state != '{SaleState.VOIDED}' AND (elsewhere OR void AND every_leg)
    LIMIT 1"""
"""A sale of several legs whose void was not the last of them stands: nothing is left of it. One
that is not voided is as the feed told it last."""
_SAME_TIME: Final = f"""SELECT {_NAME} FROM tenders t JOIN sales s USING (sale_key)
    WHERE t.sold_ts != s.sold_ts LIMIT 1"""
_LOCKED: Final = f"""SELECT {_NAME} FROM sales s WHERE locked != EXISTS (
    SELECT 1 FROM cases k WHERE k.sale_key = s.sale_key
    AND (k.over > 0 OR k.kind IN {among(LOCKS)})
    AND k.state = '{CaseState.OPEN}') LIMIT 1"""
"""From what was paid beside the balance, or told otherwise, to the closing of its case."""
_TOTAL: Final = f"""WITH newest AS (SELECT e.sale_id, e.leg, e.amount, row_number() OVER (
    PARTITION BY e.sale_id, e.leg ORDER BY {NEWEST_TOLD}) AS place
    FROM feed_events e WHERE e.kind = '{SaleEvent.ADJUSTED}')
    SELECT {_NAME}, t.leg FROM tenders t JOIN sales s USING (sale_key) LEFT JOIN newest n
    ON n.sale_id = s.sale_id AND n.leg = t.leg AND n.place = 1
    WHERE iif({VOIDED_LEG}, t.amount != t.done,
        t.amount < coalesce(n.amount, t.told) OR t.amount != coalesce(n.amount, t.told)
        AND NOT EXISTS (SELECT 1 FROM cases k WHERE k.sale_key = s.sale_key
            AND (k.kind = '{CaseKind.TYPED_DIFFERS}'
            OR k.kind = '{CaseKind.ELSEWHERE}' AND n.amount IS NOT NULL))) LIMIT 1"""
"""Below what is given back a leg does not go: then there is a case. Of a voided one nothing is
left."""
_SUM: Final = f"""SELECT {_NAME} FROM sales s WHERE s.amount !=
    (SELECT coalesce(sum(t.amount), 0) FROM tenders t WHERE t.sale_key = s.sale_key) LIMIT 1"""
_ONE_OPEN: Final = f"""SELECT {_NAME} FROM refunds r JOIN sales s USING (sale_key)
    WHERE r.state IN {among(OPEN)} GROUP BY sale_key HAVING count(*) > 1 LIMIT 1"""
"""A refund without an outcome blocks its sale (R32)."""


def readable(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a list with its quantities as decimal numbers."""
    quantities = {"quantity", "returned", "held"} & row.keys()
    return row | {name: format_quantity(row[name]) for name in quantities}


def _line_shown(row: dict[str, Any]) -> dict[str, Any]:
    """As the feed has it, with what is back."""
    return readable(row) | {
        "unit_price": as_given(row["unit_price"]),
        "barcodes": json.loads(row["barcodes"]),
        "serials": json.loads(row["serials"]),
        "returnable": bool(row["returnable"]),
    }


def _tender_shown(row: dict[str, Any]) -> dict[str, Any]:
    """What can be taken at a till by its number has it masked, whoever it is of."""
    shown = {name: mask(row[name]) for name in ("voucher_no", "exchange_no")}
    order_no = json.loads(row["order_no"])
    return row | shown | {"batch_closed": bool(row["batch_closed"]), "order_no": order_no}


def _shown(query: Query, row: dict[str, Any]) -> dict[str, Any]:
    key = {"sale_key": row["sale_key"]}
    tenders = [_tender_shown(tender) for tender in query(_LIST_TENDERS, key)]
    payments = [tender for tender in tenders if tender["paid_at"]]
    if len(payments) == 1:  # the feed's short form
        row |= {name: payments[0][name] for name in ("batch", "trace", "rrn", "auth_code")}
    (proofs,), (off,) = query(_PROOFS, key), query(DEDUCTED, key)
    done = sum(tender["done"] for tender in tenders)
    held = sum(tender["held"] for tender in tenders)
    return row | {
        "locked": bool(row["locked"]),
        "done": done,
        "held": held,
        "deducted": min(off["deducted"], max(0, row["amount"] - done - held)),
        "proofs": proofs["count"],
        "tenders": tenders,
        "lines": [_line_shown(line) for line in query(_LIST_LINES, key)],
    }


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """Every sale is as it was told. Of those that no import brought, none is missing or added."""
    gone, joined = log.purged["sales"], Joined.of(log)
    newest = {entry["sale_key"]: entry["digest"] for entry in log.entries["sale"]}
    alone = {
        key: told
        for key, told in newest.items()
        if told is not None and key not in gone and key not in joined.into
    }
    # four statements over all of them: a question for each sale is most of a whole look
    tenders, lines, goods = (InTurn(db.execute(sql)) for sql in (ALL_TENDERS, ALL_LINES, codes.ALL))
    for row in db.execute(f"SELECT s.*, {RECORD} AS record FROM sales s ORDER BY sale_key"):
        key = row["sale_key"]
        sale = told_by(row, tenders.of(key), lines.of(key))
        right = digest(sale) == row["content"]
        right &= _is_moment(row["sold_at"], row["sold_ts"])
        right &= [tuple(code) for code in goods.of(key)] == codes.rows_of(sale)
        if row["import_id"] is None:
            right &= alone.pop(key, None) == mark(log.key, row["record"])
        if not right:
            raise Failure("ledger.tampered", what=f"sale {row['sale_id'] or f'#{key}'}")
    if alone:
        raise Failure("ledger.tampered", what=f"sale #{min(alone)}")
    closed = batches.closed_by(log)
    for key, leg, paid_at, paid_ts, is_closed in db.execute(
        "SELECT sale_key, leg, paid_at, paid_ts, batch_closed FROM tenders"
    ):
        right = paid_at is None or _is_moment(paid_at, paid_ts)
        if not right or is_closed != (key in closed.get(leg, NONE)):
            raise Failure("ledger.tampered", what=f"payment of sale #{key}")


def _is_moment(text: str, seconds: int) -> bool:
    """As this program writes it: it reads others' ways as well."""
    moment = datetime.fromisoformat(text)
    return moment.isoformat() == text and int(moment.timestamp()) == seconds


BOOK: Final = Book(
    names=(
        Names.of("sale_origins", SaleOrigin),
        Names.of("sale_states", SaleState),
        Names.of("tender_kinds", TenderKind),
        Names.of("line_kinds", LineKind),
        Names.of("fundings", Funding),
        Names.of("invoice_states", Invoiced),
    ),
    tables=_TABLES,
    entries={
        "sale": HeldBy("sale_key", "sales", "sale_key"),
        JOINED: HeldBy("sale_key", "sales", "sale_key"),
    },
    told=(batches.CLOSED,),
    stays={purges.AUDIT: batches.STAYS},
    witness=_witness,
    numbered=(Numbered("sales", "sale_key"),),
    invariants=(
        Invariant("balance of sale", _BALANCE),
        Invariant("total of sale", _TOTAL),
        Invariant("sum of sale", _SUM),
        Invariant("goods of sale", _GOODS),
        Invariant("state of sale", _VOIDED),
        Invariant("time of sale", _SAME_TIME),
        Invariant("lock of sale", _LOCKED),
        Invariant("open refunds of sale", _ONE_OPEN),
    ),
    goes=tuple(
        Gone(table, purges.OF_SALES) for table in ("sales", "tenders", "lines", "goods_codes")
    ),
    sale_stays=_STAYS,
    lists=(
        Listing(
            name="sales",
            sql=_LIST,
            columns=(
                *("sale_id", "sold_at", "terminal_id", "batch", "trace", "rrn", "amount", "done"),
                *("held", "state"),
            ),
            shown=_shown,
        ),
    ),
)
