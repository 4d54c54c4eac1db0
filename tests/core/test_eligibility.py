"""Void or refund, chosen by the terminal (R10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from msgspec.structs import replace
from worlds.sales import TERMINAL, a_sale

from pos_terminal.core.eligibility import Because, Choice, Here, VoidScope, choose_kind
from pos_terminal.core.local_time import local
from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import CardRef, Funding, Sale, Tender, TenderKind
from pos_terminal.core.words import Failure
from pos_terminal.texts import Language, render
from pos_terminal.texts.domain import of_choice

pytestmark = pytest.mark.usefixtures("machine_zone")
CHINA = timezone(timedelta(hours=8))
NOW = datetime(2026, 3, 4, 0, 30, tzinfo=CHINA)
CARD = CardRef("622848*********8018", None, None, None, "unionpay", Funding.DEBIT)
LEG = Tender(1, TenderKind.CARD, 10_000, card=CARD)
SOLD = NOW - timedelta(minutes=20)
SALE = a_sale(LEG, sold_at=SOLD)
HERE = Here(TERMINAL, "000001", NOW, VoidScope.TERMINAL)


def paid(**changes: Any) -> Sale:
    """With another payment than its record's."""
    payment = SALE.tenders[0].payment
    assert payment is not None
    return replace(SALE, tenders=(replace(SALE.tenders[0], payment=replace(payment, **changes)),))


def test_same_day_same_batch_in_full_is_a_void() -> None:
    choice = choose_kind(SALE, SALE.tenders[0], 10_000, HERE)
    assert (choice.kind, choice.because) == (Kind.VOID, Because.VOID)


@pytest.mark.parametrize(
    ("sale", "amount", "here", "why"),
    [
        (a_sale(LEG, sold_at=SOLD, batch_closed=True), 10_000, HERE, "batch_closed"),
        (paid(batch="000002"), 10_000, HERE, "batch_closed"),
        (paid(paid_at=NOW - timedelta(minutes=31)), 10_000, HERE, "other_day"),
        (SALE, 9_999, HERE, "partial"),
        (paid(terminal_id="99999999"), 10_000, HERE, "other_terminal"),
        (paid(auth_code=""), 10_000, HERE, "no_auth_code"),
        (replace(SALE, tenders=(replace(SALE.tenders[0], done=1),)), 9_999, HERE, "already"),
        (replace(SALE, tenders=(replace(SALE.tenders[0], held=1),)), 9_999, HERE, "already"),
    ],
)
def test_anything_against_it_makes_it_a_refund(
    sale: Sale, amount: int, here: Here, why: str
) -> None:
    choice = choose_kind(sale, sale.tenders[0], amount, here)
    assert (choice.kind, choice.because) == (Kind.REFUND, Because(why))


@pytest.mark.parametrize("because", Because)
def test_every_reason_has_its_text(because: Because) -> None:
    told = {"terminal": "99999999"} if because is Because.OTHER_TERMINAL else {}
    for language in Language:
        assert render(of_choice(Choice(Kind.REFUND, because, told)), language)


def test_another_terminal_is_named() -> None:
    other = paid(terminal_id="99999999")
    assert choose_kind(other, other.tenders[0], 10_000, HERE).told == {"terminal": "99999999"}


def test_the_day_is_the_shops_day_not_utc() -> None:
    told = (NOW - timedelta(minutes=20)).astimezone(UTC)
    assert told.date() != NOW.date()
    sale = paid(paid_at=local(told, CHINA))
    assert choose_kind(sale, sale.tenders[0], 10_000, HERE).kind is Kind.VOID


def test_each_leg_goes_by_its_own_payment() -> None:
    """Two payments of one sale: one in this batch, one of yesterday on another terminal."""
    here, there = (
        SALE.tenders[0],
        paid(terminal_id="99999999", batch="000009", paid_at=NOW - timedelta(days=1)).tenders[0],
    )
    sale = a_sale(here, replace(there, leg=2), sold_at=NOW - timedelta(days=1))
    assert choose_kind(sale, sale.tender(1), 10_000, HERE).kind is Kind.VOID
    assert choose_kind(sale, sale.tender(2), 10_000, HERE).because is Because.BATCH_CLOSED
    other = replace(HERE, batch="000009")
    assert choose_kind(sale, sale.tender(1), 10_000, other).kind is Kind.REFUND
    assert choose_kind(sale, sale.tender(2), 10_000, other).because is Because.OTHER_DAY


def test_a_profile_whose_voids_have_no_code_needs_none() -> None:
    here = replace(HERE, void_needs_code=False)
    sale = paid(auth_code="")
    assert choose_kind(sale, sale.tenders[0], 10_000, here).kind is Kind.VOID


@pytest.mark.parametrize("missing", [{"rrn": ""}, {"batch": ""}, {"trace": ""}])
def test_without_a_reference_nothing_goes_to_the_card(missing: dict[str, str]) -> None:
    sale = paid(**missing)
    with pytest.raises(Failure, match=r"flows\.no_reference"):
        choose_kind(sale, sale.tenders[0], 10_000, HERE)


def test_merchant_scope_voids_on_another_terminal() -> None:
    other = paid(terminal_id="99999999")
    here = replace(HERE, void_scope=VoidScope.MERCHANT)
    assert choose_kind(other, other.tenders[0], 10_000, here).kind is Kind.VOID


@pytest.mark.parametrize("kind", ["wallet", "transfer"])
def test_what_people_pay_back_elsewhere_goes_back_by_a_form(kind: str) -> None:
    tender = Tender(1, TenderKind(kind), 10_000)
    choice = choose_kind(replace(SALE, tenders=(tender,)), tender, 1, HERE)
    assert (choice.kind, choice.because) == (Kind.MANUAL, Because.MANUAL)


@pytest.mark.parametrize("kind", ["exchange"])
def test_what_nothing_here_authorises_goes_back_where_it_was_paid(kind: str) -> None:
    tender = Tender(1, TenderKind(kind), 10_000)
    with pytest.raises(Failure, match=r"flows\.original_channel"):
        choose_kind(replace(SALE, tenders=(tender,)), tender, 1, HERE)


@pytest.mark.parametrize("limit", [0, 1])
def test_store_credit_goes_back_as_store_credit_and_points_as_points(limit: int) -> None:
    here = replace(HERE, cash_limit=limit)
    for paid_by, kind in ((TenderKind.VOUCHER, Kind.CREDIT), (TenderKind.POINTS, Kind.POINTS)):
        tender = Tender(1, paid_by, 10_000)
        choice = choose_kind(replace(SALE, tenders=(tender,)), tender, 5_000, here)
        assert (choice.kind, choice.because.value) == (kind, paid_by.value)


def test_cash_goes_back_as_cash() -> None:
    tender = Tender(1, TenderKind.CASH, 10_000)
    assert choose_kind(replace(SALE, tenders=(tender,)), tender, 1, HERE).kind is Kind.CASH
