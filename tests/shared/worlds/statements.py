"""What a power cut leaves of a ledger's files, at each statement of whoever opens it."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pos_terminal.services.ledger.connect import open_writer
from pos_terminal.services.proof import opening
from pos_terminal.services.security import people_db, people_schema


def at_each_statement(patch: pytest.MonkeyPatch, path: Path, folder: Path) -> list[Path]:
    """The list grows while the next writer of ``path`` works: a copy of its files as they are
    before each of its statements, those left out that are as the one before."""
    images: list[Path] = []

    def opened(file: Path) -> sqlite3.Connection:
        db = open_writer(file)
        if file == path:
            _watch(db, path, folder, images)
        return db

    patch.setattr(opening, "open_writer", opened)
    return images


def at_each_statement_of_people(patch: pytest.MonkeyPatch, path: Path, folder: Path) -> list[Path]:
    """The same while ``people.db`` is brought to another schema."""
    images: list[Path] = []

    def brought(db: sqlite3.Connection) -> None:
        _watch(db, path, folder, images)
        people_schema.bring(db)

    patch.setattr(people_db, "bring", brought)
    return images


def reader_sees(image: Path, scratch: Path) -> bytes:
    """A digest of all pages as who opens ``image`` reads them: what its WAL committed, too."""
    shutil.copytree(image.parent, scratch)
    try:
        with closing(sqlite3.connect(scratch / image.name)) as db:
            return hashlib.blake2b(db.serialize()).digest()
    finally:
        shutil.rmtree(scratch)


def _watch(db: sqlite3.Connection, path: Path, folder: Path, images: list[Path]) -> None:
    seen: list[bytes] = []

    def look(_: str) -> None:
        nonlocal seen
        files = [one for one in (path, path.with_name(path.name + "-wal")) if one.exists()]
        now = [one.read_bytes() for one in files]
        if now == seen:
            return
        seen = now
        image = folder / f"{len(images):03d}" / path.name
        image.parent.mkdir(parents=True)
        for one in files:
            shutil.copy(one, image.parent / one.name)
        images.append(image)

    # what it writes is on the disk early, and not only with its COMMIT
    db.execute("PRAGMA cache_size = 4")
    db.set_trace_callback(look)
