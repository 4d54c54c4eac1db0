"""What a till took of an exchange credit for a sale that it voided since is open again, once, where
two others agree (R37, R46)."""

from __future__ import annotations

import pytest
from worlds.exchange_credits import buy, legs, made, rest, sell, settle, take
from worlds.failures import failure_of
from worlds.ledger import World
from worlds.purge import later, next_batch, printed, purge

from pos_terminal.core.application import Withdrawn
from pos_terminal.core.case import CaseKind
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.refund import Kind, State
from pos_terminal.ports import Approval, Case
from pos_terminal.services.proof.verify import verify_store

CARD, CASH = (1, Kind.REFUND, 1_000), (2, Kind.CASH, 200)


def void(world: World, sale_id: str = "B1") -> None:
    at = world.clock.now().isoformat()
    assert world.take_in({"kind": "sale_voided", "sale_id": sale_id, "at": at}).refused == 0


@pytest.fixture
def credit(world: World) -> ExchangeCredit:
    """Of which the till took all of the card's part, and some of the cash."""
    credit = made(sell(world))
    take(world, credit, 1_200)
    buy(world, "B1", credit.number, 1_200)
    void(world)
    return credit


def case_of(world: World) -> Case:
    (case,) = world.store.cases.open_ones()
    assert case.kind is CaseKind.EXCHANGE_NOT_TOLD
    return case


def asked(world: World, amount: int = 1_200, people: tuple[str, ...] = ("201", "202")) -> int:
    number = world.apply_for(amount, "B1", Kind.EXCHANGE_BACK).number
    now = world.clock.now()
    yes = [Approval(one, "", now, amount, "policy") for one in people]
    world.do(world.store.applications.approve(number, yes))
    return int(number)


def give_back(world: World, case: Case, number: int, *back: tuple[int, Kind, int]) -> None:
    work = world.store.reopen_voided
    world.do(work(case.case_id, number, rest(world, *back), (world.slip(),)))


def test_it_is_to_do_once_and_the_case_ends_with_it(world: World, credit: ExchangeCredit) -> None:
    case, reads = case_of(world), world.store.exchange_credits
    assert reads.untold(credit.number) == 1_200
    give_back(world, case, asked(world), CARD, CASH)
    assert reads.untold(credit.number) == 0
    assert [(one.kind, one.amount) for one in world.store.applications.to_do()] == [
        CARD[1:],
        CASH[1:],
    ]
    assert [one.done for one in legs(world, credit)] == [1_000, 200], "what was taken stays written"
    assert world.store.stock.after(0, 9)[-1].sku == "C-1", "none of the goods that the till has"
    ((kind, text),) = [(one.kind, one.text) for one in world.store.cases.steps(case.case_id)]
    assert (kind.value, text.split()[0]) == ("refund", "¥12.00")
    assert world.store.cases.open_ones() == []
    verify_store(world.store)
    again = asked(world, 100)
    assert failure_of(give_back, world, case, again, (1, Kind.REFUND, 100)) == "cases.closed"
    void(world)
    assert world.store.cases.open_ones() == []
    verify_store(world.store)


@pytest.mark.parametrize("people", [("201",), ("201", "101"), ()])
def test_two_agree_and_none_of_them_made_the_credit(
    world: World, credit: ExchangeCredit, people: tuple[str, ...]
) -> None:
    assert {one.operator for one in legs(world, credit)} == {"101"}
    case = case_of(world)
    number = world.apply_for(1_200, "B1", Kind.EXCHANGE_BACK, operator="103").number
    yes = [Approval(one, "", world.clock.now(), 1_200, "policy") for one in people]
    world.do(world.store.applications.approve(number, yes))
    with pytest.raises(ValueError, match="two people"):
        give_back(world, case, number, CARD, CASH)
    assert world.store.refunds.of_sale(world.sale("B1").key) == []
    assert case_of(world) == case
    verify_store(world.store)


def test_no_more_than_no_sale_says_any_more(world: World, credit: ExchangeCredit) -> None:
    buy(world, "B2", credit.number, 1_100)
    case = case_of(world)
    assert failure_of(give_back, world, case, asked(world), CARD, CASH) == "ledger.not_reopened"
    give_back(world, case, asked(world, 100), (1, Kind.REFUND, 100))
    assert world.store.cases.open_ones() == []
    verify_store(world.store)


def test_a_part_of_it_leaves_the_case_open_for_the_rest(
    world: World, credit: ExchangeCredit
) -> None:
    case = case_of(world)
    give_back(world, case, asked(world, 500), (1, Kind.REFUND, 500))
    assert case_of(world).case_id == case.case_id
    give_back(world, case, asked(world, 700), (1, Kind.REFUND, 500), CASH)
    assert world.store.cases.open_ones() == []
    verify_store(world.store)


def test_goods_for_what_is_open_again_already_are_a_case(
    world: World, credit: ExchangeCredit
) -> None:
    give_back(world, case_of(world), asked(world), CARD, CASH)
    buy(world, "B2", credit.number, 300)
    (case,) = world.store.cases.open_ones()
    assert case.kind is CaseKind.EXCHANGE_NOT_REDEEMED
    assert world.sale("B2").tender(1).most == 0
    verify_store(world.store)


def test_of_another_sale_than_the_cases_nothing_is_opened(
    world: World, credit: ExchangeCredit
) -> None:
    buy(world, "B2", credit.number, 500)
    case = case_of(world)
    number = world.apply_for(500, "B2", Kind.EXCHANGE_BACK).number
    with pytest.raises(ValueError, match="not about that sale"):
        give_back(world, case, number, (1, Kind.REFUND, 500))
    verify_store(world.store)


def test_of_a_sale_that_stands_it_is_not_opened_by_a_case(world: World) -> None:
    """The till lowered what the credit paid: the goods of that sale may still come back."""
    credit = made(sell(world))
    take(world, credit, 1_200)
    buy(world, "B1", credit.number, 1_200)
    at = world.clock.now().isoformat()
    told = {"kind": "adjusted", "reference": "A-1", "sale_id": "B1", "leg": 1, "at": at}
    assert world.take_in(told | {"amount": 900}).refused == 0
    number = asked(world, 300)
    failed = failure_of(give_back, world, case_of(world), number, (1, Kind.REFUND, 300))
    assert failed == "ledger.not_reopened"
    verify_store(world.store)


def test_the_first_sale_stays_as_long_as_the_case_is_open(world: World) -> None:
    credit = made(sell(world))
    take(world, credit, 1_200)
    buy(world, "B1", credit.number, 1_200)
    void(world)
    settle(world, credit, (2, Kind.CASH, 300))
    (left,) = world.store.applications.to_do()
    world.do(world.store.applications.cancel(left.number, Withdrawn.CLERK))
    printed(world)
    next_batch(world)
    later(world, 2_000)
    purge(world)
    give_back(world, case_of(world), asked(world), CARD, CASH)
    for one in world.store.applications.to_do():
        world.do(world.store.applications.cancel(one.number, Withdrawn.CLERK))
    printed(world)
    later(world, 2_000)
    purge(world)
    purge(world)
    assert world.store.sales.by_id("S1") is None
    verify_store(world.store)


def test_what_is_back_is_the_first_sales_in_a_days_sum_once(
    world: World, credit: ExchangeCredit
) -> None:
    day = world.clock.moment.date()
    before = world.store.refunds.counts(day, None).amount
    give_back(world, case_of(world), asked(world), CARD, CASH)
    card, _ = world.store.applications.to_do()
    sealed = world.seal_again(card.number, 1_000)
    world.conclude(sealed.refund.refund_id, State.ACCEPTED, 1_000)
    assert world.store.refunds.counts(day, None).amount == before + 1_000
    verify_store(world.store)
