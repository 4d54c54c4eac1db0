"""An exchange killed on its way is whole or not at all, and so is a correction (R33, R37)."""

from __future__ import annotations

from typing import Final

import pytest
from hw_sim.bench.client import ask
from hw_sim.proofs.crash.crashing import Crashing, Row
from worlds.crash import Crash, kicks

SALE: Final = "discounted-older"
"""Three towels, paid in cash."""
DECIDED: Final = ("exchange:after", "job_sending:inside", "job_sending:after", "jobs_done:after")
"""From its commit on."""


def begin_exchange(crash: Crashing) -> None:
    """One towel for another one of the same, to the supervisor's yes and what comes of it."""
    crash.ready()
    sale = crash.hands.sample(SALE)
    crash.clerk.scan(sale)
    crash.clerk.exchange(sale["goods"][0])
    crash.clerk.approve()
    crash.clerk.see("result")
    crash.clerk.accept()


def moved(crash: Crashing) -> list[tuple[str, str | None]]:
    """Quantity and disposition of each movement, as a stock system is told."""
    answer: Row = ask(crash.hands.control, {"verb": "stock", "since": 0}, seconds=10.0)
    return [(one["quantity"], one["disposition"]) for one in answer["movements"]]


def correct(crash: Crashing) -> None:
    """Its towel was damaged by the buyer, as it turns out."""
    crash.ready()
    crash.clerk.see("home")
    crash.hands.press("menu")
    crash.clerk.see("menu")
    crash.hands.press("4", "3")
    crash.clerk.answer("stock.slip", "1")
    crash.clerk.answer("stock.line", "1", enter=False)
    crash.clerk.answer("stock.correct", "4", enter=False)
    crash.clerk.approve()
    crash.clerk.see("stock.corrected")
    crash.hands.press("enter")
    crash.clerk.see("home")


BACK_AND_OUT: Final = [("1", "vendor"), ("-1", None)]
"""A defective one went back, another one went out."""


@pytest.mark.parametrize(
    "point",
    [
        *("open_application:inside", "open_application:after", "approve:inside", "approve:after"),
        *("exchange:before", "exchange:inside", *DECIDED),
    ],
)
def test_goods_go_both_ways_or_none(crashing: Crash, point: str) -> None:
    crash = crashing()
    crash.open_up()
    crash.dies_at(begin_exchange, point)
    crash.reopen()
    crash.ready()
    if point in DECIDED:
        assert moved(crash) == BACK_AND_OUT
    else:
        assert moved(crash) == []
        assert crash.refunds() == []
        assert {one["state"] for one in crash.hands.ledger()["applications"]} <= {"cancelled"}
        begin_exchange(crash)
    crash.quiet()
    crash.at_rest("exchanged")
    assert moved(crash) == BACK_AND_OUT, "once"
    crash.hands.wait_receipts(2)
    assert crash.tender(crash.hands.sample(SALE)) == (0, 0)
    assert kicks(crash) == 0
    crash.verify()


@pytest.mark.parametrize(
    "point", ["correct_stock:before", "correct_stock:inside", "correct_stock:after"]
)
def test_a_correction_is_countered_and_booked_anew_or_neither(crashing: Crash, point: str) -> None:
    crash = crashing()
    crash.open_up()
    begin_exchange(crash)
    crash.dies_at(correct, point)
    corrected = [*BACK_AND_OUT, ("-1", "vendor"), ("1", "damaged")]
    crash.reopen()
    crash.ready()
    assert moved(crash) == (corrected if point.endswith("after") else BACK_AND_OUT)
    if not point.endswith("after"):
        correct(crash)
    assert moved(crash) == corrected
    crash.verify()
