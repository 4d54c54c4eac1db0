"""Files of the sales feed that were taken in or refused, once they are older than the retention."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from pos_terminal.config import Config
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.security.files import shred

DONE: Final = "done"
REFUSED: Final = "refused"
"""The inbox's folders for them."""


def refused_folder(config: Config) -> Path:
    """Where bad records lie, whichever way they came: in the inbox, or beside the ledger."""
    if config.sales.inbox is None:
        return config.ledger.parent / REFUSED
    return config.path(config.sales.inbox) / REFUSED


def old(folders: Sequence[Path], before: datetime) -> Iterator[Path]:
    """Files that lie there since before this moment."""
    for folder in folders:
        for path in folder.iterdir() if folder.is_dir() else ():
            found = path.lstat()
            if not stat.S_ISDIR(found.st_mode) and found.st_mtime < before.timestamp():
                yield path


def remove(paths: Sequence[Path]) -> None:
    """Overwrite and remove them: a refused one may have card numbers. Failure ``feed.wipe``."""
    for path in paths:
        try:
            shred(path)
        except OSError as error:
            raise Failure("feed.wipe", file=str(path), cause=error.strerror or "write") from None


def write_down(step: Step, before: datetime, count: int) -> None:
    """The entry of the purge, once they are gone."""
    purges.write_down(step, purges.FILES, before, count=count)
