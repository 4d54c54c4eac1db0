"""Sales as the feed told them, with their legs and lines, and what is left of each (R8, R11, R14).

The balances stand in the tables' own rules, so that no code can give back more than was paid. Goods
go with the money: held by the seal, returned by the conclusion or by the commit of a cash leg, free
again by every ending that gave nothing back. What was approved after it had been given up stays
beside both balances: the sale is locked. Nobody else writes these tables.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any, Final

from pos_terminal.core.case import LOCKING, CaseKind, CaseState
from pos_terminal.core.refund import HOLDING, OPEN, Kind, Refund, State
from pos_terminal.core.sale import Funding, Sale, SaleState, TenderKind
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.core.words import Failure
from pos_terminal.ports import Application
from pos_terminal.services.ledger import items, purges
from pos_terminal.services.ledger.books.book import Book, Check, Gone, Listing, Query
from pos_terminal.services.ledger.names import Names, among
from pos_terminal.services.ledger.step import Step

_TABLES: Final = f"""
CREATE TABLE sales (
    sale_id TEXT PRIMARY KEY,
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
    amount INTEGER NOT NULL CHECK (amount > 0),
    receipt_no TEXT NOT NULL,
    state TEXT NOT NULL REFERENCES sale_states,
    batch_closed INTEGER NOT NULL DEFAULT 0 CHECK (batch_closed IN (0, 1)),
    locked INTEGER NOT NULL DEFAULT 0 CHECK (locked IN (0, 1)),
    content TEXT NOT NULL,
    import_id INTEGER NOT NULL
) STRICT;
CREATE INDEX sales_trace ON sales (trace, sold_ts) WHERE trace != '';
CREATE INDEX sales_rrn ON sales (rrn, sold_on) WHERE rrn != '';
CREATE INDEX sales_receipt ON sales (receipt_no, sold_ts) WHERE receipt_no != '';
CREATE INDEX sales_batch ON sales (terminal_id, batch, batch_closed);
CREATE INDEX sales_age ON sales (sold_ts);

CREATE TABLE tenders (
    sale_id TEXT NOT NULL REFERENCES sales,
    leg INTEGER NOT NULL CHECK (leg > 0),
    kind TEXT NOT NULL REFERENCES tender_kinds,
    amount INTEGER NOT NULL CHECK (amount > 0),
    done INTEGER NOT NULL DEFAULT 0,
    held INTEGER NOT NULL DEFAULT 0,
    masked TEXT,
    token TEXT,
    token_key_id TEXT,
    par TEXT,
    scheme TEXT NOT NULL DEFAULT '',
    funding TEXT NOT NULL DEFAULT 'unknown' REFERENCES fundings,
    sold_ts INTEGER NOT NULL,
    PRIMARY KEY (sale_id, leg),
    CONSTRAINT balance CHECK (held >= 0 AND done >= 0 AND held + done <= amount)
) STRICT, WITHOUT ROWID;
CREATE INDEX tenders_token ON tenders (token, sold_ts) WHERE token IS NOT NULL;
CREATE INDEX tenders_par ON tenders (par, sold_ts) WHERE par IS NOT NULL;

CREATE TRIGGER hold_needs_approved_sale BEFORE UPDATE OF held ON tenders
WHEN NEW.held > OLD.held
    AND (SELECT state != '{SaleState.APPROVED}' OR locked FROM sales WHERE sale_id = NEW.sale_id)
BEGIN
    SELECT RAISE(ABORT, 'a hold on a sale that is not approved, or locked');
END;

CREATE TRIGGER one_hold_of_a_sale BEFORE UPDATE OF held ON tenders
WHEN NEW.held > OLD.held
    AND EXISTS (SELECT 1 FROM tenders WHERE sale_id = NEW.sale_id AND held > 0)
BEGIN
    SELECT RAISE(ABORT, 'a hold on a sale that has an open refund');
END;

CREATE TABLE lines (
    sale_id TEXT NOT NULL REFERENCES sales,
    line INTEGER NOT NULL,
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    returned INTEGER NOT NULL DEFAULT 0,
    held INTEGER NOT NULL DEFAULT 0,
    unit_price INTEGER NOT NULL CHECK (unit_price >= 0),
    category TEXT NOT NULL,
    PRIMARY KEY (sale_id, line),
    CONSTRAINT line_balance CHECK (held >= 0 AND returned >= 0 AND held + returned <= quantity)
) STRICT, WITHOUT ROWID;
"""
_LIST: Final = """SELECT s.sale_id, s.merchant_id, s.terminal_id, s.batch, s.trace, s.rrn,
    s.auth_code, s.sold_at, s.currency, s.amount, s.receipt_no, s.state, s.batch_closed, s.locked
    FROM sales s ORDER BY s.rowid DESC LIMIT :limit"""
_LIST_TENDERS: Final = """SELECT leg, kind, amount, done, held, masked, scheme, funding FROM tenders
    WHERE sale_id = :sale_id ORDER BY leg"""
_LIST_LINES: Final = """SELECT line, sku, name, quantity, returned, held, unit_price, category
    FROM lines WHERE sale_id = :sale_id ORDER BY line"""
_STAYS: Final = """s.terminal_id = :terminal AND s.batch = :batch AND s.trace != ''
    OR EXISTS (SELECT 1 FROM tenders t WHERE t.sale_id = s.sale_id AND t.held > 0)"""
"""Trace numbers of the current batch must not be used again."""

_BALANCE: Final = f"""SELECT t.sale_id, t.leg FROM tenders t WHERE
    t.held != (SELECT coalesce(sum(r.amount), 0) FROM refunds r WHERE r.sale_id = t.sale_id
        AND r.leg = t.leg AND r.state IN {among(HOLDING)})
    OR t.done != (SELECT coalesce(sum(r.done), 0) FROM refunds r WHERE r.sale_id = t.sale_id
        AND r.leg = t.leg AND r.state != '{State.OVERPAID}')
    + (SELECT coalesce(sum(e.amount), 0) FROM feed_events e WHERE e.sale_id = t.sale_id
        AND e.leg = t.leg AND e.kind = '{SaleEvent.REFUNDED_ELSEWHERE}')
    + (SELECT coalesce(sum(c.counted), 0) FROM closings c JOIN cases k USING (case_id)
        JOIN refunds r USING (refund_id) WHERE r.sale_id = t.sale_id AND r.leg = t.leg)
    LIMIT 1"""
_GOODS: Final = f"""WITH named AS (SELECT i.sale_id, i.line,
    sum(iif(r.state IN {among(HOLDING)}, i.quantity, 0)) AS held,
    sum(iif(r.done > 0 AND r.state != '{State.OVERPAID}', i.quantity, 0)) AS returned
    FROM application_items i JOIN refunds r USING (application) GROUP BY i.sale_id, i.line),
    elsewhere AS (SELECT e.sale_id, cast(x.key AS INTEGER) AS line, sum(x.value) AS returned
    FROM feed_events e, json_each(e.items) x GROUP BY 1, 2)
    SELECT l.sale_id FROM lines l LEFT JOIN named n USING (sale_id, line)
    LEFT JOIN elsewhere e USING (sale_id, line) WHERE l.held != coalesce(n.held, 0)
    OR l.returned != coalesce(n.returned, 0) + coalesce(e.returned, 0) LIMIT 1"""
_VOIDED: Final = f"""WITH facts AS (SELECT sale_id, state,
    EXISTS (SELECT 1 FROM feed_events e WHERE e.sale_id = s.sale_id
        AND e.kind = '{SaleEvent.SALE_VOIDED}') AS elsewhere,
    EXISTS (SELECT 1 FROM refunds r WHERE r.sale_id = s.sale_id AND r.kind = '{Kind.VOID}'
        AND r.state = '{State.ACCEPTED}') AS void,
    NOT EXISTS (SELECT 1 FROM tenders t WHERE t.sale_id = s.sale_id AND t.done < t.amount)
        AS nothing_left,
    NOT EXISTS (SELECT 1 FROM tenders t WHERE t.sale_id = s.sale_id AND NOT EXISTS (
        SELECT 1 FROM refunds r WHERE r.sale_id = t.sale_id AND r.leg = t.leg
        AND r.kind = '{Kind.VOID}' AND r.state = '{State.ACCEPTED}')) AS every_leg
    FROM sales s)
    SELECT sale_id FROM facts WHERE
    state = '{SaleState.VOIDED}' AND NOT (elsewhere OR void AND nothing_left)
    OR state != '{SaleState.VOIDED}' AND (elsewhere OR void AND every_leg)
    LIMIT 1"""
"""A sale of several legs whose void was not the last of them stands: nothing is left of it."""
_LOCKED: Final = f"""SELECT sale_id FROM sales s WHERE locked != (EXISTS (
    SELECT 1 FROM refunds r WHERE r.sale_id = s.sale_id AND r.state = '{State.OVERPAID}'
    AND NOT EXISTS (SELECT 1 FROM cases k JOIN closings c USING (case_id)
        WHERE k.refund_id = r.refund_id AND k.kind = '{CaseKind.OVERPAYMENT}')) OR EXISTS (
    SELECT 1 FROM cases k WHERE k.sale_id = s.sale_id AND k.kind = '{CaseKind.PAID_TWICE}'
    AND NOT EXISTS (SELECT 1 FROM closings c WHERE c.case_id = k.case_id))) LIMIT 1"""
"""From the late approval, or the second posting, to the closing of its case."""
_ONE_OPEN: Final = f"""SELECT sale_id FROM refunds WHERE state IN {among(OPEN)}
    GROUP BY sale_id HAVING count(*) > 1 LIMIT 1"""
"""A refund without an outcome blocks its sale (R32)."""
_REFUSED: Final = {
    SaleState.VOIDED: "ledger.sale_voided",
    SaleState.UNCONFIRMED: "ledger.sale_unconfirmed",
}
_LACKING: Final = """SELECT 1 FROM application_items i JOIN lines l USING (sale_id, line)
    WHERE i.application = ? AND i.quantity > l.quantity - l.returned - l.held LIMIT 1"""
_MOVE_GOODS: Final = """UPDATE lines
    SET held = held + i.quantity * ?, returned = returned + i.quantity * ?
    FROM application_items i WHERE i.application = ?
    AND lines.sale_id = i.sale_id AND lines.line = i.line"""


def check_balance(db: sqlite3.Connection, application: Application) -> None:
    """done + held + new ≤ sale, of the leg and of each line, on a sale that stands (R8, R11).

    Nothing at all while another refund of the sale is open, whatever its leg (R32).
    """
    row = db.execute(
        """SELECT s.state, s.locked, t.amount - t.done - t.held AS remaining, t.amount, t.done,
        EXISTS (SELECT 1 FROM tenders o WHERE o.sale_id = s.sale_id AND o.held > 0) AS open
        FROM sales s JOIN tenders t USING (sale_id) WHERE s.sale_id = ? AND t.leg = ?""",
        (application.sale_id, application.leg),
    ).fetchone()
    if row is None:
        raise KeyError((application.sale_id, application.leg))
    refusal = _REFUSED.get(SaleState(row["state"]))
    if row["locked"]:
        refusal = "ledger.sale_locked"
    elif refusal is None and row["open"]:
        refusal = "ledger.sale_open"
    if refusal is not None:
        raise Failure(refusal)
    whole = application.kind is not Kind.VOID or application.amount == row["amount"]
    if application.amount > row["remaining"] or not whole:
        raise Failure("ledger.balance")
    if application.items and db.execute(_LACKING, (application.number,)).fetchone() is not None:
        raise Failure("ledger.lines")


def hold(step: Step, application: Application) -> None:
    """With the seal: money and goods are set aside until the outcome is known."""
    step.db.execute(
        "UPDATE tenders SET held = held + ? WHERE sale_id = ? AND leg = ?",
        (application.amount, application.sale_id, application.leg),
    )
    step.db.execute(_MOVE_GOODS, (1, 0, application.number))


def release(step: Step, refund: Refund, done: int) -> None:
    """With the outcome: so much of the hold is spent, the rest is free again.

    An approval of a part (10) means that the goods are back all the same: what is missing of the
    money is given back by amount.
    """
    step.db.execute(
        "UPDATE tenders SET held = held - ?, done = done + ? WHERE sale_id = ? AND leg = ?",
        (refund.amount, done, refund.sale_id, refund.leg),
    )
    release_goods(step, refund.application, returned=done > 0)


def release_goods(step: Step, application: int, *, returned: bool) -> None:
    """Held goods are returned, or free again."""
    step.db.execute(_MOVE_GOODS, (-1, int(returned), application))


def spend(step: Step, application: Application) -> None:
    """With the commit of a leg that no acquirer is asked for: given back at once."""
    count_in(step, application.sale_id, application.leg, application.amount)
    step.db.execute(_MOVE_GOODS, (0, 1, application.number))


def count_in(step: Step, sale_id: str, leg: int, amount: int) -> bool:
    """So much of the leg is given back; False where the sale has no such leg.

    sqlite3.IntegrityError where less is left of it.
    """
    sql = "UPDATE tenders SET done = done + ? WHERE sale_id = ? AND leg = ?"
    return step.db.execute(sql, (amount, sale_id, leg)).rowcount > 0


def count_goods_in(step: Step, sale_id: str, line: int, quantity: int) -> bool:
    """So much of the line is returned; as ``count_in``."""
    sql = "UPDATE lines SET returned = returned + ? WHERE sale_id = ? AND line = ?"
    return step.db.execute(sql, (quantity, sale_id, line)).rowcount > 0


def void(step: Step, sale_id: str) -> None:
    """Another system voided it."""
    step.db.execute(f"UPDATE sales SET state = '{SaleState.VOIDED}' WHERE sale_id = ?", (sale_id,))


def void_if_spent(step: Step, sale_id: str) -> None:
    """A leg was voided: a split sale stands on with its other legs."""
    step.db.execute(
        f"""UPDATE sales SET state = '{SaleState.VOIDED}' WHERE sale_id = ? AND NOT EXISTS
        (SELECT 1 FROM tenders WHERE sale_id = ? AND done < amount)""",
        (sale_id, sale_id),
    )


def confirm(step: Step, sale_id: str) -> None:
    """The feed has it as approved now."""
    step.db.execute(
        f"""UPDATE sales SET state = '{SaleState.APPROVED}'
        WHERE sale_id = ? AND state = '{SaleState.UNCONFIRMED}'""",
        (sale_id,),
    )


def lock(step: Step, sale_id: str, refund_id: int) -> None:
    """Nothing more of the sale of this refund, until people close its case."""
    step.db.execute("UPDATE sales SET locked = 1 WHERE sale_id = ?", (sale_id,))
    step.log("sale_locked", sale=sale_id, refund=refund_id)


def unlock(step: Step, sale_id: str, case_id: int) -> None:
    """This case is closed: the sale stands again, unless it was overpaid another time."""
    unlocked = step.db.execute(
        f"""UPDATE sales SET locked = 0 WHERE sale_id = ? AND locked AND NOT EXISTS (SELECT 1
        FROM cases k WHERE k.sale_id = sales.sale_id AND k.kind IN {among(LOCKING)}
        AND k.state = '{CaseState.OPEN}')""",
        (sale_id,),
    ).rowcount
    if unlocked:
        step.log("sale_unlocked", sale=sale_id, number=case_id)


def close_batch(step: Step, terminal_id: str, batch: str) -> None:
    """The acquirer has begun another one: all sales of this one are in a closed batch."""
    step.db.execute(
        """UPDATE sales SET batch_closed = 1
        WHERE terminal_id = ? AND batch = ? AND batch_closed = 0""",
        (terminal_id, batch),
    )


def close_batch_at(step: Step, terminal_id: str, batch: str, moment: datetime) -> None:
    """The feed says so: batch numbers come again, and later sales may have the same one."""
    step.db.execute(
        """UPDATE sales SET batch_closed = 1 WHERE terminal_id = ? AND batch = ?
        AND batch_closed = 0
        AND sold_ts <= ?""",
        (terminal_id, batch, int(moment.timestamp())),
    )


def close_batch_of(step: Step, sale: Sale) -> None:
    """A new sale, where the feed told of its batch's end before."""
    step.db.execute(
        """UPDATE sales SET batch_closed = 1 WHERE sale_id = ? AND EXISTS (SELECT 1 FROM feed_events
        WHERE terminal_id = ? AND batch = ? AND at_ts >= ?)""",
        (sale.sale_id, sale.terminal_id, sale.batch, int(sale.sold_at.timestamp())),
    )


def _shown(query: Query, row: dict[str, Any]) -> dict[str, Any]:
    tenders = query(_LIST_TENDERS, {"sale_id": row["sale_id"]})
    return row | {
        "batch_closed": bool(row["batch_closed"]),
        "locked": bool(row["locked"]),
        "done": sum(tender["done"] for tender in tenders),
        "held": sum(tender["held"] for tender in tenders),
        "tenders": tenders,
        "lines": [items.readable(line) for line in query(_LIST_LINES, {"sale_id": row["sale_id"]})],
    }


BOOK: Final = Book(
    names=(
        Names.of("sale_states", SaleState),
        Names.of("tender_kinds", TenderKind),
        Names.of("fundings", Funding),
    ),
    tables=_TABLES,
    checks=(
        Check("balance of sale", _BALANCE),
        Check("goods of sale", _GOODS),
        Check("state of sale", _VOIDED),
        Check("lock of sale", _LOCKED),
        Check("open refunds of sale", _ONE_OPEN),
    ),
    goes=tuple(Gone(table, purges.OF_SALES) for table in ("sales", "tenders", "lines")),
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
