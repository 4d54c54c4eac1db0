"""The whole ledger held against its audit log once a day, while nobody works (R55).

The start looks at the newest entries only. This looks at everything, on a thread and a connection
of its own, and gives up as soon as somebody writes, to begin anew when it is quiet again. It
writes nothing itself but the mark of what it found (``doubt.py``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from pos_terminal.core.words import Failure, Words
from pos_terminal.ports import Runner
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.proof import doubt
from pos_terminal.services.proof.verify import verify
from pos_terminal.texts import technician

log = logging.getLogger(__name__)

START: Final = 300.0
"""Seconds after the start until the first look: the morning's first customers go before."""
DAY: Final = 24 * 3600.0
AGAIN: Final = 600.0
"""Seconds until the next try where somebody came in between, or the disk failed."""
CHANGED: Final = frozenset({"ledger.tampered", "ledger.rolled_back", "ledger.damaged"})


class Auditor:
    """Looks at one ledger; ``changed`` is told what it found, and looks no more after that."""

    def __init__(
        self, store: LedgerStore, runner: Runner, changed: Callable[[Words], None]
    ) -> None:
        self._store = store
        self._runner = runner
        self._changed = changed

    async def run(self) -> None:
        """Background, until cancelled."""
        await asyncio.sleep(START)
        while True:
            await self._store.tidy.rest()
            await asyncio.sleep(DAY if await self.once() else AGAIN)

    async def once(self) -> bool:
        """One look; False where it came to no end."""
        tidy, path, key = self._store.tidy, self._store.path, self._store.writer.audit_key
        seen, wanted = tidy.writes, [True]
        try:
            whole = await self._runner(
                lambda: verify(path, key, lambda: bool(wanted) and tidy.writes == seen)
            )
            return bool(whole)
        except Failure as failure:
            if failure.code in CHANGED:
                await self._runner(partial(_note, path, failure.words))
                self._changed(failure.words)
                return True
            log.warning("verifying the ledger: %s", technician(failure.words))
            return False
        finally:
            wanted.clear()  # cancelled: the thread ends at its next look


def _note(path: Path, why: Words) -> None:
    try:
        doubt.note(path, technician(why))
    except OSError as error:
        log.error("no mark beside the ledger that was found changed: %s", error.strerror)
