"""The lock that keeps the ledger to one process."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from pos_terminal.core.words import Failure


class Lock:
    """An advisory lock beside the ledger: one terminal process, or one tool that writes."""

    def __init__(self, path: Path) -> None:
        """Failure ``ledger.locked`` where another process has it."""
        self.path = path.with_name(path.name + ".lock")
        try:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Failure(
                "ledger.unreadable", file=str(path), cause=error.strerror or "open"
            ) from None
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            raise Failure("ledger.locked", file=str(path)) from None

    def release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
