"""What recovery slips can ask for still: what the customer has too much, once (R46)."""

from __future__ import annotations

import sqlite3
from typing import Final

from pos_terminal.core.case import CaseKind, OutcomeFacts
from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.effect import Effect
from pos_terminal.core.refund import State
from pos_terminal.ports import Case

_BESIDE: Final = f"""(k.over > 0 AND k.kind != '{CaseKind.TYPED_DIFFERS}' AND NOT
    (k.kind = '{CaseKind.OVERPAYMENT}' AND k.facts ->> 'state' = '{State.OVERPAID}'))"""
"""Of a case: what it says was paid too much is in no refund. What was given back of a typed sale,
and what was approved after it was given up, is in its refund as well."""
_SLIPS: Final = f"""(SELECT coalesce(sum(p.amount), 0)
    FROM cases k JOIN case_papers p USING (case_id)
    WHERE p.kind = '{PaperKind.RECOVERY}' AND {{of}})"""
_GONE: Final = f"""SELECT coalesce(sum(r.done - (SELECT coalesce(sum(o.free), 0) FROM outcomes o
    WHERE o.refund_id = r.refund_id AND o.effect = '{Effect.RETURNED}')), 0)"""
_OF_REFUND: Final = f"""{_GONE} - {_SLIPS.format(of=f"k.refund_id = :refund AND NOT {_BESIDE}")}
    FROM refunds r WHERE r.refund_id = :refund"""
_ASKED_OF_SALE: Final = _SLIPS.format(of=f"k.sale_key = :sale AND NOT {_BESIDE}")
_OF_SALE: Final = f"{_GONE} - {_ASKED_OF_SALE} FROM refunds r WHERE r.sale_key = :sale"
_OF_CASE: Final = f"SELECT {_SLIPS.format(of='k.case_id = :case')}"


def to_ask_back(db: sqlite3.Connection, case: Case) -> int:
    """Minor units, by a slip of this case: of its refund or of its sale no more than the customer
    has of them, and where it knows what was paid too much that at most. Nothing below zero."""
    about = {"case": case.case_id, "refund": case.refund_id, "sale": case.sale_key}

    def one(sql: str) -> int:
        return int(db.execute(sql, about).fetchone()[0] or 0)

    bounds = [case.over - one(_OF_CASE)] if case.over else []
    if not _is_beside(case):
        bounds.append(one(_OF_SALE))
        if case.refund_id is not None:
            bounds.append(one(_OF_REFUND))
        elif case.over:
            bounds.append(case.over - one(f"SELECT {_ASKED_OF_SALE}"))
        else:
            return 0
    return max(0, min(bounds))


def _is_beside(case: Case) -> bool:
    """As ``_BESIDE`` has it."""
    if not case.over or case.kind is CaseKind.TYPED_DIFFERS:
        return False
    return not (isinstance(case.facts, OutcomeFacts) and case.facts.state is State.OVERPAID)
