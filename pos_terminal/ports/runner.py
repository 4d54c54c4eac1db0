"""Where blocking work is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Runner(Protocol):
    """Runs a blocking function off the loop, or inline under virtual time, and awaits it."""

    async def __call__(self, function: Callable[[], T]) -> T: ...
