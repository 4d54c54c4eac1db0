"""What is known of the line to the acquirer."""

from __future__ import annotations

from enum import StrEnum


class LineState(StrEnum):
    """As the newest connection, answer or silence has it."""

    UNKNOWN = "unknown"
    """Nothing was tried since the start."""
    UP = "up"
    """A connection could be opened, or an answer came."""
    DOWN = "down"
    """None could be opened, or it broke."""
    SILENT = "silent"
    """It stands, and the last message was not answered."""
