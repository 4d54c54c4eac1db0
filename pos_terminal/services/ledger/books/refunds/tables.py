"""What the ledger has of refunds, how ``verify`` looks at it, and what goes by age."""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import datetime
from typing import Any, Final

from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import (
    AS_CREDIT,
    LAPSED,
    OPEN,
    PAID,
    STATES,
    UNFINISHED,
    UNPAID,
    CardMatch,
    Kind,
    State,
)
from pos_terminal.core.sale import Funding
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import audit, purges
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.books.applications import items_shown
from pos_terminal.services.ledger.books.book import (
    Book,
    EntryFacts,
    Gone,
    HeldBy,
    Listing,
    Log,
    Numbered,
    Query,
)
from pos_terminal.services.ledger.names import Names, among
from pos_terminal.services.ledger.spans import NONE

_TABLES: Final = f"""
CREATE TABLE refunds (
    refund_id INTEGER PRIMARY KEY AUTOINCREMENT,
    application INTEGER NOT NULL REFERENCES applications,
    sale_key INTEGER NOT NULL,
    leg INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0 OR amount = 0 AND kind = '{Kind.EXCHANGE}'),
    done INTEGER NOT NULL DEFAULT 0 CHECK (done BETWEEN 0 AND amount),
    paid INTEGER NOT NULL GENERATED ALWAYS AS (done > 0) VIRTUAL,
    currency TEXT NOT NULL,
    operator TEXT NOT NULL,
    masked TEXT,
    scheme TEXT NOT NULL DEFAULT '',
    funding TEXT NOT NULL DEFAULT '{Funding.UNKNOWN}' REFERENCES fundings,
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
    reversal TEXT CHECK (reversal IS NULL OR (json_valid(reversal) AND kind = '{Kind.VOID}')),
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
CREATE UNIQUE INDEX refunds_live ON refunds (application) WHERE state NOT IN {among(LAPSED)};
CREATE INDEX refunds_application ON refunds (application);
CREATE INDEX refunds_open ON refunds (refund_id) WHERE state IN {among(OPEN)};
CREATE INDEX refunds_unpaid ON refunds (stan) WHERE state IN {among(UNPAID)};
CREATE INDEX refunds_given_up_last ON refunds (refund_id) WHERE state = '{State.GIVEN_UP}';
CREATE INDEX refunds_called_stolen ON refunds (cause, refund_id)
    WHERE cause = '{Cause.CARD_REFUSED}';
CREATE INDEX refunds_cash ON refunds (refund_id) WHERE state = '{State.TO_HAND_OVER}';
CREATE INDEX refunds_forms ON refunds (refund_id) WHERE state = '{State.FORM_PRINTED}';
CREATE INDEX refunds_withdrawn ON refunds (refund_id) WHERE state = '{State.WITHDRAWN}';
CREATE INDEX refunds_day ON refunds (sealed_on, operator, state, amount, done);
CREATE INDEX refunds_token ON refunds (token, amount, sealed_ts) WHERE token IS NOT NULL;
CREATE INDEX refunds_rrn ON refunds (rrn COLLATE NOCASE) WHERE rrn IS NOT NULL;
CREATE INDEX refunds_par ON refunds (par, amount, sealed_ts) WHERE par IS NOT NULL;
"""
_STATES: Final = Names(
    "refund_states",
    ("kind", "state", "paid"),
    frozenset(
        (kind.value, state.value, paid)
        for kind in Kind
        for state in STATES[kind]
        for paid in ((0, 1) if state in AS_CREDIT else (int(state in PAID),))
    ),
)
"""What each kind of refund can be, and whether money is given back then."""
_LIST: Final = """SELECT r.refund_id, r.application, r.kind, r.state, r.amount, r.done,
    r.currency, r.sale_key, s.sale_id, r.leg, r.seq, r.operator, r.masked, r.scheme, r.match,
    r.batch, r.stan, r.rrn, r.original_rrn, r.auth_code, r.response, r.cause, r.flagged, r.repeats,
    r.sealed_at, r.concluded_at, r.reversal ->> 'response' AS reversal_response,
    r.reversal ->> 'rrn' AS reversal_rrn, r.reversal ->> 'at' AS reversal_at, a.reason, a.note
    FROM refunds r
    JOIN applications a ON a.number = r.application
    JOIN sales s ON s.sale_key = r.sale_key
    ORDER BY r.refund_id DESC LIMIT :limit"""
_ERASED: Final = f"""UPDATE refunds SET masked = NULL, answer = NULL, reversal = NULL,
    token = iif(cause = '{Cause.CARD_REFUSED}', token, NULL),
    par = iif(cause = '{Cause.CARD_REFUSED}', par, NULL)
    WHERE application IN (SELECT value FROM json_each(:numbers))"""
"""By which a card that the acquirer called stolen is known stays: the rule asks for it."""
_SALE_STAYS: Final = f"""EXISTS (SELECT 1 FROM refunds r WHERE r.sale_key = s.sale_key
        AND (r.state IN {among(UNFINISHED)} OR r.batch = :batch
        OR substr(coalesce(r.concluded_at, r.sealed_at), 1, 10) >= :quiet))"""
_APPLICATION_STAYS: Final = f"""EXISTS (SELECT 1 FROM refunds r WHERE r.application = x.number
            AND (r.state IN {among(UNFINISHED)}
            OR substr(coalesce(r.concluded_at, r.sealed_at), 1, 10) >= :before))"""
_SLIP_STAYS: Final = f"""EXISTS (SELECT 1 FROM refunds r WHERE r.refund_id = x.refund_id
            AND r.state IN {among(UNFINISHED)})"""
_FACTS: Final = (
    ("application", "application"),
    ("sale_key", "sale_key"),
    ("leg", "leg"),
    ("refund_kind", "kind"),
    ("state", "state"),
    ("amount", "amount"),
    ("done", "done"),
    ("operator", "operator"),
    ("stan", "stan"),
    ("batch", "batch"),
    ("rrn", "rrn"),
    ("response", "response"),
    ("cause", "cause"),
    ("repeats", "repeats"),
    ("seq", "seq"),
    ("currency", "currency"),
    ("scheme", "scheme"),
    ("match", "match"),
    ("auth_code", "auth_code"),
    ("flagged", "flagged"),
    ("funding", "funding"),
    ("original_rrn", "original_rrn"),
    ("sealed_at", "sealed_at"),
    ("concluded_at", "concluded_at"),
)
"""Of an entry, and the columns that they stand for."""


def card_mark(key: bytes, row: sqlite3.Row) -> str:
    """Stands for the card and for what the acquirer answered in the audit log, which keeps its
    facts longer than card data."""
    names = ("refund_id", "masked", "answer", "reversal")
    return audit.mark(key, "card", *(row[name] for name in names))


def account_mark(key: bytes, row: sqlite3.Row) -> str:
    """The same for what a card is known by."""
    return audit.mark(key, "account", *(row[name] for name in ("refund_id", "token", "par")))


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """Every refund is as its newest entry says, and none is missing or back again."""
    gone = log.purged["refunds"]
    joined = sales.Joined.of(log)
    newest = {entry["refund"]: joined.now(entry) for entry in log.entries["refund"]}
    pulses = Counter(entry["refund"] for entry in log.entries["drawer"])
    for row in db.execute("SELECT * FROM refunds"):
        if row["drawer"] != pulses[row["refund_id"]]:
            raise Failure("ledger.tampered", what=f"drawer of refund {row['refund_id']}")
        entry = newest.pop(row["refund_id"], None)
        if entry is None or row["refund_id"] in gone or _differs(row, entry, log):
            raise Failure("ledger.tampered", what=f"refund {row['refund_id']}")
    for refund_id in newest:
        if refund_id not in gone:
            raise Failure("ledger.tampered", what=f"refund {refund_id}")


def _differs(row: sqlite3.Row, entry: EntryFacts, log: Log) -> bool:
    erased = row["application"] in log.purged.erased.get(purges.REFUNDS, NONE)
    if erased and any(row[name] is not None for name in ("masked", "answer", "reversal")):
        return True
    if erased and row["cause"] != Cause.CARD_REFUSED:
        account = row["token"] is None and row["par"] is None
    else:
        account = account_mark(log.key, row) == entry["account"]
    sealed = datetime.fromisoformat(row["sealed_at"])
    moments = (int(sealed.timestamp()), sealed.date().isoformat())
    return (
        not account
        or (not erased and card_mark(log.key, row) != entry["card"])
        or moments != (row["sealed_ts"], row["sealed_on"])
        or any(entry[fact] != row[column] for fact, column in _FACTS)
    )


def _shown(query: Query, row: dict[str, Any]) -> dict[str, Any]:
    flagged = bool(row["flagged"])
    return row | {"flagged": flagged, "items": items_shown(query, row["application"])}


BOOK: Final = Book(
    names=(_STATES, Names.of("card_matches", CardMatch), Names.of("causes", Cause)),
    tables=_TABLES,
    entries={
        "refund": HeldBy("refund", "refunds", "refund_id"),
        "drawer": HeldBy("refund", "refunds", "refund_id"),
    },
    witness=_witness,
    numbered=(Numbered("refunds", "refund_id"),),
    goes=(Gone("refunds", purges.OF_SALES),),
    erased={purges.REFUNDS: (_ERASED,)},
    stays={purges.REFUNDS: _APPLICATION_STAYS, purges.SLIPS: _SLIP_STAYS},
    sale_stays=_SALE_STAYS,
    lists=(
        Listing(
            name="refunds",
            sql=_LIST,
            columns=(
                *("refund_id", "sealed_at", "operator", "application", "kind", "state", "amount"),
                *("done", "sale_id", "batch", "stan", "rrn", "response", "cause"),
            ),
            shown=_shown,
        ),
    ),
)
