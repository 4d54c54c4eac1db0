"""Which goods come back of a line of which some were exchanged (R37, R48)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from pos_terminal.core.goods_code import lines_of
from pos_terminal.core.looked import Sort
from pos_terminal.core.sale import SaleLine, WentOut
from pos_terminal.core.sorts import (
    AS_SOLD,
    Key,
    coming_back,
    has_unread,
    most_scanned,
    name_back,
    scanned_as,
    sorts_of,
)

L: Key = ("L", "6902")
XL: Key = ("XL", "6903")
SHIRTS = SaleLine(
    *(1, "M", "Shirt", 4_000, 0, ""),
    barcodes=("6901",),
    serials=("A", "B"),
    exchanged_for=("6902", "L", "6903", "XL"),
    went_out=(WentOut(*L, 1_000, ("C",)), WentOut(*XL, 2_000, ("D",))),
)
"""Four were sold; one L went out, then two XL."""


def read_as(
    line: SaleLine, code: str, before: Sequence[Key] = (), serials: Sequence[str] = ()
) -> Sequence[Key]:
    return scanned_as(line, lambda one: bool(lines_of([one], code, ())), before, serials)


@pytest.mark.parametrize(
    ("quantity", "scanned", "serials", "sorts"),
    [
        (4_000, (), (), [(*L, 1_000, ()), (*XL, 2_000, ())]),
        (1_000, (), (), [(*XL, 1_000, ())]),
        (3_000, (L,), (), [(*L, 1_000, ()), (*XL, 2_000, ())]),
        (1_000, (L,), (), [(*L, 1_000, ())]),
        (1_000, (AS_SOLD,), (), []),
        (2_000, (AS_SOLD,), (), [(*XL, 1_000, ())]),
        (2_000, (L, L), (), [(*L, 1_000, ()), (*XL, 1_000, ())]),
        (2_000, (), ("A", "C"), [(*L, 1_000, ("C",))]),
        (2_000, (), ("Z", "A"), [(*XL, 1_000, ("Z",))]),
        (4_000, (), ("Z", "D"), [(*L, 1_000, ()), (*XL, 2_000, ("D", "Z"))]),
    ],
)
def test_by_number_then_by_code_then_what_went_out_last(
    quantity: int,
    scanned: tuple[Key, ...],
    serials: tuple[str, ...],
    sorts: list[tuple[str, str, int, tuple[str, ...]]],
) -> None:
    found = sorts_of(SHIRTS, quantity, scanned, serials)
    assert found == tuple(Sort(*one) for one in sorts)


@pytest.mark.parametrize(
    ("code", "sort"),
    [("6901", [AS_SOLD]), ("M", [AS_SOLD]), ("6902", [L]), ("L", [L]), ("6903", [XL]), ("A", [])],
)
def test_a_code_says_what_it_is_of(code: str, sort: list[Key]) -> None:
    assert read_as(SHIRTS, code) == sort


@pytest.mark.parametrize(
    ("code", "before", "serials", "more"),
    [
        ("6902", [L], [], False),
        ("6902", [XL], [], True),
        ("6902", [], ["C"], False),
        ("6903", [XL], [], True),
        ("6903", [XL, XL], [], False),
        ("6903", [XL], ["D"], False),
        ("6903", [], ["A", "Z"], True),
        ("6901", [AS_SOLD], [], False),
    ],
)
def test_no_more_of_any_than_the_customer_has(
    code: str, before: list[Key], serials: list[str], more: bool
) -> None:
    """Four were sold, and for three of them others went out."""
    now = read_as(SHIRTS, code, before, serials)
    assert bool(now) is more
    assert most_scanned(SHIRTS, 1_000, before, now) == (2_000 if more else 1_000)


def test_the_same_goods_go_by_any_of_their_codes() -> None:
    """Of two one was exchanged for the same, which has another barcode."""
    same = ("M", "6904")
    shirts = replace(SHIRTS, quantity=2_000, went_out=(WentOut(*same, 1_000),))
    assert read_as(shirts, "6901") == [same]
    assert read_as(shirts, "6901", [same]) == [AS_SOLD]
    assert read_as(shirts, "6901", [same, AS_SOLD]) == []
    assert read_as(shirts, "6904", [same]) == []


def test_of_goods_by_weight_all_that_has_the_code() -> None:
    """Of 0.750 kg of rice 0.250 went out as nuts."""
    nuts: Key = ("NUTS", "6905")
    rice = replace(SHIRTS, quantity=750, serials=(), went_out=(WentOut(*nuts, 250),))
    assert read_as(rice, "6905") == [nuts]
    assert most_scanned(rice, 0, [], [nuts]) == 250
    assert most_scanned(rice, 250, [nuts], [AS_SOLD]) == 750
    assert read_as(rice, "6905", [nuts]) == []
    assert sorts_of(rice, 750, [nuts, AS_SOLD]) == (Sort(*nuts, 250),)
    assert sorts_of(rice, 500, [AS_SOLD]) == ()


def test_of_a_line_that_was_never_exchanged_all_are_as_sold() -> None:
    assert sorts_of(SaleLine(1, "M", "Shirt", 4_000, 0, ""), 4_000) == ()


def test_what_comes_back_is_each_of_the_goods_by_itself() -> None:
    """Of three one is as sold, one the same by another barcode, and one an XL."""
    named = replace(SHIRTS, went_out=(WentOut(*XL, 1_000, name="Shirt XL"),))
    sorts = (Sort("M", "6904", 1_000), Sort(*XL, 1_000))
    found = coming_back(named, 3_000, sorts)
    assert [(one.sku, one.name, one.barcodes, one.quantity) for one in found] == [
        ("M", "Shirt", ("6901",), 1_000),
        ("M", "6904", ("6904", "6901"), 1_000),
        ("XL", "Shirt XL", ("6903",), 1_000),
    ]
    assert name_back(named, 2_000, sorts[1:]) == "Shirt / Shirt XL"
    assert name_back(named, 1_000, sorts[1:]) == "Shirt XL"
    assert all(lines_of([one], "6902", ()) == [] for one in found)


PHONES = SaleLine(
    *(1, "M", "Phone", 2_000, 0, ""),
    serials=("A", "B"),
    serials_out=("C",),
    went_out=(WentOut(*L, 1_000, ("C",)),),
)
"""A went for C; B and C are the customer's."""


@pytest.mark.parametrize(
    ("changes", "settled", "unread"),
    [
        ({}, "A", False),
        ({"serials_out": (), "went_out": (WentOut(*L, 1_000),)}, "A", True),
        ({"serials_out": (), "went_out": (WentOut(*L, 0),), "returned": 1_000}, "A", False),
        ({"went_out": (WentOut(*L, 2_000, ("C",)),)}, "AB", True),
        ({"serials": ("A",)}, "A", True),
        ({"serials_out": (), "went_out": (), "returned": 1_000}, "A", False),
        ({"serials_out": (), "went_out": (), "returned": 1_000}, "", False),
    ],
    ids=[
        *("all are known", "one that went out is not", "it is back", "one of two that went out"),
        *("the till told too few", "one is back", "one is back, unread"),
    ],
)
def test_a_piece_of_the_customers_is_known_by_its_number_or_was_not_read(
    changes: dict[str, Any], settled: str, unread: bool
) -> None:
    assert has_unread(replace(PHONES, **changes), {*settled}) is unread
