"""Files of the acquirer's outcomes: which they are, and what stands in them."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from pos_terminal.core.home import Home
from pos_terminal.core.pan import holds_card_number
from pos_terminal.core.words import Failure, FileFailure
from pos_terminal.services.intake.aside import is_plain, shown
from pos_terminal.services.intake.feed_files import FeedFile, format_of
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.feed.outcome import OutcomeFile
from pos_terminal.wire.feed.outcomes import is_outcome, parse
from pos_terminal.wire.feed.source import guess, lines_of

_HEAD: Final = 65_536
"""Bytes within which the first record or the column names stand."""
_MEGABYTE: Final = 1024 * 1024
_LONGEST: Final = 100
"""Characters of a name that came with a file over the socket."""


def is_outcome_file(path: Path, form: Format | None = None) -> bool:
    """Whether the first record, or the column names, are of this kind. Failure ``feed.missing``."""
    with FeedFile(path) as file:
        head = file.head()
    lines = lines_of([head], guess([head]))
    text = "".join(line.decoded() for line in lines)
    return is_outcome(text, form or format_of(path))


def read_text(path: Path) -> str:
    """The whole file; bytes that are no text are kept for ``parse``. Failure ``feed.missing``."""
    with FeedFile(path) as file:
        return "".join(line.decoded() for line in file.lines())


def read(path: Path, home: Home, most: int) -> OutcomeFile:
    """What stands in it, at most so many bytes. Failure ``feed.…``, ``outcomes.other_kind``."""
    if not is_plain(path):
        raise FileFailure("feed.no_file", file=shown(path))
    size = path.stat().st_size
    if size > most:
        size, limit = -(-size // _MEGABYTE), most // _MEGABYTE
        raise FileFailure("feed.too_large", file=shown(path), size=size, limit=limit)
    text, form = read_text(path), format_of(path)
    if text.strip() and not is_outcome(text[:_HEAD], form):
        raise FileFailure("outcomes.other_kind", file=shown(path))
    return parse(text, form, shown(path), home)


def digest_of(path: Path) -> str | None:
    """SHA-256 of its bytes, hex; None where it can't be read."""
    with suppress(OSError):
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return None


def write(folder: Path, text: str, form: Format, source: str) -> Path:
    """A new file under a name like the source's, whole and durable. Failure
    ``outcomes.not_kept``."""
    stem = re.sub(r"[^0-9A-Za-z._-]", "_", Path(source).stem).lstrip(".")[:_LONGEST]
    if not stem.strip("_") or holds_card_number(source):
        stem = "outcomes"
    ending = f".{form.value}"
    number = 1
    while os.path.lexists(path := folder / f"{stem}{f'.{number}' if number > 1 else ''}{ending}"):
        number += 1
    half = folder / f".{path.name}.part"
    try:
        with half.open("wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
        _sync(folder)
    except OSError as error:
        with suppress(OSError):
            half.unlink()
        raise Failure(
            "outcomes.not_kept", file=str(path), cause=error.strerror or "write"
        ) from None
    return path


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
