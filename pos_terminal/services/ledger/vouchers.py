"""Vouchers: issued with their refund in one commit, redeemed once, from the ledger (R37).

An audit entry of kind ``voucher`` has what the voucher has become and, where something was taken,
by which request. It names the voucher by its refund and by a keyed mark of its number: the number
itself is worth money, and the log goes where the ledger doesn't.
"""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.voucher import (
    Voucher,
    check_open,
    check_taking,
    draw_number,
)
from pos_terminal.core.words import Failure
from pos_terminal.ports import Redemption, Taking, VoucherSlips
from pos_terminal.services.ledger import audit, jobs
from pos_terminal.services.ledger.concluding import commit_at_once
from pos_terminal.services.ledger.rows import voucher_of
from pos_terminal.services.ledger.spans import Spans
from pos_terminal.services.ledger.writer import Desk

_UNMATCHED = """SELECT refund_id FROM refunds r LEFT JOIN vouchers v USING (refund_id)
    WHERE (r.kind = 'credit') != (v.number IS NOT NULL)
    OR v.amount != r.done OR v.currency != r.currency LIMIT 1"""
_UNEVEN = """SELECT refund_id FROM vouchers v WHERE redeemed !=
    (SELECT coalesce(sum(r.amount), 0) FROM redemptions r WHERE r.number = v.number) LIMIT 1"""


def load(db: sqlite3.Connection, number: str) -> Voucher:
    """Failure ``voucher.unknown``."""
    row = db.execute("SELECT * FROM vouchers WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise Failure("voucher.unknown")
    return voucher_of(row)


def issue(desk: Desk, application: int, slips: VoucherSlips) -> Refund:
    """The leg is spent, and a voucher for it is there with its slips, or nothing is."""
    refund = commit_at_once(desk, application, Kind.CREDIT, State.ISSUED)
    add_voucher(desk, refund, slips)
    return refund


def add_voucher(desk: Desk, refund: Refund, slips: VoucherSlips) -> None:
    """The voucher of this refund, with both slips."""
    number = _fresh_number(desk)
    desk.db.execute(
        """INSERT INTO vouchers (number, refund_id, amount, currency, state, issued_at)
        VALUES (?, ?, ?, ?, 'open', ?)""",
        (number, refund.refund_id, refund.done, refund.currency, desk.now.isoformat()),
    )
    voucher = load(desk.db, number)
    jobs.queue(desk, slips(refund, voucher), refund.refund_id, refund.application)
    _log(desk, voucher, operator=refund.operator)


def _fresh_number(desk: Desk) -> str:
    while True:
        number = draw_number(desk.home.merchant_id, desk.home.terminal_id)
        taken = desk.db.execute("SELECT 1 FROM vouchers WHERE number = ?", (number,)).fetchone()
        if taken is None:
            return number


def redeem(desk: Desk, taking: Taking) -> Redemption:
    """Once for each request of a till, whatever became of its answers."""
    known = _known(desk, taking)
    if known is not None:
        desk.log("voucher_again", request=taking.request)
        return known
    before = load(desk.db, taking.number)
    check_taking(before, taking.amount)
    desk.db.execute(
        """UPDATE vouchers SET redeemed = redeemed + ?,
        state = iif(redeemed + ? = amount, 'redeemed', 'open') WHERE number = ?""",
        (taking.amount, taking.amount, taking.number),
    )
    voucher = load(desk.db, taking.number)
    desk.db.execute(
        """INSERT INTO redemptions (number, amount, left_over, request, operator, supervisor, at)
        VALUES (?, ?, ?, ?, ?, ?, ?)""",
        (
            *(taking.number, taking.amount, voucher.left),
            *(taking.request, taking.operator, taking.supervisor, desk.now.isoformat()),
        ),
    )
    _log(
        desk,
        voucher,
        taken=taking.amount,
        request=taking.request,
        operator=taking.operator,
        supervisor=taking.supervisor,
    )
    return Redemption(voucher, taking.amount, voucher.left, again=False)


def _known(desk: Desk, taking: Taking) -> Redemption | None:
    """What the same request was answered before. Failure ``voucher.reused`` for another one."""
    if taking.request is None:
        return None
    row = desk.db.execute(
        "SELECT * FROM redemptions WHERE request = ?", (taking.request,)
    ).fetchone()
    if row is None:
        return None
    if (row["number"], row["amount"]) != (taking.number, taking.amount):
        raise Failure("voucher.reused", request=taking.request)
    return Redemption(load(desk.db, row["number"]), row["amount"], row["left_over"], again=True)


def cancel(desk: Desk, number: str, operator: str, supervisor: str) -> Voucher:
    """What was not redeemed ends; the refund stays, and so does the sale's balance."""
    check_open(load(desk.db, number))
    desk.db.execute("UPDATE vouchers SET state = 'cancelled' WHERE number = ?", (number,))
    voucher = load(desk.db, number)
    _log(desk, voucher, operator=operator, supervisor=supervisor)
    return voucher


def _log(desk: Desk, voucher: Voucher, **more: audit.Fact) -> None:
    desk.log(
        "voucher",
        refund=voucher.refund_id,
        mark=_mark(desk.audit_key, voucher.number),
        state=voucher.state,
        amount=voucher.amount,
        redeemed=voucher.redeemed,
        currency=voucher.currency,
        **more,
    )


def _mark(key: bytes, number: str) -> str:
    """Names a number without telling it."""
    return hmac.digest(key, f"voucher {number}".encode(), "sha256").hex()[:32]


def check_vouchers(
    db: sqlite3.Connection, key: bytes, entries: Sequence[Mapping[str, Any]], purged: Spans
) -> None:
    """Every voucher is as its newest entry says, and every taking has its own.

    ``purged`` are the refunds that are gone, and their vouchers with them. Failure
    ``ledger.tampered``.
    """
    entries = [entry for entry in entries if entry["refund"] not in purged]
    for sql in (_UNMATCHED, _UNEVEN):
        row = db.execute(sql).fetchone()
        if row is not None:
            raise Failure("ledger.tampered", what=f"voucher of refund {row[0]}")
    newest = {entry["refund"]: entry for entry in entries}
    for row in db.execute("SELECT * FROM vouchers"):
        voucher = voucher_of(row)
        entry = newest.pop(voucher.refund_id, None)
        if entry is None or any(entry[name] != fact for name, fact in _facts(key, voucher)):
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
    facts = ("mark", "taken", "request", "operator", "supervisor")
    logged = [tuple(entry[fact] for fact in facts) for entry in entries if "taken" in entry]
    stored = [
        (_mark(key, row[0]), *row[1:])
        for row in db.execute(
            """SELECT number, amount, request, operator, supervisor FROM redemptions
            ORDER BY redemption_id"""
        )
    ]
    if logged != stored:
        raise Failure("ledger.tampered", what="redemptions")
