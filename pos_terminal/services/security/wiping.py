"""The end of a terminal's keys: whatever state they are in (R56a)."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from pos_terminal.services.security.files import shred, unreadable
from pos_terminal.services.security.keystore import KEYS_FOLDER, destroy_keys
from pos_terminal.services.security.people_db import PEOPLE_FILE, PeopleDb
from pos_terminal.services.security.vault import RING_FILE


def wipe(data_dir: Path) -> None:
    """Destroy keys, ring and people, the keys first. Works on damaged ones too.

    What the ledger had sealed, its audit chain's key and every PIN are gone afterwards. Failure
    ``keys.unreadable`` where the disk refuses; what was destroyed until then stays destroyed.
    """
    folder = data_dir / KEYS_FOLDER
    try:
        if folder.is_dir():
            destroy_keys(folder)
        shred(data_dir / RING_FILE)
    except OSError as error:
        raise unreadable(data_dir, error) from None
    if (data_dir / PEOPLE_FILE).exists():
        with closing(PeopleDb.open(data_dir)) as db:
            db.clear()
