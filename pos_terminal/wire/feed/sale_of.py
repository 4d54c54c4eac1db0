"""From a record of a sale to the sale, held against the rules; pure."""

from __future__ import annotations

from msgspec.structs import replace

from pos_terminal.core import receipt_code
from pos_terminal.core.currencies import CURRENCIES
from pos_terminal.core.digest import digest
from pos_terminal.core.invoice import Invoiced
from pos_terminal.core.normal import normal
from pos_terminal.core.pan import Pan, PanError
from pos_terminal.core.price import parse_price
from pos_terminal.core.sale import (
    CardRef,
    Funding,
    LineKind,
    Payment,
    Sale,
    SaleLine,
    SaleState,
    Tender,
    TenderKind,
)
from pos_terminal.core.voucher import as_issued
from pos_terminal.core.worth import WorthError, check
from pos_terminal.wire.feed.bad import BadLine
from pos_terminal.wire.feed.entries import SaleEntry
from pos_terminal.wire.feed.identifiers import ident, idents, quantity_of
from pos_terminal.wire.feed.moment import moment
from pos_terminal.wire.feed.payments import read_payments
from pos_terminal.wire.feed.records import LineRecord, SaleRecord, TenderRecord
from pos_terminal.wire.feed.rules import Rules


def sale_of(line: int, record: SaleRecord, rules: Rules) -> SaleEntry:
    """BadLine says what is wrong with it."""
    sale = _sale(record, rules)
    return SaleEntry(line, sale, digest(sale), _also(record, rules))


def _also(record: SaleRecord, rules: Rules) -> tuple[str, ...]:
    if rules.tokens is None or not rules.tokens.older or not record.has_pan:
        return ()
    return tuple(digest(_sale(record, replace(rules, tokens=one))) for one in rules.tokens.older)


def _sale(record: SaleRecord, rules: Rules) -> Sale:
    if record.merchant_id != rules.merchant_id:
        raise BadLine("merchant")
    if record.currency not in CURRENCIES:
        raise BadLine("currency", currency=record.currency)
    if (paid := sum(tender.amount for tender in record.tenders)) != record.amount:
        raise BadLine("sum", tenders=paid, amount=record.amount)
    if record.invoice_no and record.invoice != Invoiced.ISSUED.value:
        raise BadLine("invoice_no")
    recovery_no = normal(record.recovery_no)
    if recovery_no and not _is_remedy(recovery_no):
        raise BadLine("recovery_no")
    sold_at = moment(record.sold_at, "sold_at")
    payments = read_payments(record, sold_at, rules.auth_code)
    legs = enumerate(zip(record.tenders, payments.legs, strict=True), 1)
    sale = Sale(
        key=0,
        sale_id=ident("sale_id", record.sale_id),
        merchant_id=record.merchant_id,
        terminal_id=record.terminal_id,
        sold_at=sold_at,
        currency=record.currency,
        amount=record.amount,
        receipt_no=normal(record.receipt_no),
        state=SaleState(record.state),
        tenders=tuple(_tender(leg, tender, payment, rules) for leg, (tender, payment) in legs),
        lines=tuple(_line(number, line) for number, line in enumerate(record.lines, 1)),
        gift_receipt_no=normal(record.gift_receipt_no),
        invoice=None if record.invoice is None else Invoiced(record.invoice),
        invoice_no=normal(record.invoice_no),
        recovery_no=recovery_no,
    )
    sale = replace(sale, **payments.sale)
    rules.not_later(sale.last_at)
    try:
        check(sale)
    except WorthError as error:
        raise BadLine(error.code, **error.values) from None
    return sale


def _is_remedy(number: str) -> bool:
    """Whether it can be on a paper of a case, of this terminal or of another one: what is masked or
    misread would leave a slip that was paid for unpaid, and nobody would know why."""
    code = receipt_code.decode(number)
    return code is not None and code.kind == receipt_code.REMEDY_DIGIT


def _line(number: int, record: LineRecord) -> SaleLine:
    kind = LineKind(record.kind)
    if record.paid and (record.paid < 0) != (kind is LineKind.DISCOUNT):
        raise BadLine("paid_sign", number=number, paid=record.paid)
    return SaleLine(
        line=number,
        sku=normal(record.sku),
        name=record.name,
        quantity=quantity_of(number, record.quantity),
        price=parse_price(record.unit_price),
        category=record.category,
        kind=kind,
        paid=record.paid,
        group=record.group,
        barcodes=idents("barcodes", record.barcodes),
        serials=idents("serials", record.serials),
        returnable=record.returnable,
        not_returnable_because=record.not_returnable_because,
    )


def _tender(leg: int, record: TenderRecord, payment: Payment | None, rules: Rules) -> Tender:
    kind = TenderKind(record.kind)
    if kind is not TenderKind.CARD and record.names_card:
        raise BadLine("card_of_other", leg=leg, kind=kind.value)
    if record.voucher_no and kind is not TenderKind.VOUCHER:
        raise BadLine("number_of_other", leg=leg, kind=kind.value, field="voucher_no")
    if record.exchange_no and kind is not TenderKind.EXCHANGE:
        raise BadLine("number_of_other", leg=leg, kind=kind.value, field="exchange_no")
    return Tender(
        leg,
        kind,
        record.amount,
        card=_card(leg, record, rules) if kind is TenderKind.CARD else None,
        payment=payment,
        order_no=idents("order_no", record.order_no),
        voucher_no=as_issued(normal(record.voucher_no)),
        exchange_no=as_issued(normal(record.exchange_no)),
    )


def _card(leg: int, record: TenderRecord, rules: Rules) -> CardRef:
    token, key_id, masked = record.token, record.token_key_id, record.masked
    if record.pan is not None:
        token, key_id, masked = _from_pan(leg, record, rules)
    if (token is None) != (key_id is None):
        raise BadLine("token_alone", leg=leg)
    if token is None and masked is None:
        raise BadLine("no_card", leg=leg)
    foreign = rules.tokens is not None and key_id is not None and not rules.tokens.knows(key_id)
    if foreign and masked is None:
        raise BadLine("other_key", leg=leg, key=key_id or "")
    return CardRef(
        masked=masked,
        token=token.lower() if token else None,
        token_key_id=key_id,
        par=record.par,
        scheme=record.scheme,
        funding=Funding(record.funding),
    )


def _from_pan(leg: int, record: TenderRecord, rules: Rules) -> tuple[str, str, str]:
    """Token, key id and masked number of a full number; the digits go no further."""
    if not rules.allow_pan:
        raise BadLine("full_pan", leg=leg)
    if rules.tokens is None:
        raise BadLine("no_token_key", leg=leg)
    if record.token or record.token_key_id or record.masked:
        raise BadLine("pan_alone", leg=leg)
    try:
        pan = Pan(record.pan or "")
    except PanError:
        raise BadLine("pan", leg=leg) from None
    return rules.tokens.make(pan), rules.tokens.key_id, pan.masked
