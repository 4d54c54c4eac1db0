"""Logs go off the loop: a queue, and a thread that writes to standard error, or to a file where
that is the screen."""

from __future__ import annotations

import logging
import logging.handlers
import os
import queue
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_BACKLOG: Final = 10_000
"""Records kept while nobody takes them; the newest are dropped then, the terminal goes on."""

_FILE_BYTES: Final = 1_000_000
"""Of the file, which nobody else keeps small; the one before it stays beside it."""
_STANDARD_OUTPUT, _STANDARD_ERROR = 1, 2
_CURRENT: Final = frozenset({os.makedev(4, 0), os.makedev(5, 0), os.makedev(5, 1)})
"""``/dev/tty0``, ``/dev/tty`` and ``/dev/console``: whichever terminal it is now (Linux,
admin-guide/devices.txt)."""


class _Dropping(logging.handlers.QueueHandler):
    """Never blocks the loop: a record for which there is no room is lost."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """In words at once: what waits here must not hold on to a message with its card number.

        The library's own copies the record for a queue that leads out of the process.
        """
        record.msg, record.args = record.getMessage(), None
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        with suppress(queue.Full):
            self.queue.put_nowait(record)


@contextmanager
def logging_off_the_loop(
    level: int = logging.INFO, file: Path | None = None
) -> Iterator[Path | None]:
    """While it lasts, the root logger writes to ``file`` from a thread of its own; without one, or
    where that can't be written, to standard error. Gives the file that it goes to."""
    out, file = _out(file)
    out.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    records: queue.Queue[logging.LogRecord] = queue.Queue(_BACKLOG)
    listener = logging.handlers.QueueListener(records, out)
    handler = _Dropping(records)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(level)
    listener.start()
    try:
        yield file
    finally:
        listener.stop()
        if file is not None:
            out.close()
        root.removeHandler(handler)
        root.setLevel(before)


def _out(file: Path | None) -> tuple[logging.Handler, Path | None]:
    if file is not None:
        with suppress(OSError):
            size, beside = _FILE_BYTES, 1
            out = logging.handlers.RotatingFileHandler(file, "a", size, beside, encoding="utf-8")
            return out, file
    return logging.StreamHandler(sys.stderr), None


def errors_on(terminal: str) -> bool:
    """Whether standard error is this terminal; empty for the one of standard output."""
    if not os.isatty(_STANDARD_ERROR):
        return False
    try:
        screen = (Path(terminal).stat() if terminal else os.fstat(_STANDARD_OUTPUT)).st_rdev
    except OSError:
        return False  # a display that can't be opened says so itself
    return screen in _CURRENT or screen == os.fstat(_STANDARD_ERROR).st_rdev
