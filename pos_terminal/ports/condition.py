"""How one part of the terminal is: a device, the line, the clock, trade itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from pos_terminal.core.words import Words


class Condition(Struct, frozen=True):
    name: str
    """A device's name, ``line``, ``clock`` or ``trade``."""
    up: bool
    words: Words | None = None
    """The cause where it is not; what is worth knowing where it is."""
    todo: Words | None = None
    """The next step, where the cause does not say it."""


Conditions = Callable[[], Sequence[Condition]]
"""As they are now: broken ones first."""
