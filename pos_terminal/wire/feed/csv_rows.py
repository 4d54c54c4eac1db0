"""The sales feed as CSV: one record a line, with the names of the JSON fields in the first line.

``tenders`` and ``lines`` hold JSON. A sale with one tender may have it in columns instead:
``tender.kind``, ``tender.token`` … and without ``tender.amount`` it is the whole sale's. Empty
cells are fields that are not there.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Final, get_args

import msgspec

from pos_terminal.wire.feed.records import FeedRecord, TenderRecord

NUMBERS: Final = frozenset({"amount", "leg", "tender.amount"})
NESTED: Final = frozenset({"tenders", "lines"})
EMPTY_MEANS_EMPTY: Final = frozenset({"batch", "trace", "rrn", "auth_code", "receipt_no"})
"""Fields of a sale that are compulsory and may be empty: a cash sale has no RRN."""
MOST_DIGITS: Final = 18
_PREFIX: Final = "tender."


Cells = Callable[[], dict[str, str]]


def csv_records(lines: Sequence[str]) -> Iterator[tuple[int, Callable[[], object]]]:
    """(line number, how to make the record); making it raises ValueError for a bad line."""
    for number, cells in csv_rows(lines, columns()):
        yield number, lambda cells=cells: _record(cells())  # type: ignore[misc]


def csv_rows(lines: Sequence[str], known: frozenset[str]) -> Iterator[tuple[int, Cells]]:
    """(line number, how to get its cells by name), where the first line names the columns."""
    reader = csv.reader([line.rstrip("\r\n") + "\n" for line in lines], strict=True)
    header: list[str] | None = None
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, _raiser(f"not valid CSV: {error}")
            return
        if not any(cells):
            continue
        if header is None:
            try:
                utf8("".join(cells))
            except ValueError as error:
                yield number, _raiser(str(error))
                return
            header = [cell.strip().removeprefix("\ufeff") for cell in cells]
            problem = _header_problem(header, known)
            if problem is not None:
                yield number, _raiser(problem)
                return
            continue
        yield number, _maker(header, cells)


def _header_problem(header: Sequence[str], known: frozenset[str]) -> str | None:
    """What is wrong with the first line, or None."""
    if len(set(header)) != len(header):
        return "a column stands twice in the first line"
    strangers = [name for name in header if name not in known]
    if strangers:
        return f"unknown column {strangers[0]!r}; known: {', '.join(sorted(known))}"
    return None


@cache
def columns() -> frozenset[str]:
    """Every name that the first line may have."""
    fields = {name for kind in get_args(FeedRecord) for name in kind.__struct_fields__}
    tender = {_PREFIX + name for name in TenderRecord.__struct_fields__}
    return frozenset({"kind", *fields, *tender})


def utf8(text: str) -> bytes:
    """The bytes of a line that was decoded with ``surrogateescape``. ValueError names a bad one."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        found = f"byte 0x{code - 0xDC00:02X}" if 0xDC80 <= code <= 0xDCFF else f"U+{code:04X}"
        raise ValueError(f"not UTF-8: {found}") from None


def _maker(header: Sequence[str], cells: Sequence[str]) -> Cells:
    return lambda: _by_name(header, cells)


def _raiser(reason: str) -> Cells:
    def fail() -> dict[str, str]:
        raise ValueError(reason)

    return fail


def _by_name(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    utf8("".join(cells))
    if len(cells) != len(header):
        raise ValueError(f"{len(cells)} cells under {len(header)} columns")
    return dict(zip(header, map(str.strip, cells), strict=True))


def _record(given: dict[str, str]) -> dict[str, object]:
    is_sale = given.get("kind", "") in ("", "sale")
    record: dict[str, object] = {}
    tender: dict[str, object] = {}
    for name, text in given.items():
        if not text and not (is_sale and name in EMPTY_MEANS_EMPTY):
            continue
        if name.startswith(_PREFIX):
            tender[name.removeprefix(_PREFIX)] = _value(name, text)
        else:
            record[name] = _value(name, text)
    if tender:
        if "tenders" in record:
            raise ValueError("tenders stand in one column or in tender.… columns, not in both")
        record["tenders"] = [{"amount": record.get("amount"), **tender}]
    return record


def _value(name: str, text: str) -> object:
    if name in NUMBERS:
        if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
            raise ValueError(f"{name} is a whole number, money in minor units")
        return int(text)
    if name in NESTED:
        try:
            return msgspec.json.decode(text.encode())
        except msgspec.DecodeError:
            raise ValueError(f"{name} is not valid JSON") from None
    return text
