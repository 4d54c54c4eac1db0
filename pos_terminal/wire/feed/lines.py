"""From lines of the sales feed to sales and events; pure, a callable makes the card tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from pos_terminal.core.currencies import CURRENCIES
from pos_terminal.core.digest import digest
from pos_terminal.core.normal import normal
from pos_terminal.core.pan import Pan, PanError
from pos_terminal.core.price import parse_price
from pos_terminal.core.quantity import TooFine, parse_quantity
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
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.core.worth import WorthError, check
from pos_terminal.wire.feed.bad import BadLine, clean
from pos_terminal.wire.feed.csv_rows import SEPARATORS, Columns, columns, record_of
from pos_terminal.wire.feed.explain import explained
from pos_terminal.wire.feed.moment import moment
from pos_terminal.wire.feed.numbers_in_texts import no_card_numbers
from pos_terminal.wire.feed.payments import read_payments
from pos_terminal.wire.feed.problem import Problem
from pos_terminal.wire.feed.records import (
    RESERVED,
    AdjustedRecord,
    BatchClosedRecord,
    ElsewhereRecord,
    FeedRecord,
    LineRecord,
    SaleRecord,
    TenderRecord,
    VoidedRecord,
)
from pos_terminal.wire.feed.source import Line, of_text


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


class Event(Struct, frozen=True):
    """A thing that happened to a sale or a batch."""

    line: int
    name: str
    """Of its kind no other event has it: the sale's, its reference, or its batch's."""
    kind: SaleEvent
    at: datetime
    content: str
    sale_id: str | None = None
    leg: int | None = None
    amount: int | None = None
    items: Mapping[int, int] = field(default_factory=dict)
    """Thousandths by line, of goods that were taken back."""
    terminal_id: str | None = None
    batch: str | None = None

    @property
    def key(self) -> str:
        """Makes the same event one event."""
        return f"{_KEYS[self.kind]}/{self.name}"


_KEYS: Final = {
    SaleEvent.SALE_VOIDED: "voided",
    SaleEvent.REFUNDED_ELSEWHERE: "refunded",
    SaleEvent.BATCH_CLOSED: "closed",
    SaleEvent.ADJUSTED: "adjusted",
}


class SaleEntry(Struct, frozen=True):
    line: int
    sale: Sale
    content: str
    also: tuple[str, ...] = ()
    """What its content was while an older token key was in force, where it came with numbers."""

    def is_content(self, known: str) -> bool:
        """Whether it says the same as what is known."""
        return known == self.content or known in self.also


class Feed(Struct):
    """A whole file, in its order."""

    entries: list[SaleEntry | Event] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    held_pan: bool = False
    """Some record had a full card number: the file is to be wiped after the import."""


class TokenMaker(Struct, frozen=True):
    """Makes card tokens under the key of that id."""

    key_id: str
    make: Callable[[Pan], str]
    older: tuple[TokenMaker, ...] = ()
    """Under keys that were replaced: tokens of theirs can be compared with a card, too."""

    @classmethod
    def of(cls, tokens: Tokens) -> TokenMaker:
        """Under all keys of a shop."""
        older = (cls(key_id, _maker(tokens, key_id)) for key_id in tokens.older_ids)
        return cls(tokens.key_id, tokens.token, tuple(older))

    def knows(self, key_id: str) -> bool:
        """Whether a token under that key is one of this shop's."""
        return key_id == self.key_id or any(key_id == one.key_id for one in self.older)


class Tokens(Protocol):
    """As ``ports.Tokens``."""

    key_id: str

    @property
    def older_ids(self) -> Sequence[str]: ...
    def token(self, pan: Pan) -> str: ...
    def older(self, pan: Pan) -> Mapping[str, str]: ...


def _maker(tokens: Tokens, key_id: str) -> Callable[[Pan], str]:
    return lambda pan: tokens.older(pan)[key_id]


class Rules(Struct, frozen=True):
    """What a record is held against, besides its own form."""

    merchant_id: str
    tokens: TokenMaker | None
    allow_pan: bool
    auth_code: tuple[int, int] = (6, 6)
    """Characters of an authorisation code that the acquirer's message has room for: the least and
    the most."""
    now: datetime | None = None
    """Sales of later are refused; None: nobody knows what time it is."""


class Reader:
    """Reads a file's lines one after the other."""

    def __init__(self, form: Format, rules: Rules) -> None:
        self._form = form
        self._rules = rules
        self._columns: Columns | None = None
        self._nameless = False
        """The first line of a CSV file did not name its columns: nothing after it can be read."""
        self.header: Line | None = None
        """Of a CSV file: the line that names its columns."""
        self.held_pan = False
        """Some record had a full card number: the file is to be wiped after the import."""

    def read(self, line: Line) -> SaleEntry | Event | Problem | None:
        """What it says; None where it says nothing."""
        told: Mapping[str, object] = {}
        try:
            told = self._told(line)
            return self._entry(line.number, told) if told else None
        except BadLine as error:
            return Problem.of(line.number, error, _sale_id(told))

    def _told(self, line: Line) -> Mapping[str, object]:
        """An object, or the cells of a row; empty where there is none. BadLine."""
        text = line.text()
        if self._form is Format.JSONL:
            return _object(text) if text.strip() else {}
        if not text.strip(f" {SEPARATORS}"):
            return {}
        if self._columns is not None:
            return self._columns.cells(text)
        if self._nameless:
            raise BadLine("no_columns")
        self._nameless = True
        self._columns = Columns.of(text, columns())
        self.header = line
        return {}

    def _entry(self, number: int, told: Mapping[str, object]) -> SaleEntry | Event:
        raw = told if self._form is Format.JSONL else record_of(told)
        record = _record(raw)
        no_card_numbers(raw)
        self.held_pan = self.held_pan or _has_pan(record)
        return _entry(number, record, self._rules)


def read_feed(
    lines: Iterable[str],
    form: Format,
    merchant_id: str,
    tokens: TokenMaker | None,
    allow_pan: bool,
    *,
    auth_code: tuple[int, int] = (6, 6),
    now: datetime | None = None,
) -> Feed:
    """Every line of a small file; those that are wrong become problems with their number."""
    reader = Reader(form, Rules(merchant_id, tokens, allow_pan, auth_code, now))
    feed = Feed()
    for number, text in enumerate(lines, 1):
        match reader.read(of_text(number, text.removeprefix("\ufeff") if number == 1 else text)):
            case Problem() as problem:
                feed.problems.append(problem)
            case SaleEntry() | Event() as entry:
                feed.entries.append(entry)
    feed.held_pan = reader.held_pan
    return feed


def json_records(lines: Iterable[str]) -> Iterator[tuple[int, Callable[[], object]]]:
    """(line number, how to read the record); reading it raises BadLine for a bad line."""
    for number, line in enumerate(lines, 1):
        text = line.removeprefix("\ufeff") if number == 1 else line
        if text.strip():
            yield number, lambda text=text, n=number: from_json(of_text(n, text).text())  # type: ignore[misc]


def from_json(text: str) -> object:
    """BadLine."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise explained(error) from None
    except (RecursionError, UnicodeError):
        raise BadLine("json", at=0) from None


def _object(text: str) -> Mapping[str, object]:
    found = from_json(text)
    if isinstance(found, dict) and found:
        return found
    raise BadLine("object")


def _sale_id(told: Mapping[str, object]) -> str:
    found = told.get("sale_id")
    return str(clean(found)) if isinstance(found, str) else ""


def _record(told: Mapping[str, object]) -> FeedRecord:
    kind = told.get("kind")
    if isinstance(kind, str) and kind in RESERVED:
        raise BadLine("not_yet", kind=kind)
    try:
        record: FeedRecord = msgspec.convert({"kind": "sale", **told}, FeedRecord)
    except msgspec.ValidationError as error:
        raise explained(error) from None
    return record


def _has_pan(record: FeedRecord) -> bool:
    return isinstance(record, SaleRecord) and any(t.pan is not None for t in record.tenders)


def _entry(line: int, record: FeedRecord, rules: Rules) -> SaleEntry | Event:
    if isinstance(record, SaleRecord):
        sale = _sale(record, rules)
        return SaleEntry(line, sale, digest(sale), _also(record, rules))
    at = moment(record.at, "at")
    if isinstance(record, VoidedRecord):
        name, kind = ident("sale_id", record.sale_id), SaleEvent.SALE_VOIDED
        return _event(line, name, kind, at, sale_id=name)
    if isinstance(record, BatchClosedRecord):
        return _closed(line, record, at)
    adjusted = isinstance(record, AdjustedRecord)
    return _event(
        line,
        ident("reference", record.reference),
        SaleEvent.ADJUSTED if adjusted else SaleEvent.REFUNDED_ELSEWHERE,
        at,
        sale_id=ident("sale_id", record.sale_id),
        leg=record.leg,
        amount=record.amount,
        items={} if isinstance(record, AdjustedRecord) else _returned(record),
    )


def _event(line: int, name: str, kind: SaleEvent, at: datetime, **facts: Any) -> Event:
    """The same moment in another offset is the same."""
    when = f"{at.timestamp():.6f}"
    items = sorted(facts.get("items", {}).items())
    content = digest((kind.value, name, when, {**facts, "items": items}))
    return Event(line, name, kind, at, content, **facts)


def _also(record: SaleRecord, rules: Rules) -> tuple[str, ...]:
    if rules.tokens is None or not rules.tokens.older or not _has_pan(record):
        return ()
    return tuple(digest(_sale(record, replace(rules, tokens=one))) for one in rules.tokens.older)


def ident(field: str, given: str) -> str:
    """Of what names something, without what people don't see. BadLine where nothing is left."""
    text = normal(given)
    if not text:
        raise BadLine("short", field=field, bound=">= 1")
    return text


def _idents(field: str, given: Iterable[str]) -> tuple[str, ...]:
    return tuple(ident(field, one) for one in given)


def _returned(record: ElsewhereRecord) -> dict[int, int]:
    """Thousandths by line; a line that is named twice adds up."""
    found: dict[int, int] = {}
    for one in record.lines:
        found[one.line] = found.get(one.line, 0) + _quantity(one.line, one.quantity)
    return found


def _closed(line: int, record: BatchClosedRecord, at: datetime) -> Event:
    batch = record.batch.zfill(6)
    name = f"{record.terminal_id}/{batch}/{int(at.timestamp())}"
    kind = SaleEvent.BATCH_CLOSED
    return _event(line, name, kind, at, terminal_id=record.terminal_id, batch=batch)


def _sale(record: SaleRecord, rules: Rules) -> Sale:
    if record.merchant_id != rules.merchant_id:
        raise BadLine("merchant")
    if record.currency not in CURRENCIES:
        raise BadLine("currency", currency=record.currency)
    if (paid := sum(tender.amount for tender in record.tenders)) != record.amount:
        raise BadLine("sum", tenders=paid, amount=record.amount)
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
    )
    sale = replace(sale, **payments.sale)
    _must_have_been(sale, rules)
    try:
        check(sale)
    except WorthError as error:
        raise BadLine(error.code, **error.values) from None
    return sale


def _must_have_been(sale: Sale, rules: Rules) -> None:
    """A sale, that is. What *happened* to one is taken whenever it says: without it the sale would
    be given back once more."""
    if rules.now is not None and sale.is_dated_after(rules.now):
        now = f"{rules.now:%Y-%m-%d %H:%M}"
        raise BadLine("future", at=sale.last_at.isoformat(timespec="minutes"), now=now)


def _line(number: int, record: LineRecord) -> SaleLine:
    kind = LineKind(record.kind)
    if record.paid and (record.paid < 0) != (kind is LineKind.DISCOUNT):
        raise BadLine("paid_sign", number=number, paid=record.paid)
    return SaleLine(
        line=number,
        sku=normal(record.sku),
        name=record.name,
        quantity=_quantity(number, record.quantity),
        price=parse_price(record.unit_price),
        category=record.category,
        kind=kind,
        paid=record.paid,
        group=record.group,
        barcodes=_idents("barcodes", record.barcodes),
        serials=_idents("serials", record.serials),
        returnable=record.returnable,
        not_returnable_because=record.not_returnable_because,
    )


def _quantity(number: int, given: str | int) -> int:
    try:
        return parse_quantity(str(given))
    except TooFine:
        raise BadLine("quantity_fine", number=number, quantity=str(given)) from None


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
        order_no=_idents("order_no", record.order_no),
        voucher_no=normal(record.voucher_no),
        exchange_no=normal(record.exchange_no),
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
