"""Cases closed by people; an overpayment's closing lets its sale go (R32, R45).

No money moves. What an overpaid refund gave back beside the balance, or the further postings of one
that the acquirer paid more than once, is counted into it, as far as
there is room: the sale gives back only what is left after it. Where the overpayment was more than
that, the rest stays with the case's reference, and nothing is left of the sale.
"""

from __future__ import annotations

import sqlite3

from pos_terminal.core.case import LOCKING, supervisors_to_close
from pos_terminal.core.refund import HOLDING, OPEN, Refund
from pos_terminal.core.words import Failure
from pos_terminal.ports import Case, Closing
from pos_terminal.services.ledger.books import refunds, sales
from pos_terminal.services.ledger.rows import case_of
from pos_terminal.services.ledger.step import Step


def close_case(step: Step, case_id: int, closing: Closing) -> Case:
    """The closed case. Failure ``cases.…``; ValueError where it is not theirs to close."""
    case = _load(step.db, case_id)
    if not case.open:
        raise Failure("cases.closed", number=case_id)
    refund = None if case.refund_id is None else refunds.load(step.db, case.refund_id)
    if refund is not None and refund.state in OPEN:
        raise Failure("cases.outcome_open", number=case_id)
    _check_people(case, refund, closing)
    counted = 0
    if case.kind in LOCKING and refund is not None:
        counted = _count_in(step, refund, case.over or refund.done)
    _store(step, case, closing, counted)
    if case.kind in LOCKING:
        sales.unlock(step, case.sale_id, case_id)
    return _load(step.db, case_id)


def _load(db: sqlite3.Connection, case_id: int) -> Case:
    row = db.execute("SELECT * FROM cases WHERE case_id = ?", (case_id,)).fetchone()
    if row is None:
        raise KeyError(case_id)
    return case_of(row)


def _check_people(case: Case, refund: Refund | None, closing: Closing) -> None:
    makers = {closing.operator, *(() if refund is None else (refund.operator,))}
    people = {one.supervisor for one in closing.approvals} - makers
    if not len(people) == len(closing.approvals) == supervisors_to_close(case.kind):
        raise ValueError("a case is closed by people other than who made it")


def _count_in(step: Step, refund: Refund, over: int) -> int:
    """``over``, or less, out of the balance, as far as it reaches: minor units.

    Failure ``cases.leg_open`` while another refund of the leg is open: what it holds may come
    free again, and would then be given back beside the overpayment.
    """
    states = ", ".join(f"'{state}'" for state in sorted(HOLDING))
    row = step.db.execute(
        f"""SELECT amount - done - held AS room, EXISTS (SELECT 1 FROM refunds r WHERE
        r.sale_id = t.sale_id AND r.leg = t.leg AND r.state IN ({states})) AS busy
        FROM tenders t WHERE sale_id = ? AND leg = ?""",
        (refund.sale_id, refund.leg),
    ).fetchone()
    if row["busy"]:
        raise Failure("cases.leg_open")
    counted = min(over, int(row["room"]))
    sales.count_in(step, refund.sale_id, refund.leg, counted)
    return counted


def _store(step: Step, case: Case, closing: Closing, counted: int) -> None:
    first, *others = closing.approvals
    second = others[0] if others else None
    step.db.execute(
        "UPDATE cases SET state = 'closed', closed_at = ? WHERE case_id = ?",
        (step.now.isoformat(), case.case_id),
    )
    step.db.execute(
        """INSERT INTO closings (case_id, at, reference, operator, first, first_name, second,
        second_name, counted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            *(case.case_id, step.now.isoformat(), closing.reference, closing.operator),
            *(first.supervisor, first.name),
            *((None, None) if second is None else (second.supervisor, second.name)),
            counted,
        ),
    )
    step.log(
        "closing",
        number=case.case_id,
        case=case.kind,
        reference=closing.reference,
        operator=closing.operator,
        first=first.supervisor,
        second=None if second is None else second.supervisor,
        counted=counted,
    )
