"""Numbers of a command line that go into SQLite, which has 64 bits for them."""

from __future__ import annotations

import argparse
from typing import Final

_MOST: Final = 2**63 - 1


def is_row(number: int) -> bool:
    """Whether a row can have this number; SQLite's begin at 1."""
    return 1 <= number <= _MOST


def how_many(text: str) -> int:
    """For ``argparse``: so many at most."""
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(_MOST))
    if not digits or int(text) > _MOST:
        raise argparse.ArgumentTypeError(f"a whole number from 0 to {_MOST} is needed")
    return int(text)
