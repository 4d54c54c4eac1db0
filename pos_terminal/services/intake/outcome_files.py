"""Files of the acquirer's outcomes: which they are, and what stands in them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pos_terminal.core.words import FileFailure
from pos_terminal.services.intake.feed_files import format_of
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.feed.outcomes import is_outcome

_HEAD: Final = 65_536
"""Bytes within which the first record or the column names stand."""


def is_outcome_file(path: Path, form: Format | None = None) -> bool:
    """Whether the first record, or the column names, are of this kind. Failure ``feed.missing``."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD).decode("utf-8", "replace")
    except OSError as error:
        raise FileFailure("feed.missing", file=str(path), cause=error.strerror or "open") from None
    return is_outcome(head, form or format_of(path))


def read_text(path: Path) -> str:
    """The whole file; bytes that are no text are kept for ``parse``. Failure ``feed.missing``."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise FileFailure("feed.missing", file=str(path), cause=error.strerror or "open") from None
