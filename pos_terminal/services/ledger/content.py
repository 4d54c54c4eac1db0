"""The digest of a record's content: the same record twice is one record, another is refused (R9).

A sale's digest covers what the till said and leaves out what became of it since: state,
settlement, lock, holds and refunds. It is made of the same ``Sale`` when it comes in and when the
ledger is verified.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec
from msgspec.structs import asdict

from pos_terminal.core.sale import Sale, Tender


def digest(record: object) -> str:
    """SHA-256 over the record's canonical JSON, hex."""
    if isinstance(record, Sale):
        record = _as_reported(record)
    return hashlib.sha256(msgspec.json.encode(record, order="sorted")).hexdigest()


def digest_of_many(digests: Iterable[str]) -> str:
    """One digest over a set of them, whatever their order."""
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()


def _as_reported(sale: Sale) -> dict[str, object]:
    facts = asdict(sale)
    facts["tenders"] = [_tender_as_reported(tender) for tender in sale.tenders]
    del facts["state"], facts["settled"], facts["locked"]
    return facts


def _tender_as_reported(tender: Tender) -> dict[str, object]:
    facts = asdict(tender)
    del facts["void_refused"]
    return facts | {"done": 0, "held": 0}
