"""What is done with an answer, and what each of these actions leads to."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import Kind, State


class Action(StrEnum):
    """What is done with it."""

    ACCEPT = "accept"
    ACCEPT_PART = "accept_part"
    ACCEPT_FLAGGED = "accept_flagged"
    DECLINE = "decline"
    DECLINE_ACCOUNT = "decline_account"
    DECLINE_KEPT = "decline_kept"
    DECLINE_STOP_TRADING = "decline_stop_trading"
    DECLINE_NO_TENDER = "decline_no_tender"
    DECLINE_OFFER_REFUND = "decline_offer_refund"
    DECLINE_RESYNC = "decline_resync"
    NOT_SENT = "not_sent"
    REVERSED = "reversed"
    OVERPAID = "overpaid"
    OVERPAID_PART = "overpaid_part"
    CONTRADICTED = "contradicted"
    """Approved after a decline: a case, and the sale is locked; the refund stays as it is."""
    CONTRADICTED_PART = "contradicted_part"

    SEND_SAME = "send_same"
    """Sign on, then the same again; a new batch makes it SEND_ANEW."""
    SEND_ANEW = "send_anew"
    """Sign on, then seal and send it under a new STAN."""
    SEND_BELIEVED = "send_believed"
    """Sign on, then the same again in the same batch only: what asked for it had no MAC, and a new
    STAN could pay twice."""

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
    STILL_OWED = "still_owed"
    """An answer to the reversal that does not close it; the next two sign on before the next."""
    STILL_OWED_SIGN_ON = "still_owed_sign_on"
    STILL_OWED_BAD_MAC = "still_owed_bad_mac"
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
    def contradicts(self) -> bool:
        return self in (Action.CONTRADICTED, Action.CONTRADICTED_PART)

    @property
    def in_part(self) -> bool:
        """Whether the amount is the answer's, not the one that was asked for."""
        return self in (Action.ACCEPT_PART, Action.OVERPAID_PART, Action.CONTRADICTED_PART)

    @property
    def flagged(self) -> bool:
        """Whether it is accepted with a defect: to be looked at in reconciliation."""
        return self in (Action.ACCEPT_PART, Action.ACCEPT_FLAGGED)

    @property
    def keeps(self) -> bool:
        """Whether the declined application stays open and comes up again."""
        return self is Action.DECLINE_KEPT

    @property
    def cause(self) -> Cause | None:
        """What is kept with the refund, where the action has anything to say of it."""
        return _CAUSES.get(self)

    @property
    def unsent(self) -> Cause:
        """The cause where the STAN is burnt: of NOT_SENT, and of what SEND_ANEW leaves behind."""
        return _UNSENT[self]

    @property
    def sends_again(self) -> bool:
        return self in (Action.SEND_SAME, Action.SEND_ANEW, Action.SEND_BELIEVED)

    @property
    def signs_on(self) -> bool:
        """Whether the session is to sign on before its next message."""
        return self in _SIGN_ON


class Remedy(StrEnum):
    """How an unknown outcome is brought to an end (R32)."""

    REPEAT = "repeat"
    """The identical request again: the acquirer promises to pay it once."""
    REVERSE = "reverse"
    """0400 until it is acknowledged."""
    CASE = "case"
    """By the acquirer's file or by people."""


class ReversalReason(StrEnum):
    """Why a void is taken back, as its 0400 says it in field 39."""

    NO_ANSWER = "no_answer"
    BAD_MAC = "bad_mac"
    OTHER = "other"


_STATES: Final[Mapping[Action, State]] = {
    Action.ACCEPT: State.ACCEPTED,
    Action.ACCEPT_PART: State.ACCEPTED,
    Action.ACCEPT_FLAGGED: State.ACCEPTED,
    Action.DECLINE: State.DECLINED,
    Action.DECLINE_ACCOUNT: State.DECLINED,
    Action.DECLINE_KEPT: State.DECLINED,
    Action.DECLINE_STOP_TRADING: State.DECLINED,
    Action.DECLINE_NO_TENDER: State.DECLINED,
    Action.DECLINE_OFFER_REFUND: State.DECLINED,
    Action.DECLINE_RESYNC: State.DECLINED,
    Action.NOT_SENT: State.NOT_SENT,
    Action.REVERSED: State.REVERSED,
    Action.OVERPAID: State.OVERPAID,
    Action.OVERPAID_PART: State.OVERPAID,
}
_OPENS: Final = frozenset(
    {Action.UNCLEAR, Action.IN_PART, Action.BAD_MAC, Action.SILENT, Action.LOST}
)
_SIGN_ON: Final = frozenset(
    {
        Action.BAD_MAC,
        Action.STAY_SIGN_ON,
        Action.STILL_OWED_SIGN_ON,
        Action.STILL_OWED_BAD_MAC,
    }
)
_UNSENT: Final[Mapping[Action, Cause]] = {
    Action.NOT_SENT: Cause.LINE_DROPPED,
    Action.SEND_ANEW: Cause.NEW_BATCH,
}
#: why an outcome is not known or nothing was sent, or what a decline forbids or opens from now on
_CAUSES: Final[Mapping[Action, Cause]] = {
    **_UNSENT,
    Action.UNCLEAR: Cause.UNCLEAR,
    Action.IN_PART: Cause.VOID_IN_PART,
    Action.BAD_MAC: Cause.BAD_MAC,
    Action.SILENT: Cause.NO_ANSWER,
    Action.LOST: Cause.LINE_LOST,
    Action.STILL_OWED: Cause.NOT_REVERSED,
    Action.STILL_OWED_SIGN_ON: Cause.NOT_REVERSED,
    Action.STILL_OWED_BAD_MAC: Cause.BAD_MAC,
    Action.DECLINE_ACCOUNT: Cause.ACCOUNT_REFUSED,
    Action.DECLINE_OFFER_REFUND: Cause.VOID_REFUSED,
    Action.DECLINE_NO_TENDER: Cause.CARD_REFUSED,
}
_REASONS: Final[Mapping[Cause, ReversalReason]] = {
    Cause.BAD_MAC: ReversalReason.BAD_MAC,
    Cause.VOID_IN_PART: ReversalReason.OTHER,
    Cause.NOT_REVERSED: ReversalReason.OTHER,
}


def open_state(kind: Kind) -> State:
    """The state of a refund whose outcome is unknown."""
    return State.REVERSING if kind is Kind.VOID else State.UNKNOWN


def state_after(action: Action, kind: Kind) -> State | None:
    """Where the action leads; None where the state stays."""
    return open_state(kind) if action in _OPENS else _STATES.get(action)


def reversal_reason(cause: Cause) -> ReversalReason:
    """What the 0400 of a void says that is open for this."""
    return _REASONS.get(cause, ReversalReason.NO_ANSWER)
