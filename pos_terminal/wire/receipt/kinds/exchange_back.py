"""Goods that an exchange credit paid for are back: what they cost goes as the first sale was paid,
by slips of its own (R37)."""

from __future__ import annotations

from pos_terminal.wire.receipt.parts.given_back import GivenBack


class ExchangeBack(GivenBack, frozen=True, tag="exchange_back"):
    signed = "checked"
    amount_label = "amount_exchange_back"
