"""What was done about a case in another commit is a step of it by itself, in that commit (R46). It
names the application, as the slips do."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.case import CaseKind, CaseState
from pos_terminal.core.case_step import NewStep, StepKind
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.books.cases.steps import add
from pos_terminal.services.ledger.step import Step

_MONEY: Final = (Kind.REFUND, Kind.VOID, Kind.CASH, Kind.CREDIT, Kind.POINTS, Kind.MANUAL)
_BEFORE: Final = f"""SELECT case_id FROM cases WHERE sale_key = ? AND kind = ?
    AND state = '{CaseState.OPEN}' AND (refund_id IS NULL OR refund_id < ?)"""
"""Open ones about the sale, or a refund of it that was made before this one."""
_OF_IT: Final = f"""SELECT case_id FROM cases WHERE sale_key = ? AND kind = ?
    AND state = '{CaseState.OPEN}' AND (refund_id IS NULL OR refund_id = ?)"""

_RETURNED: Final = f"""SELECT case_id FROM cases WHERE refund_id = ?
    AND kind = '{CaseKind.RETURNED}' AND state = '{CaseState.OPEN}'"""


def gave_more(step: Step, refund: Refund, done: int) -> None:
    """Money of a sale of which too little had gone back; ``done`` in minor units."""
    if not done or refund.kind not in _MONEY:
        return
    told = NewStep(
        StepKind.REFUND,
        refund.operator,
        f"{with_symbol(done, refund.currency)} #{refund.application}",
    )
    _note(step, _BEFORE, refund, CaseKind.AMOUNT_LITTLE, told)


def gave_again(step: Step, refund: Refund, done: int) -> None:
    """Money of a payment that came back from the customer's account (R50); minor units."""
    where = refund.sale_key, refund.leg, refund.application
    for one in sales.given_again(step.db, *where, done):
        given = f"{with_symbol(one.left, refund.currency)} #{refund.application}"
        told = NewStep(StepKind.REFUND, refund.operator, given)
        for (case_id,) in step.db.execute(_RETURNED, (one.refund_id,)).fetchall():
            add(step, case_id, told)


def replaced_goods(step: Step, refund: Refund) -> None:
    """Other goods went out for some of a sale, whose goods were wrong or which somebody complained
    of."""
    told = NewStep(StepKind.DECISION, refund.operator, f"#{refund.application}")
    for kind in (CaseKind.GOODS, CaseKind.COMPLAINT):
        _note(step, _BEFORE, refund, kind, told)


def gave_credit_back(step: Step, case_id: int, refund: Refund) -> None:
    """What a till took of an exchange credit for a sale that it voided."""
    shown = f"{with_symbol(refund.done, refund.currency)} #{refund.application}"
    add(step, case_id, NewStep(StepKind.REFUND, refund.operator, shown))


def corrected_goods(step: Step, refund: Refund, operator: str, movements: tuple[int, int]) -> None:
    """Goods of a refund that were booked wrong: by ``movements``, the first and the last."""
    first, last = movements
    told = NewStep(StepKind.DECISION, operator, f"#{refund.application}: {first}-{last}")
    _note(step, _OF_IT, refund, CaseKind.GOODS, told)


def _note(step: Step, sql: str, refund: Refund, kind: CaseKind, told: NewStep) -> None:
    found = step.db.execute(sql, (refund.sale_key, kind, refund.refund_id))
    for (case_id,) in found.fetchall():
        add(step, case_id, told)
