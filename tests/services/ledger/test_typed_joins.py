"""What was typed of a payment and what the till tells of it become one, in whatever order (R7).

The model has one payment at the acquirer and the refunds of it: the ledger may put them where it
will, but none is lost, none counts twice, and no more goes out than somebody said was paid.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Coroutine
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, Final

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from worlds.exchange_credits import AS_NEW, of_applications
from worlds.failures import failure_of
from worlds.ledger import MERCHANT, SHOP, TERMINAL, World, rrn_of
from worlds.purge import later, next_batch, purge

from pos_terminal.core.application import ApplicationState, Withdrawn
from pos_terminal.core.case import (
    CaseKind,
    Contradicted,
    Difference,
    ToldElsewhere,
    TypedDiffers,
)
from pos_terminal.core.case_end import CaseCause
from pos_terminal.core.cause import Cause
from pos_terminal.core.items import Item
from pos_terminal.core.refund import HOLDING, SPENT, Kind, Refund, State
from pos_terminal.core.sale import Sale, SaleOrigin, SaleState
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.core.tenders import Basis, Exceptional
from pos_terminal.core.typed import Typed
from pos_terminal.core.words import Failure
from pos_terminal.ports import Application, Approval, Closing, Finding
from pos_terminal.ports.records import Clearing
from pos_terminal.services.ledger.books import cases
from pos_terminal.services.ledger.connect import open_reader
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store

RRN, OTHER = "600510000951", "600510000952"
ON = date(2026, 1, 5)
AMOUNT = 1_000
FOUR = "************0010"
BARE: dict[str, Any] = {"rrn": "", "batch": "", "trace": ""}
"""What a till tells of a payment without its numbers."""


def receipt(
    rrn: str = RRN, amount: int = AMOUNT, on: date = ON, terminal: str = TERMINAL, **more: str
) -> Typed:
    return Typed(terminal_id=terminal, rrn=rrn, on=on, amount=amount, **more)


def type_in(world: World, typed: Typed | None = None) -> int:
    sale = (typed or receipt()).sale(world.clock.now().astimezone(SHOP), MERCHANT, "156", 1)
    return world.do(world.store.type_sale(sale, "101"))


def told(world: World, sale_id: str = "T", *, place: int = 1, **card: Any) -> dict[str, Any]:
    """The till's record of the payment: its leg at this place, others in cash before it."""
    leg = {"kind": "card", "amount": AMOUNT, "masked": FOUR, "scheme": "", "rrn": RRN}
    leg |= {"batch": "000007", "trace": "000951", "auth_code": ""} | card
    cash: list[dict[str, Any]] = [{"kind": "cash", "amount": 300} for _ in range(1, place)]
    tenders = [*cash, leg]
    amount = sum(one["amount"] for one in tenders)
    none = dict.fromkeys(("batch", "trace", "rrn", "auth_code"), "")
    return world.record(sale_id, tenders=tenders, amount=amount, receipt_no=sale_id, **none)


def take_in(world: World, *records: dict[str, Any]) -> list[str]:
    """What is wrong with them, by its codes."""
    for record in records:
        record.pop("pan", None)
    return [one.code for one in world.take_in(*records).problems]


def seal(world: World, sale: Sale, amount: int) -> Refund:
    leg = next(one.leg for one in sale.tenders if one.payment and one.payment.rrn)
    facts: dict[str, Any] = {"reason": "1", "note": "", "operator": "101", "decisions": ()}
    facts |= {"sale_key": sale.key, "leg": leg, "kind": Kind.REFUND, "amount": amount}
    application = world.do(world.store.applications.open(refused=False, **facts))
    return world.seal_again(application.number, amount).refund


def give_back(world: World, key: int, amount: int) -> Refund:
    sale = world.store.sales.by_key(key)
    assert sale is not None
    refund = seal(world, sale, amount)
    return world.conclude(refund.refund_id, State.ACCEPTED, amount, answer=world.answer())


def close(world: World, kind: CaseKind = CaseKind.TYPED_DIFFERS, *, theirs: bool = False) -> None:
    for case in [one for one in world.store.cases.open_ones() if one.kind is kind]:
        closing = Closing("HQ-1", "102", two(world), CaseCause.TRAINING, theirs=theirs)
        world.do(world.store.cases.close(case.case_id, closing))


@pytest.mark.parametrize("place", [1, 2, 3])
def test_all_of_it_goes_over_to_the_leg_of_its_reference(world: World, place: int) -> None:
    """Refunds, applications, slips and a case of the acquirer's file, and ``verify`` follows."""
    key = type_in(world)
    give_back(world, key, 300)
    number = world.do(
        world.store.applications.open(
            sale_key=key, leg=1, kind=Kind.REFUND, amount=1, reason="1", note="", operator="101",
            decisions=(), refused=True,
        )
    ).number  # fmt: skip
    world.do(world.store.slips.queue([world.slip()], number))
    assert take_in(world, told(world, place=place)) == []
    sale = world.sale("T")
    assert (sale.origin, sale.tender(place).done, sale.locked) == (SaleOrigin.FEED, 300, False)
    assert world.store.sales.by_key(key) is None
    (joined,) = world.store.db.execute("SELECT facts FROM audit WHERE kind = 'sale_joined'")
    facts = json.loads(joined["facts"])
    assert [facts[one] for one in ("sale", "typed", "leg", "given")] == ["T", key, place, 300]
    (refund,) = world.store.refunds.of_sale(sale.key)
    assert refund.leg == place
    assert (world.application(number).sale_key, world.application(number).leg) == (sale.key, place)
    verify_store(world.store)
    give_back(world, sale.key, 700)
    assert [one.seq for one in world.store.refunds.of_sale(sale.key)] == [1, 2]
    assert failure_of(lambda: give_back(world, sale.key, 1)) == "ledger.balance"
    verify_store(world.store)


def test_a_typed_sale_is_one_whoever_types_it_again(world: World) -> None:
    key = type_in(world)
    assert failure_of(lambda: type_in(world, receipt(amount=5_000))) == "ledger.typed_known"
    world.sell("S1")
    assert failure_of(lambda: type_in(world, receipt(rrn_of("S1")))) == "ledger.typed_known"
    with pytest.raises(sqlite3.IntegrityError):
        world.store.writer.db.execute(
            "UPDATE tenders SET typed = 1, rrn = ?, terminal_id = ? WHERE sale_key != ?",
            (RRN, TERMINAL, key),
        )


BEFORE, AFTER = ON - timedelta(days=1), ON + timedelta(days=1)
ELSEWHERE = "99999999"


@pytest.mark.parametrize("on", [BEFORE, AFTER])
def test_the_same_reference_on_the_day_beside_it_is_the_same_payment(
    world: World, on: date
) -> None:
    """Around midnight the till, the acquirer and the slip have each a day of their own."""
    key = type_in(world)
    for other in (receipt(on=on), receipt(on=on, amount=5), receipt(on=on, terminal=ELSEWHERE)):
        assert failure_of(partial(type_in, world, other)) == "ledger.typed_known"
        (found,) = world.store.sales.by_typed(other)
        assert found.key == key
    type_in(world, receipt(on=on, amount=5, terminal=ELSEWHERE))


def test_what_two_typed_of_one_payment_is_one_on_either_side_of_its_day(world: World) -> None:
    type_in(world, receipt(on=BEFORE))
    assert failure_of(lambda: type_in(world, receipt(on=AFTER))) == "ledger.typed_known"
    type_in(world, receipt(on=AFTER + timedelta(days=1)))


def test_a_reference_that_comes_again_after_a_year_is_another_payment(world: World) -> None:
    type_in(world, receipt(on=date(2025, 1, 5)))
    type_in(world, receipt(on=date(2026, 1, 5)))
    new_year = receipt(OTHER, on=date(2025, 12, 31))
    type_in(world, new_year)
    assert failure_of(lambda: type_in(world, receipt(OTHER, on=date(2026, 1, 1)))) == (
        "ledger.typed_known"
    )


@pytest.mark.parametrize("first", ["typed", "told"])
@pytest.mark.parametrize(
    ("on", "at"), [(ON, "2026-01-04T23:59:00+08:00"), (BEFORE, "2026-01-05T00:01:00+08:00")]
)
def test_what_a_till_tells_of_the_day_beside_it_is_that_payment(
    world: World, first: str, on: date, at: str
) -> None:
    """Whose day is right people say: it went out in field 61."""
    record = told(world) | {"sold_at": at}
    if first == "told":
        assert take_in(world, record) == []
        assert failure_of(lambda: type_in(world, receipt(on=on))) == "ledger.typed_known"
        (known,) = world.store.sales.by_typed(receipt(on=on))
        assert known.sale_id == "T"
        return
    give_back(world, type_in(world, receipt(on=on)), 300)
    assert take_in(world, record) == []
    (case,) = world.store.cases.open_ones()
    assert [one.fact for one in getattr(case.facts, "differs", ())] == ["date"]
    sale = world.sale("T")
    assert (sale.locked, sale.tender(1).done) == (True, 300)
    verify_store(world.store)
    close(world)
    assert world.sale("T").remaining == AMOUNT - 300
    verify_store(world.store)


def test_a_till_that_tells_one_payment_of_two_days_tells_of_one_sale(world: World) -> None:
    """In two files, or in one; it would be given back twice."""
    late, early = ({"sold_at": f"2026-01-0{at}+08:00"} for at in ("4T23:59:59", "5T00:00:01"))
    assert take_in(world, told(world, "A") | late) == []
    assert take_in(world, told(world, "B") | early) == ["same_transaction"]
    both = [told(world, name, rrn=OTHER) | at for name, at in (("C", late), ("D", early))]
    for record in both:
        record.pop("pan", None)
    assert [one.code for one in world.take_in(*both).problems] == ["same_transaction"]


def test_all_that_was_typed_of_a_payment_goes_over_to_it(world: World) -> None:
    """Two that agree in no more than the reference each agree with the till in more."""
    first = type_in(world, receipt(on=BEFORE))
    second = type_in(world, receipt(on=AFTER, amount=400, terminal=ELSEWHERE))
    give_back(world, first, 300)
    give_back(world, second, 400)
    assert take_in(world, told(world, terminal_id=ELSEWHERE)) == []
    sale = world.sale("T")
    assert (sale.tender(1).done, sale.locked) == (700, True)
    assert [one.seq for one in world.store.refunds.of_sale(sale.key)] == [1, 2]
    verify_store(world.store)


@pytest.mark.parametrize("open_ones", [1, 2])
def test_two_typed_with_a_refund_open_of_each_are_not_told_as_one(
    world: World, open_ones: int
) -> None:
    """A sale has one open refund at most (R32): the till is refused until one has ended."""
    keys = [type_in(world, receipt(rrn)) for rrn in (RRN, OTHER)]
    for key in keys[:open_ones]:
        seal(world, sale_of(world, key), 300)
    record = told(world)
    one = record["tenders"][0]
    record |= {"tenders": [one, one | {"rrn": OTHER, "trace": "000952"}], "amount": 2 * AMOUNT}
    assert take_in(world, record) == ["typed_open"] * (open_ones - 1)
    if open_ones > 1:
        (refund,) = world.store.refunds.of_sale(keys[0])
        world.conclude(refund.refund_id, State.ACCEPTED, 300, answer=world.answer())
        assert take_in(world, record) == []
    assert world.sale("T").held == 300
    verify_store(world.store)


def test_small_letters_make_no_other_reference(world: World) -> None:
    letters = "63240A0000BZ"
    give_back(world, type_in(world, receipt(letters)), 300)
    with pytest.raises(ValueError, match="as spelled"):
        type_in(world, receipt(letters.lower()))
    assert take_in(world, told(world, rrn=letters.lower())) == []
    sale = world.sale("T")
    assert (sale.tender(1).done, sale.locked) == (300, False)
    assert sale.payments[0].rrn == letters.lower(), "as the till told it, so it is sent"
    assert failure_of(lambda: type_in(world, receipt(letters))) == "ledger.typed_known"
    assert take_in(world, told(world, "U", rrn=letters)) == ["same_transaction"]
    assert len(world.store.sales.by_rrn(letters, ON)) == 1
    verify_store(world.store)


@pytest.mark.parametrize(
    ("card", "fact"),
    [
        ({"amount": 900}, "amount"),
        ({"terminal_id": "99999999"}, "terminal_id"),
        ({"batch": "000009"}, "batch"),
        ({"trace": "000009"}, "trace"),
        ({"masked": "************0011"}, "last4"),
    ],
)
def test_what_is_told_otherwise_is_a_case_and_locks_the_sale(
    world: World, card: dict[str, Any], fact: str
) -> None:
    key = type_in(world, receipt(batch="000007", trace="000951", last4="0010"))
    give_back(world, key, 300)
    assert take_in(world, told(world, **card)) == []
    (case,) = world.store.cases.open_ones()
    assert (case.kind, case.over) == (CaseKind.TYPED_DIFFERS, 0)
    assert [one.fact for one in getattr(case.facts, "differs", ())] == [fact]
    sale = world.sale("T")
    assert sale.locked
    assert failure_of(lambda: give_back(world, sale.key, 1)) == "ledger.sale_locked"
    verify_store(world.store)
    close(world)
    assert not world.sale("T").locked
    assert world.sale("T").tender(1).remaining == card.get("amount", AMOUNT) - 300
    verify_store(world.store)


def test_a_receipt_of_what_the_till_had_changed_it_to_is_no_other_amount(world: World) -> None:
    key = type_in(world, receipt(amount=1_200))
    give_back(world, key, 1_100)
    facts = {"sale_id": "T", "at": "2026-01-05T12:00:00+08:00", "reference": "A-1", "leg": 1}
    world.take_in({"kind": "adjusted", "amount": 1_200, **facts})
    assert take_in(world, told(world)) == []
    assert world.store.cases.open_ones() == []
    sale = world.sale("T")
    assert (sale.locked, sale.tender(1).amount, sale.tender(1).remaining) == (False, 1_200, 100)
    verify_store(world.store)


def test_less_than_was_given_back_stays_given_back_and_a_hold_keeps_the_case_open(
    world: World,
) -> None:
    key = type_in(world)
    give_back(world, key, 500)
    sale = world.store.sales.by_key(key)
    assert sale is not None
    unknown = seal(world, sale, 400)
    world.conclude(unknown.refund_id, State.UNKNOWN)
    assert take_in(world, told(world, amount=600)) == []
    (case,) = world.store.cases.open_ones()
    assert case.over == 300
    assert world.sale("T").tender(1).amount == 900
    assert failure_of(lambda: close(world)) == "cases.leg_open"
    world.conclude(unknown.refund_id, State.DECLINED)
    close(world)
    assert (world.sale("T").amount, world.sale("T").remaining) == (600, 100)
    verify_store(world.store)


def test_a_reference_is_typed_once_and_joins_what_was_typed_with_it(world: World) -> None:
    key = type_in(world, receipt(terminal="30000099"))
    give_back(world, key, 300)
    assert take_in(world, told(world, **BARE)) == []
    (found,) = world.store.sales.perhaps(receipt())
    slip = receipt(terminal="30000099", batch="000007", trace="000951", auth_code="A1")
    world.do(world.store.type_reference(found.sale.key, 1, slip, "101"))
    sale = world.sale("T")
    assert (sale.tender(1).done, sale.tender(1).typed, sale.locked) == (300, 1, False)
    (paid,) = sale.payments
    known = (paid.terminal_id, paid.batch, paid.trace, paid.rrn, paid.auth_code)
    assert known == ("30000099", "000007", "000951", RRN, "A1"), "what is on the card's slip"
    assert world.store.sales.perhaps(receipt()) == []
    verify_store(world.store)
    again = world.store.type_reference(found.sale.key, 1, receipt(OTHER), "101")
    assert failure_of(lambda: world.do(again)) == "ledger.typed_not_it"
    assert take_in(world, told(world, **BARE)) == [], "told again as it was: nothing new"
    assert world.sale("T").tender(1).typed == 1
    assert take_in(world, told(world, "U", trace="000001")) == ["typed_for_another"]
    assert take_in(world, told(world, rrn=OTHER)) == []
    sale = world.sale("T")
    assert (sale.locked, sale.tender(1).typed) == (True, 0)
    assert sale.payments[0].rrn == OTHER, "what a till tells stands"
    verify_store(world.store)


@pytest.mark.parametrize("how", ["told", "typed", "typed for a sale", "typed, then told"])
@pytest.mark.parametrize("state", [State.ACCEPTED, State.UNKNOWN])
def test_what_went_back_by_a_reference_typed_for_another_sale_is_held_against_its_own(
    world: World, how: str, state: State
) -> None:
    """A clerk picked the wrong one of two sales without a reference; the acquirer gave back of the
    payment with that reference, and pays no more than that."""
    assert take_in(world, told(world, **BARE)) == []
    (found,) = world.store.sales.perhaps(receipt())
    world.do(world.store.type_reference(found.sale.key, 1, receipt(), "101"))
    if state is State.ACCEPTED:
        give_back(world, found.sale.key, 400)
    else:
        sealed = seal(world, world.sale("T"), 400)
        world.conclude(sealed.refund_id, state, cause=Cause.NO_ANSWER)
    assert take_in(world, told(world, rrn=OTHER, trace="000952")) == []
    if how == "told":
        assert take_in(world, told(world, "U")) == []
    elif how == "typed for a sale":
        assert take_in(world, told(world, "U", **BARE)) == []
        world.do(world.store.type_reference(world.sale("U").key, 1, receipt(), "101"))
    else:
        key = type_in(world)
        assert sale_of(world, key).locked
        if how == "typed, then told":
            assert take_in(world, told(world, "U")) == []
    (case,) = [o for o in world.store.cases.open_ones() if o.kind is CaseKind.ELSEWHERE]
    assert case.over == 400
    assert case.sale_key is not None
    sale = sale_of(world, case.sale_key)
    assert (sale.locked, sale.done, sale.sale_id) == (True, 0, "" if how == "typed" else "U")
    assert failure_of(lambda: seal(world, sale, 700)) == "ledger.sale_locked"
    verify_store(world.store)
    if state is State.UNKNOWN:
        assert failure_of(lambda: close(world, CaseKind.ELSEWHERE)) == "cases.leg_open"
        (open_one,) = world.store.refunds.open_ones()
        world.conclude(open_one.refund_id, State.ACCEPTED, 400, answer=world.answer())
    close(world, CaseKind.ELSEWHERE)
    sale = sale_of(world, case.sale_key)
    assert (sale.locked, sale.done, sale.remaining) == (False, 400, AMOUNT - 400)
    assert world.sale("T").done == 0, "nothing went back of that payment"
    verify_store(world.store)


def test_a_till_that_tells_it_under_two_names_gets_one_sale(world: World) -> None:
    give_back(world, type_in(world), 300)
    assert take_in(world, told(world)) == []
    assert take_in(world, told(world, "T-AGAIN")) == ["same_transaction"]
    assert world.store.sales.by_id("T-AGAIN") is None
    assert world.sale("T").done == 300
    verify_store(world.store)


def test_a_typed_sale_that_a_case_locks_is_locked_as_the_tills(world: World) -> None:
    """What was given up was approved after all: more may have gone out than anybody counted."""
    key = type_in(world)
    refund = seal(world, sale_of(world, key), 400)
    world.conclude(refund.refund_id, State.UNKNOWN)
    world.conclude(refund.refund_id, State.GIVEN_UP, finding=Finding(0, "T-1", "102", two(world)))
    over, answer = CaseKind.OVERPAYMENT, world.answer()
    world.conclude(refund.refund_id, State.OVERPAID, 400, answer=answer, case=over)
    assert sale_of(world, key).locked
    assert take_in(world, told(world)) == []
    assert world.sale("T").locked
    verify_store(world.store)
    close(world, over)
    sale = world.sale("T")
    assert (sale.tender(1).done, sale.locked) == (400, False)
    verify_store(world.store)


def test_another_payment_with_its_reference_takes_nothing_of_it(world: World) -> None:
    """Another terminal's of that day: what was given back counts once, on the first that came."""
    give_back(world, type_in(world), 300)
    other: dict[str, Any] = {"trace": "000952", "batch": "000008", "terminal_id": "99999999"}
    assert take_in(world, told(world)) == []
    assert take_in(world, told(world, "U", **other)) == []
    assert (world.sale("T").done, world.sale("U").done) == (300, 0)
    assert failure_of(lambda: type_in(world)) == "ledger.typed_known"
    verify_store(world.store)


LIKE_IT: dict[str, Any] = {"trace": "000951", "batch": "000007", "terminal_id": TERMINAL}
UNLIKE: dict[str, Any] = {"trace": "000777", "batch": "000004", "terminal_id": ELSEWHERE}


def test_what_another_sale_took_over_locks_the_one_that_fits_it(world: World) -> None:
    """A reference is of one payment: what went back of it goes back no second time by one word."""
    key = type_in(world, receipt(batch="000007", trace="000951", last4="0010"))
    give_back(world, key, 600)
    assert take_in(world, told(world, "W", **UNLIKE)) == []
    assert take_in(world, told(world, "A", **LIKE_IT)) == []
    first, second = world.store.cases.open_ones()
    assert (first.kind, second.kind) == (CaseKind.TYPED_DIFFERS, CaseKind.ELSEWHERE)
    facts = ToldElsewhere(SaleEvent.REFUNDED_ELSEWHERE, "W", 1, 600)
    assert (second.sale_key, second.facts, second.over) == (world.sale("A").key, facts, 600)
    assert (world.sale("W").locked, world.sale("A").locked) == (True, True)
    assert failure_of(lambda: seal(world, world.sale("A"), 1)) == "ledger.sale_locked"
    assert take_in(world, told(world, "A", auth_code="A00951", **LIKE_IT)) == []
    assert len(world.store.cases.open_ones()) == 2, "once for each matter"
    verify_store(world.store)
    close(world, CaseKind.ELSEWHERE)
    sale = world.sale("A")
    assert (sale.locked, sale.done, sale.remaining) == (False, 600, AMOUNT - 600)
    verify_store(world.store)


@pytest.mark.parametrize("theirs", [False, True], ids=["the later one's", "the first one's"])
@pytest.mark.parametrize("order", ["first", "later"])
def test_closed_by_people_it_counts_on_the_sale_that_they_name_and_on_no_other(
    world: World, order: str, theirs: bool
) -> None:
    """Whoever bought what the other sale is of has all of it left."""
    give_back(world, type_in(world, receipt(batch="000007")), 600)
    assert take_in(world, told(world, "W", **UNLIKE)) == []
    assert take_in(world, told(world, "A", **LIKE_IT)) == []
    if order == "first":
        close(world)
    close(world, CaseKind.ELSEWHERE, theirs=theirs)
    verify_store(world.store)
    close(world)
    counted = {name: world.sale(name).done for name in ("W", "A")}
    assert counted == ({"W": 600, "A": 0} if theirs else {"W": 0, "A": 600})
    for name in ("W", "A"):
        assert not world.sale(name).locked
        give_back(world, world.sale(name).key, AMOUNT - counted[name])
        assert world.sale(name).remaining == 0
    verify_store(world.store)


def test_of_three_sales_with_one_reference_it_counts_on_one(world: World) -> None:
    give_back(world, type_in(world, receipt(batch="000007")), 600)
    assert take_in(world, told(world, "W", **UNLIKE)) == []
    third: dict[str, Any] = LIKE_IT | {"terminal_id": "10020009"}
    assert take_in(world, told(world, "A", **LIKE_IT), told(world, "B", **third)) == []
    close(world, CaseKind.ELSEWHERE)
    close(world)
    assert sorted(world.sale(name).done for name in ("W", "A", "B")) == [0, 0, 600]
    verify_store(world.store)


def test_while_it_may_still_come_free_nobody_says_whose_it_is(world: World) -> None:
    refund = seal(world, sale_of(world, type_in(world, receipt(batch="000007"))), 600)
    world.conclude(refund.refund_id, State.UNKNOWN)
    assert take_in(world, told(world, "W", **UNLIKE)) == []
    assert take_in(world, told(world, "A", **LIKE_IT)) == []
    assert failure_of(lambda: close(world, CaseKind.ELSEWHERE)) == "cases.leg_open"
    world.conclude(refund.refund_id, State.DECLINED)
    close(world, CaseKind.ELSEWHERE)
    assert (world.sale("W").done, world.sale("A").done) == (0, 0)
    verify_store(world.store)


def test_the_sale_that_it_counts_on_stays_as_long_as_the_one_that_it_is_taken_off(
    world: World,
) -> None:
    """Without its case, nothing would say why less is given back there than its refunds say."""
    give_back(world, type_in(world, receipt(batch="000007")), 600)
    assert take_in(world, told(world, "W", **UNLIKE)) == []
    assert take_in(world, told(world, "A", **LIKE_IT)) == []
    close(world, CaseKind.ELSEWHERE)
    close(world)
    later(world, 150)
    give_back(world, world.sale("W").key, 100)
    next_batch(world)
    later(world, 60)
    purge(world)
    verify_store(world.store)


@pytest.mark.parametrize("closed", [False, True])
def test_what_another_sale_took_over_is_not_forgotten_with_its_case(
    world: World, closed: bool
) -> None:
    """What that sale gives back of its own afterwards is no part of it."""
    give_back(world, type_in(world, receipt(batch="000007")), 600)
    assert take_in(world, told(world, "W", **UNLIKE)) == []
    if closed:
        close(world)
        give_back(world, world.sale("W").key, 100)
    assert take_in(world, told(world, "A", **LIKE_IT | BARE)) == []
    assert not world.sale("A").locked, "it may be any payment"
    assert take_in(world, told(world, "A", **LIKE_IT)) == []
    (case,) = [o for o in world.store.cases.open_ones() if o.kind is CaseKind.ELSEWHERE]
    assert (case.sale_key, case.over) == (world.sale("A").key, 600)
    verify_store(world.store)


@pytest.mark.parametrize("what", ["nothing went back", "another day"])
def test_what_took_nothing_over_locks_no_other(world: World, what: str) -> None:
    key = type_in(world, receipt(batch="000007"))
    if what != "nothing went back":
        give_back(world, key, 600)
    assert take_in(world, told(world, "W", **UNLIKE)) == []
    on: dict[str, Any] = {"paid_at": "2026-01-02T10:00:00+08:00"} if what == "another day" else {}
    assert take_in(world, told(world, "A", **LIKE_IT, **on)) == []
    assert (world.sale("W").locked, world.sale("A").locked) == (True, False)


@pytest.mark.parametrize("first", ["sale", "void"])
def test_told_as_voided_nothing_more_goes_back_and_what_did_is_a_case(
    world: World, first: str
) -> None:
    give_back(world, type_in(world), 300)
    at = "2026-01-05T12:00:00+08:00"
    void = {"kind": "sale_voided", "sale_id": "T", "at": at}
    record = told(world)
    record.pop("pan", None)
    for one in (record, void) if first == "sale" else (void, record):
        assert not world.take_in(one).problems
    sale = world.sale("T")
    assert (sale.state, sale.locked) == (SaleState.VOIDED, True)
    (case,) = world.store.cases.open_ones()
    assert case.over == 300
    assert failure_of(lambda: give_back(world, sale.key, 1)) == "ledger.sale_locked"
    verify_store(world.store)


def test_told_in_another_currency_the_sale_is_locked(world: World) -> None:
    give_back(world, type_in(world), 300)
    assert take_in(world, told(world) | {"currency": "392"}) == []
    (case,) = world.store.cases.open_ones()
    assert [one.fact for one in getattr(case.facts, "differs", ())] == ["currency"]
    assert world.sale("T").locked
    verify_store(world.store)


def test_two_open_refunds_wait_until_one_is_known(world: World) -> None:
    """One sale has one open refund at most (R32)."""
    open_ones = [
        end(world, type_in(world, receipt(rrn)), State.UNKNOWN, Cause.NO_ANSWER)
        for rrn in (RRN, OTHER)
    ]
    record = told(world)
    other = record["tenders"][0] | {"rrn": OTHER, "trace": "000952"}
    record |= {"tenders": [*record["tenders"], other], "amount": 2 * AMOUNT}
    assert take_in(world, dict(record)) == ["typed_open"]
    verify_store(world.store)
    world.conclude(open_ones[0].refund_id, State.DECLINED)
    assert take_in(world, dict(record)) == []
    assert [leg.held for leg in world.sale("T").tenders] == [0, 100]
    verify_store(world.store)


def form_of(world: World, key: int, leg: int = 1) -> None:
    """People carry it out elsewhere, which may take weeks."""
    opened = world.store.applications.open(
        sale_key=key, leg=leg, kind=Kind.MANUAL, amount=300, reason="1", note="", operator="101",
        decisions=(), refused=False, basis=Basis(Exceptional.CARD_LOST, ()),
    )  # fmt: skip
    world.do(world.store.commit_form(world.do(opened).number, ()))


def credit_of(world: World, key: int, leg: int = 1) -> None:
    """What the till may take for other goods."""
    opened = world.store.applications.open(
        sale_key=key, leg=leg, kind=Kind.EXCHANGE_CREDIT, amount=300, reason="4", note="",
        operator="101", decisions=(), refused=False, items=(Item(1, 300, 300, 300, AS_NEW),),
    )  # fmt: skip
    of_applications(world, [world.do(opened).number])


@pytest.mark.parametrize(
    ("how", "apart"),
    [("told", form_of), *product(("typed", "one by somebody's word"), (form_of, credit_of))],
)
def test_forms_that_people_carry_out_keep_no_two_sales_apart(
    world: World, how: str, apart: Callable[[World, int, int], None]
) -> None:
    """Each holds its own amount and nothing else of its sale (R38), as an exchange credit does
    (R37)."""
    record = told(world)
    other = record["tenders"][0] | {"rrn": OTHER, "trace": "000952"}
    record |= {"tenders": [*record["tenders"], other], "amount": 2 * AMOUNT}
    key = type_in(world)
    form_of(world, key)
    if how == "told":
        form_of(world, type_in(world, receipt(OTHER)))
    else:
        record["tenders"][0] |= BARE
    assert take_in(world, record) == []
    if how != "told":
        tills = world.sale("T").key
        apart(world, tills, 2)
        if how == "typed":
            world.do(world.store.type_reference(tills, 1, receipt(), "101"))
        else:
            assert one(world, key) == ""
    assert [leg.held for leg in world.sale("T").tenders] == [300, 300]
    verify_store(world.store)


@pytest.mark.parametrize("form", ["typed", "told"])
def test_a_form_and_a_refund_without_an_outcome_wait_for_that(world: World, form: str) -> None:
    key = type_in(world)
    record = told(world, **BARE)
    other = record["tenders"][0] | {"rrn": OTHER, "trace": "000952"}
    record |= {"tenders": [*record["tenders"], other], "amount": 2 * AMOUNT}
    if form == "typed":
        form_of(world, key)
    else:
        open_one = end(world, key, State.UNKNOWN, Cause.NO_ANSWER)
    assert take_in(world, record) == []
    tills = world.sale("T").key
    if form == "told":
        form_of(world, tills, 2)
    else:
        open_one = end(world, tills, State.UNKNOWN, Cause.NO_ANSWER)
    assert one(world, key) == "ledger.sale_open"
    world.conclude(open_one.refund_id, State.DECLINED)
    assert one(world, key) == ""
    assert sum(leg.held for leg in world.sale("T").tenders) == 300
    verify_store(world.store)


def test_a_typed_one_waits_while_another_payment_of_the_sale_is_open(world: World) -> None:
    end(world, type_in(world), State.UNKNOWN, Cause.NO_ANSWER)
    record = told(world, rrn=OTHER)
    bare = record["tenders"][0] | BARE
    record |= {"tenders": [*record["tenders"], bare], "amount": 2 * AMOUNT}
    assert take_in(world, dict(record)) == []
    of_till = end(world, world.sale("T").key, State.UNKNOWN, Cause.NO_ANSWER)
    record["tenders"] = [record["tenders"][0], bare | {"rrn": RRN, "trace": "000952"}]
    assert take_in(world, dict(record)) == ["typed_open"]
    world.conclude(of_till.refund_id, State.DECLINED)
    assert take_in(world, dict(record)) == []
    assert [leg.held for leg in world.sale("T").tenders] == [0, 100]
    verify_store(world.store)


def test_what_has_no_reference_is_offered_for_its_day_and_those_beside_it(world: World) -> None:
    """By the amount that was paid, or that the till changed it to; its own day first."""
    for day in (3, 4, 5):
        record = told(world, f"T{day}", **BARE) | {"sold_at": f"2026-01-0{day}T09:00:00+08:00"}
        assert take_in(world, record) == []
    sales = world.store.sales

    def offered(**changes: Any) -> list[str]:
        return [one.sale.sale_id for one in sales.perhaps(receipt(**changes))]

    assert offered() == ["T5", "T4"]
    assert offered(amount=AMOUNT + 1) == []
    assert offered(last4="0011") == []
    world.take_in(
        {
            "kind": "adjusted", "sale_id": "T5", "reference": "A", "leg": 1, "amount": 900,
            "at": "2026-01-05T12:00:00+08:00",
        }
    )  # fmt: skip
    assert offered() == ["T5", "T4"]
    assert offered(amount=900) == ["T5"]
    world.do(world.store.type_reference(world.sale("T5").key, 1, receipt(amount=900), "101"))
    assert world.sale("T5").tender(1).typed == 1
    verify_store(world.store)


@pytest.mark.parametrize("by", ["last4", "trace", "day"])
def test_among_very_many_of_one_amount_the_one_that_fits_is_offered(world: World, by: str) -> None:
    """A day of one price has more of them than any list is long."""
    right: dict[str, Any] = {"masked": "************7777"} if by == "last4" else {}
    right |= BARE | ({"trace": "000777"} if by == "trace" else {})
    wrong = BARE | {"trace": "000001" if by == "trace" else ""}
    beside = {"sold_at": f"{BEFORE if by == 'day' else ON}T09:00:00+08:00"}
    many = [told(world, f"N{n}", **wrong) | beside for n in range(60)]
    assert take_in(world, told(world, "RIGHT", **right)) == []
    assert take_in(world, *many) == []
    typed = receipt(last4="7777" if by == "last4" else "", trace="777".zfill(6) * (by == "trace"))
    found = world.store.sales.perhaps(typed)
    assert found[0].sale.sale_id == "RIGHT"
    assert by == "day" or len(found) == 1
    key = type_in(world, typed)
    assert world.sale("RIGHT").key in [
        one.sale.key for one in world.store.sales.perhaps_another(key, 1)
    ]


def test_among_very_many_that_were_typed_the_one_that_fits_is_asked_about(world: World) -> None:
    right = type_in(world, receipt(last4="7777"))
    for n in range(60):
        type_in(world, receipt(f"6005100{n:05d}", last4="0010"))
    assert take_in(world, told(world, **BARE, masked="************7777")) == []
    assert asked_of(world, world.sale("T").key) == [right]


def test_its_own_day_is_offered_first_whatever_was_told_last(world: World) -> None:
    for day in (5, 4):
        record = told(world, f"T{day}", **BARE) | {"sold_at": f"2026-01-0{day}T09:00:00+08:00"}
        assert take_in(world, record) == []
    assert [one.sale.sale_id for one in world.store.sales.perhaps(receipt())] == ["T5", "T4"]


def test_withdrawn_it_is_none_and_its_transaction_can_be_typed_once_more(world: World) -> None:
    key = type_in(world, receipt(amount=500))
    assert end(world, key, State.DECLINED).state is State.DECLINED
    withdraw(world, key)
    verify_store(world.store)
    gone = world.store.sales.by_key(key)
    assert gone is not None
    assert (gone.state, gone.first_rrn) == (SaleState.WITHDRAWN, "")
    assert world.store.sales.by_rrn(RRN, ON) == []
    number = apply(world, key).number
    assert failure_of(lambda: world.seal_again(number, 1)) == "ledger.sale_withdrawn"
    world.do(world.store.applications.cancel(number, Withdrawn.CLERK))
    assert failure_of(lambda: withdraw(world, key)) == "ledger.typed_used", "once"
    again = type_in(world)
    assert failure_of(lambda: type_in(world)) == "ledger.typed_known", "unique as ever"
    (listed,) = world.store.sales.by_rrn(RRN, ON)
    assert (listed.when, listed.number, listed.amount) == ("2026-01-05", RRN, AMOUNT)
    give_back(world, again, 300)
    assert take_in(world, told(world)) == []
    sale = world.sale("T")
    assert (sale.done, sale.locked) == (300, False)
    verify_store(world.store)
    next_batch(world)
    later(world, 201)
    assert purge(world)["sales"] == 2, "what came to nothing goes by its age, too"
    verify_store(world.store)


def more(world: World, key: int, typed: Typed) -> None:
    world.do(world.store.type_missing(key, 1, typed, "101"))


def test_what_is_typed_later_of_a_payment_changes_nothing_that_is_known(world: World) -> None:
    key = type_in(world, receipt(trace="000951"))
    more(world, key, receipt(batch="000007", trace="000952", auth_code="A0R95Z"))
    (paid,) = sale_of(world, key).payments
    assert (paid.batch, paid.trace, paid.auth_code) == ("000007", "000951", "A0R95Z")
    verify_store(world.store)
    assert take_in(world, told(world, auth_code="A0R95Z")) == []
    assert world.sale("T").payments[0].auth_code == "A0R95Z"
    assert world.store.cases.open_ones() == []
    verify_store(world.store)


@pytest.mark.parametrize(
    "other",
    [receipt(OTHER), receipt(amount=AMOUNT + 1), receipt(on=ON - timedelta(days=1)),
     receipt(terminal="10020099")],
)  # fmt: skip
def test_nothing_is_added_to_what_was_typed_otherwise(world: World, other: Typed) -> None:
    key = type_in(world)
    assert failure_of(more, world, key, other) == "ledger.typed_not_it"


def test_nothing_is_added_to_what_a_till_told_or_was_taken_back(world: World) -> None:
    key = type_in(world)
    world.do(world.store.withdraw_typed(key, "101", "201"))
    assert failure_of(more, world, key, receipt(batch="000007")) == "ledger.typed_not_it"
    assert take_in(world, told(world, batch="")) == []
    own = world.sale("T").key
    assert failure_of(more, world, own, receipt(batch="000007")) == "ledger.typed_not_it"


def test_nothing_is_added_while_a_refund_of_it_is_open(world: World) -> None:
    key = type_in(world)
    seal(world, sale_of(world, key), 100)
    assert failure_of(more, world, key, receipt(batch="000007")) == "ledger.sale_open"


def test_what_was_typed_later_of_a_till_s_payment_goes_with_its_reference(world: World) -> None:
    assert take_in(world, told(world, **BARE)) == []
    key = world.sale("T").key
    world.do(world.store.type_reference(key, 1, receipt(), "101"))
    more(world, key, receipt(batch="000007", trace="000951"))
    assert world.sale("T").payments[0].batch == "000007"
    verify_store(world.store)
    world.do(world.store.withdraw_reference(key, 1, "101", "201"))
    (paid,) = world.sale("T").payments
    assert (paid.rrn, paid.batch, paid.trace) == ("", "", ""), "as the till told it"
    verify_store(world.store)


def test_a_reference_taken_back_leaves_what_the_till_told_meanwhile(world: World) -> None:
    """It learnt of batch and trace after a clerk had typed the reference wrong, with neither."""
    assert take_in(world, told(world, **BARE, auth_code="A0R95Z")) == []
    key = world.sale("T").key
    world.do(world.store.type_reference(key, 1, receipt(), "101"))
    assert take_in(world, told(world, rrn="")) == []
    assert world.sale("T").payments[0].rrn == RRN
    verify_store(world.store)
    world.do(world.store.withdraw_reference(key, 1, "101", "201"))
    (paid,) = world.sale("T").payments
    known = (paid.rrn, paid.batch, paid.trace, paid.auth_code)
    assert known == ("", "000007", "000951", "A0R95Z")
    verify_store(world.store)


def end(world: World, key: int, state: State, cause: Cause | None = None) -> Refund:
    refund = seal(world, sale_of(world, key), 100)
    return world.conclude(refund.refund_id, state, cause=cause, answer=world.answer())


def give_up(world: World, key: int) -> None:
    refund = end(world, key, State.UNKNOWN, Cause.NO_ANSWER)
    finding = Finding(done=0, reference="20260105001", operator="102", approvals=two(world))
    world.conclude(refund.refund_id, State.GIVEN_UP, finding=finding)


def have_a_case(world: World, key: int) -> None:
    refund = end(world, key, State.DECLINED)
    facts = Contradicted(State.ACCEPTED, told=100, reference="1")
    world.do(
        world.store.step("case", lambda step: cases.contradict(step, refund.refund_id, facts, "1"))
    )


def apply(world: World, key: int) -> Application:
    facts: dict[str, Any] = {"sale_key": key, "leg": 1, "kind": Kind.REFUND, "amount": 1}
    facts |= {"reason": "1", "note": "", "operator": "101", "decisions": (), "refused": False}
    return world.do(world.store.applications.open(**facts))


USED: dict[str, Callable[[World, int], object]] = {
    "given back": lambda world, key: give_back(world, key, 1),
    "sealed": lambda world, key: seal(world, sale_of(world, key), 1),
    "unknown": lambda world, key: end(world, key, State.UNKNOWN, Cause.NO_ANSWER),
    "given up": give_up,
    "called stolen": lambda world, key: end(world, key, State.DECLINED, Cause.CARD_REFUSED),
    "an application is open": apply,
    "a case": have_a_case,
}


@pytest.mark.parametrize("used", USED)
def test_what_something_may_come_of_stays(world: World, used: str) -> None:
    key = type_in(world)
    USED[used](world, key)
    assert failure_of(lambda: withdraw(world, key)) == "ledger.typed_used"
    assert len(world.store.sales.by_rrn(RRN, ON)) == 1
    verify_store(world.store)


def test_nobody_withdraws_alone_nor_what_a_till_told(world: World) -> None:
    key = type_in(world)
    for nobody in ("101", ""):
        with pytest.raises(ValueError, match="supervisor"):
            withdraw(world, key, nobody)
    world.sell("S1")
    with pytest.raises(ValueError, match="supervisor"):
        withdraw(world, world.sale("S1").key)
    assert world.store.sales.by_rrn(RRN, ON)


def refused_elsewhere(world: World, key: int) -> list[int]:
    """Sales of which the same reference was answered stolen, lost or fraud."""
    return [one.key for one in world.store.refunds.reference_refused(key, 1)]


FAR: Final = receipt(on=ON - timedelta(days=30))
"""The same reference with a day that nobody takes for this one."""


@pytest.mark.parametrize("first", ["the till's", "typed"])
def test_what_was_refused_as_stolen_stands_against_its_reference_of_any_day(
    world: World, first: str
) -> None:
    """Of whichever of the two it was said, until two people end it."""

    def tills() -> int:
        assert take_in(world, told(world)) == []
        return world.sale("T").key

    def typed() -> int:
        return type_in(world, FAR)

    one, another = (tills, typed) if first == "the till's" else (typed, tills)
    said = one()
    refund = end(world, said, State.DECLINED, Cause.CARD_REFUSED)
    assert refused_elsewhere(world, said) == [], "that is its own"
    other = another()
    assert refused_elsewhere(world, other) == [said]
    world.do(world.store.cleared.clear(refund.refund_id, Clearing("I-1", "101", two(world))))
    assert refused_elsewhere(world, other) == []


def test_a_reference_typed_later_is_refused_as_well_and_two_that_tills_told_are_two(
    world: World,
) -> None:
    """Another year's payment may have the same number (ISO 8583, field 37)."""
    for name, at in (("T", "2026-01-05T10:00:00+08:00"), ("U", "2025-01-05T10:00:00+08:00")):
        assert take_in(world, told(world, name) | {"sold_at": at}) == []
    far = {"sold_at": f"{FAR.on}T10:00:00+08:00"}
    assert take_in(world, told(world, "K", **BARE) | far) == []
    end(world, world.sale("T").key, State.DECLINED, Cause.CARD_REFUSED)
    assert refused_elsewhere(world, world.sale("U").key) == []
    bare = world.sale("K").key
    assert refused_elsewhere(world, bare) == []
    world.do(world.store.type_reference(bare, 1, FAR, "101"))
    assert refused_elsewhere(world, bare) == [world.sale("T").key]


def asked_of(world: World, key: int) -> list[int]:
    """What the rule asks about before money goes back of the first payment of this sale."""
    return [one.key for one in world.store.refunds.perhaps_another(key, 1)]


def test_none_of_them_is_said_of_those_that_were_there_and_of_none_that_came_later(
    world: World,
) -> None:
    assert take_in(world, told(world, "K1", **BARE)) == []
    sale = receipt().sale(world.clock.now().astimezone(SHOP), MERCHANT, "156", 2)
    key = world.do(world.store.type_sale(sale, "101"))
    assert asked_of(world, key) == []
    assert asked_of(world, world.sale("K1").key) == [key], "of that one nobody has said it"
    assert take_in(world, told(world, "K2", **BARE)) == []
    assert asked_of(world, key) == [world.sale("K2").key]
    assert failure_of(lambda: give_back(world, key, 1)) == "ledger.perhaps_another"
    assert world.store.refunds.of_sale(key) == []
    verify_store(world.store)


def test_what_the_till_tells_otherwise_of_card_batch_or_trace_is_not_asked_about(
    world: World,
) -> None:
    key = type_in(world, receipt(batch="000007", trace="000951", last4="0010"))
    for at, other in enumerate(
        ({"masked": "************0011"}, {"batch": "000008"}, {"trace": "000952"})
    ):
        assert take_in(world, told(world, f"K{at}", **BARE | other)) == []
        assert asked_of(world, world.sale(f"K{at}").key) == []
    assert asked_of(world, key) == []
    assert take_in(world, told(world, "K", **BARE)) == []
    assert asked_of(world, key) == [world.sale("K").key]
    assert asked_of(world, world.sale("K").key) == [key]


@pytest.mark.parametrize("amount", [AMOUNT, 900])
def test_what_the_till_changed_its_total_to_is_asked_about_as_well(
    world: World, amount: int
) -> None:
    """The slip has what was paid, or what the till changed it to."""
    assert take_in(world, told(world, "K", **BARE)) == []
    event = {"kind": "adjusted", "sale_id": "K", "reference": "A", "leg": 1, "amount": 900}
    world.take_in(event | {"at": "2026-01-05T12:00:00+08:00"})
    key = type_in(world, receipt(amount=amount))
    assert asked_of(world, key) == [world.sale("K").key]
    assert asked_of(world, world.sale("K").key) == [key]


@pytest.mark.parametrize(
    ("sold", "paid"),
    [
        ("02T00:00:01", "02T00:00:01"),
        ("04T23:59:59", "04T23:59:59"),
        ("01T23:59:00", "02T00:01:00"),
    ],
)
def test_asked_about_are_the_days_beside_it_whole(world: World, sold: str, paid: str) -> None:
    """Those of the payment: its sale may have begun before midnight."""
    key = type_in(world, receipt(on=date(2026, 1, 3)))
    record = told(world, "K", **BARE, paid_at=f"2026-01-{paid}+08:00")
    assert take_in(world, record | {"sold_at": f"2026-01-{sold}+08:00"}) == []
    assert asked_of(world, key) == [world.sale("K").key]
    assert asked_of(world, world.sale("K").key) == [key]


@pytest.mark.parametrize("first", ["typed", "told"])
def test_a_reference_typed_for_one_sale_and_told_of_another_day_for_another_takes_two(
    world: World, first: str
) -> None:
    """A clerk read the day wrong on the slip, and took a sale of that day for it. An acquirer that
    looks at the reference alone would give the one payment back by both."""
    assert take_in(world, told(world, "K", **BARE)) == []
    own = told(world, "U") | {"sold_at": "2026-01-02T10:00:00+08:00"}
    if first == "told":
        assert take_in(world, dict(own)) == []
    key = world.sale("K").key
    world.do(world.store.type_reference(key, 1, receipt(), "101"))
    if first == "typed":
        assert take_in(world, dict(own)) == []
    other = world.sale("U").key
    assert (asked_of(world, key), asked_of(world, other)) == ([other], [key])
    for one in (key, other):
        assert failure_of(lambda one=one: give_back(world, one, 1)) == "ledger.perhaps_another"  # type: ignore[misc]
    # typed wrong, it is withdrawn: then nobody is asked any more
    world.do(world.store.applications.cancel(1, Withdrawn.CLERK))
    world.do(world.store.withdraw_reference(key, 1, "101", "201"))
    assert asked_of(world, other) == []
    verify_store(world.store)


def test_two_payments_that_tills_told_with_one_reference_are_two(world: World) -> None:
    """References come again; nobody typed anything."""
    for name, day in (("A", "02"), ("B", "05")):
        at = {"sold_at": f"2026-01-{day}T10:00:00+08:00"}
        assert take_in(world, told(world, name) | at) == []
        assert asked_of(world, world.sale(name).key) == []


@pytest.mark.parametrize("used", USED)
def test_a_reference_that_something_may_have_come_of_stays(world: World, used: str) -> None:
    assert take_in(world, told(world, **BARE)) == []
    key = world.sale("T").key
    world.do(world.store.type_reference(key, 1, receipt(), "101"))
    USED[used](world, key)
    back = world.store.withdraw_reference(key, 1, "101", "201")
    assert failure_of(lambda: world.do(back)) == "ledger.reference_used"
    assert world.sale("T").tender(1).typed == 1
    verify_store(world.store)


def test_nobody_takes_a_reference_back_alone_nor_one_that_the_till_told(world: World) -> None:
    assert take_in(world, told(world, **BARE)) == []
    key = world.sale("T").key
    world.do(world.store.type_reference(key, 1, receipt(), "101"))
    for nobody in ("101", ""):
        with pytest.raises(ValueError, match="supervisor"):
            world.do(world.store.withdraw_reference(key, 1, "101", nobody))
    assert world.sale("T").tender(1).typed == 1
    assert take_in(world, told(world)) == []
    back = world.store.withdraw_reference(key, 1, "101", "201")
    assert failure_of(lambda: world.do(back)) == "ledger.typed_not_it"
    assert world.sale("T").payments[0].rrn == RRN


COMMITS: dict[Kind, Callable[[World, int], Coroutine[Any, Any, object]]] = {
    Kind.CASH: lambda world, number: world.store.commit_cash(number, ()),
    Kind.MANUAL: lambda world, number: world.store.commit_form(number, ()),
    Kind.CREDIT: lambda world, number: world.store.issue_credit(number, lambda *_: ()),
}


@pytest.mark.parametrize("kind", COMMITS)
@pytest.mark.parametrize("of", ["typed", "told"])
def test_by_whatever_way_nothing_goes_back_before_somebody_was_asked(
    world: World, kind: Kind, of: str
) -> None:
    """The till tells between the question and the commit."""
    key = type_in(world)
    facts: dict[str, Any] = {"leg": 1, "kind": kind, "amount": 100, "reason": "1", "note": ""}
    facts |= {"operator": "101", "decisions": (), "refused": False}
    assert take_in(world, told(world, **BARE)) == []
    if of == "told":
        key = world.sale("T").key
    number = world.do(world.store.applications.open(sale_key=key, **facts)).number
    commit = COMMITS[kind](world, number)
    assert failure_of(lambda: world.do(commit)) == "ledger.perhaps_another"
    assert world.store.refunds.of_sale(key) == []
    assert world.application(number).state is ApplicationState.OPEN
    verify_store(world.store)


def one(world: World, typed: int, sale: str = "T") -> str:
    """Somebody says that they are; what is against it."""
    told_key = world.sale(sale).key
    try:
        world.do(world.store.is_one(typed, told_key, 1, "101"))
    except Failure as failure:
        return failure.code
    return ""


def test_only_what_may_be_one_is_made_one(world: World) -> None:
    key = type_in(world)
    assert take_in(world, told(world, **BARE, amount=AMOUNT + 1)) == []
    assert one(world, key) == "ledger.typed_not_it"
    assert take_in(world, told(world, "U", rrn=OTHER)) == []
    assert one(world, key, "U") == "ledger.typed_not_it"
    assert one(world, world.sale("T").key, "U") == "ledger.typed_not_it"
    assert take_in(world, told(world, "V")) == []
    assert one(world, key, "V") == "ledger.sale_gone", "the till has told it by its reference"
    verify_store(world.store)


@pytest.mark.parametrize("rrn", ["", RRN])
@pytest.mark.parametrize("open_of", [(), ("typed",), ("told",), ("typed", "told")])
def test_two_become_one_while_a_refund_of_one_of_them_is_open_and_not_of_both(
    world: World, rrn: str, open_of: tuple[str, ...]
) -> None:
    """One sale has one open refund at most (R32). Without a reference, or known with another
    day."""
    key = type_in(world)
    if "typed" in open_of:
        end(world, key, State.UNKNOWN, Cause.NO_ANSWER)
    record = told(world, **BARE | {"rrn": rrn}) | {"sold_at": "2026-01-05T09:00:00+08:00"}
    wallet = {"kind": "wallet", "amount": 300}
    record |= {"tenders": [*record["tenders"], wallet], "amount": AMOUNT + 300}
    if rrn:
        record |= {"sold_at": "2026-01-02T09:00:00+08:00"}
    assert take_in(world, record) == []
    if "told" in open_of:
        facts: dict[str, Any] = {"leg": 2, "kind": Kind.MANUAL, "amount": 100, "reason": "1"}
        facts |= {"note": "", "operator": "101", "decisions": (), "refused": False}
        opened = world.store.applications.open(sale_key=world.sale("T").key, **facts)
        world.do(world.store.commit_form(world.do(opened).number, ()))
    found = one(world, key)
    assert found == ("ledger.sale_open" if len(open_of) == 2 else "")
    assert (world.store.sales.by_key(key) is None) == (not found)
    held = sum(leg.held for leg in world.sale("T").tenders)
    assert held == 100 * len(open_of) - (100 if found else 0)
    verify_store(world.store)


def test_a_reference_of_another_of_the_tills_sales_is_typed_for_none(world: World) -> None:
    assert take_in(world, told(world, "KNOWN")) == []
    assert take_in(world, told(world, **BARE)) == []
    typing = world.store.type_reference(world.sale("T").key, 1, receipt(), "101")
    assert failure_of(lambda: world.do(typing)) == "ledger.typed_known"
    assert world.sale("T").tender(1).typed == 0
    verify_store(world.store)


def test_who_typed_a_reference_is_in_the_log_and_a_batch_closed_before_counts(
    world: World,
) -> None:
    closed = {"kind": "batch_closed", "terminal_id": TERMINAL, "batch": "000007"}
    world.take_in(closed | {"at": "2026-01-05T23:00:00+08:00"})
    assert take_in(world, told(world, **BARE)) == []
    key = world.sale("T").key
    assert not world.sale("T").tender(1).batch_closed
    world.do(world.store.type_reference(key, 1, receipt(batch="000007"), "101"))
    assert world.sale("T").tender(1).typed, "no void reaches it"
    (entry,) = world.store.db.execute("SELECT facts FROM audit WHERE kind = 'typed'")
    facts = json.loads(entry["facts"])
    said = [facts[name] for name in ("sale_key", "sale", "leg", "amount", "operator", "rrn")]
    assert said == [key, "T", 1, AMOUNT, "101", RRN]
    verify_store(world.store)


def test_numbers_that_a_till_tells_without_the_reference_stand_against_the_typed_ones(
    world: World,
) -> None:
    """One after the other, as it learns them; what it had told itself stays refused."""
    assert take_in(world, told(world, **BARE)) == []
    key = world.sale("T").key
    world.do(world.store.type_reference(key, 1, receipt(batch="000007", trace="000951"), "101"))
    assert take_in(world, told(world, rrn="", batch="000007", trace="")) == [], "as it was typed"
    assert not world.sale("T").locked
    give_back(world, key, 300)
    assert take_in(world, told(world, rrn="", batch="000007", trace="000777")) == []
    leg = world.sale("T").tender(1)
    assert leg.payment is not None
    assert (leg.payment.trace, leg.payment.rrn, leg.typed) == ("000777", RRN, 1)
    (case,) = world.store.cases.open_ones()
    assert isinstance(case.facts, TypedDiffers)
    assert case.facts.differs == (Difference("trace", "000951", "000777"),)
    assert (case.facts.given, world.sale("T").locked) == (300, True)
    verify_store(world.store)
    again = told(world, rrn="", batch="000007", trace="000778")
    assert take_in(world, again) == ["other_content"], "its own word against its own"
    close(world)
    assert take_in(world, told(world, trace="000777")) == []
    assert world.sale("T").tender(1).typed == 0
    assert world.store.cases.open_ones() == []
    verify_store(world.store)


def test_of_two_records_in_one_file_neither_s_difference_is_lost(world: World) -> None:
    assert take_in(world, told(world, **BARE)) == []
    typing = receipt(batch="000007", trace="000951")
    world.do(world.store.type_reference(world.sale("T").key, 1, typing, "101"))
    first = told(world, rrn="", batch="", trace="000777")
    assert take_in(world, first, told(world, rrn=OTHER, trace="000777")) == []
    (case,) = world.store.cases.open_ones()
    assert isinstance(case.facts, TypedDiffers)
    assert [one.fact for one in case.facts.differs] == ["rrn", "trace"]
    verify_store(world.store)


@pytest.mark.parametrize("order", ["closed, typed", "typed, closed"])
def test_a_batch_that_was_typed_wrong_closes_nothing(world: World, order: str) -> None:
    """What the till tells of it counts, once it does."""
    closed = {"kind": "batch_closed", "terminal_id": TERMINAL, "batch": "000007"}
    closed |= {"at": "2026-01-05T23:00:00+08:00"}
    assert take_in(world, told(world, **BARE), told(world, "U", **BARE, amount=700)) == []
    if order == "closed, typed":
        world.take_in(closed)
    for name, rrn, amount in (("T", RRN, AMOUNT), ("U", OTHER, 700)):
        typing = receipt(rrn, amount, batch="000007")
        world.do(world.store.type_reference(world.sale(name).key, 1, typing, "101"))
    if order == "typed, closed":
        world.take_in(closed)
    world.do(world.store.withdraw_reference(world.sale("T").key, 1, "101", "201"))
    assert take_in(world, told(world, batch="000008")) == []
    assert not world.sale("T").tender(1).batch_closed
    assert take_in(world, told(world, "U", rrn=OTHER, amount=700)) == []
    assert world.sale("U").tender(1).batch_closed, "that is its batch"
    verify_store(world.store)


def test_the_tills_own_batch_is_closed_once_a_typed_reference_is_withdrawn(world: World) -> None:
    assert take_in(world, told(world, **BARE | {"batch": "000007"})) == []
    key = world.sale("T").key
    world.do(world.store.type_reference(key, 1, receipt(), "101"))
    closed = {"kind": "batch_closed", "terminal_id": TERMINAL, "batch": "000007"}
    world.take_in(closed | {"at": "2026-01-05T23:00:00+08:00"})
    world.do(world.store.withdraw_reference(key, 1, "101", "201"))
    assert world.sale("T").tender(1).batch_closed
    verify_store(world.store)


def test_of_one_leg_its_reference_is_taken_back_whatever_the_other_leg_has_given(
    world: World,
) -> None:
    record = told(world, **BARE)
    record |= {"tenders": [*record["tenders"], record["tenders"][0]], "amount": 2 * AMOUNT}
    assert take_in(world, record) == []
    key = world.sale("T").key
    for leg, rrn in ((1, RRN), (2, OTHER)):
        world.do(world.store.type_reference(key, leg, receipt(rrn), "101"))
    give_back(world, key, 300)  # of the first
    back = world.store.withdraw_reference(key, 1, "101", "201")
    assert failure_of(lambda: world.do(back)) == "ledger.reference_used"
    world.do(world.store.withdraw_reference(key, 2, "101", "201"))
    assert [leg.typed for leg in world.sale("T").tenders] == [1, 0]
    assert [one.payment.rrn for one in world.sale("T").tenders if one.payment] == [RRN, ""]
    verify_store(world.store)


def withdraw(world: World, key: int, supervisor: str = "201") -> None:
    world.do(world.store.withdraw_typed(key, "101", supervisor))


def sale_of(world: World, key: int) -> Sale:
    sale = world.store.sales.by_key(key)
    assert sale is not None
    return sale


def two(world: World) -> tuple[Approval, Approval]:
    first, second = (Approval(n, n, world.clock.now(), 0, Closing.RULE) for n in ("201", "202"))
    return first, second


def test_a_purge_takes_both_and_leaves_nothing_that_verify_misses(world: World) -> None:
    give_back(world, type_in(world), 300)
    take_in(world, told(world, place=2))
    give_back(world, type_in(world, receipt(OTHER)), 300)
    next_batch(world)
    later(world, 201)
    assert purge(world)["sales"] == 2
    verify_store(world.store)
    later(world, 1200)
    purge(world)
    verify_store(world.store)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE refunds SET leg = 1 WHERE leg = 2",
        "UPDATE tenders SET typed = 0 WHERE typed = 1 AND as_told IS NULL",
        "UPDATE applications SET sale_key = (SELECT sale_key FROM sales WHERE origin = 'typed')",
        "UPDATE sales SET origin = 'feed' WHERE origin = 'typed'",
        "UPDATE tenders SET rrn = '600510000999' WHERE typed = 1 AND as_told IS NULL",
        "UPDATE tenders SET as_told = json_set(as_told, '$[1]', '1') WHERE as_told IS NOT NULL",
    ],
)
def test_a_change_behind_the_ledgers_back_is_found(world: World, change: str) -> None:
    give_back(world, type_in(world), 300)
    take_in(world, told(world, place=2))
    give_back(world, type_in(world, receipt(OTHER)), 300)
    take_in(world, told(world, "K", **BARE))
    world.do(world.store.type_reference(world.sale("K").key, 1, receipt("600510000953"), "101"))
    verify_store(world.store)
    world.store.close()
    db = sqlite3.connect(world.path)
    db.execute(change)
    db.commit()
    db.close()
    world.store = world.open()
    assert failure_of(lambda: verify_store(world.store)) == "ledger.tampered"


def test_cut_off_anywhere_it_is_all_or_nothing(world: World) -> None:
    """An import that ends in the middle leaves the typed sale as it was; the same file again joins
    them."""
    key = type_in(world)
    give_back(world, key, 300)
    db = world.store.writer.db
    cuts = 0
    while True:
        left = cuts
        steps = iter(range(left))
        db.set_progress_handler(lambda steps=steps: next(steps, None) is None, 60)  # type: ignore[misc]
        try:
            assert take_in(world, told(world, place=2)) == []
            break
        except (sqlite3.Error, Failure):
            cuts += 1
        finally:
            db.set_progress_handler(None, 0)
        sale = world.store.sales.by_key(key)
        assert sale is not None
        assert (sale.origin, sale.done) == (SaleOrigin.TYPED, 300)
    assert cuts > 5
    assert world.sale("T").tender(2).done == 300
    verify_store(world.store)


WAYS = st.one_of(
    st.tuples(st.just("type"), st.sampled_from([AMOUNT, AMOUNT, 1_200])),
    st.tuples(st.just("give"), st.integers(1, AMOUNT)),
    st.tuples(st.just("end"), st.sampled_from([State.ACCEPTED, State.DECLINED, State.UNKNOWN])),
    st.tuples(st.just("tell"), st.sampled_from([AMOUNT, AMOUNT, 700, 1_200])),
    st.tuples(st.just("bare"), st.just(0)),
    st.tuples(st.just("refer"), st.just(0)),
    st.tuples(st.just("take_back"), st.just(0)),
    st.tuples(st.just("elsewhere"), st.integers(1, 400)),
    st.tuples(st.just("adjust"), st.sampled_from([AMOUNT, 500, 1_500])),
    st.tuples(st.just("void"), st.just(0)),
    st.tuples(st.just("close"), st.just(0)),
)


class Model:
    """One payment, and whoever works on it."""

    def __init__(self, world: World, place: int) -> None:
        self.world, self.place = world, place
        self.refunds: dict[int, tuple[State, int]] = {}
        self.most = 0
        """The largest total that anybody said it is of."""
        self.events = 0

    @property
    def sale(self) -> Sale | None:
        found = self.world.store.sales.by_rrn(RRN, ON)
        assert len(found) <= 1, "one transaction is one sale"
        return self.world.store.sales.by_key(found[0].key) if found else None

    def do(self, way: str, figure: Any) -> None:
        try:
            getattr(self, way)(figure)
        except Failure:
            return

    def type(self, amount: int) -> None:
        type_in(self.world, receipt(amount=amount))
        self.most = max(self.most, amount)

    def give(self, amount: int) -> None:
        if self.sale is not None:
            refund = seal(self.world, self.sale, amount)
            self.refunds[refund.refund_id] = (State.SEALED, amount)

    def end(self, state: State) -> None:
        for number, (was, amount) in self.refunds.items():
            if was in HOLDING:
                done = amount if state is State.ACCEPTED else 0
                self.world.conclude(number, state, done)
                self.refunds[number] = (state, amount)

    def tell(self, amount: int) -> None:
        if not take_in(self.world, told(self.world, place=self.place, amount=amount)):
            self.most = max(self.most, amount)

    def bare(self, _: int) -> None:
        none: dict[str, Any] = {"rrn": "", "batch": "", "trace": ""}
        if not take_in(self.world, told(self.world, place=self.place, **none)):
            self.most = max(self.most, AMOUNT)

    def refer(self, _: int) -> None:
        for one in self.world.store.sales.perhaps(receipt()):
            typing = self.world.store.type_reference(one.sale.key, self.place, receipt(), "101")
            self.world.do(typing)

    def take_back(self, _: int) -> None:
        if self.sale is not None and self.sale.origin is SaleOrigin.FEED:
            store, key = self.world.store, self.sale.key
            self.world.do(store.withdraw_reference(key, self.place, "101", "201"))

    def event(self, kind: str, **facts: Any) -> None:
        self.events += 1
        at = f"2026-01-05T12:00:{self.events:02d}+08:00"
        self.world.take_in({"kind": kind, "sale_id": "T", "at": at, **facts})

    def elsewhere(self, amount: int) -> None:
        reference = f"HQ-{self.events}"
        self.event("refunded_elsewhere", reference=reference, leg=self.place, amount=amount)

    def adjust(self, amount: int) -> None:
        self.event("adjusted", reference=f"A-{self.events}", leg=self.place, amount=amount)
        self.most = max(self.most, amount)

    def void(self, _: int) -> None:
        self.event("sale_voided")

    def close(self, _: int) -> None:
        close(self.world)
        close(self.world, CaseKind.ELSEWHERE)

    def holds(self) -> None:
        spent = sum(amount for state, amount in self.refunds.values() if state in SPENT)
        held = sum(amount for state, amount in self.refunds.values() if state in HOLDING)
        found = overview_of(self.world)["refunds"]
        assert {one["refund_id"] for one in found} == self.refunds.keys(), "none is lost"
        assert sum(one["done"] for one in found) == spent
        assert spent + held <= self.most, "no more goes out than somebody said was paid"
        tenders = [leg for sale in all_sales(self.world) for leg in sale.tenders]
        assert sum(leg.held for leg in tenders) == held
        assert sum(leg.done for leg in tenders) >= spent
        verify_store(self.world.store)


def overview_of(world: World) -> dict[str, Any]:
    with closing(open_reader(world.path)) as db:
        return dict(overview(db))


def all_sales(world: World) -> list[Sale]:
    keys = [row["sale_key"] for row in overview_of(world)["sales"]]
    return [sale for sale in map(world.store.sales.by_key, keys) if sale is not None]


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(ways=st.lists(WAYS, min_size=3, max_size=10), place=st.integers(1, 3))
def test_in_whatever_order_nothing_is_lost_and_nothing_goes_out_twice(
    ways: list[tuple[str, Any]], place: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), slots=16)
        model = Model(world, place)
        for way, figure in ways:
            model.do(way, figure)
            model.holds()
        world.close()
