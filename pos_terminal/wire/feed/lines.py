"""From lines of the sales feed to sales and events; pure, a callable makes the card tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct, field

from pos_terminal.core.digest import digest
from pos_terminal.core.pan import Pan, PanError
from pos_terminal.core.quantity import TooFine, parse_quantity
from pos_terminal.core.sale import (
    CardRef,
    Funding,
    Sale,
    SaleLine,
    SaleState,
    Tender,
    TenderKind,
)
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.wire.feed.csv_rows import csv_records, utf8
from pos_terminal.wire.feed.problem import Problem
from pos_terminal.wire.feed.records import (
    BatchClosedRecord,
    ElsewhereRecord,
    FeedRecord,
    LineRecord,
    SaleRecord,
    TenderRecord,
    VoidedRecord,
)

MAX_LINE: Final = 262_144
"""Characters; a longer line is no sale."""
MAX_PROBLEMS: Final = 100
"""A file that is wrong altogether is not listed to its end."""
_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)", re.ASCII
)
_DIGITS: Final = re.compile(r"\d{12,}")


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


class BadLine(Exception):
    """The text is the reason; it never repeats what may be a card number."""


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
}


class SaleEntry(Struct, frozen=True):
    line: int
    sale: Sale
    content: str


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


class Rules(Struct, frozen=True):
    """What a record is held against, besides its own form."""

    merchant_id: str
    tokens: TokenMaker | None
    allow_pan: bool


def read_feed(
    lines: Sequence[str], form: Format, merchant_id: str, tokens: TokenMaker | None, allow_pan: bool
) -> Feed:
    """Every line of the file; those that are wrong become problems with their number."""
    rules = Rules(merchant_id, tokens, allow_pan)
    feed = Feed()
    numbered = csv_records(lines) if form is Format.CSV else json_records(lines)
    for number, produce in numbered:
        try:
            record = _record(produce())
            feed.held_pan = feed.held_pan or _has_pan(record)
            feed.entries.append(_entry(number, record, rules))
        except (BadLine, msgspec.ValidationError, msgspec.DecodeError, ValueError) as error:
            feed.problems.append(Problem(number, reason(error)))
        if len(feed.problems) >= MAX_PROBLEMS:
            feed.problems.append(Problem(0, f"stopped after {MAX_PROBLEMS} bad lines"))
            break
    return feed


def reason(error: Exception) -> str:
    """The error's text without anything that may be a card number."""
    return _DIGITS.sub("…", str(error)).replace(" - at `$.", " - at `").replace("`$`", "the record")


def json_records(lines: Sequence[str]) -> Iterator[tuple[int, Callable[[], object]]]:
    """(line number, how to read the record); reading it raises ValueError for a bad line."""
    for number, line in enumerate(lines, 1):
        text = line.removeprefix("\ufeff") if number == 1 else line
        if text.strip():
            yield number, lambda text=text: _decode(text)  # type: ignore[misc]


def _decode(text: str) -> object:
    if len(text) > MAX_LINE:
        raise BadLine(f"longer than {MAX_LINE} characters")
    return msgspec.json.decode(utf8(text))


def _record(raw: object) -> FeedRecord:
    if isinstance(raw, dict) and "kind" not in raw:
        raw = {"kind": "sale", **raw}
    record: FeedRecord = msgspec.convert(raw, FeedRecord)
    return record


def _has_pan(record: FeedRecord) -> bool:
    return isinstance(record, SaleRecord) and any(t.pan is not None for t in record.tenders)


def _entry(line: int, record: FeedRecord, rules: Rules) -> SaleEntry | Event:
    if isinstance(record, SaleRecord):
        sale = _sale(record, rules)
        return SaleEntry(line, sale, digest(sale))
    at = _moment(record.at, "at")
    content = digest(record)
    if isinstance(record, VoidedRecord):
        name = record.sale_id
        return Event(line, name, SaleEvent.SALE_VOIDED, at, content, sale_id=record.sale_id)
    if isinstance(record, ElsewhereRecord):
        return Event(
            line,
            record.reference,
            SaleEvent.REFUNDED_ELSEWHERE,
            at,
            content,
            sale_id=record.sale_id,
            leg=record.leg,
            amount=record.amount,
            items=_returned(record),
        )
    return _closed(line, record, at, content)


def _returned(record: ElsewhereRecord) -> dict[int, int]:
    """Thousandths by line; a line that is named twice adds up."""
    found: dict[int, int] = {}
    for one in record.lines:
        found[one.line] = found.get(one.line, 0) + _quantity(one.line, one.quantity)
    return found


def _closed(line: int, record: BatchClosedRecord, at: datetime, content: str) -> Event:
    batch = record.batch.zfill(6)
    name = f"{record.terminal_id}/{batch}/{at.date().isoformat()}"
    return Event(
        line, name, SaleEvent.BATCH_CLOSED, at, content, terminal_id=record.terminal_id, batch=batch
    )


def _sale(record: SaleRecord, rules: Rules) -> Sale:
    if record.merchant_id != rules.merchant_id:
        raise BadLine("sold under another merchant_id")
    if sum(tender.amount for tender in record.tenders) != record.amount:
        raise BadLine("the tenders' amounts do not add up to the sale's")
    by_card = any(tender.kind == "card" for tender in record.tenders)
    if (
        by_card
        and record.state == "approved"
        and not (record.rrn and record.trace and record.batch)
    ):
        raise BadLine("a card sale needs rrn, batch and trace")
    return Sale(
        key=0,
        sale_id=record.sale_id,
        merchant_id=record.merchant_id,
        terminal_id=record.terminal_id,
        batch=record.batch and record.batch.zfill(6),
        trace=record.trace and record.trace.zfill(6),
        rrn=record.rrn,
        auth_code=record.auth_code,
        sold_at=_moment(record.sold_at, "sold_at"),
        currency=record.currency,
        amount=record.amount,
        receipt_no=record.receipt_no,
        state=SaleState(record.state),
        batch_closed=False,
        tenders=tuple(_tender(leg, t, rules) for leg, t in enumerate(record.tenders, 1)),
        lines=tuple(_line(number, line) for number, line in enumerate(record.lines, 1)),
    )


def _line(number: int, record: LineRecord) -> SaleLine:
    quantity = _quantity(number, record.quantity)
    return SaleLine(number, record.sku, record.name, quantity, record.unit_price, record.category)


def _quantity(number: int, given: str | int) -> int:
    try:
        return parse_quantity(str(given))
    except TooFine as error:
        raise BadLine(f"line {number}: quantity {given} is {error}") from None


def _tender(leg: int, record: TenderRecord, rules: Rules) -> Tender:
    kind = TenderKind(record.kind)
    if kind is not TenderKind.CARD:
        if record.names_card:
            raise BadLine(f"tender {leg} is {kind.value} and names a card")
        return Tender(leg, kind, record.amount)
    return Tender(leg, kind, record.amount, card=_card(leg, record, rules))


def _card(leg: int, record: TenderRecord, rules: Rules) -> CardRef:
    token, key_id, masked = record.token, record.token_key_id, record.masked
    if record.pan is not None:
        token, key_id, masked = _from_pan(leg, record, rules)
    if (token is None) != (key_id is None):
        raise BadLine(f"tender {leg}: token and token_key_id belong together")
    if token is None and masked is None:
        raise BadLine(f"tender {leg}: a card needs token and token_key_id, or masked")
    foreign = rules.tokens is not None and key_id is not None and key_id != rules.tokens.key_id
    if foreign and masked is None:
        raise BadLine(f"tender {leg}: the token was made under another shop's key {key_id}")
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
        raise BadLine(f"tender {leg}: full card numbers are not allowed here")
    if rules.tokens is None:
        raise BadLine(f"tender {leg}: no token key is loaded to turn the card number into a token")
    if record.token or record.token_key_id or record.masked:
        raise BadLine(f"tender {leg}: pan stands alone, without token and masked")
    try:
        pan = Pan(record.pan or "")
    except PanError as error:
        raise BadLine(f"tender {leg}: {error}") from None
    return rules.tokens.make(pan), rules.tokens.key_id, pan.masked


def _moment(text: str, name: str) -> datetime:
    if not _MOMENT.fullmatch(text):
        raise BadLine(f"{name} is no ISO 8601 date and time with an offset, like +08:00")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadLine(f"{name} is no date and time of the calendar") from None
