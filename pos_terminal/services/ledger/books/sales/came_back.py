"""What came back from the account that a payment had gone to, and is not given again (R50)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from pos_terminal.core.came_back import CameBack, first_of, not_yet
from pos_terminal.core.effect import Effect
from pos_terminal.core.refund import HOLDING, State
from pos_terminal.services.ledger.names import among

_BACK: Final = f"""SELECT r.refund_id, r.application, o.free, f.at FROM refunds r
    JOIN outcomes o ON o.refund_id = r.refund_id AND o.effect = '{Effect.RETURNED}'
    JOIN outcome_files f USING (file_id)
    WHERE r.sale_key = ? AND r.leg = ? AND o.free > 0
    AND NOT EXISTS (SELECT 1 FROM outcomes p WHERE p.refund_id = r.refund_id
        AND p.effect = '{Effect.OVERPAID}') ORDER BY f.file_id, r.refund_id"""
"""What is on the account after all is not given again."""
_FOR_GOODS: Final = """coalesce((SELECT sum(i.worth - i.deduction) FROM application_items i
    WHERE i.application = a.number), iif(EXISTS (SELECT 1 FROM applications g
        JOIN application_items i ON i.application = g.number
        WHERE g.ticket = a.ticket AND g.sale_key = a.sale_key), a.amount, 0))"""
"""What goods bring, its own or those that another leg of the plan names, gives nothing again."""
_GIVEN: Final = f"""SELECT coalesce(sum(max(0,
        iif(r.state IN {among(HOLDING)}, r.amount, r.done) - {_FOR_GOODS})), 0)
    FROM refunds r JOIN applications a ON a.number = r.application
    WHERE r.sale_key = :sale AND r.leg = :leg AND r.state != '{State.OVERPAID}'
    AND a.number < coalesce(:number, a.number + 1) AND a.opened_at >= :since
    AND NOT (a.opened_at = :since AND r.state = '{State.RETURNED}')"""
"""What was asked for before anything came back gives nothing of it again, nor does what came back
in the moment in which it was asked for."""
_ASKED: Final = f"""SELECT opened_at, coalesce(:done, amount) - {_FOR_GOODS} AS takes
    FROM applications a WHERE number = :number"""


def came_back(
    db: sqlite3.Connection, sale_key: int, leg: int, number: int | None = None, until: str = ""
) -> Sequence[CameBack]:
    """What waits, the first that came back first; ``until`` then, before this application."""
    found = db.execute(_BACK, (sale_key, leg)).fetchall()
    back = [row for row in found if not until or row["at"] <= until]
    if not back:
        return ()
    since = min(row["at"] for row in back)
    values = {"sale": sale_key, "leg": leg, "number": number, "since": since}
    (given,) = db.execute(_GIVEN, values).fetchone()
    return not_yet(
        [CameBack(one["refund_id"], one["application"], one["free"]) for one in back], given
    )


def given_again(
    db: sqlite3.Connection, sale_key: int, leg: int, number: int, done: int | None = None
) -> Sequence[CameBack]:
    """What this application gives of it; ``done`` minor units, where that is not what it asked."""
    asked = db.execute(_ASKED, {"number": number, "done": done}).fetchone()
    if asked is None:
        return ()
    return first_of(came_back(db, sale_key, leg, number, asked["opened_at"]), asked["takes"])
