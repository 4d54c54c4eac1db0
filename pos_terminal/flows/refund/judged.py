"""A payment of a sale by the rules and the acquirer of today: how it goes back, and what is against
it (R37)."""

from __future__ import annotations

from pos_terminal.core.decision import Decision
from pos_terminal.core.eligibility import Choice, choose_kind
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.words import Words
from pos_terminal.flows.common.cannot_be import taken_as
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.turned_away import TurnedAway
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.plan import decide
from pos_terminal.texts.domain import of_verdict


def choice_now(
    desk: Desk, sale: Sale, tender: Tender, amount: int, *, beside: int
) -> tuple[Choice, Words | None]:
    """How it goes back, and what the acquirer has against it."""
    try:
        return taken_as(desk, desk.here, sale, tender, amount, beside=beside), None
    except TurnedAway as away:
        return choose_kind(sale, tender, amount, desk.here, beside=beside), away.words


def judged(desk: Desk, wanted: Wanted, against: Words | None) -> tuple[Decision, Words | None]:
    """By the rules of today, and what is against it: they, where nothing was before."""
    decision = decide(desk, wanted)
    if against is None and decision.refuses and decision.strictest is not None:
        against = of_verdict(decision.strictest)
    return decision, against
