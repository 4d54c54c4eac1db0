"""Tills say that an exchange credit paid what they did not take of it (R37): until that case is
closed a supervisor looks before its rest, or what of it stayed in its sale, goes back. Always on.

Goods may have gone out for this money already."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, Protocol

from msgspec import Struct

from pos_terminal.core.decision import Answer, Phase, StoredVerdict, Verdict, allow
from pos_terminal.core.money import format_amount
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.words import Value


class Against(StrEnum):
    TOLD_NOT_TAKEN = "told_not_taken"
    PERHAPS_TOLD = "perhaps_told"
    """By a number that is masked, or not quite that of this credit."""


class Untaken(Struct, frozen=True):
    """What open cases say of credits that stood on a sale."""

    cases: tuple[int, ...] = ()
    amount: int = 0
    """Minor units that tills say were paid and that they did not take."""
    unclear: bool = False
    """No till names one of these credits by its own number."""


class Past(Protocol):
    def untaken(self, sale_key: int, rest_of: int) -> Untaken:
        """Of the credits that stood on this sale and of which the till takes no more, and of the
        one of the ticket ``rest_of``, which ends now."""


_CASES: Final = "cases"


def asks(params: Params, facts: Facts, past: Past) -> Untaken:
    if facts.kind is Kind.EXCHANGE:  # no money goes back
        return Untaken()
    return past.untaken(facts.sale.key, facts.together.rest_of)


def judge(params: Params, facts: Facts, untaken: Untaken) -> Verdict:
    if not untaken.cases:
        return allow("exchange_told", {"untaken": 0})
    cases = " ".join(map(str, untaken.cases))
    figures: dict[str, Value] = {"untaken": untaken.amount, _CASES: cases}
    told = {"untaken": format_amount(untaken.amount, facts.sale.currency), "cases": cases}
    against = Against.PERHAPS_TOLD if untaken.unclear else Against.TOLD_NOT_TAKEN
    asked = Answer.ASK_SUPERVISOR
    return Verdict("exchange_told", asked, against, figures, told, always_read=True)


def told_of(verdicts: Iterable[Verdict | StoredVerdict]) -> set[int]:
    """The cases that people were asked in sight of."""
    found = (str(one.figures.get(_CASES, "")) for one in verdicts if one.rule == RULE.name)
    return {int(number) for cases in found for number in cases.split()}


def never(params: Params) -> bool:
    return False


RULE = Rule(
    "exchange_told", Phase.BEFORE_CARD, Params, Against, judge, asks, denies=never, fixed=True
)
