"""The system's random source, from a seed: keys, nonces, the numbers of vouchers."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from unittest.mock import patch


@contextmanager
def drawn_from(chance: Random) -> Iterator[None]:
    """What the system's random source would give comes from here.

    ``secrets`` draws by ``random.SystemRandom``, and that by this name.
    """
    with (
        patch.object(random, "_urandom", chance.randbytes),
        patch.object(os, "urandom", chance.randbytes),
    ):
        yield


def entropy_of(seed: int) -> Random:
    """For the day of this seed; by which order it goes changes nothing of it."""
    return Random(f"entropy {seed}")
