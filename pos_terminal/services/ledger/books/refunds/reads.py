"""Questions about refunds, each answered from an index."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from pos_terminal.core.case import CaseKind
from pos_terminal.core.cause import Cause
from pos_terminal.core.effect import Effect
from pos_terminal.core.refund import (
    GOODS_BACK,
    HOLDING,
    NOT_COUNTED,
    OPEN,
    UNPAID,
    CardMatch,
    Kind,
    Refund,
    State,
)
from pos_terminal.core.rules import card_match
from pos_terminal.core.rules.exchange_told import Untaken
from pos_terminal.core.rules.facts import Tally
from pos_terminal.core.rules.no_receipt import Earlier
from pos_terminal.core.rules.typed import Other
from pos_terminal.core.rules.voucher_paid import Likely, Taken
from pos_terminal.core.serials import PiecesBack
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.books.applications.missing import replaced
from pos_terminal.services.ledger.books.applications.serials import pieces_back
from pos_terminal.services.ledger.books.book import (
    ReadFace,
)
from pos_terminal.services.ledger.names import among

_GOODS_BACK: Final = f"""SELECT sealed_at FROM refunds r WHERE sale_key = ?
    AND state IN {among((GOODS_BACK | HOLDING) - {State.EXCHANGED})} AND EXISTS (
    SELECT 1 FROM application_items i WHERE i.application = r.application)
    ORDER BY refund_id DESC LIMIT 1"""
_GIVEN_UP_LAST: Final = f"""SELECT * FROM refunds INDEXED BY refunds_given_up_last
    WHERE state = '{State.GIVEN_UP}' ORDER BY refund_id DESC LIMIT 50"""
_LOOKED_AT: Final = 60
"""Days of refunds that are followed up."""
_FIRST_CONFIRMED: Final = f"""SELECT r.sealed_on
    FROM outcomes o INDEXED BY outcomes_refund JOIN refunds r USING (refund_id)
    WHERE o.refund_id > 0 AND o.paid
    AND o.effect IN {among((Effect.AGREES, Effect.CREDITED))}
    ORDER BY o.refund_id LIMIT 1"""
_UNCONFIRMED: Final = f"""SELECT * FROM refunds r INDEXED BY refunds_day
    WHERE sealed_on >= ?1 AND sealed_on < ?2 AND state = '{State.ACCEPTED}'
    AND kind IN {among((Kind.REFUND, Kind.VOID))}
    AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.refund_id = r.refund_id
        AND o.effect != '{Effect.LEFT}')
    AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.refund_id = r.refund_id
        AND c.kind = '{CaseKind.TIME}' AND coalesce(substr(c.closed_at, 1, 10), ?2) >= ?2)
    ORDER BY refund_id LIMIT 50"""
"""Whose case was closed is asked after again where as long again no file has told of it."""
_WAS_OPENED: Final = """SELECT 1 FROM applications a JOIN refunds r ON r.application = a.number
    WHERE a.ticket = ? AND r.drawer > 0 LIMIT 1"""
_ENDS: Final = f"""(state = '{State.SETTLED}' OR state = '{State.SET_ASIDE}'
    AND application IN (SELECT number FROM applications WHERE ticket = ?1))"""
_COUNTS: Final = f"""SELECT count(*), coalesce(sum(CASE WHEN {_ENDS} THEN done
        WHEN done > 0 AND state != '{State.SET_ASIDE}' THEN done ELSE amount END), 0) FROM refunds
    WHERE sealed_on = ?2 AND state NOT IN {among(NOT_COUNTED)} AND NOT (done = 0 AND {_ENDS})"""
"""Of an exchange credit all of it until it is settled, then what the till took: what goes back of
the rest counts by itself. So it does already where the rest is asked for."""
_RECENT: Final = f"""SELECT count(*) FROM refunds WHERE (token IN (%s) OR par = ?) AND amount = ?
    AND sealed_ts >= ? AND state NOT IN {among(NOT_COUNTED)}"""
_REFUSED_CARD: Final = f"""SELECT 1 FROM refunds WHERE (token IN (%s) OR par = ?)
    AND state = '{State.DECLINED}' AND cause = '{Cause.CARD_REFUSED}'
    AND refund_id NOT IN (SELECT refund_id FROM cleared_cards) LIMIT 1"""

_REFUSED_LEG: Final = f"""SELECT 1 FROM refunds WHERE sale_key = ? AND leg = ?
    AND state = '{State.DECLINED}' AND cause = '{Cause.CARD_REFUSED}'
    AND refund_id NOT IN (SELECT refund_id FROM cleared_cards) LIMIT 1"""
_REFUSED_REFERENCE: Final = f"""SELECT DISTINCT o.sale_key FROM tenders t
    JOIN tenders o ON o.rrn = t.rrn AND o.rrn != '' AND o.sale_key != t.sale_key
    AND (o.typed > 0 OR t.typed > 0)
    JOIN refunds r ON r.sale_key = o.sale_key AND r.leg = o.leg
    WHERE t.sale_key = ? AND t.leg = ?
    AND r.state = '{State.DECLINED}' AND r.cause = '{Cause.CARD_REFUSED}'
    AND r.refund_id NOT IN (SELECT refund_id FROM cleared_cards) ORDER BY o.sale_key"""
_OTHER_CARDS: Final = f"""SELECT 1 FROM applications a JOIN decisions d ON d.application = a.number
    WHERE a.sale_key = ? AND a.leg = ? AND d.facts ->> 'rule' = '{card_match.RULE.name}'
    AND d.facts ->> 'code' = '{card_match.Against.WRONG_CARD}' LIMIT 1"""
_WITHOUT_RECEIPT: Final = f"""SELECT count(*) FROM blind_sales b JOIN refunds r USING (application)
    WHERE b.%s IN (%s) AND b.made_ts >= ? AND r.state NOT IN {among(NOT_COUNTED)}"""


def payment_refused(db: sqlite3.Connection, sale_key: int, leg: int) -> bool:
    """Whether its card, or that of a payment with the same reference, was called stolen, lost or
    fraud, and nobody has ended that since."""
    asked = (_REFUSED_LEG, _REFUSED_REFERENCE)
    return any(db.execute(sql, (sale_key, leg)).fetchone() is not None for sql in asked)


def refund_of(row: sqlite3.Row) -> Refund:
    concluded_at = row["concluded_at"]
    return Refund(
        refund_id=row["refund_id"],
        application=row["application"],
        sale_key=row["sale_key"],
        leg=row["leg"],
        seq=row["seq"],
        kind=Kind(row["kind"]),
        state=State(row["state"]),
        amount=row["amount"],
        done=row["done"],
        currency=row["currency"],
        operator=row["operator"],
        masked=row["masked"],
        scheme=row["scheme"],
        match=CardMatch(row["match"]),
        stan=row["stan"],
        batch=row["batch"],
        rrn=row["rrn"],
        auth_code=row["auth_code"],
        response=row["response"],
        cause=Cause(row["cause"]) if row["cause"] else None,
        flagged=bool(row["flagged"]),
        repeats=row["repeats"],
        sealed_at=datetime.fromisoformat(row["sealed_at"]),
        concluded_at=datetime.fromisoformat(concluded_at) if concluded_at else None,
    )


def load(db: sqlite3.Connection, refund_id: int) -> Refund:
    """KeyError for a refund that never was."""
    row = db.execute("SELECT * FROM refunds WHERE refund_id = ?", (refund_id,)).fetchone()
    if row is None:
        raise KeyError(refund_id)
    return refund_of(row)


def last_state(db: sqlite3.Connection, application: int) -> State | None:
    """What became of the newest refund of this application; None where there is none."""
    row = db.execute(
        "SELECT state FROM refunds WHERE application = ? ORDER BY refund_id DESC LIMIT 1",
        (application,),
    ).fetchone()
    return None if row is None else State(row["state"])


def of_sale(db: sqlite3.Connection, sale_key: int) -> list[Refund]:
    sql = "SELECT * FROM refunds WHERE sale_key = ? ORDER BY refund_id"
    return [refund_of(row) for row in db.execute(sql, (sale_key,))]


def _marks(tokens: Sequence[str]) -> str:
    return ", ".join("?" * len(tokens))


class RefundReads(ReadFace):
    """Fulfils ``ports.RefundReads``."""

    def by_id(self, refund_id: int) -> Refund | None:
        return self._one("refund_id = ?", refund_id)

    def by_number(self, batch: str, stan: str) -> Refund | None:
        return self._one("batch = ? AND stan = ?", batch, stan)

    def of_sale(self, sale_key: int) -> Sequence[Refund]:
        with self._reads.moment:
            return of_sale(self._reads.db, sale_key)

    def goods_came_back(self, sale_key: int) -> datetime | None:
        found = self._rows(_GOODS_BACK, sale_key)
        return datetime.fromisoformat(found[0][0]) if found else None

    def recent(self, limit: int) -> Sequence[Refund]:
        """Newest first; for whoever looks at the ledger from outside, no flow asks."""
        return self._all("SELECT * FROM refunds ORDER BY refund_id DESC LIMIT ?", limit)

    def open_ones(self) -> Sequence[Refund]:
        return self._all(f"SELECT * FROM refunds WHERE state IN {among(OPEN)} ORDER BY refund_id")

    def unpaid(self, stan: str) -> Sequence[Refund]:
        return self._all(
            f"""SELECT * FROM refunds WHERE stan = ? AND state IN {among(UNPAID)}
            ORDER BY refund_id""",
            stan,
        )

    def recently_given_up(self) -> Sequence[Refund]:
        return self._all(_GIVEN_UP_LAST)

    def first_confirmed(self) -> date | None:
        found = self._rows(_FIRST_CONFIRMED)
        return date.fromisoformat(found[0]["sealed_on"]) if found else None

    def unconfirmed(self, first: date, before: date) -> Sequence[Refund]:
        since = max(first, before - timedelta(days=_LOOKED_AT))
        return self._all(_UNCONFIRMED, since.isoformat(), before.isoformat())

    def to_hand_over(self) -> Sequence[Refund]:
        return self._all(
            f"SELECT * FROM refunds WHERE state = '{State.TO_HAND_OVER}' ORDER BY refund_id"
        )

    def was_drawer_opened(self, ticket: int) -> bool:
        return bool(self._rows(_WAS_OPENED, ticket))

    def counts(self, on: date, operator: str | None, rest_of: int = 0) -> Tally:
        day = on.isoformat()
        if operator is None:
            found = self._rows(_COUNTS, rest_of, day)
        else:
            found = self._rows(_COUNTS + " AND operator = ?3", rest_of, day, operator)
        return Tally(*found[0])

    def same_recently(
        self, token: str, par: str | None, amount: int, since: datetime, *older: str
    ) -> int:
        tokens, moment = (token, *older), int(since.timestamp())
        sql = _RECENT % _marks(tokens)
        return int(self._rows(sql, *map(str.lower, tokens), par, amount, moment)[0][0])

    def card_refused(self, token: str, par: str | None, *older: str) -> bool:
        tokens = (token, *older)
        return bool(self._rows(_REFUSED_CARD % _marks(tokens), *map(str.lower, tokens), par))

    def leg_refused(self, sale_key: int, leg: int) -> bool:
        return bool(self._rows(_REFUSED_LEG, sale_key, leg))

    def reference_refused(self, sale_key: int, leg: int) -> Sequence[Other]:
        with self._reads.moment:
            keys = [row["sale_key"] for row in self._rows(_REFUSED_REFERENCE, sale_key, leg)]
            return [Other(key, sales.name_of(self._reads.db, key) or f"#{key}") for key in keys]

    def other_cards_only(self, sale_key: int, leg: int) -> bool:
        return bool(self._rows(_OTHER_CARDS, sale_key, leg))

    def perhaps_another(self, sale_key: int, leg: int) -> Sequence[Other]:
        return sales.perhaps_another(self._reads.db, sale_key, leg, self._reads.home.zone)

    def taken(self, voucher: str) -> Taken | None:
        return sales.taken(self._reads.db, voucher)

    def untaken(self, sale_key: int, rest_of: int) -> Untaken:
        return sales.untaken(self._reads.db, self._reads.home, sale_key, rest_of)

    def pieces_back(self, sale_key: int) -> PiecesBack:
        with self._reads.moment:
            return pieces_back(self._reads.db, sale_key)

    def replaced(self, sale_key: int) -> Mapping[int, int]:
        return replaced(self._reads.db, sale_key)

    def like_ours(self, voucher: str, amount: int, sold_at: datetime) -> Likely | None:
        with self._reads.moment:
            return sales.like_ours(self._reads.db, self._reads.home, voucher, amount, sold_at)

    def without_receipt(
        self, customer: Sequence[str], card: Sequence[str], since: datetime
    ) -> Earlier:
        moment = int(since.timestamp())
        asked = (("customer", customer), ("card", card))
        counts = {
            name: self._rows(_WITHOUT_RECEIPT % (name, _marks(tokens)), *tokens, moment)[0][0]
            for name, tokens in asked
            if tokens
        }
        return Earlier(**counts)

    def _all(self, sql: str, *values: str | int) -> list[Refund]:
        return [refund_of(row) for row in self._rows(sql, *values)]

    def _one(self, where: str, *values: str | int) -> Refund | None:
        found = self._all(f"SELECT * FROM refunds WHERE {where}", *values)
        return found[0] if found else None
