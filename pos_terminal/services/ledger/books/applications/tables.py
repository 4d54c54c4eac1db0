"""Tables, witness and lists of applications."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from typing import Any, Final

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.digest import digest
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.invoice import Answered
from pos_terminal.core.items import Item
from pos_terminal.core.looked import Deducted, Disposition
from pos_terminal.core.print_job import UNPRINTED
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.refund import Kind
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.books.applications.items import (
    ITEM,
    as_fact,
    item_of,
    looked_fact,
)
from pos_terminal.services.ledger.books.applications.tickets import LISTING
from pos_terminal.services.ledger.books.applications.writes import (
    STANDS,
    begin,
    note_mark,
    person_mark,
)
from pos_terminal.services.ledger.books.book import (
    ENTRY,
    MOMENT,
    Aged,
    Book,
    Gone,
    HeldBy,
    Invariant,
    Listing,
    Log,
    Loose,
    Numbered,
    Query,
)
from pos_terminal.services.ledger.names import Names, among
from pos_terminal.services.ledger.spans import NONE, Spans

_PAYING: Final = among((ApplicationState.SEALED, ApplicationState.DONE, ApplicationState.FAILED))
_TABLES: Final = f"""
CREATE TABLE applications (
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
    CHECK (amount > 0 OR state = '{ApplicationState.REFUSED}'
        OR amount = 0 AND kind = '{Kind.EXCHANGE}'),
    CONSTRAINT red_letter CHECK ((invoice IS '{Answered.RED_LETTER}') = (invoice_no != '')),
    CONSTRAINT of_a_sale CHECK (sale_key > 0 AND leg > 0 OR state NOT IN {_PAYING})
) STRICT;
CREATE INDEX applications_open ON applications (state) WHERE state = '{ApplicationState.OPEN}';
CREATE INDEX applications_ticket ON applications (ticket, place, number);
CREATE INDEX applications_sale ON applications (sale_key);
CREATE INDEX applications_loose ON applications (number) WHERE sale_key IS NULL;

CREATE TABLE application_items (
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

CREATE TABLE decisions (
    application INTEGER NOT NULL REFERENCES applications,
    seq INTEGER NOT NULL,
    facts TEXT NOT NULL CHECK (json_valid(facts)),
    PRIMARY KEY (application, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE approvals (
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
_LIST: Final = """SELECT number, ticket, place, sale_key, sale_id, leg, kind, a.amount, owed,
    reason, goods_back, operator, a.invoice, a.invoice_no, a.state, why, opened_at
    FROM applications a LEFT JOIN sales USING (sale_key) ORDER BY number DESC LIMIT :limit"""
_LIST_ITEMS: Final = """SELECT i.line, l.name, i.quantity, i.amount, i.worth, i.reason,
    i.condition, i.disposition, i.deduction, i.deducted_for, i.serials, i.sorts
    FROM application_items i JOIN lines l USING (sale_key, line)
    WHERE i.application = :number ORDER BY i.line"""
_PLAN: Final = f"""SELECT ticket, place FROM applications
    WHERE state IN {among((ApplicationState.OPEN, ApplicationState.SEALED))}
    GROUP BY ticket, place HAVING count(*) > 1 LIMIT 1"""
"""One leg is on its way once."""
_GOING_ON: Final = among((ApplicationState.OPEN, ApplicationState.SEALED))
_AGED: Final = "IN (SELECT value FROM json_each(:numbers))"
_OF_NUMBERS: Final = "IN (SELECT value FROM json_each(:applications))"
_SALE_STAYS: Final = f"""EXISTS (SELECT 1 FROM applications a WHERE a.sale_key = s.sale_key
        AND (a.state IN {_GOING_ON} OR substr(a.changed_at, 1, 10) >= :quiet))"""
_STAYS: Final = f"x.state IN {_GOING_ON} OR substr(x.changed_at, 1, 10) >= :before"
_LOOSE_STAYS: Final = f"""x.state IN {_GOING_ON} OR substr(x.changed_at, 1, 10) >= :quiet
    OR EXISTS (SELECT 1 FROM print_jobs j WHERE j.application = x.number
        AND j.state IN {among(UNPRINTED)})"""


def _witness(db: sqlite3.Connection, log: Log) -> None:
    gone = log.purged["applications"]
    _check_opened(db, log, gone)
    _check_items(db, log, gone)
    _check_answers(db, log, gone)
    _check_approvals(db, log)


def _check_approvals(db: sqlite3.Connection, log: Log) -> None:
    """Whoever said yes is who the log says; the name may be gone for its age."""
    facts = ("application", "answer", "question", "supervisor", "said_at", "amount", "rule")
    names = {(e["application"], e["answer"]): e["person"] for e in log.entries["approval"]}
    gone = log.purged["applications"]
    logged = sorted(
        (*(entry[name] for name in facts), entry.get("plan", ""))
        for entry in log.entries["approval"]
        if entry["application"] not in gone
    )
    erased = log.purged.erased.get(purges.REFUNDS, NONE)
    stored = []
    for *row, name in db.execute(
        "SELECT application, seq, question, supervisor, at, amount, rule, plan, name FROM approvals"
    ):
        number, seq, _, supervisor, *_ = row
        right = person_mark(log.key, number, supervisor, name) == names.get((number, seq))
        if (name != "") if number in erased else not right:
            raise Failure("ledger.tampered", what="approvals")
        stored.append(tuple(row))
    if logged != sorted(stored):
        raise Failure("ledger.tampered", what="approvals")


def _check_opened(db: sqlite3.Connection, log: Log, gone: Spans) -> None:
    """Every application is of the ticket, the sale, the leg, the amount, the reason, the operator
    and the answers about goods and the invoice that it was opened with, and stands where the newest
    entry says that moved it. One from before there were tickets is its own."""
    of_it = ("sale_key", "leg", "refund_kind", "amount", "owed", "reason", "operator", MOMENT)
    opened, joined = ("application", *of_it, "note"), sales.Joined.of(log)
    logged = {
        f["application"]: (
            *(f.get("ticket", f["application"]), f.get("place", 1)),
            *(f.get("invoice"), f.get("invoice_no", "")),
            *(f[name] for name in opened),
            f.get("goods_back"),
        )
        for f in map(joined.now, log.entries["application"])
        if "leg" in f and f["application"] not in gone
    }
    stood: dict[int, tuple[int, str]] = defaultdict(lambda: (0, ""))
    for entry in (*log.entries["application"], *log.entries["refund"]):
        if "stands" in entry:
            newest = (entry[ENTRY], entry["stands"])
            stood[entry["application"]] = max(stood[entry["application"]], newest)
    erased = log.purged.erased.get(purges.REFUNDS, NONE)
    for ticket, place, invoice, invoice_no, *row, note, back, stands in db.execute(
        f"""SELECT ticket, place, invoice, invoice_no, number, sale_key, leg, kind, amount, owed,
        reason, operator, opened_at, note, goods_back, {STANDS} FROM applications a"""
    ):
        *told, noted, said = logged.pop(row[0], (None, None))
        right = told == [ticket, place, invoice, invoice_no, *row] and stood[row[0]][1] == stands
        right &= said == back
        right &= note == "" if row[0] in erased else note_mark(log.key, row[0], note) == noted
        if not right:
            raise Failure("ledger.tampered", what="applications")
    if logged:
        raise Failure("ledger.tampered", what="applications")


def _check_items(db: sqlite3.Connection, log: Log, gone: Spans) -> None:
    """Every application names the goods that it was opened with, and what was found of them."""
    logged = {
        f["application"]: (f["items"], f.get("looked", ""))
        for f in log.entries["application"]
        if f.get("items") and f["application"] not in gone
    }
    stored: dict[int, list[Item]] = defaultdict(list)
    for row in db.execute(
        f"""SELECT application, {ITEM}, i.sale_key = a.sale_key AS of_sale
        FROM application_items i JOIN applications a ON a.number = i.application"""
    ):
        if not row["of_sale"]:
            raise Failure("ledger.tampered", what="goods of applications")
        stored[row["application"]].append(item_of(row))
    if logged != {number: (as_fact(of), looked_fact(of)) for number, of in stored.items()}:
        raise Failure("ledger.tampered", what="goods of applications")


def _check_answers(db: sqlite3.Connection, log: Log, gone: Spans) -> None:
    """What the rules answered is what was stored then, in that order."""
    logged: dict[int, list[str]] = defaultdict(list)
    for kind in ("application", "decision"):
        for entry in log.entries[kind]:
            if entry.get("answers") and entry["application"] not in gone:
                logged[entry["application"]] += entry["answers"].split()
    stored: dict[int, list[str]] = defaultdict(list)
    for number, seq, text in db.execute(
        "SELECT application, seq, facts FROM decisions ORDER BY application, seq"
    ):
        stored[number].append(digest(text))
        if seq != len(stored[number]):
            raise Failure("ledger.tampered", what="decisions")
    if logged != stored:
        raise Failure("ledger.tampered", what="decisions")


def _sorts_shown(text: str) -> list[dict[str, Any]]:
    """What of them is other goods than those sold."""
    return [
        {"sku": sku, "code": code, "quantity": format_quantity(quantity), "serials": serials}
        for sku, code, quantity, serials in json.loads(text)
    ]


def items_shown(query: Query, number: int) -> list[dict[str, Any]]:
    """The goods that an application names, for a list."""
    return [
        sales.readable(item)
        | {"serials": json.loads(item["serials"]), "sorts": _sorts_shown(item["sorts"])}
        for item in query(_LIST_ITEMS, {"number": number})
    ]


def _shown(query: Query, row: dict[str, Any]) -> dict[str, Any]:
    answer, number = row["invoice"], row.pop("invoice_no")
    row["invoice"] = None if answer is None else {"answer": answer, "number": number}
    return row | {"items": items_shown(query, row["number"])}


BOOK: Final = Book(
    names=(
        Names.of("refund_kinds", Kind),
        Names.of("application_states", ApplicationState),
        Names.of("dispositions", Disposition),
        Names.of("deductions", Deducted),
        Names.of("goods_answers", GoodsBack),
        Names.of("invoice_answers", Answered),
    ),
    tables=_TABLES,
    begins=begin,
    entries={
        "application": HeldBy("application", "applications", "number"),
        "approval": HeldBy("application", "applications", "number"),
        "decision": HeldBy("application", "applications", "number"),
    },
    witness=_witness,
    invariants=(Invariant("plan of ticket", _PLAN),),
    numbered=(Numbered("applications", "number"),),
    loose=(Loose("applications", "number", "opened_at", _LOOSE_STAYS),),
    goes=(
        Gone("applications", f"number {_OF_NUMBERS}"),
        *(
            Gone(table, f"application {_OF_NUMBERS}")
            for table in ("approvals", "decisions", "application_items")
        ),
    ),
    aged=(
        Aged(
            name=purges.REFUNDS,
            table="applications",
            number="number",
            at="opened_at",
            days=lambda retention: retention.refunds_days,
        ),
    ),
    erased={
        purges.REFUNDS: (
            f"UPDATE applications SET note = '' WHERE number {_AGED}",
            f"UPDATE approvals SET name = '' WHERE application {_AGED}",
        )
    },
    stays={purges.REFUNDS: _STAYS},
    sale_stays=_SALE_STAYS,
    lists=(
        Listing(
            name="applications",
            sql=_LIST,
            columns=(
                *("number", "opened_at", "operator", "kind", "state", "amount", "sale_id", "why"),
            ),
            shown=_shown,
        ),
        LISTING,
    ),
)
