"""What may happen to an application."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from pos_terminal.core.application import ApplicationState, Withdrawn
from pos_terminal.core.cause import Cause
from pos_terminal.core.decision import Decision, Phase, StoredVerdict, as_stored
from pos_terminal.core.digest import digest
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.sale import SaleState
from pos_terminal.core.words import Failure, FailureCode
from pos_terminal.ports import Application, Approval, Draft
from pos_terminal.services.ledger.audit import mark
from pos_terminal.services.ledger.books import exceptions, sales
from pos_terminal.services.ledger.books.applications import items
from pos_terminal.services.ledger.books.applications.reads import (
    SEVERAL,
    approval_of,
    load,
    verdicts_of,
)
from pos_terminal.services.ledger.step import Step

_DRAFTS: Final = f"""SELECT number FROM applications
    WHERE state = '{ApplicationState.OPEN}' AND NOT kept"""


def open_ticket(step: Step, drafts: Sequence[Draft]) -> Sequence[Application]:
    """The legs of one plan, in their order; the first one's number is the ticket's."""
    opened: list[Application] = []
    for draft in drafts:
        if draft.instead_of is not None:
            cancel(step, draft.instead_of, Withdrawn.TAKEN_UP_AGAIN)
        ticket = draft.ticket or (opened[0].ticket if opened else None)
        opened.append(_open_one(step, draft, ticket, as_stored(draft.decisions)))
    return opened


def _open_one(
    step: Step, draft: Draft, ticket: int | None, verdicts: Sequence[StoredVerdict]
) -> Application:
    """A new application, ``open`` or ``refused``, with what the rules answered."""
    if draft.sale_key is not None:
        sales.must_be_there(step.db, draft.sale_key)
    moment = step.now.isoformat()
    state = ApplicationState.REFUSED if draft.refused else ApplicationState.OPEN
    number = _next_number(step.db)
    ticket = number if ticket is None else ticket
    step.insert(
        """INSERT INTO applications (number, ticket, place, kept, sale_key, leg, kind, amount, owed,
        reason, note, goods_back, operator, invoice, invoice_no, state, opened_at, changed_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            *(number, ticket, draft.place, int(draft.kept and not draft.refused)),
            draft.sale_key,
            draft.leg,
            draft.kind,
            draft.amount,
            draft.owed,
            draft.reason,
            draft.note,
            draft.goods_back,
            draft.operator,
            *invoice_row(draft.invoice),
            state,
            moment,
            moment,
        ),
    )
    items.store(step, number, draft.sale_key, draft.items)
    answers = _store_verdicts(step, number, verdicts)
    step.log(
        "application",
        application=number,
        ticket=ticket,
        place=draft.place,
        state=state,
        sale=sales.name_of(step.db, draft.sale_key),
        sale_key=draft.sale_key,
        leg=draft.leg,
        refund_kind=draft.kind,
        amount=draft.amount,
        owed=draft.owed,
        reason=draft.reason,
        note=note_mark(step.audit_key, number, draft.note),
        goods_back=draft.goods_back,
        operator=draft.operator,
        **_invoice_facts(draft.invoice),
        items=items.as_fact(draft.items),
        looked=items.looked_fact(draft.items),
        answers=answers,
        stands=stands(step.db, number),
    )
    if draft.basis is not None and not draft.refused:
        exceptions.keep(step, number, draft.basis)
    if draft.approvals:
        approve(step, number, [replace(one, amount=draft.amount) for one in draft.approvals])
    return load(step.db, number)


def invoice_row(invoice: InvoiceBack | None) -> tuple[str | None, str]:
    """The columns of it."""
    return (None, "") if invoice is None else (invoice.answer.value, invoice.number)


def _invoice_facts(invoice: InvoiceBack | None) -> dict[str, str]:
    """The log says nothing of it where nobody was asked."""
    if invoice is None:
        return {}
    return {"invoice": invoice.answer.value, "invoice_no": invoice.number}


def add_decision(step: Step, number: int, decision: Decision, refused: bool) -> None:
    """The answer of the rules that needed the card; ``refused`` ends the application."""
    if refused:
        change(step, number, ApplicationState.REFUSED, (ApplicationState.OPEN,), kept=False)
        step.log("application", application=number, stands=stands(step.db, number))
    keep_decision(step, number, decision)


def keep_decision(step: Step, number: int, decision: Decision) -> None:
    """What the rules answered, of an application that goes on or ends with it."""
    answers = _store_verdicts(step, number, as_stored([decision]))
    step.log(
        "decision",
        application=number,
        phase=decision.phase,
        answer=decision.answer,
        refused=int(decision.refuses),
        answers=answers,
    )


def approve(step: Step, number: int, approvals: Sequence[Approval]) -> None:
    """Supervisors' yes to one question, kept with who and when (R23).

    ValueError where one of them said it twice, or it is the operator's own: the schema has it too.
    """
    operator = load(step.db, number).operator
    people = {one.supervisor for one in approvals} - {operator}
    if len(people) != len(approvals):
        raise ValueError("each approval is another supervisor's, none the operator's")
    first = _next(step.db, "approvals", number)
    sql = "SELECT coalesce(max(question), 0) + 1 FROM approvals WHERE application = ?"
    question = step.db.execute(sql, (number,)).fetchone()[0]
    for seq, approval in enumerate(approvals, first):
        step.db.execute(
            """INSERT INTO approvals (application, seq, question, operator, supervisor, name, at,
            amount, rule, plan) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                *(number, seq, question, operator),
                *(approval.supervisor, approval.name, approval.at.isoformat()),
                *(approval.amount, approval.rule, approval.plan),
            ),
        )
        step.log(
            "approval",
            application=number,
            answer=seq,
            question=question,
            supervisor=approval.supervisor,
            person=person_mark(step.audit_key, number, approval.supervisor, approval.name),
            said_at=approval.at.isoformat(),
            amount=approval.amount,
            rule=approval.rule,
            plan=approval.plan,
        )


def approve_ticket(step: Step, applications: Sequence[int], approvals: Sequence[Approval]) -> None:
    """One approval for all legs of a plan: each stores it, with its own amount."""
    for number in applications:
        keep(step, number)
        amount = load(step.db, number).amount
        approve(step, number, [replace(one, amount=amount) for one in approvals])


def keep(step: Step, number: int) -> None:
    """It is to do from here on, and no start forgets it."""
    change(step, number, ApplicationState.OPEN, (ApplicationState.OPEN,), kept=True)
    step.log("application", application=number, stands=stands(step.db, number))


def open_again(step: Step, number: int) -> None:
    """The same leg of its ticket is to do once more, as it was decided and approved: by the same
    way, and for who it was. Nothing was paid. What the rules said of the card is asked of it anew.
    """
    old = load(step.db, number)
    draft = Draft(
        sale_key=old.sale_key,
        leg=old.leg,
        kind=old.kind,
        amount=old.amount,
        reason=old.reason,
        note=old.note,
        operator=old.operator,
        goods_back=old.goods_back,
        items=old.items,
        owed=old.owed,
        place=old.place,
        ticket=old.ticket,
        kept=True,
        basis=exceptions.basis_of(step.db, number),
        invoice=old.invoice,
    )
    said = [one for one in verdicts_of(step.db, number) if one.phase is Phase.BEFORE_CARD]
    anew = _open_one(step, draft, old.ticket, said)
    rows = step.db.execute("SELECT * FROM approvals WHERE application = ? ORDER BY seq", (number,))
    given = [approval_of(row) for row in rows.fetchall()]
    of_plan = {one.supervisor: one for one in given if one.plan}
    if of_plan:
        approve(step, anew.number, list(of_plan.values()))


def open_rest(step: Step, number: int, amount: int) -> None:
    """What a payment was given only a part of is to do, as a leg of its ticket that nobody approved
    yet. Its goods and what is owed for them stay with the part."""
    old = load(step.db, number)
    draft = Draft(
        sale_key=old.sale_key,
        leg=old.leg,
        kind=old.kind,
        amount=amount,
        reason=old.reason,
        note=old.note,
        operator=old.operator,
        goods_back=old.goods_back,
        place=last_place(step.db, old.ticket) + 1,
        ticket=old.ticket,
        kept=True,
        invoice=old.invoice,
    )
    said = [one for one in verdicts_of(step.db, number) if one.phase is Phase.BEFORE_CARD]
    _open_one(step, draft, old.ticket, said)


def last_place(db: sqlite3.Connection, ticket: int) -> int:
    """In the plan of this ticket."""
    sql = "SELECT max(place) FROM applications WHERE ticket = ?"
    return int(db.execute(sql, (ticket,)).fetchone()[0])


def of_several(db: sqlite3.Connection, number: int) -> bool:
    """Whether its ticket has other legs."""
    sql = f"SELECT {SEVERAL} FROM applications a WHERE number = ?"
    return bool(db.execute(sql, (number,)).fetchone()[0])


def cancel(step: Step, number: int, why: Withdrawn | FailureCode) -> None:
    """The clerk or the customer gave up before anything was sealed."""
    state = ApplicationState.CANCELLED
    change(step, number, state, (ApplicationState.OPEN,), kept=False, why=why)
    step.log("application", application=number, why=why, stands=stands(step.db, number))


STANDS: Final = "a.state || ' ' || a.kept || ' ' || a.changed_at || ' ' || a.why"
"""SQL: where the application ``a`` stands. The entry of each step that moves one has it."""


def stands(db: sqlite3.Connection, number: int) -> str:
    sql = f"SELECT {STANDS} FROM applications a WHERE number = ?"
    return str(db.execute(sql, (number,)).fetchone()[0])


def note_mark(key: bytes, number: int, note: str) -> str:
    """Stands for a note in the log, which keeps its facts longer than what persons said."""
    return mark(key, "note", number, note)


def person_mark(key: bytes, number: int, supervisor: str, name: str) -> str:
    """Stands for a supervisor's name."""
    return mark(key, "person", number, supervisor, name)


def change(
    step: Step,
    number: int,
    state: ApplicationState,
    allowed: Sequence[ApplicationState],
    *,
    kept: bool | None = None,
    why: Withdrawn | FailureCode | Cause | Literal[""] | None = None,
) -> None:
    """Move an application on; None leaves ``kept`` or ``why`` as it is.

    Failure ``ledger.application`` where it is in no allowed state.
    """
    marks = ", ".join("?" * len(allowed))
    sql = f"""UPDATE applications SET state = ?, kept = coalesce(?, kept), why = coalesce(?, why),
        changed_at = ? WHERE number = ? AND state IN ({marks})"""  # marks only
    moment = step.now.isoformat()
    changed = step.db.execute(sql, (state, kept, why, moment, number, *allowed)).rowcount
    if changed != 1:
        raise Failure("ledger.application", number=number, state=load(step.db, number).state)


def forget_drafts(step: Step) -> None:
    """At start-up: what was still being entered is over; nothing had been promised."""
    drafts = step.db.execute(_DRAFTS)
    for row in drafts.fetchall():
        cancel(step, row["number"], Withdrawn.RESTART)


def end_spent(step: Step, ticket: int = 0) -> None:
    """What waited for the merchant's funds or was left to do, and nothing is left of its payment by
    now: it went back in another way. While a form or an open refund holds the rest it may be free
    again. A ``ticket`` that is under way sees to its own legs."""
    sql = f"""SELECT number FROM applications a WHERE a.state = '{ApplicationState.OPEN}' AND a.kept
        AND (NOT {SEVERAL} OR a.ticket != ?) AND NOT EXISTS (
        SELECT 1 FROM tenders t JOIN sales s USING (sale_key) WHERE t.sale_key = a.sale_key
        AND t.leg = a.leg AND t.amount > t.done AND s.state = '{SaleState.APPROVED}')"""
    for row in step.db.execute(sql, (ticket,)).fetchall():
        cancel(step, row["number"], Withdrawn.NOTHING_LEFT)


def begin(step: Step) -> None:
    """At start-up."""
    forget_drafts(step)
    end_spent(step)


def _store_verdicts(step: Step, number: int, verdicts: Sequence[StoredVerdict]) -> str:
    """What the audit log has of them: a digest of each."""
    first = _next(step.db, "decisions", number)
    texts = [msgspec.json.encode(facts).decode() for facts in verdicts]
    step.db.executemany(
        "INSERT INTO decisions (application, seq, facts) VALUES (?, ?, ?)",
        [(number, seq, text) for seq, text in enumerate(texts, first)],
    )
    return " ".join(map(digest, texts))


def _next_number(db: sqlite3.Connection) -> int:
    sql = "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'applications'"
    row = db.execute(sql).fetchone()
    return 1 if row is None else int(row[0])


def _next(db: sqlite3.Connection, table: str, number: int) -> int:
    sql = f"SELECT coalesce(max(seq), 0) + 1 FROM {table} WHERE application = ?"
    return int(db.execute(sql, (number,)).fetchone()[0])


def go_over(step: Step, typed: int, into: sales.Into) -> None:
    """Applications of a typed sale are of the till's, and of its leg where they chose one."""
    step.db.execute(
        "UPDATE applications SET sale_key = ?, leg = iif(leg > 0, ?, 0) WHERE sale_key = ?",
        (into.sale_key, into.leg, typed),
    )
