"""Moving files of the inbox away, whatever their names are, and saying those names."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Final

from pos_terminal.core.pan import holds_card_number

_LONGEST: Final = 255
"""Bytes of a name, as Linux file systems have it (NAME_MAX)."""
_NUMBER: Final = 8
"""Bytes kept free for the number of a name that is there already."""


def shown(path: Path) -> str:
    """The file's name as a log, a report and the ledger may have it: whoever drops a file chooses
    the name, which may be no text, hold the end of a line, or a card number."""
    return shown_name(_text(path))


def _text(path: Path) -> str:
    return os.fsencode(path.name).decode("utf-8", "backslashreplace")


def shown_name(name: str) -> str:
    """The same of a name that somebody gave who brings lines, and no file."""
    name = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in name)
    return "…" + Path(name).suffix if holds_card_number(name) else name[:_LONGEST]


def is_plain(path: Path) -> bool:
    """Whether it is a file itself: a link leads to what its maker may not read, or never ends."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def identity(path: Path) -> tuple[int, ...] | None:
    """What changes with the file; None where it is gone."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def put(path: Path, folder: Path, beside: str, notes: Sequence[str] | Path) -> Path:
    """Move the file into the folder under a name that nothing has yet; where it lies now.

    ``notes``, lines or a file of them, go beside it, before it moves, under its name with the
    ending ``beside``.
    Its age counts from now on: the purge goes by it. OSError, and then it is where it was.
    """
    kept = free(folder, path, len(beside))
    note = kept.with_name(kept.name + beside)
    if isinstance(notes, Path):
        notes.replace(note)
    elif notes:
        text = "".join(f"{line}\n" for line in notes)
        note.write_text(text, "utf-8", errors="backslashreplace")
        note.chmod(mode_within(folder))
    try:
        path.replace(kept)
    except OSError:
        if notes:
            note.unlink(missing_ok=True)
        raise
    try:
        os.utime(kept, follow_symlinks=False)
    except PermissionError:  # another user dropped it, and lets nobody write to it
        _make_ours(kept)
    return kept


def _make_ours(kept: Path) -> None:
    """A copy in its place: the purge must be able to overwrite it one day. OSError.

    A link stays what it is: what it leads to may be nobody's to read.
    """
    found = kept.lstat()
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        return
    draft = kept.with_name(".copy")
    shutil.copyfile(kept, draft, follow_symlinks=False)
    draft.chmod(mode_within(kept.parent))
    draft.replace(kept)


def mode_within(folder: Path) -> int:
    """Of a file that is kept there: whose group may read the folder may read it. OSError."""
    return 0o600 | (folder.stat().st_mode & 0o040)


def free(folder: Path, path: Path, more: int) -> Path:
    """In the folder, under the file's name or the first with a number that nothing has yet, cut
    where the name and what goes beside it would be too long. A name with a card number in it is
    not kept, as it is not ``shown``."""
    ending = os.fsencode(path.suffix)
    stem = os.fsencode("…" if holds_card_number(_text(path)) else path.stem)[
        : _LONGEST - _NUMBER - more - len(ending)
    ]
    names = (stem + (b".%d" % n if n > 1 else b"") + ending for n in count(1))
    free = (folder / os.fsdecode(name) for name in names)
    return next(one for one in free if not os.path.lexists(one))
