"""Payments that a clerk typed and the till told of late, or never: one payment is one (R7).

What was typed is what stood on the review screen (``typed_truth``), what was told is the till's to
say, what was paid the acquirer's; the ledger is asked what it made of them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from hw_sim.proofs.simulation.invariants.balances import Sold, balances
from hw_sim.proofs.simulation.purchase import Purchase, Told
from hw_sim.proofs.simulation.site import Site
from hw_sim.proofs.simulation.typed_truth import Typing
from pos_terminal.core.case import CaseKind
from pos_terminal.core.refund import HOLDING, Kind, Refund, State

_LEGS: Final = """SELECT s.sale_key, s.sale_id, s.origin, t.leg, t.rrn, t.amount, t.typed
    FROM tenders t JOIN sales s USING (sale_key) WHERE t.rrn != '' OR s.sale_id = ''"""
_CASES: Final = """SELECT case_id, sale_key, told, over, facts, state FROM cases WHERE kind = ?"""
_JOINED: Final = """SELECT facts ->> 'typed' AS typed, facts ->> 'sale' AS sale,
    facts ->> 'leg' AS leg FROM audit WHERE kind = 'sale_joined'"""
_LOG: Final = """SELECT seq, kind, facts FROM audit
    WHERE kind IN ('typed', 'typed_withdrawn', 'typed_is_one', 'typed_apart', 'sale_joined',
    'refund', 'case', 'closing') ORDER BY seq"""
_PAID: Final = frozenset({State.ACCEPTED, State.OVERPAID, State.RETURNED})
_PERHAPS: Final = HOLDING | {State.GIVEN_UP}
Facts = Mapping[str, Any]


def typed(site: Site, typings: Sequence[Typing], *, lied: bool = False) -> Iterator[str]:
    """``lied``: the acquirer's answers were not what it did."""
    joined = {row["typed"]: (row["sale"], row["leg"]) for row in site.ledger.db.execute(_JOINED)}
    for one in site.purchases:
        own = [typing for typing in typings if _is_of(typing, one)]
        yield from _one(site, one, own, joined)
        yield from _worth(site, one, own, lied=lied)
        if not lied:
            yield from _given_back(site, one, typings)
        yield from _differences(site, one, own, joined)
    yield from _no_other_held_against(site, typings)
    yield from _nothing_else_joins(site, typings, joined)
    yield from _in_order(site)


def typed_hits(site: Site, typings: Sequence[Typing]) -> Counter[str]:
    """What the day had of it."""
    found: Counter[str] = Counter()
    for one in typings:
        found["typed as the reference of a sale" if one.sale else "typed as a sale"] += 1
    refunds: Counter[int] = Counter()
    own: dict[int, int] = {}
    """The typed sale, by its key and, once it joined one, by that one's."""
    for _, kind, text in site.ledger.db.execute(_LOG):
        facts: Facts = json.loads(text)
        match kind:
            case "typed":
                own[facts["sale_key"]] = facts["sale_key"]
                found["typed: none of those without a reference"] += facts["approvals"] == 2
            case "typed_is_one":
                found["typed: said to be the till's"] += 1
            case "typed_apart":
                found["typed: said to be another payment"] += 1
            case "sale_joined":
                sale = site.ledger.sales.by_id(facts["sale"])
                own |= {} if sale is None else {sale.key: facts["typed"]}
                found["typed sale joined" + " after refunds" * bool(facts["given"])] += 1
            case "refund" if facts["sale_key"] in own and facts["state"] == State.ACCEPTED:
                payment = own[facts["sale_key"]]
                refunds[payment] += 1
                found["typed sale given back"] += 1
                found["typed sale given back again"] += refunds[payment] > 1
    for row in _cases(site):
        for fact, _, _ in _named(row) or {("amount given back", "", "")}:
            found[f"typed otherwise: {fact}"] += 1
    return found


def _is_of(typing: Typing, purchase: Purchase) -> bool:
    """Typed as this payment, or as the reference of what the till told of it; or somebody said that
    it is this one."""
    if (sale := typing.sale or typing.became) is not None:
        return sale == purchase.sample.sale_id
    facts = typing.facts
    return (facts["rrn"], facts["date"]) == (purchase.rrn, purchase.day.isoformat())


def _one(
    site: Site, purchase: Purchase, typings: Sequence[Typing], joined: Mapping[int, Any]
) -> Iterator[str]:
    """One transaction is one sale, and the till's once it told which it is."""
    about = f"payment {purchase.rrn}"
    rows = [row for row in site.ledger.db.execute(_LEGS) if row["rrn"] == purchase.rrn]
    own = [row for row in rows if _day(site, row) == purchase.day.isoformat()]
    if len(own) > 1:
        yield f"{about} is {len(own)} sales"
    if purchase.whole is None:
        return
    place = (purchase.sample.sale_id, purchase.place)
    if [(row["sale_id"], row["leg"]) for row in own] != [place]:
        yield f"{about} was told as {place}, and is {[tuple(row) for row in own]}"
    for typing in typings:
        if typing.sale is None and typing.sale_key not in joined:
            yield f"{about} was typed and told, and never became one"
        if joined.get(typing.sale_key, place) != place:
            yield f"{about} became {joined[typing.sale_key]}"


def _day(site: Site, row: Mapping[str, Any]) -> str:
    """Of the payment, in the shop's zone."""
    sale = site.ledger.sales.by_key(row["sale_key"])
    assert sale is not None  # its row is there
    paid = sale.tender(row["leg"]).payment
    assert paid is not None  # its reference is there
    return paid.paid_at.astimezone(site.time.now().tzinfo).date().isoformat()


def _refunds(site: Site, purchase: Purchase) -> list[Refund]:
    """Of its card payment, under whatever sale."""
    found: list[Refund] = []
    for row in site.ledger.db.execute(_LEGS):
        told = (row["sale_id"], row["leg"]) == (purchase.sample.sale_id, purchase.place)
        alone = row["rrn"] == purchase.rrn and _day(site, row) == purchase.day.isoformat()
        if told or alone:
            refunds = site.ledger.refunds.of_sale(row["sale_key"])
            found += [one for one in refunds if one.leg == row["leg"]]
    return found


def _worth(
    site: Site, purchase: Purchase, typings: Sequence[Typing], *, lied: bool
) -> Iterator[str]:
    """What was given back of it is no more than was paid; more only by what somebody typed or told
    of it, and then it is in a case. What a clerk asked for by another payment's reference was paid
    of that one (``_given_back``)."""
    about = f"payment {purchase.rrn}"
    refunds = _refunds(site, purchase)
    given = _given(site, refunds)
    told = [one.amount for one in purchase.told]
    said = [purchase.paid, *told, *(int(one.facts["amount"]) for one in typings)]
    if any(_said_apart(site, one.application) for one in refunds):
        said = [sum(said)]  # two supervisors have it that they are several payments
    mistaken = {
        number
        for other, typing in _mistaken(site, typings)
        if other is purchase
        for number in _asked_by(site, typing)
    }
    own = _given(site, [one for one in refunds if one.refund_id not in mistaken])
    key = _key(site, purchase)
    over = sum(row["over"] for row in _cases(site) if key is not None and row["sale_key"] == key)
    if own > max(said) + over:
        yield f"{about}: {own} given back, and nobody said more than {max(said)}"
    whole = purchase.whole
    if whole is not None and not lied and given > whole.amount + over:
        yield f"{about}: {given} given back, told to be of {whole.amount}, in cases {over}"
    if key is not None and not lied:
        sale = site.sale(purchase.sample.sale_id)
        yield from balances(site, [Sold(purchase.sample, sale, site.ledger.refunds.of_sale(key))])


def _given(site: Site, refunds: Sequence[Refund]) -> int:
    """Back, or held; what the account returned may be given once more."""
    back = sum(site.came_back.get(one.refund_id, 0) for one in refunds)
    held = sum(one.amount for one in refunds if one.state in HOLDING)
    return held - back + sum(one.done for one in refunds if one.state is not State.OVERPAID)


def _said_apart(site: Site, application: int) -> bool:
    """Whether it was asked for as none of the sales that may be the same payment."""
    decisions = site.ledger.applications.decisions(application)
    return any(one.code == "perhaps_another" for one in decisions)


def _given_back(site: Site, purchase: Purchase, typings: Sequence[Typing]) -> Iterator[str]:
    """The acquirer's book says what the refunds say; those that were asked for by a reference which
    a clerk gave another sale are of the payment with that reference."""
    about = f"payment {purchase.rrn}"
    refunds = {one.refund_id: one for one in _refunds(site, purchase)}
    for other, typing in _mistaken(site, typings):
        asked = _asked_by(site, typing)
        if other is purchase:
            refunds = {key: one for key, one in refunds.items() if key not in asked}
        elif (typing.facts["rrn"], typing.facts["date"]) == (
            purchase.rrn,
            purchase.day.isoformat(),
        ):
            refunds |= asked
            yield from _held_against(site, purchase, other, asked)
    by_card = [one for one in refunds.values() if one.kind in (Kind.VOID, Kind.REFUND)]
    least = sum(one.done for one in by_card if one.state in _PAID)
    most = least + sum(one.amount for one in by_card if one.state in _PERHAPS)
    (found,) = [
        row["given_back"]
        for row in site.acquirer.ledger()
        if row["kind"] == "sale" and row["rrn"] == purchase.rrn
    ]
    if not least <= found <= most:
        yield f"{about}: the acquirer gave back {found}, the refunds say {least} to {most}"


def _mistaken(site: Site, typings: Sequence[Typing]) -> Iterator[tuple[Purchase, Typing]]:
    """References that a clerk gave a sale of which they are not."""
    sales = {one.sample.sale_id: one for one in site.purchases}
    for typing in typings:
        sale = None if typing.sale is None else sales.get(typing.sale)
        if sale is not None and typing.facts["rrn"] != sale.rrn:
            yield sale, typing


def _asked_by(site: Site, typing: Typing) -> dict[int, Refund]:
    """Refunds of the sale that was given this reference, while it had it."""
    sql = "SELECT refund_id FROM refunds WHERE sale_key = ? AND leg = ? AND original_rrn = ?"
    place = (typing.sale_key, typing.leg, typing.facts["rrn"])
    asked = {row[0] for row in site.ledger.db.execute(sql, place)}
    refunds = site.ledger.refunds.of_sale(typing.sale_key)
    return {one.refund_id: one for one in refunds if one.refund_id in asked}


def _held_against(
    site: Site, purchase: Purchase, other: Purchase, asked: Mapping[int, Refund]
) -> Iterator[str]:
    """Once the till told of both, each is a case of the sale that it was taken from."""
    if purchase.whole is None or other.whole is None:
        return
    sql = "SELECT over FROM cases WHERE sale_key = ? AND told = ? AND kind = ?"
    for number, refund in asked.items():
        case = (_key(site, purchase), f"asked/{number}", CaseKind.ELSEWHERE)
        row = site.ledger.db.execute(sql, case).fetchone()
        if refund.done and (row is None or row["over"] < refund.done):
            yield f"payment {purchase.rrn}: refund {number} of it is in no case of its sale"


def _no_other_held_against(site: Site, typings: Sequence[Typing]) -> Iterator[str]:
    """Only where a clerk was mistaken."""
    mistaken = {
        f"asked/{number}"
        for _, typing in _mistaken(site, typings)
        for number in _asked_by(site, typing)
    }
    sql = "SELECT told FROM cases WHERE told LIKE 'asked/%'"
    for (told,) in site.ledger.db.execute(sql):
        if told not in mistaken:
            yield f"a case of {told}, and nobody was mistaken"


def _key(site: Site, purchase: Purchase) -> int | None:
    """Of the till's sale, once it told of it."""
    sale = site.ledger.sales.by_id(purchase.sample.sale_id)
    return None if sale is None else sale.key


def _cases(site: Site) -> list[Any]:
    return list(site.ledger.db.execute(_CASES, (CaseKind.TYPED_DIFFERS,)))


def _differences(
    site: Site, purchase: Purchase, typings: Sequence[Typing], joined: Mapping[int, Any]
) -> Iterator[str]:
    """What the till tells otherwise than it was typed is a case, and names it; nothing else is one.
    While it is open the sale is locked."""
    key, whole = _key(site, purchase), purchase.whole
    cases = {row["told"]: row for row in _cases(site) if row["sale_key"] == key}
    expected: dict[str, set[tuple[str, str, str]]] = {}
    for typing in typings:
        differ = _differ(typing.facts, whole)
        if typing.became is not None:  # held against what the till had told by then
            row = cases.pop(f"typed/{typing.sale_key}", None)
            may = differ | _differ(typing.facts, purchase.told[0])
            if row is not None and not _named(row) <= may:
                yield f"typed/{typing.sale_key}: {sorted(_named(row))} do not differ"
        elif whole is None:  # nothing to hold it against
            continue
        elif typing.sale is None:
            expected[f"typed/{typing.sale_key}"] = differ
        elif differ:
            expected[f"reference/{typing.leg}/{typing.facts['rrn']}"] = differ
    for told, differ in expected.items():
        row = cases.pop(told, None)
        named = set() if row is None else _named(row)
        if named != differ:
            yield f"{told}: {sorted(differ)} differ, in a case {sorted(named)}"
        elif row is not None and not differ and not row["over"]:
            yield f"{told}: a case of nothing"
    yield from (f"payment {purchase.rrn}: a case of {told}" for told in cases)
    open_ones = [row for row in _cases(site) if row["sale_key"] == key and row["state"] == "open"]
    if open_ones and not site.sale(purchase.sample.sale_id).locked:
        yield f"payment {purchase.rrn} was contradicted, and its sale is not locked"


def _differ(typed: Mapping[str, str], told: Told | None) -> set[tuple[str, str, str]]:
    """What both know and is otherwise."""
    tills = {} if told is None else told.facts()
    return {
        (fact, one, tills[fact])
        for fact, one in typed.items()
        if one and tills.get(fact) and one != tills[fact]
    }


def _named(row: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    differs = json.loads(row["facts"])["differs"]
    return {(one["fact"], one["typed"], one["told"]) for one in differs}


def _nothing_else_joins(
    site: Site, typings: Sequence[Typing], joined: Mapping[int, tuple[str, int]]
) -> Iterator[str]:
    """Only what was typed with the reference and day of the till's payment becomes one with it."""
    by_key = {one.sale_key: one for one in typings if one.sale is None}
    purchases = {one.sample.sale_id: one for one in site.purchases}
    for key, (sale, leg) in joined.items():
        typing, purchase = by_key.get(key), purchases.get(sale)
        if typing is not None and typing.became == sale:
            continue  # somebody said so, perhaps of a sale that the shop had from the beginning
        if typing is None or purchase is None or not _is_of(typing, purchase):
            yield f"typed sale {key} became {sale}, leg {leg}, which is another payment"


def _in_order(site: Site) -> Iterator[str]:
    """By the log: what was typed is never voided, has its supervisor, and nothing of a contradicted
    sale begins before people closed the case."""
    typed: dict[tuple[int, int], int] = {}
    locked: dict[int, int] = {}
    seen: set[int] = set()
    for _, kind, text in site.ledger.db.execute(_LOG):
        facts: Facts = json.loads(text)
        match kind:
            case "typed":
                typed[facts["sale_key"], facts["leg"]] = facts["approvals"]
            case "typed_withdrawn":
                typed.pop((facts["sale_key"], facts["leg"]), None)
            case "sale_joined":
                typed.pop((facts["typed"], 1), None)
            case "case" if facts["case"] == CaseKind.TYPED_DIFFERS:
                locked[facts["number"]] = facts["sale_key"]
                typed = {place: n for place, n in typed.items() if place[0] != facts["sale_key"]}
            case "closing":
                locked.pop(facts["number"], None)
            case "refund" if facts["refund"] not in seen:
                seen.add(facts["refund"])
                yield from _begun(site, facts, typed, locked)


def _begun(
    site: Site, facts: Facts, typed: Mapping[tuple[int, int], int], locked: Mapping[int, int]
) -> Iterator[str]:
    about = f"refund {facts['refund']}"
    if facts["sale_key"] in locked.values():
        yield f"{about} was begun on a sale that the till had contradicted"
    apart = 2 if _said_apart(site, facts["application"]) else 0
    needed = max(typed.get((facts["sale_key"], facts["leg"]), 0), apart)
    if not needed:
        return
    if facts["refund_kind"] == Kind.VOID:
        yield f"{about} voided what was typed"
    approvals = site.ledger.applications.approvals(facts["application"])
    people = {one.supervisor for one in approvals} - {facts["operator"]}
    if len(people) < needed:
        yield f"{about} of a typed sale was approved by {len(people)}"
