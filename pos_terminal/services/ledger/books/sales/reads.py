"""Ways to find a sale."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.blind import SoldBefore
from pos_terminal.core.came_back import CameBack
from pos_terminal.core.cause import Cause
from pos_terminal.core.decision import GIFT, Answer
from pos_terminal.core.effect import Effect
from pos_terminal.core.goods_code import codes_of
from pos_terminal.core.invoice import Invoiced
from pos_terminal.core.listed import ListedSale
from pos_terminal.core.local_time import local
from pos_terminal.core.refund import APART, AS_CREDIT, GOODS_BACK, HOLDING, Kind, Refund, State
from pos_terminal.core.rules.voucher_paid import Taken
from pos_terminal.core.sale import (
    Ahead,
    LineKind,
    Sale,
    SaleLeg,
    SaleLine,
    SaleState,
    Tender,
    TenderKind,
    WentOut,
)
from pos_terminal.core.sought import MOST_SHOWN, Hits, Sought
from pos_terminal.core.typed import Typed
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.books.book import ReadFace
from pos_terminal.services.ledger.books.sales import (
    codes,
    payments,
    perhaps,
    reopens,
    searching,
)
from pos_terminal.services.ledger.books.sales.came_back import came_back, given_again
from pos_terminal.services.ledger.books.sales.listed import LISTED, listed_of, of_keys
from pos_terminal.services.ledger.books.sales.rows import BY_ID, BY_KEY, DEDUCTED, LINES, sale_of
from pos_terminal.services.ledger.names import among

Row = sqlite3.Row
MOST: Final = 50
"""No question gives more sales than this (``LIMIT`` below); a clerk looks at nine."""
BY_RECEIPT: Final = f"""{LISTED} WHERE receipt_no = ? AND receipt_no != ''
    ORDER BY sold_ts DESC LIMIT 50"""
BY_GIFT: Final = f"""{LISTED} WHERE gift_receipt_no = ? AND gift_receipt_no != ''
    ORDER BY sold_ts DESC LIMIT 50"""
BY_RECOVERY: Final = f"""{LISTED} WHERE recovery_no = ? AND recovery_no != ''
    ORDER BY sale_key LIMIT 50"""
BY_TRACE: Final = f"""{LISTED} WHERE sale_key IN (
    SELECT sale_key FROM tenders WHERE trace = :trace AND trace != ''
    UNION SELECT sale_key FROM sales WHERE trace = :trace AND trace != '')
    ORDER BY (EXISTS (SELECT 1 FROM tenders t WHERE t.sale_key = s.sale_key AND t.trace = :trace
        AND t.terminal_id = :home AND t.batch = (SELECT batch FROM counter WHERE id = 1))
    OR trace = :trace AND terminal_id = :home AND batch = (SELECT batch FROM counter WHERE id = 1))
    DESC, sold_ts DESC LIMIT 50"""
BY_RRN: Final = f"""{LISTED} WHERE sale_key IN (
    SELECT sale_key FROM tenders WHERE rrn = :rrn AND rrn != '' AND paid_on = :on
    UNION SELECT sale_key FROM sales WHERE rrn = :rrn AND rrn != '' AND sold_on = :on)
    ORDER BY sold_ts DESC LIMIT 50"""
"""By each payment of a sale, and by the numbers of one that has none."""
BY_REFERENCE: Final = f"""{LISTED} WHERE sale_key IN (SELECT sale_key FROM tenders
    WHERE rrn = ? AND rrn != '') ORDER BY sold_ts DESC LIMIT 50"""
BY_TYPED: Final = f"""{LISTED} WHERE sale_key IN (SELECT t.sale_key FROM tenders t
    WHERE {payments.SAME}) ORDER BY sold_ts DESC LIMIT 50"""
OF_CARD: Final = """SELECT sale_key, sold_ts FROM tenders WHERE token = ?
    ORDER BY sold_ts DESC LIMIT 50"""
_OF_ACCOUNT: Final = """SELECT sale_key, sold_ts FROM tenders WHERE par = ?
    ORDER BY sold_ts DESC LIMIT 50"""
_ANY_ACCOUNT: Final = "SELECT 1 FROM tenders WHERE par IS NOT NULL LIMIT 1"
_TENDERS: Final = f"""SELECT t.*, EXISTS (SELECT 1 FROM refunds r WHERE r.sale_key = t.sale_key
    AND r.leg = t.leg AND r.state = '{State.DECLINED}' AND r.cause = '{Cause.VOID_REFUSED}')
    AS refused,
    (SELECT coalesce(sum(r.done), 0) FROM refunds r WHERE r.sale_key = t.sale_key
    AND r.leg = t.leg AND (r.state = '{State.ISSUED}' OR r.state IN {among(AS_CREDIT)}))
    - {reopens.REOPENED} AS credited,
    (SELECT coalesce(sum(r.done), 0) FROM refunds r WHERE r.sale_key = t.sale_key
    AND r.leg = t.leg AND r.kind = '{Kind.CASH}') AS in_notes,
    (SELECT coalesce(sum(r.amount - r.done), 0) FROM refunds r WHERE r.sale_key = t.sale_key
    AND r.leg = t.leg AND r.state IN {among(APART)}) AS apart,
    {reopens.REOPENS} AS reopens, {reopens.REOPENED} AS reopened
    FROM tenders t WHERE t.sale_key = ? ORDER BY t.leg"""
NEWEST_TOLD: Final = "e.at_ts DESC, strftime('%f', e.at) DESC, e.event_key DESC"
"""Order of the feed's events ``e``: a till may tell twice within one second."""
_BACK: Final = """iif(named OR NOT EXISTS (SELECT 1 FROM applications x JOIN application_items i
        ON i.application = x.number WHERE x.ticket = g.ticket)
        OR EXISTS (SELECT 1 FROM given n WHERE n.named AND n.ticket = g.ticket), back, 0)"""
"""What came back is owed but where its ticket names goods that the customer still has."""
OWED: Final = f"""WITH given AS (SELECT r.refund_id, r.leg, a.ticket, r.done,
    a.owed + iif(r.state = '{State.SET_ASIDE}', 0, r.amount - r.done)
    + (SELECT coalesce(sum(o.amount), 0) FROM reopened o WHERE o.of_refund = r.refund_id) AS rest,
    (SELECT coalesce(sum(o.free), 0) FROM outcomes o WHERE o.refund_id = r.refund_id
        AND o.effect = '{Effect.RETURNED}') AS back,
    r.state IN {among(AS_CREDIT)} AS of_credit, r.state IN {among(AS_CREDIT)}
        OR EXISTS (SELECT 1 FROM application_items i WHERE i.application = a.number) AS named,
    EXISTS (SELECT 1 FROM decisions d WHERE d.application = a.number
        AND d.facts ->> 'rule' = '{GIFT}' AND d.facts ->> 'answer' = '{Answer.ALLOW}') AS holder
    FROM refunds r JOIN applications a ON a.number = r.application
    WHERE r.sale_key = ? AND (r.done > 0 AND r.state != '{State.OVERPAID}'
        OR r.state IN {among(AS_CREDIT)})),
    open AS (SELECT g.holder, {_BACK} + iif(named, rest, iif(refund_id > (SELECT min(n.refund_id)
        FROM given n WHERE (n.named AND n.rest > 0 OR n.back > 0) AND n.holder = g.holder)
        AND (NOT EXISTS (SELECT 1 FROM given n WHERE n.named AND n.ticket = g.ticket
            AND n.leg != g.leg) OR EXISTS (SELECT 1 FROM given n WHERE n.of_credit
            AND n.ticket = g.ticket AND n.leg = g.leg)), -done, 0)) AS owed FROM given g)
    SELECT max(0, coalesce(sum(owed) FILTER (WHERE NOT holder), 0)) AS owed,
        max(0, coalesce(sum(owed) FILTER (WHERE holder), 0)) AS owed_to_holder FROM open"""
"""Of goods that are back: what a part that was approved, or the leg, left open, to who paid or to
who has the gift receipt; what an exchange credit sets aside is not open, and what it spent is again
where the goods that were bought with it came back, as is what came back from an account. Amounts
that were typed for them since then have paid it; the other legs of a ticket pay for the same goods,
and are counted in what it left open. Of a credit each leg leaves its own open, which the rest of
that leg pays."""
_AHEAD: Final = f"""WITH named AS (SELECT a.ticket, max(a.number) AS number FROM applications a
    WHERE a.sale_key = ?1 AND EXISTS (SELECT 1 FROM application_items i
        WHERE i.application = a.number) GROUP BY a.ticket, a.place),
    paid AS (SELECT a.ticket, sum(r.done - (SELECT coalesce(sum(o.free), 0) FROM outcomes o
        WHERE o.refund_id = r.refund_id AND o.effect = '{Effect.RETURNED}')) AS done FROM refunds r
    JOIN applications a ON a.number = r.application
    WHERE r.sale_key = ?1 AND r.done > 0 AND r.state != '{State.OVERPAID}'
    AND NOT EXISTS (SELECT 1 FROM application_items i WHERE i.application = a.number)
    GROUP BY a.ticket)
    SELECT number, done, line, quantity FROM named JOIN paid USING (ticket)
    JOIN applications a USING (number) JOIN application_items i ON i.application = number
    WHERE a.state NOT IN {among((ApplicationState.SEALED, ApplicationState.DONE))}
    ORDER BY number, line"""
"""By the application that names the goods."""
_EXCHANGED: Final = """SELECT e.line, e.code, e.sku, e.name, e.serials, e.quantity
    FROM refunds r JOIN exchanges e USING (refund_id)
    WHERE r.sale_key = ? ORDER BY r.refund_id, e.line"""
_SORTS_BACK: Final = f"""SELECT i.line, s.value ->> 0 AS sku, s.value ->> 1 AS code,
    sum(s.value ->> 2) AS quantity
    FROM refunds r JOIN application_items i USING (application), json_each(i.sorts) s
    WHERE r.sale_key = ? AND r.state IN {among(GOODS_BACK | HOLDING)} GROUP BY 1, 2, 3"""
_TAKEN: Final = """SELECT v.redeemed, (SELECT coalesce(sum(t.done + t.held), 0) FROM tenders t
    WHERE t.voucher_no = :number AND t.voucher_no != '') FROM vouchers v WHERE v.number = :number
    UNION ALL SELECT 0, 0 FROM exchange_credits WHERE number = :number"""
"""Of what an exchange credit paid nothing goes back as a voucher."""


def _local(leg: Tender, zone: tzinfo) -> Tender:
    payment = leg.payment
    if payment is None:
        return leg
    return replace(leg, payment=replace(payment, paid_at=local(payment.paid_at, zone)))


class Known(Struct, frozen=True):
    """Of a sale that the feed tells again."""

    key: int
    content: str
    """The digest of what it told before."""
    state: SaleState


def known(db: sqlite3.Connection, sale_id: str) -> Known | None:
    row = db.execute(
        "SELECT sale_key, content, state FROM sales WHERE sale_id = ?", (sale_id,)
    ).fetchone()
    if row is None:
        return None
    return Known(row["sale_key"], row["content"], SaleState(row["state"]))


def paid_by_voucher(db: sqlite3.Connection, refund: Refund) -> str:
    """The number of the store credit that had paid the refund's leg, as the till told it; empty
    where another tender had, or it told none."""
    sql = "SELECT voucher_no FROM tenders WHERE sale_key = ? AND leg = ? AND kind = ?"
    row = db.execute(sql, (refund.sale_key, refund.leg, TenderKind.VOUCHER)).fetchone()
    return "" if row is None else str(row["voucher_no"])


def exchange_no(db: sqlite3.Connection, sale_key: int, leg: int) -> str:
    """Of the exchange credit that paid this leg; empty where another tender did."""
    sql = "SELECT exchange_no FROM tenders WHERE sale_key = ? AND leg = ? AND kind = ?"
    row = db.execute(sql, (sale_key, leg, TenderKind.EXCHANGE)).fetchone()
    return "" if row is None else str(row["exchange_no"])


def taken(db: sqlite3.Connection, voucher: str) -> Taken | None:
    """What was redeemed of one of our vouchers, and what went back of all that it paid; nothing of
    an exchange credit that a till told as a voucher."""
    found = db.execute(_TAKEN, {"number": voucher}).fetchall()
    return Taken(*found[0]) if found else None


def given_back(db: sqlite3.Connection, sale_key: int) -> int:
    """What of it is given back or held, minor units."""
    sql = "SELECT sum(done + held) FROM tenders WHERE sale_key = ?"
    return int(db.execute(sql, (sale_key,)).fetchone()[0] or 0)


def must_be_there(db: sqlite3.Connection, sale_key: int) -> None:
    """Failure ``ledger.sale_gone``: while it was on a screen it became the till's (R7)."""
    if db.execute("SELECT 1 FROM sales WHERE sale_key = ?", (sale_key,)).fetchone() is None:
        raise Failure("ledger.sale_gone")


def has_leg(db: sqlite3.Connection, sale_key: int, leg: int) -> bool:
    sql = "SELECT 1 FROM tenders WHERE sale_key = ? AND leg = ?"
    return db.execute(sql, (sale_key, leg)).fetchone() is not None


def goods_lines(db: sqlite3.Connection, sale_key: int) -> frozenset[int]:
    """Their numbers: neither fees nor discounts."""
    sql = f"SELECT line FROM lines WHERE sale_key = ? AND kind = '{LineKind.GOODS}'"
    return frozenset(line for (line,) in db.execute(sql, (sale_key,)))


def has_invoice(db: sqlite3.Connection, sale_key: int) -> bool:
    """Whether its buyer has one, as far as a till has told by now."""
    sql = f"SELECT 1 FROM sales WHERE sale_key = ? AND invoice = '{Invoiced.ISSUED}'"
    return db.execute(sql, (sale_key,)).fetchone() is not None


def has_line(db: sqlite3.Connection, sale_key: int, line: int) -> bool:
    sql = "SELECT 1 FROM lines WHERE sale_key = ? AND line = ?"
    return db.execute(sql, (sale_key, line)).fetchone() is not None


def total_of(db: sqlite3.Connection, sale_key: int, leg: int) -> int:
    """What the leg is of now, minor units."""
    sql = "SELECT amount FROM tenders WHERE sale_key = ? AND leg = ?"
    return int(db.execute(sql, (sale_key, leg)).fetchone()[0])


def has_open(db: sqlite3.Connection, sale_key: int) -> bool:
    """Whether a refund of the sale is open."""
    sql = "SELECT 1 FROM tenders WHERE sale_key = ? AND held > 0 LIMIT 1"
    return db.execute(sql, (sale_key,)).fetchone() is not None


def may_join(db: sqlite3.Connection, *keys: int) -> bool:
    """Whether these sales may become one: no more than one of them has an open refund, or all that
    is open holds its own amount alone, as forms and exchange credits do (R32, R37, R38)."""
    row = db.execute(
        f"""SELECT count(DISTINCT sale_key) AS sales, total(held - (SELECT
        coalesce(sum(r.amount - r.done), 0) FROM refunds r WHERE r.sale_key = t.sale_key
        AND r.leg = t.leg AND r.state IN {among(APART)})) AS others FROM tenders t
        WHERE sale_key IN (SELECT value FROM json_each(?)) AND held > 0""",
        (json.dumps(keys),),
    ).fetchone()
    return bool(row["sales"] < 2 or not row["others"])


class SaleReads(ReadFace):
    """Fulfils ``ports.SaleReads``."""

    def by_key(self, sale_key: int | None) -> Sale | None:
        if sale_key is None:
            return None
        with self._reads.moment:
            return self._first(BY_KEY, sale_key)

    def by_id(self, sale_id: str) -> Sale | None:
        with self._reads.moment:
            return self._first(BY_ID, sale_id)

    def by_receipt(self, text: str) -> Sequence[ListedSale]:
        with self._reads.moment:
            return self._listed(BY_RECEIPT, text)

    def by_gift(self, text: str) -> Sequence[ListedSale]:
        with self._reads.moment:
            return self._listed(BY_GIFT, text)

    def by_recovery(self, code: str) -> Sequence[ListedSale]:
        with self._reads.moment:
            return self._listed(BY_RECOVERY, code)

    def came_back(self, sale_key: int, leg: int) -> Sequence[CameBack]:
        with self._reads.moment:
            return came_back(self._reads.db, sale_key, leg)

    def given_again(self, sale_key: int, leg: int, number: int) -> Sequence[CameBack]:
        with self._reads.moment:
            return given_again(self._reads.db, sale_key, leg, number)

    def sought(self, what: Sought) -> Hits:
        with self._reads.moment:
            keys = searching.keys(self._reads.db, what, self._reads.home.zone)
            shown = keys if len(keys) <= MOST_SHOWN else []
            return Hits(len(keys), self._in_order(shown))

    def sold_before(self, whole: Iterable[str], since: datetime) -> SoldBefore | None:
        with self._reads.moment:
            wanted, at = frozenset(whole), int(since.timestamp())
            newest = [row for code in wanted for row in self._rows(codes.NEWEST, code)]
            if not newest:
                return None
            last = max(newest, key=lambda row: (row["sold_ts"], row["sale_key"]))
            (sale,) = self._all(BY_KEY, last["sale_key"])
            sold = (line for line in sale.lines if line.kind is not LineKind.DISCOUNT)
            line = next(line for line in sold if codes_of(line) & wanted)
            least = [row["price"] for code in wanted for row in self._rows(codes.LOWEST, code, at)]
            most = [row["price"] for code in wanted for row in self._rows(codes.HIGHEST, code, at)]
            return SoldBefore(
                line,
                lowest=min(least, default=None),
                highest=max(most, default=None),
                newest=codes.each_for(sale, wanted),
                as_listed=codes.as_listed(sale, wanted),
            )

    def by_trace(self, trace: str) -> Sequence[ListedSale]:
        with self._reads.moment:
            return self._listed(BY_TRACE, trace=trace, home=self._reads.home.terminal_id)

    def by_rrn(self, rrn: str, on: date) -> Sequence[ListedSale]:
        with self._reads.moment:
            return self._listed(BY_RRN, rrn=rrn, on=on.isoformat())

    def by_reference(self, rrn: str) -> Sequence[ListedSale]:
        with self._reads.moment:
            return self._listed(BY_REFERENCE, rrn)

    def by_typed(self, typed: Typed) -> Sequence[ListedSale]:
        with self._reads.moment:
            one = payments.Reference(
                rrn=typed.rrn,
                on=typed.on.isoformat(),
                terminal_id=typed.terminal_id,
                amount=typed.amount,
            )
            return self._listed(BY_TYPED, **payments.asked(one))

    def by_token(self, tokens: Iterable[str], pars: Iterable[str] = ()) -> Sequence[ListedSale]:
        with self._reads.moment:
            found: dict[int, int] = {}
            for token in tokens:
                found |= dict(map(tuple, self._rows(OF_CARD, token.lower())))
            for par in pars:
                found |= dict(map(tuple, self._rows(_OF_ACCOUNT, par)))
            newest = sorted(found, key=lambda key: (-found[key], key))[:MOST]
            return self._in_order(newest)

    def perhaps(self, typed: Typed) -> Sequence[SaleLeg]:
        with self._reads.moment:
            found = perhaps.of_typed(self._reads.db, typed, self._reads.home.zone)
            return self._legs(found)

    def perhaps_another(self, sale_key: int, leg: int) -> Sequence[SaleLeg]:
        with self._reads.moment:
            found = perhaps.another(self._reads.db, sale_key, leg, self._reads.home.zone)
            return self._legs(found)

    def _legs(self, found: Sequence[tuple[int, int]]) -> list[SaleLeg]:
        sales = {key: self._first(BY_KEY, key) for key, _ in found}
        return [SaleLeg(sale, sale.tender(leg)) for key, leg in found if (sale := sales[key])]

    def know_accounts(self) -> bool:
        with self._reads.moment:
            return bool(self._rows(_ANY_ACCOUNT))

    def _first(self, sql: str, value: str | int) -> Sale | None:
        found = self._all(sql, value)
        return found[0] if found else None

    def _in_order(self, keys: Sequence[int]) -> list[ListedSale]:
        found = {one.key: one for one in self._listed(of_keys(len(keys)), *keys)} if keys else {}
        return [found[key] for key in keys]

    def _listed(self, sql: str, *values: str | int, **named: str | int) -> list[ListedSale]:
        """However many they are, by one statement."""
        rows = self._reads.db.execute(sql, named or values).fetchall()
        return [listed_of(row, self._reads.home.zone) for row in rows]

    def _ahead(self, key: int) -> tuple[Ahead, ...]:
        found: dict[int, tuple[int, dict[int, int]]] = {}
        for row in self._rows(_AHEAD, key):
            goods = found.setdefault(row["number"], (row["done"], {}))[1]
            goods[row["line"]] = row["quantity"]
        return tuple(Ahead(*one) for one in found.values())

    def _as_exchanged(self, key: int, lines: tuple[SaleLine, ...]) -> tuple[SaleLine, ...]:
        """Each with the codes and numbers of what the customer has in place of it."""
        codes_out: dict[int, tuple[str, ...]] = {}
        pieces: dict[int, tuple[str, ...]] = {}
        out: dict[int, dict[tuple[str, str], WentOut]] = {}
        for row in self._rows(_EXCHANGED, key):
            told = (row["code"], row["sku"])
            line, serials = row["line"], tuple(json.loads(row["serials"]))
            codes_out[line] = (*codes_out.get(line, ()), *filter(None, told))
            pieces[line] = (*pieces.get(line, ()), *serials)
            sorts = out.setdefault(line, {})
            sort = (row["sku"], row["code"])
            before = sorts.pop(sort, WentOut(*sort, 0))  # what went out last stands at the end
            many, numbers = row["quantity"], (*before.serials, *serials)
            left, went = before.left + many, before.went + many
            sorts[sort] = replace(before, left=left, serials=numbers, name=row["name"], went=went)
        if not out:
            return lines
        for row in self._rows(_SORTS_BACK, key):
            sort = (row["sku"], row["code"])
            one = out.get(row["line"], {}).get(sort)
            if one is not None:
                out[row["line"]][sort] = replace(one, left=max(0, one.left - row["quantity"]))
        return tuple(
            replace(
                one,
                exchanged_for=codes_out[one.line],
                serials_out=pieces[one.line],
                went_out=tuple(out[one.line].values()),
            )
            if one.line in out
            else one
            for one in lines
        )

    def _all(self, sql: str, *values: str | int, **named: str | int) -> list[Sale]:
        rows = self._reads.db.execute(sql, named or values).fetchall()
        return [self._sale(row) for row in rows]

    def _sale(self, row: Row) -> Sale:
        """Its moments as the shop's clock showed them, in whatever offset the till told them."""
        key = row["sale_key"]
        (owed,) = self._rows(OWED, key)
        (deducted,) = self._reads.db.execute(DEDUCTED, {"sale_key": key})
        sale = sale_of(row, self._rows(_TENDERS, key), self._rows(LINES, key))
        sale = replace(sale, **dict(owed), **dict(deducted), ahead=self._ahead(key))
        sale = replace(sale, lines=self._as_exchanged(key, sale.lines))
        zone = self._reads.home.zone
        legs = tuple(_local(leg, zone) for leg in sale.tenders)
        return replace(sale, sold_at=local(sale.sold_at, zone), tenders=legs)
