"""Goods are worth what was paid for them; nothing of it is lost or doubled, in whatever steps.

The figures of the first tests are those that shops reported.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from worlds.sales import a_sale

from pos_terminal.core.items import brings, due, what_remains
from pos_terminal.core.price import SCALE, as_given, parse_price
from pos_terminal.core.quantity import TooFine
from pos_terminal.core.sale import LineKind, Sale, SaleLine, Tender, TenderKind
from pos_terminal.core.worth import WorthError, check, worths

FEE, DISCOUNT = LineKind.FEE, LineKind.DISCOUNT


def line(price: int, number: int = 1, quantity: int = 1, **more: Any) -> SaleLine:
    """So many at this price in minor units."""
    return SaleLine(number, "s", "n", quantity * 1_000, price * SCALE, "", **more)


def sold(amount: int, *lines: SaleLine) -> Sale:
    """For so much on one leg; the lines are numbered anew."""
    numbered = tuple(replace(each, line=number) for number, each in enumerate(lines, 1))
    return a_sale(Tender(1, TenderKind.CARD, amount), lines=numbered)


def give_back(sale: Sale, chosen: dict[int, int], amount: int | None = None) -> tuple[int, Sale]:
    """What these goods bring, and the sale after that, or so much of it, was given for them."""
    most = brings(sale, chosen)
    paid = most if amount is None else amount
    lines = tuple(
        replace(one, returned=one.returned + chosen.get(one.line, 0)) for one in sale.lines
    )
    (leg,) = sale.tenders
    return most, replace(sale, lines=lines, tenders=(replace(leg, done=leg.done + paid),))


def singly(sale: Sale, *numbers: int) -> list[int]:
    """What one piece after the other brings."""
    found = []
    for number in numbers:
        amount, sale = give_back(sale, {number: 1_000})
        found.append(amount)
    return found


def test_two_of_three_for_270_bring_180() -> None:
    assert brings(sold(27_000, line(10_000, quantity=3)), {1: 2_000}) == 18_000


def test_one_of_two_of_which_one_was_paid_brings_half() -> None:
    """On one line, on two that the till priced alike, as a promotion, and with its discount."""
    alike = sold(5_000, line(5_000, quantity=2))
    listed = sold(5_000, line(5_000), line(5_000))
    group = sold(5_000, line(5_000, paid=5_000, group="g"), line(5_000, paid=0, group="g"))
    off = sold(
        5_000,
        line(5_000, paid=5_000, group="g"),
        line(5_000, paid=5_000, group="g"),
        line(5_000, kind=DISCOUNT, paid=-5_000, group="g"),
    )
    for sale in (alike, listed, group, off):
        assert brings(sale, {1: 1_000}) == 2_500


def test_a_tax_outside_the_lines_is_shared_by_the_largest_remainder() -> None:
    sale = sold(10_825, line(5_000), line(5_000))
    assert singly(sale, 1, 2) == [5_413, 5_412]
    assert [brings(sale, {1: 1_000}), brings(sale, {2: 1_000})] == [5_413, 5_412]


def test_three_for_ten_leave_nothing_when_they_come_back_singly() -> None:
    found = singly(sold(1_000, line(334, quantity=3)), 1, 1, 1)
    assert sum(found) == 1_000
    assert sorted(found) == [333, 333, 334]


def test_a_discount_beside_the_lines_is_every_line_but_no_fee() -> None:
    """100.00 and 50.00 and 8.00 delivery, 15.00 off: 90.00, 45.00 and 8.00."""
    told = sold(
        14_300,
        line(10_000, paid=10_000),
        line(5_000, paid=5_000),
        line(800, kind=FEE, paid=800),
        line(1_500, kind=DISCOUNT, paid=-1_500),
    )
    listed = sold(14_300, line(10_000), line(5_000), line(800, kind=FEE), line(0, kind=DISCOUNT))
    for sale in (told, listed):
        assert worths(sale) == {1: 9_000, 2: 4_500, 3: 800}


def test_what_a_promotion_paid_is_its_own() -> None:
    """Buy two, get one free; another line beside it was paid in full."""
    sale = sold(
        30_000,
        line(10_000, paid=20_000, quantity=2, group="3for2"),
        line(10_000, paid=0, group="3for2"),
        line(10_000, paid=10_000),
    )
    assert worths(sale) == {1: 13_333, 2: 6_667, 3: 10_000}


def test_a_fee_of_a_promotion_is_shared_with_none_of_its_goods() -> None:
    sale = sold(
        22_000,
        line(10_000, paid=10_000, group="g"),
        line(2_000, paid=2_000, group="g", kind=FEE),
        line(10_000, paid=10_000),
    )
    assert worths(sale) == {1: 10_000, 2: 2_000, 3: 10_000}


def test_what_was_paid_for_none_of_something_goes_back_with_the_last_goods() -> None:
    sale = sold(1_000, line(700, paid=700), line(300, quantity=0, paid=300))
    assert brings(sale, {1: 1_000}) == 1_000


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (
            (line(100, paid=60), line(100, paid=30)),
            "paid_sum paid=90 amount=100",
        ),
        ((line(100, paid=60), line(100)), "paid_sum paid=60 amount=100"),
        ((line(100), line(101, kind=FEE)), "fees fees=101 amount=100"),
        (
            (
                line(100, paid=110),
                line(1, paid=5, group="g"),
                line(1, paid=-15, group="g", kind=DISCOUNT),
            ),
            "group_paid group=g paid=-10",
        ),
    ],
)
def test_money_that_does_not_go_together_is_named(lines: tuple[SaleLine, ...], reason: str) -> None:
    with pytest.raises(WorthError, match=reason):
        check(sold(100, *lines))


@pytest.mark.parametrize(
    ("given_as", "price"), [(1067, 1_067_000_000), ("10.5", 10_500_000), ("0.000001", 1)]
)
def test_a_price_is_finer_than_money(given_as: str | int, price: int) -> None:
    assert parse_price(given_as) == price
    assert parse_price(as_given(price)) == price


def test_a_price_finer_than_millionths_is_none() -> None:
    with pytest.raises(TooFine):
        parse_price("0.0000001")


PRICE = st.integers(0, 20_000)


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    """Any: with or without ``paid``, promotions, fees, discounts, goods for nothing."""
    told = draw(st.booleans())
    lines = []
    for _ in range(draw(st.integers(1, 5))):
        price = draw(PRICE)
        quantity = draw(st.integers(1, 5_000))
        fee = draw(st.integers(0, 4)) == 0
        lines.append(
            SaleLine(
                0,
                "s",
                "n",
                quantity,
                draw(st.integers(0, price * SCALE)),
                "",
                kind=FEE if fee else LineKind.GOODS,
                paid=draw(PRICE) if told else None,
                group=draw(st.sampled_from(["", "", "a", "b"])),
            )
        )
    if not told:
        goods_money = draw(st.integers(1, 50_000))
        fees = sum(
            worths(sold(10**6, *lines)).get(n, 0) for n, x in enumerate(lines, 1) if x.kind is FEE
        )
        return sold(goods_money + fees, *lines)
    goods = sum(each.paid or 0 for each in lines if each.kind is not FEE)
    off = draw(st.integers(0, goods))
    if off:
        lines.append(SaleLine(0, "", "off", 1_000, 0, "", kind=DISCOUNT, paid=-off))
    total = sum(each.paid or 0 for each in lines)
    return sold(total, *lines) if total else sold(1, line(1))


@settings(deadline=None)
@given(sales())
def test_the_worths_of_all_goods_are_the_amount_without_fees(sale: Sale) -> None:
    check(sale)
    found = worths(sale)
    assert all(each >= 0 for each in found.values())
    kinds = {one.line: one.kind for one in sale.lines}
    fees = sum(each for number, each in found.items() if kinds[number] is FEE)
    if any(one.kind is LineKind.GOODS for one in sale.lines):
        assert sum(found.values()) - fees == sale.amount - fees


@settings(deadline=None)
@given(sales(), st.data())
def test_in_whatever_steps_the_goods_bring_what_was_paid_and_never_more(
    sale: Sale, data: st.DataObject
) -> None:
    """Parts of lines in any order, each for all or for less; no step takes more than is left."""
    whole = worths(sale)
    goods = any(one.kind is LineKind.GOODS for one in sale.lines)
    for_less = 0
    brought = 0
    while left := what_remains(sale):
        chosen = {
            number: data.draw(st.integers(1, most))
            for number, most in left.items()
            if data.draw(st.booleans())
        }
        if not chosen:
            chosen = left
        before = sale.remaining
        most = brings(sale, chosen)
        assert 0 <= most <= before
        amount = most if data.draw(st.booleans()) else data.draw(st.integers(0, most))
        _, sale = give_back(sale, chosen, amount)
        for_less += most - amount
        brought += amount
    assert brought <= sum(whole.values())
    assert brought + for_less == sum(whole.values())
    if goods:
        assert sale.remaining == for_less
        assert due(sale) == 0


@settings(deadline=None)
@given(sales(), st.data())
def test_another_split_brings_the_same(sale: Sale, data: st.DataObject) -> None:
    """Rounding is of the sum so far: whoever brings so much of a line back has had the same."""
    number = data.draw(st.sampled_from(sorted(what_remains(sale))))
    quantity = sale.line(number).quantity
    part = data.draw(st.integers(1, quantity))
    at_once, _ = give_back(sale, {number: part})
    in_steps = 0
    while part:
        step = data.draw(st.integers(1, part))
        amount, sale = give_back(sale, {number: step})
        in_steps += amount
        part -= step
    assert in_steps == at_once
