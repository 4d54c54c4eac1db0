"""Goods without a receipt: what the rule answers for each of its bounds (R17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from msgspec.structs import replace
from worlds.past import Earlier

from pos_terminal.core.blind import BroughtBack, NoReceipt, SoldBefore, customer_number, sale_of
from pos_terminal.core.decision import Answer, Phase
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules import no_receipt
from pos_terminal.core.rules.book import make_book
from pos_terminal.core.rules.facts import Facts
from pos_terminal.core.sale import SaleLine

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=timezone(timedelta(hours=8)))
SHOP: dict[str, Any] = {
    "enabled": True,
    "ceiling": 9_000,
    "unknown_goods": 2_000,
    "customer_count": 2,
    "card_count": 1,
}
KNOWN = SoldBefore(SaleLine(1, "CUP", "Cup", 1_000, 1, ""), 3_000)
CUPS = BroughtBack("CUP", 2, 3_000, KNOWN)
ODD = BroughtBack("ODD", 2, 1_000)


def facts(*goods: BroughtBack, lowest: int = 3_000) -> Facts:
    sale = sale_of(goods, merchant_id="M", terminal_id="T", currency="156", at=NOW)
    known = {place: lowest for place, one in enumerate(goods, 1) if one.known is not None}
    whose = NoReceipt(("c",), ("k",), known)
    amount = sale.amount
    asked = Facts(sale, sale.tenders[0], Kind.CREDIT, amount, NOW, reason="1", defect=False)
    return replace(asked, no_receipt=whose)


def answered(asked: Facts, customer: int = 0, card: int = 0) -> tuple[Answer, str]:
    past = Earlier(blind=no_receipt.Earlier(customer, card))
    decision = make_book({"no_receipt": SHOP}).decide(Phase.BEFORE_CARD, asked, past)
    (verdict,) = [one for one in decision.verdicts if one.rule == "no_receipt"]
    return decision.answer, "" if verdict.against is None else verdict.against.name


@pytest.mark.parametrize(
    ("asked", "earlier", "against"),
    [
        (facts(CUPS), (1, 0), "NO_RECEIPT"),
        (facts(ODD), (0, 0), "NO_RECEIPT"),
        (facts(CUPS, ODD), (0, 0), "NO_RECEIPT"),
        (facts(CUPS, lowest=2_999), (0, 0), "ABOVE_LOWEST"),
        (facts(replace(CUPS, pieces=3)), (0, 0), "NO_RECEIPT"),
        (facts(replace(CUPS, pieces=3), replace(ODD, pieces=1, price=1)), (0, 0), "ABOVE_CEILING"),
        (facts(replace(ODD, price=1_001)), (0, 0), "UNKNOWN_GOODS"),
        (facts(CUPS), (2, 0), "CUSTOMER_TOO_OFTEN"),
        (facts(CUPS), (0, 1), "CARD_TOO_OFTEN"),
    ],
)
def test_two_supervisors_within_the_bounds_and_no_one_beyond_them(
    asked: Facts, earlier: tuple[int, int], against: str
) -> None:
    answer = Answer.ASK_TWO if against == "NO_RECEIPT" else Answer.DENY
    assert answered(asked, *earlier) == (answer, against)


def test_thirty_days_count() -> None:
    asked: list[timedelta] = []

    class Recorder(Earlier, frozen=True):
        def without_receipt(
            self, customer: Sequence[str], card: Sequence[str], since: datetime
        ) -> no_receipt.Earlier:
            asked.append(NOW - since)
            return no_receipt.Earlier()

    make_book({"no_receipt": SHOP}).decide(Phase.BEFORE_CARD, facts(CUPS), Recorder())
    assert asked == [timedelta(days=30)]


@pytest.mark.parametrize(
    "written",
    [
        *("13800138000", "+86 138-0013-8000", "0086 (138) 0013.8000", "008613800138000"),
        *(
            "１３８００１３８０００",
            "138\u20130013\u20138000",
            "138\u200b0013\u200b8000",
            "١٣٨٠٠١٣٨٠٠٠",
        ),
    ],
)
def test_one_customer_has_one_number_however_it_is_written(written: str) -> None:
    assert customer_number(written) == "13800138000"


@pytest.mark.parametrize("written", ["12345", "0000 12345", "M-100", "111111", "M_10077"])
def test_what_is_nobodys_number(written: str) -> None:
    """Too short, one digit again and again, or with what no number has."""
    assert customer_number(written) is None


def test_of_goods_that_nobody_knows_the_lower_ceiling_is_the_most() -> None:
    assert make_book({"no_receipt": SHOP}).no_receipt == 2_000
    assert make_book({"no_receipt": SHOP | {"ceiling": 1_500}}).no_receipt == 1_500
