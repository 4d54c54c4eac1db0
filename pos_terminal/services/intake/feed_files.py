"""Files of the sales feed: their lines, their format, their end where they held card numbers."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from pos_terminal.core.words import FileFailure
from pos_terminal.services.security.files import shred
from pos_terminal.wire.feed.lines import Format, read_feed


class FeedFile(Struct, frozen=True):
    """A whole file in memory."""

    path: Path
    form: Format
    lines: tuple[str, ...]
    holds_pan: bool
    """Some record has a full card number."""


def read_file(
    path: Path, merchant_id: str, allow_pan: bool, form: Format | None = None
) -> FeedFile:
    """Failure ``feed.missing``, ``feed.format``, ``feed.full_pan``."""
    form = form or format_of(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileFailure("feed.missing", file=str(path), cause=error.strerror or "open") from None
    # bytes that are no text are kept as they are, for ``read_feed`` to name their line
    lines = tuple(line.decode("utf-8", "surrogateescape") for line in data.splitlines())
    holds_pan = read_feed(lines, form, merchant_id, None, allow_pan=False).held_pan
    if holds_pan and not allow_pan:
        raise FileFailure("feed.full_pan", file=str(path))
    return FeedFile(path, form, lines, holds_pan)


def wipe(file: FeedFile) -> None:
    """Overwrite and remove a file that held card numbers. Failure ``feed.wipe``."""
    try:
        shred(file.path)
    except OSError as error:
        raise FileFailure(
            "feed.wipe", file=str(file.path), cause=error.strerror or "write"
        ) from None


def format_of(path: Path) -> Format:
    """By the name's ending. Failure ``feed.format``."""
    try:
        return Format(path.suffix.lower().removeprefix("."))
    except ValueError:
        raise FileFailure("feed.format", file=str(path)) from None
