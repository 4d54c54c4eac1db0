"""From lines of the sales feed to sales and events, one after the other; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct, field

from pos_terminal.wire.feed.all_wrong import all_wrong
from pos_terminal.wire.feed.bad import BadLine, clean
from pos_terminal.wire.feed.csv_rows import SEPARATORS, Columns, columns, record_of
from pos_terminal.wire.feed.entries import Event, SaleEntry
from pos_terminal.wire.feed.event_of import event_of
from pos_terminal.wire.feed.explain import explained
from pos_terminal.wire.feed.numbers_in_texts import no_card_numbers
from pos_terminal.wire.feed.problem import Problem
from pos_terminal.wire.feed.records import RESERVED, FeedRecord, SaleRecord
from pos_terminal.wire.feed.rules import Rules, TokenMaker
from pos_terminal.wire.feed.sale_of import sale_of
from pos_terminal.wire.feed.source import Line, of_text

BENEATH: Final = "no_columns"
"""Of lines that can't be read for their first line: with that, they are one fault."""


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


class Feed(Struct):
    """A whole file, in its order."""

    entries: list[SaleEntry | Event] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    held_pan: bool = False
    """Some record had a full card number: the file is to be wiped after the import."""


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
            raise BadLine(BENEATH)
        self._nameless = True
        self._columns = Columns.of(text, columns())
        self.header = line
        return {}

    def _entry(self, number: int, told: Mapping[str, object]) -> SaleEntry | Event:
        code = self._rules.auth_code[0]
        raw = told if self._form is Format.JSONL else record_of(told, code=code)
        record = _record(raw)
        no_card_numbers(raw)
        if not isinstance(record, SaleRecord):
            return event_of(number, record, self._rules)
        self.held_pan = self.held_pan or record.has_pan
        return sale_of(number, record, self._rules)


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
            case Problem() as problem if problem.code != BENEATH:
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
    raw = {"kind": "sale", **told}
    kind = raw["kind"]
    if isinstance(kind, str) and kind in RESERVED:
        raise BadLine("not_yet", kind=kind)
    try:
        record: FeedRecord = msgspec.convert(raw, FeedRecord)
    except msgspec.ValidationError as error:
        raise all_wrong(raw, explained(error)) from None
    return record
