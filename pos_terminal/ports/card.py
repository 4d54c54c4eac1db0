"""Card readers, and one powered card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from pos_terminal.core.interface import Interface
from pos_terminal.ports.events import CardArrived


class CardGone(Exception):
    """The card was pulled or moved away."""


class CardMute(Exception):
    """The card did not answer in time."""


class CardLink(Protocol):
    """One powered card. APDUs are bytes in and bytes with SW1 SW2 out."""

    interface: Interface
    atr: bytes

    async def transmit(self, apdu: bytes) -> bytes:
        """Raises CardGone or CardMute; Failure ``card.interrupted`` where the reader went."""

    async def close(self) -> None: ...


class CardReaders(Protocol):
    """All bound readers. Arrivals and departures come as events to the sink."""

    def present(self) -> Mapping[str, CardArrived]:
        """Cards in the readers now, by reader."""

    async def connect(self, reader: str) -> CardLink:
        """Raises CardGone, or Failure where the card cannot be activated or its reader went."""
