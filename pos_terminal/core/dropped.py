"""Why a scan was thrown away: a partial one is never submitted."""

from __future__ import annotations

from enum import StrEnum


class Drop(StrEnum):
    PAUSE = "pause"
    UNENDED = "unended"
    """No Enter, Tab, CR or LF came after it."""
    OVERRUN = "overrun"
    """Events were lost, or the scanner was unplugged in the middle."""
    TOO_LONG = "too_long"
    CHARACTERS = "characters"
    """A key that types no character, or bytes that are no text."""
    CHECK = "check"
    """Wrong check digit or length for its symbology."""
