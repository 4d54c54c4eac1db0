"""What another system did has been done: it is counted, known, or a case, and never in the way."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.core.case import CaseKind, ToldElsewhere
from pos_terminal.core.case_end import CaseCause
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.sale import SaleState
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.ports import Approval, Case, Closing
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts.problems import in_both

Record = dict[str, Any]
AT = {"at": "2026-01-05T12:00:00+08:00"}
VOIDED: Record = {"kind": "sale_voided", "sale_id": "S1"} | AT
CLOSED: Record = {"kind": "batch_closed", "terminal_id": "12345678", "batch": "1"} | AT


def refunded(amount: int, reference: str = "HQ-1", **changes: Any) -> Record:
    record = {"kind": "refunded_elsewhere", "reference": reference, "sale_id": "S1"}
    return {**record, "amount": amount, **AT, **changes}


def adjusted(amount: int, at: str = "2026-01-05T12:00:00+08:00", **changes: Any) -> Record:
    record = {"kind": "adjusted", "reference": f"A-{amount}", "sale_id": "S1", "leg": 1}
    return {**record, "amount": amount, "at": at, **changes}


def the_case(world: World) -> Case:
    (case,) = world.store.cases.open_ones()
    return case


def close(world: World, *, over: bool = True) -> None:
    numbers = ("201", "202") if over else ("201",)
    people = tuple(Approval(one, "", world.clock.now(), 0, Closing.RULE) for one in numbers)
    world.do(
        world.store.cases.close(
            the_case(world).case_id, Closing("1234", "102", people, cause=CaseCause.TRAINING)
        )
    )


# --- more than is left ----------------------------------------------------------------------------


def test_more_than_is_left_is_counted_as_far_as_it_goes(sold: World) -> None:
    sold.refunded(3_000, State.ACCEPTED, 3_000)
    assert sold.take_in(refunded(7_500)).events == 1
    assert sold.tender() == (10_000, 0)
    case = the_case(sold)
    assert case.over == 500
    facts = ToldElsewhere(SaleEvent.REFUNDED_ELSEWHERE, "HQ-1", 1, 7_500)
    assert (case.kind, case.facts) == (CaseKind.ELSEWHERE, facts)
    assert sold.sale().locked
    verify_store(sold.store)
    assert sold.take_in(refunded(7_500)).known == 1
    close(sold)
    assert not sold.sale().locked
    verify_store(sold.store)


def test_what_comes_free_later_is_taken_by_the_closing(sold: World) -> None:
    """A hold that paid nothing: without it the money would be given back beside HQ's."""
    sealed = sold.seal(3_000)
    sold.take_in(refunded(8_000))
    assert (sold.tender(), the_case(sold).over) == ((7_000, 3_000), 1_000)
    assert failure_of(close, sold) == "cases.leg_open"
    sold.conclude(sealed.refund.refund_id, State.DECLINED)
    close(sold)
    assert sold.tender() == (8_000, 0)
    assert sold.sale().remaining == 2_000
    verify_store(sold.store)


def test_each_of_them_is_a_case_of_its_own(sold: World) -> None:
    sold.take_in(refunded(10_001, "HQ-1"), refunded(1, "HQ-2"))
    assert [case.over for case in sold.store.cases.open_ones()] == [1, 1]
    verify_store(sold.store)


@pytest.mark.parametrize("order", list(itertools.permutations(["sale", "refund", "void"])))
def test_refunded_and_voided_too_is_a_case_in_any_order(
    world: World, order: tuple[str, ...]
) -> None:
    records = {"sale": world.record(), "refund": refunded(700), "void": VOIDED}
    for name in order:
        assert world.take_in(records[name]).refused == 0
    assert world.sale().state is SaleState.VOIDED
    assert (the_case(world).over, world.tender()) == (700, (700, 0))
    verify_store(world.store)


@pytest.mark.parametrize("order", list(itertools.permutations(["sale", "9", "8", "void"])))
def test_what_went_back_too_much_is_counted_once_in_any_order(
    world: World, order: tuple[str, ...]
) -> None:
    records = {"sale": world.record(), "void": VOIDED}
    records |= {"9": refunded(9_000, "HQ-9"), "8": refunded(8_000, "HQ-8")}
    for name in order:
        assert world.take_in(records[name]).refused == 0
    assert sum(case.over for case in world.store.cases.open_ones()) == 17_000
    verify_store(world.store)


def test_a_void_of_what_we_gave_back_is_a_case(sold: World) -> None:
    sold.refunded(3_000, State.ACCEPTED, 3_000)
    assert sold.take_in(VOIDED, sold.record("S2")).refused == 0
    assert sold.sale().state is SaleState.VOIDED
    assert the_case(sold).over == 3_000
    close(sold)
    assert sold.sale().state is SaleState.VOIDED
    verify_store(sold.store)


def test_a_leg_that_it_has_not_is_refused_and_can_be_mended(sold: World) -> None:
    report = sold.take_in(refunded(700, leg=2), sold.record("S2"))
    assert (report.refused, report.problems[0].code, report.added) == (1, "no_leg", 1)
    assert sold.take_in(refunded(700)).events == 1
    verify_store(sold.store)


def test_one_that_waited_with_a_leg_that_there_is_not_keeps_no_sale_out(world: World) -> None:
    world.take_in(refunded(700, leg=2))
    assert world.take_in(world.record()).added == 1
    assert (the_case(world).over, world.sale().locked) == (700, True)
    verify_store(world.store)
    close(world)
    verify_store(world.store)


# --- told twice -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "again", [VOIDED | {"at": "2026-01-05T13:00:00+08:00"}, VOIDED | {"at": "2026-01-05T04:00:00Z"}]
)
def test_a_void_told_twice_is_known(sold: World, again: Record) -> None:
    sold.take_in(VOIDED)
    assert sold.take_in(again).known == 1
    assert sold.store.cases.open_ones() == []


def test_the_same_moment_in_another_offset_is_the_same(sold: World) -> None:
    sold.take_in(refunded(700), CLOSED)
    other = {"at": "2026-01-05T04:00:00Z"}
    report = sold.take_in(refunded(700) | other, CLOSED | other)
    assert (report.known, report.refused) == (2, 0)


def test_a_second_closing_of_a_batch_is_known_or_closes_what_came_after(world: World) -> None:
    world.clock.moment = world.clock.moment.replace(hour=23)
    world.sell("early")
    world.take_in(CLOSED)
    assert world.take_in(CLOSED | {"at": "2026-01-05T11:59:00+08:00"}).known == 1
    world.sell("late", sold_at="2026-01-05T13:00:00+08:00")
    assert not world.sale("late").tender(1).batch_closed
    assert world.take_in(CLOSED | {"at": "2026-01-05T23:00:00+08:00"}).events == 1
    assert world.sale("late").tender(1).batch_closed
    both = [CLOSED | {"batch": "2", "at": f"2026-01-05T{hour}:00:00+08:00"} for hour in (20, 19)]
    assert (world.take_in(*both).events, world.take_in(*both).known) == (1, 2)
    verify_store(world.store)


def test_batch_numbers_come_again_another_day(world: World) -> None:
    world.take_in(CLOSED | {"at": "2026-01-07T12:00:00+08:00"})
    assert world.take_in(CLOSED).events == 1


# --- adjusted -------------------------------------------------------------------------------------

TIP = adjusted(12_000)
LESS = adjusted(9_000, "2026-01-05T14:00:00+08:00")


@pytest.mark.parametrize("order", list(itertools.permutations(["sale", "tip", "less", "refund"])))
def test_the_latest_total_counts_in_any_order(world: World, order: tuple[str, ...]) -> None:
    records = {"sale": world.record(), "tip": TIP, "less": LESS, "refund": refunded(700)}
    for name in order:
        assert world.take_in(records[name]).refused == 0
    sale = world.sale()
    assert (sale.amount, sale.tenders[0].amount, sale.remaining) == (9_000, 9_000, 8_300)
    assert world.take_in(world.record()).known == 1, "it is still the sale that was told"
    assert world.store.cases.open_ones() == []
    verify_store(world.store)


@pytest.mark.parametrize("first", [0, 1])
def test_so_it_does_within_one_second(sold: World, first: int) -> None:
    earlier = adjusted(12_000, "2026-01-05T12:00:00.100+08:00", reference="Z")
    later = adjusted(9_000, "2026-01-05T12:00:00.900+08:00", reference="A")
    for record in ((earlier, later), (later, earlier))[first]:
        assert sold.take_in(record).events == 1
    assert sold.sale().amount == 9_000
    verify_store(sold.store)


def test_more_can_be_given_back_of_a_leg_that_is_larger_now(sold: World) -> None:
    sold.take_in(TIP)
    sold.refunded(12_000, State.ACCEPTED, 12_000)
    assert sold.sale().remaining == 0
    verify_store(sold.store)


def test_a_total_below_what_is_given_back_is_a_case(sold: World) -> None:
    sealed = sold.seal(3_000)
    sold.take_in(adjusted(1_000))
    assert (the_case(sold).over, sold.sale().amount, sold.sale().locked) == (2_000, 3_000, True)
    verify_store(sold.store)
    sold.conclude(sealed.refund.refund_id, State.DECLINED)
    close(sold)
    assert (sold.sale().amount, sold.sale().remaining) == (1_000, 1_000)
    verify_store(sold.store)


@pytest.mark.parametrize("when", ["before the answer", "after it"])
def test_a_void_takes_back_the_whole_payment_whatever_it_was(sold: World, when: str) -> None:
    """A tip that comes while the void is on its way, or late: nothing is left to give back."""
    refund = sold.seal(10_000, kind=Kind.VOID).refund
    if when == "before the answer":
        sold.take_in(TIP)
    sold.conclude(refund.refund_id, State.ACCEPTED, 10_000)
    if when == "after it":
        sold.take_in(TIP)
    sale = sold.sale()
    assert (sale.state, sale.remaining, sold.tender()) == (SaleState.VOIDED, 0, (10_000, 0))
    verify_store(sold.store)


def test_a_void_that_was_declined_leaves_the_new_total(sold: World) -> None:
    refund = sold.seal(10_000, kind=Kind.VOID).refund
    sold.take_in(TIP)
    sold.conclude(refund.refund_id, State.DECLINED)
    assert (sold.sale().state, sold.sale().remaining) == (SaleState.APPROVED, 12_000)
    verify_store(sold.store)


@pytest.mark.parametrize("voided", [1, 2])
def test_of_a_split_sale_the_other_leg_may_still_become_larger(world: World, voided: int) -> None:
    """One leg refunded, then the other one voided: nothing is left, until the first has a tip."""
    legs = [
        {"kind": "card", "amount": amount, "masked": "476173******0010", "batch": "000001"}
        | {"trace": f"00001{n}", "rrn": f"60051000001{n}", "auth_code": f"A0001{n}"}
        for n, amount in enumerate((7_000, 3_000), 1)
    ]
    own = world.record(tenders=legs)
    world.take_in({name: own[name] for name in own.keys() - {"batch", "trace", "rrn", "auth_code"}})
    amounts, other = {1: 7_000, 2: 3_000}, 3 - voided
    sealed = world.seal(amounts[other], leg=other).refund
    world.conclude(sealed.refund_id, State.ACCEPTED, amounts[other])
    sealed = world.seal(amounts[voided], kind=Kind.VOID, leg=voided).refund
    world.conclude(sealed.refund_id, State.ACCEPTED, amounts[voided])
    assert world.sale().state is SaleState.VOIDED
    world.take_in(adjusted(amounts[voided] + 100, leg=voided, reference="A-1"))
    assert (world.sale().state, world.sale().remaining) == (SaleState.VOIDED, 0)
    world.take_in(adjusted(amounts[other] + 100, leg=other, reference="A-2"))
    sale = world.sale()
    assert (sale.state, sale.remaining, sale.tender(other).remaining) == ("approved", 100, 100)
    verify_store(world.store)


def test_room_that_comes_after_the_closing_was_given_back_already(sold: World) -> None:
    """HQ knew of the tip, gave all of it back, and was told of first."""
    sold.take_in(refunded(12_000))
    close(sold)
    sold.take_in(TIP)
    assert (sold.tender(), sold.sale().remaining) == ((12_000, 0), 0)
    verify_store(sold.store)
    sold.take_in(adjusted(12_700, "2026-01-05T15:00:00+08:00"))
    assert (sold.tender(), sold.sale().remaining) == ((12_000, 0), 700)
    verify_store(sold.store)


def test_room_that_a_closing_makes_was_given_back_already(sold: World) -> None:
    """Of 10,000: all held, 8,000 back elsewhere, then a total of 9,000, and nothing is taken."""
    sealed = sold.seal(10_000)
    sold.take_in(refunded(8_000))
    sold.take_in(adjusted(9_000))
    sold.conclude(sealed.refund.refund_id, State.DECLINED)
    for case in sold.store.cases.open_ones():
        people = tuple(Approval(n, "", sold.clock.now(), 0, Closing.RULE) for n in ("201", "202"))
        sold.do(
            sold.store.cases.close(
                case.case_id, Closing("1234", "102", people, cause=CaseCause.TRAINING)
            )
        )
    assert (sold.tender(), sold.sale().amount) == ((8_000, 0), 9_000)
    verify_store(sold.store)


def test_a_total_of_nothing_leaves_nothing(sold: World) -> None:
    sold.take_in(adjusted(0))
    assert (sold.sale().amount, sold.sale().remaining) == (0, 0)
    verify_store(sold.store)


def test_the_other_leg_of_a_split_sale_stays(world: World) -> None:
    card = {"kind": "card", "amount": 7_000, "masked": "476173******0010"}
    world.sell(tenders=[card, {"kind": "cash", "amount": 3_000}])
    world.take_in(adjusted(2_500, leg=2))
    sale = world.sale()
    assert ([leg.amount for leg in sale.tenders], sale.amount) == ([7_000, 2_500], 9_500)
    assert world.take_in(adjusted(1, leg=3)).problems[0].code == "no_leg"
    verify_store(world.store)


@pytest.mark.parametrize("kind", ["return_request", "disputed", "stock_booked", "redeemed"])
def test_kinds_of_later_versions_are_refused_by_name(world: World, kind: str) -> None:
    (problem,) = world.take_in({"kind": kind, "sale_id": "S1", "anything": 1}).problems
    assert (problem.code, problem.sale_id) == ("not_yet", "S1")
    assert all(kind in text for text in in_both(problem))


def test_a_closing_has_one_name_in_whatever_offset(sold: World) -> None:
    """The shop's day is another than the one that this till writes."""
    told = CLOSED | {"at": "2026-01-04T23:30:00-05:00"}
    assert sold.take_in(told).events == 1
    assert sold.take_in(CLOSED | {"at": "2026-01-05T12:30:00+08:00"}).known == 1
    (name,) = (row[0] for row in sold.store.db.execute("SELECT event_key FROM feed_events"))
    assert name == "closed/12345678/000001/1767587400", "by its moment"
    verify_store(sold.store)
