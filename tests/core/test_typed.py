"""What a clerk types of a payment, held against what the till tells of it (R7)."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from msgspec.structs import replace

from pos_terminal.core.sale import CardRef, Funding, Payment, Tender, TenderKind
from pos_terminal.core.typed import Typed, differences, might_be, otherwise

SHOP = timezone(timedelta(hours=8))
PAID_AT = datetime(2026, 1, 5, 23, 30, tzinfo=SHOP)
CARD = CardRef("*" * 12 + "0010", None, None, None, "", Funding.UNKNOWN)
PAID = Payment(terminal_id="77000001", batch="", trace="", rrn="", auth_code="", paid_at=PAID_AT)
LEG = Tender(1, TenderKind.CARD, 1_000, card=CARD, payment=PAID)
TYPED = Typed(
    terminal_id="77000001",
    rrn="600510000951",
    on=date(2026, 1, 5),
    amount=1_000,
    batch="000007",
    trace="000951",
    auth_code="A00017",
    last4="0010",
)


@pytest.mark.parametrize(
    ("name", "ours", "others"),
    [("batch", "000007", "000008"), ("trace", "000951", "1"), ("auth_code", "A00017", "A00018")],
)
def test_what_both_know_otherwise_makes_it_another_payment(
    name: str, ours: str, others: str
) -> None:
    """What only one of them knows is no difference."""
    told = {told: replace(LEG, payment=replace(PAID, **{name: told})) for told in (ours, others)}
    assert might_be(TYPED, told[ours])
    assert not might_be(TYPED, told[others])
    assert might_be(replace(TYPED, **{name: ""}), told[others])


def test_it_might_be_a_card_s_payment_without_a_reference_alone() -> None:
    assert might_be(TYPED, LEG)
    assert might_be(replace(TYPED, last4=""), LEG)
    assert might_be(TYPED, replace(LEG, card=None))
    assert not might_be(replace(TYPED, last4="0011"), LEG), "another card"
    assert not might_be(TYPED, replace(LEG, kind=TenderKind.WALLET))
    assert not might_be(TYPED, replace(LEG, payment=None))
    assert not might_be(TYPED, replace(LEG, payment=replace(PAID, rrn="600510000952")))


def test_day_currency_and_tender_are_held_against_each_other_too() -> None:
    """A day is the shop's, whatever offset the till writes."""
    ours = replace(LEG, payment=TYPED.payment(PAID_AT), typed=1)
    tills = replace(LEG, payment=replace(PAID, rrn=TYPED.rrn))
    found = {
        one.fact: (one.typed, one.told)
        for leg, currency in (
            (tills, "156"),
            (replace(tills, payment=replace(PAID, paid_at=PAID_AT.astimezone(SHOP))), "840"),
            (replace(tills, payment=replace(PAID, paid_at=PAID_AT + timedelta(hours=1))), "156"),
            (replace(tills, kind=TenderKind.WALLET, card=None), "156"),
        )
        for one in differences(ours, leg, SHOP, ("156", currency))
    }
    assert found == {
        "currency": ("156", "840"),
        "date": ("2026-01-05", "2026-01-06"),
        "tender": ("card", "wallet"),
    }


def test_a_day_s_hour_is_noon_and_never_in_the_future() -> None:
    morning, evening = (datetime(2026, 1, 5, hour, tzinfo=SHOP) for hour in (9, 21))
    assert TYPED.paid_at(morning) == morning
    assert TYPED.paid_at(evening).hour == 12
    assert TYPED.paid_at(evening + timedelta(days=9)).date() == TYPED.on


def test_what_was_typed_otherwise_before_is_named() -> None:
    known = TYPED.sale(PAID_AT, "M", "156", 1)
    assert list(otherwise(TYPED, known)) == []
    again = replace(TYPED, terminal_id="77000002", amount=900)
    assert list(otherwise(again, known)) == [
        ("terminal", "77000001", "77000002"),
        ("amount", "10.00", "9.00"),
    ]
