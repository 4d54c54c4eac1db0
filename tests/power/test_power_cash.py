"""A cash leg killed on its way: "to hand over", and no drawer that opens by itself (R36)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.crash.crashing import Crashing
from worlds.crash import kicks

SALE = "cash-today"


def cash_dies(crash: Crashing, point: str) -> None:
    def story() -> None:
        crash.ready()
        crash.clerk.scan(crash.hands.sample(SALE))
        crash.clerk.ask_for()
        crash.clerk.approve()
        crash.clerk.pay_out()
        crash.clerk.see("cash.hand_over")
        crash.hands.press("enter")
        crash.clerk.see("result")

    crash.arm(point)
    crash.dies(story)


def hand_over_later(crash: Crashing) -> None:
    """From the menu, with a supervisor."""
    crash.hands.press("menu")
    crash.clerk.see("menu")
    crash.hands.press("3", "2")
    crash.clerk.see("cash.choose")
    crash.hands.press("1")
    crash.clerk.approve()
    crash.clerk.see("cash.hand_over")
    crash.hands.press("enter")
    crash.clerk.see("result")
    crash.clerk.accept()


@pytest.mark.parametrize(
    ("point", "opened"),
    [
        ("commit_cash:after", 0),
        ("drawer_opened:after", 0),
        ("drawer:after", 1),
        ("handed_over:inside", 1),
    ],
)
def test_what_was_not_confirmed_is_to_be_handed_over(
    crash: Crashing, point: str, opened: int
) -> None:
    cash_dies(crash, point)
    sale = crash.hands.sample(SALE)
    assert kicks(crash) == opened
    crash.reopen()
    crash.clerk.see_text("1 笔现金待交付")
    [leg] = crash.refunds()
    assert (leg["kind"], leg["state"], crash.tender(sale)) == (
        "cash",
        "to_hand_over",
        (sale["amount"], 0),
    )
    crash.hands.wait_receipts(2)
    assert kicks(crash) == opened
    hand_over_later(crash)
    assert [row["state"] for row in crash.refunds()] == ["handed_over"]
    assert kicks(crash) == opened + 1
    assert crash.tender(sale) == (sale["amount"], 0)


def test_before_its_commit_nothing_is_owed(crash: Crashing) -> None:
    cash_dies(crash, "commit_cash:inside")
    crash.reopen()
    assert (crash.refunds(), crash.tender(crash.hands.sample(SALE))) == ([], (0, 0))
    assert (kicks(crash), crash.hands.receipts()) == (0, [])


def test_confirmed_cash_is_over(crash: Crashing) -> None:
    cash_dies(crash, "handed_over:after")
    crash.reopen()
    assert [row["state"] for row in crash.refunds()] == ["handed_over"]
    assert "待交付" not in crash.hands.rows()
    assert kicks(crash) == 1
