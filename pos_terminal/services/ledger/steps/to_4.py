"""Schema 4, of 0.4.0, from 3."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from pos_terminal.services.ledger.steps.rebuild import rebuild, statements

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
    operator TEXT NOT NULL,
    state TEXT NOT NULL REFERENCES application_states,
    kept INTEGER NOT NULL DEFAULT 0 CHECK (kept IN (0, 1)),
    why TEXT NOT NULL DEFAULT '',
    opened_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    UNIQUE (number, operator),
    CHECK (amount > 0 OR state = 'refused'),
    CONSTRAINT of_a_sale CHECK (sale_key > 0 AND leg > 0 OR state NOT IN ('done', 'failed', 'sealed'))
) STRICT;
CREATE INDEX applications_open ON applications (state) WHERE state = 'open';
CREATE INDEX applications_ticket ON applications (ticket, place, number);
CREATE INDEX applications_sale ON applications (sale_key);
CREATE INDEX applications_loose ON applications (number) WHERE sale_key IS NULL;
"""  # noqa: E501 - a table's text is compared
_APPROVALS: Final = """CREATE TABLE approvals (
    application INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    question INTEGER NOT NULL CHECK (question > 0),
    operator TEXT NOT NULL,
    supervisor TEXT NOT NULL,
    name TEXT NOT NULL,
    at TEXT NOT NULL,
    amount INTEGER NOT NULL,
    rule TEXT NOT NULL,
    plan TEXT NOT NULL,
    PRIMARY KEY (application, seq),
    CONSTRAINT two_people UNIQUE (application, question, supervisor),
    CONSTRAINT another CHECK (supervisor != operator),
    FOREIGN KEY (application, operator) REFERENCES applications (number, operator)
) STRICT, WITHOUT ROWID;
"""
_FINDING: Final = """CREATE INDEX sales_amount ON sales (amount, sold_ts);
CREATE INDEX sales_gift ON sales (gift_receipt_no, sold_ts) WHERE gift_receipt_no != '';
CREATE INDEX tenders_amount ON tenders (amount, sold_ts);
CREATE INDEX tenders_last_four ON tenders (substr(masked, -4), sold_ts, sale_key, masked)
    WHERE masked IS NOT NULL;
CREATE TABLE goods_codes (
    sale_key INTEGER NOT NULL REFERENCES sales,
    code TEXT NOT NULL CHECK (code != ''),
    sold_ts INTEGER NOT NULL,
    price INTEGER CHECK (price >= 0),
    PRIMARY KEY (sale_key, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_codes_code ON goods_codes (code, sold_ts);
CREATE INDEX goods_codes_price ON goods_codes (code, price, sold_ts) WHERE price IS NOT NULL;
"""
_TENDERS: Final = """CREATE TABLE tenders (
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
    funding TEXT NOT NULL DEFAULT 'unknown' REFERENCES fundings,
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
    CONSTRAINT card CHECK (kind = 'card' OR coalesce(masked, token, token_key_id, par)
        IS NULL AND scheme = '' AND funding = 'unknown'),
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
CREATE INDEX tenders_amount ON tenders (amount, sold_ts);
CREATE INDEX tenders_told ON tenders (told, sold_ts) WHERE told != amount;
CREATE INDEX tenders_last_four ON tenders (substr(masked, -4), sold_ts, sale_key, masked)
    WHERE masked IS NOT NULL;
CREATE TRIGGER hold_needs_approved_sale BEFORE UPDATE OF held ON tenders
WHEN NEW.held > OLD.held
    AND (SELECT state != 'approved' OR locked FROM sales WHERE sale_key = NEW.sale_key)
BEGIN
    SELECT RAISE(ABORT, 'a hold on a sale that is not approved, or locked');
END;
CREATE TRIGGER one_hold_of_a_sale BEFORE UPDATE OF held ON tenders
WHEN NEW.held > OLD.held
    AND EXISTS (SELECT 1 FROM tenders t WHERE t.sale_key = NEW.sale_key AND t.held >
        (SELECT coalesce(sum(r.amount), 0) FROM refunds r WHERE r.sale_key = t.sale_key
            AND r.leg = t.leg AND r.state = 'form_printed'))
BEGIN
    SELECT RAISE(ABORT, 'a hold on a sale that has an open refund');
END;
"""
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
    CONSTRAINT others CHECK (first != operator AND (second IS NULL) = (second_name IS NULL)
        AND (second IS NULL OR second NOT IN (first, operator))),
    CONSTRAINT none_beside CHECK (counted = 0 OR NOT one_payment)
) STRICT;
"""
_BLIND: Final = """CREATE TABLE blind_sales (
    sale_key INTEGER PRIMARY KEY REFERENCES sales,
    application INTEGER NOT NULL UNIQUE REFERENCES applications,
    made_ts INTEGER NOT NULL,
    customer TEXT,
    card TEXT,
    lowest TEXT NOT NULL CHECK (json_type(lowest) = 'object')
) STRICT;
CREATE INDEX blind_customer ON blind_sales (customer, made_ts) WHERE customer IS NOT NULL;
CREATE INDEX blind_card ON blind_sales (card, made_ts) WHERE card IS NOT NULL;
INSERT INTO sale_origins (name) VALUES ('blind');
"""
_SOLD: Final = """SELECT l.sale_key, s.sold_ts, l.line, l.kind, l.quantity, l.unit_price, l.paid,
    l.promotion, l.sku, l.barcodes,
    (SELECT coalesce(sum(t.told), 0) FROM tenders t WHERE t.sale_key = l.sale_key)
    FROM lines l JOIN sales s USING (sale_key) ORDER BY l.sale_key, l.line"""


class _Line(NamedTuple):
    sale_key: int
    sold_ts: int
    line: int
    kind: str
    quantity: int
    unit_price: int
    paid: int | None
    promotion: str
    sku: str
    barcodes: str
    told: int


_EXCEPTIONS: Final = """CREATE TABLE exceptionals (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO exceptionals (name) VALUES
    ('account_closed'),
    ('card_lost'),
    ('declined'),
    ('gift'),
    ('returned');
CREATE TABLE evidence_kinds (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO evidence_kinds (name) VALUES
    ('acquirer'),
    ('bank_letter'),
    ('other'),
    ('photo'),
    ('police_report'),
    ('statement');
CREATE TABLE exceptions (
    application INTEGER NOT NULL PRIMARY KEY REFERENCES applications,
    exception TEXT NOT NULL REFERENCES exceptionals
) STRICT, WITHOUT ROWID;
CREATE TABLE evidence (
    application INTEGER NOT NULL REFERENCES exceptions,
    seq INTEGER NOT NULL CHECK (seq BETWEEN 1 AND 5),
    kind TEXT NOT NULL REFERENCES evidence_kinds,
    reference TEXT NOT NULL,
    PRIMARY KEY (application, seq)
) STRICT, WITHOUT ROWID;
"""  # noqa: E501 - a table's text is compared
_MANUAL: Final = """CREATE TABLE form_confirmations (
    refund_id INTEGER NOT NULL PRIMARY KEY REFERENCES refunds,
    done INTEGER NOT NULL CHECK (done > 0),
    reference TEXT NOT NULL CHECK (reference != ''),
    operator TEXT NOT NULL,
    supervisor TEXT NOT NULL,
    name TEXT NOT NULL,
    at TEXT NOT NULL,
    CONSTRAINT another CHECK (supervisor != operator)
) STRICT, WITHOUT ROWID;
CREATE INDEX form_confirmations_payment ON form_confirmations (upper(replace(replace(replace(reference, ' ', ''), '-', ''), '–', '')));
CREATE INDEX findings_payment ON findings (upper(replace(replace(replace(reference, ' ', ''), '-', ''), '–', ''))) WHERE paid;
CREATE INDEX outcomes_payment ON outcomes (upper(replace(replace(replace(reference, ' ', ''), '-', ''), '–', ''))) WHERE paid;
CREATE INDEX refunds_rrn ON refunds (rrn COLLATE NOCASE) WHERE rrn IS NOT NULL;
CREATE INDEX refunds_forms ON refunds (refund_id) WHERE state = 'form_printed';
CREATE INDEX refunds_withdrawn ON refunds (refund_id) WHERE state = 'withdrawn';
DROP TRIGGER one_hold_of_a_sale;
CREATE TRIGGER one_hold_of_a_sale BEFORE UPDATE OF held ON tenders
WHEN NEW.held > OLD.held
    AND EXISTS (SELECT 1 FROM tenders t WHERE t.sale_key = NEW.sale_key AND t.held >
        (SELECT coalesce(sum(r.amount), 0) FROM refunds r WHERE r.sale_key = t.sale_key
            AND r.leg = t.leg AND r.state = 'form_printed'))
BEGIN
    SELECT RAISE(ABORT, 'a hold on a sale that has an open refund');
END;
INSERT INTO refund_kinds (name) VALUES ('manual');
INSERT INTO causes (name) VALUES ('account_refused');
INSERT INTO outcome_kinds (name) VALUES ('manual');
INSERT INTO refund_states (kind, state, paid) VALUES ('manual', 'confirmed', 1),
    ('manual', 'form_printed', 0), ('manual', 'overpaid', 1), ('manual', 'withdrawn', 0);
"""  # noqa: E501 - a table's text is compared


_VOUCHER_ORIGINS: Final = """CREATE TABLE voucher_origins (
    refund_id INTEGER NOT NULL PRIMARY KEY REFERENCES refunds,
    paid_by TEXT NOT NULL CHECK (paid_by != ''),
    paid_by_refund INTEGER CHECK (paid_by_refund < refund_id)
) STRICT, WITHOUT ROWID"""
_POINTS: Final = """CREATE TABLE points_movements (
    movement INTEGER PRIMARY KEY AUTOINCREMENT,
    refund_id INTEGER NOT NULL UNIQUE REFERENCES refunds,
    amount INTEGER NOT NULL CHECK (amount > 0),
    at TEXT NOT NULL
) STRICT"""


def run(db: sqlite3.Connection) -> None:
    """A line for each concept that changed."""
    _tickets(db)
    _credits(db)
    _finding(db)
    _manual(db)
    _exceptions(db)
    _blind(db)
    # a refund by reference (R29)
    db.execute("INSERT INTO card_matches (name) VALUES ('by_reference')")
    _typed(db)


def _tickets(db: sqlite3.Connection) -> None:
    """Each application of before is a ticket of its own, and nobody approved a plan."""
    rebuild(db, "applications", _APPLICATIONS, {"ticket": "number", "place": "1"})
    rebuild(db, "approvals", _APPROVALS, {"plan": "''"})


def _finding(db: sqlite3.Connection) -> None:
    """Sales are found by amount, day, last four digits and goods, and by a gift receipt. The least
    that was paid for a piece of goods is known."""
    for statement in statements(_FINDING):
        db.execute(statement)
    db.executemany(
        "INSERT INTO goods_codes (sale_key, code, sold_ts, price) VALUES (?, ?, ?, ?)",
        (
            row
            for lines in _by_sale(map(_Line._make, db.execute(_SOLD)))
            for row in _codes_of_sale(lines)
        ),
    )


def _by_sale(lines: Iterable[_Line]) -> Iterator[list[_Line]]:
    """Those of each sale together: they come in its order."""
    together: list[_Line] = []
    for line in lines:
        if together and together[0].sale_key != line.sale_key:
            yield together
            together = []
        together.append(line)
    if together:
        yield together


def _blind(db: sqlite3.Connection) -> None:
    """Goods come back without a receipt, too."""
    for statement in statements(_BLIND):
        db.execute(statement)


def _codes_of_sale(lines: Sequence[_Line]) -> Iterator[tuple[int, str, int, int | None]]:
    """Each code once, with the least that was paid for a piece, rounded down."""
    worth, found = _worths(lines), dict[str, int | None]()
    for line in lines:
        if line.kind == "discount":
            continue
        sold = line.quantity > 0
        price = worth.get(line.line, 0) * 1000 // line.quantity if sold else None
        for code in (
            one for text in (line.sku, *json.loads(line.barcodes)) for one in _codes(text)
        ):
            told = [one for one in (found.get(code), price) if one is not None]
            found[code] = min(told, default=None)
    for code in sorted(found):
        yield lines[0].sale_key, code, lines[0].sold_ts, found[code]


def _worths(lines: Sequence[_Line]) -> dict[int, int]:
    """What was paid for each line: its own, or its part of what was paid for several."""
    told = any(line.paid is not None for line in lines)
    found = {
        line.line: line.paid or 0 if told else _listed(line) for line in lines if line.kind == "fee"
    }
    goods = [line for line in lines if line.kind == "goods"]
    pools = _pools(lines, goods) if told else [(goods, 1)] if goods else []
    pot = max(0, lines[0].told - sum(found.values()))
    for (pool, _), money in zip(pools, _share(pot, [paid for _, paid in pools]), strict=True):
        sold = [line for line in pool if line.quantity]
        weights = [line.quantity * line.unit_price for line in sold]
        parts = _share(money, weights if any(weights) else [line.quantity for line in sold])
        found |= zip((line.line for line in sold), parts, strict=True)
    return found


def _pools(lines: Sequence[_Line], goods: Sequence[_Line]) -> list[tuple[list[_Line], int]]:
    """Goods that share money with each other: each by itself, and those of a promotion."""
    groups: dict[str, list[_Line]] = {}
    for line in lines:
        if line.promotion and line.kind != "fee":
            groups.setdefault(line.promotion, []).append(line)
    of_goods = {line.promotion for line in goods if line.promotion}
    alone = [([line], line.paid or 0) for line in goods if not line.promotion]
    return alone + [
        ([one for one in group if one.kind == "goods"], sum(one.paid or 0 for one in group))
        for name, group in groups.items()
        if name in of_goods
    ]


def _listed(line: _Line) -> int:
    parts = 1_000 * 1_000_000
    return (2 * line.quantity * line.unit_price + parts) // (2 * parts)


def _share(amount: int, weights: Sequence[int]) -> list[int]:
    """In parts as the weights are, the largest remainders first."""
    total = sum(weights)
    if not total:
        return [amount if place == 0 else 0 for place in range(len(weights))]
    parts = [divmod(amount * weight, total) for weight in weights]
    missing = amount - sum(whole for whole, _ in parts)
    first = set(sorted(range(len(parts)), key=lambda place: -parts[place][1])[:missing])
    return [whole + (place in first) for place, (whole, _) in enumerate(parts)]


def _codes(code: str) -> Iterator[str]:
    """As goods are compared: retail codes without zeros before them, UPC-E as UPC-A besides."""
    digits = code.isascii() and code.isdigit()
    plain = code.lstrip("0") if digits and len(code) in (12, 13, 14) else code
    if plain:
        yield plain
    if digits and len(code) == 8 and code[0] in "01":
        long = _upc_a(code)
        weighed = sum(int(one) * (3, 1)[place % 2] for place, one in enumerate(long[::-1], 1))
        if weighed % 10 == 0 and long.lstrip("0"):
            yield long.lstrip("0")


def _upc_a(code: str) -> str:
    system, body, check = code[0], code[1:7], code[7]
    last = body[5]
    if last in "012":
        middle = f"{body[:2]}{last}0000{body[2:5]}"
    elif last == "3":
        middle = f"{body[:3]}00000{body[3:5]}"
    elif last == "4":
        middle = f"{body[:4]}00000{body[4]}"
    else:
        middle = f"{body[:5]}0000{last}"
    return f"{system}{middle}{check}"


def _manual(db: sqlite3.Connection) -> None:
    """People carry a refund out elsewhere: it holds its own amount, and nothing else of its
    sale. There was none before."""
    for statement in statements(_MANUAL):
        db.execute(statement)
    rebuild(db, "closings", _CLOSINGS)


def _exceptions(db: sqlite3.Connection) -> None:
    """Why money went back by another tender, and what shows it. It never did before."""
    for statement in statements(_EXCEPTIONS):
        db.execute(statement)


def _typed(db: sqlite3.Connection) -> None:
    """A clerk may type a payment that no till has told of. None was typed before."""
    db.execute("INSERT INTO sale_origins (name) VALUES ('typed')")
    db.execute("INSERT INTO sale_states (name) VALUES ('withdrawn')")
    db.execute("INSERT INTO card_matches (name) VALUES ('acquirer')")
    db.execute("INSERT INTO case_kinds (name) VALUES ('typed_differs')")
    db.execute("CREATE INDEX cases_differ ON cases (told) WHERE kind = 'typed_differs'")
    db.execute(
        "CREATE INDEX audit_withdrawn ON audit (facts ->> 'sale_key')"
        " WHERE kind = 'typed_withdrawn'"
    )
    rebuild(db, "tenders", _TENDERS)


def _credits(db: sqlite3.Connection) -> None:
    """No leg paid by a voucher or in points went back before."""
    db.execute(_VOUCHER_ORIGINS)
    db.execute(_POINTS)
    db.execute("INSERT INTO case_kinds (name) VALUES ('voucher_not_redeemed')")
    db.execute("INSERT INTO refund_kinds (name) VALUES ('points')")
    db.execute("INSERT INTO refund_states (kind, state, paid) VALUES ('points', 'booked', 1)")
