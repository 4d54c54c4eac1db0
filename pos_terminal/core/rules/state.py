"""Only approved sales (R8) that were not overpaid and have no open refund (R32). Always on."""

from __future__ import annotations

from enum import StrEnum

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.sale import Sale, SaleState


class Against(StrEnum):
    LOCKED = "locked"
    UNCONFIRMED = "unconfirmed"
    VOIDED = "voided"
    WITHDRAWN = "withdrawn"
    OPEN_REFUND = "open_refund"
    """A refund of the sale has no outcome yet."""


_STATES = {
    SaleState.UNCONFIRMED: Against.UNCONFIRMED,
    SaleState.VOIDED: Against.VOIDED,
    SaleState.WITHDRAWN: Against.WITHDRAWN,
}


def judge(params: Params, facts: Facts, _: None) -> Verdict:
    return verdict_on(facts.sale)


def verdict_on(sale: Sale) -> Verdict:
    """Also before there is anything to judge but the sale."""
    figures = {"state": sale.state.value, "locked": int(sale.locked), "held": sale.held}
    against = refusal(sale)
    if against is None:
        return allow("state", figures)
    return Verdict("state", Answer.DENY, against, figures)


def refusal(sale: Sale) -> Against | None:
    """Why nothing of this sale is given back; None where it may be."""
    if sale.locked:
        return Against.LOCKED
    # a refund whose outcome is open blocks the whole sale; a form that people carry out does not
    return _STATES.get(sale.state, Against.OPEN_REFUND if sale.unknown else None)


RULE = Rule("state", Phase.BEFORE_CARD, Params, Against, judge, fixed=True)
