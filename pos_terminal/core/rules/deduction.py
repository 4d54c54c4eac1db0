"""What was deducted of goods that are back stays with the shop (R74): an amount that leaves less
than it gives of it back. Always on."""

from __future__ import annotations

from enum import StrEnum

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.money import format_amount
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.words import Value


class Against(StrEnum):
    DEDUCTED_BACK = "deducted_back"
    """A supervisor had it deducted, and another word of one gives it back."""


def judge(params: Params, facts: Facts, _: None) -> Verdict:
    """Whatever is typed, over all payments of the sale that it is of. Goods that are named bring
    none of it by themselves."""
    sale = facts.sale
    most = sale.offered
    figures: dict[str, Value] = {"deduction": sale.withheld}
    if not sale.withheld or facts.kind is Kind.EXCHANGE:  # no money goes back
        return allow("deduction", figures)
    figures |= {"amount": facts.of_sale, "most": most}
    if facts.of_sale <= most:
        return allow("deduction", figures)
    again = format_amount(min(sale.withheld, facts.of_sale - most), sale.currency)
    told: dict[str, Value] = {"again": again}
    return Verdict("deduction", Answer.ASK_SUPERVISOR, Against.DEDUCTED_BACK, figures, told)


def never(params: Params) -> bool:
    return False


RULE = Rule("deduction", Phase.BEFORE_CARD, Params, Against, judge, denies=never, fixed=True)
