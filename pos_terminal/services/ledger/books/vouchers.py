"""Vouchers: issued with their refund in one commit (``issuing``), redeemed once (R37).

An audit entry of kind ``voucher`` has what the voucher has become and, where something was taken,
by which request. It names the voucher by its refund and by a keyed mark of its number: the number
itself is worth money, and the log goes where the ledger doesn't.
"""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.voucher import (
    Voucher,
    VoucherState,
    check_open,
    check_taking,
    draw_number,
    mask,
)
from pos_terminal.core.words import Failure, VoucherFailure
from pos_terminal.ports import Redemption, Taking
from pos_terminal.services.ledger import audit, purges
from pos_terminal.services.ledger.books.book import (
    MOMENT,
    Book,
    Face,
    Gone,
    HeldBy,
    Listing,
    Log,
    ReadFace,
)
from pos_terminal.services.ledger.names import Names
from pos_terminal.services.ledger.step import Step

_TABLES: Final = f"""
CREATE TABLE vouchers (
    number TEXT PRIMARY KEY CHECK (length(number) = 13 AND number NOT GLOB '*[^0-9]*'),
    refund_id INTEGER NOT NULL UNIQUE REFERENCES refunds,
    amount INTEGER NOT NULL CHECK (amount > 0),
    redeemed INTEGER NOT NULL DEFAULT 0,
    currency TEXT NOT NULL,
    state TEXT NOT NULL REFERENCES voucher_states,
    issued_at TEXT NOT NULL,
    CONSTRAINT voucher_balance CHECK (redeemed BETWEEN 0 AND amount),
    CHECK ((state = '{VoucherState.REDEEMED}') = (redeemed = amount))
) STRICT, WITHOUT ROWID;

CREATE TABLE redemptions (
    redemption_id INTEGER PRIMARY KEY AUTOINCREMENT,
    number TEXT NOT NULL REFERENCES vouchers ON DELETE CASCADE,
    amount INTEGER NOT NULL CHECK (amount > 0),
    left_over INTEGER NOT NULL CHECK (left_over >= 0),
    request TEXT UNIQUE CHECK (request != ''),
    operator TEXT,
    supervisor TEXT,
    at TEXT NOT NULL,
    CHECK ((request IS NULL) = (operator IS NOT NULL)),
    CHECK ((request IS NULL) = (supervisor IS NOT NULL)),
    CHECK (operator != supervisor)
) STRICT;
CREATE INDEX redemptions_number ON redemptions (number);
"""
_LIST: Final = """SELECT v.number, v.refund_id, v.state, v.amount, v.redeemed, v.currency,
    v.issued_at, (SELECT count(*) FROM redemptions r WHERE r.number = v.number) AS redemptions
    FROM vouchers v ORDER BY v.refund_id DESC LIMIT :limit"""
_SALE_STAYS: Final = f"""EXISTS (SELECT 1 FROM refunds r JOIN vouchers v USING (refund_id)
        WHERE r.sale_key = s.sale_key AND (v.state = '{VoucherState.OPEN}'
        OR EXISTS (SELECT 1 FROM redemptions t WHERE t.number = v.number
        AND substr(t.at, 1, 10) >= :quiet)))"""
_SLIP_STAYS: Final = f"""EXISTS (SELECT 1 FROM vouchers v WHERE v.refund_id = x.refund_id
            AND v.state = '{VoucherState.OPEN}')"""

_UNMATCHED = f"""SELECT refund_id FROM refunds r LEFT JOIN vouchers v USING (refund_id)
    WHERE (r.kind = '{Kind.CREDIT}') != (v.number IS NOT NULL)
    OR v.amount != r.done OR v.currency != r.currency LIMIT 1"""
_UNEVEN = """SELECT refund_id FROM vouchers v WHERE redeemed !=
    (SELECT coalesce(sum(r.amount), 0) FROM redemptions r WHERE r.number = v.number) LIMIT 1"""


def voucher_of(row: sqlite3.Row) -> Voucher:
    return Voucher(
        number=row["number"],
        refund_id=row["refund_id"],
        amount=row["amount"],
        redeemed=row["redeemed"],
        currency=row["currency"],
        state=VoucherState(row["state"]),
        issued_at=datetime.fromisoformat(row["issued_at"]),
    )


def load(db: sqlite3.Connection, number: str) -> Voucher:
    """Failure ``voucher.unknown``."""
    row = db.execute("SELECT * FROM vouchers WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise VoucherFailure("voucher.unknown")
    return voucher_of(row)


def add(step: Step, refund: Refund) -> Voucher:
    """The voucher of this refund; its slips are the caller's."""
    number = _fresh_number(step)
    step.db.execute(
        """INSERT INTO vouchers (number, refund_id, amount, currency, state, issued_at)
        VALUES (?, ?, ?, ?, ?, ?)""",
        (
            *(number, refund.refund_id, refund.done, refund.currency),
            *(VoucherState.OPEN, step.now.isoformat()),
        ),
    )
    voucher = load(step.db, number)
    _log(step, voucher, operator=refund.operator)
    return voucher


def _fresh_number(step: Step) -> str:
    while True:
        number = draw_number(step.home.merchant_id, step.home.terminal_id)
        taken = step.db.execute("SELECT 1 FROM vouchers WHERE number = ?", (number,)).fetchone()
        if taken is None:
            return number


def redeem(step: Step, taking: Taking) -> Redemption:
    """Once for each request of a till, whatever became of its answers."""
    known = _known(step, taking)
    if known is not None:
        step.log("voucher_again", request=taking.request)
        return known
    before = load(step.db, taking.number)
    check_taking(before, taking.amount)
    step.db.execute(
        """UPDATE vouchers SET redeemed = redeemed + ?,
        state = iif(redeemed + ? = amount, ?, ?) WHERE number = ?""",
        (
            *(taking.amount, taking.amount),
            *(VoucherState.REDEEMED, VoucherState.OPEN, taking.number),
        ),
    )
    voucher = load(step.db, taking.number)
    redemption = step.insert(
        """INSERT INTO redemptions (number, amount, left_over, request, operator, supervisor, at)
        VALUES (?, ?, ?, ?, ?, ?, ?)""",
        (
            *(taking.number, taking.amount, voucher.left),
            *(taking.request, taking.operator, taking.supervisor, step.now.isoformat()),
        ),
    )
    _log(
        step,
        voucher,
        redemption=redemption,
        taken=taking.amount,
        request=taking.request,
        operator=taking.operator,
        supervisor=taking.supervisor,
    )
    return Redemption(voucher, taking.amount, voucher.left, again=False)


def _known(step: Step, taking: Taking) -> Redemption | None:
    """What the same request was answered before. Failure ``voucher.reused`` for another one."""
    if taking.request is None:
        return None
    row = step.db.execute(
        "SELECT * FROM redemptions WHERE request = ?", (taking.request,)
    ).fetchone()
    if row is None:
        return None
    if (row["number"], row["amount"]) != (taking.number, taking.amount):
        raise VoucherFailure("voucher.reused", request=taking.request)
    return Redemption(load(step.db, row["number"]), row["amount"], row["left_over"], again=True)


def cancel(step: Step, number: str, operator: str, supervisor: str) -> Voucher:
    """What was not redeemed ends; the refund stays, and so does the sale's balance."""
    check_open(load(step.db, number))
    step.db.execute(
        "UPDATE vouchers SET state = ? WHERE number = ?", (VoucherState.CANCELLED, number)
    )
    voucher = load(step.db, number)
    _log(step, voucher, operator=operator, supervisor=supervisor)
    return voucher


def _log(step: Step, voucher: Voucher, **more: audit.Fact) -> None:
    step.log(
        "voucher",
        refund=voucher.refund_id,
        mark=_mark(step.audit_key, voucher.number),
        state=voucher.state,
        amount=voucher.amount,
        redeemed=voucher.redeemed,
        currency=voucher.currency,
        **more,
    )


def _mark(key: bytes, number: str) -> str:
    """Names a number without telling it."""
    return hmac.digest(key, f"voucher {number}".encode(), "sha256").hex()[:32]


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """Every voucher is as its newest entry says, and every taking has its own.

    Vouchers of purged refunds are gone with them. Failure ``ledger.tampered``.
    """
    key = log.key
    entries = [e for e in log.entries["voucher"] if e["refund"] not in log.purged["refunds"]]
    for sql in (_UNMATCHED, _UNEVEN):
        row = db.execute(sql).fetchone()
        if row is not None:
            raise Failure("ledger.tampered", what=f"voucher of refund {row[0]}")
    issued = {entry["refund"]: entry[MOMENT] for entry in reversed(entries)}
    newest = {entry["refund"]: entry for entry in entries}
    for row in db.execute("SELECT * FROM vouchers"):
        voucher = voucher_of(row)
        entry = newest.pop(voucher.refund_id, None)
        right = row["issued_at"] == issued.get(voucher.refund_id)
        if (
            entry is None
            or not right
            or any(entry[name] != fact for name, fact in _facts(key, voucher))
        ):
            raise Failure("ledger.tampered", what=f"voucher of refund {voucher.refund_id}")
    for refund_id in newest:
        raise Failure("ledger.tampered", what=f"voucher of refund {refund_id}")
    _check_takings(db, key, entries)


def _facts(key: bytes, voucher: Voucher) -> tuple[tuple[str, object], ...]:
    return (
        ("mark", _mark(key, voucher.number)),
        ("state", voucher.state),
        ("amount", voucher.amount),
        ("redeemed", voucher.redeemed),
        ("currency", voucher.currency),
    )


def _check_takings(
    db: sqlite3.Connection, key: bytes, entries: Sequence[Mapping[str, Any]]
) -> None:
    facts = ("mark", "redemption", "taken", "request", "operator", "supervisor", MOMENT)
    logged = [
        (*(entry[fact] for fact in facts), entry["amount"] - entry["redeemed"])
        for entry in entries
        if "taken" in entry
    ]
    stored = [
        (_mark(key, row[0]), *row[1:])
        for row in db.execute(
            """SELECT number, redemption_id, amount, request, operator, supervisor, at, left_over
            FROM redemptions ORDER BY redemption_id"""
        )
    ]
    if logged != stored:
        raise Failure("ledger.tampered", what="redemptions")


class VoucherReads(ReadFace):
    """Fulfils ``ports.VoucherReads``."""

    def by_number(self, number: str) -> Voucher | None:
        return self._one("SELECT * FROM vouchers WHERE number = ?", number)

    def of_refund(self, refund_id: int) -> Voucher | None:
        return self._one("SELECT * FROM vouchers WHERE refund_id = ?", refund_id)

    def _one(self, sql: str, value: str | int) -> Voucher | None:
        found = self._rows(sql, value)
        return voucher_of(found[0]) if found else None


class Vouchers(Face, VoucherReads):
    """Fulfils ``ports.Vouchers``."""

    async def redeem(self, taking: Taking) -> Redemption:
        return await self._door.step("redeem", lambda step: redeem(step, taking))

    async def cancel(self, number: str, operator: str, supervisor: str) -> Voucher:
        return await self._door.step(
            "cancel_voucher", lambda step: cancel(step, number, operator, supervisor)
        )


BOOK: Final = Book(
    names=(Names.of("voucher_states", VoucherState),),
    tables=_TABLES,
    entries={"voucher": HeldBy("refund", "refunds", "refund_id")},
    witness=_witness,
    goes=(
        Gone("vouchers", purges.OF_REFUNDS),
        Gone(
            "redemptions",
            f"number IN (SELECT number FROM vouchers WHERE {purges.OF_REFUNDS})",
        ),
    ),
    sale_stays=_SALE_STAYS,
    stays={purges.SLIPS: _SLIP_STAYS},
    lists=(
        Listing(
            name="vouchers",
            sql=_LIST,
            columns=(
                *("number", "refund_id", "state", "amount", "redeemed", "redemptions"),
                "issued_at",
            ),
            shown=lambda _, row: row | {"number": mask(row["number"])},
        ),
    ),
)
