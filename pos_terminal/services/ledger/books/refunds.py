"""Refunds: what was sealed, and what became of it (R31, R32)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import (
    HOLDING,
    LAPSED,
    NOT_COUNTED,
    OPEN,
    PAID,
    STATES,
    UNFINISHED,
    CardMatch,
    IllegalMove,
    Kind,
    Refund,
    State,
    move,
)
from pos_terminal.core.rules.facts import Tally
from pos_terminal.core.sale import Funding
from pos_terminal.core.words import Failure
from pos_terminal.ports import AnswerFacts, Application, CardFacts, Conclusion, Evidence
from pos_terminal.services.ledger import audit, purges
from pos_terminal.services.ledger.books.applications import items_shown
from pos_terminal.services.ledger.books.book import (
    Book,
    Door,
    Facts,
    Gone,
    Listing,
    Log,
    Numbered,
    Query,
    ReadDoor,
    Row,
)
from pos_terminal.services.ledger.names import Names, among
from pos_terminal.services.ledger.step import Step

_TABLES: Final = f"""
CREATE TABLE refunds (
    refund_id INTEGER PRIMARY KEY AUTOINCREMENT,
    application INTEGER NOT NULL REFERENCES applications,
    sale_id TEXT NOT NULL,
    leg INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    done INTEGER NOT NULL DEFAULT 0 CHECK (done BETWEEN 0 AND amount),
    paid INTEGER NOT NULL GENERATED ALWAYS AS (done > 0) VIRTUAL,
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
    FOREIGN KEY (kind, state, paid) REFERENCES refund_states (kind, state, paid)
) STRICT;
CREATE UNIQUE INDEX refunds_seq ON refunds (sale_id, leg, seq);
CREATE UNIQUE INDEX refunds_stan ON refunds (batch, stan) WHERE stan IS NOT NULL;
CREATE UNIQUE INDEX refunds_live ON refunds (application) WHERE state NOT IN {among(LAPSED)};
CREATE INDEX refunds_application ON refunds (application);
CREATE INDEX refunds_open ON refunds (refund_id) WHERE state IN {among(OPEN)};
CREATE INDEX refunds_given_up ON refunds (stan) WHERE state = '{State.GIVEN_UP}';
CREATE INDEX refunds_given_up_last ON refunds (refund_id) WHERE state = '{State.GIVEN_UP}';
CREATE INDEX refunds_cash ON refunds (refund_id) WHERE state = '{State.TO_HAND_OVER}';
CREATE INDEX refunds_day ON refunds (sealed_on, operator, state, amount, done);
CREATE INDEX refunds_token ON refunds (token, amount, sealed_ts) WHERE token IS NOT NULL;
"""
_STATES: Final = Names(
    "refund_states",
    ("kind", "state", "paid"),
    frozenset(
        (kind.value, state.value, int(state in PAID)) for kind in Kind for state in STATES[kind]
    ),
)
"""What each kind of refund can be, and whether money is given back then."""
_LIST: Final = """SELECT r.refund_id, r.application, r.kind, r.state, r.amount, r.done,
    r.currency, r.sale_id, r.leg, r.seq, r.operator, r.masked, r.scheme, r.match, r.batch, r.stan,
    r.rrn, r.original_rrn, r.auth_code, r.response, r.cause, r.flagged, r.repeats, r.sealed_at,
    r.concluded_at, a.reason, a.note FROM refunds r JOIN applications a ON a.number = r.application
    ORDER BY r.refund_id DESC LIMIT :limit"""
_ERASED: Final = f"""UPDATE refunds SET masked = NULL, answer = NULL,
    token = iif(cause = '{Cause.CARD_REFUSED}', token, NULL)
    WHERE application IN (SELECT value FROM json_each(:applications))"""
"""The token of a card that the acquirer called stolen stays: the rule asks for it."""
_SALE_STAYS: Final = f"""EXISTS (SELECT 1 FROM refunds r WHERE r.sale_id = s.sale_id
        AND (r.state IN {among(UNFINISHED)} OR r.batch = :batch
        OR substr(coalesce(r.concluded_at, r.sealed_at), 1, 10) >= :quiet))"""
_APPLICATION_STAYS: Final = f"""EXISTS (SELECT 1 FROM refunds r WHERE r.application = x.number
            AND (r.state IN {among(UNFINISHED)}
            OR substr(coalesce(r.concluded_at, r.sealed_at), 1, 10) >= :before))"""
_SLIP_STAYS: Final = f"""EXISTS (SELECT 1 FROM refunds r WHERE r.refund_id = x.refund_id
            AND r.state IN {among(UNFINISHED)})"""
_GIVEN_UP_LAST: Final = f"""SELECT * FROM refunds INDEXED BY refunds_given_up_last
    WHERE state = '{State.GIVEN_UP}' ORDER BY refund_id DESC LIMIT 50"""
_COUNTS: Final = f"""SELECT count(*), coalesce(sum(iif(done > 0, done, amount)), 0) FROM refunds
    WHERE sealed_on = ? AND state NOT IN {among(NOT_COUNTED)}"""
_RECENT: Final = f"""SELECT count(*) FROM refunds WHERE token = ? AND amount = ?
    AND sealed_ts >= ? AND state NOT IN {among(NOT_COUNTED)}"""
_REFUSED_CARD: Final = f"""SELECT 1 FROM refunds WHERE token = ? AND state = '{State.DECLINED}'
    AND cause = '{Cause.CARD_REFUSED}' LIMIT 1"""
_FACTS: Final = (
    ("application", "application"),
    ("sale", "sale_id"),
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
)
"""Of an entry, and the columns that they stand for."""


def _refund_of(row: sqlite3.Row) -> Refund:
    concluded_at = row["concluded_at"]
    return Refund(
        refund_id=row["refund_id"],
        application=row["application"],
        sale_id=row["sale_id"],
        leg=row["leg"],
        seq=row["seq"],
        kind=Kind(row["kind"]),
        state=State(row["state"]),
        amount=row["amount"],
        done=row["done"],
        currency=row["currency"],
        operator=row["operator"],
        masked=row["masked"],
        scheme=row["scheme"],
        match=CardMatch(row["match"]),
        stan=row["stan"],
        batch=row["batch"],
        rrn=row["rrn"],
        auth_code=row["auth_code"],
        response=row["response"],
        cause=Cause(row["cause"]) if row["cause"] else None,
        flagged=bool(row["flagged"]),
        repeats=row["repeats"],
        sealed_at=datetime.fromisoformat(row["sealed_at"]),
        concluded_at=datetime.fromisoformat(concluded_at) if concluded_at else None,
    )


def load(db: sqlite3.Connection, refund_id: int) -> Refund:
    """KeyError for a refund that never was."""
    row = db.execute("SELECT * FROM refunds WHERE refund_id = ?", (refund_id,)).fetchone()
    if row is None:
        raise KeyError(refund_id)
    return _refund_of(row)


def add(
    step: Step,
    application: Application,
    state: State,
    card: CardFacts | None,
    *,
    trace: str | None = None,
    batch: str | None = None,
) -> Refund:
    """A refund's row without its message; with the STAN and the batch that were drawn for it."""
    (row,) = step.db.execute(
        """INSERT INTO refunds (application, sale_id, leg, seq, kind, state, amount, done, currency,
        operator, masked, scheme, funding, match, token, stan, batch, original_rrn, sealed_at,
        sealed_ts, sealed_on)
        SELECT ?, sale_id, ?, (SELECT coalesce(max(seq), 0) + 1 FROM refunds r
            WHERE r.sale_id = s.sale_id), ?, ?, ?, ?, currency,
        ?, ?, ?, ?, ?, ?, ?, ?, rrn, ?,
        ?, ? FROM sales s WHERE sale_id = ? RETURNING *""",
        (
            *(application.number, application.leg, application.kind, state, application.amount),
            application.amount if card is None else 0,
            application.operator,
            card.pan.masked if card else None,
            card.scheme if card else "",
            card.funding if card else Funding.UNKNOWN,
            card.match if card else CardMatch.NONE,
            card.token.lower() if card else None,
            *(trace, batch),
            step.now.isoformat(),
            int(step.now.timestamp()),
            step.now.date().isoformat(),
            application.sale_id,
        ),
    ).fetchall()
    return _refund_of(row)


def log(step: Step, refund: Refund) -> None:
    """What the refund became: the audit log is held against the table by it."""
    step.log(
        "refund",
        refund=refund.refund_id,
        application=refund.application,
        sale=refund.sale_id,
        leg=refund.leg,
        refund_kind=refund.kind,
        state=refund.state,
        amount=refund.amount,
        done=refund.done,
        operator=refund.operator,
        card=_card_mark(step.audit_key, refund.refund_id, refund.masked),
        stan=refund.stan,
        batch=refund.batch,
        rrn=refund.rrn,
        response=refund.response,
        cause=refund.cause,
        repeats=refund.repeats,
    )


def _card_mark(key: bytes, refund_id: int, masked: str | None) -> str | None:
    """Stands for the card in the audit log, which keeps its facts longer than card data."""
    return None if masked is None else audit.keyed(key, "card", str(refund_id), masked)


def _told_numbers(evidence: Evidence | None) -> AnswerFacts:
    """RRN and authorisation code, as far as the acquirer's file has them."""
    rrn, auth_code = (evidence.rrn, evidence.auth_code) if evidence is not None else ("", "")
    return AnswerFacts(None, rrn or None, auth_code or None, None, None, {})


def conclude(step: Step, before: Refund, conclusion: Conclusion) -> Refund:
    """The row of what it became. Raises IllegalMove where it moved meanwhile."""
    answer = conclusion.answer or _told_numbers(conclusion.evidence)
    closed = conclusion.state not in HOLDING
    kept = None if conclusion.answer is None else msgspec.json.encode(answer).decode()
    rows = step.db.execute(
        """UPDATE refunds SET state = ?, done = ?, rrn = coalesce(?, rrn),
        auth_code = coalesce(?, auth_code), response = coalesce(?, response),
        cause = coalesce(?, cause), answer = coalesce(?, answer), flagged = max(flagged, ?),
        concluded_at = ? WHERE refund_id = ? AND state = ? RETURNING *""",
        (
            conclusion.state,
            conclusion.done,
            answer.rrn,
            answer.auth_code,
            answer.response,
            conclusion.cause,
            kept,
            int(conclusion.flagged),
            step.now.isoformat() if closed else None,
            before.refund_id,
            before.state,
        ),
    ).fetchall()
    if not rows:
        raise IllegalMove(before.state, conclusion.state)
    return _refund_of(rows[0])


def count_repeat(step: Step, refund_id: int) -> int:
    """One more repeat or reversal try; the new count."""
    step.db.execute("UPDATE refunds SET repeats = repeats + 1 WHERE refund_id = ?", (refund_id,))
    refund = load(step.db, refund_id)
    log(step, refund)
    return refund.repeats


def handed_over(step: Step, refund_id: int, operator: str) -> Refund:
    """The clerk confirms that the customer has the money (R36)."""
    before = load(step.db, refund_id)
    state = move(before.state, State.HANDED_OVER)
    changed = step.db.execute(
        "UPDATE refunds SET state = ?, concluded_at = ? WHERE refund_id = ? AND state = ?",
        (state, step.now.isoformat(), refund_id, before.state),
    ).rowcount
    if changed != 1:
        raise IllegalMove(before.state, state)
    refund = load(step.db, refund_id)
    log(step, refund)
    step.log("handed_over", refund=refund_id, operator=operator)
    return refund


def drawer_opened(step: Step, refund_id: int, operator: str) -> None:
    """Durable before the pulse, so that a retry knows of it."""
    changed = step.db.execute(
        "UPDATE refunds SET drawer = drawer + 1 WHERE refund_id = ? AND kind = ?",
        (refund_id, Kind.CASH),
    ).rowcount
    if changed != 1:
        raise Failure("ledger.no_cash", refund=refund_id)
    step.log("drawer", refund=refund_id, operator=operator)


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """Every refund is as its newest entry says, and none is missing or back again."""
    gone = log.purged["refunds"]
    newest = {entry["refund"]: entry for entry in log.entries["refund"]}
    for row in db.execute("SELECT * FROM refunds"):
        entry = newest.pop(row["refund_id"], None)
        if entry is None or row["refund_id"] in gone or _differs(row, entry, log):
            raise Failure("ledger.tampered", what=f"refund {row['refund_id']}")
    for refund_id in newest:
        if refund_id not in gone:
            raise Failure("ledger.tampered", what=f"refund {refund_id}")


def _differs(row: sqlite3.Row, entry: Facts, log: Log) -> bool:
    card = None if row["application"] in log.purged.erased else entry["card"]
    return _card_mark(log.key, row["refund_id"], row["masked"]) != card or any(
        entry[fact] != row[column] for fact, column in _FACTS
    )


def _shown(query: Query, row: dict[str, Any]) -> dict[str, Any]:
    flagged = bool(row["flagged"])
    return row | {"flagged": flagged, "items": items_shown(query, row["application"])}


class RefundReads:
    """Fulfils ``ports.RefundReads``."""

    def __init__(self, door: ReadDoor) -> None:
        self._reads = door

    def by_id(self, refund_id: int) -> Refund | None:
        return self._one("refund_id = ?", refund_id)

    def by_number(self, batch: str, stan: str) -> Refund | None:
        return self._one("batch = ? AND stan = ?", batch, stan)

    def of_sale(self, sale_id: str) -> Sequence[Refund]:
        return self._all("SELECT * FROM refunds WHERE sale_id = ? ORDER BY refund_id", sale_id)

    def recent(self, limit: int) -> Sequence[Refund]:
        return self._all("SELECT * FROM refunds ORDER BY refund_id DESC LIMIT ?", limit)

    def open_ones(self) -> Sequence[Refund]:
        return self._all(f"SELECT * FROM refunds WHERE state IN {among(OPEN)} ORDER BY refund_id")

    def given_up(self, stan: str) -> Sequence[Refund]:
        return self._all(
            f"""SELECT * FROM refunds WHERE stan = ? AND state = '{State.GIVEN_UP}'
            ORDER BY refund_id""",
            stan,
        )

    def recently_given_up(self) -> Sequence[Refund]:
        return self._all(_GIVEN_UP_LAST)

    def to_hand_over(self) -> Sequence[Refund]:
        return self._all(
            f"SELECT * FROM refunds WHERE state = '{State.TO_HAND_OVER}' ORDER BY refund_id"
        )

    def counts(self, on: date, operator: str | None) -> Tally:
        day = on.isoformat()
        if operator is None:
            found = self._rows(_COUNTS, day)
        else:
            found = self._rows(_COUNTS + " AND operator = ?", day, operator)
        return Tally(*found[0])

    def same_recently(self, token: str, amount: int, since: datetime) -> int:
        return int(self._rows(_RECENT, token.lower(), amount, int(since.timestamp()))[0][0])

    def card_refused(self, token: str) -> bool:
        return bool(self._rows(_REFUSED_CARD, token.lower()))

    def _rows(self, sql: str, *values: str | int) -> list[sqlite3.Row]:
        return self._reads.db.execute(sql, values).fetchall()

    def _all(self, sql: str, *values: str | int) -> list[Refund]:
        return [_refund_of(row) for row in self._rows(sql, *values)]

    def _one(self, where: str, *values: str | int) -> Refund | None:
        found = self._all(f"SELECT * FROM refunds WHERE {where}", *values)
        return found[0] if found else None


class Refunds(RefundReads):
    """Fulfils ``ports.Refunds``."""

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self._door = door

    async def count_repeat(self, refund_id: int) -> int:
        return await self._door.step("count_repeat", lambda step: count_repeat(step, refund_id))

    async def handed_over(self, refund_id: int, operator: str) -> Refund:
        return await self._door.step(
            "handed_over", lambda step: handed_over(step, refund_id, operator)
        )

    async def drawer_opened(self, refund_id: int, operator: str) -> None:
        await self._door.step(
            "drawer_opened", lambda step: drawer_opened(step, refund_id, operator)
        )


BOOK: Final = Book(
    names=(_STATES,),
    tables=_TABLES,
    entries={"refund": Row("refund", "refunds", "refund_id")},
    witness=_witness,
    numbered=(Numbered("refunds", "refund_id"),),
    goes=(Gone("refunds", purges.OF_SALES),),
    erased=(_ERASED,),
    sale_stays=_SALE_STAYS,
    application_stays=_APPLICATION_STAYS,
    slip_stays=_SLIP_STAYS,
    lists=(
        Listing(
            name="refunds",
            sql=_LIST,
            columns=(
                *("refund_id", "kind", "state", "amount", "done", "sale_id", "batch", "stan"),
                *("rrn", "response", "cause"),
            ),
            shown=_shown,
        ),
    ),
)
