"""Floors: the same bytes moved with nothing of ours around them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import TracebackType
from typing import Final

PAGE: Final = 4096
FRAME_HEADER: Final = 24
FRAME: Final = FRAME_HEADER + PAGE
"""One page in SQLite's write-ahead log."""


class RawLog:
    """A file written as SQLite writes its log: a header and a page at a time, then a barrier."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self._at = 0
        self._header, self._page = os.urandom(FRAME_HEADER), os.urandom(PAGE)

    def __enter__(self) -> RawLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        os.close(self._fd)

    def rewind(self) -> None:
        """From here on what is there is overwritten in place."""
        self._at = 0

    def write(self, size: int) -> float:
        """So many bytes, durable; the seconds it took."""
        frames = max(1, round(size / FRAME))
        started = time.perf_counter()
        for _ in range(frames):
            os.pwrite(self._fd, self._header, self._at)
            os.pwrite(self._fd, self._page, self._at + FRAME_HEADER)
            self._at += FRAME
        os.fdatasync(self._fd)
        return time.perf_counter() - started


ECHO: Final = """
import asyncio, json, os, sqlite3, sys
keys = os.open(sys.argv[1], os.O_RDWR | os.O_NONBLOCK)
page = b"x" * int(sys.argv[2])
reads = json.loads(sys.argv[3])
db = sqlite3.connect(sys.argv[4], uri=True, isolation_level=None) if reads else None
def answer():
    os.read(keys, 1536)
    for sql in reads:
        db.execute(sql).fetchall()
    os.write(1, page)
loop = asyncio.new_event_loop()
loop.add_reader(keys, answer)
loop.run_forever()
"""
"""A bare asyncio process: whatever comes out of a FIFO is answered by these reads of a database
and so many bytes on standard output."""
