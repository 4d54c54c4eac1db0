"""One terminal process of a configuration at a time."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

from pos_terminal.config import Config
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.lock import Lock


def claim(config: Config) -> Lock | None:
    """The ledger's lock, taken before a screen, a device or the socket is touched.

    Failure ``ledger.runs_already`` where another process has it, or serves the control socket
    (a terminal out of service let the lock go). None where the ledger can't be locked for another
    reason: opening it says why, on the screen.
    """
    path = config.path(config.control.socket)
    if served(path):
        raise Failure("ledger.runs_already", file=str(path))
    if not config.ledger.parent.is_dir():
        return None
    try:
        return Lock(config.ledger)
    except Failure as failure:
        if failure.code == "ledger.locked":
            raise Failure("ledger.runs_already", file=str(config.ledger)) from None
        return None


def served(path: Path) -> bool:
    """Whether a living process listens on this Unix socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except OSError as error:
            # a full backlog is somebody's, too
            return error.errno == errno.EAGAIN
    return True
