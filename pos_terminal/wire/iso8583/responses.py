"""What an answer's field 39 lets the terminal do: the columns of the response table."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Column(StrEnum):
    """Which message the answer belongs to."""

    REFUND = "refund"
    """First send of a refund."""
    VOID = "void"
    """First send of a void."""
    REPEAT = "repeat"
    """A refund that was sent before."""
    REVERSAL = "reversal"


class Trust(StrEnum):
    """What field 64 of an answer proves."""

    VALID = "valid"
    MISSING = "missing"
    WRONG = "wrong"
    """Another MAC than ours, or we have no key to check it with."""


class Action(StrEnum):
    """What to do next. Only the ``ACCEPT`` ones give money, only declines free a hold."""

    ACCEPT = "accept"
    ACCEPT_PARTIAL = "accept_partial"
    """Commit the amount of the answer if 0 < amount <= asked; the rest stays open."""
    ACCEPT_FLAGGED = "accept_flagged"
    """Commit, and look at it in reconciliation."""
    DECLINE = "decline"
    DECLINE_KEPT = "decline_kept"
    """The merchant's account is short: the application is kept and comes up again."""
    DECLINE_STOP_TRADING = "decline_stop_trading"
    DECLINE_NO_TENDER = "decline_no_tender"
    """Stolen or fraud: never to this card, no other tender; the manual form."""
    DECLINE_OFFER_REFUND = "decline_offer_refund"
    """The void is refused, a refund may be possible."""
    DECLINE_RESYNC = "decline_resync"
    """The STAN was used before: jump it."""
    SIGN_ON_SAME_STAN = "sign_on_same_stan"
    """Not accepted: sign on, then the same message with a fresh MAC."""
    SIGN_ON_NEW_STAN = "sign_on_new_stan"
    """Not accepted: sign on, then a new message with a new STAN in the new batch."""
    CLOSED = "closed"
    """The reversal is acknowledged: the void has no effect any more."""
    UNKNOWN = "unknown"
    UNTRUSTED = "untrusted"
    """No valid MAC: sign on, then as UNKNOWN."""
    DUPLICATE = "duplicate"
    """Only in the table: UNKNOWN, or accepted where ``duplicate_means_accepted``."""

    @property
    def accepts(self) -> bool:
        return self in _ACCEPTING

    @property
    def declines(self) -> bool:
        return self in _DECLINING


_ACCEPTING: Final = frozenset({Action.ACCEPT, Action.ACCEPT_PARTIAL, Action.ACCEPT_FLAGGED})
_DECLINING: Final = frozenset(action for action in Action if action.value.startswith("decline"))


class ResponseRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One row: codes that mean the same, and what they mean for each kind of message."""

    codes: list[str]
    text: str
    """Key of what the clerk reads; ``<text>_next`` (``_void_next``) is the next step."""
    first: Action
    repeat: Action
    reversal: Action
    void: Action | None = None
    """First send of a void, where it differs from a refund's."""

    def action(self, column: Column) -> Action:
        match column:
            case Column.REFUND:
                return self.first
            case Column.VOID:
                return self.first if self.void is None else self.void
            case Column.REPEAT:
                return self.repeat
            case Column.REVERSAL:
                return self.reversal
