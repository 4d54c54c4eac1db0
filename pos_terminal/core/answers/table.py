"""The whole table: what is done with an answer, by what was sent and the state of the refund."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import product
from typing import Final

from msgspec import Struct

from pos_terminal.core.answers.actions import Action, Remedy, state_after
from pos_terminal.core.answers.meaning import Meaning, Sending, Terms, Trust, can_be, understood
from pos_terminal.core.refund import Kind, State


class Turn(StrEnum):
    """Which answer to a first send; a repeat and a reversal have one kind only."""

    FIRST = "first"
    """In time; the request may go out once more after a sign-on."""
    SECOND = "second"
    """In time, and it went out again already, or can't."""
    UNPROVEN = "unproven"
    """The same, where only an answer without a MAC had said that the first was not taken."""
    LATE = "late"
    """Nobody waited for it any more."""


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
    """Whether the amount that it names can be: the one asked for, or of ACCEPT_PARTIAL some of
    it."""
    terms: Terms = Terms()


class Place(StrEnum):
    """Where an answer meets its refund: the columns of the table."""

    FIRST = "first"
    SECOND = "second"
    UNPROVEN = "unproven"
    LATE = "late"
    REPEAT = "repeat"
    REVERSAL = "reversal"
    GIVEN_UP = "given_up"
    """It was said not to be paid: only an approval changes anything."""
    REFUSED = "refused"
    """It was declined, or surely not taken: only an approval says anything, and contradicts it."""
    OVER = "over"
    """It has its outcome, or its reversal is owed: nothing changes it."""


_CONCLUDES: Final[Mapping[Meaning, Action]] = {
    Meaning.ACCEPT: Action.ACCEPT,
    Meaning.ACCEPT_PARTIAL: Action.ACCEPT_PART,
    Meaning.ACCEPT_FLAGGED: Action.ACCEPT_FLAGGED,
    Meaning.DECLINE: Action.DECLINE,
    Meaning.DECLINE_ACCOUNT: Action.DECLINE_ACCOUNT,
    Meaning.DECLINE_KEPT: Action.DECLINE_KEPT,
    Meaning.DECLINE_STOP_TRADING: Action.DECLINE_STOP_TRADING,
    Meaning.DECLINE_NO_TENDER: Action.DECLINE_NO_TENDER,
    Meaning.DECLINE_OFFER_REFUND: Action.DECLINE_OFFER_REFUND,
    Meaning.DECLINE_RESYNC: Action.DECLINE_RESYNC,
}
_OPEN_NOW: Final[Mapping[Meaning, Action]] = {
    Meaning.UNKNOWN: Action.UNCLEAR,
    Meaning.IN_PART: Action.IN_PART,
    Meaning.UNTRUSTED: Action.BAD_MAC,
    Meaning.NOT_SENT: Action.NOT_SENT,
    Meaning.SILENT: Action.SILENT,
    Meaning.LOST: Action.LOST,
}
_STAYS_OPEN: Final[Mapping[Meaning, Action]] = {
    Meaning.UNKNOWN: Action.STAY,
    Meaning.IN_PART: Action.STAY,
    Meaning.UNTRUSTED: Action.STAY_SIGN_ON,
    Meaning.SIGN_ON_SAME_STAN: Action.STAY_SIGN_ON,
    Meaning.SIGN_ON_NEW_STAN: Action.STAY_SIGN_ON,
    Meaning.SIGN_ON_UNPROVEN: Action.STAY_SIGN_ON,
    Meaning.NOT_SENT: Action.STAY,
    Meaning.SILENT: Action.STAY,
    Meaning.LOST: Action.STAY,
}

TABLE: Final[Mapping[Place, Mapping[Meaning, Action]]] = {
    Place.FIRST: {
        **_CONCLUDES,
        **_OPEN_NOW,
        Meaning.SIGN_ON_SAME_STAN: Action.SEND_SAME,
        Meaning.SIGN_ON_NEW_STAN: Action.SEND_ANEW,
        Meaning.SIGN_ON_UNPROVEN: Action.SEND_BELIEVED,
    },
    # the acquirer only asked for a sign-on, and that did not help
    Place.SECOND: {
        **_CONCLUDES,
        **_OPEN_NOW,
        Meaning.SIGN_ON_SAME_STAN: Action.DECLINE,
        Meaning.SIGN_ON_NEW_STAN: Action.DECLINE,
        Meaning.SIGN_ON_UNPROVEN: Action.BAD_MAC,
    },
    # whether the first was taken is only believed: what would say that it was, or asks for a
    # sign-on once more, leaves it open
    Place.UNPROVEN: {
        **_CONCLUDES,
        **_OPEN_NOW,
        Meaning.DECLINE_RESYNC: Action.UNCLEAR,
        Meaning.SIGN_ON_SAME_STAN: Action.UNCLEAR,
        Meaning.SIGN_ON_NEW_STAN: Action.UNCLEAR,
        Meaning.NOT_SENT: Action.LOST,
        Meaning.SIGN_ON_UNPROVEN: Action.BAD_MAC,
    },
    # "sign on" to a first send says that it was not accepted
    Place.LATE: {
        **_CONCLUDES,
        **_STAYS_OPEN,
        Meaning.SIGN_ON_SAME_STAN: Action.DECLINE,
        Meaning.SIGN_ON_NEW_STAN: Action.DECLINE,
    },
    Place.REPEAT: {**_CONCLUDES, **_STAYS_OPEN},
    # what its next 0400 says in field 39 depends on it: only silence leaves that as it was
    Place.REVERSAL: {
        **_STAYS_OPEN,
        Meaning.CLOSED: Action.REVERSED,
        Meaning.UNKNOWN: Action.STILL_OWED,
        Meaning.SIGN_ON_SAME_STAN: Action.STILL_OWED_SIGN_ON,
        Meaning.SIGN_ON_NEW_STAN: Action.STILL_OWED_SIGN_ON,
        Meaning.UNTRUSTED: Action.STILL_OWED_BAD_MAC,
    },
    Place.GIVEN_UP: {
        Meaning.ACCEPT: Action.OVERPAID,
        Meaning.ACCEPT_PARTIAL: Action.OVERPAID_PART,
        Meaning.ACCEPT_FLAGGED: Action.OVERPAID,
    },
    Place.REFUSED: {
        Meaning.ACCEPT: Action.CONTRADICTED,
        Meaning.ACCEPT_PARTIAL: Action.CONTRADICTED_PART,
        Meaning.ACCEPT_FLAGGED: Action.CONTRADICTED,
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
    (Sending.REFUND, State.DECLINED): Place.REFUSED,
    (Sending.VOID, State.DECLINED): Place.REFUSED,
    (Sending.REPEAT, State.DECLINED): Place.REFUSED,
    (Sending.REFUND, State.NOT_SENT): Place.REFUSED,
    (Sending.VOID, State.NOT_SENT): Place.REFUSED,
    # (VOID, REVERSED) is not: its 0410 may overtake the 0210 of what was taken back
}
_TURNS: Final = {
    Turn.FIRST: Place.FIRST,
    Turn.SECOND: Place.SECOND,
    Turn.UNPROVEN: Place.UNPROVEN,
    Turn.LATE: Place.LATE,
}


def action(answered: Answered) -> Action:
    """What is done with this answer. What the table has not changes nothing."""
    meaning = understood(answered.meaning, answered.sending, answered.trust, answered.terms)
    if meaning.accepts and not answered.possible:
        meaning = Meaning.UNKNOWN
    return TABLE[place(answered.sending, answered.state, answered.turn)].get(meaning, Action.IGNORE)


def place(sending: Sending, state: State, turn: Turn = Turn.FIRST) -> Place:
    """Where an answer to this meets a refund in that state."""
    found = _PLACES.get((sending, state), Place.OVER)
    return _TURNS[turn] if found is Place.FIRST else found


def first_sending(kind: Kind) -> Sending:
    return Sending.VOID if kind is Kind.VOID else Sending.REFUND


def late_sending(kind: Kind, *, reversal: bool, again: bool) -> Sending:
    """What an answer answers that nobody waited for.

    ``reversal``: its message type answers a 0400. ``again``: more than the first send went out;
    of a void those are its reversals, so any other answer is one to its first send.
    """
    if reversal:
        return Sending.REVERSAL
    return Sending.REPEAT if again and kind is not Kind.VOID else first_sending(kind)


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
