"""Cases: where people must act on a refund, until one of them closes it (R45)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pos_terminal.services.ledger.writer import Desk


def open_case(desk: Desk, refund_id: int, kind: str, facts: Mapping[str, str]) -> int:
    """The case's number; a refund has one of each kind, which is opened once."""
    opened = desk.db.execute(
        """INSERT INTO cases (kind, refund_id, state, opened_at, facts)
        VALUES (?, ?, 'open', ?, ?) ON CONFLICT DO NOTHING""",
        (kind, refund_id, desk.now.isoformat(), msgspec.json.encode(dict(facts)).decode()),
    ).rowcount
    if opened:
        desk.log("case", refund=refund_id, case=kind)
    number: int = desk.db.execute(
        "SELECT case_id FROM cases WHERE refund_id = ? AND kind = ?", (refund_id, kind)
    ).fetchone()[0]
    return number
