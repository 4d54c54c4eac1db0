"""The words for what the domain knows by codes of its own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pos_terminal.core.cause import Cause
from pos_terminal.core.decision import Verdict
from pos_terminal.core.eligibility import Choice
from pos_terminal.core.refund import Kind
from pos_terminal.core.said import Said
from pos_terminal.core.scan_goods import Missed
from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import Value, Words, say
from pos_terminal.texts import next_step, words_if_known

_ELSEWHERE: Final[Mapping[Cause, str]] = {
    Cause.VOID_REFUSED: "eligibility.void_refused",
    Cause.CARD_REFUSED: "rules.card_refused",
}
"""Those that are told in another place as well; the others are about the line."""
_BY_THE_ACQUIRER: Final[Mapping[str, str]] = {
    Unfit.TOO_MANY_REFUNDS: "host.too_many_refunds",
    Unfit.ACQUIRER_TOO_OLD: "host.too_old",
}
"""Told in the same words where it is found before a message only."""
_UNFIT: Final = frozenset(one.value for one in Unfit)


def of_cause(cause: Cause) -> Words:
    """What the person reads of it."""
    return say(_ELSEWHERE.get(cause, f"host.{cause.value}"))


def of_answer(said: Said) -> Words:
    """What the person reads of the acquirer's answer."""
    return say(f"response.{said.value}")


def of_objection(against: str, told: Mapping[str, Value] = MappingProxyType({})) -> Words:
    """What a rule has against a refund, now or as it was stored."""
    if against in _BY_THE_ACQUIRER:
        return Words(_BY_THE_ACQUIRER[against], told)
    return Words(f"flows.{against}" if against in _UNFIT else f"rules.{against}", told)


def of_missed(missed: Missed, **told: Value) -> Words:
    """Why a scan of goods takes nothing."""
    return Words(f"goods.{missed.value}", told)


def of_verdict(verdict: Verdict) -> Words:
    """What it has against it. ValueError where that is nothing."""
    if verdict.against is None:
        raise ValueError(f"{verdict.rule} has nothing against it")
    return of_objection(verdict.against, verdict.told)


def of_choice(choice: Choice) -> Words:
    """Why it is a void, a refund, cash or store credit."""
    return Words(f"eligibility.{choice.because}", choice.told)


def of_holder(kind: Kind) -> Words:
    """How a refund is called where it goes to who has the gift receipt."""
    return say("flows.gift_leg" if kind is Kind.CREDIT else "flows.gift_holder")


def after_answer(said: Said, *, refund_instead: bool = False) -> Words | None:
    """What to do next; a void that is refused may be possible as a refund."""
    words = of_answer(said)
    instead = words_if_known(f"{words.code}_void_next") if refund_instead else None
    return instead or next_step(words)


OF_THE_LINE: Final[Mapping[str, str]] = {
    "host.not_sent": "host.no_line",
    "host.line_dropped": "host.line_ended",
    "host.silent": "host.no_reply",
    "host.identity": "host.not_proven",
    "host.dropped_at_once": "host.dropped_at_once",
    "host.sign_on_refused": "host.no_sign_on",
}
"""Failures of a refund that are the line's: what it is called where nobody wants money back."""


def of_the_line(words: Words) -> Words:
    """The same, saying nothing of a refund."""
    return Words(OF_THE_LINE.get(words.code, words.code), words.values)
