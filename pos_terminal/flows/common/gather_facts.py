"""What the rules may look at, gathered from the ledger."""

from __future__ import annotations

from datetime import timedelta

from pos_terminal.core.rules.duplicate import DuplicateParams
from pos_terminal.core.rules.facts import Facts
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.ports import CardFacts


def gather_facts(desk: Desk, wanted: Wanted, card: CardFacts | None = None) -> Facts:
    """Facts of one application; the card's once it is known."""
    today = desk.clock.now().date()
    return Facts(
        sale=wanted.sale,
        tender=wanted.tender,
        kind=wanted.choice.kind,
        amount=wanted.amount,
        now=desk.clock.now(),
        reason=wanted.reason.code,
        defect=wanted.reason.defect,
        items=wanted.items,
        clerk_today=desk.ledger.counts(today, desk.clerk.number),
        terminal_today=desk.ledger.counts(today, None),
        match=None if card is None else card.match,
        card_refused=card is not None and desk.ledger.card_refused(card.token),
        same_recently=0 if card is None else _same_recently(desk, card.token, wanted.amount),
    )


def _same_recently(desk: Desk, token: str, amount: int) -> int:
    params = desk.shop.book.params("duplicate")
    minutes = params.minutes if isinstance(params, DuplicateParams) else 0
    return desk.ledger.same_recently(token, amount, desk.clock.now() - timedelta(minutes=minutes))
