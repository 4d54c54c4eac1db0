"""Terminals that are killed: what tests of lost power are told with."""

from __future__ import annotations

from collections.abc import Callable

from hw_sim.proofs.crash.crashing import Crashing, Row

SALE = "visa-older"
Crash = Callable[..., Crashing]
"""Makes a terminal that has not started."""


def ask_and_tap(crash: Crashing, sample: str = SALE, amount: str = "100") -> Row:
    """A refund with its card to the outcome on the screen; the sale."""
    sale = crash.ask_card(sample, amount)
    crash.hands.tap(sale["cards"][0])
    crash.clerk.see("result")
    return sale


def unrecorded(crash: Crashing) -> None:
    """The clerk reads that the outcome was not written down."""
    crash.clerk.see("result")
    crash.clerk.see_text("结果未记录,勿重复退款")
    crash.hands.remove()
    crash.clerk.accept()


def kicks(crash: Crashing) -> int:
    """How often the drawer was opened."""
    found: int = crash.hands.do("drawer")["drawer_kicks"]
    return found
