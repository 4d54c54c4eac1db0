"""Where blocking work is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

Runner = Callable[[Callable[[], object]], Awaitable[object]]
"""Runs a blocking function off the loop, or inline under virtual time."""
