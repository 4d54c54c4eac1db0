"""A refund's slip with what every slip has: tests add what theirs is about."""

from __future__ import annotations

from typing import Final

from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.kinds.refund import Refunded
from pos_terminal.wire.receipt.parts.request import Request
from pos_terminal.wire.receipt.slip import Slip

SLIP: Final = Slip(
    Head(
        copy=Copy.MERCHANT,
        merchant_name="商场",
        merchant_id="898110053110001",
        terminal_id="10000001",
        operator="101",
        application=42,
        at="2026-11-22T07:10:11+08:00",
        currency="156",
        amount=12345,
        barcode="2120700000421",
    ),
    Refunded(request=Request(masked_card="622848*********0018")),
)
