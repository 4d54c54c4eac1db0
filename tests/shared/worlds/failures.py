"""What goes wrong, by its code; and files that somebody spoils."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ParamSpec

import pytest

from pos_terminal.core.words import Failure

P = ParamSpec("P")


def failure_of(action: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> str:
    """The code of the Failure in which this ends."""
    with pytest.raises(Failure) as caught:
        action(*args, **kwargs)
    return caught.value.words.code


async def failure_in(work: Awaitable[object]) -> str:
    """The code of the Failure in which what is awaited ends."""
    with pytest.raises(Failure) as caught:
        await work
    return caught.value.words.code


def flip(path: Path, at: int) -> None:
    """One bit of a file changes."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
