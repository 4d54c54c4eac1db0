"""Pieces for which another went out though they never came (R37, R46)."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Final

from pos_terminal.core.refund import State

_REPLACED: Final = f"""SELECT i.line, max(i.application) FROM application_items i
    JOIN refunds r USING (application) WHERE i.sale_key = ? AND i.disposition IS NULL
    AND r.state = '{State.EXCHANGED}' AND 0 >= (SELECT coalesce(sum(o.quantity), 0)
        FROM stock_movements o WHERE o.refund_id = r.refund_id AND o.line = i.line
        AND o.disposition IS NOT NULL)
    GROUP BY i.line"""


def replaced(db: sqlite3.Connection, sale_key: int) -> Mapping[int, int]:
    """By the line: the last application that had another go out, where none has come since."""
    return dict(map(tuple, db.execute(_REPLACED, (sale_key,))))
