"""Small files of secrets: private, replaced as a whole, durable when a call returns."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from pos_terminal.core.words import Failure


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


def shred(path: Path) -> None:
    """Overwrite, sync and remove. On flash the old cells can outlive it: docs/security.md."""
    try:
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(os.fstat(file.fileno()).st_size))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    path.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename or removal in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
