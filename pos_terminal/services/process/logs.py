"""Logs go off the loop: a queue, and a thread that writes to standard error."""

from __future__ import annotations

import logging
import logging.handlers
import queue
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_BACKLOG: Final = 10_000
"""Records kept while nobody takes them; the newest are dropped then, the terminal goes on."""


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
def logging_off_the_loop(level: int = logging.INFO) -> Iterator[None]:
    """While it lasts, the root logger writes to standard error from a thread of its own."""
    out = logging.StreamHandler(sys.stderr)
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
        yield
    finally:
        listener.stop()
        root.removeHandler(handler)
        root.setLevel(before)
