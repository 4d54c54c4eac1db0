"""Cases: where people must act on a refund or a sale, until it is closed (R8, R45)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from pos_terminal.core.case import ABOUT_UNKNOWN, CaseFacts, CaseKind, Reported
from pos_terminal.services.ledger.books.slips import queue
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.receipt.slip import Slip

_MARKS: Final = ", ".join(f"'{kind}'" for kind in ABOUT_UNKNOWN)


def open_case(step: Step, refund_id: int, kind: CaseKind, facts: CaseFacts) -> int:
    """The case's number; a refund has one of each kind, which is opened once."""
    opens_case(step, refund_id, kind, facts)
    number: int = step.db.execute(
        "SELECT case_id FROM cases WHERE refund_id = ? AND kind = ?", (refund_id, kind)
    ).fetchone()[0]
    return number


def opens_case(step: Step, refund_id: int, kind: CaseKind, facts: CaseFacts) -> bool:
    """Whether it is new; one that was opened before, and perhaps closed since, stays as it is."""
    opened = step.db.execute(
        """INSERT INTO cases (kind, sale_id, refund_id, state, opened_at, facts)
        SELECT ?, sale_id, refund_id, 'open', ?, ? FROM refunds WHERE refund_id = ?
        ON CONFLICT DO NOTHING""",
        (kind, step.now.isoformat(), _stored(facts), refund_id),
    ).rowcount
    if opened:
        step.log("case", refund=refund_id, case=kind)
    return opened > 0


def _stored(facts: CaseFacts) -> str:
    return msgspec.json.encode(facts).decode()


def open_of_sale(
    step: Step, sale_id: str, kind: CaseKind, operator: str, slips: Callable[[int], Sequence[Slip]]
) -> int:
    """The case's number. What it is about is on its slips, which are queued with it, once."""
    known = step.db.execute(
        "SELECT case_id FROM cases WHERE sale_id = ? AND kind = ? AND refund_id IS NULL",
        (sale_id, kind),
    ).fetchone()
    if known is not None:
        step.log("case_again", case=known["case_id"], operator=operator)
        return int(known["case_id"])
    number = step.db.execute(
        """INSERT INTO cases (kind, sale_id, state, opened_at, facts)
        VALUES (?, ?, 'open', ?, ?)""",
        (
            kind,
            sale_id,
            step.now.isoformat(),
            _stored(Reported(operator)),
        ),
    ).lastrowid
    assert number is not None  # noqa: S101 - an insert into a rowid table
    queue(step, slips(number), None, None, number)
    step.log("case", number=number, sale=sale_id, case=kind, operator=operator)
    return number


def close_unknown(step: Step, refund_id: int, state: str) -> None:
    """The outcome is known: nobody needs to ask for it any more."""
    closed = step.db.execute(
        f"""UPDATE cases SET state = 'closed', closed_at = ?
        WHERE refund_id = ? AND kind IN ({_MARKS}) AND state = 'open'""",
        (step.now.isoformat(), refund_id),
    ).rowcount
    if closed:
        step.log("case_closed", refund=refund_id, state=state)
