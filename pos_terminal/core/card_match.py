"""Whether the presented card is the card of the sale (R27)."""

from __future__ import annotations

from hmac import compare_digest

from msgspec import Struct

from pos_terminal.core.pan import Pan, mask_matches
from pos_terminal.core.refund import CardMatch
from pos_terminal.core.sale import CardRef


class Presented(Struct, frozen=True):
    """What the reader found, with the token made of it under our key."""

    pan: Pan
    token: str
    token_key_id: str
    par: str | None


def match_card(sold: CardRef, card: Presented) -> CardMatch | None:
    """The strongest match, or None: not the card of this sale.

    First six and last four decide only where the sale carries nothing better: a token that is
    comparable (same key) and differs is a wrong card, unless the PAR says it is the same account.
    """
    comparable = sold.token is not None and sold.token_key_id == card.token_key_id
    if comparable and compare_digest(sold.token or "", card.token):
        return CardMatch.EXACT
    if sold.par and card.par:
        return CardMatch.PAR if sold.par == card.par else None
    if comparable or not sold.masked:
        return None
    return CardMatch.MASKED if mask_matches(sold.masked, card.pan) else None
