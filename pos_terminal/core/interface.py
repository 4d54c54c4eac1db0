"""How a card meets the terminal."""

from __future__ import annotations

from enum import StrEnum


class Interface(StrEnum):
    CONTACT = "contact"
    TAP = "tap"
