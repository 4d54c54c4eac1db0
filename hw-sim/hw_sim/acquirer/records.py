"""What the acquirer is given: terminals with their keys, and sales made before it started."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from pos_terminal.wire.iso8583.message import DEFAULT_TPDU

Digits6 = Annotated[str, Meta(pattern=r"^[0-9]{6}$")]
CardNumber = Annotated[str, Meta(pattern=r"^[0-9]{12,19}$")]


class RecordError(ValueError):
    """A record can't be used; says which and why, without card data."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """One terminal that may talk to the acquirer."""

    terminal_id: str
    merchant_id: str
    tmk: bytes = field(repr=False)
    batch: str = "000001"
    """Its batch until another one is begun."""
    tpdu: str = DEFAULT_TPDU
    key_exchange: str = "003"
    """The sign-on variant (60.3) agreed with it."""
    single_mak: bool = False
    """Gives a single-length MAK in the double-length place."""


class Account(Struct, frozen=True, kw_only=True):
    """Another number of the same account (PAR)."""

    pan: CardNumber

    def __repr__(self) -> str:
        return f"Account(…{self.pan[-4:]})"


class SaleRecord(Struct, frozen=True, kw_only=True):
    """One card payment. ``amount`` in minor units, ``sold_at`` with its offset."""

    sale_id: str
    pan: CardNumber
    amount: Annotated[int, Meta(gt=0)]
    rrn: Annotated[str, Meta(min_length=12, max_length=12)]
    batch: Digits6
    trace: Digits6
    terminal_id: Annotated[str, Meta(min_length=8, max_length=8)]
    merchant_id: Annotated[str, Meta(min_length=15, max_length=15)]
    sold_at: Annotated[datetime, Meta(tz=True)]
    currency: str = "156"
    auth_code: str | None = None
    par: str | None = None
    also: list[Account] = msgspec.field(default_factory=list)

    def __repr__(self) -> str:
        return f"SaleRecord({self.sale_id}, {self.amount})"


def parse_sales(records: Iterable[object]) -> list[SaleRecord]:
    """Sales from JSON values. RecordError names the first bad one by its place."""
    return [_sale(record, place) for place, record in enumerate(records, 1)]


def read_sales(path: Path) -> list[SaleRecord]:
    """Sales from a JSON Lines file."""
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            try:
                found.append(_sale(json.loads(line), number))
            except ValueError as error:
                raise RecordError(f"{path.name}: {error}") from None
    return found


def _sale(record: object, place: int) -> SaleRecord:
    try:
        return msgspec.convert(record, SaleRecord)
    except msgspec.ValidationError as error:
        raise RecordError(f"sale {place}: {error}") from None


def read_terminals(path: Path, *, single_mak: bool = False) -> list[Terminal]:
    """``acquirer-keys.json``: one terminal, or a list of them; keys in hex."""
    found = json.loads(path.read_text("utf-8"))
    entries = found if isinstance(found, list) else [found]
    try:
        return [_terminal(entry, single_mak) for entry in entries]
    except (KeyError, TypeError, ValueError) as error:
        raise RecordError(f"{path.name}: {type(error).__name__} in a terminal's keys") from None


def _terminal(entry: dict[str, Any], single_mak: bool) -> Terminal:
    return Terminal(
        terminal_id=str(entry["terminal_id"]),
        merchant_id=str(entry["merchant_id"]),
        tmk=bytes.fromhex(entry["tmk"]),
        batch=str(entry.get("batch", "000001")),
        tpdu=str(entry.get("tpdu", DEFAULT_TPDU)),
        key_exchange=str(entry.get("key_exchange", "003")),
        single_mak=single_mak,
    )
