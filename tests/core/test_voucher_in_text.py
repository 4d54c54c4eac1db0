"""A voucher's number is known for one wherever it stands (R37)."""

from __future__ import annotations

import pytest

from pos_terminal.core.receipt_code import check_of, encode, encode_voucher
from pos_terminal.core.refund import Kind
from pos_terminal.core.voucher import holds_number

OURS, OTHER = "898310148160001", "898310148160002"
NUMBER = encode_voucher(OURS, "10000001", 1_234_567)


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        f"{NUMBER[:5]} {NUMBER[5:9]}-{NUMBER[9:]}",
        f"12{NUMBER}3",
        f"for {NUMBER}, please",
        NUMBER.translate({48 + n: 0xFF10 + n for n in range(10)}),
        encode_voucher(OURS, "10000002", 7),
    ],
)
def test_it_stands_there(text: str) -> None:
    assert holds_number(text, check_of(OURS))


@pytest.mark.parametrize(
    "text",
    [
        NUMBER[:-1],
        NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10),
        f"{NUMBER[:5]}x{NUMBER[5:]}",
        encode_voucher(OTHER, "10000001", 1_234_567),
        encode(Kind.REFUND, OURS, "10000001", 1_234_567),
        "",
    ],
)
def test_it_does_not(text: str) -> None:
    assert not holds_number(text, check_of(OURS))
