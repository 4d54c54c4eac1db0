"""Where what is only tried lies: in memory, where the system lets us write and has room."""

from __future__ import annotations

import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - new folders of our own in there
ROOM: Final = 1 << 25
"""Bytes: a simulated shop with its ledger has some 2 MB, and eight may be at work at once."""


@cache
def memory_folder(room: int = ROOM) -> Path | None:
    """``/dev/shm``, or None where it will not do, which is said once a process."""
    why = unfit(MEMORY, room)
    if why is not None:
        print(why, file=sys.stderr, flush=True)
    return MEMORY if why is None else None


def unfit(memory: Path, room: int = ROOM) -> str | None:
    """What is wrong with it and what to do, in plain words; None where it will do."""
    instead = f"{tempfile.gettempdir()} is used instead, on the disk, which is slower."
    try:
        with tempfile.TemporaryDirectory(dir=memory):
            free = shutil.disk_usage(memory).free
    except OSError as error:
        cause = (error.strerror or type(error).__name__).lower()
        return (
            f"{memory} can't be written ({cause}): {instead}"
            f" To have it back, as root: mount -o remount,rw,mode=1777 {memory}"
        )
    if free >= room:
        return None
    return (
        f"{memory} has {free >> 20} MB free, and {room >> 20} are needed: {instead}"
        f" To have more, as root: mount -o remount,size=1G {memory} (docker run --shm-size=1g)"
    )
