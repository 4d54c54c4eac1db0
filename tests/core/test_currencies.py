"""Money has its currency's decimals (ISO 4217)."""

from __future__ import annotations

import re

import pytest

from pos_terminal.core.currencies import CURRENCIES
from pos_terminal.core.money import currency_name, format_amount, with_symbol


@pytest.mark.parametrize(
    ("number", "letters", "digits"),
    [
        ("156", "CNY", 2),
        ("344", "HKD", 2),
        ("446", "MOP", 2),
        ("901", "TWD", 2),
        ("392", "JPY", 0),
        ("410", "KRW", 0),
        ("704", "VND", 0),
        ("952", "XOF", 0),
        ("414", "KWD", 3),
        ("048", "BHD", 3),
        ("788", "TND", 3),
        ("990", "CLF", 4),
        ("927", "UYW", 4),
        ("840", "USD", 2),
        ("978", "EUR", 2),
        ("826", "GBP", 2),
    ],
)
def test_number_letters_and_decimals_of_the_standard(
    number: str, letters: str, digits: int
) -> None:
    entry = CURRENCIES[number]
    assert (entry.letters, entry.digits) == (letters, digits)


def test_the_table_is_whole() -> None:
    assert len(CURRENCIES) == 165
    assert all(re.fullmatch("[0-9]{3}", number) for number in CURRENCIES)
    letters = [entry.letters for entry in CURRENCIES.values()]
    assert all(re.fullmatch("[A-Z]{3}", one) for one in letters)
    assert len(set(letters)) == len(letters)
    assert {entry.digits for entry in CURRENCIES.values()} == {0, 2, 3, 4}


@pytest.mark.parametrize("number", ["959", "963", "999", "000", "280"])
def test_gold_tests_nothing_and_what_is_gone_are_no_money(number: str) -> None:
    assert number not in CURRENCIES


@pytest.mark.parametrize(
    ("amount", "number", "plain", "shown"),
    [
        (12_345, "156", "123.45", "¥123.45"),
        (5, "156", "0.05", "¥0.05"),
        (-5, "156", "-0.05", "¥-0.05"),
        (12_345, "392", "12345", "¥12345"),
        (12_345, "414", "12.345", "KWD 12.345"),
        (7, "414", "0.007", "KWD 0.007"),
        (12_345, "990", "1.2345", "CLF 1.2345"),
        (12_345, "344", "123.45", "HK$123.45"),
        (12_345, "756", "123.45", "CHF 123.45"),
        (12_345, "000", "12345", "000 12345"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(
    amount: int, number: str, plain: str, shown: str
) -> None:
    assert format_amount(amount, number) == plain
    assert with_symbol(amount, number) == shown


def test_a_number_that_is_none_has_no_letters() -> None:
    assert (currency_name("414"), currency_name("000")) == ("KWD", "000")
