"""What was found of the goods: a condition in which they are refused, what they bring less, and
that they never came where others go out (R16, R46, R74). Always on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Protocol

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.items import Item
from pos_terminal.core.money import format_amount
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.words import Value


class Against(StrEnum):
    DEFECT_FOR_LESS = "defect_for_less"
    """Of defective goods nothing may be deducted."""
    CONDITION = "condition"
    """The shop takes none back in this condition, but for less."""
    DEDUCTED = "deducted"
    """Whoever gives less than the goods are worth answers for it."""
    NOBODY_LOOKED = "nobody_looked"
    """An amount was typed where the shop looks at goods, and nobody knows which come back."""
    NOT_BACK = "not_back"
    """The clerk alone says that goods did not come back for which money goes."""
    MISSING = "missing"
    """Other goods go out for some that never came: nothing comes back."""
    MISSING_AGAIN = "missing_again"
    """For some of that line, which never came either, others went out before."""


class Past(Protocol):
    def replaced(self, sale_key: int) -> Mapping[int, int]:
        """Lines of which some never came and others went out, by the last application."""


def asks(params: Params, facts: Facts, past: Past) -> Mapping[int, int]:
    return past.replaced(facts.sale.key) if any(map(_lacks, facts.items)) else {}


def judge(params: Params, facts: Facts, replaced: Mapping[int, int]) -> Verdict:
    less = [item for item in facts.items if _off(item)]
    off = sum(map(_off, less))
    figures: dict[str, Value] = {"deduction": off}
    for item, against, told in _denials(facts):
        worth = {"line": item.line, "worth": item.worth}
        return Verdict("inspection", Answer.DENY, against, figures | worth, told)
    if facts.inspects and facts.goods_back is GoodsBack.UNKNOWN:
        return Verdict("inspection", Answer.ASK_SUPERVISOR, Against.NOBODY_LOOKED, figures)
    if (missing := _missing(facts, replaced)) is not None:
        against, told = missing
        figures |= told
        return Verdict(
            "inspection", Answer.ASK_SUPERVISOR, against, figures, told, always_read=True
        )
    if facts.not_back and (facts.items or facts.inspects):
        return Verdict("inspection", Answer.ASK_SUPERVISOR, Against.NOT_BACK, figures)
    if not less:
        return allow("inspection", figures)
    figures["worth"] = sum(item.worth for item in facts.items)
    told = {"deduction": format_amount(off, facts.sale.currency)}
    return Verdict("inspection", Answer.ASK_SUPERVISOR, Against.DEDUCTED, figures, told)


def _denials(facts: Facts) -> Iterator[tuple[Item, Against, Mapping[str, Value]]]:
    names = {line.line: line.name for line in facts.sale.lines}
    for item in facts.items:
        name: dict[str, Value] = {"goods": names[item.line]}
        if _off(item) and item.line in facts.defects:
            yield item, Against.DEFECT_FOR_LESS, name
        elif not _off(item) and item.line in facts.refused:
            yield item, Against.CONDITION, {**name, **facts.refused[item.line]}


def _missing(facts: Facts, replaced: Mapping[int, int]) -> tuple[Against, dict[str, Value]] | None:
    """What is against goods that never came. That others went out before counts for money, too."""
    lacking = [item for item in facts.items if _lacks(item)]
    again = next((item.line for item in lacking if item.line in replaced), None)
    if again is not None:
        told: dict[str, Value] = {"goods": facts.sale.line(again).name, "before": replaced[again]}
        return Against.MISSING_AGAIN, told
    if not lacking or facts.kind is not Kind.EXCHANGE:
        return None
    return Against.MISSING, {"goods": facts.sale.line(lacking[0].line).name}


def _lacks(item: Item) -> bool:
    return item.looked is not None and item.looked.disposition is None


def _off(item: Item) -> int:
    return 0 if item.looked is None else item.looked.deduction


RULE = Rule(
    "inspection", Phase.BEFORE_CARD, Params, Against, judge, asks, fixed=True, of_goods=True
)
