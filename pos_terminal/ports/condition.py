"""How one part of the terminal is: a device, the line, the clock, trade itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from pos_terminal.core.words import Words

NOTHING_MORE: Final = frozenset(
    {"check.up", "display.ok", "input.found", "input.port_found", "printer.ready"}
)
"""Words of what is up that have their figures in the technician's line alone."""


class Condition(Struct, frozen=True):
    name: str
    """A device's name, ``line``, ``clock`` or ``trade``."""
    up: bool
    words: Words | None = None
    """The cause where it is not; what is worth knowing where it is."""
    todo: Words | None = None
    """The next step, where the cause does not say it."""

    @property
    def well(self) -> bool:
        """Whether there is nothing that a clerk should know of it."""
        return self.up and (self.words is None or self.words.code in NOTHING_MORE)


Conditions = Callable[[], Sequence[Condition]]
"""As they are now: broken ones first."""
