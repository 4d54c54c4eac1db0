"""Amounts that are no amount, or more than is left; goods likewise (R11, R14). Always on."""

from __future__ import annotations

from enum import StrEnum

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.items import deductions_of, most_for
from pos_terminal.core.money import format_amount
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.words import Value


class Against(StrEnum):
    ZERO = "zero"
    """Or below."""
    BALANCE = "balance"
    LINE = "line"
    """More of a line than remains of it."""
    WORTH = "worth"
    """More money than the goods are worth."""


def judge(params: Params, facts: Facts, _: None) -> Verdict:
    figures: dict[str, Value] = {
        "amount": facts.amount,
        "sold": facts.tender.amount,
        "done": facts.tender.done,
        "held": facts.tender.held,
    }
    found = _against_amount(facts) or _against_items(facts)
    if found is None:
        return allow("balance", figures | _goods(facts))
    against, told, more = found
    return Verdict("balance", Answer.DENY, against, figures | more, told)


def _goods(facts: Facts) -> dict[str, Value]:
    """What the goods that are named bring, where there are any."""
    if not facts.items:
        return {}
    return {"worth": _most(facts)}


def _most(facts: Facts) -> int:
    quantities = {item.line: item.quantity for item in facts.items}
    return most_for(facts.sale, facts.tender, quantities, deductions_of(facts.items))


Found = tuple[Against, dict[str, Value], dict[str, Value]]
"""What stands against it, what is told of it, and the figures that show it."""


def _against_amount(facts: Facts) -> Found | None:
    even = facts.kind is Kind.EXCHANGE  # what was free is given for the same
    if facts.amount < 0 or (facts.amount == 0 and not even):
        return Against.ZERO, {}, {}
    if not even and facts.amount > facts.tender.remaining:
        left = format_amount(facts.tender.remaining, facts.sale.currency)
        return Against.BALANCE, {"left": left}, {}
    return None


def _against_items(facts: Facts) -> Found | None:
    """More of a line than remains of it, or more money than the goods are worth, less what they
    bring less (R74)."""
    lines = {line.line: line for line in facts.lines}
    for item in facts.items:
        line = lines[item.line]
        if not 0 < item.quantity <= line.remaining:
            asked, left = format_quantity(item.quantity), format_quantity(line.remaining)
            told: dict[str, Value] = {"name": line.name, "left": left}
            return Against.LINE, told, {"line": line.line, "quantity": asked, "left": left}
    if facts.kind is Kind.EXCHANGE:  # no money goes back
        return None
    most = _most(facts)
    if facts.amount > most:
        worth = format_amount(most, facts.sale.currency)
        return Against.WORTH, {"worth": worth}, {"worth": most}
    return None


RULE = Rule("balance", Phase.BEFORE_CARD, Params, Against, judge, fixed=True)
