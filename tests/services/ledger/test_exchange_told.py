"""What a till says that an exchange credit paid: linked to it, and a case where it took less.

R37: goods that went out for what can still be taken would be paid twice.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from worlds.exchange_credits import made, sell, take
from worlds.ledger import World

from pos_terminal.core.case import CaseKind, ToldExchange
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.voucher import mask
from pos_terminal.ports import Approval, Closing
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store


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


def cases(world: World) -> list[tuple[str, ToldExchange]]:
    found = []
    for one in world.store.cases.open_ones():
        assert one.kind is CaseKind.EXCHANGE_NOT_REDEEMED
        assert isinstance(one.facts, ToldExchange)
        sale = world.store.sales.by_key(one.sale_key)
        assert sale is not None
        found.append((sale.sale_id, one.facts))
    return found


def test_what_was_bought_with_it_is_linked(world: World, credit: ExchangeCredit) -> None:
    take(world, credit, 1_200)
    bought(world, credit.number, 1_200)
    (shown,) = overview(world.store.db, 9)["exchange_credits"]
    assert shown["bought"] == [{"sale_id": "B1", "leg": 1, "amount": 1_200, "done": 0}]
    assert [one["amount"] for one in shown["takings"]] == [1_200]
    assert credit.number not in json.dumps(shown)
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
    world.do(world.store.cases.close(case.case_id, Closing("REF-1", "102", (yes,))))
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
