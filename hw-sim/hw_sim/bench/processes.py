"""Which processes this bench has started, directly or not, as /proc tells it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PR_SET_CHILD_SUBREAPER: Final = 36  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class Process:
    """A process number is reused; with its start time it is not."""

    pid: int
    started: int
    """Clock ticks since boot, field 22 of ``/proc/PID/stat``."""


def _stat(pid: int) -> tuple[int, Process, str] | None:
    """(parent, process, state letter); None where there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    # the name stands in brackets and may itself hold blanks and brackets
    fields = text.rpartition(")")[2].split()
    return int(fields[1]), Process(pid, int(fields[19])), fields[0]


def alive(process: Process) -> bool:
    """Whether this very process still runs (one that only waits to be reaped does not)."""
    found = _stat(process.pid)
    return found is not None and found[1] == process and found[2] != "Z"


def descendants(root: int) -> list[Process]:
    """All processes below ``root``, parents before children."""
    children: dict[int, list[Process]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (found := _stat(int(entry.name))) is not None:
            children.setdefault(found[0], []).append(found[1])
    found_all: list[Process] = []
    waiting = [root]
    while waiting:
        below = children.get(waiting.pop(), [])
        found_all += below
        waiting += [one.pid for one in below]
    return found_all


def adopt_orphans() -> None:
    """From now on a grandchild whose parent dies becomes our child, so that none gets away."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_descendants() -> list[int]:
    """End whatever is still below us, at once; the numbers of those that had to be."""
    left = [one for one in descendants(os.getpid()) if alive(one)]
    for one in left:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(one.pid, signal.SIGKILL)
    return [one.pid for one in left]
