"""What goods a refund names: quantities, worth, shares; nothing is ever lost or doubled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from worlds.sales import a_sale

from pos_terminal.core.items import Item, most_for, name_items, share, share_out, what_remains
from pos_terminal.core.quantity import TooFine, format_quantity, parse_quantity, worth
from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import SaleLine, Tender, TenderKind

TEA = SaleLine(1, "9", "Tea", 3_000, 1_500, "food")
RICE = SaleLine(2, "10", "Rice", 750, 1_067, "food")
GONE = SaleLine(3, "11", "Cup", 1_000, 900, "home", returned=1_000)
SALE = a_sale(Tender(1, TenderKind.CARD, 5_300), lines=(TEA, RICE))


@pytest.mark.parametrize(
    ("text", "quantity"),
    [("1", 1000), ("0.75", 750), (".5", 500), ("2.", 2000), ("0.7500", 750), ("007.001", 7001)],
)
def test_quantities_are_exact(text: str, quantity: int) -> None:
    assert parse_quantity(text) == quantity


@pytest.mark.parametrize("text", ["", ".", "1.2.3", "-1", "1e3", "½", "１"])
def test_what_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="no quantity"):
        parse_quantity(text)


def test_finer_than_thousandths_is_said_so() -> None:
    with pytest.raises(TooFine):
        parse_quantity("0.0001")


@given(st.integers(0, 10**12))
def test_a_quantity_reads_as_it_is_written(quantity: int) -> None:
    assert parse_quantity(format_quantity(quantity)) == quantity


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [(750, 1_067, 800), (500, 1, 1), (499, 1, 0), (1_500, 3, 5), (2_000, 450, 900), (0, 99, 0)],
)
def test_worth_is_rounded_half_up(quantity: int, price: int, amount: int) -> None:
    assert worth(quantity, price) == amount


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_shares_add_up_and_stay_under_what_each_is_worth(amount: int, weights: list[int]) -> None:
    parts = share(amount, weights)
    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)
    if amount <= sum(weights):
        assert all(part <= weight for part, weight in zip(parts, weights, strict=True))


def test_what_is_back_already_remains_no_more() -> None:
    held = replace(TEA, held=1_000, returned=500)
    assert what_remains(replace(SALE, lines=(held, RICE, GONE))) == {1: 1_500, 2: 750}


def test_chosen_goods_bring_what_they_are_worth() -> None:
    assert most_for(SALE, 5_300, {1: 2_000}) == 3_000
    assert most_for(SALE, 2_500, {1: 2_000}) == 2_500
    assert most_for(SALE, 5_300, {}) == 5_300


def test_all_that_remains_of_the_goods_brings_all_that_remains_of_the_money() -> None:
    """A delivery is in the sale's amount and on no line."""
    dear = replace(SALE, amount=6_000, tenders=(Tender(1, TenderKind.CARD, 6_000),))
    assert most_for(dear, 6_000, {1: 3_000, 2: 750}) == 6_000
    assert most_for(dear, 6_000, {1: 3_000, 2: 500}) == 4_500 + 534


def test_an_amount_that_was_typed_names_nothing() -> None:
    assert name_items(SALE, Kind.REFUND, 5_299, {}) == ()


@pytest.mark.parametrize("kind", Kind)
def test_the_whole_sale_names_all_of_it(kind: Kind) -> None:
    assert name_items(SALE, kind, 5_300, {}) == (Item(1, 3_000, 4_500), Item(2, 750, 800))


def test_the_rest_of_a_sale_that_has_refunds_names_nothing_by_itself() -> None:
    half = replace(SALE, tenders=(Tender(1, TenderKind.CARD, 5_300, done=300),))
    assert name_items(half, Kind.REFUND, 5_000, {}) == ()


def test_what_was_chosen_is_named_and_a_void_takes_all() -> None:
    """A discounted sale: fewer goods may be worth all of its money."""
    cheap = replace(SALE, amount=1_500, tenders=(Tender(1, TenderKind.CARD, 1_500),))
    assert name_items(cheap, Kind.REFUND, 1_500, {1: 1_000}) == (Item(1, 1_000, 1_500),)
    assert len(name_items(cheap, Kind.VOID, 1_500, {1: 1_000})) == 2


def test_a_discount_is_shared_out() -> None:
    items = share_out(SALE, {1: 3_000, 2: 750}, 2_650)
    assert [item.amount for item in items] == [2_250, 400]


def test_goods_that_cost_nothing_still_carry_the_amount() -> None:
    free = replace(SALE, lines=(replace(TEA, unit_price=0), replace(RICE, unit_price=0)))
    assert [item.amount for item in share_out(free, what_remains(free), 10)] == [10, 0]
