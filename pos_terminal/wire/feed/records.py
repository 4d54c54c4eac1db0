"""The records of the sales feed as they are written (``docs/sales-feed.md``), strictly typed.

``docs/sales-feed.schema.json`` says the same for others; a test holds the two together.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from pos_terminal.core.money import MAX_AMOUNT

Name = Annotated[str, Meta(min_length=1, max_length=64)]
Text = Annotated[str, Meta(max_length=200)]
Amount = Annotated[int, Meta(ge=1, le=MAX_AMOUNT)]
Price = Annotated[int, Meta(ge=0, le=MAX_AMOUNT)]
"""Of a sale and its legs: nothing was paid where everything was given away."""
Merchant = Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{15}\Z")]
Terminal = Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{8}\Z")]
Trace = Annotated[str, Meta(pattern=r"^[0-9]{1,6}\Z")]
MaybeTrace = Annotated[str, Meta(pattern=r"^[0-9]{0,6}\Z")]
Rrn = Annotated[str, Meta(pattern=r"^([0-9A-Za-z]{12})?\Z")]
AuthCode = Annotated[str, Meta(pattern=r"^[0-9A-Za-z ]{0,12}\Z")]
Moment = Annotated[str, Meta(min_length=16, max_length=40)]
"""ISO 8601 with an offset."""
Quantity = (
    Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?\Z")]
    | Annotated[int, Meta(ge=0, le=999_999_999)]
)
"""A decimal number as text, or a whole number; finer than thousandths is refused by the feed."""
UnitPrice = (
    Annotated[str, Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?\Z")]
    | Annotated[int, Meta(ge=0, le=MAX_AMOUNT)]
)
"""Minor units: whole, or as text with decimals."""
Code = Annotated[str, Meta(min_length=1, max_length=64)]


Masked = Annotated[str, Meta(pattern=r"^([0-9]{6}\*{2,9}|\*{2,15})[0-9]{4}\Z")]
"""First six, stars and last four; or stars and the last four alone, as many exports have it."""


class Record(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A record whose unknown fields are errors."""


class TenderRecord(Record, frozen=True):
    """One leg. A card has a token with its key id, a masked number or both, or ``pan`` alone."""

    kind: Literal["card", "cash", "wallet", "voucher", "transfer", "points", "exchange"]
    amount: Price
    token: Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{64}\Z")] | None = None
    token_key_id: Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{1,16}\Z")] | None = None
    masked: Masked | None = None
    pan: Annotated[str, Meta(pattern=r"^[0-9]{12,19}\Z")] | None = None
    par: Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{29}\Z")] | None = None
    scheme: Annotated[str, Meta(max_length=32)] = ""
    funding: Literal["debit", "credit", "unknown"] = "unknown"
    terminal_id: Terminal | None = None
    """Of the payment, as what follows; left out: the sale's."""
    batch: MaybeTrace = ""
    trace: MaybeTrace = ""
    rrn: Rrn = ""
    auth_code: AuthCode = ""
    paid_at: Moment | None = None
    """Left out: when the sale was."""
    order_no: Annotated[list[Name], Meta(max_length=4)] = field(default_factory=list)
    voucher_no: Annotated[str, Meta(max_length=64)] = ""
    exchange_no: Annotated[str, Meta(max_length=64)] = ""

    @property
    def last_four_only(self) -> bool:
        """Whether the till kept no more of the card: its export has often no reference either."""
        return self.masked is not None and self.masked.startswith("*") and self.token is None

    @property
    def names_payment(self) -> bool:
        numbers = (self.batch, self.trace, self.rrn, self.auth_code)
        return any((self.terminal_id, self.paid_at, *numbers))

    @property
    def names_card(self) -> bool:
        return any((self.token, self.token_key_id, self.masked, self.pan, self.par))


class LineRecord(Record, frozen=True):
    """One line of the sale."""

    sku: Annotated[str, Meta(max_length=64)]
    name: Text
    quantity: Quantity
    unit_price: UnitPrice
    category: Annotated[str, Meta(max_length=64)] = ""
    kind: Literal["goods", "fee", "discount"] = "goods"
    paid: Annotated[int, Meta(ge=-MAX_AMOUNT, le=MAX_AMOUNT)] | None = None
    """Not above zero for a discount, not below for others."""
    group: Annotated[str, Meta(max_length=64)] = ""
    barcodes: Annotated[list[Code], Meta(max_length=99)] = field(default_factory=list)
    serials: Annotated[list[Code], Meta(max_length=999)] = field(default_factory=list)
    returnable: bool = True
    not_returnable_because: Text = ""


class SaleRecord(Record, frozen=True, tag_field="kind", tag="sale"):
    """An approved purchase, or one that is not confirmed yet."""

    sale_id: Name
    merchant_id: Merchant
    terminal_id: Terminal
    sold_at: Moment
    currency: Annotated[str, Meta(pattern=r"^[0-9]{3}\Z")]
    amount: Price
    receipt_no: Annotated[str, Meta(max_length=64)]
    tenders: Annotated[list[TenderRecord], Meta(min_length=1, max_length=9)]
    lines: Annotated[list[LineRecord], Meta(max_length=999)] = field(default_factory=list)
    batch: MaybeTrace = ""
    """Of its only payment, as what follows, or of a sale that has none."""
    trace: MaybeTrace = ""
    rrn: Rrn = ""
    auth_code: AuthCode = ""
    gift_receipt_no: Annotated[str, Meta(max_length=64)] = ""
    invoice: Literal["issued", "none"] | None = None
    invoice_no: Annotated[str, Meta(max_length=64)] = ""
    recovery_no: Annotated[str, Meta(max_length=64)] = ""
    state: Literal["approved", "unconfirmed"] = "approved"

    @property
    def has_pan(self) -> bool:
        return any(tender.pan is not None for tender in self.tenders)


class VoidedRecord(Record, frozen=True, tag_field="kind", tag="sale_voided"):
    """The sale was taken back by another system."""

    sale_id: Name
    at: Moment


class ReturnedRecord(Record, frozen=True):
    """Goods that another system took back. ``line`` counts the lines of the sale from 1."""

    line: Annotated[int, Meta(ge=1, le=999)]
    quantity: Quantity


class ElsewhereRecord(Record, frozen=True, tag_field="kind", tag="refunded_elsewhere"):
    """Part or all of a leg was given back by another system."""

    reference: Name
    """That system's number of the refund: the same one twice is one refund."""
    sale_id: Name
    amount: Amount
    at: Moment
    leg: Annotated[int, Meta(ge=1, le=9)] = 1
    lines: Annotated[list[ReturnedRecord], Meta(max_length=999)] = field(default_factory=list)


class BatchClosedRecord(Record, frozen=True, tag_field="kind", tag="batch_closed"):
    """The terminal's batch was closed: its sales up to then can no longer be voided."""

    terminal_id: Terminal
    batch: Trace
    at: Moment


class AdjustedRecord(Record, frozen=True, tag_field="kind", tag="adjusted"):
    """A leg is of another amount now: a tip, a correction, a weight that was known later."""

    reference: Name
    """The till's number of the change."""
    sale_id: Name
    amount: Price
    """The leg's new total."""
    at: Moment
    leg: Annotated[int, Meta(ge=1, le=9)] = 1


FeedRecord = SaleRecord | VoidedRecord | ElsewhereRecord | BatchClosedRecord | AdjustedRecord
RESERVED = frozenset({"return_request", "disputed", "stock_booked", "redeemed"})
"""Kinds that a later version takes."""
