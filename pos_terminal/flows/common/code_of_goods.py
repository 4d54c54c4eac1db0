"""Whether what was scanned can be the code of goods that lie on the counter."""

from __future__ import annotations

from typing import Final

from pos_terminal.core import receipt_code
from pos_terminal.core.badge import holds_badge
from pos_terminal.core.pan import holds_card_number
from pos_terminal.core.voucher import holds_number
from pos_terminal.flows.common.desk import Desk

_MOST: Final = 64


def may_be_goods(code: str) -> bool:
    """By its shape: what is a secret is kept nowhere."""
    secret = holds_badge(code) or holds_card_number(code)
    return 0 < len(code) <= _MOST and not secret


def is_paper(desk: Desk, code: str) -> bool:
    """A receipt, or a slip or voucher of this merchant, whichever terminal printed it: what leads
    to a sale, or is money, is no goods."""
    sales, ours = desk.ledger.sales, receipt_code.decode(code)
    check = desk.shop.merchant_check
    if (ours is not None and ours.merchant_check == check) or holds_number(code, check):
        return True
    return bool(sales.by_receipt(code) or sales.by_gift(code))
