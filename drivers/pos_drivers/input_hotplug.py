"""inotify on the loop: says when device nodes or files come and go.

The kernel reports (``inotify(7)``); nothing polls. By ctypes, as Python has no binding for it.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
from collections.abc import Callable, Sequence
from typing import Final

IN_ATTRIB: Final = 0x0000_0004
IN_CREATE: Final = 0x0000_0100
IN_DELETE: Final = 0x0000_0200
IN_CLOSE_WRITE: Final = 0x0000_0008
IN_MOVED_TO: Final = 0x0000_0080
NODES: Final = IN_ATTRIB | IN_CREATE | IN_DELETE
"""Device nodes that come, go, or change their owner."""
WHOLE_FILES: Final = IN_CLOSE_WRITE | IN_MOVED_TO
"""Files that somebody has finished writing, or moved in."""
_READ_BYTES: Final = 4096


class FolderWatch:
    """Calls ``changed`` on the loop after something happened in one of the folders."""

    def __init__(
        self, folders: Sequence[str], changed: Callable[[], None], events: int = NODES
    ) -> None:
        self._folders = folders
        self._events = events
        self._changed = changed
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        self.renew()
        asyncio.get_running_loop().add_reader(self._fd, self._readable)

    def renew(self) -> None:
        """Watch folders that have come meanwhile; one that is watched stays so."""
        for folder in self._folders:
            self._libc.inotify_add_watch(self._fd, os.fsencode(folder), self._events)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._fd)
        os.close(self._fd)

    def _readable(self) -> None:
        try:
            os.read(self._fd, _READ_BYTES)  # what happened does not matter, only that it did
        except BlockingIOError:
            return
        self._changed()
