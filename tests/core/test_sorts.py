"""Which goods come back of a line of which some were exchanged (R37, R48)."""

from __future__ import annotations

import pytest

from pos_terminal.core.goods_code import lines_of
from pos_terminal.core.looked import Sort
from pos_terminal.core.sale import SaleLine, WentOut
from pos_terminal.core.sorts import AS_SOLD, Key, scanned_as, sorts_of

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


@pytest.mark.parametrize(
    ("quantity", "scanned", "serials", "sorts"),
    [
        (4_000, (), (), [(*L, 1_000, ()), (*XL, 2_000, ())]),
        (1_000, (), (), [(*XL, 1_000, ())]),
        (3_000, (L,), (), [(*L, 1_000, ()), (*XL, 2_000, ())]),
        (1_000, (L,), (), [(*L, 1_000, ())]),
        (1_000, (AS_SOLD,), (), []),
        (2_000, (AS_SOLD,), (), [(*XL, 1_000, ())]),
        (2_000, (L, L), (), [(*L, 2_000, ())]),
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
    [("6901", AS_SOLD), ("M", AS_SOLD), ("6902", L), ("L", L), ("6903", XL), ("A", AS_SOLD)],
)
def test_a_code_says_what_it_is_of(code: str, sort: Key) -> None:
    assert scanned_as(SHIRTS, lambda line: bool(lines_of([line], code, ()))) == sort


def test_of_a_line_that_was_never_exchanged_all_are_as_sold() -> None:
    assert sorts_of(SaleLine(1, "M", "Shirt", 4_000, 0, ""), 4_000) == ()
