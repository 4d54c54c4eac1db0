"""How a case is opened: by an outcome, a file, another system or people; once for each matter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from pos_terminal.core.case import (
    BY_PEOPLE,
    CaseFacts,
    CaseKind,
    CaseState,
    Contradicted,
    Reported,
    ToldElsewhere,
    ToldExchange,
    ToldRecovery,
    TypedDiffers,
    due_days,
    locks,
)
from pos_terminal.core.digest import digest
from pos_terminal.services.ledger.books import refunds, sales, slips
from pos_terminal.services.ledger.books.cases.reads import contradicted, load
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.receipt.slip import Slip

_LAST_TOLD: Final = """SELECT state, facts, (SELECT c.operator FROM closings c
    WHERE c.case_id = k.case_id) AS closed_by FROM cases k
    WHERE sale_key = ? AND kind = ? AND told = ? ORDER BY case_id DESC LIMIT 1"""


def open_of_refund(
    step: Step,
    refund_id: int,
    kind: CaseKind,
    facts: CaseFacts,
    *,
    over: int = 0,
    told: str = "",
    make: Callable[[int], Sequence[Slip]] | None = None,
) -> int:
    """The case's number. ``over``, minor units, locks its sale; slips that ``make`` makes are
    queued with it.

    A refund has one of each kind, which is opened once; where the acquirer told of it, one of each
    kind and record: ``told`` names that. One that was opened before, and perhaps closed since,
    stays as it is; of kinds that people open only an open one.
    """
    sql = "SELECT case_id FROM cases WHERE refund_id = ? AND kind = ? AND told = ?"
    known = step.db.execute(sql + _open_alone(kind), (refund_id, kind, told)).fetchone()
    if known is not None:
        if isinstance(facts, Reported):
            step.log("case_again", case=known["case_id"], operator=facts.operator)
        return int(known["case_id"])
    sale = refunds.load(step.db, refund_id).sale_key
    number = _add(step, kind, facts, sale_key=sale, refund_id=refund_id, over=over, told=told)
    if over:
        sales.lock(step, sale, refund_id)
    if make is not None:
        slips.queue(step, make(number), None, None, case_id=number)
    return number


def _add(
    step: Step,
    kind: CaseKind,
    facts: CaseFacts,
    *,
    sale_key: int | None = None,
    refund_id: int | None = None,
    over: int = 0,
    told: str = "",
) -> int:
    """A new case with its entry; its number."""
    text = _stored(facts)
    days = step.home.due_days.get(kind, due_days(kind))
    due_on = (step.now.date() + timedelta(days=days)).isoformat()
    number = step.insert(
        f"""INSERT INTO cases (kind, sale_key, refund_id, over, told, state, opened_at, due_on,
        facts) VALUES (?, ?, ?, ?, ?, '{CaseState.OPEN}', ?, ?, ?)""",
        (kind, sale_key, refund_id, over, told, step.now.isoformat(), due_on, text),
    )
    step.log(
        "case",
        number=number,
        case=kind,
        sale=sales.name_of(step.db, sale_key),
        sale_key=sale_key,
        refund=refund_id,
        over=over,
        told=told,
        digest=digest((text,)),
        due_on=due_on,
    )
    return number


def _open_alone(kind: CaseKind) -> str:
    """What people open may happen again."""
    return f" AND state = '{CaseState.OPEN}'" if kind in BY_PEOPLE else ""


def contradict(step: Step, refund_id: int, facts: Contradicted, told: str) -> int | None:
    """What the acquirer says against a final state; its number, None where all of it is known.

    Less than the ledger has is a case, too, but no money and no lock.
    """
    refund = refunds.load(step.db, refund_id)
    beside = facts.told - refund.done - contradicted(step.db, refund_id)
    if facts.other or facts.returned:
        beside = 0  # it was paid for that one, or for nobody
    elif facts.told > refund.done and beside <= 0:
        return None
    kind = CaseKind.CONTRADICTION
    return open_of_refund(step, refund_id, kind, facts, over=max(beside, 0), told=told)


def _stored(facts: CaseFacts) -> str:
    return msgspec.json.encode(facts).decode()


def open_of_sale(
    step: Step,
    sale_key: int,
    kind: CaseKind,
    facts: Reported,
    make: Callable[[int], Sequence[Slip]],
) -> int:
    """The case's number. What it is about is on its slips, which are queued with it; while it is
    open it is opened once."""
    sql = "SELECT case_id FROM cases WHERE sale_key = ? AND kind = ? AND refund_id IS NULL"
    known = step.db.execute(sql + _open_alone(kind), (sale_key, kind)).fetchone()
    if known is not None:
        step.log("case_again", case=known["case_id"], operator=facts.operator)
        return int(known["case_id"])
    number = _add(step, kind, facts, sale_key=sale_key)
    slips.queue(step, make(number), None, None, case_id=number)
    return number


def print_again(step: Step, case_id: int, made: Sequence[Slip], operator: str) -> None:
    """Slips of a case, whether it is open or not."""
    load(step.db, case_id)
    slips.queue(step, made, None, None, case_id=case_id)
    step.log("case_printed", case=case_id, operator=operator)


def open_loose(
    step: Step,
    kind: CaseKind,
    facts: CaseFacts,
    queued: Sequence[Slip] = (),
    *,
    over: int = 0,
    told: str = "",
) -> int:
    """A case of which the ledger has no sale; its number.

    Each call opens another one, but for what ``told`` names, as of ``open_of_refund``.
    """
    known = step.db.execute(
        """SELECT case_id FROM cases WHERE sale_key IS NULL AND told != '' AND told = ?
        AND kind = ?""",
        (told, kind),
    ).fetchone()
    if known is not None:
        return int(known["case_id"])
    number = _add(step, kind, facts, over=over, told=told)
    slips.queue(step, queued, None, None, case_id=number)
    return number


def told_elsewhere(step: Step, sale_key: int, facts: ToldElsewhere, *, over: int, told: str) -> int:
    """Another system did more than is left of the sale; the case's number. As ``lock_sale``."""
    return lock_sale(step, sale_key, CaseKind.ELSEWHERE, facts, over=over, told=told)


def lock_sale(
    step: Step, sale_key: int, kind: CaseKind, facts: CaseFacts, *, over: int, told: str
) -> int:
    """What others did to a sale is a case; its number.

    So much ``over``, minor units, locks the sale. ``told`` names what they did.
    """
    number = _add(step, kind, facts, sale_key=sale_key, over=over, told=told)
    if locks(kind, over):
        sales.lock(step, sale_key, None)
    return number


def typed_differs(step: Step, sale_key: int, facts: TypedDiffers, *, over: int, told: str) -> int:
    """A till tells a payment otherwise than it was typed; the case's number. Locks the sale."""
    return lock_sale(step, sale_key, CaseKind.TYPED_DIFFERS, facts, over=over, told=told)


def exchange_told(step: Step, sale_key: int, kind: CaseKind, facts: ToldExchange) -> None:
    """A sale says that more was paid by an exchange credit than was taken of it, or says so no
    more of what was; or its number is unclear. One that ended by itself comes back where that is so
    again; one that people closed where it is about more than they knew."""
    told = str(facts.ticket) if facts.ticket else told_unclear(facts.leg)
    last = step.db.execute(_LAST_TOLD, (sale_key, kind, told)).fetchone()
    if last is not None:
        known = msgspec.json.decode(last["facts"], type=ToldExchange)
        by_people = last["closed_by"] is not None and facts.beside <= known.beside
        if last["state"] == CaseState.OPEN or by_people:
            return
    _add(step, kind, facts, sale_key=sale_key, told=told)


def recovery_unknown(step: Step, sale_key: int, number: str) -> None:
    """A sale says that it pays a slip with this code, and there is none; once for each."""
    kind = CaseKind.RECOVERY_UNKNOWN
    sql = "SELECT 1 FROM cases WHERE sale_key = ? AND kind = ? AND told = ?"
    if step.db.execute(sql, (sale_key, kind, number)).fetchone() is None:
        _add(step, kind, ToldRecovery(number), sale_key=sale_key, told=number)


def told_unclear(leg: int) -> str:
    return f"leg/{leg}"


def go_over(step: Step, typed: int, into: sales.Into) -> None:
    """Cases of a typed sale are of the till's, and of its leg."""
    step.db.execute(
        """UPDATE cases SET sale_key = :key, facts = iif(facts ->> 'leg' = 1,
        json_set(facts, '$.leg', :leg), facts) WHERE sale_key = :typed""",
        {"key": into.sale_key, "leg": into.leg, "typed": typed},
    )
