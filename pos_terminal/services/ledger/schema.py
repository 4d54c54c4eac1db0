"""The ledger's tables as first released. Changes go into ``migrations.py``, never in here.

Money is integer minor units, quantities of goods are integer thousandths. Times are ISO 8601 text
with the shop's offset; where they are sorted or searched, an integer of Unix seconds or a local
date stands beside them. No full card number and no expiry in any column: what a message needs
again lies sealed in ``messages.secret``.
"""

from __future__ import annotations

from typing import Final

from pos_terminal.services.ledger.books import shelf

_PLACES: Final = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    stan INTEGER NOT NULL CHECK (stan BETWEEN 0 AND 999999),
    batch TEXT NOT NULL CHECK (length(batch) = 6 AND batch NOT GLOB '*[^0-9]*')
) STRICT;

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    facts TEXT,
    digest TEXT,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL,
    CHECK ((facts IS NULL) = (digest IS NOT NULL))
) STRICT;

CREATE TABLE purges (
    class TEXT PRIMARY KEY,
    entry INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE key_slots (
    slot INTEGER PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('free', 'used', 'spent')),
    refund_id INTEGER
) STRICT;
CREATE INDEX key_slots_state ON key_slots (state, slot);
"""

_SALES: Final = """
CREATE TABLE imports (
    import_id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    source TEXT NOT NULL,
    records INTEGER NOT NULL,
    digest TEXT NOT NULL
) STRICT;

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
    state TEXT NOT NULL CHECK (state IN ('approved', 'unconfirmed', 'voided')),
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
    kind TEXT NOT NULL CHECK (kind IN ('card', 'cash', 'wallet', 'voucher', 'transfer')),
    amount INTEGER NOT NULL CHECK (amount > 0),
    done INTEGER NOT NULL DEFAULT 0,
    held INTEGER NOT NULL DEFAULT 0,
    masked TEXT,
    token TEXT,
    token_key_id TEXT,
    par TEXT,
    scheme TEXT NOT NULL DEFAULT '',
    funding TEXT NOT NULL DEFAULT 'unknown' CHECK (funding IN ('debit', 'credit', 'unknown')),
    sold_ts INTEGER NOT NULL,
    PRIMARY KEY (sale_id, leg),
    CONSTRAINT balance CHECK (held >= 0 AND done >= 0 AND held + done <= amount)
) STRICT, WITHOUT ROWID;
CREATE INDEX tenders_token ON tenders (token, sold_ts) WHERE token IS NOT NULL;
CREATE INDEX tenders_par ON tenders (par, sold_ts) WHERE par IS NOT NULL;

CREATE TRIGGER hold_needs_approved_sale BEFORE UPDATE OF held ON tenders
WHEN NEW.held > OLD.held
    AND (SELECT state != 'approved' OR locked FROM sales WHERE sale_id = NEW.sale_id)
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

CREATE TABLE feed_events (
    event_key TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('sale_voided', 'refunded_elsewhere', 'batch_closed')),
    sale_id TEXT,
    leg INTEGER,
    amount INTEGER CHECK (amount > 0),
    items TEXT CHECK (items IS NULL OR json_valid(items)),
    terminal_id TEXT,
    batch TEXT,
    at TEXT NOT NULL,
    at_ts INTEGER NOT NULL,
    content TEXT NOT NULL,
    import_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_events_sale ON feed_events (sale_id) WHERE sale_id IS NOT NULL;
CREATE INDEX feed_events_batch ON feed_events (terminal_id, batch) WHERE batch IS NOT NULL;
CREATE INDEX feed_events_age ON feed_events (at_ts);
"""

_REFUNDS: Final = """
CREATE TABLE applications (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    sale_id TEXT NOT NULL REFERENCES sales,
    leg INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('refund', 'void', 'cash', 'credit')),
    amount INTEGER NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    operator TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('open', 'refused', 'cancelled', 'sealed', 'done', 'failed')),
    kept INTEGER NOT NULL DEFAULT 0 CHECK (kept IN (0, 1)),
    why TEXT NOT NULL DEFAULT '',
    opened_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    CHECK (amount > 0 OR state = 'refused')
) STRICT;
CREATE INDEX applications_open ON applications (state) WHERE state = 'open';
CREATE INDEX applications_sale ON applications (sale_id);

CREATE TABLE application_items (
    application INTEGER NOT NULL REFERENCES applications,
    sale_id TEXT NOT NULL,
    line INTEGER NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    amount INTEGER NOT NULL,
    PRIMARY KEY (application, line),
    FOREIGN KEY (sale_id, line) REFERENCES lines (sale_id, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX application_items_line ON application_items (sale_id, line);

CREATE TABLE decisions (
    application INTEGER NOT NULL REFERENCES applications,
    seq INTEGER NOT NULL,
    facts TEXT NOT NULL CHECK (json_valid(facts)),
    PRIMARY KEY (application, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE approvals (
    application INTEGER NOT NULL REFERENCES applications,
    seq INTEGER NOT NULL,
    supervisor TEXT NOT NULL,
    name TEXT NOT NULL,
    at TEXT NOT NULL,
    amount INTEGER NOT NULL,
    rule TEXT NOT NULL,
    PRIMARY KEY (application, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE refunds (
    refund_id INTEGER PRIMARY KEY AUTOINCREMENT,
    application INTEGER NOT NULL REFERENCES applications,
    sale_id TEXT NOT NULL,
    leg INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    kind TEXT NOT NULL CHECK (kind IN ('refund', 'void', 'cash', 'credit')),
    state TEXT NOT NULL CHECK (state IN ('sealed', 'not_sent', 'accepted', 'declined', 'unknown',
        'reversing', 'reversed', 'given_up', 'overpaid', 'to_hand_over', 'handed_over',
        'issued')),
    amount INTEGER NOT NULL CHECK (amount > 0),
    done INTEGER NOT NULL DEFAULT 0 CHECK (done BETWEEN 0 AND amount),
    currency TEXT NOT NULL,
    operator TEXT NOT NULL,
    masked TEXT,
    scheme TEXT NOT NULL DEFAULT '',
    funding TEXT NOT NULL DEFAULT 'unknown',
    match TEXT NOT NULL,
    token TEXT,
    stan TEXT,
    batch TEXT,
    original_rrn TEXT NOT NULL DEFAULT '',
    rrn TEXT,
    auth_code TEXT,
    response TEXT,
    cause TEXT,
    answer TEXT CHECK (answer IS NULL OR json_valid(answer)),
    flagged INTEGER NOT NULL DEFAULT 0 CHECK (flagged IN (0, 1)),
    repeats INTEGER NOT NULL DEFAULT 0,
    drawer INTEGER NOT NULL DEFAULT 0,
    sealed_at TEXT NOT NULL,
    sealed_ts INTEGER NOT NULL,
    sealed_on TEXT NOT NULL,
    concluded_at TEXT,
    FOREIGN KEY (sale_id, leg) REFERENCES tenders (sale_id, leg),
    CHECK (kind != 'void' OR state != 'unknown'),
    CHECK (kind = 'void' OR state NOT IN ('reversing', 'reversed')),
    CHECK ((kind = 'cash') = (state IN ('to_hand_over', 'handed_over'))),
    CHECK ((kind = 'credit') = (state = 'issued')),
    CHECK ((state IN ('accepted', 'overpaid', 'to_hand_over', 'handed_over', 'issued'))
        = (done > 0))
) STRICT;
CREATE UNIQUE INDEX refunds_seq ON refunds (sale_id, leg, seq);
CREATE UNIQUE INDEX refunds_stan ON refunds (batch, stan) WHERE stan IS NOT NULL;
CREATE UNIQUE INDEX refunds_live ON refunds (application)
    WHERE state NOT IN ('not_sent', 'declined', 'reversed');
CREATE INDEX refunds_application ON refunds (application);
CREATE INDEX refunds_open ON refunds (refund_id)
    WHERE state IN ('sealed', 'unknown', 'reversing');
CREATE INDEX refunds_given_up ON refunds (stan) WHERE state = 'given_up';
CREATE INDEX refunds_given_up_last ON refunds (refund_id) WHERE state = 'given_up';
CREATE INDEX refunds_cash ON refunds (refund_id) WHERE state = 'to_hand_over';
CREATE INDEX refunds_day ON refunds (sealed_on, operator, state, amount, done);
CREATE INDEX refunds_token ON refunds (token, amount, sealed_ts) WHERE token IS NOT NULL;

CREATE TABLE findings (
    refund_id INTEGER NOT NULL REFERENCES refunds,
    paid INTEGER NOT NULL CHECK (paid IN (0, 1)),
    done INTEGER NOT NULL,
    reference TEXT NOT NULL CHECK (reference != ''),
    operator TEXT NOT NULL,
    first TEXT NOT NULL,
    first_name TEXT NOT NULL,
    first_at TEXT NOT NULL,
    second TEXT NOT NULL,
    second_name TEXT NOT NULL,
    second_at TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    PRIMARY KEY (refund_id, paid),
    CONSTRAINT what_was_paid CHECK (done BETWEEN 0 AND amount AND paid = (done > 0)),
    CONSTRAINT two_people CHECK (first != second AND operator NOT IN (first, second))
) STRICT, WITHOUT ROWID;

CREATE TABLE outcome_files (
    file_id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    source TEXT NOT NULL,
    digest TEXT NOT NULL,
    records INTEGER NOT NULL
) STRICT;

CREATE TABLE outcomes (
    batch TEXT NOT NULL,
    stan TEXT NOT NULL,
    paid INTEGER NOT NULL CHECK (paid IN (0, 1)),
    kind TEXT NOT NULL CHECK (kind IN ('refund', 'void')),
    amount INTEGER NOT NULL CHECK (amount > 0),
    done INTEGER NOT NULL,
    rrn TEXT NOT NULL,
    auth_code TEXT NOT NULL,
    happened_on TEXT NOT NULL,
    reference TEXT NOT NULL CHECK (reference != ''),
    content TEXT NOT NULL,
    file_id INTEGER NOT NULL REFERENCES outcome_files,
    line INTEGER NOT NULL,
    refund_id INTEGER REFERENCES refunds,
    effect TEXT NOT NULL
        CHECK (effect IN ('concluded', 'agrees', 'contradicts', 'left', 'unmatched')),
    PRIMARY KEY (batch, stan, paid),
    CHECK (done BETWEEN 0 AND amount AND paid = (done > 0)),
    CHECK ((refund_id IS NULL) = (effect = 'unmatched'))
) STRICT, WITHOUT ROWID;
CREATE INDEX outcomes_file ON outcomes (file_id);
CREATE INDEX outcomes_refund ON outcomes (refund_id) WHERE refund_id IS NOT NULL;

CREATE TABLE messages (
    refund_id INTEGER PRIMARY KEY REFERENCES refunds,
    mti TEXT NOT NULL,
    header TEXT NOT NULL CHECK (json_valid(header)),
    tpdu TEXT NOT NULL,
    fields TEXT NOT NULL CHECK (json_valid(fields)),
    reversal INTEGER NOT NULL CHECK (reversal IN (0, 1)),
    slot INTEGER REFERENCES key_slots,
    secret BLOB,
    CHECK ((slot IS NULL) = (secret IS NULL))
) STRICT;
"""

_WORK: Final = """
CREATE TABLE print_jobs (
    job_id INTEGER PRIMARY KEY AUTOINCREMENT,
    refund_id INTEGER REFERENCES refunds,
    application INTEGER REFERENCES applications,
    case_id INTEGER REFERENCES cases,
    original INTEGER REFERENCES print_jobs,
    slip TEXT NOT NULL CHECK (json_valid(slip)),
    state TEXT NOT NULL
        CHECK (state IN ('ready', 'sending', 'confirmed', 'unknown', 'dropped')),
    attempt INTEGER NOT NULL DEFAULT 0,
    duplicate INTEGER NOT NULL DEFAULT 0,
    queued_at TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX print_jobs_state ON print_jobs (state, job_id)
    WHERE state IN ('ready', 'sending', 'unknown');
CREATE INDEX print_jobs_refund ON print_jobs (refund_id) WHERE refund_id IS NOT NULL;
CREATE INDEX print_jobs_application ON print_jobs (application) WHERE application IS NOT NULL;
CREATE INDEX print_jobs_case ON print_jobs (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX print_jobs_original ON print_jobs (original) WHERE original IS NOT NULL;

CREATE TABLE cases (
    case_id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    sale_id TEXT NOT NULL REFERENCES sales,
    refund_id INTEGER REFERENCES refunds,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    opened_at TEXT NOT NULL,
    closed_at TEXT,
    facts TEXT NOT NULL CHECK (json_valid(facts)),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX cases_refund ON cases (refund_id, kind) WHERE refund_id IS NOT NULL;
CREATE UNIQUE INDEX cases_sale ON cases (sale_id, kind) WHERE refund_id IS NULL;
CREATE INDEX cases_of_sale ON cases (sale_id);
CREATE INDEX cases_open ON cases (case_id) WHERE state = 'open';

CREATE TABLE closings (
    case_id INTEGER PRIMARY KEY REFERENCES cases,
    at TEXT NOT NULL,
    reference TEXT NOT NULL CHECK (reference != ''),
    operator TEXT NOT NULL,
    first TEXT NOT NULL,
    first_name TEXT NOT NULL,
    second TEXT,
    second_name TEXT,
    counted INTEGER NOT NULL CHECK (counted >= 0),
    CONSTRAINT others CHECK (first != operator AND (second IS NULL) = (second_name IS NULL)
        AND (second IS NULL OR second NOT IN (first, operator)))
) STRICT;
"""

FIRST: Final = _PLACES + _SALES + _REFUNDS + shelf.tables() + _WORK
"""Everything of version 1."""
