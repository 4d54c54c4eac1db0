"""The clock of waits and deadlines: the loop's, which nobody sets."""

from __future__ import annotations

import asyncio


def now() -> float:
    """Seconds since some moment; only differences mean anything."""
    return asyncio.get_running_loop().time()
