"""Schema 5, of 0.5.0, from 4."""

from __future__ import annotations

import sqlite3
from typing import Final

from pos_terminal.services.ledger.steps.rebuild import rebuild, statements

_NAMES: Final = """CREATE TABLE dispositions (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO dispositions (name) VALUES
    ('damaged'),
    ('quarantine'),
    ('restock'),
    ('vendor');
CREATE TABLE deductions (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO deductions (name) VALUES
    ('agreed'),
    ('part_missing'),
    ('restocking_fee'),
    ('used');
CREATE TABLE goods_answers (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO goods_answers (name) VALUES
    ('named'),
    ('none'),
    ('unknown');
CREATE TABLE invoice_answers (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO invoice_answers (name) VALUES
    ('neither'),
    ('red_letter'),
    ('returned');
CREATE TABLE moved_kinds (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO moved_kinds (name) VALUES
    ('goods'),
    ('points');
INSERT INTO case_kinds (name) VALUES ('exchange_not_redeemed'), ('exchange_not_told');
INSERT INTO refund_kinds (name) VALUES ('exchange'), ('exchange_back'), ('exchange_credit');
INSERT INTO refund_states (kind, state, paid) VALUES ('exchange', 'exchanged', 0),
    ('exchange_back', 'reopened', 1),
    ('exchange_credit', 'set_aside', 0), ('exchange_credit', 'set_aside', 1),
    ('exchange_credit', 'settled', 0), ('exchange_credit', 'settled', 1);
"""  # noqa: E501 - a table's text is compared
_INVOICES: Final = """CREATE TABLE invoice_states (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO invoice_states (name) VALUES
    ('issued'),
    ('none');
"""  # noqa: E501 - a table's text is compared
_SALES: Final = """CREATE TABLE sales (
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
    told_state TEXT NOT NULL REFERENCES sale_states CHECK (told_state != 'voided'),
    gift_receipt_no TEXT NOT NULL,
    invoice TEXT REFERENCES invoice_states,
    invoice_no TEXT NOT NULL DEFAULT '',
    locked INTEGER NOT NULL DEFAULT 0 CHECK (locked IN (0, 1)),
    content TEXT NOT NULL,
    import_id INTEGER,
    CONSTRAINT invoice CHECK (invoice_no = '' OR invoice IS 'issued')
) STRICT;
CREATE INDEX sales_trace ON sales (trace, sold_ts) WHERE trace != '';
CREATE INDEX sales_rrn ON sales (rrn, sold_on) WHERE rrn != '';
CREATE INDEX sales_receipt ON sales (receipt_no, sold_ts) WHERE receipt_no != '';
CREATE INDEX sales_age ON sales (sold_ts);
CREATE INDEX sales_amount ON sales (amount, sold_ts);
CREATE INDEX sales_gift ON sales (gift_receipt_no, sold_ts) WHERE gift_receipt_no != '';
"""
_APPLICATIONS: Final = """CREATE TABLE applications (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket INTEGER NOT NULL CHECK (ticket BETWEEN 1 AND number),
    place INTEGER NOT NULL CHECK (place > 0),
    sale_key INTEGER REFERENCES sales,
    leg INTEGER NOT NULL CHECK (leg >= 0),
    kind TEXT NOT NULL REFERENCES refund_kinds,
    amount INTEGER NOT NULL,
    owed INTEGER NOT NULL CHECK (owed >= 0),
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    goods_back TEXT REFERENCES goods_answers,
    operator TEXT NOT NULL,
    invoice TEXT REFERENCES invoice_answers,
    invoice_no TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL REFERENCES application_states,
    kept INTEGER NOT NULL DEFAULT 0 CHECK (kept IN (0, 1)),
    why TEXT NOT NULL DEFAULT '',
    opened_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    UNIQUE (number, operator),
    CHECK (amount > 0 OR state = 'refused'
        OR amount = 0 AND kind = 'exchange'),
    CONSTRAINT red_letter CHECK ((invoice IS 'red_letter') = (invoice_no != '')),
    CONSTRAINT of_a_sale CHECK (sale_key > 0 AND leg > 0 OR state NOT IN ('done', 'failed', 'sealed'))
) STRICT;
CREATE INDEX applications_open ON applications (state) WHERE state = 'open';
CREATE INDEX applications_ticket ON applications (ticket, place, number);
CREATE INDEX applications_sale ON applications (sale_key);
CREATE INDEX applications_loose ON applications (number) WHERE sale_key IS NULL;
"""  # noqa: E501 - a table's text is compared
_ITEMS: Final = """CREATE TABLE application_items (
    application INTEGER NOT NULL REFERENCES applications,
    sale_key INTEGER NOT NULL,
    line INTEGER NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    amount INTEGER NOT NULL,
    worth INTEGER NOT NULL CHECK (worth >= 0),
    reason TEXT NOT NULL DEFAULT '',
    condition TEXT NOT NULL DEFAULT '',
    disposition TEXT REFERENCES dispositions,
    deduction INTEGER NOT NULL DEFAULT 0,
    deducted_for TEXT REFERENCES deductions,
    serials TEXT NOT NULL DEFAULT '[]' CHECK (json_type(serials) = 'array'),
    sorts TEXT NOT NULL DEFAULT '[]' CHECK (json_type(sorts) = 'array'),
    PRIMARY KEY (application, line),
    CONSTRAINT deducted CHECK (deduction BETWEEN 0 AND worth
        AND (deduction = 0) = (deducted_for IS NULL)),
    CONSTRAINT looked CHECK (disposition IS NOT NULL
        OR condition = '' AND deduction = 0 AND serials || sorts = '[][]'),
    CONSTRAINT pieces CHECK (json_array_length(serials) * 1000 <= quantity),
    FOREIGN KEY (sale_key, line) REFERENCES lines (sale_key, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX application_items_line ON application_items (sale_key, line);
"""
_STOCK: Final = """CREATE TABLE stock_movements (
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
    CONSTRAINT points CHECK (what != 'points' OR amount IS NOT NULL
        AND coalesce(line, quantity, disposition, operator) IS NULL
        AND sku || barcode || serial || condition || reason = ''),
    CONSTRAINT goods CHECK (what != 'goods' OR amount IS NULL AND line IS NOT NULL
        AND quantity IS NOT NULL AND (disposition IS NOT NULL OR quantity < 0)),
    CONSTRAINT another CHECK (what != 'goods' OR disposition IS NOT NULL OR barcode != '')
) STRICT;
CREATE INDEX stock_refund ON stock_movements (refund_id);
CREATE INDEX stock_line ON stock_movements (sale_key, line) WHERE line IS NOT NULL;
CREATE UNIQUE INDEX stock_points ON stock_movements (refund_id) WHERE what = 'points';
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
        WHERE m.refund_id = NEW.refund_id AND m.line = NEW.line) < 0
BEGIN
    SELECT RAISE(ABORT, 'more goods go out than came back for them');
END;
"""
_EXCHANGES: Final = """CREATE TABLE exchanges (
    refund_id INTEGER NOT NULL REFERENCES refunds,
    line INTEGER NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    code TEXT NOT NULL CHECK (code != ''),
    sku TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    price INTEGER CHECK (price >= 0),
    last_sold_for INTEGER CHECK (last_sold_for >= 0),
    serials TEXT NOT NULL DEFAULT '[]' CHECK (json_type(serials) = 'array'),
    PRIMARY KEY (refund_id, line),
    CONSTRAINT typed CHECK (price IS NOT NULL OR last_sold_for IS NULL),
    CONSTRAINT pieces CHECK (json_array_length(serials) * 1000 <= quantity)
) STRICT, WITHOUT ROWID;
CREATE INDEX exchanges_code ON exchanges (code);
CREATE INDEX exchanges_sku ON exchanges (sku);
"""
_CREDITS: Final = """CREATE TABLE exchange_credit_states (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO exchange_credit_states (name) VALUES
    ('open'),
    ('settled'),
    ('ended');
CREATE TABLE exchange_credits (
    number TEXT PRIMARY KEY CHECK (length(number) = 13 AND number NOT GLOB '*[^0-9]*'),
    refund_id INTEGER NOT NULL UNIQUE REFERENCES refunds,
    amount INTEGER NOT NULL CHECK (amount > 0),
    taken INTEGER NOT NULL DEFAULT 0,
    currency TEXT NOT NULL,
    state TEXT NOT NULL REFERENCES exchange_credit_states,
    made_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    CONSTRAINT exchange_credit_balance CHECK (taken BETWEEN 0 AND amount),
    CONSTRAINT all_taken CHECK (taken < amount OR state = 'settled')
) STRICT, WITHOUT ROWID;
CREATE INDEX exchange_credits_open ON exchange_credits (state) WHERE state = 'open';

CREATE TABLE exchange_takings (
    taking_id INTEGER PRIMARY KEY AUTOINCREMENT,
    number TEXT NOT NULL REFERENCES exchange_credits ON DELETE CASCADE,
    amount INTEGER NOT NULL CHECK (amount > 0),
    left_over INTEGER NOT NULL CHECK (left_over >= 0),
    request TEXT NOT NULL UNIQUE CHECK (request != ''),
    at TEXT NOT NULL
) STRICT;
CREATE INDEX exchange_takings_number ON exchange_takings (number);

CREATE TABLE exchange_shares (
    taking_id INTEGER NOT NULL REFERENCES exchange_takings ON DELETE CASCADE,
    refund_id INTEGER NOT NULL REFERENCES refunds,
    amount INTEGER NOT NULL CHECK (amount > 0),
    PRIMARY KEY (taking_id, refund_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX exchange_shares_refund ON exchange_shares (refund_id);

CREATE TABLE reopened (
    refund_id INTEGER NOT NULL,
    of_refund INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    PRIMARY KEY (refund_id, of_refund)
) STRICT, WITHOUT ROWID;
CREATE INDEX reopened_of ON reopened (of_refund);

CREATE TRIGGER no_more_than_was_spent BEFORE INSERT ON reopened
WHEN NEW.amount + (SELECT coalesce(sum(o.amount), 0) FROM reopened o
        WHERE o.of_refund = NEW.of_refund)
    > coalesce((SELECT r.done FROM refunds r WHERE r.refund_id = NEW.of_refund), 0)
BEGIN
    SELECT RAISE(ABORT, 'more is open again than was spent');
END;

CREATE TRIGGER reopened_stays BEFORE UPDATE ON reopened
BEGIN
    SELECT RAISE(ABORT, 'what is open again is never changed');
END;
"""  # noqa: E501 - a table's text is compared
_TENDERS: Final = """CREATE INDEX tenders_exchange ON tenders (exchange_no) WHERE exchange_no != '';
DROP TRIGGER one_hold_of_a_sale;
CREATE TRIGGER one_hold_of_a_sale BEFORE UPDATE OF held ON tenders
WHEN NEW.held > OLD.held
    AND EXISTS (SELECT 1 FROM tenders t WHERE t.sale_key = NEW.sale_key AND t.held >
        (SELECT coalesce(sum(r.amount - r.done), 0) FROM refunds r WHERE r.sale_key = t.sale_key
            AND r.leg = t.leg AND r.state IN ('form_printed', 'set_aside')))
BEGIN
    SELECT RAISE(ABORT, 'a hold on a sale that has an open refund');
END;
"""
_REFUNDS: Final = """CREATE TABLE refunds (
    refund_id INTEGER PRIMARY KEY AUTOINCREMENT,
    application INTEGER NOT NULL REFERENCES applications,
    sale_key INTEGER NOT NULL,
    leg INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0 OR amount = 0 AND kind = 'exchange'),
    done INTEGER NOT NULL DEFAULT 0 CHECK (done BETWEEN 0 AND amount),
    paid INTEGER NOT NULL GENERATED ALWAYS AS (done > 0) VIRTUAL,
    currency TEXT NOT NULL,
    operator TEXT NOT NULL,
    masked TEXT,
    scheme TEXT NOT NULL DEFAULT '',
    funding TEXT NOT NULL DEFAULT 'unknown' REFERENCES fundings,
    match TEXT NOT NULL REFERENCES card_matches,
    token TEXT,
    par TEXT,
    stan TEXT,
    batch TEXT,
    original_rrn TEXT NOT NULL DEFAULT '',
    rrn TEXT,
    auth_code TEXT,
    response TEXT,
    cause TEXT REFERENCES causes,
    answer TEXT CHECK (answer IS NULL OR json_valid(answer)),
    reversal TEXT CHECK (reversal IS NULL OR (json_valid(reversal) AND kind = 'void')),
    flagged INTEGER NOT NULL DEFAULT 0 CHECK (flagged IN (0, 1)),
    repeats INTEGER NOT NULL DEFAULT 0 CHECK (repeats >= 0),
    drawer INTEGER NOT NULL DEFAULT 0 CHECK (drawer >= 0),
    sealed_at TEXT NOT NULL,
    sealed_ts INTEGER NOT NULL,
    sealed_on TEXT NOT NULL,
    concluded_at TEXT,
    FOREIGN KEY (sale_key, leg) REFERENCES tenders (sale_key, leg),
    FOREIGN KEY (kind, state, paid) REFERENCES refund_states (kind, state, paid)
) STRICT;
CREATE UNIQUE INDEX refunds_seq ON refunds (sale_key, leg, seq);
CREATE UNIQUE INDEX refunds_stan ON refunds (batch, stan) WHERE stan IS NOT NULL;
CREATE UNIQUE INDEX refunds_live ON refunds (application) WHERE state NOT IN ('declined', 'not_sent', 'reversed');
CREATE INDEX refunds_application ON refunds (application);
CREATE INDEX refunds_open ON refunds (refund_id) WHERE state IN ('reversing', 'sealed', 'unknown');
CREATE INDEX refunds_unpaid ON refunds (stan) WHERE state IN ('declined', 'given_up', 'not_sent');
CREATE INDEX refunds_given_up_last ON refunds (refund_id) WHERE state = 'given_up';
CREATE INDEX refunds_called_stolen ON refunds (cause, refund_id)
    WHERE cause = 'card_refused';
CREATE INDEX refunds_cash ON refunds (refund_id) WHERE state = 'to_hand_over';
CREATE INDEX refunds_forms ON refunds (refund_id) WHERE state = 'form_printed';
CREATE INDEX refunds_withdrawn ON refunds (refund_id) WHERE state = 'withdrawn';
CREATE INDEX refunds_day ON refunds (sealed_on, operator, state, amount, done);
CREATE INDEX refunds_token ON refunds (token, amount, sealed_ts) WHERE token IS NOT NULL;
CREATE INDEX refunds_rrn ON refunds (rrn COLLATE NOCASE) WHERE rrn IS NOT NULL;
CREATE INDEX refunds_par ON refunds (par, amount, sealed_ts) WHERE par IS NOT NULL;
"""  # noqa: E501 - an index's text is compared


def run(db: sqlite3.Connection) -> None:
    """A line for each concept that changed."""
    for statement in statements(_NAMES):
        db.execute(statement)
    _looked(db)
    _stock(db)
    _invoices(db)
    rebuild(db, "refunds", _REFUNDS)
    for script in (_EXCHANGES, _CREDITS, _TENDERS):
        for statement in statements(script):
            db.execute(statement)


def _looked(db: sqlite3.Connection) -> None:
    """Nobody looked at goods before, nor said whether any came back, nor what of an invoice."""
    rebuild(db, "applications", _APPLICATIONS)
    rebuild(db, "application_items", _ITEMS)


def _stock(db: sqlite3.Connection) -> None:
    """Points keep their numbers; no goods moved before."""
    for statement in statements(_STOCK):
        db.execute(statement)
    db.execute(
        """INSERT INTO stock_movements (n, at, what, refund_id, amount, sale_key)
        SELECT p.movement, p.at, 'points', p.refund_id, p.amount, r.sale_key
        FROM points_movements p JOIN refunds r USING (refund_id)"""
    )
    last = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'points_movements'").fetchone()
    db.execute("DROP TABLE points_movements")
    db.execute("DELETE FROM sqlite_sequence WHERE name = 'stock_movements'")
    if last is not None:
        db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('stock_movements', ?)", last)


def _invoices(db: sqlite3.Connection) -> None:
    """No till told of any."""
    for statement in statements(_INVOICES):
        db.execute(statement)
    rebuild(db, "sales", _SALES)
