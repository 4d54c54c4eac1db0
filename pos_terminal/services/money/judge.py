"""Asks the table of ``core.answers`` what an answer to this refund means, or its silence."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.answers import (
    Action,
    Answered,
    Meaning,
    Sending,
    Turn,
    action,
    late_sending,
)
from pos_terminal.core.refund import Refund
from pos_terminal.services.host.link import NoAnswer, NotSent, Silence
from pos_terminal.services.host.session import Reply
from pos_terminal.wire.iso8583.profile import Function, Profile

_SILENCES: Final = {Silence.TIMEOUT: Meaning.SILENT, Silence.LOST: Meaning.LOST}


def judge(
    profile: Profile, refund: Refund, sending: Sending, reply: Reply, turn: Turn = Turn.FIRST
) -> Action:
    """What is done with the answer, whatever it says."""
    answered = Answered(
        sending=sending,
        state=refund.state,
        meaning=profile.meaning(reply.code, sending),
        trust=reply.trust,
        turn=turn,
        possible=_possible(profile, refund, sending, reply),
        terms=profile.terms,
    )
    return action(answered)


def _possible(profile: Profile, refund: Refund, sending: Sending, reply: Reply) -> bool:
    """Whether the amount can be what this answer says of it, in this column: whose row means a
    part on a first send may mean the whole on a repeat, and then has to name it."""
    named = reply.message.get(4)
    meaning = profile.meaning(reply.code, sending)
    if meaning is Meaning.DUPLICATE and named is None:
        return True
    if meaning is Meaning.ACCEPT_PARTIAL:
        return 0 < amount_of(reply) <= refund.amount
    return amount_of(reply) == refund.amount


def judge_late(profile: Profile, refund: Refund, reply: Reply, *, again: bool) -> Action:
    """What is done with an answer that nobody waited for; ``again``: something was sent again."""
    reversal = reply.message.mti == profile.messages[Function.REVERSAL].answer
    sending = late_sending(refund.kind, reversal=reversal, again=again)
    return judge(profile, refund, sending, reply, Turn.LATE)


def judge_silence(
    refund: Refund, sending: Sending, silence: NotSent | NoAnswer, turn: Turn = Turn.FIRST
) -> Action:
    """What is done where no answer came."""
    meaning = Meaning.NOT_SENT
    if isinstance(silence, NoAnswer):
        meaning = _SILENCES[silence.silence]
    return action(Answered(sending=sending, state=refund.state, meaning=meaning, turn=turn))


def amount_of(reply: Reply) -> int:
    """Minor units that the answer names; 0 where it names none."""
    return int(reply.message.get(4) or 0)
