"""What went back by a reference that two sales have is of one of them: people say of which (R7).

The first sale has it, with its refund. The case of the later one names it, and counts it there
once people have closed it so; from then on it is off the first.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from msgspec import Struct

from pos_terminal.core.case import CaseKind

ASKED: Final = f"k.kind = '{CaseKind.ELSEWHERE}' AND k.told BETWEEN 'asked/' AND 'asked/~'"
"""Whether case ``k`` is the later sale's."""
FIRST: Final = f"""SELECT k.case_id, coalesce(d.sale_key, r.sale_key) AS sale_key,
    coalesce(d.facts ->> 'leg', r.leg) AS leg FROM cases k
    LEFT JOIN cases d ON d.kind = '{CaseKind.TYPED_DIFFERS}' AND d.told = substr(k.told, 7)
    LEFT JOIN refunds r ON r.refund_id = CAST(substr(k.told, 7) AS INTEGER)
    WHERE {ASKED} AND coalesce(d.sale_key, r.sale_key) IS NOT NULL"""
"""Such cases, each with the leg that has it until then."""
TAKEN_OFF: Final = f"""SELECT f.sale_key, f.leg, sum(c.counted) AS amount FROM ({FIRST}) f
    JOIN closings c USING (case_id) WHERE c.counted > 0 GROUP BY 1, 2"""
"""By leg; minor units."""
TAKES_OFF: Final = f"""EXISTS (SELECT 1 FROM ({FIRST}) f JOIN closings USING (case_id)
    JOIN cases k USING (case_id) WHERE k.sale_key = s.sale_key AND counted > 0)"""
"""Whether less is given back of another sale by a case of the sale ``s``: it stays with that."""


class First(Struct, frozen=True):
    """The leg that has it so far."""

    sale_key: int
    leg: int
    given: int
    """What is given back of that leg, minor units."""


def first_of(db: sqlite3.Connection, case_id: int) -> First | None:
    """None for a case of anything else."""
    sql = f"SELECT sale_key, leg FROM ({FIRST}) WHERE case_id = ?"
    row = db.execute(sql, (case_id,)).fetchone()
    if row is None:
        return None
    sql = "SELECT done FROM tenders WHERE sale_key = ? AND leg = ?"
    (done,) = db.execute(sql, tuple(row)).fetchone()
    return First(row["sale_key"], row["leg"], done)
