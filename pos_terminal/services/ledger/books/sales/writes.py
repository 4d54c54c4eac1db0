"""What may happen to a sale.

Goods go with the money: held by the seal, returned by the conclusion or by the commit of a cash
leg, free again by every ending that gave nothing back. What was approved after it had been given up
stays beside both balances: the sale is locked.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from pos_terminal.core.case import LOCKS, CaseState
from pos_terminal.core.money import format_amount
from pos_terminal.core.refund import OPEN, Kind, Refund, State
from pos_terminal.core.sale import Sale, SaleState, TenderKind
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.core.voucher import mask as mask_voucher
from pos_terminal.core.words import Failure
from pos_terminal.ports import Application
from pos_terminal.services.ledger.books.sales import codes
from pos_terminal.services.ledger.books.sales.joined import JOINED, Into
from pos_terminal.services.ledger.books.sales.reads import NEWEST_TOLD, taken
from pos_terminal.services.ledger.books.sales.record import RECORD, mark
from pos_terminal.services.ledger.books.sales.reopens import REOPENS
from pos_terminal.services.ledger.books.sales.rows import (
    line_rows,
    name_of,
    sale_row,
    tender_rows,
)
from pos_terminal.services.ledger.names import among
from pos_terminal.services.ledger.step import Step

if TYPE_CHECKING:
    from pos_terminal.wire.feed.entries import SaleEntry

_REFUSED: Final = {
    SaleState.VOIDED: "ledger.sale_voided",
    SaleState.UNCONFIRMED: "ledger.sale_unconfirmed",
    SaleState.WITHDRAWN: "ledger.sale_withdrawn",
}
_LACKING: Final = """SELECT 1 FROM application_items i JOIN lines l USING (sale_key, line)
    WHERE i.application = ? AND i.quantity > l.quantity - l.returned - l.held LIMIT 1"""
_MOVE_GOODS: Final = """UPDATE lines
    SET held = held + i.quantity * ?, returned = returned + i.quantity * ?
    FROM application_items i WHERE i.application = ?
    AND lines.sale_key = i.sale_key AND lines.line = i.line"""

VOIDED_LEG: Final = f"""EXISTS (SELECT 1 FROM refunds v WHERE v.sale_key = t.sale_key
    AND v.leg = t.leg AND v.kind = '{Kind.VOID}' AND v.state = '{State.ACCEPTED}')"""
"""Of a row ``t`` of tenders: whether it was voided by this terminal."""
_NEWEST_TOTAL: Final = f"""SELECT coalesce((SELECT e.amount FROM feed_events e
    JOIN sales s USING (sale_id) WHERE s.sale_key = t.sale_key AND e.leg = t.leg
    AND e.kind = '{SaleEvent.ADJUSTED}' ORDER BY {NEWEST_TOLD} LIMIT 1), t.told) AS amount
    FROM tenders t WHERE t.sale_key = ? AND t.leg = ?"""


def with_keys(step: Step, entries: Iterable[SaleEntry]) -> list[SaleEntry]:
    """The same, each sale with the key under which ``add`` is to store it."""
    row = step.db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'sales'").fetchone()
    first = 1 if row is None else row["seq"] + 1
    return [
        replace(entry, sale=replace(entry.sale, key=key))
        for key, entry in enumerate(entries, first)
    ]


def add(step: Step, entries: Collection[SaleEntry], import_id: int | None) -> None:
    """New ones with their keys; of an import, or by themselves (None).

    The import's entry in the log stands for its sales; one that comes by itself has its own.
    """
    zone = step.home.zone
    step.insert_all("sales", (sale_row(entry, import_id, zone) for entry in entries))
    step.insert_all("tenders", (row for entry in entries for row in tender_rows(entry.sale, zone)))
    step.insert_all("lines", (row for entry in entries for row in line_rows(entry.sale)))
    codes.add(step, (entry.sale for entry in entries))
    if import_id is None:
        _log_alone(step, [entry.sale for entry in entries])


def _log_alone(step: Step, told: Sequence[Sale]) -> None:
    """No import answers for these: each has its own entry."""
    records = dict(map(tuple, _records(step, [sale.key for sale in told])))
    for sale in told:
        step.log(
            "sale",
            sale_key=sale.key,
            sale=sale.sale_id or None,
            origin=sale.origin,
            digest=mark(step.audit_key, records[sale.key]),
        )


def _records(step: Step, keys: Sequence[int]) -> list[sqlite3.Row]:
    sql = f"""SELECT sale_key, {RECORD} FROM sales s
        WHERE sale_key IN (SELECT value FROM json_each(?))"""
    return step.db.execute(sql, (json.dumps(keys),)).fetchall()


def fill(
    step: Step, entries: Collection[SaleEntry], import_id: int | None
) -> list[tuple[int, str]]:
    """Sales of the ledger with what a later record of an import adds, or people (None); each is
    this import's from now on. What those of an import were before: import and ``record``."""
    before = []
    zone = step.home.zone
    for entry in entries:
        key = entry.sale.key
        sql = f"SELECT import_id, {RECORD} AS record FROM sales s WHERE sale_key = ?"
        row = step.db.execute(sql, (key,)).fetchone()
        if row["import_id"] is not None:
            before.append((row["import_id"], row["record"]))
        elif import_id is not None:
            sale = entry.sale  # the import answers for it
            step.log("sale", sale_key=key, sale=sale.sale_id, origin=sale.origin, digest=None)
        _update(step, "sales", sale_row(entry, import_id, zone), _STAND, "sale_key = :sale_key")
        for leg in tender_rows(entry.sale, zone):
            _update(step, "tenders", leg, _STAND, "sale_key = :sale_key AND leg = :leg")
    if import_id is None:
        _log_alone(step, [entry.sale for entry in entries])
    return before


_STAND: Final = frozenset(
    {*("sale_key", "sale_id", "origin", "leg", "kind", "amount", "told", "state", "batch_closed")}
)
"""Columns that a later record leaves as they are."""


def _update(
    step: Step, table: str, row: Mapping[str, object], stand: frozenset[str], where: str
) -> None:
    columns = ", ".join(f"{name} = :{name}" for name in row if name not in stand)
    step.db.execute(f"UPDATE {table} SET {columns} WHERE {where}", dict(row))


def check_balance(
    db: sqlite3.Connection, application: Application, *, voided: bool = False
) -> None:
    """done + held + new ≤ sale, of the leg and of each line, on a sale that stands (R8, R11).

    Nothing at all while another refund of the sale is open, whatever its leg (R32); a form that
    people carry out holds its own amount alone (R38). What stands for goods without a receipt goes
    back by its own application, and by no other (R17). Of what one of our vouchers paid, no more
    than was redeemed of it; of what an exchange credit paid, no more than the till took, in
    whatever way, and never as another credit (R37). ``voided``: of a sale that its till voided, and
    of no other.
    """
    row = db.execute(
        f"""SELECT s.state, s.locked, s.currency, t.amount, t.done, t.voucher_no, t.kind,
        {REOPENS} AS reopens,
        iif(EXISTS (SELECT 1 FROM blind_sales b WHERE b.sale_key = s.sale_key
            AND b.application != ?), 0, t.amount - t.done - t.held) AS remaining,
        EXISTS (SELECT 1 FROM refunds r WHERE r.sale_key = s.sale_key AND r.state IN
            {among(OPEN)}) AS open
        FROM sales s JOIN tenders t USING (sale_key) WHERE s.sale_key = ? AND t.leg = ?""",
        (application.number, application.sale_key, application.leg),
    ).fetchone()
    if row is None:
        raise KeyError((application.sale_key, application.leg))
    state = SaleState(row["state"])
    refusal = _REFUSED.get(state)
    if voided:
        refusal = None if state is SaleState.VOIDED else "ledger.not_reopened"
    if row["locked"]:
        refusal = "ledger.sale_locked"
    elif refusal is None and row["open"]:
        refusal = "ledger.sale_open"
    if refusal is not None:
        raise Failure(refusal)
    if application.kind is not Kind.EXCHANGE:  # of which no money goes
        _check_money(db, application, row)
    if application.items and db.execute(_LACKING, (application.number,)).fetchone() is not None:
        raise Failure("ledger.lines")


def _check_money(db: sqlite3.Connection, application: Application, row: sqlite3.Row) -> None:
    if application.amount > row["remaining"]:
        raise Failure("ledger.balance")
    of_credit = row["kind"] == TenderKind.EXCHANGE
    if of_credit and (
        application.amount > row["reopens"] or application.kind is Kind.EXCHANGE_CREDIT
    ):
        raise Failure("ledger.not_reopened")
    if application.kind is Kind.VOID and application.amount != row["amount"]:
        raise Failure("ledger.not_in_full")  # adjusted, say, since its amount was shown
    # another sale may have been given back since the rules were asked
    if row["voucher_no"] and (known := taken(db, row["voucher_no"])) is not None:
        left = max(0, known.redeemed - known.given)
        if application.amount > left:
            shown = mask_voucher(row["voucher_no"]), format_amount(left, row["currency"])
            raise Failure("rules.not_redeemed", number=shown[0], left=shown[1])


def hold(step: Step, application: Application) -> None:
    """With the seal: money and goods are set aside until the outcome is known."""
    step.db.execute(
        "UPDATE tenders SET held = held + ? WHERE sale_key = ? AND leg = ?",
        (application.amount, application.sale_key, application.leg),
    )
    step.db.execute(_MOVE_GOODS, (1, 0, application.number))


def set_aside(step: Step, application: Application) -> None:
    """For an exchange credit: the money is set aside, the goods are back."""
    step.db.execute(
        "UPDATE tenders SET held = held + ? WHERE sale_key = ? AND leg = ?",
        (application.amount, application.sale_key, application.leg),
    )
    step.db.execute(_MOVE_GOODS, (0, 1, application.number))


def take(step: Step, refund: Refund, amount: int) -> None:
    """So much of what is set aside for it is given back."""
    step.db.execute(
        "UPDATE tenders SET held = held - ?, done = done + ? WHERE sale_key = ? AND leg = ?",
        (amount, amount, refund.sale_key, refund.leg),
    )


def free(step: Step, refund: Refund) -> None:
    """What is still set aside for it is the leg's again; its goods stay where they are."""
    step.db.execute(
        "UPDATE tenders SET held = held - ? WHERE sale_key = ? AND leg = ?",
        (refund.amount - refund.done, refund.sale_key, refund.leg),
    )


def release(step: Step, refund: Refund, done: int) -> None:
    """With the outcome: so much of the hold is spent, the rest is free again.

    An approval of a part (10) means that the goods are back all the same: what is missing of the
    money is given back by amount.
    """
    step.db.execute(
        "UPDATE tenders SET held = held - ?, done = done + ? WHERE sale_key = ? AND leg = ?",
        (refund.amount, done, refund.sale_key, refund.leg),
    )
    release_goods(step, refund.application, returned=done > 0)


def release_goods(step: Step, application: int, *, returned: bool) -> None:
    """Held goods are returned, or free again."""
    step.db.execute(_MOVE_GOODS, (-1, int(returned), application))


def spend(step: Step, application: Application) -> None:
    """With the commit of a leg that no acquirer is asked for: given back at once."""
    step.db.execute(
        "UPDATE tenders SET done = done + ? WHERE sale_key = ? AND leg = ?",
        (application.amount, application.sale_key, application.leg),
    )
    step.db.execute(_MOVE_GOODS, (0, 1, application.number))


def count_in(step: Step, sale_key: int, leg: int, amount: int) -> bool:
    """So much of the leg is given back; False where the sale has no such leg.

    sqlite3.IntegrityError where less is left of it.
    """
    sql = "UPDATE tenders SET done = done + ? WHERE sale_key = ? AND leg = ?"
    return step.db.execute(sql, (amount, sale_key, leg)).rowcount > 0


def take_off(step: Step, sale_key: int, leg: int, amount: int) -> None:
    """So much less of the leg is given back: it went back of another sale, which counts it."""
    sql = "UPDATE tenders SET done = done - ? WHERE sale_key = ? AND leg = ?"
    step.db.execute(sql, (amount, sale_key, leg))
    settle_total(step, sale_key, leg)


def open_again(step: Step, refund: Refund, amount: int) -> bool:
    """So much of what this refund gave back is the leg's again; whether it has room for it now."""
    take_off(step, refund.sale_key, refund.leg, amount)
    sql = "SELECT amount - done - held FROM tenders WHERE sale_key = ? AND leg = ?"
    row = step.db.execute(sql, (refund.sale_key, refund.leg)).fetchone()
    return int(row[0]) >= amount


def come_back(step: Step, refund: Refund, amount: int) -> None:
    """So much of what this refund gave back is the leg's again; its goods stay where they are."""
    take_off(step, refund.sale_key, refund.leg, amount)
    _stand_again(step, refund.sale_key)


def count_what_fits(step: Step, sale_key: int, leg: int, amount: int) -> int:
    """As ``count_in``, or less, as far as there is room; how much was counted, minor units."""
    sql = "SELECT amount - done - held FROM tenders WHERE sale_key = ? AND leg = ?"
    row = step.db.execute(sql, (sale_key, leg)).fetchone()
    counted = 0 if row is None else min(amount, int(row[0]))
    if counted:
        count_in(step, sale_key, leg, counted)
    return counted


def count_goods_that_fit(step: Step, sale_key: int, line: int, quantity: int) -> int:
    """So much of the line is returned, or less, as far as there is any; thousandths."""
    sql = "SELECT quantity - returned - held FROM lines WHERE sale_key = ? AND line = ?"
    row = step.db.execute(sql, (sale_key, line)).fetchone()
    counted = 0 if row is None else min(quantity, int(row[0]))
    step.db.execute(
        "UPDATE lines SET returned = returned + ? WHERE sale_key = ? AND line = ?",
        (counted, sale_key, line),
    )
    return counted


def set_total(step: Step, sale_key: int, leg: int, total: int) -> int | None:
    """The leg is of so much now, or of what is given back or held where that is more.

    A leg that was voided here was taken back whole, whatever it is said to have been: nothing is
    left of it. How much the total is below what is given back, minor units; None where the sale
    has no such leg.
    """
    row = step.db.execute(
        f"""SELECT done + held AS given, {VOIDED_LEG} AS voided FROM tenders t
        WHERE sale_key = ? AND leg = ?""",
        (sale_key, leg),
    ).fetchone()
    if row is None:
        return None
    given = int(row["given"])
    _set_amount(step, sale_key, leg, given if row["voided"] else max(total, given))
    _stand_again(step, sale_key)
    return max(0, given - total)


def _stand_again(step: Step, sale_key: int) -> None:
    """Of a sale that was voided here leg by leg something is left again."""
    step.db.execute(
        f"""UPDATE sales SET state = '{SaleState.APPROVED}'
        WHERE sale_key = :key AND state = '{SaleState.VOIDED}'
        AND EXISTS (SELECT 1 FROM tenders WHERE sale_key = :key AND done < amount)
        AND NOT EXISTS (SELECT 1 FROM feed_events e WHERE e.sale_id = sales.sale_id
            AND e.kind = '{SaleEvent.SALE_VOIDED}')""",
        {"key": sale_key},
    )


def _set_amount(step: Step, sale_key: int, leg: int, amount: int) -> None:
    """Of the leg, and with it of the sale."""
    step.db.execute(
        "UPDATE tenders SET amount = ? WHERE sale_key = ? AND leg = ?", (amount, sale_key, leg)
    )
    step.db.execute(
        """UPDATE sales SET amount = (SELECT sum(amount) FROM tenders t
        WHERE t.sale_key = sales.sale_key) WHERE sale_key = ?""",
        (sale_key,),
    )


def settle_total(step: Step, sale_key: int, leg: int) -> None:
    """The leg's newest total again, now that less may be held of it."""
    newest = step.db.execute(_NEWEST_TOTAL, (sale_key, leg)).fetchone()
    if newest is not None:
        set_total(step, sale_key, leg, newest["amount"])


def void(step: Step, sale_key: int) -> None:
    """Another system voided it."""
    step.db.execute(
        f"UPDATE sales SET state = '{SaleState.VOIDED}' WHERE sale_key = ?", (sale_key,)
    )


def void_leg(step: Step, sale_key: int, leg: int) -> None:
    """A leg was voided, whole: of another total that came meanwhile nothing is left, either.

    A split sale stands on with its other legs.
    """
    sql = "SELECT done FROM tenders WHERE sale_key = ? AND leg = ?"
    _set_amount(step, sale_key, leg, step.db.execute(sql, (sale_key, leg)).fetchone()["done"])
    step.db.execute(
        f"""UPDATE sales SET state = '{SaleState.VOIDED}' WHERE sale_key = ? AND NOT EXISTS
        (SELECT 1 FROM tenders WHERE sale_key = ? AND done < amount)""",
        (sale_key, sale_key),
    )


def absorb(step: Step, typed: int, into: Into) -> int:
    """What was given back of a typed sale, or is held of it, is so of the till's leg; its rows are
    gone. How much that is more than there was room for, minor units.

    Whoever refers to the typed sale must refer to the other one by now. One refund of both is open
    at most.
    """
    sql = "SELECT done, held, locked FROM tenders JOIN sales USING (sale_key) WHERE sale_key = ?"
    moved = step.db.execute(sql, (typed,)).fetchone()
    key, leg, given = into.sale_key, into.leg, int(moved["done"] + moved["held"])
    was = step.db.execute("SELECT state, locked FROM sales WHERE sale_key = ?", (key,)).fetchone()
    sql = "SELECT amount, done + held AS given FROM tenders WHERE sale_key = ? AND leg = ?"
    row = step.db.execute(sql, (key, leg)).fetchone()
    short = max(0, int(row["given"]) + given - int(row["amount"]))
    if short:
        _set_amount(step, key, leg, int(row["amount"]) + short)
    # the hold was there before the till told of its sale, whatever it says of it
    stands = "UPDATE sales SET state = ?, locked = ? WHERE sale_key = ?"
    step.db.execute(stands, (SaleState.APPROVED, 0, key))
    step.db.execute(
        "UPDATE tenders SET done = done + ?, held = held + ? WHERE sale_key = ? AND leg = ?",
        (moved["done"], moved["held"], key, leg),
    )
    # the cases of the typed sale are the other one's by now
    step.db.execute(stands, (was["state"], was["locked"] or moved["locked"], key))
    step.db.execute("DELETE FROM tenders WHERE sale_key = ?", (typed,))
    step.db.execute("DELETE FROM sales WHERE sale_key = ?", (typed,))
    step.log(
        JOINED,
        sale_key=key,
        sale=name_of(step.db, key),
        typed=typed,
        leg=leg,
        seq=into.seq,
        given=given,
    )
    return given if was["state"] == SaleState.VOIDED else short


def withdraw(step: Step, entry: SaleEntry) -> None:
    """It was typed wrong, and is as ``entry`` has it now: none any more."""
    sql = "UPDATE sales SET state = ? WHERE sale_key = ?"
    step.db.execute(sql, (entry.sale.state, entry.sale.key))
    fill(step, [entry], None)


def confirm(step: Step, sale_key: int) -> None:
    """The feed has it as approved now."""
    step.db.execute(
        f"""UPDATE sales SET state = '{SaleState.APPROVED}'
        WHERE sale_key = ? AND state = '{SaleState.UNCONFIRMED}'""",
        (sale_key,),
    )


def lock(step: Step, sale_key: int, refund_id: int | None) -> None:
    """Nothing more of the sale (of this refund), until people close its case."""
    step.db.execute("UPDATE sales SET locked = 1 WHERE sale_key = ?", (sale_key,))
    step.log("sale_locked", sale=name_of(step.db, sale_key), sale_key=sale_key, refund=refund_id)


def unlock(step: Step, sale_key: int | None, case_id: int) -> None:
    """This case is closed: the sale stands again, unless it was overpaid another time."""
    unlocked = step.db.execute(
        f"""UPDATE sales SET locked = 0 WHERE sale_key = ? AND locked AND NOT EXISTS (SELECT 1
        FROM cases k WHERE k.sale_key = sales.sale_key
        AND (k.over > 0 OR k.kind IN {among(LOCKS)}) AND k.state = '{CaseState.OPEN}')""",
        (sale_key,),
    ).rowcount
    if unlocked:
        name = name_of(step.db, sale_key)
        step.log("sale_unlocked", sale=name, sale_key=sale_key, number=case_id)
