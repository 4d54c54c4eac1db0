"""A mark beside a ledger that was found changed: until all of it holds again, nobody opens it.

The start and the commands look at the newest entries only. Without the mark a change of something
older would be forgotten with the process that found it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pos_terminal.core.words import Failure
from pos_terminal.services.security.files import write_atomic

_ENDING: Final = ".changed"


def note(path: Path, why: str) -> None:
    """Durably; ``why`` is for people. OSError."""
    write_atomic(_mark(path), why.encode("utf-8", "backslashreplace") + b"\n")


def noted(path: Path) -> bool:
    """Failure ``ledger.unreadable`` where its folder may not be looked into."""
    try:
        _mark(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        cause = error.strerror or "stat"
        raise Failure("ledger.unreadable", file=str(path), cause=cause) from None
    return True


def clear(path: Path) -> None:
    _mark(path).unlink(missing_ok=True)


def _mark(path: Path) -> Path:
    return path.with_name(path.name + _ENDING)
