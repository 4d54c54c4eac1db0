"""Cash that was committed and is to hand over still, of whatever kind (R36)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct

from pos_terminal.ui.page import Line


class Lying(Struct, frozen=True):
    """What is handed over in one sum."""

    shown: Line
    begin: Callable[[], Awaitable[None]]
    """A supervisor, the drawer, the clerk's word."""
