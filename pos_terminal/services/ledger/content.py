"""The digest of a record's content: the same record twice is one record, another is refused (R9).

A sale's digest covers what the till said and leaves out what became of it since: state,
conclusion, lock, holds and refunds, of money and of goods. It is made of the same ``Sale`` when it
comes in and when the ledger is verified.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec.structs import asdict, replace

from pos_terminal.core.sale import Sale, Tender
from pos_terminal.services.ledger.audit import keyed


def digest(record: object) -> str:
    """SHA-256 over the record's canonical JSON, hex."""
    if isinstance(record, Sale):
        record = _as_reported(record)
    return hashlib.sha256(msgspec.json.encode(record, order="sorted")).hexdigest()


def digest_of_many(key: bytes, digests: Iterable[str], others: str = "0") -> str:
    """One digest over a set of them, and ``others``, whatever their order; of none it is ``EMPTY``.

    The sum of their HMACs modulo 2^256 (MSet-Add-Hash of Clarke and others, 2003): what is purged
    can be taken off again (``without``), and nobody without the key finds another set of that sum.
    """
    return _text(int(others, 16) + sum(_number(key, one) for one in digests))


def without(key: bytes, many: str, digests: Iterable[str]) -> str:
    """The digest of what is left of ``many`` once these are gone."""
    return _text(int(many, 16) - sum(_number(key, one) for one in digests))


def _number(key: bytes, one: str) -> int:
    return int(keyed(key, "record", one), 16)


def _text(number: int) -> str:
    return f"{number % 2**256:064x}"


EMPTY: Final = _text(0)


def _as_reported(sale: Sale) -> dict[str, object]:
    facts = asdict(sale)
    facts["tenders"] = [_tender_as_reported(tender) for tender in sale.tenders]
    facts["lines"] = [replace(line, returned=0, held=0) for line in sale.lines]
    del facts["state"], facts["batch_closed"], facts["locked"]
    return facts


def _tender_as_reported(tender: Tender) -> dict[str, object]:
    facts = asdict(tender)
    del facts["void_refused"], facts["credited"]
    return facts | {"done": 0, "held": 0}
