"""A fault of our own in a commit of exchange credits: its rows are as the log says, and ``verify``
finds that they do not fit together (R37, R55)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from msgspec.structs import replace
from worlds.exchange_credits import THE_TEA, bring_back, buy, made, sell, settle, take
from worlds.ledger import World

from pos_terminal.core.exchange_credit import ExchangeCredit, spread
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.tenders import Basis, Exceptional
from pos_terminal.core.words import Failure
from pos_terminal.ports import Taking
from pos_terminal.services.ledger import reopening
from pos_terminal.services.ledger.books import exchange_credits, reopened, vouchers
from pos_terminal.services.ledger.books.sales import writes
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.proof.verify import verify_store

Legs = Sequence[Refund]


@pytest.fixture
def sold(world: World) -> World:
    return sell(world)


@contextmanager
def found(world: World, what: str) -> Iterator[None]:
    """By the sum of this name, and before it all was well."""
    verify_store(world.store)
    yield
    with pytest.raises(Failure) as failure:
        verify_store(world.store)
    assert failure.value.words.values["what"] == what


def instead(name: str, fault: Callable[..., Any]) -> Any:
    """``fault`` has what does it right first."""
    right = getattr(exchange_credits, name)
    return patch.object(exchange_credits, name, lambda *args: fault(right, *args))


@pytest.mark.parametrize(
    ("first", "wrong"),
    [
        (1, lambda legs: legs[:1]),
        (2, lambda legs: legs[::-1]),
        (1, lambda legs: [replace(legs[0], currency="840"), *legs[1:]]),
    ],
    ids=["of one payment alone", "by another payment", "in other money"],
)
def test_a_credit_that_is_not_what_was_set_aside(
    sold: World, first: int, wrong: Callable[[Legs], Legs]
) -> None:
    with (
        found(sold, f"exchange credit of refund {first}"),
        instead("add", lambda right, step, legs, until: right(step, wrong(legs), until)),
    ):
        made(sold)


def test_what_was_set_aside_for_no_credit(sold: World) -> None:
    with found(sold, "exchange credit of refund 1"), instead("add", lambda *_: None):
        made(sold)


def test_a_credit_that_is_open_though_its_rest_went_its_way(sold: World) -> None:
    credit = made(sold)
    take(sold, credit, 400)
    with found(sold, "exchange credit of refund 1"), instead("settle", lambda *_: None):
        settle(sold, credit, (1, Kind.REFUND, 600), (2, Kind.CASH, 500))


def fell_on_one(right: Any, step: Step, taking: Taking, shares: dict[int, int]) -> Any:
    return right(step, taking, dict(list(shares.items())[:1]))


def took_more(right: Any, step: Step, taking: Taking, shares: dict[int, int]) -> Any:
    """Than any request says."""
    taken = right(step, replace(taking, amount=1_199), shares | {2: 199})
    step.db.execute("UPDATE exchange_credits SET taken = taken + 1")
    exchange_credits._log(step, taking.number)
    return taken


@pytest.mark.parametrize("fault", [fell_on_one, took_more])
def test_a_taking_that_is_not_what_the_till_took(sold: World, fault: Callable[..., Any]) -> None:
    credit = made(sold)
    with found(sold, "takings of exchange credit of refund 1"), instead("add_taking", fault):
        take(sold, credit, 1_200)


def test_a_number_that_a_voucher_has(sold: World) -> None:
    application = sold.apply_for(100, kind=Kind.CREDIT, leg=2).number
    refund = sold.do(sold.store.issue_credit(application, lambda *_: [sold.slip()]))
    voucher = sold.store.vouchers.of_refund(refund.refund_id)
    assert voucher is not None
    with (
        found(sold, "number of exchange credit of refund 2"),
        patch.object(vouchers, "fresh_number", lambda _: voucher.number),
    ):
        made(sold)


def bought(world: World) -> tuple[ExchangeCredit, ExchangeCredit]:
    """With the first of two; of the second the till took as much."""
    credits = made(world, (500, 1_000)), made(world, (400, 300), THE_TEA)
    for one in credits:
        take(world, one, 700, f"till-1/{one.ticket}")
    buy(world, "B1", credits[0].number, 700)
    return credits


def test_less_is_open_again_than_counts_as_given_back(sold: World) -> None:
    bought(sold)
    with (
        found(sold, "reopened by refund 5"),
        patch.object(reopening, "_must_be_all"),
        patch.object(reopening, "spread", lambda amount, room: spread(amount - 1, room)),
    ):
        bring_back(sold, "B1", 700, (1, Kind.REFUND, 500), (2, Kind.CASH, 199))


def test_what_no_till_took_is_open_again(sold: World) -> None:
    """Notes that went out."""
    bought(sold)
    cash = sold.apply_for(100, kind=Kind.CASH, leg=2).number
    notes = sold.do(sold.store.commit_cash(cash, (sold.slip(),)))
    with (
        found(sold, f"reopened of refund {notes.refund_id}"),
        patch.object(reopening, "_must_be_all"),
        patch.object(reopened, "left_of", lambda *_: {notes.refund_id: 100}),
    ):
        bring_back(sold, "B1", 100, (2, Kind.CASH, 100))


def test_another_credit_is_open_again_than_had_paid(sold: World) -> None:
    _, other = bought(sold)
    with (
        found(sold, "credit reopened by refund 5"),
        patch.object(reopening, "_credit_of", lambda *_: other),
    ):
        bring_back(sold, "B1", 700, (1, Kind.REFUND, 400), (2, Kind.CASH, 300))


def test_more_went_back_of_what_it_paid_than_the_till_took(sold: World) -> None:
    """By an exception of the shop, say, which opens nothing again."""
    credit, _ = bought(sold)
    buy(sold, "B2", credit.number, 701)
    with found(sold, "credit that paid for refund 5"), patch.object(writes, "_check_money"):
        listed = Basis(Exceptional.CARD_LOST, ())
        number = sold.apply_for(701, "B2", Kind.CASH, basis=listed).number
        sold.do(sold.store.commit_cash(number, (sold.slip(),)))
