"""What devices report, and what a device is."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from pos_terminal.core.badge import mask_badges
from pos_terminal.core.dropped import Drop
from pos_terminal.core.interface import Interface
from pos_terminal.core.words import Words


class Key(StrEnum):
    D0 = "0"
    D1 = "1"
    D2 = "2"
    D3 = "3"
    D4 = "4"
    D5 = "5"
    D6 = "6"
    D7 = "7"
    D8 = "8"
    D9 = "9"
    DOUBLE_ZERO = "00"
    DOT = "."
    ENTER = "enter"
    CLEAR = "clear"
    """Takes back the last digit."""
    CANCEL = "cancel"
    UP = "up"
    DOWN = "down"
    MENU = "menu"
    FEED = "feed"


class KeyPressed(Struct, frozen=True):
    key: Key


class Scanned(Struct, frozen=True):
    """One whole code. ``symbology`` is the AIM identifier (``]E0``) where the scanner sent one."""

    text: str
    symbology: str | None = None

    def __repr__(self) -> str:
        """For logs and recordings, which know no badge (R86)."""
        return f"Scanned({mask_badges(self.text)!r}, {self.symbology!r})"


class ScanDropped(Struct, frozen=True):
    """A partial or overrun scan was thrown away: beep and ask again, never submit."""

    why: Drop


class CardArrived(Struct, frozen=True):
    reader: str
    interface: Interface
    atr: bytes


class CardLeft(Struct, frozen=True):
    reader: str
    interface: Interface
    lost: bool = False
    """Its reader went, or what serves it: nobody is known to have taken the card away."""


class DeviceState(Struct, frozen=True):
    """A device's health. ``words`` says the cause and the next step when it is down."""

    device: str
    up: bool
    words: Words | None = None


class FileWaits(Struct, frozen=True):
    """Something came that the person at the counter is asked about."""


InputEvent = KeyPressed | Scanned | ScanDropped | CardArrived | CardLeft | DeviceState | FileWaits
Sink = Callable[[InputEvent], None]
"""Where drivers put events; called on the loop's thread only."""


class Device(Protocol):
    """A supervised device: opens itself, reports loss, comes back by itself."""

    name: str

    async def run(self) -> None:
        """Serve until cancelled; a lost device is no error, it is reported and reopened."""

    async def check(self) -> DeviceState:
        """Open and identify the device once, for ``pos-terminal check``; nothing stays open."""
