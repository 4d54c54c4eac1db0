"""A till's number that may be one of our vouchers', masked or not quite right (R37)."""

from __future__ import annotations

from fnmatch import fnmatchcase

import hypothesis.strategies as st
import pytest
from hypothesis import given

from pos_terminal.core import receipt_code
from pos_terminal.core.voucher import mask
from pos_terminal.core.voucher_likeness import begins_as_ours, masked_as, near, seems_drawn_here

MERCHANT, TERMINAL = "898310012340001", "10020001"
SERIALS = st.integers(1, receipt_code.MAX_SERIAL)


def ours(serial: int) -> str:
    return receipt_code.encode_voucher(MERCHANT, TERMINAL, serial)


def fits(told: str, number: str) -> bool:
    shown = masked_as(told)
    return shown is not None and fnmatchcase(number, shown)


@given(SERIALS, st.integers(0, 12), st.sampled_from("0123456789"))
def test_one_sign_off_is_near(serial: int, at: int, sign: str) -> None:
    number = ours(serial)
    lost, added = number[:at] + number[at + 1 :], number[:at] + sign + number[at:]
    other = number[:at] + sign + number[at + 1 :]
    swapped = number[:at] + number[at + 1 : at + 2] + number[at] + number[at + 2 :]
    for told in (lost, added, other, swapped):
        if told != number and receipt_code.decode(told) is None:
            assert number in near(told), told
    changed = [[at for at in range(13) if one[at] != number[at]] for one in near(number)]
    assert all(len(at) == 2 and at[1] == at[0] + 1 for at in changed), "it is one as it stands"
    nines = [at for at in range(12) if {number[at], number[at + 1]} == {"0", "9"}]
    assert sorted(at[0] for at in changed) == [at for at in nines if at]


@given(SERIALS)
def test_what_stands_around_it_is_no_matter(serial: int) -> None:
    number = ours(serial)
    for told in (f"V{number}", f"{number}/1", f"{number[:4]}/{number[4:]}", f"GC-{number}/17",
                 f"000{number[:-1]}"):  # fmt: skip
        assert number in near(told), told


@given(SERIALS, SERIALS)
def test_masked_it_fits_its_own_digits_and_no_others(serial: int, another: int) -> None:
    number, other = ours(serial), ours(another)
    for told in ("*" * 9 + number[-4:], mask(number), "****" + number[-4:], f"XXXX{number[-6:]}",
                 f"{number[:4]} **** *{number[-4:]}", f"{number[:5]}...{number[-2:]}",
                 f"{number[:5]}\u2026{number[-2:]}", f"{number[:12]}*"):  # fmt: skip
        assert fits(told, number), told
    assert fits("*" * 9 + number[-4:], other) == (number[-4:] == other[-4:])
    assert not fits(f"***{number[-4:]}9", f"{number[:-1]}0")


@pytest.mark.parametrize(
    "told",
    ["", "2900017", "SHOP-000123", "EXT-V1", "GC20260105X17", "*************", "XY-12**34",
     "4" * 16, "6901234567892", "1", "***7", "8", "X4326"],
)  # fmt: skip
def test_another_scheme_s_number_is_like_none_of_ours(told: str) -> None:
    assert masked_as(told) is None
    assert not begins_as_ours(told, MERCHANT, TERMINAL)


@given(SERIALS)
def test_what_begins_as_ours_and_fails_its_check_is_like_one(serial: int) -> None:
    number = ours(serial)
    for told in (number[:-1], number + "0", number[:11] + number[12], f"V-{number[:-1]}"):
        wrong = receipt_code.decode(told) is None
        assert begins_as_ours(told, MERCHANT, TERMINAL) == wrong
        assert not begins_as_ours(told, "898310012340002", TERMINAL)
    assert seems_drawn_here(number, MERCHANT, TERMINAL)
    assert seems_drawn_here(mask(number), MERCHANT, TERMINAL)
    assert not seems_drawn_here(mask(number), MERCHANT, "10020002"), "another terminal's"
    assert not begins_as_ours(number, MERCHANT, TERMINAL), "it is one"
    assert not begins_as_ours(number[:8], MERCHANT, TERMINAL), "far too short"
