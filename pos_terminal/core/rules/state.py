"""Only approved sales (R8) that were not overpaid and have no open refund (R32). Always on."""

from __future__ import annotations

from pos_terminal.core.decision import Answer, Phase, Verdict
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.sale import Sale, SaleState
from pos_terminal.core.words import say

OPEN_REFUND = "rules.open_refund"
_WORDS = {SaleState.UNCONFIRMED: "rules.unconfirmed", SaleState.VOIDED: "rules.voided"}


def judge(params: Params, facts: Facts) -> Verdict | None:
    key = refusal(facts.sale)
    if key is None:
        return None
    figures = {
        "state": facts.sale.state.value,
        "locked": int(facts.sale.locked),
        "held": facts.sale.held,
    }
    return Verdict("state", Answer.DENY, say(key), figures)


def refusal(sale: Sale) -> str | None:
    """Why nothing of this sale is given back, by the key of its text; None where it may be."""
    if sale.locked:
        return "rules.locked"
    # what is held belongs to a refund whose outcome is open: it blocks the whole sale
    return _WORDS.get(sale.state, OPEN_REFUND if sale.held else None)


RULE = Rule("state", Phase.BEFORE_CARD, Params, judge, fixed=True)
