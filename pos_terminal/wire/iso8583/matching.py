"""Whether an answer belongs to a request: MTI, 11, 41, 42, 60.2, the amount and the card, and
whatever of 3, 25, 49 and 61 it names.

Which amount it may name depends on what its code means: ``core.answers.may_name``.
41, 11 and 4 bind always; 42 binds too, but a decline may leave it out. Answers may leave out 3,
25, 49, 60 and 61; what they name of them is the request's: the operation, the currency of the
amount, the batch, the original. Field 37 of an answer is the refund's own RRN and is not matched,
nor is 38. The MAC is checked apart, by ``Codec.trust``.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from pos_terminal.core.answers import Sending, may_name

from .message import Message
from .profile import Function, Profile

_SAME: Final = (11, 41, 42)
_OF_AN_ACCEPTANCE: Final = 42
_IF_NAMED: Final = (3, 25, 49, 61)


class Mismatch(Struct, frozen=True):
    """Where an answer differs from its request. A card number is told masked."""

    what: str
    """``mti`` or a field number, ``60.2`` for the batch."""
    expected: str
    got: str | None


def answer_mti(profile: Profile, request: Message) -> str | None:
    """The MTI that answers this request; None for a request not in the message table."""
    return _answer_mti(profile, profile.function(request), request)


def _answer_mti(profile: Profile, function: Function | None, request: Message) -> str | None:
    if function is None:
        return None
    rule = profile.messages[function]
    if request.mti == rule.request:
        return rule.answer
    return rule.repeat_answer or rule.answer


def matches(profile: Profile, request: Message, answer: Message) -> Mismatch | None:
    """None where ``answer`` is the answer to ``request``, otherwise the first difference."""
    function = profile.function(request)
    expected = _answer_mti(profile, function, request)
    if expected is None or answer.mti != expected:
        return Mismatch("mti", expected or "?", answer.mti)
    for number in _SAME:
        asked, got = request.get(number), answer.get(number)
        left_out = got is None and number == _OF_AN_ACCEPTANCE
        if asked is None or asked == got or (left_out and _declines(profile, answer)):
            continue
        return Mismatch(str(number), asked, got)
    for number in _IF_NAMED:
        asked, got = request.get(number), answer.get(number)
        if None not in (asked, got) and asked != got:
            return Mismatch(str(number), asked or "", got)
    return (
        _batch(profile, function, request, answer)
        or _amount(profile, function, request, answer)
        or _card(request, answer)
    )


def _card(request: Message, answer: Message) -> Mismatch | None:
    """An answer under a wrong STAN may come when that number is another refund's."""
    if None in (request.get(2), answer.get(2)) or request.get(2) == answer.get(2):
        return None
    return Mismatch("2", request.shown()["2"], answer.shown()["2"])


def _declines(profile: Profile, answer: Message) -> bool:
    return profile.response(answer.get(39), Sending.REFUND).declines


def _batch(
    profile: Profile, function: Function | None, request: Message, answer: Message
) -> Mismatch | None:
    if answer.get(60) is None or (function and profile.messages[function].new_batch):
        return None
    asked = profile.parts_60(request).get("batch")
    got = profile.parts_60(answer).get("batch")
    return None if asked is None or asked == got else Mismatch("60.2", asked, got)


def _amount(
    profile: Profile, function: Function | None, request: Message, answer: Message
) -> Mismatch | None:
    asked, got = request.get(4), answer.get(4)
    if asked is None:
        return None
    # a repeat and a reversal are held against the same column: it is the original's amount
    sending = Sending.VOID if function is Function.VOID else Sending.REFUND
    meaning = profile.response(answer.get(39), sending)
    fits = may_name(meaning, int(asked), None if got is None else int(got))
    return None if fits else Mismatch("4", asked, got)
