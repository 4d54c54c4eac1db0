"""The sales feed as CSV: one record a line, with the names of the JSON fields in the first line.

``tenders`` and ``lines`` hold JSON, ``tender.order_no`` one number or a JSON list of them. A sale
with one tender may have it in columns instead: ``tender.kind``, ``tender.token`` … and without
``tender.amount`` it is the whole sale's. Empty cells are fields that are not there. A comma, a
semicolon or a tab parts the cells, as the first line has it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final, get_args

import msgspec
from msgspec import Struct

from pos_terminal.wire.feed.bad import BadLine
from pos_terminal.wire.feed.explain import explained
from pos_terminal.wire.feed.records import FeedRecord, TenderRecord
from pos_terminal.wire.feed.source import of_text
from pos_terminal.wire.feed.spoilt import check

NUMBERS: Final = frozenset({"amount", "leg", "tender.amount"})
NESTED: Final = frozenset({"tenders", "lines", "tender.order_no"})
EMPTY_MEANS_EMPTY: Final = frozenset({"batch", "trace", "rrn", "auth_code", "receipt_no"})
"""Fields of a sale that are compulsory and may be empty: a cash sale has no RRN."""
MOST_DIGITS: Final = 18
SEPARATORS: Final = ",;\t"
_PREFIX: Final = "tender."
_NUMBER: Final = f"{_PREFIX}pan"


Cells = Callable[[], dict[str, str]]


class Columns(Struct, frozen=True):
    """What the first line says."""

    names: tuple[str, ...]
    separator: str

    @classmethod
    def of(cls, first: str, known: frozenset[str]) -> Columns:
        """BadLine where it does not name columns that are known."""
        names, separator = named(first)
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise BadLine("column_twice", field=twice)
        if strangers := [name for name in names if name not in known]:
            raise BadLine("column_unknown", field=", ".join(strangers))
        return cls(names, separator)

    def cells(self, text: str) -> dict[str, str]:
        """A line's cells by their names; none for a line that is empty. BadLine."""
        cells = _cells(text, self.separator)
        if not any(cells):
            return {}
        if len(cells) != len(self.names):
            raise BadLine("cells", found=len(cells), wanted=len(self.names))
        return dict(zip(self.names, map(str.strip, cells), strict=True))


def named(first: str) -> tuple[tuple[str, ...], str]:
    """The names in a first line, and what parts them. BadLine."""
    separator = max(SEPARATORS, key=first.count)
    cells = _cells(first.removeprefix("\ufeff"), separator)
    return tuple(cell.strip() for cell in cells), separator


class NumberColumn(Struct, frozen=True):
    """Where a table has full card numbers."""

    place: int
    columns: int
    separator: str

    @classmethod
    def of(cls, first: str) -> NumberColumn | None:
        """By the first line, whatever else is wrong with it; None where it names no such column."""
        try:
            names, separator = named(first)
        except BadLine:
            return None
        return cls(names.index(_NUMBER), len(names), separator) if _NUMBER in names else None

    def number(self, text: str) -> str | None:
        """What stands there in this line; None where it can't be told which cell that is."""
        try:
            cells = _cells(text, self.separator)
        except BadLine:
            return None
        return cells[self.place] if len(cells) == self.columns else None


def _cells(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([text], strict=True, delimiter=separator), [])
    except csv.Error as error:
        raise BadLine("csv", cause=str(error)) from None


def csv_records(lines: Sequence[str]) -> Iterator[tuple[int, Callable[[], object]]]:
    """(line number, how to make the record); making it raises BadLine for a bad line."""
    for number, cells in csv_rows(lines, columns()):
        yield number, lambda cells=cells: record_of(cells())  # type: ignore[misc]


def csv_rows(lines: Sequence[str], known: frozenset[str]) -> Iterator[tuple[int, Cells]]:
    """(line number, how to get its cells by name), where the first line names the columns."""
    header: Columns | None = None
    for number, line in enumerate(lines, 1):
        try:
            text = of_text(number, line).text()
            if not text.strip(f" {SEPARATORS}"):
                continue
            if header is None:
                header = Columns.of(text, known)
                continue
        except BadLine as error:
            yield number, _raiser(error)
            if header is None:
                return
            continue
        yield number, lambda text=text, header=header: header.cells(text)  # type: ignore[misc]


@cache
def columns() -> frozenset[str]:
    """Every name that the first line may have."""
    fields = {name for kind in get_args(FeedRecord) for name in kind.__struct_fields__}
    tender = {_PREFIX + name for name in TenderRecord.__struct_fields__}
    return frozenset({"kind", *fields, *tender})


def _raiser(error: BadLine) -> Cells:
    def fail() -> dict[str, str]:
        raise error

    return fail


def record_of(cells: Mapping[str, object], *, code: int = 0) -> dict[str, object]:
    """The record as JSON would have it. BadLine. ``code`` as of ``spoilt.check``."""
    given = {name: str(text) for name, text in cells.items()}
    check(given, code=code)
    is_sale = given.get("kind", "") in ("", "sale")
    record: dict[str, object] = {}
    tender: dict[str, object] = {}
    bad: list[BadLine] = []
    for name, text in given.items():
        if not text and not (is_sale and name in EMPTY_MEANS_EMPTY):
            continue
        try:
            value = _value(name, text)
        except BadLine as error:
            bad.append(error)
            continue
        if name.startswith(_PREFIX):
            tender[name.removeprefix(_PREFIX)] = value
        else:
            record[name] = value
    if bad:
        bad[0].also = tuple(bad[1:])
        raise bad[0]
    if tender:
        if "tenders" in record:
            raise BadLine("tenders_twice")
        record["tenders"] = [{"amount": record.get("amount"), **tender}]
    return record


def loosely(text: str, columns: str) -> dict[str, object]:
    """A line's cells as far as its form goes, whatever is wrong with their values. BadLine,
    msgspec.DecodeError."""
    names, separator = named(columns)
    cells = Columns(names, separator).cells(text)
    told: dict[str, object] = {
        name: msgspec.json.decode(cell) if cell and name in ("tenders", "lines") else cell
        for name, cell in cells.items()
    }
    tender = {
        name.removeprefix(_PREFIX): told.pop(name) for name in cells if name.startswith(_PREFIX)
    }
    return told | {"tenders": [tender]} if any(tender.values()) else told


def _value(name: str, text: str) -> object:
    if name == "tender.order_no" and not text.startswith("["):
        return [text]
    if name in NUMBERS:
        return whole_number(name, text)
    if name in NESTED:
        try:
            return msgspec.json.decode(text.encode())
        except msgspec.DecodeError as error:
            raise BadLine("nested", field=name, cause=str(explained(error))) from None
        except RecursionError:
            raise BadLine("json", at=0) from None
    return text


def whole_number(name: str, text: str) -> int:
    """BadLine for anything but a few digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise BadLine("whole_number", field=name)
    return int(text)
