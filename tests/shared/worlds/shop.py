"""A whole bench and its terminal: what a clerk does there, from prompt to prompt."""

from __future__ import annotations

import sys
from typing import Any, Final

from hw_sim.bench.shop import Shop

COMMAND = [sys.executable, "-P", "-m", "pos_terminal"]
QUICK_PAPER: Final = ("--paper-speed", "5000")
"""For ``hw-sim up``: nobody waits for this mechanism."""


def to_card(shop: Shop, amount: str = "", reason: str = "1") -> None:
    """From the sale on the screen to the prompt for the card."""
    shop.clerk.ask_for(amount, reason)
    shop.clerk.approve()
    shop.clerk.see("card.present")


def ask_card(shop: Shop, sample: str, amount: str) -> None:
    """From the home screen to the prompt for the card."""
    shop.clerk.scan(shop.hands.sample(sample))
    to_card(shop, amount)


def give_back(shop: Shop, sample: str, card: str, amount: str) -> None:
    """To the moment when the request leaves."""
    ask_card(shop, sample, amount)
    shop.hands.tap(card)


def outcome(shop: Shop, text: str = "") -> dict[str, Any]:
    """The result is read, with ``text`` in it; the refund."""
    shop.clerk.see("result", 60)
    if text:
        shop.clerk.see_text(text)
    shop.clerk.accept()
    return last(shop)


def last(shop: Shop) -> dict[str, Any]:
    """The newest refund."""
    return dict(max(shop.hands.ledger()["refunds"], key=lambda row: row["refund_id"]))
