"""A payment that a clerk typed: a supervisor looks at the receipt (R7). Always on.

Two supervisors where the till told of payments that it might have been, and somebody said that it
is none of them: when it was typed, or when money is to go back of it or of one of those. And where
no till has told of the payment and its money is to go to something else than the card: nobody but a
clerk says that there was one, and no acquirer is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, Protocol

from msgspec import Struct

from pos_terminal.core.decision import Answer, Phase, StoredVerdict, Verdict, allow
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.sale import SaleOrigin, TenderKind
from pos_terminal.core.words import Value


class Against(StrEnum):
    TYPED = "typed"
    NONE_OF_THEM = "none_of_them"
    PERHAPS_ANOTHER = "perhaps_another"
    NOT_TO_ITS_CARD = "not_to_its_card"


class Other(Struct, frozen=True):
    """A sale that may be the same payment, as far as the ledger can say."""

    key: int
    name: str


class Past(Protocol):
    def perhaps_another(self, sale_key: int, leg: int) -> Sequence[Other]:
        """Sales that may have the payment of this leg, one typed and one told; by their keys."""


_CHECKED: Final = frozenset({Kind.REFUND, Kind.VOID, Kind.MANUAL})
"""Whoever pays these looks for the payment first."""
_BY: Final = {
    1: (Answer.ASK_SUPERVISOR, Against.TYPED),
    2: (Answer.ASK_TWO, Against.NONE_OF_THEM),
}


def asks(params: Params, facts: Facts, past: Past) -> Sequence[Other]:
    card = facts.tender.kind is TenderKind.CARD
    return past.perhaps_another(facts.sale.key, facts.tender.leg) if card else ()


def judge(params: Params, facts: Facts, others: Sequence[Other]) -> Verdict:
    typed = facts.tender.typed
    if others:
        figures: dict[str, Value] = {"typed": 2, "others": keys_of(others)}
        told: dict[str, Value] = {"others": ", ".join(one.name for one in others)}
        return Verdict("typed", Answer.ASK_TWO, Against.PERHAPS_ANOTHER, figures, told)
    if not typed:
        return allow("typed", {"typed": typed})
    answer, against = _BY[typed]
    unheard_of = facts.sale.origin is SaleOrigin.TYPED
    if unheard_of and facts.kind not in _CHECKED and answer is not Answer.ASK_TWO:
        answer, against = Answer.ASK_TWO, Against.NOT_TO_ITS_CARD
    return Verdict("typed", answer, against, {"typed": typed})


def keys_of(others: Sequence[Other]) -> str:
    """As it is stored with an application: that they were thought of."""
    return " ".join(str(one.key) for one in others)


def asked_about(verdicts: Iterable[Verdict | StoredVerdict]) -> str:
    """The sales that these were given in sight of, as ``keys_of`` has them; the last ones where it
    was asked again, or nothing."""
    found = [one.figures["others"] for one in verdicts if "others" in one.figures and _own(one)]
    return str(found[-1]) if found else ""


def _own(verdict: Verdict | StoredVerdict) -> bool:
    return verdict.rule == RULE.name


def thought_of(stored: str, others: Sequence[Other]) -> bool:
    """Whether people were asked about all of these."""
    return {str(one.key) for one in others} <= set(stored.split())


def may_deny(params: Params) -> bool:
    return False


RULE = Rule("typed", Phase.BEFORE_CARD, Params, Against, judge, asks, denies=may_deny, fixed=True)
