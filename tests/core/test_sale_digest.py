"""What the digest of a sale covers: a ledger of each release was written with it."""

from __future__ import annotations

from datetime import datetime

import pytest
from msgspec.structs import replace

from pos_terminal.core.digest import digest
from pos_terminal.core.sale import Ahead, Sale, SaleLine, SaleState, Tender, TenderKind

SALE = Sale(
    key=1,
    sale_id="S1",
    merchant_id="898310012340001",
    terminal_id="12345678",
    sold_at=datetime.fromisoformat("2026-01-05T12:00:00+08:00"),
    currency="156",
    amount=1_000,
    receipt_no="R1",
    state=SaleState.APPROVED,
    tenders=(Tender(1, TenderKind.CASH, 1_000),),
    lines=(SaleLine(1, "1", "Cup", 1_000, 1_000, ""),),
)
OF_0_4_0 = "5b775336116fe6e7067d934ff60380c24d623f56bf550a51d43344c606b5097f"
"""As the version 0.4.0 had made it."""


def test_it_is_that_of_the_release_before() -> None:
    """A field more in it, and no ledger of before would be held for unchanged."""
    assert digest(SALE) == OF_0_4_0


@pytest.mark.parametrize(
    "since",
    [
        {"key": 2},
        {"state": SaleState.VOIDED},
        {"locked": True},
        {"owed": 5},
        {"owed_to_holder": 5},
        {"ahead": (Ahead(5, {1: 1_000}),)},
        {"deducted": 5},
    ],
    ids=lambda since: next(iter(since)),
)
def test_what_became_of_the_sale_is_not_in_it(since: dict[str, object]) -> None:
    assert digest(replace(SALE, **since)) == OF_0_4_0
