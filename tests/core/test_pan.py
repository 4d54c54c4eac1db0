"""A card number never prints itself and is never serialised (R54)."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_terminal.core.pan import (
    Pan,
    PanError,
    holds_card_number,
    luhn_digit,
    luhn_ok,
    mask_matches,
)

NUMBER = "6250947000000014"


def test_no_way_of_printing_shows_it() -> None:
    pan = Pan(NUMBER)
    for shown in (repr(pan), str(pan), f"{pan}", f"{pan!r:>40}", f"{[pan]}"):
        assert NUMBER not in shown
        assert NUMBER[6:12] not in shown
    assert pan.masked == "625094******0014"
    assert pan.reveal() == NUMBER


def test_it_is_not_serialised_or_hashed() -> None:
    pan = Pan(NUMBER)
    with pytest.raises(TypeError):
        pickle.dumps(pan)
    with pytest.raises(TypeError):
        copy.deepcopy(pan)
    with pytest.raises(TypeError):
        json.dumps(pan)
    with pytest.raises(TypeError):
        hash(pan)


@pytest.mark.parametrize(
    "bad", ["", "62509470", "6250947000000014x", "1" * 20, "６２５０９４７００００００１４"]
)
def test_what_is_no_number_is_refused_without_repeating_it(bad: str) -> None:
    with pytest.raises(PanError) as caught:
        Pan(bad)
    assert not bad or bad not in str(caught.value)


@given(st.text("0123456789", min_size=11, max_size=18))
def test_luhn_round_trip(head: str) -> None:
    whole = head + luhn_digit(head)
    assert luhn_ok(whole)
    wrong = str((int(whole[-1]) + 1) % 10)
    assert not luhn_ok(whole[:-1] + wrong)
    assert mask_matches(Pan(whole).masked, Pan(whole))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("4761739001010010", True),
        ("card 4761 7390 0101 0010, torn", True),
        ("4761-7390-0101-0010", True),
        ("\uff14761\u30007390\u00a00101\u20130010", True),  # as a Chinese keyboard types it
        ("4761.7390.0101.0010", True),  # as the keypad can
        ("4761..7390  0101/0010", True),
        ("4761 - 7390 - 0101 - 0010", True),
        ("11 4761 7390 0101 0010 27", True),  # among other groups
        ("4761739001010010/12", True),
        ("4761 7390 0101 0011 27", False),
        ("20 26/11/20 4761 7390", False),
        ("\u0664\u0667\u0666\u0661739001010010", True),
        ("47\u200b61\u2060739001010010", True),
        (NUMBER, True),
        (NUMBER[:-1] + "000" + luhn_digit(NUMBER[:-1] + "000"), True),
        ("2223000048400011", True),
        ("378282246310005", True),
        ("356938035643809", False),  # an IMEI: luhn, and of another length than JCB's 35…
        ("4761739001010011", False),
        ("2120700000421", False),
        ("632604000017", False),
        ("20261122000170003", False),
        ("13800138000", False),
        ("476173900101001", False),
        ("94761739001010010123456", False),
        ("", False),
    ],
)
def test_card_numbers_are_found_in_what_was_typed(text: str, *, holds: bool) -> None:
    assert holds_card_number(text) is holds
