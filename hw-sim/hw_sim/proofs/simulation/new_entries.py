"""What came into the log since somebody looked last, asked only where something was written."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from hw_sim.proofs.simulation.site import Site
from pos_terminal.services.ledger.store import LedgerStore


class NewEntries:
    """Of the terminal that lives; ``sql`` gives entries with a ``seq`` above its value, in order.

    Watchers look before every event of the counter, and most of those write nothing.
    """

    def __init__(self, site: Site, sql: str) -> None:
        self._site = site
        self._sql = sql
        self._seen = 0
        self._looked: tuple[LedgerStore, int] | None = None
        """At which ledger, and how much had been written by its process then."""

    def look(self) -> Sequence[sqlite3.Row]:
        """Those that no look before gave; none while there is no ledger."""
        terminal = self._site.alive
        ledger = None if terminal is None else terminal.ledger
        if ledger is None:
            return ()
        now = ledger, ledger.writer.db.total_changes
        if now == self._looked:
            return ()
        self._looked = now
        found = ledger.db.execute(self._sql, {"seen": self._seen}).fetchall()
        if found:
            self._seen = found[-1]["seq"]
        return found
