"""Vouchers: issued with their refund in one commit (``issuing``), redeemed once (R37).

One belongs to a refund, or is a payout beside a sale (R47a).

An audit entry of kind ``voucher`` has what the voucher has become and, where something was taken,
by which request; ``payout_voucher`` is the same of a payout's. It names the voucher by its refund,
or payout, and by a keyed mark of its number: the number itself is worth money, and the log goes
where the ledger doesn't.

What a voucher had paid goes back to a new one, which remembers it (``voucher_origins``): by its
number as anybody may see it and, where it is one of ours, by its refund or payout. The number may
have been replaced or cancelled since.

A voucher whose paper was lost goes on under another number, with what was left of it. Of the
numbers of a refund, or a payout, one is alive; each of the others names nothing that can be taken.
"""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from pos_terminal.core.payout import PayoutKind
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
    ENTRY,
    MOMENT,
    Book,
    EntryFacts,
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
    refund_id INTEGER REFERENCES refunds,
    payout_id INTEGER REFERENCES payouts ON DELETE CASCADE,
    amount INTEGER NOT NULL CHECK (amount > 0),
    redeemed INTEGER NOT NULL DEFAULT 0,
    currency TEXT NOT NULL,
    state TEXT NOT NULL REFERENCES voucher_states,
    issued_at TEXT NOT NULL,
    replaces TEXT UNIQUE REFERENCES vouchers,
    CONSTRAINT whose CHECK ((refund_id IS NULL) != (payout_id IS NULL)),
    CONSTRAINT voucher_balance CHECK (redeemed BETWEEN 0 AND amount),
    CHECK ((state = '{VoucherState.REDEEMED}') = (redeemed = amount))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX vouchers_living ON vouchers (refund_id)
    WHERE state != '{VoucherState.REPLACED}';
CREATE INDEX vouchers_refund ON vouchers (refund_id);
CREATE UNIQUE INDEX vouchers_living_payout ON vouchers (payout_id)
    WHERE state != '{VoucherState.REPLACED}';
CREATE INDEX vouchers_payout ON vouchers (payout_id) WHERE payout_id IS NOT NULL;

CREATE TABLE voucher_origins (
    refund_id INTEGER NOT NULL PRIMARY KEY REFERENCES refunds,
    paid_by TEXT NOT NULL CHECK (paid_by != ''),
    paid_by_refund INTEGER CHECK (paid_by_refund < refund_id),
    paid_by_payout INTEGER,
    CONSTRAINT whose CHECK (paid_by_refund IS NULL OR paid_by_payout IS NULL)
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
_LIST: Final = """SELECT v.number, v.refund_id, v.payout_id, v.state, v.amount, v.redeemed,
    v.currency, v.issued_at,
    (SELECT count(*) FROM redemptions r WHERE r.number = v.number) AS redemptions,
    v.replaces, (SELECT n.number FROM vouchers n WHERE n.replaces = v.number) AS replaced_by,
    o.paid_by, o.paid_by_refund, o.paid_by_payout
    FROM vouchers v LEFT JOIN voucher_origins o USING (refund_id)
    ORDER BY v.issued_at DESC, v.refund_id DESC, v.payout_id DESC, replaced_by IS NOT NULL
    LIMIT :limit"""
OF_REQUEST: Final = """SELECT number, amount, left_over FROM redemptions WHERE request = :request
    UNION ALL SELECT number, amount, left_over FROM exchange_takings WHERE request = :request"""
_ORIGIN: Final = ("paid_by", "paid_by_refund", "paid_by_payout")
_NUMBERS: Final = ("number", "replaces", "replaced_by")
_ALL: Final = """SELECT v.*, o.paid_by, o.paid_by_refund, o.paid_by_payout
    FROM vouchers v LEFT JOIN voucher_origins o USING (refund_id)"""
_BY_NUMBER: Final = f"{_ALL} WHERE v.number = ?"
_LIVING: Final = f"{_ALL} WHERE v.refund_id = ? AND v.state != '{VoucherState.REPLACED}'"
_OF_PAYOUT: Final = f"{_ALL} WHERE v.payout_id = ? AND v.state != '{VoucherState.REPLACED}'"
_SALE_STAYS: Final = "\n    OR ".join(
    f"""EXISTS (SELECT 1 FROM {owner}
        WHERE {owned} AND (v.state = '{VoucherState.OPEN}'
        OR EXISTS (SELECT 1 FROM redemptions t WHERE t.number = v.number
        AND substr(t.at, 1, 10) >= :quiet)))"""
    for owner, owned in (
        ("refunds r JOIN vouchers v USING (refund_id)", "r.sale_key = s.sale_key"),
        (
            "cases c JOIN payouts USING (case_id) JOIN vouchers v USING (payout_id)",
            "c.sale_key = s.sale_key",
        ),
    )
)
_SLIP_STAYS: Final = f"""EXISTS (SELECT 1 FROM vouchers v WHERE v.refund_id = x.refund_id
            AND v.state = '{VoucherState.OPEN}')
    OR EXISTS (SELECT 1 FROM payouts p JOIN vouchers v USING (payout_id)
        WHERE p.case_id = x.case_id AND v.state = '{VoucherState.OPEN}')"""

_UNMATCHED: Final = f"""SELECT '%(owner)s ' || %(owner)s_id FROM %(owner)ss r LEFT JOIN
    (SELECT %(owner)s_id, count(*) FILTER (WHERE state != '{VoucherState.REPLACED}') AS living,
        sum(iif(state = '{VoucherState.REPLACED}', redeemed, amount)) AS worth,
        min(currency) AS least, max(currency) AS most FROM vouchers GROUP BY %(owner)s_id) v
    USING (%(owner)s_id)
    WHERE (r.kind = '%(kind)s') != (v.living IS 1)
    OR v.worth != r.%(worth)s OR v.least != r.currency OR v.most != r.currency LIMIT 1"""
"""Of each one as store credit one number is alive, and all of them together are its worth."""
_REFUND: Final = {"owner": "refund", "kind": Kind.CREDIT.value, "worth": "done"}
_PAYOUT: Final = {"owner": "payout", "kind": PayoutKind.CREDIT.value, "worth": "amount"}
_OWNERS: Final = (_REFUND["owner"], _PAYOUT["owner"])
_WHOSE: Final = " || ".join(f"coalesce('{one} ' || v.{one}_id, '')" for one in _OWNERS)
_UNCHAINED: Final = f"""SELECT {_WHOSE} FROM vouchers v
    WHERE (state = '{VoucherState.REPLACED}') !=
    EXISTS (SELECT 1 FROM vouchers n WHERE n.replaces = v.number AND n.refund_id IS v.refund_id
    AND n.payout_id IS v.payout_id AND n.amount = v.amount - v.redeemed) LIMIT 1"""
_WITHOUT_VOUCHER: Final = """SELECT '%(owner)s ' || refund_id FROM voucher_origins
    WHERE refund_id NOT IN (SELECT refund_id FROM vouchers WHERE refund_id IS NOT NULL) LIMIT 1"""
_PAID_TWICE: Final = """SELECT '%(owner)s ' || o.paid_by_%(owner)s
    FROM voucher_origins o JOIN refunds r USING (refund_id)
    GROUP BY o.paid_by_%(owner)s HAVING sum(r.done) >
    (SELECT sum(v.redeemed) FROM vouchers v WHERE v.%(owner)s_id = o.paid_by_%(owner)s) LIMIT 1"""
"""Of what ours had paid no more went back than was redeemed of it."""
_UNEVEN: Final = f"""SELECT {_WHOSE} FROM vouchers v WHERE redeemed !=
    (SELECT coalesce(sum(r.amount), 0) FROM redemptions r WHERE r.number = v.number) LIMIT 1"""
_CHECKS: Final = (
    *(_UNMATCHED % _REFUND, _UNMATCHED % _PAYOUT, _UNEVEN, _UNCHAINED),
    _WITHOUT_VOUCHER % _REFUND,
    *(_PAID_TWICE % _REFUND, _PAID_TWICE % _PAYOUT),
)


def voucher_of(row: sqlite3.Row) -> Voucher:
    return Voucher(
        number=row["number"],
        refund_id=row["refund_id"],
        amount=row["amount"],
        redeemed=row["redeemed"],
        currency=row["currency"],
        state=VoucherState(row["state"]),
        issued_at=datetime.fromisoformat(row["issued_at"]),
        replaces=row["replaces"],
        paid_by=row["paid_by"] or "",
        paid_by_refund=row["paid_by_refund"],
        payout_id=row["payout_id"],
        paid_by_payout=row["paid_by_payout"],
    )


def is_ours(db: sqlite3.Connection, number: str) -> bool:
    return db.execute(_BY_NUMBER, (number,)).fetchone() is not None


def load(db: sqlite3.Connection, number: str) -> Voucher:
    """Failure ``voucher.unknown``."""
    row = db.execute(_BY_NUMBER, (number,)).fetchone()
    if row is None:
        raise VoucherFailure("voucher.unknown")
    return voucher_of(row)


def add(step: Step, refund: Refund, paid_by: str = "") -> Voucher:
    """The voucher of this refund; its slips are the caller's. ``paid_by``: the number of the store
    credit that had paid for the goods."""
    origin = _remember(step, refund.refund_id, paid_by) if paid_by else {}
    whose = _Whose(refund_id=refund.refund_id)
    voucher = _insert(step, whose, refund.done, refund.currency)
    _log(step, voucher, operator=refund.operator, **origin)
    return voucher


def add_payout(step: Step, number: int, amount: int, currency: str, operator: str) -> Voucher:
    """The voucher that this payout is; its slips are the caller's."""
    voucher = _insert(step, _Whose(payout_id=number), amount, currency)
    _log(step, voucher, operator=operator)
    return voucher


def _remember(step: Step, refund_id: int, number: str) -> dict[str, audit.Fact]:
    """Where a voucher comes from; the facts of it for the log."""
    sql = """SELECT refund_id, payout_id FROM vouchers
        WHERE number = ? AND coalesce(refund_id, 0) < ?"""
    ours = tuple(step.db.execute(sql, (number, refund_id)).fetchone() or (None, None))
    origin = dict(zip(_ORIGIN, (mask(number), *ours), strict=True))
    step.db.execute(
        f"INSERT INTO voucher_origins (refund_id, {', '.join(origin)}) VALUES (?, ?, ?, ?)",
        (refund_id, *origin.values()),
    )
    return {**origin, "paid_by_mark": mark_of(step.audit_key, number)}


def replace(step: Step, number: str, operator: str, supervisor: str) -> Voucher:
    """What is left goes on under another number, and this one is dead; its slips are the caller's.

    ValueError where one person would be both. Failures of ``check_open``, ``voucher.unknown``.
    """
    if operator == supervisor:
        raise ValueError("somebody else agrees to a voucher's new number")
    old = load(step.db, number)
    check_open(old)
    step.db.execute(
        "UPDATE vouchers SET state = ? WHERE number = ?", (VoucherState.REPLACED, number)
    )
    people = {"operator": operator, "supervisor": supervisor}
    _log(step, load(step.db, number), **people)
    whose = _Whose(old.refund_id, old.payout_id)
    voucher = _insert(step, whose, old.left, old.currency, replaces=number)
    _log(step, voucher, replaces=mark_of(step.audit_key, number), **people)
    return voucher


class _Whose(Struct, frozen=True):
    """One of them."""

    refund_id: int | None = None
    payout_id: int | None = None


def _insert(
    step: Step, whose: _Whose, amount: int, currency: str, replaces: str | None = None
) -> Voucher:
    number = fresh_number(step)
    step.db.execute(
        """INSERT INTO vouchers (number, refund_id, payout_id, amount, currency, state, issued_at,
        replaces) VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            *(number, whose.refund_id, whose.payout_id, amount, currency),
            *(VoucherState.OPEN, step.now.isoformat(), replaces),
        ),
    )
    return load(step.db, number)


def fresh_number(step: Step) -> str:
    """One that no voucher and no exchange credit has."""
    sql = """SELECT 1 FROM vouchers WHERE number = :number
        UNION ALL SELECT 1 FROM exchange_credits WHERE number = :number"""
    while True:
        number = draw_number(step.home.merchant_id, step.home.terminal_id)
        if step.db.execute(sql, {"number": number}).fetchone() is None:
            return number


def redeem(step: Step, taking: Taking) -> Redemption:
    """Once for each request of a till, whatever became of its answers."""
    known = _known(step.db, taking)
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


def _known(db: sqlite3.Connection, taking: Taking) -> Redemption | None:
    """What the same request was answered before. Failure ``voucher.reused`` for another one."""
    if taking.request is None:
        return None
    row = db.execute(OF_REQUEST, {"request": taking.request}).fetchone()
    if row is None:
        return None
    if (row["number"], row["amount"]) != (taking.number, taking.amount):
        raise VoucherFailure("voucher.reused", request=taking.request)
    return Redemption(load(db, row["number"]), row["amount"], row["left_over"], again=True)


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
        "voucher" if voucher.payout_id is None else "payout_voucher",
        **_named(step.db, voucher),
        mark=mark_of(step.audit_key, voucher.number),
        state=voucher.state,
        amount=voucher.amount,
        redeemed=voucher.redeemed,
        currency=voucher.currency,
        **more,
    )


def _named(db: sqlite3.Connection, voucher: Voucher) -> dict[str, audit.Fact]:
    """What it belongs to; a payout with its case, by which such rows go."""
    if voucher.payout_id is None:
        return {"refund": voucher.refund_id}
    sql = "SELECT case_id FROM payouts WHERE payout_id = ?"
    case = db.execute(sql, (voucher.payout_id,)).fetchone()[0]
    return {"payout": voucher.payout_id, "case": case}


def mark_of(key: bytes, number: str) -> str:
    """Names a number, of a voucher or an exchange credit, without telling it."""
    return hmac.digest(key, f"voucher {number}".encode(), "sha256").hex()[:32]


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """Every voucher is as its newest entry says, and every taking has its own.

    Vouchers of purged refunds and cases are gone with them. Failure ``ledger.tampered``.
    """
    key = log.key
    entries = _kept(log)
    for sql in _CHECKS:
        row = db.execute(sql).fetchone()
        if row is not None:
            raise Failure("ledger.tampered", what=f"voucher of {row[0]}")
    first = {entry["mark"]: entry for entry in reversed(entries)}
    origins = {_whose(entry): entry for entry in reversed(entries)}
    newest = {entry["mark"]: entry for entry in entries}
    for row in db.execute(_ALL):
        voucher = voucher_of(row)
        entry = newest.pop(mark_of(key, voucher.number), None)
        if entry is None or not (
            _began_so(key, row, first[entry["mark"]])
            and _comes_so(row, origins[_whose(entry)])
            and all(entry.get(name) == fact for name, fact in _facts(voucher))
        ):
            what = f"refund {voucher.refund_id}"
            if voucher.payout_id is not None:
                what = f"payout {voucher.payout_id}"
            raise Failure("ledger.tampered", what=f"voucher of {what}")
    for entry in newest.values():
        raise Failure("ledger.tampered", what=f"voucher of {_whose(entry)}")
    _check_takings(db, key, entries)


def _kept(log: Log) -> list[EntryFacts]:
    """Those of both kinds whose rows were not purged, oldest first."""
    refunds, gone = log.purged["refunds"], log.purged["cases"]
    of_refunds = (one for one in log.entries["voucher"] if one["refund"] not in refunds)
    of_payouts = (one for one in log.entries["payout_voucher"] if one["case"] not in gone)
    return sorted((*of_refunds, *of_payouts), key=lambda one: int(one[ENTRY]))


def _whose(entry: Mapping[str, Any]) -> str:
    refund, payout = entry.get("refund"), entry.get("payout")
    return f"refund {refund}" if payout is None else f"payout {payout}"


def _began_so(key: bytes, row: sqlite3.Row, entry: Mapping[str, Any]) -> bool:
    """``entry`` is the first one of this number."""
    before = None if row["replaces"] is None else mark_of(key, row["replaces"])
    return bool(row["issued_at"] == entry[MOMENT] and before == entry.get("replaces"))


def _comes_so(row: sqlite3.Row, first: Mapping[str, Any]) -> bool:
    """``first`` is the first entry of all numbers of its refund or payout."""
    return all(row[name] == first.get(name) for name in _ORIGIN)


def _facts(voucher: Voucher) -> tuple[tuple[str, object], ...]:
    return (
        ("refund", voucher.refund_id),
        ("payout", voucher.payout_id),
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
        (mark_of(key, row[0]), *row[1:])
        for row in db.execute(
            """SELECT number, redemption_id, amount, request, operator, supervisor, at, left_over
            FROM redemptions ORDER BY redemption_id"""
        )
    ]
    if logged != stored:
        raise Failure("ledger.tampered", what="redemptions")


def _masked(number: str | None) -> str | None:
    return None if number is None else mask(number)


class VoucherReads(ReadFace):
    """Fulfils ``ports.VoucherReads``."""

    def by_number(self, number: str) -> Voucher | None:
        return self._one(_BY_NUMBER, number)

    def of_refund(self, refund_id: int) -> Voucher | None:
        return self._one(_LIVING, refund_id)

    def of_payout(self, number: int) -> Voucher | None:
        return self._one(_OF_PAYOUT, number)

    def redeemed(self, taking: Taking) -> Redemption | None:
        return _known(self._reads.db, taking)

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
    entries={
        "voucher": HeldBy("refund", "refunds", "refund_id"),
        "payout_voucher": HeldBy("case", "cases", "case_id"),
    },
    witness=_witness,
    goes=(
        Gone("vouchers", purges.OF_REFUNDS),
        Gone("voucher_origins", purges.OF_REFUNDS),
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
                *("number", "refund_id", "payout_id", "state", "amount", "redeemed", "redemptions"),
                *("issued_at", "replaced_by", "paid_by"),
            ),
            shown=lambda _, row: row | {name: _masked(row[name]) for name in _NUMBERS},
        ),
    ),
)
