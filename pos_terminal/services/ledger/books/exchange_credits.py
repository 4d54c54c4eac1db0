"""Exchange credits: what came back for other goods, and what the till took of it (R37).

A credit is one number over the refunds of its ticket that set something aside, one for each leg of
the sale. Each taking is spent on them in their order, and what fell on each is kept: so that the
sum of its shares is what was given back of a leg.

An audit entry of kind ``exchange_credit`` has what the credit has become and, where the till took
something, by which request. It names the credit by the first of its refunds and by a keyed mark of
its number, as those of vouchers do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from pos_terminal.core.case import CaseKind, CaseState
from pos_terminal.core.digest import digest
from pos_terminal.core.exchange_credit import CreditState, ExchangeCredit
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.sale import SaleState
from pos_terminal.core.voucher import mask
from pos_terminal.core.words import Failure, VoucherFailure
from pos_terminal.ports.records import CreditBought, CreditReopened, ExchangeTaking, Taking
from pos_terminal.services.ledger import audit, purges
from pos_terminal.services.ledger.books import reopened, vouchers
from pos_terminal.services.ledger.books.book import (
    MOMENT,
    Book,
    Gone,
    HeldBy,
    Invariant,
    Listing,
    Log,
    Query,
    ReadFace,
)
from pos_terminal.services.ledger.books.refunds.reads import payment_refused, refund_of
from pos_terminal.services.ledger.names import Names
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.ledger.two_people import Pair, facts_of

_TABLES: Final = f"""
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
    CONSTRAINT all_taken CHECK (taken < amount OR state = '{CreditState.SETTLED}')
) STRICT, WITHOUT ROWID;
CREATE INDEX exchange_credits_open ON exchange_credits (state) WHERE state = '{CreditState.OPEN}';

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
"""
_ALL: Final = f"""SELECT c.*, a.ticket, r.sale_key, s.sale_id,
    NOT s.locked AND s.state = '{SaleState.APPROVED}' AS stands FROM exchange_credits c
    JOIN refunds r USING (refund_id) JOIN applications a ON a.number = r.application
    JOIN sales s ON s.sale_key = r.sale_key"""
_BY_NUMBER: Final = f"{_ALL} WHERE c.number = ?"
_BEHIND: Final = f"""{_ALL} WHERE c.refund_id IN (SELECT l.refund_id FROM applications o
    JOIN refunds l ON l.application = o.number WHERE o.ticket IN (
    SELECT ticket FROM applications WHERE number = ?1
    UNION SELECT f.ticket FROM applications x JOIN applications b ON b.ticket = x.ticket
    JOIN refunds g ON g.application = b.number JOIN reopened y ON y.refund_id = g.refund_id
    JOIN refunds s ON s.refund_id = y.of_refund JOIN applications f ON f.number = s.application
    WHERE x.number = ?1 AND (b.number = x.number OR b.number < x.number
    AND s.sale_key = x.sale_key AND s.leg = x.leg AND NOT EXISTS (
    SELECT 1 FROM application_items i WHERE i.application = x.number))))"""
"""Of the application's own ticket, or one that it opened again or gives back what was opened of."""
_OF_REFUND: Final = f"""{_ALL} WHERE c.refund_id IN (SELECT l.refund_id FROM refunds x
    JOIN applications f ON f.number = x.application JOIN applications o ON o.ticket = f.ticket
    JOIN refunds l ON l.application = o.number
    WHERE x.refund_id = ? AND x.kind = '{Kind.EXCHANGE_CREDIT}')"""
_OPEN: Final = f"{_ALL} WHERE c.state = '{CreditState.OPEN}' ORDER BY c.refund_id"
_LEGS: Final = f"""SELECT r.* FROM applications a JOIN refunds r ON r.application = a.number
    WHERE a.ticket = ? AND r.kind = '{Kind.EXCHANGE_CREDIT}' ORDER BY a.place, r.refund_id"""
_TAKINGS: Final = """SELECT amount, left_over, request, at FROM exchange_takings
    WHERE number = ? ORDER BY taking_id"""
_SHARES: Final = "SELECT refund_id, amount FROM exchange_shares WHERE taking_id = ? ORDER BY 1"
_LIST: Final = f"""SELECT c.number, a.ticket, s.sale_id, CASE WHEN c.state != '{CreditState.OPEN}'
    THEN c.state WHEN s.locked OR s.state != '{SaleState.APPROVED}' THEN 'stopped'
    WHEN julianday(c.expires_at) < julianday(:now) THEN 'expired' ELSE c.state END AS state,
    c.amount, c.taken, c.currency, c.made_at, c.expires_at, r.operator
    FROM exchange_credits c JOIN refunds r USING (refund_id)
    JOIN applications a ON a.number = r.application JOIN sales s ON s.sale_key = r.sale_key
    ORDER BY c.refund_id DESC LIMIT :limit"""
"""Its state as tills and clerks are told it."""
_LIST_LEGS: Final = f"""SELECT r.refund_id AS refund, r.application, r.leg, r.state, r.amount,
    r.done FROM applications a JOIN refunds r ON r.application = a.number
    WHERE a.ticket = :ticket AND r.kind = '{Kind.EXCHANGE_CREDIT}' ORDER BY a.place, r.refund_id"""
_LIST_REST: Final = f"""SELECT number AS application, kind, state, amount FROM applications
    WHERE ticket = :ticket AND kind != '{Kind.EXCHANGE_CREDIT}' ORDER BY place, number"""
"""What is, or was, to give back what the till left of it."""
_PAID_BY: Final = """(t.exchange_no = :number AND t.exchange_no != ''
        OR t.voucher_no = :number AND t.voucher_no != '')"""
"""What a till says that the credit paid, by whatever name of its tender."""
_PAID: Final = f"""SELECT coalesce(sum(t.amount) FILTER (WHERE s.state != '{SaleState.VOIDED}'), 0),
    coalesce(sum(iif(s.state = '{SaleState.VOIDED}', t.done + t.held, t.amount)), 0)
    FROM tenders t JOIN sales s USING (sale_key) WHERE {_PAID_BY}"""
_TOLD_BY: Final = f"""SELECT s.sale_key, iif(t.exchange_no != '', t.exchange_no, t.voucher_no),
    s.state = '{SaleState.VOIDED}' OR sum(t.amount) < sum(t.told)
    FROM sales s JOIN tenders t USING (sale_key)
    WHERE s.sale_id = ? AND (t.exchange_no != '' OR t.voucher_no != '') GROUP BY 2 ORDER BY 2"""
_LIST_BOUGHT: Final = f"""SELECT s.sale_id, s.state, t.leg, t.amount, t.done FROM tenders t
    JOIN sales s USING (sale_key) WHERE {_PAID_BY} ORDER BY t.sale_key, t.leg"""
"""What tills say was bought with it."""
_LIST_REOPENED: Final = """SELECT o.refund_id AS refund, s.sale_id, o.of_refund, x.leg, o.amount,
    r.sealed_at AS at, r.application FROM applications a JOIN refunds x ON x.application = a.number
    JOIN reopened o ON o.of_refund = x.refund_id LEFT JOIN refunds r ON r.refund_id = o.refund_id
    LEFT JOIN sales s ON s.sale_key = r.sale_key WHERE a.ticket = :ticket ORDER BY 1, 3"""
"""What goods that were bought with it opened again."""
_LIST_TAKINGS: Final = """SELECT amount, left_over AS "left", request, at FROM exchange_takings
    WHERE number = :number ORDER BY taking_id"""

_STANDING: Final = f"""WITH legs AS (SELECT r.refund_id, r.state, r.amount, r.done, r.currency,
        r.sale_key, a.ticket FROM refunds r JOIN applications a ON a.number = r.application
        WHERE r.kind = '{Kind.EXCHANGE_CREDIT}'),
    credits AS (SELECT c.number, c.refund_id AS first, c.amount, c.taken, c.currency, c.state,
        l.ticket, l.sale_key FROM exchange_credits c LEFT JOIN legs l USING (refund_id))
    SELECT l.refund_id FROM legs l LEFT JOIN credits c USING (ticket) WHERE c.number IS NULL
        OR (c.state = '{CreditState.OPEN}') != (l.state = '{State.SET_ASIDE}')
        OR c.currency != l.currency OR c.sale_key != l.sale_key
    UNION ALL SELECT c.first FROM credits c LEFT JOIN legs l USING (ticket) GROUP BY c.number
        HAVING c.amount != total(l.amount) OR c.taken != total(l.done)
        OR c.first IS NOT min(l.refund_id) LIMIT 1"""
"""A credit is open as long as its refunds set something aside; they are worth it together."""
_TAKEN: Final = """SELECT c.refund_id FROM exchange_credits c WHERE c.taken !=
        (SELECT coalesce(sum(t.amount), 0) FROM exchange_takings t WHERE t.number = c.number)
    UNION ALL SELECT c.refund_id FROM exchange_takings t JOIN exchange_credits c USING (number)
        WHERE t.amount != (SELECT coalesce(sum(s.amount), 0) FROM exchange_shares s
        WHERE s.taking_id = t.taking_id) LIMIT 1"""
_SPENT: Final = f"""SELECT r.refund_id FROM refunds r LEFT JOIN (SELECT refund_id,
        sum(amount) AS amount FROM exchange_shares GROUP BY refund_id) s USING (refund_id)
        WHERE iif(r.kind = '{Kind.EXCHANGE_CREDIT}', r.done, 0) != coalesce(s.amount, 0)
    UNION ALL SELECT s.refund_id FROM exchange_shares s JOIN exchange_takings t USING (taking_id)
        JOIN exchange_credits c USING (number) JOIN refunds f ON f.refund_id = c.refund_id
        JOIN refunds r ON r.refund_id = s.refund_id JOIN applications a ON a.number = r.application
        JOIN applications b ON b.number = f.application WHERE a.ticket != b.ticket LIMIT 1"""
"""What is given back of each leg is what fell on it of its own credit's takings."""
_NUMBERED: Final = """SELECT refund_id FROM exchange_credits
    WHERE number IN (SELECT number FROM vouchers) LIMIT 1"""
_SALE_STAYS: Final = f"""EXISTS (SELECT 1 FROM refunds r JOIN exchange_credits c USING (refund_id)
        WHERE r.sale_key = s.sale_key AND (c.state = '{CreditState.OPEN}'
        OR EXISTS (SELECT 1 FROM exchange_takings t WHERE t.number = c.number
        AND substr(t.at, 1, 10) >= :quiet)
        OR EXISTS (SELECT 1 FROM tenders t JOIN sales b USING (sale_key)
        WHERE t.exchange_no = c.number AND t.exchange_no != '' AND t.done + t.held < t.amount
        AND b.state != '{SaleState.VOIDED}')
        OR EXISTS (SELECT 1 FROM cases k JOIN applications a ON a.number = r.application
        WHERE k.state = '{CaseState.OPEN}' AND k.kind = '{CaseKind.EXCHANGE_NOT_TOLD}'
        AND k.told = CAST(a.ticket AS TEXT))))"""
"""Also while goods that were bought with it are there, which open it again when they come back, or
a case of what no sale says any more it was taken for."""


def credit_of(row: sqlite3.Row) -> ExchangeCredit:
    return ExchangeCredit(
        number=row["number"],
        ticket=row["ticket"],
        sale_key=row["sale_key"],
        sale_id=row["sale_id"] or "",
        amount=row["amount"],
        taken=row["taken"],
        currency=row["currency"],
        state=CreditState(row["state"]),
        made_at=datetime.fromisoformat(row["made_at"]),
        expires_at=datetime.fromisoformat(row["expires_at"]),
        stands=bool(row["stands"]),
    )


def find(db: sqlite3.Connection, number: str) -> ExchangeCredit | None:
    row = db.execute(_BY_NUMBER, (number,)).fetchone()
    return None if row is None else _with_refused(db, credit_of(row))


def _with_refused(db: sqlite3.Connection, credit: ExchangeCredit) -> ExchangeCredit:
    if credit.state is not CreditState.OPEN:
        return credit
    left = (one for one in legs_of(db, credit.ticket) if one.done < one.amount)
    return replace(credit, refused=any(payment_refused(db, one.sale_key, one.leg) for one in left))


def load(db: sqlite3.Connection, number: str) -> ExchangeCredit:
    """Failure ``voucher.unknown``."""
    found = find(db, number)
    if found is None:
        raise VoucherFailure("voucher.unknown")
    return found


def told_to_have_paid(db: sqlite3.Connection, number: str) -> tuple[int, int]:
    """By all sales that stand and name it as what paid for them; and the same with what went back
    of those that were voided. Minor units."""
    paid, with_voided = db.execute(_PAID, {"number": number}).fetchone()
    return int(paid), int(with_voided)


def untold(db: sqlite3.Connection, number: str) -> int:
    """What tills took of it and no sale says any more what it was for, nor went back of one that
    they voided; minor units."""
    credit = find(db, number)
    return 0 if credit is None else max(0, credit.taken - told_to_have_paid(db, number)[1])


def told_by(db: sqlite3.Connection, sale_id: str) -> list[tuple[int, str, bool]]:
    """The sale's key, each number that paid for it, whoever's it is, and whether it says less of
    that now than it said at first."""
    return [(key, number, bool(less)) for key, number, less in db.execute(_TOLD_BY, (sale_id,))]


def legs_of(db: sqlite3.Connection, ticket: int) -> list[Refund]:
    """What the credit of this ticket stands on, in the order in which the till's takings fall."""
    return [refund_of(row) for row in db.execute(_LEGS, (ticket,)).fetchall()]


def add(step: Step, legs: Sequence[Refund], expires_at: datetime) -> ExchangeCredit:
    """The credit of these refunds; its slips are the caller's."""
    number, first = vouchers.fresh_number(step), legs[0]
    step.db.execute(
        """INSERT INTO exchange_credits (number, refund_id, amount, currency, state, made_at,
        expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)""",
        (
            *(number, first.refund_id, sum(one.amount for one in legs), first.currency),
            *(CreditState.OPEN, step.now.isoformat(), expires_at.isoformat()),
        ),
    )
    _log(step, number, operator=first.operator)
    return load(step.db, number)


def known(db: sqlite3.Connection, taking: Taking) -> ExchangeTaking | None:
    """What the same request was answered before. Failure ``voucher.reused`` for another one."""
    row = db.execute(vouchers.OF_REQUEST, {"request": taking.request}).fetchone()
    if row is None:
        return None
    if (row["number"], row["amount"]) != (taking.number, taking.amount):
        raise VoucherFailure("voucher.reused", request=taking.request or "")
    return ExchangeTaking(load(db, row["number"]), row["amount"], row["left_over"], again=True)


def add_taking(step: Step, taking: Taking, shares: Mapping[int, int]) -> ExchangeTaking:
    """What the till took; ``shares`` is what falls on each refund. All of it settles the credit."""
    step.db.execute(
        """UPDATE exchange_credits SET taken = taken + :amount,
        state = iif(taken + :amount = amount, :settled, state) WHERE number = :number""",
        {"amount": taking.amount, "settled": CreditState.SETTLED, "number": taking.number},
    )
    credit = load(step.db, taking.number)
    left = credit.amount - credit.taken
    number = step.insert(
        """INSERT INTO exchange_takings (number, amount, left_over, request, at)
        VALUES (?, ?, ?, ?, ?)""",
        (taking.number, taking.amount, left, taking.request, step.now.isoformat()),
    )
    step.db.executemany(
        "INSERT INTO exchange_shares (taking_id, refund_id, amount) VALUES (?, ?, ?)",
        [(number, refund_id, share) for refund_id, share in shares.items()],
    )
    _log(
        step,
        taking.number,
        taking=number,
        took=taking.amount,
        request=taking.request,
        shares=digest(_shares(step.db, number)),
    )
    return ExchangeTaking(credit, taking.amount, left, again=False)


def settle(step: Step, number: str, operator: str) -> ExchangeCredit:
    """The till takes nothing more of it."""
    step.db.execute(
        "UPDATE exchange_credits SET state = ? WHERE number = ?", (CreditState.SETTLED, number)
    )
    _log(step, number, operator=operator)
    return load(step.db, number)


def end(step: Step, number: str, operator: str, approvals: Pair) -> ExchangeCredit:
    """By these two; what was left stays with its sale."""
    step.db.execute(
        "UPDATE exchange_credits SET state = ? WHERE number = ?", (CreditState.ENDED, number)
    )
    _log(step, number, operator=operator, **facts_of(approvals))
    return load(step.db, number)


def _shares(db: sqlite3.Connection, taking: int) -> list[tuple[int, int]]:
    return [tuple(row) for row in db.execute(_SHARES, (taking,))]


def _log(step: Step, number: str, **more: audit.Fact) -> None:
    row = step.db.execute("SELECT * FROM exchange_credits WHERE number = ?", (number,)).fetchone()
    facts = {name: row[name] for name in _FACTS}
    mark = vouchers.mark_of(step.audit_key, number)
    step.log("exchange_credit", refund=row["refund_id"], mark=mark, **facts, **more)


_FACTS: Final = ("amount", "taken", "currency", "state", "expires_at")
"""Of an entry, as the columns are called."""


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """Every credit is as its newest entry says, and every taking has its own.

    Failure ``ledger.tampered``.
    """
    gone = log.purged["refunds"]
    entries = [one for one in log.entries["exchange_credit"] if one["refund"] not in gone]
    first = {one["mark"]: one[MOMENT] for one in reversed(entries)}
    newest = {one["mark"]: one for one in entries}
    for row in db.execute("SELECT * FROM exchange_credits"):
        mark = vouchers.mark_of(log.key, row["number"])
        entry = newest.pop(mark, None)
        right = entry is not None and first[mark] == row["made_at"]
        if entry is None or not right or entry["refund"] != row["refund_id"]:
            raise Failure("ledger.tampered", what=f"exchange credit of refund {row['refund_id']}")
        if any(entry[name] != row[name] for name in _FACTS):
            raise Failure("ledger.tampered", what=f"exchange credit of refund {row['refund_id']}")
    for entry in newest.values():
        number = entry["refund"]
        raise Failure("ledger.tampered", what=f"exchange credit of refund {number}")
    told = ("mark", "taking", "took", "request", MOMENT)
    logged = [
        (*(one[name] for name in told), one["amount"] - one["taken"], one["shares"])
        for one in entries
        if "took" in one
    ]
    stored = [
        (vouchers.mark_of(log.key, row[0]), *row[1:], digest(_shares(db, row[1])))
        for row in db.execute(
            """SELECT number, taking_id, amount, request, at, left_over FROM exchange_takings
            ORDER BY taking_id"""
        ).fetchall()
    ]
    if logged != stored:
        raise Failure("ledger.tampered", what="takings of exchange credits")


class ExchangeCreditReads(ReadFace):
    """Fulfils ``ports.ExchangeCreditReads``."""

    def by_number(self, number: str) -> ExchangeCredit | None:
        return self._one(_BY_NUMBER, number)

    def behind(self, application: int) -> ExchangeCredit | None:
        return self._one(_BEHIND, application)

    def of_refund(self, refund_id: int) -> ExchangeCredit | None:
        return self._one(_OF_REFUND, refund_id)

    def open_ones(self) -> Sequence[ExchangeCredit]:
        return [credit_of(row) for row in self._rows(_OPEN)]

    def open_of(self, sale_key: int) -> Sequence[ExchangeCredit]:
        return [one for one in self.open_ones() if one.sale_key == sale_key]

    def expired(self, now: datetime) -> Sequence[ExchangeCredit]:
        return [one for one in self.open_ones() if one.has_expired(now)]

    def legs(self, ticket: int) -> Sequence[Refund]:
        return [refund_of(row) for row in self._rows(_LEGS, ticket)]

    def spent(self, ticket: int) -> Mapping[int, int]:
        return reopened.left_of(self._reads.db, ticket)

    def bought(self, number: str) -> Sequence[CreditBought]:
        found = self._reads.db.execute(_LIST_BOUGHT, {"number": number}).fetchall()
        return [
            CreditBought(row["sale_id"], row["amount"], SaleState(row["state"])) for row in found
        ]

    def untold(self, number: str) -> int:
        with self._reads.moment:
            return untold(self._reads.db, number)

    def opened_again(self, ticket: int) -> Sequence[CreditReopened]:
        names = CreditReopened.__struct_fields__
        found = self._reads.db.execute(_LIST_REOPENED, {"ticket": ticket}).fetchall()
        return [CreditReopened(*(row[name] for name in names)) for row in found]

    def taken(self, taking: Taking) -> ExchangeTaking | None:
        return known(self._reads.db, taking)

    def _one(self, sql: str, value: str | int) -> ExchangeCredit | None:
        with self._reads.moment:
            found = self._rows(sql, value)
            return _with_refused(self._reads.db, credit_of(found[0])) if found else None


def _shown(query: Query, row: dict[str, Any]) -> dict[str, Any]:
    legs = query(_LIST_LEGS, {"ticket": row["ticket"]})
    of_it = {"number": row["number"]}
    takings, bought = query(_LIST_TAKINGS, of_it), query(_LIST_BOUGHT, of_it)
    again = query(_LIST_REOPENED, {"ticket": row["ticket"]})
    rest = query(_LIST_REST, {"ticket": row["ticket"]})
    told = {"legs": legs, "takings": takings, "rest": rest, "bought": bought, "reopened": again}
    return row | told | {"number": mask(row["number"])}


BOOK: Final = Book(
    names=(Names.of("exchange_credit_states", CreditState),),
    tables=_TABLES,
    entries={"exchange_credit": HeldBy("refund", "refunds", "refund_id")},
    witness=_witness,
    invariants=(
        Invariant("exchange credit of refund", _STANDING),
        Invariant("takings of exchange credit of refund", _TAKEN),
        Invariant("spent exchange credit of refund", _SPENT),
        Invariant("number of exchange credit of refund", _NUMBERED),
    ),
    goes=(
        Gone("exchange_credits", purges.OF_REFUNDS),
        Gone("exchange_shares", purges.OF_REFUNDS),
        Gone(
            "exchange_takings",
            f"number IN (SELECT number FROM exchange_credits WHERE {purges.OF_REFUNDS})",
        ),
    ),
    sale_stays=_SALE_STAYS,
    lists=(
        Listing(
            name="exchange_credits",
            sql=_LIST,
            columns=(
                *("number", "ticket", "sale_id", "state", "amount", "taken", "made_at"),
                "expires_at",
            ),
            shown=_shown,
        ),
    ),
)
