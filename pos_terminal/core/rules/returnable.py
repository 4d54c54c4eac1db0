"""Goods that the shop does not take back (R14). The shop's policy: a defect softens it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.items import worths_of
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.sale import SaleLine
from pos_terminal.core.words import Value


class Against(StrEnum):
    NOT_RETURNABLE = "not_returnable"


def told_of(line: SaleLine) -> Mapping[str, Value]:
    """Its name, and why it is not taken back where the till says it."""
    return {"goods": f"{line.name} {line.not_returnable_because}".strip()}


def judge(params: Params, facts: Facts, _: None) -> Verdict:
    """Named goods may be none of them, and an amount that names none may take nothing of theirs.

    A void takes a sale back as if it had not been: supervisors say whether it may.
    """
    shut = [line for line in facts.lines if not line.returnable and line.remaining]
    kept = {line.line: line.remaining for line in shut}
    worth = sum(worths_of(facts.sale, kept).values()) if kept else 0
    most = facts.sale.remaining - worth
    figures: dict[str, Value] = {"amount": facts.amount, "most": most}
    if not shut or (not facts.items and facts.amount <= most):
        return allow("returnable", figures)
    answer = Answer.ASK_SUPERVISOR if facts.kind is Kind.VOID else Answer.DENY
    return Verdict(
        "returnable",
        answer,
        Against.NOT_RETURNABLE,
        figures | {"line": shut[0].line},
        told_of(shut[0]),
        by_policy=True,
    )


RULE = Rule("returnable", Phase.BEFORE_CARD, Params, Against, judge)
