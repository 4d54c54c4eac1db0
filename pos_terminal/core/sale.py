"""The original purchase as the till reported it, with what is left of it to give back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from pos_terminal.core.invoice import Invoiced
from pos_terminal.core.price import list_worth

CLOCKS_DIFFER: Final = timedelta(minutes=10)
"""A till's clock may be ahead of ours by so much; a sale that is dated later is none yet."""


class TenderKind(StrEnum):
    CARD = "card"
    CASH = "cash"
    WALLET = "wallet"
    VOUCHER = "voucher"
    TRANSFER = "transfer"
    POINTS = "points"
    EXCHANGE = "exchange"
    """Goods that were given in return (换货)."""


class SaleState(StrEnum):
    APPROVED = "approved"
    UNCONFIRMED = "unconfirmed"
    VOIDED = "voided"
    WITHDRAWN = "withdrawn"
    """It was typed wrong, and a supervisor took it back before anything came of it (R7)."""


class SaleOrigin(StrEnum):
    """Who told of it."""

    FEED = "feed"
    TYPED = "typed"
    """A clerk typed it from the receipt, and no till has told of it yet (R7)."""
    BLIND = "blind"
    """Nobody knows the sale: it stands for goods that came back without a receipt (R17)."""


class LineKind(StrEnum):
    GOODS = "goods"
    FEE = "fee"
    """Delivery, packing, a service: no part of what goods are worth."""
    DISCOUNT = "discount"


class Funding(StrEnum):
    DEBIT = "debit"
    CREDIT = "credit"
    UNKNOWN = "unknown"


class CardRef(Struct, frozen=True):
    """What the sale knows of its card; never the full number."""

    masked: str | None
    """First six, stars, last four."""
    token: str | None
    """HMAC-SHA-256 of the number under the shop's token key, 64 hex digits."""
    token_key_id: str | None
    par: str | None
    """Payment account reference, EMV tag 9F24, 29 characters."""
    scheme: str
    funding: Funding

    @property
    def last_four_only(self) -> bool:
        """Whether nothing but the last four digits tells which card it is."""
        return self.token is None and self.par is None and (self.masked or "").startswith("*")

    @property
    def unseen(self) -> bool:
        """Whether nothing at all tells which card it is: its sale was typed."""
        return not (self.token or self.par or self.masked)

    @property
    def last_four(self) -> str:
        """Its last four digits; empty where they are not known."""
        return (self.masked or "")[-4:]


class Lacking(StrEnum):
    """What a till's export may not have of a payment."""

    RRN = "rrn"
    BATCH = "batch"
    TRACE = "trace"


_NUMBERS: Final = tuple((one.value, one) for one in Lacking)


class Payment(Struct, frozen=True, kw_only=True):
    """What the acquirer knows a payment by card or wallet by: of each leg its own."""

    terminal_id: str
    batch: str = ""
    trace: str = ""
    """Six digits, as ``batch``; both are empty where the till does not know them."""
    rrn: str = ""
    """Field 37."""
    auth_code: str = ""
    """Field 38."""
    paid_at: datetime
    """Field 61 has its day."""

    @property
    def lacks(self) -> tuple[Lacking, ...]:
        """The numbers without which the acquirer can't be asked about it."""
        return tuple(one for name, one in _NUMBERS if not getattr(self, name))

    @property
    def known(self) -> bool:
        """Whether the acquirer can be asked about it."""
        return not self.lacks

    @property
    def whole(self) -> bool:
        """Whether it has all that an acquirer may refund it by without its card (R29)."""
        return self.known and bool(self.auth_code)


class Tender(Struct, frozen=True):
    """One leg of the sale. Amounts in minor units; ``done + held <= amount`` always."""

    leg: int
    kind: TenderKind
    amount: int
    done: int = 0
    held: int = 0
    card: CardRef | None = None
    void_refused: bool = False
    """The acquirer refused to void it in a way that leaves a refund possible (12, 58)."""
    credited: int = 0
    """Of ``done``, what went back as store credit, or was spent on other goods."""
    payment: Payment | None = None
    """Of a card or a wallet."""
    batch_closed: bool = False
    """The batch of its payment was closed."""
    order_no: tuple[str, ...] = ()
    """What a wallet, or whoever took the payment, calls it."""
    voucher_no: str = ""
    exchange_no: str = ""
    """Of the exchange whose goods paid for it."""
    in_notes: int = 0
    """Of ``done``, what went back in cash here, whatever it was paid with (R34)."""
    apart: int = 0
    """Of ``held``, what people carry out elsewhere or an exchange credit stands for: it keeps
    nothing else of the sale (R37, R38)."""
    typed: int = 0
    """How many supervisors a refund of it takes because a clerk typed by what the acquirer knows
    it (R7): two where the till has a payment that it might have been. 0: the till told it."""
    reopens: int = 0
    """Of goods that an exchange credit of ours paid for: what of it the till took, and nobody has
    back yet. No more of this leg can go back."""
    reopened: int = 0
    """Of what an exchange credit spent here, what is open again since its goods came back."""
    as_told: Payment | None = None
    """What the till told of a payment whose reference a clerk typed: what is left when that is
    taken back."""

    @property
    def paid_by(self) -> str:
        """The number of the voucher or exchange credit that paid, as the till told it."""
        return self.exchange_no or self.voucher_no

    @property
    def lacks(self) -> tuple[Lacking, ...]:
        """The numbers without which nothing can go back to its card. Of one that was typed the
        reference is enough: what else field 61 has of it is not known."""
        lacks = () if self.payment is None else self.payment.lacks
        return tuple(one for one in lacks if one is Lacking.RRN) if self.typed else lacks

    @property
    def remaining(self) -> int:
        return self.amount - self.done - self.held

    @property
    def most(self) -> int:
        """What can go back of it now: of what an exchange credit paid, what can be opened again."""
        by_credit = self.kind is TenderKind.EXCHANGE
        return min(self.remaining, self.reopens) if by_credit else self.remaining

    @property
    def cash_back(self) -> int:
        """What of this leg went back in notes, here or (as the feed says) elsewhere."""
        return self.done - self.credited if self.kind is TenderKind.CASH else self.in_notes


class WentOut(Struct, frozen=True):
    """Other goods that the customer has of a line since an exchange (R37)."""

    sku: str
    code: str
    """As it was scanned."""
    left: int
    """Thousandths that are not back, nor on their way."""
    serials: tuple[str, ...] = ()
    """Of their pieces."""
    name: str = ""
    """Where the ledger knows it."""
    went: int = 0
    """Thousandths that went out in all."""

    @property
    def sort(self) -> tuple[str, str]:
        return self.sku, self.code

    @property
    def known_as(self) -> str:
        return self.name or self.code


class SaleLine(Struct, frozen=True):
    """One line. Quantities in thousandths; ``returned + held <= quantity`` always."""

    line: int
    sku: str
    name: str
    quantity: int
    """As sold."""
    price: int
    """Of one, before any discount: millionths of a minor unit (``core/price.py``)."""
    category: str
    returned: int = 0
    held: int = 0
    kind: LineKind = LineKind.GOODS
    paid: int | None = None
    """After discounts, with its tax, minor units; of a discount below zero. None: not told."""
    group: str = ""
    """Lines of one promotion have the same."""
    barcodes: tuple[str, ...] = ()
    serials: tuple[str, ...] = ()
    returnable: bool = True
    not_returnable_because: str = ""
    exchanged_for: tuple[str, ...] = ()
    """Codes of what the customer has in place of it since an exchange (R37)."""
    serials_out: tuple[str, ...] = ()
    """Numbers of those pieces."""
    went_out: tuple[WentOut, ...] = ()
    """Those goods by what they are, what went out last at the end."""

    @property
    def known_serials(self) -> tuple[str, ...]:
        """Of each piece that the customer had of it at some time."""
        return self.serials + self.serials_out

    @property
    def charged(self) -> int:
        """What the till charged for it in all, minor units; of a discount what it took off. By the
        price list where nothing says what was paid."""
        if self.paid is not None:
            return self.paid
        listed = list_worth(self.quantity, self.price)
        return -listed if self.kind is LineKind.DISCOUNT else listed

    @property
    def remaining(self) -> int:
        """What could still come back; of a discount nothing ever does."""
        return 0 if self.kind is LineKind.DISCOUNT else self.quantity - self.returned - self.held


def shown_when(origin: SaleOrigin, sold_at: datetime) -> str:
    """For lists and screens: of a sale that was typed only the day is known."""
    return f"{sold_at:%Y-%m-%d}" if origin is SaleOrigin.TYPED else f"{sold_at:%Y-%m-%d %H:%M}"


class Ahead(Struct, frozen=True):
    """What went back for goods that did not come back: other payments of their ticket gave their
    parts, and the one that names them gave nothing."""

    amount: int
    """Minor units."""
    goods: Mapping[int, int]
    """Thousandths by the number of the line."""


class Sale(Struct, frozen=True):
    """A sale with its tenders and lines.

    ``batch``, ``trace``, ``rrn`` and ``auth_code`` are how the till numbered a sale of which no leg
    has a payment of its own: one in cash. What a leg is found and given back by is its payment.
    """

    key: int
    """The ledger's own, by which everything refers to it; 0 until it is stored."""
    sale_id: str
    """The till's name for it; empty where it has none."""
    merchant_id: str
    terminal_id: str
    sold_at: datetime
    """With the shop's offset of that day (``core/local_time.py``)."""
    currency: str
    amount: int
    receipt_no: str
    state: SaleState
    tenders: tuple[Tender, ...]
    lines: tuple[SaleLine, ...]
    origin: SaleOrigin = SaleOrigin.FEED
    batch: str = ""
    trace: str = ""
    rrn: str = ""
    auth_code: str = ""
    gift_receipt_no: str = ""
    invoice: Invoiced | None = None
    """None: no till told it."""
    invoice_no: str = ""
    recovery_no: str = ""
    """Of our slip that it pays: what had gone back too much (R46)."""
    locked: bool = False
    """A refund that was given up as not paid was approved after all: no more is given back."""
    owed: int = 0
    """Of goods that are back: what an approval of a part, or a leg with too little, left open, to
    who paid."""
    owed_to_holder: int = 0
    """The same, to who has the gift receipt."""
    ahead: tuple[Ahead, ...] = ()
    deducted: int = 0
    """Of goods that are back, or held by who carries it out elsewhere: what they brought less than
    they are worth (R74)."""

    @property
    def goods(self) -> tuple[SaleLine, ...]:
        """Its lines that are neither fees nor discounts."""
        return tuple(line for line in self.lines if line.kind is LineKind.GOODS)

    @property
    def payments(self) -> tuple[Payment, ...]:
        """Of its legs, in their order."""
        return tuple(tender.payment for tender in self.tenders if tender.payment is not None)

    @property
    def first_trace(self) -> str:
        """The trace number that people know it by; empty where it has none."""
        return next((one.trace for one in self.payments if one.trace), self.trace)

    @property
    def number(self) -> str:
        """By which people know it: its trace, the receipt's number where it has none, or the
        reference that was typed."""
        return self.first_trace or self.receipt_no or self.first_rrn

    @property
    def first_rrn(self) -> str:
        """The reference of one that was typed; empty for others."""
        typed = self.origin is SaleOrigin.TYPED
        return next((one.rrn for one in self.payments if one.rrn), "") if typed else ""

    @property
    def when(self) -> str:
        return shown_when(self.origin, self.sold_at)

    @property
    def when_short(self) -> str:
        """Without the year, where it stands among others."""
        return self.when.partition("-")[2]

    @property
    def sold(self) -> str:
        """As slips have it, ISO 8601."""
        at = self.sold_at
        typed = self.origin is SaleOrigin.TYPED
        return at.date().isoformat() if typed else at.isoformat(timespec="seconds")

    @property
    def name(self) -> str:
        """For lists and messages: the till's name, or our key where it gave none."""
        return self.sale_id or f"#{self.key}"

    @property
    def done(self) -> int:
        return sum(tender.done for tender in self.tenders)

    @property
    def held(self) -> int:
        return sum(tender.held for tender in self.tenders)

    @property
    def unknown(self) -> int:
        """What is held by a refund whose outcome is open."""
        return sum(tender.held - tender.apart for tender in self.tenders)

    @property
    def remaining(self) -> int:
        return sum(tender.remaining for tender in self.tenders)

    @property
    def withheld(self) -> int:
        """What was deducted stays with the shop, as far as it did not go back all the same."""
        return min(self.deducted, max(0, self.remaining))

    @property
    def offered(self) -> int:
        """What remains to give back without anybody's word."""
        return self.remaining - self.withheld

    @property
    def cash_back(self) -> int:
        """What went back in notes, of all its legs."""
        return sum(tender.cash_back for tender in self.tenders)

    def is_dated_after(self, now: datetime) -> bool:
        """Whether it is of the future, or a payment of it: its till's clock, or ours, is wrong."""
        return self.last_at > now + CLOCKS_DIFFER

    @property
    def last_at(self) -> datetime:
        """When it was sold and paid, the later of them."""
        paid = (one.payment.paid_at for one in self.tenders if one.payment is not None)
        return max([self.sold_at, *paid])

    def age_days(self, now: datetime) -> int:
        """Whole days of the shop's calendar since the sale."""
        return (now.date() - self.sold_at.date()).days

    def tender(self, leg: int) -> Tender:
        """The leg with this number; KeyError where the sale has none."""
        for tender in self.tenders:
            if tender.leg == leg:
                return tender
        raise KeyError(leg)

    def line(self, number: int) -> SaleLine:
        """The line with this number; KeyError where the sale has none. Mostly it stands in its
        place: of 999 none is looked for through the others."""
        if 0 < number <= len(self.lines) and self.lines[number - 1].line == number:
            return self.lines[number - 1]
        for line in self.lines:
            if line.line == number:
                return line
        raise KeyError(number)


class SaleLeg(Struct, frozen=True):
    """One payment, and the sale that it is of."""

    sale: Sale
    leg: Tender
