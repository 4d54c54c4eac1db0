"""Store credit on paper: a voucher, its number, and what may be taken from it (R37).

The number is shaped as our receipt codes are, so that a foreign or misread one is told at once,
but its serial is drawn at random: the seven digits of one voucher say nothing of another's, and no
key that somebody could learn makes them. Whoever guesses hits one of n open vouchers once in
10,000,000 / n tries, and is locked out after a few. Only the ledger says what one is worth.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from pos_terminal.core import receipt_code
from pos_terminal.core.money import format_amount
from pos_terminal.core.pan import in_plain_signs
from pos_terminal.core.words import VoucherFailure

_SHOWN_HEAD, _HIDDEN, _SHOWN_END = 5, 4, 2


class VoucherState(StrEnum):
    OPEN = "open"
    REDEEMED = "redeemed"
    """All of it was taken."""
    CANCELLED = "cancelled"
    """What was left of it is worth nothing any more."""
    REPLACED = "replaced"
    """Its paper was lost: what was left of it is worth something under another number."""


class Voucher(Struct, frozen=True):
    """As the ledger has it. Amounts in minor units; ``redeemed <= amount`` always."""

    number: str
    refund_id: int | None
    """What it was issued for; None where it is a payout."""
    amount: int
    redeemed: int
    currency: str
    state: VoucherState
    issued_at: datetime
    replaces: str | None = None
    """The number that ended when this one began."""
    paid_by: str = ""
    """The store credit that had paid what went back to this one, as anybody may see it; empty where
    none had, or the till told no number."""
    paid_by_refund: int | None = None
    """What that one had been issued for, where it is one of ours."""
    payout_id: int | None = None
    """The payout that it is, beside a sale (R47a); none of a refund."""
    paid_by_payout: int | None = None
    """The payout that ``paid_by`` was, where it was one."""

    @property
    def left(self) -> int:
        """What can still be redeemed."""
        return self.amount - self.redeemed if self.state is VoucherState.OPEN else 0


def draw_number(merchant_id: str, terminal_id: str) -> str:
    """A new voucher's 13 digits; the ledger sees to it that none is given twice."""
    serial = 1 + secrets.randbelow(receipt_code.MAX_SERIAL)
    return receipt_code.encode_voucher(merchant_id, terminal_id, serial)


def as_issued(told: str) -> str:
    """A voucher's number as we draw them, however a till writes it: in groups, with zeros in front,
    with what nobody sees. What is no such number stays as it is."""
    digits = re.sub(r"(?a)[ .-]", "", in_plain_signs(told)).lstrip("0")
    code = receipt_code.decode(digits)
    ours = code is not None and code.kind == receipt_code.VOUCHER_DIGIT
    return digits if ours else told


def holds_number(text: str, merchant_check: str) -> bool:
    """Whether the number of one that this merchant issued stands in it, in groups or whole,
    whatever stands around it. Of other digits about one in 10,000 at each place looks like one."""
    plain = re.sub(r"(?a)(?<=\d)[ ./_-]{1,3}(?=\d)", "", in_plain_signs(text))
    found = (
        receipt_code.decode(run[at : at + receipt_code.LENGTH])
        for run in re.findall(r"(?a)\d+", plain)
        for at in range(len(run) - receipt_code.LENGTH + 1)
    )
    return any(
        one is not None
        and (one.kind, one.merchant_check) == (receipt_code.VOUCHER_DIGIT, merchant_check)
        for one in found
    )


def mask(number: str) -> str:
    """The number as anybody may see it: enough to tell two apart, not enough to redeem. A till's
    own may be shorter than ours: of a short one only the end."""
    shown = _SHOWN_HEAD if len(number) >= _SHOWN_HEAD + _HIDDEN + _SHOWN_END else 0
    end = number[-_SHOWN_END:] if len(number) > _SHOWN_END else ""
    return f"{number[:shown]}{'*' * (len(number) - shown - len(end))}{end}"


def check_number(text: str, merchant_id: str, terminal_id: str) -> str:
    """The number, where it is shaped as a voucher of this terminal.

    Failure ``voucher.misread``, ``voucher.none``, ``voucher.foreign``, ``voucher.elsewhere``.
    """
    code = receipt_code.decode(text)
    if code is None:
        raise VoucherFailure("voucher.misread")
    if code.kind != receipt_code.VOUCHER_DIGIT:
        raise VoucherFailure("voucher.none")
    if code.merchant_check != receipt_code.check_of(merchant_id):
        raise VoucherFailure("voucher.foreign")
    if code.terminal_check != receipt_code.check_of(terminal_id):
        raise VoucherFailure("voucher.elsewhere")
    return text


def check_taking(voucher: Voucher, amount: int) -> None:
    """That so much can be taken from it now.

    Failure ``voucher.zero``, ``voucher.too_much`` and those of ``check_open``.
    """
    if amount <= 0:
        raise VoucherFailure("voucher.zero")
    check_open(voucher)
    if amount > voucher.left:
        raise VoucherFailure("voucher.too_much", left=format_amount(voucher.left, voucher.currency))


def check_open(voucher: Voucher) -> None:
    """Failure ``voucher.spent``, ``voucher.cancelled`` or ``voucher.replaced``."""
    if voucher.state is VoucherState.REDEEMED:
        raise VoucherFailure("voucher.spent")
    if voucher.state is VoucherState.CANCELLED:
        raise VoucherFailure("voucher.cancelled")
    if voucher.state is VoucherState.REPLACED:
        raise VoucherFailure("voucher.replaced")
