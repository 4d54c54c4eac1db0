"""The digest of a record's content: the same record twice is one record, another is refused (R9).

A sale's digest covers what the till said and leaves out the ledger's own key and what became of
it since: state, the closing of its batch, lock, holds and refunds, of money and of goods. It is
made of the same ``Sale`` when it comes in and when the ledger is verified.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec
from msgspec.structs import asdict

from pos_terminal.core.sale import Sale, SaleLine, Tender


def digest(record: object) -> str:
    """SHA-256 over the record's canonical JSON, hex."""
    if isinstance(record, Sale):
        record = _as_reported(record)
    return hashlib.sha256(msgspec.json.encode(record, order="sorted")).hexdigest()


def _as_reported(sale: Sale) -> dict[str, object]:
    facts = asdict(sale)
    facts["tenders"] = [_tender_as_reported(tender) for tender in sale.tenders]
    facts["lines"] = [_line_as_reported(line) for line in sale.lines]
    for name in ("key", "state", "locked", "owed", "owed_to_holder", "ahead", "deducted"):
        del facts[name]
    for name in ("invoice", "invoice_no", "recovery_no"):
        if not facts[name]:  # one whose till tells none has the digest that it always had
            del facts[name]
    return facts


def _line_as_reported(line: SaleLine) -> dict[str, object]:
    facts = asdict(line)
    for name in ("exchanged_for", "serials_out", "went_out"):
        del facts[name]
    return facts | {"returned": 0, "held": 0}


_OURS: Final = (
    *("void_refused", "credited", "batch_closed", "in_notes", "apart"),
    *("reopens", "reopened"),
)


def _tender_as_reported(tender: Tender) -> dict[str, object]:
    facts = asdict(tender)
    for name in _OURS:
        del facts[name]
    if not tender.typed:  # a till's sale has the digest that it had before any could be typed
        del facts["typed"]
    if tender.as_told is None:
        del facts["as_told"]
    return facts | {"done": 0, "held": 0}
