"""Files that people and tills bring: opened without following a link, read block by block, their
format, their end where they held card numbers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pos_terminal.core.words import FileFailure
from pos_terminal.services.security.files import Identity, open_plain, shred
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.feed.source import Line, guess, lines_of

_BLOCK: Final = 1 << 16


class FeedFile:
    """A file that is open, and stays the same one whatever becomes of its name."""

    def __init__(self, path: Path) -> None:
        """Failure ``feed.missing``, ``feed.plain``."""
        self.path = path
        try:
            self._descriptor = open_plain(path)
        except OSError as error:
            if (os.path.lexists(path) and not path.is_file()) or path.is_symlink():
                raise FileFailure("feed.plain", file=told(path)) from None
            raise _missing(path, error) from None
        self.read = Identity.of(os.fstat(self._descriptor))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)

    def lines(self) -> Iterator[Line]:
        """All of them, in the encoding that they are in. Failure ``feed.missing``."""
        try:
            encoding = guess(self._blocks())
            yield from lines_of(self._blocks(), encoding)
        except OSError as error:
            raise _missing(self.path, error) from None

    def head(self) -> bytes:
        """Its first block. Failure ``feed.missing``."""
        try:
            return next(self._blocks(), b"")
        except OSError as error:
            raise _missing(self.path, error) from None

    def is_there(self) -> bool:
        """Whether its name still leads to it, as it was read."""
        try:
            return Identity.of(os.lstat(self.path)) == self.read
        except OSError:
            return False

    def _blocks(self) -> Iterator[bytes]:
        at = 0
        while block := os.pread(self._descriptor, _BLOCK, at):
            at += len(block)
            yield block


def wipe(file: FeedFile) -> bool:
    """Overwrite and remove a file that held card numbers; False where another one has its name, or
    it was written to since it was read. Failure ``feed.wipe``."""
    try:
        return shred(file.path, file.read)
    except OSError as error:
        cause = error.strerror or "write"
        raise FileFailure("feed.wipe", file=told(file.path), cause=cause) from None


def format_of(path: Path) -> Format:
    """By the name's ending. Failure ``feed.format``."""
    try:
        return Format(path.suffix.lower().removeprefix("."))
    except ValueError:
        raise FileFailure("feed.format", file=told(path)) from None


def told(path: Path) -> str:
    """Its name for people and the log, also one that is no text."""
    return os.fsencode(path).decode("utf-8", "replace")


def _missing(path: Path, error: OSError) -> FileFailure:
    return FileFailure("feed.missing", file=told(path), cause=error.strerror or "open")
