"""A slip as facts: stored with its print job, rendered to bytes when it is printed."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class SlipKind(StrEnum):
    REFUND = "refund"
    VOID = "void"
    CASH = "cash"
    CREDIT = "credit"
    """Store credit: the customer's copy is the voucher (R37)."""
    DECLINED = "declined"
    """未退款: what was asked, why not, what next."""
    PENDING = "pending"
    """The certificate of an unknown outcome (R32)."""
    NOT_SENT = "not_sent"
    REVERSED = "reversed"
    """The void did not take effect; the sale stands."""
    REFUSED = "refused"
    """Refused by a rule, with the contact for a complaint (R67)."""
    GIVEN_UP = "given_up"
    """Two people found that nothing was paid (R32)."""
    OVERPAID = "overpaid"
    """Approved after it was given up: the sale is locked."""
    ENQUIRY = "enquiry"
    """A customer debited for a sale that failed (单边账, R8): the merchant's copy is the form for
    the acquirer, the customer's has the check code."""
    TEST = "test"


class Copy(StrEnum):
    MERCHANT = "merchant"
    CUSTOMER = "customer"


class SlipItem(Struct, frozen=True):
    """Goods that came back: so much of one line of the sale."""

    name: str
    quantity: str
    """A decimal number: ``2``, ``0.75``."""
    amount: int


class Slip(Struct, frozen=True):
    """Everything that a slip shows. Amounts in minor units, times ISO 8601 with offset.

    No full card number and no expiry, on no copy (R39). Empty strings are left out on paper.
    """

    kind: SlipKind
    copy: Copy
    merchant_name: str
    merchant_id: str
    terminal_id: str
    operator: str
    application: int
    at: str
    currency: str
    amount: int
    """What was given back (or asked for, where nothing was)."""
    asked: int = 0
    """What was asked for, where less was given back."""
    masked_card: str = ""
    scheme: str = ""
    funding: str = ""
    batch: str = ""
    stan: str = ""
    auth_code: str = ""
    rrn: str = ""
    original_trace: str = ""
    original_rrn: str = ""
    original_receipt: str = ""
    """The till's number of the receipt: all that a cash sale may have."""
    original_at: str = ""
    original_amount: int = 0
    items: tuple[SlipItem, ...] = ()
    """The first of the goods, at what of the amount falls to each."""
    more_items: int = 0
    """How many more lines there are, which have the rest of the amount."""
    reason_zh: str = ""
    reason_en: str = ""
    rule: str = ""
    """Code of the rule that decided, printed by its name; merchant copy."""
    approvals: tuple[str, ...] = ()
    """"number name" of each supervisor; merchant copy."""
    response: str = ""
    cause_zh: str = ""
    cause_en: str = ""
    advice_zh: str = ""
    advice_en: str = ""
    arrival_zh: str = ""
    """When the money will arrive, by debit or credit."""
    arrival_en: str = ""
    check_code: str = ""
    contact: str = ""
    concluded_ref: str = ""
    """The acquirer's reference under which an unknown outcome was concluded."""
    concluded_by: tuple[str, ...] = ()
    """"number name" of the two who did, or "file:line"; merchant copy."""
    concluded_by_file: bool = False
    """By the acquirer's file, and not by people."""
    late_ref: str = ""
    """The acquirer's reference under which it told of an approval after that."""
    late_by: tuple[str, ...] = ()
    late_by_file: bool = False
    case: int = 0
    """Number of the case that the slip is about."""
    customer: str = ""
    """How the customer can be reached; merchant copy."""
    original_terminal: str = ""
    voucher: str = ""
    """The voucher's number; on the merchant's copy masked, for it is worth its amount."""
    barcode: str = ""
    """Our 13-digit receipt code, leads back to the refund; on a voucher its number."""
    training: bool = False
