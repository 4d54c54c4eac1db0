"""Work that waits until nobody does: fresh keys for spent slots, the checkpoint, the head file.

``wal_autocheckpoint`` is off: a checkpoint inside a refund would cost it barriers. After one, the
next write begins a fresh WAL, whose header costs a barrier of its own; so the checkpoint is
followed by a journal row, which pays for it. An idle ledger then writes nothing more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from pos_terminal.core.refund import Refund, State
from pos_terminal.core.words import Failure
from pos_terminal.ports import Runner
from pos_terminal.services.ledger.anchor import write_anchor
from pos_terminal.services.ledger.books import messages
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.ledger.writer import Writer

QUIET_SECONDS: Final = 5.0
"""So long without a write counts as rest."""
TIDY: Final = "tidy"
_log = logging.getLogger(__name__)


class Tidy:
    """Waits for quiet after activity, then tidies once."""

    def __init__(
        self, writer: Writer, runner: Runner, open_refunds: Callable[[], Sequence[Refund]]
    ) -> None:
        self._writer = writer
        self._runner = runner
        self._open_refunds = open_refunds
        self._dirty = asyncio.Event()
        self.owes_empty_wal = False
        """Something was erased that the WAL still has."""
        self.writes = 0
        """How many writes were begun."""

    def active(self) -> None:
        """Something is being written."""
        self.writes += 1
        self._dirty.set()

    def erased(self) -> None:
        """Something was purged: the next tidying empties the WAL, or the one after it."""
        self.owes_empty_wal = True

    async def rest(self) -> None:
        """Until ``QUIET_SECONDS`` have passed without a write and no refund is on its way."""
        while True:
            before = self.writes
            await asyncio.sleep(QUIET_SECONDS)
            if self.writes == before and not self._in_flight():
                return

    async def run(self) -> None:
        while True:
            await self._dirty.wait()
            await self._quiet()
            if self._in_flight():
                continue
            try:
                await self.once()
            except Failure as failure:
                # the next write meets the same trouble, and says so to a person
                _log.warning("tidying the ledger: %s", failure)

    async def once(self) -> None:
        """Overwrite spent keys, checkpoint, pay for the fresh WAL, note the head of the log."""
        await self._runner(self._refill_and_checkpoint)

    def _refill_and_checkpoint(self) -> None:
        writer = self._writer
        spent = writer.read(lambda db: [row[0] for row in db.execute(messages.SPENT)])
        if spent and writer.vault is not None:
            writer.vault.refill(spent)
        if self.owes_empty_wal:
            self.owes_empty_wal = not writer.empty_wal()
        else:
            writer.checkpoint()

        def journal(step: Step) -> int:
            if step.vault is not None:
                messages.free_slots(step, spent)
            return step.log("checkpoint", fresh_keys=len(spent))

        writer.transact(TIDY, journal)
        writer.read(lambda db: write_anchor(db, writer.path, writer.audit_key))

    async def _quiet(self) -> None:
        """Until ``QUIET_SECONDS`` have passed without a write."""
        while self._dirty.is_set():
            self._dirty.clear()
            try:
                async with asyncio.timeout(QUIET_SECONDS):
                    await self._dirty.wait()
            except TimeoutError:
                return

    def _in_flight(self) -> bool:
        """Whether a refund is between the seal and its outcome; its commit starts the wait anew."""
        return any(refund.state is State.SEALED for refund in self._open_refunds())
