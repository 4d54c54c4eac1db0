"""Whether a terminal has been set up: what every start asks, without what sets one up (R22)."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from pos_terminal.config import Config
from pos_terminal.core.words import Failure
from pos_terminal.services.security.files import unreadable
from pos_terminal.services.security.keystore import KEYS_FOLDER, TERMINAL
from pos_terminal.services.security.people import people_missing
from pos_terminal.services.security.people_db import PEOPLE_FILE, PeopleDb
from pos_terminal.services.security.people_rows import StoredPerson


def unprovisioned(config: Config) -> Failure | None:
    """Why this terminal must not trade: ``people.unprovisioned``, or None. Makes no files.

    Failure ``keys.unreadable`` where the folder can't be looked into.
    """
    folder = config.data_dir
    missing: str | None
    try:
        if not _there(folder / KEYS_FOLDER / TERMINAL):
            missing = "its keys"
        elif not _there(folder / PEOPLE_FILE):
            missing = "its people"
        else:
            missing = people_missing(_entries(folder))
    except OSError as error:
        raise unreadable(folder, error) from None
    return None if missing is None else Failure("people.unprovisioned", missing=missing)


def _there(path: Path) -> bool:
    """As ``Path.exists``, which calls a file absent in a folder that may not be entered."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _entries(folder: Path) -> list[StoredPerson]:
    with closing(PeopleDb.open(folder)) as db:
        return list(db.entries())
