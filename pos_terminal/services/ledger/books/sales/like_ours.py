"""Which of our vouchers or exchange credits a number may be that a till told masked, or wrong
(R37)."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from pos_terminal.core.exchange_credit import CreditState
from pos_terminal.core.home import Home
from pos_terminal.core.rules.voucher_paid import Likely
from pos_terminal.core.voucher import VoucherState
from pos_terminal.core.voucher_likeness import (
    begins_as_ours,
    masked_as,
    near,
    seems_drawn_here,
)

_SELECT: Final = f"""SELECT v.number, v.exchange, v.used_up, v.redeemed, v.issued_at, v.taken_at
    FROM (SELECT number, 0 AS exchange, amount, redeemed,
        state = '{VoucherState.REDEEMED}' AS used_up, issued_at,
        (SELECT max(r.at) FROM redemptions r WHERE r.number = x.number) AS taken_at
        FROM vouchers x
    UNION ALL SELECT c.number, 1, c.amount, taken, c.state = '{CreditState.SETTLED}', made_at,
        (SELECT max(r.concluded_at) FROM refunds r WHERE r.refund_id = c.refund_id)
        FROM exchange_credits c) v WHERE"""
"""``used_up``, since ``taken_at``: of a voucher all of it was redeemed; of a credit nothing
can be taken, nor goes back, any more."""
_NEAR: Final = f"{_SELECT} v.number IN (%s)"
_ANY_CREDIT: Final = f"{_SELECT} v.exchange AND v.amount >= :amount"
_MASKED: Final = f"""{_SELECT} v.number >= :low AND v.number < :high
    AND v.number GLOB :shown AND v.amount >= :amount"""
_TELLS_APART: Final = 4
"""Digits of a masked number, at least, by which somebody's may be told from others'."""
_CLOCKS: Final = timedelta(days=1)
"""So much a till's clock may be another than ours."""


def like_ours(
    db: sqlite3.Connection, home: Home, voucher: str, amount: int, sold_at: datetime
) -> Likely | None:
    """None for a number that can't be one of ours."""
    found = _like(db, voucher, amount, sold_at)
    if found or begins_as_ours(voucher, home.merchant_id, home.terminal_id):
        return Likely(len(found), sum(row["redeemed"] for row in found))
    return None


def may_be(
    db: sqlite3.Connection, home: Home, told: str, amount: int, sold_at: datetime
) -> dict[str, tuple[bool, int]]:
    """Those that paid so much then, perhaps: whether each is an exchange credit, and what was taken
    of it. Of a number that was drawn here by its beginning, and is like none, any credit."""
    found = _like(db, told, amount, sold_at)
    if not found and seems_drawn_here(told, home.merchant_id, home.terminal_id):
        found = db.execute(_ANY_CREDIT, {"amount": amount}).fetchall()
    return {
        row["number"]: (bool(row["exchange"]), row["redeemed"])
        for row in found
        if _could_pay(row, sold_at)
    }


def _like(db: sqlite3.Connection, told: str, amount: int, sold_at: datetime) -> list[sqlite3.Row]:
    close, shown = sorted(near(told)), masked_as(told)
    found: list[sqlite3.Row] = []
    if close:
        found += db.execute(_NEAR % ", ".join("?" * len(close)), close).fetchall()
    if shown is not None:
        found += _of_masked(db, shown, amount, sold_at)
    return found


def credit_masked_as(
    db: sqlite3.Connection, told: str, amount: int, sold_at: datetime
) -> str | None:
    """The number of the only exchange credit that a masked one can be; None where it shows too
    little, or might be another, or a voucher."""
    shown = masked_as(told)
    if shown is None or sum(map(str.isdigit, shown)) < _TELLS_APART:
        return None
    found = list(_of_masked(db, shown, amount, sold_at))
    return str(found[0]["number"]) if len(found) == 1 and found[0]["exchange"] else None


def _of_masked(
    db: sqlite3.Connection, shown: str, amount: int, sold_at: datetime
) -> Iterator[sqlite3.Row]:
    """Those that could have paid it, and are worth as much."""
    begins = re.sub(r"[?*].*", "", shown)
    values = {"shown": shown, "amount": amount, "low": begins, "high": f"{begins}:"}  # after 9
    rows: Sequence[sqlite3.Row] = db.execute(_MASKED, values).fetchall()
    yield from (row for row in rows if _could_pay(row, sold_at))


def _could_pay(row: sqlite3.Row, sold_at: datetime) -> bool:
    """Issued by then, and not used up before."""
    issued = datetime.fromisoformat(row["issued_at"])
    taken = datetime.fromisoformat(row["taken_at"]) if row["taken_at"] else None
    over = row["used_up"] and taken is not None and taken < sold_at - _CLOCKS
    return issued <= sold_at + _CLOCKS and not over
