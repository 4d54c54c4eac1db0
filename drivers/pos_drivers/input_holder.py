"""Who has a device open: for the person who reads "in use"."""

from __future__ import annotations

import os
from pathlib import Path


def holder_of(path: str, proc: Path = Path("/proc")) -> str | None:
    """``name (pid)`` of a process that has the device open, ourselves aside.

    None where there is none or /proc shows none to this user: only root sees everybody's files.
    """
    try:
        wanted = Path(path).stat().st_rdev
    except OSError:
        return None
    for entry in proc.iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid() and _has(entry, wanted):
            return f"{_name(entry)} ({entry.name})"
    return None


def _has(process: Path, device: int) -> bool:
    try:
        return any(_device(link) == device for link in (process / "fd").iterdir())
    except OSError:
        return False


def _device(link: Path) -> int | None:
    try:
        return link.stat().st_rdev
    except OSError:
        return None


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text("utf-8", "replace").strip()
    except OSError:
        return "?"
