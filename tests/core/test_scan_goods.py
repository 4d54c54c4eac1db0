"""Goods scanned one after the other: what each scan takes (R72)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pos_terminal.core.sale import LineKind, SaleLine
from pos_terminal.core.scan_goods import Missed, Scan, take_one

PIECE = 1_000


def line(number: int, quantity: int, returned: int = 0, **more: bool) -> SaleLine:
    kind = LineKind.DISCOUNT if more.get("discount") else LineKind.GOODS
    shut = not more.get("shut")
    return SaleLine(number, "9", "Tea", quantity, 0, "", returned, kind=kind, returnable=shut)


def may(line: SaleLine) -> bool:
    return line.returnable


def test_one_more_each_time_and_then_of_the_next_line() -> None:
    lines = [line(1, 2_000), line(2, 3_000, returned=2_000)]
    chosen: dict[int, int] = {}
    for number, quantity in ((1, 1_000), (1, 2_000), (2, 1_000)):
        scan = take_one(lines, chosen, may)
        assert scan == Scan(lines[number - 1], quantity)
        chosen[number] = scan.quantity
    assert take_one(lines, chosen, may) == Scan(lines[1], missed=Missed.ALL_CHOSEN)


def test_goods_by_weight_are_taken_whole() -> None:
    pieces = [line(1, 750), line(2, 2_000, returned=500)]
    assert take_one(pieces, {}, may) == Scan(pieces[0], 750)
    assert take_one(pieces, {1: 200}, may) == Scan(pieces[0], 750), "part of it was typed"
    assert take_one(pieces, {1: 750}, may) == Scan(pieces[1], 1_500)


def test_what_takes_nothing_says_why() -> None:
    back, shut = line(1, 1_000, returned=1_000), line(2, 1_000, shut=True)
    assert take_one([], {}, may) == Scan(missed=Missed.NOT_OF_SALE)
    assert take_one([back], {}, may) == Scan(back, missed=Missed.NONE_LEFT)
    assert take_one([back, shut], {}, may) == Scan(shut, missed=Missed.SHUT)
    assert take_one([shut, line(3, 1_000)], {}, may).line == line(3, 1_000), "the one that can"


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=6),
    st.integers(0, 40),
)
def test_scans_take_all_pieces_once_and_no_more(sold: list[tuple[int, int]], scans: int) -> None:
    lines = [
        line(n, max(pair) * PIECE, returned=min(pair) * PIECE) for n, pair in enumerate(sold, 1)
    ]
    chosen: dict[int, int] = {}
    taken = 0
    for _ in range(scans):
        scan = take_one(lines, chosen, may)
        if scan.missed is None:
            assert scan.line is not None
            chosen[scan.line.line] = scan.quantity
            taken += 1
    left = sum(one.remaining for one in lines)
    assert sum(chosen.values()) == taken * PIECE == min(scans * PIECE, left)
    assert all(quantity <= lines[n - 1].remaining for n, quantity in chosen.items())
