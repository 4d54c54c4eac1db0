"""A voucher's number, and what may be taken from it (R37)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from worlds.failures import failure_of

from pos_terminal.core import receipt_code
from pos_terminal.core.refund import Kind
from pos_terminal.core.voucher import (
    Voucher,
    VoucherState,
    check_number,
    check_taking,
    draw_number,
    mask,
)
from pos_terminal.core.words import Failure

MERCHANT, TERMINAL = "898310012340001", "12345678"
VOUCHER = Voucher(
    draw_number(MERCHANT, TERMINAL), 1, 10_000, 0, "156", VoucherState.OPEN, datetime.now(UTC)
)


def test_a_drawn_number_is_one_of_this_terminal() -> None:
    number = draw_number(MERCHANT, TERMINAL)
    assert check_number(number, MERCHANT, TERMINAL) == number
    code = receipt_code.decode(number)
    assert code is not None
    assert code.kind == receipt_code.VOUCHER_DIGIT


def test_the_kind_digits_tell_a_voucher_from_all_else() -> None:
    assert receipt_code.VOUCHER_DIGIT == "8"
    others = {
        *receipt_code.KIND_DIGIT.values(),
        receipt_code.CASE_DIGIT,
        receipt_code.APPLICATION_DIGIT,
    }
    assert others.isdisjoint({"8", "7", "6", "0"})
    # slips of 0.2.0 and 0.3.0 lie in people's drawers
    kinds = {Kind.REFUND: "2", Kind.VOID: "3", Kind.CASH: "4", Kind.CREDIT: "5"}
    assert {kind: receipt_code.KIND_DIGIT[kind] for kind in kinds} == kinds
    assert (receipt_code.CASE_DIGIT, receipt_code.APPLICATION_DIGIT) == ("9", "1")
    # a form of a manual refund has its application's
    assert set(receipt_code.KIND_DIGIT) == set(Kind) - {Kind.MANUAL}


def test_numbers_do_not_follow_one_another() -> None:
    """The whole seven digits are drawn: no digit of them stays, and none is the next one."""
    serials = [int(draw_number(MERCHANT, TERMINAL)[5:12]) for _ in range(300)]
    assert sorted(serials) != serials
    assert len(set(serials)) > 290
    assert min(serials) < 1_500_000
    assert max(serials) > 8_500_000
    assert all(len({str(serial).zfill(7)[place] for serial in serials}) == 10 for place in range(7))


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "misread"),
        ("hello", "misread"),
        (VOUCHER.number[:-1], "misread"),
        (VOUCHER.number[:-1] + str((int(VOUCHER.number[-1]) + 1) % 10), "misread"),
        (receipt_code.encode(Kind.CREDIT, MERCHANT, TERMINAL, 1), "none"),
        (receipt_code.encode_case(MERCHANT, TERMINAL, 1), "none"),
        (draw_number("898310012340002", TERMINAL), "foreign"),
        (draw_number(MERCHANT, "12345679"), "elsewhere"),
    ],
    ids=[
        *("nothing", "a word", "a digit too few", "a wrong digit", "a refund", "a case"),
        *("another shop", "another terminal"),
    ],  # drawn numbers in a name would differ between the processes that run the tests
)
def test_any_other_number_says_what_it_is(text: str, cause: str) -> None:
    assert failure_of(check_number, text, MERCHANT, TERMINAL) == f"voucher.{cause}"


@given(st.integers(-5, 20_000), st.integers(0, 10_000), st.booleans())
def test_no_more_than_is_left_can_be_taken(amount: int, redeemed: int, cancelled: bool) -> None:
    state = VoucherState.REDEEMED if redeemed == VOUCHER.amount else VoucherState.OPEN
    state = VoucherState.CANCELLED if cancelled else state
    voucher = replace(VOUCHER, redeemed=redeemed, state=state)
    allowed = 0 < amount <= voucher.amount - redeemed and not cancelled
    assert voucher.left == (0 if cancelled else voucher.amount - redeemed)
    try:
        check_taking(voucher, amount)
    except Failure:
        assert not allowed
    else:
        assert allowed


def test_a_mask_hides_what_could_be_redeemed() -> None:
    shown = mask("8123412345678")
    assert shown == "81234******78"
