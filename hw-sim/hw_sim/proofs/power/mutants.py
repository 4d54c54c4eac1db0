"""Mistakes that only a power cut shows: what the images must notice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Final
from unittest.mock import patch

from pos_terminal.services.ledger import connect


@contextmanager
def _normal() -> Iterator[None]:
    """A commit is reported while it is still in the disk's cache."""
    full, normal = "synchronous = FULL", "synchronous = NORMAL"
    weaker = [text.replace(full, normal) for text in connect._PRAGMAS]
    with patch.object(connect, "_PRAGMAS", weaker):
        yield


@contextmanager
def _no_barrier() -> Iterator[None]:
    """Files of our own (keys, the noted head) are not synced before they take their place."""
    with (
        patch.object(os, "fdatasync", lambda descriptor: None),
        patch.object(os, "fsync", lambda descriptor: None),
    ):
        yield


MUTANTS: Final[Mapping[str, Callable[[], AbstractContextManager[None]]]] = {
    "synchronous-normal": _normal,
    "no-barrier": _no_barrier,
}
