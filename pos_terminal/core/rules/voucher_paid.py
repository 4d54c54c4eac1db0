"""A till says that one of our vouchers paid: no more goes back than was redeemed of it (R37).

Where the number is masked, or is not quite one of ours, nobody but people can say which it was.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.money import format_amount
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.voucher import mask


class Against(StrEnum):
    NOT_REDEEMED = "not_redeemed"
    """The voucher is still worth what the till says that it paid."""
    PERHAPS_OURS = "perhaps_ours"
    """The till's number is none of ours as it stands, and may be one all the same."""


class Taken(Struct, frozen=True):
    """Of one of our vouchers, minor units."""

    redeemed: int
    given: int
    """What went back, or is on its way, of all that tills say it paid."""


class Likely(Struct, frozen=True):
    """Vouchers of ours that a number may be: none where it only begins as they do."""

    count: int
    redeemed: int
    """Of all of them, minor units."""


class Past(Protocol):
    def taken(self, voucher: str) -> Taken | None:
        """None for a number that this terminal's ledger doesn't have."""

    def like_ours(self, voucher: str, amount: int, sold_at: datetime) -> Likely | None:
        """Which of ours a number may be that paid so much then; None: it can't be one."""


def asks(params: Params, facts: Facts, past: Past) -> Taken | Likely | None:
    number = facts.tender.voucher_no
    if not number or (taken := past.taken(number)) is not None:
        return taken if number else None
    return past.like_ours(number, facts.tender.amount, facts.sale.sold_at)


def judge(params: Params, facts: Facts, taken: Taken | Likely | None) -> Verdict:
    """In whatever way it would go back; of an exchange nothing does."""
    if facts.kind is Kind.EXCHANGE:
        return allow("voucher_paid", {"kind": facts.kind.value})
    if taken is None:
        return allow("voucher_paid", {"ours": 0})
    if isinstance(taken, Likely):
        seen = {"ours": 0, "perhaps": taken.count, "redeemed": taken.redeemed}
        named = {"number": mask(facts.tender.voucher_no)}
        return Verdict("voucher_paid", Answer.ASK_SUPERVISOR, Against.PERHAPS_OURS, seen, named)
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
