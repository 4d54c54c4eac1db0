"""What was found of the goods: a condition in which they are refused, and what they bring less
(R16, R74). Always on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.items import Item
from pos_terminal.core.money import format_amount
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


def judge(params: Params, facts: Facts, _: None) -> Verdict:
    less = [item for item in facts.items if _off(item)]
    off = sum(map(_off, less))
    figures: dict[str, Value] = {"deduction": off}
    for item, against, told in _denials(facts):
        worth = {"line": item.line, "worth": item.worth}
        return Verdict("inspection", Answer.DENY, against, figures | worth, told)
    if facts.inspects and facts.goods_back is GoodsBack.UNKNOWN:
        return Verdict("inspection", Answer.ASK_SUPERVISOR, Against.NOBODY_LOOKED, figures)
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


def _off(item: Item) -> int:
    return 0 if item.looked is None else item.looked.deduction


RULE = Rule("inspection", Phase.BEFORE_CARD, Params, Against, judge, fixed=True, of_goods=True)
