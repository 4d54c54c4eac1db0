"""PIN hashes that cost next to nothing: no simulated day is about how long they take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from pos_terminal.services.security import pin_hash


@contextmanager
def cheap_pins() -> Iterator[None]:
    """Argon2 with the least memory and one pass, for hashes that are made within."""
    with patch.multiple(pin_hash, MEMORY_KIB=8, PASSES=1):
        yield
