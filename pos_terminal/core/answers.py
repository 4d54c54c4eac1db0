"""What one answer means for the money: the whole table, and nothing else decides it.

Two steps. ``understood`` takes what a profile says of the answer's field 39 and makes of it what
may be believed: no valid MAC or no promise of the acquirer, no outcome. ``step`` looks up what is
done then, by what was sent and in which state the refund is. Both are pure, and
``docs/outcomes.md`` is drawn from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import product
from typing import Final

from msgspec import Struct

from pos_terminal.core.refund import Kind, State


class Sending(StrEnum):
    """What the answer belongs to: the columns of a profile's response table."""

    REFUND = "refund"
    """First send of a refund."""
    VOID = "void"
    """First send of a void."""
    REPEAT = "repeat"
    """A refund that was sent before."""
    REVERSAL = "reversal"


class Turn(StrEnum):
    """Which answer to a first send; a repeat and a reversal have one kind only."""

    FIRST = "first"
    """In time; the request may go out once more after a sign-on."""
    SECOND = "second"
    """In time, and it went out again already, or can't."""
    LATE = "late"
    """Nobody waited for it any more."""


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


class Step(StrEnum):
    """What is done with it."""

    ACCEPT = "accept"
    ACCEPT_PART = "accept_part"
    ACCEPT_FLAGGED = "accept_flagged"
    DECLINE = "decline"
    DECLINE_KEPT = "decline_kept"
    DECLINE_STOP_TRADING = "decline_stop_trading"
    DECLINE_NO_TENDER = "decline_no_tender"
    DECLINE_OFFER_REFUND = "decline_offer_refund"
    DECLINE_RESYNC = "decline_resync"
    NOT_SENT = "not_sent"
    REVERSED = "reversed"
    OVERPAID = "overpaid"
    OVERPAID_PART = "overpaid_part"

    SEND_SAME = "send_same"
    """Sign on, then the same again; a new batch makes it SEND_ANEW."""
    SEND_ANEW = "send_anew"
    """Sign on, then seal and send it under a new STAN."""

    UNCLEAR = "unclear"
    """Open from now on: repeat, reverse or leave to people. So are the next four, which say why."""
    IN_PART = "in_part"
    BAD_MAC = "bad_mac"
    """And sign on before the next message."""
    SILENT = "silent"
    LOST = "lost"

    STAY = "stay"
    """It was open and stays so, for the cause that it had."""
    STAY_SIGN_ON = "stay_sign_on"
    """And sign on before the next message."""
    IGNORE = "ignore"
    """It changes nothing."""

    @property
    def concludes(self) -> bool:
        """Whether it is the refund's outcome."""
        return self in _STATES

    @property
    def accepts(self) -> bool:
        return _STATES.get(self) is State.ACCEPTED

    @property
    def declines(self) -> bool:
        return _STATES.get(self) is State.DECLINED

    @property
    def overpays(self) -> bool:
        return _STATES.get(self) is State.OVERPAID

    @property
    def in_part(self) -> bool:
        """Whether the amount is the answer's, not the one that was asked for."""
        return self in (Step.ACCEPT_PART, Step.OVERPAID_PART)

    @property
    def sends_again(self) -> bool:
        return self in (Step.SEND_SAME, Step.SEND_ANEW)

    @property
    def signs_on(self) -> bool:
        """Whether the session is to sign on before its next message."""
        return self in (Step.BAD_MAC, Step.STAY_SIGN_ON)


class Remedy(StrEnum):
    """How an unknown outcome is brought to an end (R32)."""

    REPEAT = "repeat"
    """The identical request again: the acquirer promises to pay it once."""
    REVERSE = "reverse"
    """0400 until it is acknowledged."""
    CASE = "case"
    """By the acquirer's file or by people."""


class Terms(Struct, frozen=True):
    """What the acquirer promises, out of its profile."""

    repeat_identical: bool = False
    """The identical message is paid once."""
    duplicate_means_accepted: bool = False
    """94 on a repeat says that the first one was accepted."""
    declines_without_mac: bool = False
    """A decline that carries no MAC at all is believed. A wrong MAC never is."""
    void_reversible: bool = True


class Answered(Struct, frozen=True, kw_only=True):
    """All that counts of one answer."""

    sending: Sending
    state: State
    """Of the refund, when the answer is looked at."""
    meaning: Meaning
    """As the profile's table gives it for this sending."""
    trust: Trust = Trust.VALID
    turn: Turn = Turn.FIRST
    possible: bool = True
    """Whether the amount that it names can be: 0 < amount <= asked."""
    terms: Terms = Terms()


_ACCEPTING: Final = frozenset({Meaning.ACCEPT, Meaning.ACCEPT_PARTIAL, Meaning.ACCEPT_FLAGGED})
_DECLINING: Final = frozenset(
    {
        Meaning.DECLINE,
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

_STATES: Final[Mapping[Step, State]] = {
    Step.ACCEPT: State.ACCEPTED,
    Step.ACCEPT_PART: State.ACCEPTED,
    Step.ACCEPT_FLAGGED: State.ACCEPTED,
    Step.DECLINE: State.DECLINED,
    Step.DECLINE_KEPT: State.DECLINED,
    Step.DECLINE_STOP_TRADING: State.DECLINED,
    Step.DECLINE_NO_TENDER: State.DECLINED,
    Step.DECLINE_OFFER_REFUND: State.DECLINED,
    Step.DECLINE_RESYNC: State.DECLINED,
    Step.NOT_SENT: State.NOT_SENT,
    Step.REVERSED: State.REVERSED,
    Step.OVERPAID: State.OVERPAID,
    Step.OVERPAID_PART: State.OVERPAID,
}
_OPENS: Final = frozenset({Step.UNCLEAR, Step.IN_PART, Step.BAD_MAC, Step.SILENT, Step.LOST})


# --- what is believed -----------------------------------------------------------------------------


def understood(meaning: Meaning, sending: Sending, trust: Trust, terms: Terms) -> Meaning:
    """What may be believed: one of the meanings that ``TABLE`` has for this sending."""
    known = meaning if can_be(sending, meaning) else Meaning.UNKNOWN
    promised = _promised(known, sending, terms)
    if trust is Trust.VALID or meaning in _SILENCES:
        return promised
    believed = trust is Trust.MISSING and terms.declines_without_mac
    return promised if believed and promised.declines else Meaning.UNTRUSTED


def _promised(meaning: Meaning, sending: Sending, terms: Terms) -> Meaning:
    """What depends on a promise of the acquirer counts as it promised, or is unknown."""
    if meaning is Meaning.DEFINITE:
        return Meaning.DECLINE if sending in _FIRST else Meaning.UNKNOWN
    if meaning is Meaning.DUPLICATE:
        return Meaning.ACCEPT_FLAGGED if terms.duplicate_means_accepted else Meaning.UNKNOWN
    if sending is Sending.REPEAT and meaning.declines and not terms.repeat_identical:
        return Meaning.UNKNOWN
    return meaning


# --- what is done ---------------------------------------------------------------------------------


class Place(StrEnum):
    """Where an answer meets its refund: the columns of the table."""

    FIRST = "first"
    SECOND = "second"
    LATE = "late"
    REPEAT = "repeat"
    REVERSAL = "reversal"
    GIVEN_UP = "given_up"
    """It was said not to be paid: only an approval changes anything."""
    OVER = "over"
    """It has its outcome, or its reversal is owed: nothing changes it."""


_CONCLUDES: Final[Mapping[Meaning, Step]] = {
    Meaning.ACCEPT: Step.ACCEPT,
    Meaning.ACCEPT_PARTIAL: Step.ACCEPT_PART,
    Meaning.ACCEPT_FLAGGED: Step.ACCEPT_FLAGGED,
    Meaning.DECLINE: Step.DECLINE,
    Meaning.DECLINE_KEPT: Step.DECLINE_KEPT,
    Meaning.DECLINE_STOP_TRADING: Step.DECLINE_STOP_TRADING,
    Meaning.DECLINE_NO_TENDER: Step.DECLINE_NO_TENDER,
    Meaning.DECLINE_OFFER_REFUND: Step.DECLINE_OFFER_REFUND,
    Meaning.DECLINE_RESYNC: Step.DECLINE_RESYNC,
}
_OPEN_NOW: Final[Mapping[Meaning, Step]] = {
    Meaning.UNKNOWN: Step.UNCLEAR,
    Meaning.IN_PART: Step.IN_PART,
    Meaning.UNTRUSTED: Step.BAD_MAC,
    Meaning.NOT_SENT: Step.NOT_SENT,
    Meaning.SILENT: Step.SILENT,
    Meaning.LOST: Step.LOST,
}
_STAYS_OPEN: Final[Mapping[Meaning, Step]] = {
    Meaning.UNKNOWN: Step.STAY,
    Meaning.IN_PART: Step.STAY,
    Meaning.UNTRUSTED: Step.STAY_SIGN_ON,
    Meaning.SIGN_ON_SAME_STAN: Step.STAY_SIGN_ON,
    Meaning.SIGN_ON_NEW_STAN: Step.STAY_SIGN_ON,
    Meaning.NOT_SENT: Step.STAY,
    Meaning.SILENT: Step.STAY,
    Meaning.LOST: Step.STAY,
}

TABLE: Final[Mapping[Place, Mapping[Meaning, Step]]] = {
    Place.FIRST: {
        **_CONCLUDES,
        **_OPEN_NOW,
        Meaning.SIGN_ON_SAME_STAN: Step.SEND_SAME,
        Meaning.SIGN_ON_NEW_STAN: Step.SEND_ANEW,
    },
    # the acquirer only asked for a sign-on, and that did not help
    Place.SECOND: {
        **_CONCLUDES,
        **_OPEN_NOW,
        Meaning.SIGN_ON_SAME_STAN: Step.DECLINE,
        Meaning.SIGN_ON_NEW_STAN: Step.DECLINE,
    },
    # "sign on" to a first send says that it was not accepted
    Place.LATE: {
        **_CONCLUDES,
        **_STAYS_OPEN,
        Meaning.SIGN_ON_SAME_STAN: Step.DECLINE,
        Meaning.SIGN_ON_NEW_STAN: Step.DECLINE,
    },
    Place.REPEAT: {**_CONCLUDES, **_STAYS_OPEN},
    Place.REVERSAL: {**_STAYS_OPEN, Meaning.CLOSED: Step.REVERSED},
    Place.GIVEN_UP: {
        Meaning.ACCEPT: Step.OVERPAID,
        Meaning.ACCEPT_PARTIAL: Step.OVERPAID_PART,
        Meaning.ACCEPT_FLAGGED: Step.OVERPAID,
    },
    Place.OVER: {},
}

_PLACES: Final[Mapping[tuple[Sending, State], Place]] = {
    (Sending.REFUND, State.SEALED): Place.FIRST,
    (Sending.VOID, State.SEALED): Place.FIRST,
    (Sending.REPEAT, State.SEALED): Place.REPEAT,
    (Sending.REFUND, State.UNKNOWN): Place.LATE,
    (Sending.REPEAT, State.UNKNOWN): Place.REPEAT,
    (Sending.REVERSAL, State.REVERSING): Place.REVERSAL,
    # (VOID, REVERSING) is none of them: once its 0400 is owed, its late 0210 is ignored
    (Sending.REFUND, State.GIVEN_UP): Place.GIVEN_UP,
    (Sending.VOID, State.GIVEN_UP): Place.GIVEN_UP,
    (Sending.REPEAT, State.GIVEN_UP): Place.GIVEN_UP,
}
_TURNS: Final = {Turn.FIRST: Place.FIRST, Turn.SECOND: Place.SECOND, Turn.LATE: Place.LATE}


def step(answered: Answered) -> Step:
    """What is done with this answer. What the table has not changes nothing."""
    meaning = understood(answered.meaning, answered.sending, answered.trust, answered.terms)
    if meaning is Meaning.ACCEPT_PARTIAL and not answered.possible:
        meaning = Meaning.UNKNOWN
    return TABLE[place(answered.sending, answered.state, answered.turn)].get(meaning, Step.IGNORE)


def place(sending: Sending, state: State, turn: Turn = Turn.FIRST) -> Place:
    """Where an answer to this meets a refund in that state."""
    found = _PLACES.get((sending, state), Place.OVER)
    return _TURNS[turn] if found is Place.FIRST else found


def first_sending(kind: Kind) -> Sending:
    return Sending.VOID if kind is Kind.VOID else Sending.REFUND


def open_state(kind: Kind) -> State:
    """The state of a refund whose outcome is unknown."""
    return State.REVERSING if kind is Kind.VOID else State.UNKNOWN


def state_after(step: Step, kind: Kind) -> State | None:
    """Where the step leads; None where the state stays."""
    return open_state(kind) if step in _OPENS else _STATES.get(step)


def remedy(kind: Kind, terms: Terms) -> Remedy:
    """A refund is never reversed, a void is never repeated."""
    if kind is Kind.VOID:
        return Remedy.REVERSE if terms.void_reversible else Remedy.CASE
    return Remedy.REPEAT if terms.repeat_identical else Remedy.CASE


def moves() -> Iterator[tuple[State, State, Sending, Meaning]]:
    """Every change of state that an answer can make, for the diagram and its test."""
    for (sending, state), turn in product(_PLACES, Turn):
        kind = Kind.VOID if sending in (Sending.VOID, Sending.REVERSAL) else Kind.REFUND
        for meaning, done in TABLE[place(sending, state, turn)].items():
            after = state_after(done, kind)
            if after is not None and can_be(sending, meaning):
                yield state, after, sending, meaning


def can_be(sending: Sending, meaning: Meaning) -> bool:
    """Whether an answer to that, or its silence, can mean this; what can't be is UNKNOWN."""
    if meaning is Meaning.IN_PART:
        return sending is Sending.VOID
    made = _SILENCES | {Meaning.UNTRUSTED, Meaning.DEFINITE}
    return meaning in made or meaning in SAYABLE[sending]
