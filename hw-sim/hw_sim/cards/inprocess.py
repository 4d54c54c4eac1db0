"""Card readers on the loop itself, without pcscd: for tests under virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from hw_sim.cards.card_files import cards
from hw_sim.cards.card_os import CardOs
from hw_sim.cards.emulated import EmulatedCard, Mute, Pulled
from pos_terminal.core.interface import Interface
from pos_terminal.core.words import Failure, say
from pos_terminal.ports import (
    CardArrived,
    CardGone,
    CardLeft,
    CardLink,
    CardMute,
    DeviceState,
    Sink,
)

READERS: Final = {Interface.CONTACT: "Sim Contact 00 00", Interface.TAP: "Sim Tap 00 00"}


class _Presence:
    """A card that lies in a reader, until it leaves."""

    def __init__(self, card: EmulatedCard, arrived: CardArrived) -> None:
        self.card = card
        self.arrived = arrived
        self.left = asyncio.Event()
        self.lost = False
        """Its reader went, and the card with it."""

    def gone(self) -> Exception:
        if self.lost:
            return Failure("card.interrupted", reader=self.arrived.reader, cause="unplugged")
        return CardGone()


class _Link:
    """Fulfils ``ports.CardLink``."""

    def __init__(self, readers: SimCardReaders, presence: _Presence) -> None:
        self._readers = readers
        self._presence = presence
        self.interface = presence.arrived.interface
        self.atr = presence.arrived.atr

    async def transmit(self, apdu: bytes) -> bytes:
        await asyncio.sleep(self._readers.answer_seconds)
        if self._presence.left.is_set():
            raise self._presence.gone()
        try:
            return self._presence.card.answer(apdu)
        except Pulled:
            self._readers.remove(self.interface)
            raise CardGone from None
        except Mute:
            await self._silence()
            raise CardMute from None

    async def _silence(self) -> None:
        """A card that never answers, until the watchdog or the customer ends it."""
        try:
            async with asyncio.timeout(self._readers.mute_seconds):
                await self._presence.left.wait()
        except TimeoutError:
            return
        raise self._presence.gone()

    async def close(self) -> None:
        return


class SimCardReaders:
    """Fulfils ``ports.CardReaders`` and ``ports.Device``; ``insert``, ``tap`` and ``remove`` too.

    ``answer_seconds`` is what a card takes for one answer.
    """

    name = "reader"

    def __init__(
        self, sink: Sink, *, answer_seconds: float = 0.02, mute_seconds: float = 5.0
    ) -> None:
        self._sink = sink
        self._there: dict[Interface, _Presence] = {}
        self._known: dict[tuple[str, Interface], CardOs] = {}
        self._unplugged: set[Interface] = set()
        self.answer_seconds = answer_seconds
        self.mute_seconds = mute_seconds

    # --- the customer's hand -------------------------------------------------------------------

    def insert(self, card: str | EmulatedCard) -> None:
        """Put a card of the catalogue, or any emulated one, into the contact reader."""
        self._put(card, Interface.CONTACT)

    def tap(self, card: str | EmulatedCard) -> None:
        """Hold a card or phone to the contactless reader; it stays until removed."""
        self._put(card, Interface.TAP)

    def remove(self, interface: Interface) -> None:
        """Take the card away, where there is one."""
        presence = self._there.pop(interface, None)
        if presence is not None:
            presence.left.set()
            if interface not in self._unplugged:
                self._sink(CardLeft(READERS[interface], interface))

    def _put(self, card: str | EmulatedCard, interface: Interface) -> None:
        if interface in self._there:
            raise ValueError(f"a card is in the {interface} reader already")
        emulated = self._card(card, interface) if isinstance(card, str) else card
        arrived = CardArrived(READERS[interface], interface, emulated.activate())
        self._there[interface] = _Presence(emulated, arrived)
        if interface not in self._unplugged:
            self._sink(arrived)

    def _card(self, name: str, interface: Interface) -> CardOs:
        """Cards keep their state from one presentation to the next."""
        if (name, interface) not in self._known:
            self._known[name, interface] = CardOs(cards()[name], interface)
        return self._known[name, interface]

    # --- the cable -----------------------------------------------------------------------------

    def unplug(self, interface: Interface) -> None:
        if interface in self._unplugged:
            return
        self._unplugged.add(interface)
        if interface in self._there:
            self._there[interface].lost = True
            self._there[interface].left.set()
            self._sink(CardLeft(READERS[interface], interface, lost=True))
        self._sink(self._state(interface))

    def plug(self, interface: Interface) -> None:
        if interface not in self._unplugged:
            return
        self._unplugged.discard(interface)
        self._sink(self._state(interface))
        presence = self._there.pop(interface, None)
        if presence is not None:
            self._put(presence.card, interface)

    def _state(self, interface: Interface) -> DeviceState:
        device = f"reader.{interface}"
        if interface not in self._unplugged:
            return DeviceState(device, True)
        words = say("card.reader_missing", reader=READERS[interface], found="-")
        return DeviceState(device, False, words)

    # --- ports -----------------------------------------------------------------------------------

    def present(self) -> Mapping[str, CardArrived]:
        return {
            presence.arrived.reader: presence.arrived
            for interface, presence in self._there.items()
            if interface not in self._unplugged
        }

    async def connect(self, reader: str) -> CardLink:
        for presence in self._there.values():
            if presence.arrived.reader == reader and not presence.left.is_set():
                if not presence.card.activate():
                    raise Failure("card.several", cause="no answer to reset")
                return _Link(self, presence)
        if any(READERS[interface] == reader for interface in self._unplugged):
            raise Failure("card.interrupted", reader=reader, cause="unplugged")
        raise CardGone

    async def run(self) -> None:
        for interface in Interface:
            self._sink(self._state(interface))
        await asyncio.Event().wait()

    async def check(self) -> DeviceState:
        return next(
            (self._state(interface) for interface in Interface if interface in self._unplugged),
            DeviceState(self.name, True),
        )
