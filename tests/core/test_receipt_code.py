"""The 13 digits under our receipts' barcode (R3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_terminal.core.receipt_code import (
    KIND_DIGIT,
    check_of,
    decode,
    encode,
    encode_application,
    encode_case,
    encode_voucher,
    looks_like,
)
from pos_terminal.core.refund import Kind

MERCHANT, TERMINAL = "123456789012345", "12345678"


@given(st.sampled_from(sorted(KIND_DIGIT)), st.integers(1, 9_999_999))
def test_round_trip(kind: Kind, serial: int) -> None:
    text = encode(kind, MERCHANT, TERMINAL, serial)
    assert looks_like(text)
    code = decode(text)
    assert code is not None
    assert code.serial == serial
    assert (code.merchant_check, code.terminal_check) == (check_of(MERCHANT), check_of(TERMINAL))


@given(st.integers(1, 9_999_999), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_found(serial: int, place: int, shift: int) -> None:
    text = encode(Kind.REFUND, MERCHANT, TERMINAL, serial)
    wrong = text[:place] + str((int(text[place]) + shift) % 10) + text[place + 1 :]
    assert decode(wrong) is None


@given(st.text(max_size=20))
def test_nonsense_is_no_code(text: str) -> None:
    assert decode(text) is None or looks_like(text)


@pytest.mark.parametrize("serial", [0, -1, 10_000_000])
def test_a_serial_without_place_is_refused(serial: int) -> None:
    with pytest.raises(ValueError, match="seven digits"):
        encode(Kind.VOID, MERCHANT, TERMINAL, serial)


def test_what_a_code_is_of_is_said_by_its_first_digit() -> None:
    """Goods begin with 0 (American) or 6 (Chinese), and 7 is kept for recoveries and payouts."""
    of = (MERCHANT, TERMINAL, 42)
    firsts = {kind: encode(kind, *of)[0] for kind in KIND_DIGIT}
    assert [code[0] for code in (encode_application(*of), encode_voucher(*of))] == ["1", "8"]
    assert encode_case(*of)[0] == "9"
    assert not {*firsts.values()} & {"0", "1", "6", "7", "8", "9"}
    assert set(KIND_DIGIT) == set(Kind) - {Kind.MANUAL}, "a form has its application's code"
