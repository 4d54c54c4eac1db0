"""``up --sales FILE``: further sales, given to terminal and acquirer alike.

The file is in the form of the sales feed (docs/sales-feed.md), JSON Lines or CSV, and may name
cards by their full numbers: the acquirer gets those, the terminal their tokens. Fields that name
the shop may be left out; they are then this bench's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hw_sim.bench import identity
from hw_sim.device import BenchError
from pos_terminal.core.pan import Pan, PanError
from pos_terminal.wire.feed.csv_rows import csv_records

Record = dict[str, Any]
_SHOP: Final = {
    "merchant_id": identity.MERCHANT_ID,
    "terminal_id": identity.TERMINAL_ID,
    "currency": identity.CURRENCY,
}
_KNOWN: Final = (
    "sale_id",
    "merchant_id",
    "terminal_id",
    "batch",
    "trace",
    "rrn",
    "auth_code",
    "sold_at",
    "currency",
)
"""What the acquirer knows of a sale besides its card and amount."""


@dataclass(frozen=True, slots=True)
class Further:
    """The file's records as they are, and what the acquirer gets of them."""

    records: list[Record]
    acquirer: list[Record]

    def feed(self, token: Callable[[str], str], key_id: str) -> list[Record]:
        """For the terminal: every full card number is a token and a masked number."""
        return [_without_numbers(record, token, key_id) for record in self.records]


def read_further(path: Path) -> Further:
    """BenchError names the file, the line and what is wrong with it."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BenchError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    records = [_checked(path, number, make) for number, make in _records(text)]
    return Further(records, list(_acquirer_records(records)))


def _records(text: str) -> Iterator[tuple[int, Callable[[], object]]]:
    lines = text.splitlines()
    if text.lstrip().startswith("{"):
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, lambda line=line: json.loads(line)  # type: ignore[misc]
    else:
        yield from csv_records(lines)


def _checked(path: Path, number: int, make: Callable[[], object]) -> Record:
    """The record with the shop's fields, its card numbers checked; the rest the terminal checks."""
    try:
        record = make()
        if not isinstance(record, dict):
            raise BenchError("not an object")
        if record.get("kind", "sale") != "sale":
            return record
        tenders = record.get("tenders")
        if not isinstance(tenders, list) or not all(isinstance(one, dict) for one in tenders):
            raise BenchError("tenders is no list of objects")
        for tender in tenders:
            if tender.get("pan") is not None:
                Pan(str(tender["pan"]))
        return {**_SHOP, **record}
    except (ValueError, BenchError, PanError) as error:
        raise BenchError(f"{path}, line {number}: {error}") from None


def _acquirer_records(records: list[Record]) -> Iterator[Record]:
    accounts = _accounts(records)
    for record in records:
        for tender in _numbered(record):
            known = {name: record[name] for name in _KNOWN if name in record}
            known |= {name: tender[name] for name in _KNOWN if tender.get(name)}
            known |= {"sold_at": tender["paid_at"]} if tender.get("paid_at") else {}
            known |= {name: str(known.get(name, "")).zfill(6) for name in ("batch", "trace")}
            pan, par = str(tender["pan"]), tender.get("par")
            others = sorted(accounts.get(par, set()) - {pan}) if par else []
            card = {"pan": pan, "par": par, "also": [{"pan": other} for other in others]}
            yield known | {"amount": tender.get("amount")} | card


def _accounts(records: list[Record]) -> Mapping[str, set[str]]:
    """Card numbers by payment account reference."""
    found: dict[str, set[str]] = {}
    for record in records:
        for tender in _numbered(record):
            if tender.get("par"):
                found.setdefault(str(tender["par"]), set()).add(str(tender["pan"]))
    return found


def _numbered(record: Record) -> Iterator[Record]:
    """The tenders of a sale that name their card by its full number."""
    for tender in record.get("tenders", []):
        if tender.get("pan") is not None:
            yield tender


def _without_numbers(record: Record, token: Callable[[str], str], key_id: str) -> Record:
    if "tenders" not in record:
        return record
    return record | {"tenders": [_hidden(one, token, key_id) for one in record["tenders"]]}


def _hidden(tender: Record, token: Callable[[str], str], key_id: str) -> Record:
    if tender.get("pan") is None:
        return tender
    digits = str(tender["pan"])
    card = {"token": token(digits), "token_key_id": key_id, "masked": Pan(digits).masked}
    return {name: value for name, value in tender.items() if name != "pan"} | card
