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
    LAYOUT_US = "layout_us"
    """The scanner evidently types on this layout, and another one is configured; so the next."""
    LAYOUT_AZERTY = "layout_azerty"
    LAYOUT_QWERTZ = "layout_qwertz"
    FRAME_8N1 = "frame_8n1"
    """The serial scanner evidently sends this, and another one is configured; so the next."""
    FRAME_7E1 = "frame_7e1"
    FRAME_7O1 = "frame_7o1"
