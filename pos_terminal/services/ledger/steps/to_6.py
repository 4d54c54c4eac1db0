"""Schema 6, of the version after 0.5.0, from 5. Not released yet: what comes until then comes
into this file."""

from __future__ import annotations

import sqlite3
from typing import Final

from pos_terminal.services.ledger.steps.rebuild import rebuild, statements

_NAMES: Final = """CREATE TABLE case_step_kinds (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO case_step_kinds (name) VALUES
    ('call'),
    ('decision'),
    ('evidence'),
    ('letter'),
    ('message'),
    ('refund'),
    ('slip'),
    ('visit');

CREATE TABLE case_causes (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO case_causes (name) VALUES
    ('acquirer'),
    ('system'),
    ('training'),
    ('typing'),
    ('unauthorised'),
    ('wrong_goods');
INSERT INTO case_kinds (name) VALUES ('account'), ('amount_little'), ('amount_much'), ('complaint'),
    ('goods'), ('time');
"""  # noqa: E501 - a table's text is compared
_CASES: Final = """CREATE TABLE cases (
    case_id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL REFERENCES case_kinds,
    sale_key INTEGER REFERENCES sales,
    refund_id INTEGER REFERENCES refunds,
    over INTEGER NOT NULL DEFAULT 0 CHECK (over >= 0),
    told TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL REFERENCES case_states,
    opened_at TEXT NOT NULL,
    closed_at TEXT,
    due_on TEXT NOT NULL,
    facts TEXT NOT NULL CHECK (json_valid(facts)),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CHECK (refund_id IS NULL OR sale_key IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX cases_refund ON cases (refund_id, kind, told)
    WHERE refund_id IS NOT NULL AND kind NOT IN ('account', 'amount_little', 'amount_much', 'complaint', 'goods', 'slip_disputed', 'time', 'unilateral_debit');
CREATE UNIQUE INDEX cases_sale ON cases (sale_key, kind, told)
    WHERE refund_id IS NULL AND kind NOT IN ('account', 'amount_little', 'amount_much', 'complaint', 'exchange_not_redeemed', 'exchange_not_told', 'goods', 'slip_disputed', 'time', 'unilateral_debit');
CREATE UNIQUE INDEX cases_of_credit ON cases (sale_key, kind, told)
    WHERE kind IN ('exchange_not_redeemed', 'exchange_not_told') AND state = 'open';
CREATE INDEX cases_of_refund ON cases (refund_id);
CREATE UNIQUE INDEX cases_told ON cases (told, kind) WHERE sale_key IS NULL AND told != '';
CREATE INDEX cases_loose ON cases (case_id) WHERE sale_key IS NULL;
CREATE INDEX cases_of_sale ON cases (sale_key);
CREATE INDEX cases_open ON cases (due_on, case_id) WHERE state = 'open';
CREATE INDEX cases_differ ON cases (told) WHERE kind = 'typed_differs';
"""  # noqa: E501 - an index's text is compared
_CLOSINGS: Final = """CREATE TABLE closings (
    case_id INTEGER PRIMARY KEY REFERENCES cases,
    at TEXT NOT NULL,
    reference TEXT NOT NULL CHECK (reference != ''),
    operator TEXT NOT NULL,
    first TEXT NOT NULL,
    first_name TEXT NOT NULL,
    second TEXT,
    second_name TEXT,
    counted INTEGER NOT NULL CHECK (counted >= 0),
    one_payment INTEGER NOT NULL DEFAULT 0 CHECK (one_payment IN (0, 1)),
    cause TEXT REFERENCES case_causes,
    loss_shop INTEGER NOT NULL DEFAULT 0 CHECK (loss_shop >= 0),
    loss_customer INTEGER NOT NULL DEFAULT 0 CHECK (loss_customer >= 0),
    loss_acquirer INTEGER NOT NULL DEFAULT 0 CHECK (loss_acquirer >= 0),
    CONSTRAINT others CHECK (first != operator AND (second IS NULL) = (second_name IS NULL)
        AND (second IS NULL OR second NOT IN (first, operator))),
    CONSTRAINT none_beside CHECK (counted = 0 OR NOT one_payment)
) STRICT;
"""
_STEPS: Final = """CREATE TABLE case_steps (
    case_id INTEGER NOT NULL REFERENCES cases,
    n INTEGER NOT NULL CHECK (n > 0),
    at TEXT NOT NULL,
    operator TEXT NOT NULL,
    kind TEXT NOT NULL REFERENCES case_step_kinds,
    text TEXT NOT NULL CHECK (length(text) <= 500),
    next_on TEXT,
    PRIMARY KEY (case_id, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE case_evidence (
    case_id INTEGER NOT NULL,
    n INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq BETWEEN 1 AND 5),
    kind TEXT NOT NULL REFERENCES evidence_kinds,
    reference TEXT NOT NULL,
    PRIMARY KEY (case_id, n, seq),
    FOREIGN KEY (case_id, n) REFERENCES case_steps (case_id, n)
) STRICT, WITHOUT ROWID;
"""
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
        OR condition = '' AND deduction = 0 AND (reason != '' OR serials || sorts = '[][]')),
    CONSTRAINT pieces CHECK (json_array_length(serials) * 1000 <= quantity),
    FOREIGN KEY (sale_key, line) REFERENCES lines (sale_key, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX application_items_line ON application_items (sale_key, line);
"""
_TOLD_NAMES: Final = """CREATE TABLE outcomes_told (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO outcomes_told (name) VALUES
    ('credited'),
    ('not_paid'),
    ('paid'),
    ('returned');
INSERT INTO outcome_effects (name) VALUES ('credited'), ('overpaid'), ('returned');
INSERT INTO case_kinds (name) VALUES ('returned');
INSERT INTO refund_states (kind, state, paid) VALUES ('manual', 'returned', 1),
    ('refund', 'returned', 1);
"""  # noqa: E501 - a table's text is compared
_OUTCOMES: Final = """CREATE TABLE outcomes (
    batch TEXT NOT NULL,
    stan TEXT NOT NULL,
    paid INTEGER NOT NULL CHECK (paid IN (0, 1)),
    kind TEXT NOT NULL REFERENCES outcome_kinds,
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
    effect TEXT NOT NULL REFERENCES outcome_effects,
    told TEXT NOT NULL REFERENCES outcomes_told,
    arn TEXT NOT NULL DEFAULT '',
    free INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (batch, stan, content),
    CHECK (done BETWEEN 0 AND amount AND (done = 0) = (told = 'not_paid')
        AND paid = (done > 0 AND told != 'returned')),
    CHECK (free BETWEEN 0 AND iif(effect = 'returned', done, 0)),
    CHECK ((refund_id IS NULL) = (effect IN ('of_till', 'paid_unknown', 'unmatched')))
) STRICT, WITHOUT ROWID;
CREATE INDEX outcomes_file ON outcomes (file_id);
CREATE INDEX outcomes_refund ON outcomes (refund_id) WHERE refund_id IS NOT NULL;
CREATE UNIQUE INDEX outcomes_returned ON outcomes (refund_id) WHERE effect = 'returned';
CREATE INDEX outcomes_payment ON outcomes (upper(replace(replace(replace(reference, ' ', ''), '-', ''), '–', ''))) WHERE paid;
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
    recovery_no TEXT NOT NULL DEFAULT '',
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
CREATE INDEX sales_recovery ON sales (recovery_no) WHERE recovery_no != '';
"""
_PAPERS: Final = """CREATE TABLE case_paper_kinds (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO case_paper_kinds (name) VALUES
    ('claim'),
    ('correction'),
    ('enquiry'),
    ('payout'),
    ('recovery');

CREATE TABLE case_papers (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id INTEGER NOT NULL REFERENCES cases,
    at TEXT NOT NULL,
    kind TEXT NOT NULL REFERENCES case_paper_kinds,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    currency TEXT NOT NULL,
    operator TEXT NOT NULL
) STRICT;
CREATE INDEX case_papers_case ON case_papers (case_id);
"""  # noqa: E501 - a table's text is compared
_PAYOUTS: Final = """CREATE TABLE payout_reasons (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO payout_reasons (name) VALUES
    ('freight'),
    ('goodwill');

CREATE TABLE payout_kinds (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO payout_kinds (name) VALUES
    ('cash'),
    ('credit'),
    ('manual');

CREATE TABLE payout_states (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO payout_states (name) VALUES
    ('form_printed'),
    ('handed_over'),
    ('issued'),
    ('to_hand_over');

CREATE TABLE payouts (
    payout_id INTEGER PRIMARY KEY REFERENCES case_papers,
    case_id INTEGER NOT NULL REFERENCES cases,
    at TEXT NOT NULL,
    what TEXT NOT NULL REFERENCES payout_reasons,
    kind TEXT NOT NULL REFERENCES payout_kinds,
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    state TEXT NOT NULL REFERENCES payout_states,
    operator TEXT NOT NULL,
    first TEXT NOT NULL,
    first_name TEXT NOT NULL,
    second TEXT NOT NULL,
    second_name TEXT NOT NULL,
    CONSTRAINT others CHECK (first != operator AND second NOT IN (first, operator)),
    CHECK ((kind = 'manual') = (state = 'form_printed')),
    CHECK ((kind = 'credit') = (state = 'issued'))
) STRICT;
CREATE INDEX payouts_case ON payouts (case_id);
CREATE INDEX payouts_day ON payouts (substr(at, 1, 10));
CREATE INDEX payouts_lying ON payouts (payout_id) WHERE state = 'to_hand_over';
"""  # noqa: E501 - a table's text is compared
_VOUCHERS: Final = """CREATE TABLE vouchers (
    number TEXT PRIMARY KEY CHECK (length(number) = 13 AND number NOT GLOB '*[^0-9]*'),
    refund_id INTEGER REFERENCES refunds,
    payout_id INTEGER REFERENCES payouts ON DELETE CASCADE,
    amount INTEGER NOT NULL CHECK (amount > 0),
    redeemed INTEGER NOT NULL DEFAULT 0,
    currency TEXT NOT NULL,
    state TEXT NOT NULL REFERENCES voucher_states,
    issued_at TEXT NOT NULL,
    replaces TEXT UNIQUE REFERENCES vouchers,
    CONSTRAINT whose CHECK ((refund_id IS NULL) != (payout_id IS NULL)),
    CONSTRAINT voucher_balance CHECK (redeemed BETWEEN 0 AND amount),
    CHECK ((state = 'redeemed') = (redeemed = amount))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX vouchers_living ON vouchers (refund_id)
    WHERE state != 'replaced';
CREATE INDEX vouchers_refund ON vouchers (refund_id);
CREATE UNIQUE INDEX vouchers_living_payout ON vouchers (payout_id)
    WHERE state != 'replaced';
CREATE INDEX vouchers_payout ON vouchers (payout_id) WHERE payout_id IS NOT NULL;
"""
_ORIGINS: Final = """CREATE TABLE voucher_origins (
    refund_id INTEGER NOT NULL PRIMARY KEY REFERENCES refunds,
    paid_by TEXT NOT NULL CHECK (paid_by != ''),
    paid_by_refund INTEGER CHECK (paid_by_refund < refund_id),
    paid_by_payout INTEGER,
    CONSTRAINT whose CHECK (paid_by_refund IS NULL OR paid_by_payout IS NULL)
) STRICT, WITHOUT ROWID;
"""


_RECOVERY: Final = """
INSERT INTO case_kinds (name) VALUES ('recovery_unknown');
"""
_DRAWN: Final = """
CREATE INDEX audit_drawn ON audit (facts ->> 'batch', facts ->> 'stan') WHERE kind = 'draw_stan';
"""


_MISSING: Final = """
DROP TRIGGER no_more_than_came_back;
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


def run(db: sqlite3.Connection) -> None:
    """A line for each concept that changed."""
    for script in (_NAMES, _STEPS, _PAPERS, _PAYOUTS, _RECOVERY, _DRAWN, _MISSING):
        for statement in statements(script):
            db.execute(statement)
    _cases(db)
    rebuild(db, "sales", _SALES)
    rebuild(db, "application_items", _ITEMS)
    rebuild(db, "vouchers", _VOUCHERS)
    rebuild(db, "voucher_origins", _ORIGINS)
    _outcomes(db)


def _outcomes(db: sqlite3.Connection) -> None:
    """Files told of payments alone."""
    for statement in statements(_TOLD_NAMES):
        db.execute(statement)
    rebuild(db, "outcomes", _OUTCOMES, {"told": "iif(paid, 'paid', 'not_paid')"})


def _cases(db: sqlite3.Connection) -> None:
    """Somebody is to look at those of before now; nobody was asked what they cost."""
    rebuild(db, "cases", _CASES, {"due_on": "substr(opened_at, 1, 10)"})
    rebuild(db, "closings", _CLOSINGS)
