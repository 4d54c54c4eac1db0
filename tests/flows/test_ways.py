"""Whatever goes back has something that authorises it."""

from __future__ import annotations

from pos_terminal.core.refund import Kind
from pos_terminal.flows.refund.to_card import to_card
from pos_terminal.flows.refund.ways import WAYS


def test_every_kind_has_its_way_and_only_cards_take_the_line() -> None:
    """But exchanges, of which no money goes back by itself."""
    assert set(WAYS) == set(Kind) - {Kind.EXCHANGE, Kind.EXCHANGE_CREDIT, Kind.EXCHANGE_BACK}
    assert {kind for kind, way in WAYS.items() if way is to_card} == {Kind.REFUND, Kind.VOID}
