"""Texts that are kept lose their card numbers, and nothing else (R54)."""

from __future__ import annotations

import pytest

from pos_terminal.core.pan import luhn_digit, mask_card_numbers, repeats, star_digits, star_repeats

VISA, SHORT = "4761739001010010", "3622720627166" + luhn_digit("3622720627166")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (VISA, "476173******0010"),
        (f'{{"pan": "{VISA}"}}', '{"pan": "476173******0010"}'),
        ("4761 7390 0101 0010", "4761 73** **** 0010"),
        ("4761-7390-0101-0010;x", "4761-73**-****-0010;x"),
        ("4761.7390.0101.0010", "4761.73**.****.0010"),
        ("1/4761/7390/0101/0010/9 12", "1/4761/73**/****/0010/9 12"),
        (f"{VISA}  {VISA} 7", "476173******0010  476173******0010 7"),
        (f"a{VISA}b {VISA}", "a476173******0010b 476173******0010"),
        (SHORT, SHORT[:6] + "****" + SHORT[-4:]),
        ("600510000017", "600510000017"),
        ("4761739001010011", "4761739001010011"),
        ("9" * 40, "9" * 40),
        ("4761 - 7390 - 0101 - 0010", "4761 - 73** - **** - 0010"),
        ("4761_7390_0101\u200b\u200b0010", "4761_73**_****\u200b\u200b0010"),
        ("4761\x1d7390\x0001010010", "4761\x1d73**\x00****0010"),
        ("4761739\t001010010", "4761739\t001010010"),
        ("2026-11-20 13:00:05 632510000127 000123", "2026-11-20 13:00:05 632510000127 000123"),
        ("0" * 48 + VISA, "0" * 48 + VISA),
    ],
)
def test_what_looks_like_a_card_number_is_masked(text: str, masked: str) -> None:
    assert mask_card_numbers(text) == masked
    assert len(masked) == len(text)


def test_a_number_that_was_said_to_be_one_is_masked_whatever_it_is() -> None:
    assert star_digits("123456789012") == "123456**9012"
    assert star_digits("1234567890") == "1234567890"


@pytest.mark.parametrize(
    ("text", "does"),
    [
        (VISA, True),
        ("R 4761 7390 0101 0010", True),
        ("9/4761//7390  0101/0010 1", True),
        ("4761730000000010", True),
        ("4761739001010011", False),
        ("4761730010", False),
        ("5413330089020011", False),
    ],
)
def test_the_number_of_a_card_is_known_by_its_ends(text: str, does: bool) -> None:
    assert repeats(text, "476173******0010") is does


def test_a_card_of_the_record_has_stars_among_other_digits_too() -> None:
    card = "476173******0010"
    assert star_repeats(f"T3{VISA}77 {VISA[:-1]}1", [card]) == f"T3{card}77 {VISA[:-1]}1"
    assert star_repeats("202601054761 7390-0101 0010", [card]) == "202601054761 73**-**** 0010"
    assert star_repeats(VISA, []) == VISA
