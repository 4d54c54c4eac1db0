"""The acquirer's file of outcomes: what it really posted, and what it refused.

The form is the terminal's (``docs/acquirer-file.md``), written down here once more: a bench that
used the terminal's own code would prove nothing. What never arrived is in no acquirer's books.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

COLUMNS: Final = (
    "terminal_id",
    "merchant_id",
    "batch",
    "trace",
    "kind",
    "amount",
    "outcome",
    "paid_amount",
    "rrn",
    "happened_on",
    "reference",
)
MONEY: Final = ("refund", "void")


def since_when(text: str, zone: tzinfo) -> datetime | None:
    """ISO 8601, without an offset on a clock in ``zone``; None for all of it. ValueError."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


def outcome_file(rows: Iterable[dict[str, Any]], since: datetime | None, as_csv: bool) -> str:
    """The whole file of what was entered since then, or changed by a reversal."""
    records = _records(rows, since)
    if as_csv:
        return _csv(records)
    return "".join(json.dumps(record) + "\n" for record in records)


def _records(rows: Iterable[dict[str, Any]], since: datetime | None) -> list[dict[str, Any]]:
    """One for each request: the newest entry, but everything that was paid."""
    paid: list[dict[str, Any]] = []
    refused: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        if row["kind"] not in MONEY:
            continue
        if since is not None and datetime.fromisoformat(row["at"]) < since:
            continue
        if row["paid"]:
            paid.append(row)
        else:
            refused[_key(row)] = row
    keys = {_key(row) for row in paid}
    refusals = [row for key, row in refused.items() if key not in keys]
    return [_record(row) for row in sorted(paid + refusals, key=lambda row: int(row["id"]))]


def _key(row: dict[str, Any]) -> tuple[str, ...]:
    return (row["terminal_id"], row["batch"], row["stan"])


def _record(row: dict[str, Any]) -> dict[str, Any]:
    paid = int(row["paid"])
    record = {
        "terminal_id": row["terminal_id"],
        "merchant_id": row["merchant_id"],
        "batch": row["batch"],
        "trace": row["stan"],
        "kind": row["kind"],
        "amount": row["amount"],
        "outcome": "paid" if paid else "not_paid",
        "rrn": row["rrn"],
        "happened_on": datetime.fromisoformat(row["at"]).date().isoformat(),
        "reference": f"P{row['rrn']}",
    }
    return record | ({"paid_amount": paid} if 0 < paid < int(row["amount"]) else {})


def _csv(records: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()
