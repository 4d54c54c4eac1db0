"""What was made last, kept for whoever asks for the same again."""

from __future__ import annotations

from collections.abc import Callable
from operator import is_not
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def last_made(make: Callable[P, T]) -> Callable[P, T]:
    """``make``, a pure function of frozen arguments, not run again for the very same objects.

    Only the last result is kept. Arguments are compared by identity: quicker than making the
    result, and no argument needs a hash.
    """
    asked: tuple[object, ...] | None = None
    made: T

    def made_once(*args: P.args, **kwargs: P.kwargs) -> T:
        nonlocal asked, made
        if asked is None or kwargs or any(map(is_not, args, asked)):
            made = make(*args, **kwargs)
            asked = None if kwargs else args
        return made

    return made_once
