"""What goods a refund names: quantities, worth, shares; nothing is ever lost or doubled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from worlds.sales import a_sale

from pos_terminal.core.items import (
    Item,
    due,
    most_for,
    name_items,
    owed,
    share_out,
    still_owed,
    what_remains,
)
from pos_terminal.core.price import SCALE, list_worth
from pos_terminal.core.quantity import TooFine, format_quantity, parse_quantity
from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import LineKind, Sale, SaleLine, Tender, TenderKind
from pos_terminal.core.share import share

TEA = SaleLine(1, "9", "Tea", 3_000, 1_500 * SCALE, "food")
RICE = SaleLine(2, "10", "Rice", 750, 1_067 * SCALE, "food")
GONE = SaleLine(3, "11", "Cup", 1_000, 900 * SCALE, "home", returned=1_000)
FEE = SaleLine(4, "", "Delivery", 1_000, 700 * SCALE, "", kind=LineKind.FEE)
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
def test_the_price_list_is_rounded_half_up(quantity: int, price: int, amount: int) -> None:
    assert list_worth(quantity, price * SCALE) == amount


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


def most(sale: Sale, chosen: dict[int, int]) -> int:
    return most_for(sale, sale.tenders[0], chosen)


def test_chosen_goods_bring_what_they_are_worth() -> None:
    assert most(SALE, {1: 2_000}) == 3_000
    assert most(SALE, {}) == 5_300
    little = replace(SALE, tenders=(Tender(1, TenderKind.CARD, 5_300, done=2_800),))
    assert most(little, {1: 2_000}) == 2_500


def test_a_tax_beside_the_lines_is_their_goods() -> None:
    """7.00 that no line has, over 45.00 and 8.00 (exactly 8.0025): 50.943… and 9.056…"""
    dear = replace(SALE, amount=6_000, tenders=(Tender(1, TenderKind.CARD, 6_000),))
    assert most(dear, {1: 3_000, 2: 750}) == 6_000
    assert [most(dear, {1: 3_000}), most(dear, {2: 750})] == [5_094, 906]


def with_fee(done: int = 0) -> Sale:
    """Goods for 53.00 and a delivery for 7.00."""
    tender = Tender(1, TenderKind.CARD, 6_000, done)
    return replace(SALE, amount=6_000, tenders=(tender,), lines=(TEA, RICE, FEE))


def test_a_fee_goes_back_where_it_is_chosen_or_with_the_whole_sale() -> None:
    sale = with_fee()
    assert most(sale, {1: 3_000, 2: 750}) == 5_300
    assert most(sale, {4: 1_000}) == 700
    assert most(sale, {1: 3_000, 2: 750, 4: 1_000}) == 6_000
    assert [item.amount for item in name_items(sale, Kind.REFUND, 6_000, {})] == [4_500, 800, 700]


def test_goods_never_take_a_fee_that_is_still_there() -> None:
    """10.00 were given back without any goods: the goods have 43.00 left, the delivery its own."""
    sale = with_fee(done=1_000)
    assert most(sale, {1: 3_000, 2: 750}) == 4_300
    assert most(sale, {4: 1_000}) == 700


def test_goods_that_came_back_for_less_are_settled() -> None:
    """All the tea came back for 20.00 of its 45.00: the rice brings its own, no rest of the tea."""
    tea = replace(TEA, returned=3_000)
    sale = replace(
        SALE, lines=(tea, RICE), tenders=(Tender(1, TenderKind.CARD, 5_300, done=2_000),)
    )
    assert most(sale, {2: 750}) == 800
    assert due(sale) == 800


def test_what_a_part_approval_left_open_is_still_owed_and_the_last_goods_bring_it() -> None:
    tea = replace(TEA, returned=3_000)
    sale = replace(
        SALE,
        lines=(tea, RICE),
        tenders=(Tender(1, TenderKind.CARD, 5_300, done=2_000),),
        owed=2_500,
    )
    assert most(sale, {2: 500}) == 533
    assert most(sale, {2: 750}) == 800 + 2_500
    assert due(sale) == 3_300


def test_no_more_is_owed_than_is_left_beside_the_other_goods() -> None:
    """25.00 were owed for the tea; of all that is left the rice brings 8.00, the delivery 7.00."""
    tea = replace(TEA, returned=3_000)
    for done, still in ((2_000, 2_500), (4_500, 0), (4_000, 500)):
        sale = replace(with_fee(done), lines=(tea, RICE, FEE), owed=2_500)
        assert owed(sale) == still


def test_a_leg_with_too_little_leaves_the_rest_open_and_a_smaller_amount_does_not() -> None:
    card, cash = Tender(1, TenderKind.CARD, 1_000), Tender(2, TenderKind.CASH, 4_300)
    split = replace(SALE, tenders=(card, cash))
    assert still_owed(split, card.remaining, 1_000, {1: 1_000}) == 500
    assert still_owed(split, card.remaining, 900, {1: 1_000}) == 0
    assert still_owed(split, cash.remaining, 1_500, {1: 1_000}) == 0
    assert still_owed(split, card.remaining, 1_000, {}) == 0


def test_an_amount_that_was_typed_names_nothing() -> None:
    assert name_items(SALE, Kind.REFUND, 5_299, {}) == ()


@pytest.mark.parametrize("kind", Kind)
def test_the_whole_sale_names_all_of_it(kind: Kind) -> None:
    assert name_items(SALE, kind, 5_300, {}) == (
        Item(1, 3_000, 4_500, 4_500),
        Item(2, 750, 800, 800),
    )


def test_the_rest_of_a_sale_that_has_refunds_names_nothing_by_itself() -> None:
    half = replace(SALE, tenders=(Tender(1, TenderKind.CARD, 5_300, done=300),))
    assert name_items(half, Kind.REFUND, 5_000, {}) == ()


def test_exactly_what_the_rest_brings_names_the_rest() -> None:
    """Also where what came back came back for less: the rest is what is not settled."""
    tea = replace(TEA, returned=3_000)
    for done in (4_500, 2_000):
        sale = replace(with_fee(done), lines=(tea, RICE, FEE))
        assert due(sale) == 1_500
        assert name_items(sale, Kind.REFUND, 1_500, {}) == (
            Item(2, 750, 800, 800),
            Item(4, 1_000, 700, 700),
        )
        assert name_items(sale, Kind.REFUND, 1_499, {}) == ()


def test_what_was_chosen_is_named_and_a_void_takes_all() -> None:
    """All was paid for the tea: it brings all of the money by itself."""
    told = (replace(TEA, paid=5_300), replace(RICE, paid=0))
    gift = replace(SALE, lines=told)
    assert name_items(gift, Kind.REFUND, 5_300, {1: 3_000}) == (Item(1, 3_000, 5_300, 5_300),)
    assert len(name_items(gift, Kind.VOID, 5_300, {1: 3_000})) == 2


def test_less_than_they_are_worth_is_shared_out_by_worth() -> None:
    items = share_out(SALE, {1: 3_000, 2: 750}, 2_650)
    assert [(item.amount, item.worth) for item in items] == [(2_250, 4_500), (400, 800)]


def test_goods_without_a_price_still_carry_the_amount_by_quantity() -> None:
    free = replace(SALE, lines=(replace(TEA, price=0), replace(RICE, price=0)))
    assert [item.amount for item in share_out(free, what_remains(free), 10)] == [8, 2]
