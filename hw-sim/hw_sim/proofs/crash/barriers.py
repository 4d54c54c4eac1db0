"""Durable barriers in a trace of system calls, between two points of the terminal's life."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from hw_sim.proofs.crash.points import MARK_FOLDER

SYNCS: Final = ("fsync", "fdatasync", "msync", "sync", "syncfs", "sync_file_range")
_LOOKS: Final = ("access", "faccessat", "faccessat2")
_MARK: Final = re.compile(rf'"{MARK_FOLDER}/([^"]+)"')
_CALL: Final = re.compile(r"^(?:\d+\s+)?([a-z0-9_]+)\((?:\d+<([^>]*)>)?")


def traced(out: Path) -> list[str]:
    """The command that runs another one and writes its barriers and marks to ``out``.

    The traced process stays the caller's own child (``-D``).
    """
    calls = ",".join(f"?{name}" for name in (*SYNCS, *_LOOKS))
    return ["strace", "-D", "-f", "-qq", "-y", "-o", str(out), "-e", f"trace={calls}"]


def between(trace: str, first: str, last: str) -> list[str]:
    """The files that were synced between the points, in order. ValueError where one is missing.

    Of several, the last ``first`` counts and the ``last`` that comes right after it.
    """
    events = list(_events(trace))
    start = max(index for index, event in enumerate(events) if event == f"point {first}")
    end = events.index(f"point {last}", start)
    return [event.removeprefix("sync ") for event in events[start:end] if event[:5] == "sync "]


def _events(trace: str) -> list[str]:
    events = []
    for line in trace.splitlines():
        mark, call = _MARK.search(line), _CALL.match(line)
        if mark is not None:
            events.append(f"point {mark.group(1)}")
        elif call is not None and call.group(1) in SYNCS:
            events.append(f"sync {Path(call.group(2) or '?').name}")
    return events
