"""What every emulated card is to the reader that it lies in."""

from __future__ import annotations

from typing import Protocol


class Pulled(Exception):
    """The card leaves the reader now, instead of answering."""


class Mute(Exception):
    """The card stays where it is and never answers."""


class SimulatorFault(Exception):
    """The simulation itself is wrong: a script that does not fit. Never a fault of the card."""


class EmulatedCard(Protocol):
    """A card as its contacts or its antenna show it; all of it is bytes in, bytes out."""

    name: str

    def activate(self) -> bytes:
        """Power on or reset: the ATR, empty where the card can't be activated."""

    def answer(self, apdu: bytes) -> bytes:
        """Data and SW1 SW2. Raises Pulled, Mute, SimulatorFault."""
