"""Goods without a receipt: two supervisors, ceilings of their own, and a count (R17).

Off unless the shop switches it on: then nothing is given back without a receipt.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Protocol

from msgspec import Meta, Struct

from pos_terminal.core.blind import COUNTED
from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.money import format_amount
from pos_terminal.core.rules.facts import Bounds, Facts, Params, Rule
from pos_terminal.core.words import Value

Amount = Annotated[int, Meta(ge=0)]
Count = Annotated[int, Meta(ge=1)]


class Against(StrEnum):
    NO_RECEIPT = "no_receipt"
    """Two supervisors, always."""
    ABOVE_LOWEST = "no_receipt_price"
    """More than the least that was paid for such goods."""
    ABOVE_CEILING = "no_receipt_ceiling"
    UNKNOWN_GOODS = "no_receipt_unknown"
    """Of goods that were not sold here within the window, above the ceiling for those."""
    CUSTOMER_TOO_OFTEN = "no_receipt_customer"
    CARD_TOO_OFTEN = "no_receipt_card"


class Earlier(Struct, frozen=True):
    """Refunds without a receipt in the days that count."""

    customer: int = 0
    card: int = 0


class Past(Protocol):
    def without_receipt(
        self, customer: Sequence[str], card: Sequence[str], since: datetime
    ) -> Earlier:
        """By any of these tokens."""


class NoReceiptParams(Params, frozen=True):
    """Amounts in minor units."""

    enabled: bool = False
    ceiling: Amount = 50_000
    unknown_goods: Amount = 10_000
    """Of goods that were not sold here within the window, together."""
    customer_count: Count = 3
    card_count: Count = 3


def bounds(params: NoReceiptParams) -> Bounds:
    return Bounds(no_receipt=min(params.ceiling, params.unknown_goods))


def asks(params: NoReceiptParams, facts: Facts, past: Past) -> Earlier:
    known = facts.no_receipt
    if known is None:
        return Earlier()
    return past.without_receipt(known.customer, known.card, facts.now - COUNTED)


def judge(params: NoReceiptParams, facts: Facts, earlier: Earlier) -> Verdict:
    if facts.no_receipt is None:
        return allow("no_receipt", {"receipt": 1})
    lowest = facts.no_receipt.lowest
    unknown = sum(line.paid or 0 for line in facts.sale.lines if line.line not in lowest)
    figures: dict[str, Value] = {
        "amount": facts.amount,
        "ceiling": params.ceiling,
        "unknown_goods": unknown,
        "unknown_limit": params.unknown_goods,
        "customer": earlier.customer,
        "customer_limit": params.customer_count,
        "card": earlier.card,
        "card_limit": params.card_count,
        "lowest": " ".join(f"{line}:{price}" for line, price in lowest.items()),
    }
    answer, against, told = Answer.DENY, _against_price(facts), {}
    if against is not None:
        pass
    elif facts.amount > params.ceiling:
        against, told = Against.ABOVE_CEILING, _limit(facts, params.ceiling)
    elif unknown > params.unknown_goods:
        against, told = Against.UNKNOWN_GOODS, _limit(facts, params.unknown_goods)
    elif earlier.customer >= params.customer_count:
        against, told = Against.CUSTOMER_TOO_OFTEN, _count(earlier.customer)
    elif earlier.card >= params.card_count:
        against, told = Against.CARD_TOO_OFTEN, _count(earlier.card)
    else:
        answer, against = Answer.ASK_TWO, Against.NO_RECEIPT
    return Verdict("no_receipt", answer, against, figures, told)


def _against_price(facts: Facts) -> Against | None:
    lowest = {} if facts.no_receipt is None else facts.no_receipt.lowest
    for line in facts.sale.lines:
        most = lowest.get(line.line)
        if most is not None and 1000 * (line.paid or 0) > most * line.quantity:
            return Against.ABOVE_LOWEST
    return None


def _limit(facts: Facts, limit: int) -> dict[str, Value]:
    return {"limit": format_amount(limit, facts.sale.currency)}


def _count(count: int) -> dict[str, Value]:
    return {"count": count, "days": COUNTED.days}


RULE = Rule(
    "no_receipt",
    Phase.BEFORE_CARD,
    NoReceiptParams,
    Against,
    judge,
    asks,
    bounds=bounds,
    of_goods=True,
)
