"""What the shop's rules answer: before the card, and again with what the card adds (R19)."""

from __future__ import annotations

from pos_terminal.core.decision import Decision, Phase
from pos_terminal.core.rules.facts import Facts
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.ports import CardFacts


def ask_rules(desk: Desk, wanted: Wanted, card: CardFacts | None = None) -> Decision:
    """Of the phase before the card, or with the card. What rules must know of earlier refunds they
    ask the ledger."""
    phase = Phase.BEFORE_CARD if card is None else Phase.WITH_CARD
    return desk.shop.book.decide(phase, _facts(desk, wanted, card), desk.ledger.refunds)


def _facts(desk: Desk, wanted: Wanted, card: CardFacts | None) -> Facts:
    return Facts(
        sale=wanted.sale,
        tender=wanted.tender,
        kind=wanted.choice.kind,
        amount=wanted.amount,
        now=desk.clock.now(),
        reason=wanted.reason.code,
        defect=wanted.reason.defect,
        items=wanted.items,
        operator=desk.clerk.number,
        token=None if card is None else card.token,
        older_tokens=() if card is None else card.older_tokens,
        par=None if card is None else card.par,
        match=None if card is None else card.match,
    )
