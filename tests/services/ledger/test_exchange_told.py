"""What a till says that an exchange credit paid: linked to it, and a case where it took less.

R37: goods that went out for what can still be taken would be paid twice.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from worlds.exchange_credits import (
    CUP,
    TEA,
    TENDERS,
    bring_back,
    buy,
    made,
    of_applications,
    sell,
    take,
)
from worlds.ledger import World

from pos_terminal.core import receipt_code
from pos_terminal.core.case import CaseKind, ToldExchange
from pos_terminal.core.case_end import CaseCause
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.items import Item
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.voucher_paid import Likely, Taken
from pos_terminal.core.sale import TenderKind
from pos_terminal.core.voucher import mask
from pos_terminal.ports import Approval, Closing
from pos_terminal.services.ledger.books import vouchers
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store

BOUGHT = {"sale_id": "B1", "state": "approved", "leg": 1, "amount": 1_200, "done": 0}


@pytest.fixture
def credit(world: World) -> ExchangeCredit:
    return made(sell(world))


def bought(world: World, number: str, amount: int, sale_id: str = "B1", **more: Any) -> None:
    """Goods that cost 3.00 more, which were paid in cash."""
    tenders = [
        {"kind": "exchange", "amount": amount, "exchange_no": number},
        {"kind": "cash", "amount": 300},
    ]
    paper = {"batch": "", "trace": "", "rrn": "", "auth_code": ""}
    report = world.take_in(
        world.record(sale_id, amount=amount + 300, tenders=tenders, **paper, **more)
    )
    assert (report.refused, report.added + report.known) == (0, 1)


def cases(
    world: World, kind: CaseKind = CaseKind.EXCHANGE_NOT_REDEEMED
) -> list[tuple[str, ToldExchange]]:
    found = []
    for one in world.store.cases.open_ones():
        assert one.kind is kind
        assert isinstance(one.facts, ToldExchange)
        sale = world.store.sales.by_key(one.sale_key)
        assert sale is not None
        found.append((sale.sale_id, one.facts))
    return found


def test_what_was_bought_with_it_is_linked(world: World, credit: ExchangeCredit) -> None:
    take(world, credit, 1_200)
    bought(world, credit.number, 1_200)
    everything = overview(world.store.db, 9)
    (shown,) = everything["exchange_credits"]
    assert shown["bought"] == [BOUGHT]
    assert [one["amount"] for one in shown["takings"]] == [1_200]
    assert credit.number not in json.dumps(everything), "nor with its tender"
    assert cases(world) == []
    verify_store(world.store)


@pytest.mark.parametrize("taken", [0, 1_199])
def test_more_than_was_taken_is_a_case_of_the_sale_that_says_so(
    world: World, credit: ExchangeCredit, taken: int
) -> None:
    if taken:
        take(world, credit, taken)
    bought(world, credit.number, 1_200)
    told = ToldExchange(mask(credit.number), credit.ticket, 1_200, taken)
    assert cases(world) == [("B1", told)]
    assert not world.sale("B1").locked
    bought(world, credit.number, 1_200)
    assert len(cases(world)) == 1, "the same record again"
    verify_store(world.store)
    (case,) = world.store.cases.open_ones()
    yes = Approval("201", "", world.clock.now(), 0, Closing.RULE)
    world.do(
        world.store.cases.close(
            case.case_id, Closing("REF-1", "102", (yes,), cause=CaseCause.TRAINING)
        )
    )
    assert cases(world) == []
    verify_store(world.store)


def test_sales_that_say_it_paid_twice_are_held_against_what_was_taken_once(
    world: World, credit: ExchangeCredit
) -> None:
    take(world, credit, 1_200)
    bought(world, credit.number, 1_200)
    bought(world, credit.number, 100, "B2")
    assert cases(world) == [("B2", ToldExchange(mask(credit.number), credit.ticket, 1_300, 1_200))]


def test_a_number_in_groups_is_the_same_one_and_anothers_is_none_of_ours(
    world: World, credit: ExchangeCredit
) -> None:
    number = credit.number
    bought(world, f"{number[:4]} {number[4:8]}-{number[8:]}", 1_200)
    assert [name for name, _ in cases(world)] == ["B1"]
    bought(world, "X-118", 1_200, "B2")
    assert [name for name, _ in cases(world)] == ["B1"]


def as_voucher(world: World, number: str, amount: int, sale_id: str = "B1") -> None:
    """A till that knows no exchange credits tells it so: both verbs answer alike."""
    paper = {"batch": "", "trace": "", "rrn": "", "auth_code": ""}
    tenders = [{"kind": "voucher", "amount": amount} | ({"voucher_no": number} if number else {})]
    report = world.take_in(world.record(sale_id, amount=amount, tenders=tenders, **paper))
    assert (report.refused, report.added + report.known) == (0, 1)


def test_one_that_is_told_as_a_voucher_is_the_exchange_credit_that_it_is(
    world: World, credit: ExchangeCredit
) -> None:
    as_voucher(world, credit.number, 1_200)
    (leg,) = world.sale("B1").tenders
    assert (leg.kind, leg.exchange_no) == (TenderKind.EXCHANGE, credit.number)
    assert leg.voucher_no == ""
    assert cases(world) == [("B1", ToldExchange(mask(credit.number), credit.ticket, 1_200, 0))]
    (shown,) = overview(world.store.db, 9)["exchange_credits"]
    assert shown["bought"] == [BOUGHT]
    as_voucher(world, credit.number, 1_200)
    bought_as = {"kind": "exchange", "amount": 1_200, "exchange_no": credit.number}
    paper = {"batch": "", "trace": "", "rrn": "", "auth_code": ""}
    report = world.take_in(world.record("B1", amount=1_200, tenders=[bought_as], **paper))
    assert (report.refused, report.known) == (0, 1), "told again by its own name"
    verify_store(world.store)


def test_one_whose_number_comes_later_gives_nothing_back_as_a_voucher(
    world: World, credit: ExchangeCredit
) -> None:
    """The payment stays what it was told to be at first; by its number it is ours all the same."""
    as_voucher(world, "", 1_200)
    paper = {"batch": "", "trace": "", "rrn": "", "auth_code": ""}
    tenders = [{"kind": "voucher", "amount": 1_200, "voucher_no": credit.number}]
    assert world.take_in(world.record("B1", amount=1_200, tenders=tenders, **paper)).refused == 0
    (leg,) = world.sale("B1").tenders
    assert (leg.kind, leg.voucher_no) == (TenderKind.VOUCHER, credit.number)
    assert [name for name, _ in cases(world)] == ["B1"]
    assert world.store.refunds.taken(credit.number) == Taken(0, 0)
    take(world, credit, 1_200)
    assert world.store.refunds.taken(credit.number) == Taken(0, 0)
    verify_store(world.store)


def test_a_masked_number_may_be_an_exchange_credits(world: World, credit: ExchangeCredit) -> None:
    told = mask(credit.number)
    assert world.store.refunds.like_ours(told, 1_500, world.clock.now()) == Likely(1, 0)
    take(world, credit, 1_500)
    later = world.clock.now() + timedelta(days=3)
    assert world.store.refunds.like_ours(told, 1_500, later) is None, "used up before"


def test_a_case_ends_by_itself_when_the_till_took_what_it_says(
    world: World, credit: ExchangeCredit
) -> None:
    bought(world, credit.number, 1_200)
    take(world, credit, 1_199)
    assert len(cases(world)) == 1
    take(world, credit, 1, "T2")
    assert cases(world) == []
    verify_store(world.store)


def test_a_sale_that_the_till_voided_says_nothing_any_more(
    world: World, credit: ExchangeCredit
) -> None:
    def void(sale_id: str) -> None:
        at = world.clock.now().isoformat()
        assert world.take_in({"kind": "sale_voided", "sale_id": sale_id, "at": at}).refused == 0

    take(world, credit, 1_200)
    bought(world, credit.number, 1_200)
    void("B1")
    bought(world, credit.number, 1_200, "B2")
    assert cases(world) == [], "rung again"
    bought(world, credit.number, 300, "B3")
    assert [name for name, _ in cases(world)] == ["B3"]
    void("B3")
    assert cases(world) == []
    verify_store(world.store)


def test_the_case_of_a_voided_sale_ends_though_others_say_too_much_still(
    world: World, credit: ExchangeCredit
) -> None:
    bought(world, credit.number, 100)
    bought(world, credit.number, 200, "B2")
    at = world.clock.now().isoformat()
    world.take_in({"kind": "sale_voided", "sale_id": "B1", "at": at})
    assert [name for name, _ in cases(world)] == ["B2"]
    verify_store(world.store)


def test_of_two_credits_in_one_sale_each_has_its_case(world: World) -> None:
    """And each ends alone: the other's rest goes back to nobody unseen."""
    numbers = [made(sell(world)).number]
    world.sell("S2", amount=2_400, lines=[CUP, TEA], tenders=TENDERS, trace="000918")
    number = world.apply_for(
        500, "S2", Kind.EXCHANGE_CREDIT, items=(Item(1, 1_000, 500, 500),)
    ).number
    second = of_applications(world, [number])
    numbers.append(second.number)
    tenders = [{"kind": "exchange", "amount": 400, "exchange_no": one} for one in numbers]
    paper = {"batch": "", "trace": "", "rrn": "", "auth_code": ""}
    world.take_in(world.record("B1", amount=800, tenders=tenders, **paper))
    assert sorted(facts.number for _, facts in cases(world)) == sorted(map(mask, numbers))
    take(world, second, 400)
    assert [facts.number for _, facts in cases(world)] == [mask(numbers[0])]
    verify_store(world.store)


def void(world: World, sale_id: str) -> None:
    at = world.clock.now().isoformat()
    assert world.take_in({"kind": "sale_voided", "sale_id": sale_id, "at": at}).refused == 0


def adjust(world: World, amount: int, reference: str) -> None:
    """What the credit paid of the sale."""
    at = world.clock.now().isoformat()
    told = {"kind": "adjusted", "reference": reference, "sale_id": "B1", "leg": 1, "at": at}
    assert world.take_in(told | {"amount": amount}).refused == 0


def test_what_ended_by_itself_comes_back_where_the_till_raises_what_it_paid(
    world: World, credit: ExchangeCredit
) -> None:
    bought(world, credit.number, 400)
    take(world, credit, 400)
    assert cases(world) == []
    adjust(world, 900, "A-1")
    told = ToldExchange(mask(credit.number), credit.ticket, 900, 400)
    assert cases(world) == [("B1", told)]
    assert world.store.refunds.untaken(credit.sale_key, credit.ticket).amount == 500
    verify_store(world.store)


def test_what_people_closed_comes_back_where_it_is_about_more(
    world: World, credit: ExchangeCredit
) -> None:
    bought(world, credit.number, 400)
    (case,) = world.store.cases.open_ones()
    yes = Approval("201", "", world.clock.now(), 0, Closing.RULE)
    closing = Closing("REF-1", "102", (yes,), CaseCause.SYSTEM)
    world.do(world.store.cases.close(case.case_id, closing))
    adjust(world, 300, "A-1")
    assert cases(world) == []
    adjust(world, 700, "A-2")
    assert [facts.paid for _, facts in cases(world)] == [700]
    verify_store(world.store)


def test_what_was_taken_for_a_sale_that_is_void_is_a_case_until_another_says_it(
    world: World, credit: ExchangeCredit
) -> None:
    """The customer has neither the goods nor the money."""
    take(world, credit, 1_200)
    bought(world, credit.number, 1_200)
    void(world, "B1")
    told = ToldExchange(mask(credit.number), credit.ticket, 0, 1_200)
    assert cases(world, CaseKind.EXCHANGE_NOT_TOLD) == [("B1", told)]
    assert not world.sale("B1").locked
    bought(world, credit.number, 1_100, "B2")
    assert len(cases(world, CaseKind.EXCHANGE_NOT_TOLD)) == 1, "not all of it"
    bought(world, credit.number, 100, "B3")
    assert cases(world, CaseKind.EXCHANGE_NOT_TOLD) == []
    verify_store(world.store)
    (shown,) = overview(world.store.db, 9)["exchange_credits"]
    assert [one["state"] for one in shown["bought"]] == ["voided", "approved", "approved"]


def test_people_end_it_where_no_sale_follows(world: World, credit: ExchangeCredit) -> None:
    take(world, credit, 1_200)
    bought(world, credit.number, 1_200)
    void(world, "B1")
    (case,) = world.store.cases.open_ones()
    yes = Approval("201", "", world.clock.now(), 0, Closing.RULE)
    world.do(
        world.store.cases.close(
            case.case_id, Closing("REF-1", "102", (yes,), cause=CaseCause.TRAINING)
        )
    )
    void(world, "B1")
    assert world.store.cases.open_ones() == []
    verify_store(world.store)


def test_what_came_back_of_it_before_the_void_is_not_missing(world: World) -> None:
    credit = made(sell(world))
    take(world, credit, 1_200)
    buy(world, "B1", credit.number, 1_200)
    bring_back(world, "B1", 1_200, (1, Kind.REFUND, 1_000), (2, Kind.CASH, 200))
    void(world, "B1")
    assert [one.kind for one in world.store.cases.open_ones()] == [CaseKind.ELSEWHERE]


def test_a_total_that_changes_is_held_against_what_was_taken_too(
    world: World, credit: ExchangeCredit
) -> None:
    take(world, credit, 1_000)
    bought(world, credit.number, 1_200)
    assert [name for name, _ in cases(world)] == ["B1"]
    adjust(world, 1_000, "A-1")
    assert cases(world) == []
    adjust(world, 900, "A-2")
    told = ToldExchange(mask(credit.number), credit.ticket, 900, 1_000)
    assert cases(world, CaseKind.EXCHANGE_NOT_TOLD) == [("B1", told)]
    adjust(world, 1_000, "A-3")
    assert world.store.cases.open_ones() == []
    verify_store(world.store)


def test_a_total_that_grows_above_what_was_taken_is_a_case(
    world: World, credit: ExchangeCredit
) -> None:
    take(world, credit, 1_200)
    bought(world, credit.number, 1_200)
    adjust(world, 1_300, "A-1")
    told = ToldExchange(mask(credit.number), credit.ticket, 1_300, 1_200)
    assert cases(world) == [("B1", told)]


@pytest.mark.parametrize("hidden", ["{0}*******{2}", "****{2}", "{0}xx-xx xxx{2}"])
def test_a_masked_number_is_linked_where_it_can_be_no_other(
    world: World, credit: ExchangeCredit, hidden: str
) -> None:
    """And is the same one when it is told again."""
    take(world, credit, 1_000)
    number = hidden.format(credit.number[:2], "", credit.number[-4:])
    for as_told in (number, number, credit.number):
        bought(world, as_told, 1_200)
        ((_, facts),) = cases(world)
        assert (facts.paid, facts.taken) == (1_200, 1_000)
    (told,) = overview(world.store.db)["exchange_credits"]
    assert told["bought"] == [BOUGHT]
    verify_store(world.store)


@pytest.mark.parametrize("amount", [1_200, 1_600])
def test_a_masked_number_that_may_be_another_is_linked_to_none(
    world: World, credit: ExchangeCredit, amount: int
) -> None:
    """It shows too little; or nothing that this credit is worth was paid by it."""
    shown = credit.number[-3:] if amount == 1_200 else credit.number[-6:]
    bought(world, f"****{shown}", amount)
    unclear = [(facts.ticket, facts.perhaps) for _, facts in cases(world)]
    assert unclear == ([(0, 1)] if amount == 1_200 else [])
    (told,) = overview(world.store.db)["exchange_credits"]
    assert told["bought"] == []


def test_a_masked_number_of_two_credits_is_linked_to_neither(
    world: World, credit: ExchangeCredit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both may have paid as much."""
    head, tail = credit.number[:4], credit.number[-4:]
    like = next(
        number
        for one in range(100_000)
        if (number := f"{head}{one:05}{tail}") != credit.number
        and receipt_code.decode(number) is not None
    )
    world.sell("S2", amount=900, lines=[TEA], trace="", tenders=[{"kind": "cash", "amount": 900}])
    monkeypatch.setattr(vouchers, "fresh_number", lambda _: like)
    tea = (Item(1, 1_000, 900, 900),)
    applied = world.apply_for(900, "S2", Kind.EXCHANGE_CREDIT, items=tea)
    of_applications(world, [applied.number])
    bought(world, f"{head}*****{tail}", 800)
    assert [(facts.ticket, facts.perhaps) for _, facts in cases(world)] == [(0, 2)]
    assert [one["bought"] for one in overview(world.store.db)["exchange_credits"]] == [[], []]
