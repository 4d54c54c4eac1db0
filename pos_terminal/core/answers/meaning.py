"""What an answer means, and how much of that may be believed.

``understood`` takes what a profile says of the answer's field 39 and makes of it what may be
believed: no valid MAC or no promise of the acquirer, no outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import combinations
from typing import Final

from msgspec import Struct


class Sending(StrEnum):
    """What the answer belongs to: the columns of a profile's response table."""

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


class Meaning(StrEnum):
    """What came of a message. Those up to ``DUPLICATE`` are a profile's to give."""

    ACCEPT = "accept"
    ACCEPT_PARTIAL = "accept_partial"
    """Commit the amount of the answer if 0 < amount <= asked; the rest stays open."""
    ACCEPT_FLAGGED = "accept_flagged"
    """Commit, and look at it in reconciliation."""
    DECLINE = "decline"
    DECLINE_ACCOUNT = "decline_account"
    """The account that paid can't take the money; where its very card was asked for, another tender
    may be open by the exception "declined" (R34). No other decline says that."""
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
    """The acquirer itself does not know (68, 91, 96, 98), or nobody knows the code."""
    DUPLICATE = "duplicate"
    """UNKNOWN, or accepted where ``duplicate_means_accepted``."""

    DEFINITE = "definite"
    """UNKNOWN by the table, and the acquirer promises that it surely was not posted."""
    IN_PART = "in_part"
    """A part was taken back of what must be voided in full (10)."""
    SIGN_ON_UNPROVEN = "sign_on_unproven"
    """Sign on, without a MAC: a host that lost its keys can't make one. The line proves who speaks
    (TLS, or private), so it is believed once."""
    UNTRUSTED = "untrusted"
    """No valid MAC, and nothing that is believed without one."""
    NOT_SENT = "not_sent"
    """Surely no byte was written."""
    SILENT = "silent"
    """No answer in time."""
    LOST = "lost"
    """The connection ended after the message had been written."""

    @property
    def accepts(self) -> bool:
        return self in _ACCEPTING

    @property
    def declines(self) -> bool:
        return self in _DECLINING


class Terms(Struct, frozen=True):
    """What the acquirer promises, out of its profile."""

    repeat_identical: bool = False
    """The identical message is paid once."""
    duplicate_means_accepted: bool = False
    """94 on a repeat says that the first one was accepted."""
    declines_without_mac: bool = False
    """A decline that carries no MAC at all is believed. A wrong MAC never is."""
    void_reversible: bool = True


_ACCEPTING: Final = frozenset({Meaning.ACCEPT, Meaning.ACCEPT_PARTIAL, Meaning.ACCEPT_FLAGGED})
_DECLINING: Final = frozenset(
    {
        Meaning.DECLINE,
        Meaning.DECLINE_ACCOUNT,
        Meaning.DECLINE_KEPT,
        Meaning.DECLINE_STOP_TRADING,
        Meaning.DECLINE_NO_TENDER,
        Meaning.DECLINE_OFFER_REFUND,
        Meaning.DECLINE_RESYNC,
    }
)
_SIGN_ON: Final = frozenset({Meaning.SIGN_ON_SAME_STAN, Meaning.SIGN_ON_NEW_STAN})
_SILENCES: Final = frozenset({Meaning.NOT_SENT, Meaning.SILENT, Meaning.LOST})
_FIRST: Final = frozenset({Sending.REFUND, Sending.VOID})
_GIVING: Final = (Sending.REFUND, Sending.VOID, Sending.REPEAT)
"""Whose answers say whether money was given."""
_IN_PART: Final = frozenset({Meaning.ACCEPT_PARTIAL, Meaning.IN_PART})

_OF_A_REFUND: Final = _ACCEPTING | _DECLINING | _SIGN_ON | {Meaning.UNKNOWN, Meaning.DUPLICATE}
#: what a profile may say in each column; anything else would be a move that no refund can make
SAYABLE: Final[Mapping[Sending, frozenset[Meaning]]] = {
    Sending.REFUND: _OF_A_REFUND,
    # a void is in full or not at all
    Sending.VOID: _OF_A_REFUND - {Meaning.ACCEPT_PARTIAL},
    Sending.REPEAT: _OF_A_REFUND,
    # a reversal takes back: it neither gives money nor declines the void
    Sending.REVERSAL: _SIGN_ON | {Meaning.CLOSED, Meaning.UNKNOWN},
}


def disagreeing(columns: Mapping[Sending, Meaning]) -> tuple[Sending, Sending] | None:
    """Two columns of one code that can't both be true: in one of them a part was given and in the
    other the whole, or in one of them it was given and in the other it was not."""
    for one, other in combinations(_GIVING, 2):
        if _can_not_both_be(columns[one], columns[other]):
            return one, other
    return None


def _can_not_both_be(one: Meaning, other: Meaning) -> bool:
    if one.accepts and other.accepts:
        return (one is Meaning.ACCEPT_PARTIAL) is not (other is Meaning.ACCEPT_PARTIAL)
    return (one.accepts and other.declines) or (one.declines and other.accepts)


def made_of(listed: Meaning, sending: Sending, *, to_refund: Meaning, definite: bool) -> Meaning:
    """What a code means that a profile lists as this: of what is UNKNOWN more may be known.

    ``to_refund``: what the same code means to the first send of a refund. ``definite``: the
    acquirer promises that it was surely not posted.
    """
    if listed is not Meaning.UNKNOWN:
        return listed
    if definite:
        return Meaning.DEFINITE
    part = sending is Sending.VOID and to_refund is Meaning.ACCEPT_PARTIAL
    return Meaning.IN_PART if part else listed


def understood(meaning: Meaning, sending: Sending, trust: Trust, terms: Terms) -> Meaning:
    """What may be believed: one of the meanings that ``TABLE`` has for this sending."""
    known = meaning if can_be(sending, meaning) else Meaning.UNKNOWN
    promised = _promised(known, sending, terms)
    if trust is Trust.VALID or meaning in _SILENCES:
        return promised
    if trust is Trust.WRONG:
        return Meaning.UNTRUSTED
    if promised in _SIGN_ON and sending in _FIRST:
        return Meaning.SIGN_ON_UNPROVEN
    return promised if terms.declines_without_mac and promised.declines else Meaning.UNTRUSTED


def _promised(meaning: Meaning, sending: Sending, terms: Terms) -> Meaning:
    """What depends on a promise of the acquirer counts as it promised, or is unknown."""
    if meaning is Meaning.DEFINITE:
        return Meaning.DECLINE if sending in _FIRST else Meaning.UNKNOWN
    if meaning is Meaning.DUPLICATE:
        return Meaning.ACCEPT_FLAGGED if terms.duplicate_means_accepted else Meaning.UNKNOWN
    if sending is Sending.REPEAT and meaning.declines and not terms.repeat_identical:
        return Meaning.UNKNOWN
    return meaning


def can_be(sending: Sending, meaning: Meaning) -> bool:
    """Whether an answer to that, or its silence, can mean this; what can't be is UNKNOWN."""
    if meaning is Meaning.IN_PART:
        return sending is Sending.VOID
    if meaning is Meaning.SIGN_ON_UNPROVEN:
        return sending in _FIRST
    made = _SILENCES | {Meaning.UNTRUSTED, Meaning.DEFINITE}
    return meaning in made or meaning in SAYABLE[sending]


def may_name(meaning: Meaning, asked: int, named: int | None) -> bool:
    """Whether an answer that means this can be about a request of that amount.

    ``named`` is the answer's amount, None where it has none: only what gives no money may leave
    it out, and only what says that a part was paid may name less. Minor units.
    """
    if named is None:
        return not meaning.accepts
    return named == asked or (meaning in _IN_PART and 0 < named <= asked)
