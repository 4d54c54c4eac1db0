"""Whoever is locked approves nothing (R25), by the terminal's own log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from hw_sim.proofs.simulation.site import Site

LOCK: Final = timedelta(minutes=30) - timedelta(seconds=1)
"""Half an hour from the whole second in which it began; its entry is of a moment within it."""
_ENTRIES: Final = "SELECT at, kind, facts FROM audit ORDER BY seq"


def locked_ones(site: Site) -> Iterator[str]:
    """From the entry of the lock to that of its end, or until the clock, as the log has it, was
    past its time. A clock that was set back meanwhile ends what can be told."""
    until: dict[str, datetime] = {}
    last: datetime | None = None
    for row in site.ledger.db.execute(_ENTRIES).fetchall():
        facts = json.loads(row["facts"] or "{}")
        # an entry's moment never goes back, what the clock showed then stands beside it
        now = datetime.fromisoformat(facts.get("clock_said", row["at"]))
        if last is not None and now < last:
            until.clear()
        last = now
        until = {number: end for number, end in until.items() if now < end}
        match row["kind"]:
            case "login_locked":
                until[facts["number"]] = now + LOCK
            case "person_unlocked":
                until.pop(facts["number"], None)
            case "login" if facts["number"] in until:
                yield f"{facts['number']} logged in while locked"
            case "approval" if (end := until.get(facts["supervisor"])) is not None:
                # what was said before stands, also where it is stored once more with another leg
                if datetime.fromisoformat(facts["said_at"]) < end - LOCK:
                    continue
                yield f"{facts['supervisor']} approved while locked"
