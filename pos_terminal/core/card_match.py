"""Whether the presented card is the card of the sale (R27)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from hmac import compare_digest
from types import MappingProxyType

from msgspec import Struct, field

from pos_terminal.core.pan import Pan, last_four_match, mask_matches
from pos_terminal.core.refund import CardMatch
from pos_terminal.core.sale import CardRef


class Presented(Struct, frozen=True):
    """What the reader found, with the token made of it under our key."""

    pan: Pan
    token: str
    token_key_id: str
    par: str | None
    older: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Tokens under keys that were replaced, by key id."""

    def under(self, key_id: str | None) -> str | None:
        """The card's token under this key; None under one that we don't have."""
        return self.token if key_id == self.token_key_id else self.older.get(key_id or "")


class Need(Enum):
    """What a reading does once it has learnt a number."""

    NOTHING = "nothing"
    """This one was wanted: not one command more."""
    ACCOUNT = "account"
    """Its account's reference (PAR) may tell more: this application is read on."""
    ANOTHER = "another"
    """It tells no more: the next application has its turn, which may have another number."""


def still_needed(sold: CardRef, card: Presented, *, checked: bool) -> Need:
    """What else of the card may tell that it is the sale's, or tell it better (R27, R28).

    A number that is the sale's ends the reading. A PAR that the sale doesn't have decides nothing,
    so no command is spent on it. An account's other number is taken where no application has the
    very number of the sale.
    """
    match = match_card(sold, card, checked=checked)
    if match is CardMatch.EXACT:
        return Need.NOTHING
    if sold.par is not None and card.par is None:
        return Need.ACCOUNT
    comparable = sold.token is not None and card.under(sold.token_key_id) is not None
    if match is None or (match is CardMatch.PAR and comparable):
        return Need.ANOTHER
    return Need.NOTHING


def match_card(sold: CardRef, card: Presented, *, checked: bool) -> CardMatch | None:
    """The strongest match, or None: not the card of this sale.

    ``checked``: whether the acquirer compares the card with that of the purchase; without it the
    last four digits alone, or a sale of which no card is known, are no match. First six and last
    four decide only where the sale carries nothing better: a token that is comparable (same key)
    and differs is a wrong card, unless the PAR says it is the same account.
    """
    ours = card.under(sold.token_key_id)
    comparable = sold.token is not None and ours is not None
    if comparable and compare_digest(sold.token or "", ours or ""):
        return CardMatch.EXACT
    if sold.par and card.par:
        return CardMatch.PAR if sold.par == card.par else None
    if sold.unseen:
        return CardMatch.ACQUIRER if checked else None
    if comparable or not sold.masked:
        return None
    if sold.masked.startswith("*"):
        same = checked and last_four_match(sold.masked, card.pan)
        return CardMatch.LAST_FOUR if same else None
    return CardMatch.MASKED if mask_matches(sold.masked, card.pan) else None
