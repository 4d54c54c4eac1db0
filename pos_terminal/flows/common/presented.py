"""A number that a card gave, with the tokens that stand for it in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pos_terminal.core.card_match import Presented
from pos_terminal.flows.common.desk import Desk

if TYPE_CHECKING:
    from pos_terminal.wire.card_dialogue import CardRead


def presented(desk: Desk, card: CardRead) -> Presented:
    tokens = desk.tokens
    return Presented(
        card.pan,
        tokens.token(card.pan),
        tokens.key_id,
        card.par,
        tokens.older(card.pan),
    )
