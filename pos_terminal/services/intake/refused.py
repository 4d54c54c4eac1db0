"""Bad records on their way into ``refused/``: byte for byte as they came, but for card numbers.

``NAME`` has the bad lines, beneath the line of column names where there is one, so that it can be
mended and come again. ``NAME.errors.txt`` has for each of them number, code, Chinese and English,
with tabs between. Both appear at once and whole; what was begun when the power went is begun anew.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from pos_terminal.core.pan import mask_card_numbers, star_digits, star_repeats
from pos_terminal.core.words import FileFailure
from pos_terminal.services.intake.aside import free, mode_within, put, shown
from pos_terminal.services.intake.feed_files import FeedFile
from pos_terminal.services.security.files import shred, sync_folder
from pos_terminal.texts.problems import in_both
from pos_terminal.wire.feed.csv_rows import NumberColumn
from pos_terminal.wire.feed.own_numbers import numbers_of
from pos_terminal.wire.feed.problem import Problem
from pos_terminal.wire.feed.source import Encoding, Line

ERRORS: Final = ".errors.txt"
_SAID: Final = re.compile(r'("pan"+\s*:\s*"?"?)(\d(?:[ -]?\d){11,18})')
"""A number that the record itself calls one: also where its check digit is wrong."""
_RUN: Final = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)", re.ASCII)
"""What may be one, in a line of which nobody can tell the cells."""
_ESCAPED: Final = re.compile(r"\\u003([0-9])")
"""A digit as JSON may have it, too."""
_MOST: Final = 200
"""Bytes of a name: there is more to come behind it."""
_PARTS: Final = "."
"""Hidden, as files are that are not whole yet."""


class RefusedLines:
    """The bad lines of one file. Not made before the first of them."""

    def __init__(self, folder: Path, source: str) -> None:
        self._folder = folder
        self._name = safe_name(source)
        self._lines: IO[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._owed_end = b""
        """Between a file's last line, which had none, and one that comes after it."""
        self._digest = hashlib.sha256()
        self._column: NumberColumn | None = None
        """Of a table that has numbers in a column of their own."""
        self.masked = False
        """Some line had a card number in it."""

    def add(self, line: Line, problem: Problem, header: Line | None) -> None:
        """A bad line and what is wrong with it. OSError."""
        if self._lines is None and header is not None and header.number != line.number:
            self.keep(header)
            self._digest = hashlib.sha256()
        self.keep(line, header)
        self.say(problem)

    def keep(self, line: Line, header: Line | None = None) -> None:
        """A line by itself; ``header`` names the columns of its table. OSError."""
        if self._lines is None:
            self._column = NumberColumn.of(line.decoded().rstrip("\r\n"))
        lines, _ = self._opened(line.encoding)
        data = self._without_numbers(line, header)
        self._digest.update(data)
        lines.write(self._owed_end + data)
        self._owed_end = b"" if line.data.endswith((b"\n", b"\r")) else _end(line.encoding)

    def say(self, problem: Problem) -> None:
        """What is wrong. OSError."""
        self.note(said(problem))

    def note(self, reason: str) -> None:
        """A line of what is wrong. OSError."""
        _, errors = self._opened(Encoding.UTF_8)
        errors.write(f"{reason}\n".encode("utf-8", "backslashreplace"))

    @property
    def digest(self) -> str:
        """Of what was refused: the same again is no news."""
        return self._digest.hexdigest()

    def finish(self) -> Path:
        """Durable under a name of their own, where they lie now. OSError."""
        self._close()
        kept = free(self._folder, self._folder / self._name, len(ERRORS))
        self._part(ERRORS).replace(kept.with_name(kept.name + ERRORS))
        self._part("").replace(kept)
        sync_folder(self._folder)
        return kept

    def reasons(self) -> Path:
        """The file with what is wrong, for the file that the lines came in. OSError."""
        self._close()
        self._part("").unlink()
        return self._part(ERRORS)

    def _close(self) -> None:
        for file in (self._lines, self._errors):
            if file is not None:
                file.flush()
                os.fsync(file.fileno())
                file.close()
        self._lines = self._errors = None

    def abandon(self) -> None:
        """None of them is kept."""
        for file, suffix in ((self._lines, ""), (self._errors, ERRORS)):
            if file is not None:
                file.close()
                self._part(suffix).unlink(missing_ok=True)
        self._lines = self._errors = None

    def _opened(self, encoding: Encoding) -> tuple[IO[bytes], IO[bytes]]:
        if self._lines is None or self._errors is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lines = _private(self._part(""))
            self._errors = _private(self._part(ERRORS))
            self._lines.write(encoding.mark)
        return self._lines, self._errors

    def _part(self, suffix: str) -> Path:
        return self._folder / f"{_PARTS}{self._name}{suffix}.part"

    def _without_numbers(self, line: Line, header: Line | None) -> bytes:
        text = line.data.decode("utf-8", "surrogateescape")
        plain = _ESCAPED.sub(r"\1", text)
        masked = self._masked(plain, line, header)
        if masked == plain:
            return line.raw
        self.masked = True
        return Line(line.number, masked.encode("utf-8", "surrogateescape"), line.encoding).raw

    def _masked(self, text: str, line: Line, header: Line | None) -> str:
        """As long as it was."""
        numbers = numbers_of(line.decoded(), None if header is None else header.decoded())
        masked = _SAID.sub(lambda found: found[1] + star_digits(found[2]), text)
        if self._column is not None:
            masked = _without_column(masked, self._column)
        return mask_card_numbers(star_repeats(masked, numbers.cards), numbers.own)


def refuse_whole(path: Path, folder: Path, reasons: Sequence[str]) -> None:
    """Move a file there with the reasons beside it; of one that has card numbers a copy without
    them, and it is wiped. OSError."""
    lines = RefusedLines(folder, shown(path))
    try:
        with FeedFile(path) as file:
            for line in file.lines():
                lines.keep(line)
            if lines.masked:
                for reason in reasons:
                    lines.note(reason)
                lines.finish()
                shred(path, file.read)
                return
    except FileFailure:  # a link, or one that nobody may read: it is moved as it is
        pass
    finally:
        lines.abandon()
    put(path, folder, ERRORS, reasons)


def _without_column(text: str, column: NumberColumn) -> str:
    """The line with stars in what its table calls a card number."""
    number = column.number(text.rstrip("\r\n"))
    if number is None:
        return _RUN.sub(lambda found: star_digits(found[0]), text)
    return text.replace(number, star_digits(number)) if number else text


def safe_name(source: str) -> str:
    """What may be a file's name, of what a caller calls itself."""
    name = re.sub(r"[/\x00-\x1f]", "_", source).lstrip(".")
    return os.fsencode(name)[:_MOST].decode("utf-8", "ignore") or "feed"


def said(problem: Problem) -> str:
    """Number, code, Chinese and English."""
    zh, en = in_both(problem)
    return f"{problem.line}\t{problem.code}\t{zh}\t{en}"


def _end(encoding: Encoding) -> bytes:
    return "\n".encode(encoding)


def _private(path: Path) -> IO[bytes]:
    """For those alone who may read its folder, whatever the umask is. OSError."""
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    file = os.open(path, flags, 0o600)
    os.fchmod(file, mode_within(path.parent))
    return os.fdopen(file, "wb")
