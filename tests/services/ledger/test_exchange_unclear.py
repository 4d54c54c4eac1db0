"""A till names an exchange credit by a number that is masked or mistyped (R37): a case, until what
was taken explains it, and a supervisor before the rest of each that it may have meant goes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from worlds.exchange_credits import THE_TEA, drafts, made, of_applications, sell, settle, take
from worlds.ledger import World

from pos_terminal.core import receipt_code
from pos_terminal.core.case import CaseKind, ToldExchange
from pos_terminal.core.case_end import CaseCause
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.pan import luhn_digit
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.exchange_told import Untaken
from pos_terminal.core.voucher import mask
from pos_terminal.ports import Approval, Closing
from pos_terminal.services.proof.verify import verify_store


@pytest.fixture
def credit(world: World) -> ExchangeCredit:
    return made(sell(world))


def bought(world: World, number: str, amount: int = 900, name: str = "B1", **more: Any) -> None:
    kind, field = more.pop("told_as", ("exchange", "exchange_no"))
    paper = {"batch": "", "trace": "", "rrn": "", "auth_code": ""}
    tenders = [{"kind": kind, "amount": amount, field: number}]
    report = world.take_in(world.record(name, amount=amount, tenders=tenders, **paper, **more))
    assert (report.refused, report.added) == (0, 1)


def cases(world: World) -> list[ToldExchange]:
    found = []
    for one in world.store.cases.open_ones():
        assert one.kind is CaseKind.EXCHANGE_NOT_REDEEMED
        assert isinstance(one.facts, ToldExchange)
        found.append(one.facts)
    return found


def asked(world: World, credit: ExchangeCredit) -> Untaken:
    """Before the rest of this one goes back."""
    return world.store.refunds.untaken(credit.sale_key, credit.ticket)


def another_sign(number: str) -> str:
    return f"{number[:-1]}{(int(number[-1]) + 1) % 10}"


def swapped(number: str) -> str:
    at = next(n for n in range(5, 12) if number[n] != number[n + 1] and receipt_code.decode(
        number[:n] + number[n + 1] + number[n] + number[n + 2 :]) is None)  # fmt: skip
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


WRONG: list[Callable[[str], str]] = [
    another_sign,
    swapped,
    lambda number: number[:-1],
    lambda number: f"{number}0",
    lambda number: f"*********{number[-3:]}",
    lambda number: f"{number[:2]}***********",
]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("told_as", [("exchange", "exchange_no"), ("voucher", "voucher_no")])
def test_a_wrong_number_is_a_case_and_asks_at_each_that_it_may_mean(
    world: World, credit: ExchangeCredit, wrong: Callable[[str], str], told_as: tuple[str, str]
) -> None:
    told = wrong(credit.number)
    bought(world, told, told_as=told_as)
    assert cases(world) == [ToldExchange(mask(told), 0, 900, 0, leg=1, perhaps=1)]
    (case,) = world.store.cases.open_ones()
    assert asked(world, credit) == Untaken((case.case_id,), 900, unclear=True)
    assert not world.sale("B1").locked
    verify_store(world.store)


def test_one_of_another_terminal_or_another_scheme_is_nobodys_matter(
    world: World, credit: ExchangeCredit
) -> None:
    merchant, terminal = world.store.home.merchant_id, "10029999"
    others = receipt_code.encode_voucher(merchant, terminal, 1_234_567)
    assert others[:5] != credit.number[:5]
    for n, number in enumerate((others, others[:-1], f"{others[:5]}******{others[-2:]}", "X-118")):
        bought(world, number, name=f"B{n}")
    assert cases(world) == []
    assert asked(world, credit) == Untaken()


def test_what_begins_as_ours_and_fits_none_may_have_meant_any(
    world: World, credit: ExchangeCredit
) -> None:
    """Two signs wrong, say; worth as much it must have been."""
    serial = (int(credit.number[5:12]) + 5_000_001) % 10_000_000
    digits = f"{credit.number[:5]}{serial:07d}"
    for n, number in enumerate((digits + luhn_digit(digits), digits, f"{digits[:-3]}***")):
        bought(world, number, name=f"B{n}")
    bought(world, digits, 9_900, name="B3")
    assert [one.perhaps for one in cases(world)] == [1, 1, 1, 0]
    found = asked(world, credit)
    assert (len(found.cases), found.amount, found.unclear) == (3, 900, True)
    verify_store(world.store)


def test_what_ended_by_itself_comes_back_where_nothing_explains_it_any_more(
    world: World, credit: ExchangeCredit
) -> None:
    """The taking was for another sale, of which the till tells later."""
    bought(world, another_sign(credit.number), 400)
    take(world, credit, 400)
    assert cases(world) == []
    bought(world, credit.number, 400, "B2")
    assert [one.paid for one in cases(world)] == [400]
    assert asked(world, credit).amount == 400
    verify_store(world.store)


def test_what_was_settled_before_the_sale_was_not_meant(
    world: World, credit: ExchangeCredit
) -> None:
    settle(world, credit, (1, Kind.REFUND, 1_000), (2, Kind.CASH, 500))
    world.clock.moment += timedelta(days=3)
    bought(world, f"****{credit.number[-3:]}", sold_at=world.clock.now().isoformat())
    assert cases(world) == []


def test_what_was_taken_explains_it(world: World, credit: ExchangeCredit) -> None:
    """A till that masks its numbers and takes what it tells makes no case."""
    take(world, credit, 900)
    bought(world, f"****{credit.number[-3:]}")
    assert cases(world) == []
    bought(world, f"****{credit.number[-3:]}", 100, "B2")
    assert [one.paid for one in cases(world)] == [100], "but not twice"
    assert asked(world, credit).amount == 100
    take(world, credit, 100, "T2")
    assert cases(world) == []
    assert asked(world, credit) == Untaken()
    verify_store(world.store)


def test_what_another_sale_was_paid_with_explains_it_no_more(
    world: World, credit: ExchangeCredit
) -> None:
    take(world, credit, 900)
    bought(world, f"****{credit.number[-3:]}")
    bought(world, credit.number, 900, "B2")
    assert [(one.number[-3:], one.paid) for one in cases(world)] == [
        (f"*{credit.number[-2:]}", 900)
    ]
    verify_store(world.store)


def test_a_voided_sale_says_nothing_and_people_close_it(
    world: World, credit: ExchangeCredit
) -> None:
    bought(world, another_sign(credit.number))
    bought(world, another_sign(credit.number), 100, "B2")
    at = world.clock.now().isoformat()
    world.take_in({"kind": "sale_voided", "sale_id": "B1", "at": at})
    assert [one.paid for one in cases(world)] == [100]
    (case,) = world.store.cases.open_ones()
    yes = Approval("201", "", world.clock.now(), 0, Closing.RULE)
    closing = Closing("REF-1", "102", (yes,), CaseCause.SYSTEM)
    world.do(world.store.cases.close(case.case_id, closing))
    bought(world, "X-1", 100, "B3")
    assert (cases(world), asked(world, credit)) == ([], Untaken())
    verify_store(world.store)


def test_a_credit_that_was_made_after_the_sale_is_not_meant(world: World) -> None:
    sold_at = (world.clock.now() - timedelta(days=2)).isoformat()
    credit = made(sell(world))
    bought(world, another_sign(credit.number), sold_at=sold_at)
    assert [one.perhaps for one in cases(world)] == [0]
    assert asked(world, credit) == Untaken()


def test_what_was_left_to_do_of_it_asks_too(world: World, credit: ExchangeCredit) -> None:
    settle(world, credit, (1, Kind.REFUND, 1_000), (2, Kind.CASH, 500))
    bought(world, another_sign(credit.number))
    assert world.store.refunds.untaken(credit.sale_key, 0).amount == 900


def test_all_of_it_was_taken(world: World, credit: ExchangeCredit) -> None:
    other = of_applications(world, drafts(world, (900,), goods=THE_TEA, legs=(2,)))
    take(world, other, 900)
    bought(world, another_sign(other.number))
    assert cases(world) == []
    assert asked(world, credit) == Untaken()
