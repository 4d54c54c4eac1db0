"""Small files of secrets: private, replaced as a whole, durable when a call returns."""

from __future__ import annotations

import errno
import logging
import os
import secrets
import stat
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import Struct

from pos_terminal.core.words import Failure

_log = logging.getLogger(__name__)
_BLOCK: Final = 1 << 20


def private_folder(folder: Path) -> None:
    """Make ``folder`` (mode 0700) with its parents, if it is not there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_atomic(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data`` (mode 0600): after a power cut it is the old or the new file."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def read_private(path: Path) -> bytes | None:
    """The file's bytes; None where there is none.

    Failure ``keys.exposed`` where group or others may read it, ``keys.unreadable`` on an error.
    """
    try:
        with path.open("rb") as file:
            check_private(path, os.fstat(file.fileno()).st_mode)
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(path, error) from None


def check_private(path: Path, mode: int) -> None:
    """Failure ``keys.exposed`` where anybody but the owner has a right to the file."""
    if stat.S_IMODE(mode) & 0o077:
        raise Failure("keys.exposed", file=str(path), mode=f"{stat.S_IMODE(mode):04o}")


def unreadable(path: Path, error: OSError) -> Failure:
    """Failure ``keys.unreadable`` for an error of the system."""
    return Failure("keys.unreadable", file=str(path), cause=str(error.strerror or error))


class Identity(Struct, frozen=True):
    """Which file it is, and what was in it: another under its name, or one that was written to
    since, is not the one that was read."""

    device: int
    inode: int
    size: int
    changed: int
    """Nanoseconds."""

    @classmethod
    def of(cls, found: os.stat_result) -> Identity:
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def open_plain(path: Path, flags: int = os.O_RDONLY) -> int:
    """A descriptor of a plain file. Follows no link and waits for nobody: OSError for all else."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no plain file", str(path))
    return descriptor


def shred(path: Path, read: Identity | None = None) -> bool:
    """Overwrite, sync and remove; False where it is not the file that was ``read``, and is left.

    A link goes, and what it leads to stays. On flash the old cells can outlive it:
    docs/security.md. What another user dropped and lets nobody write is removed as it is.
    """
    try:
        seen = os.lstat(path)
        if stat.S_ISREG(seen.st_mode):
            if not _overwritten(path, read):
                return False
        elif read is not None:
            return False
    except PermissionError:
        if read not in (None, Identity.of(seen)):
            return False
        _log.warning("a file was removed and not overwritten: its owner lets nobody write to it")
    except FileNotFoundError:
        return read is None
    path.unlink()
    sync_folder(path.parent)
    return True


def _overwritten(path: Path, read: Identity | None) -> bool:
    descriptor = open_plain(path, os.O_RDWR)
    with os.fdopen(descriptor, "r+b") as file:
        found = Identity.of(os.fstat(descriptor))
        if read not in (None, found):
            return False
        _overwrite(file, found.size)
    return True


def _overwrite(file: BinaryIO, size: int) -> None:
    while size > 0:
        size -= file.write(secrets.token_bytes(min(size, _BLOCK)))
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make a rename or removal in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
