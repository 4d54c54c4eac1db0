"""A till says that one of our vouchers paid: no more goes back than was redeemed of it (R37)."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.money import format_amount
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.voucher import mask


class Against(StrEnum):
    NOT_REDEEMED = "not_redeemed"
    """The voucher is still worth what the till says that it paid."""


class Taken(Struct, frozen=True):
    """Of one of our vouchers, minor units."""

    redeemed: int
    given: int
    """What went back, or is on its way, of all that tills say it paid."""


class Past(Protocol):
    def taken(self, voucher: str) -> Taken | None:
        """None for a number that this terminal's ledger doesn't have."""


def asks(params: Params, facts: Facts, past: Past) -> Taken | None:
    number = facts.tender.voucher_no
    return past.taken(number) if number else None


def judge(params: Params, facts: Facts, taken: Taken | None) -> Verdict:
    """In whatever way it would go back."""
    if taken is None:
        return allow("voucher_paid", {"ours": 0})
    figures = {"ours": 1, "redeemed": taken.redeemed, "given": taken.given}
    left = max(0, taken.redeemed - taken.given - facts.together.voucher)
    if facts.amount <= left:
        return allow("voucher_paid", figures)
    told = {
        "number": mask(facts.tender.voucher_no),
        "left": format_amount(left, facts.sale.currency),
    }
    return Verdict("voucher_paid", Answer.DENY, Against.NOT_REDEEMED, figures, told)


RULE = Rule("voucher_paid", Phase.BEFORE_CARD, Params, Against, judge, asks, fixed=True)
