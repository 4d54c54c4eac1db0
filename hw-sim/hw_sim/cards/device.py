"""The readers of a bench and the hand that presents cards to them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hw_sim.cards import card_files, script
from hw_sim.cards.card_files import CardFile, CardFileError
from hw_sim.cards.card_os import CardOs
from hw_sim.cards.emulated import EmulatedCard, SimulatorFault
from hw_sim.cards.pcscd import PrivatePcscd
from hw_sim.cards.vpcd import InsertedCard
from hw_sim.device import BenchError, Place, Verb, WrongWords
from pos_terminal.core.interface import Interface
from pos_terminal.core.pan import Pan

HOST: Final = "127.0.0.1"
_NOTICE_SECONDS: Final = 2.0
"""vpcd looks for a card each 400 ms."""
_TRIES: Final = 2
_PAUSE_SECONDS: Final = 0.5
"""Between tries: a swap within one look is invisible, and the card would never be powered."""
_ACTIONS: Final = {"insert": Interface.CONTACT, "tap": Interface.TAP}


class CardsDevice:
    """Fulfils ``hw_sim.device.Device``. ``card_service=False`` leaves pcscd out.

    Verbs return when the card service has seen what was done, so that scripts need no pauses.
    """

    name = "cards"

    def __init__(self, *, card_service: bool = True) -> None:
        self._wanted = card_service
        self._pcscd: PrivatePcscd | None = None
        self._inserted: dict[Interface, InsertedCard] = {}
        self._known: dict[tuple[str, Interface], CardOs] = {}
        self._plugged = True

    # --- hw_sim.device.Device ------------------------------------------------------------------

    async def start(self, place: Place) -> None:
        if self._wanted:
            self._pcscd = PrivatePcscd(place.runtime)
            await self._pcscd.start()

    async def stop(self) -> None:
        for card in self._inserted.values():
            await card.close()
        self._inserted.clear()
        if self._pcscd is not None:
            await self._pcscd.stop()
            self._pcscd.remove_files()
            self._pcscd = None

    def endpoints(self) -> dict[str, object]:
        if self._pcscd is None:
            return {}
        return {
            "readers": {
                str(interface): {
                    "name": self._pcscd.reader(interface),
                    "card": f"{HOST}:{self._pcscd.ports[interface]}",
                }
                for interface in Interface
            }
        }

    def environment(self) -> dict[str, str]:
        if self._pcscd is None:
            return {}
        return {"PCSCLITE_CSOCK_NAME": str(self._pcscd.socket)}

    def verbs(self) -> Mapping[str, Verb]:
        return {
            "card": self._card,
            "cards": self._cards,
            "unplug": self._unplug,
            "plug": self._plug,
            "card-service": self._card_service,
        }

    # --- verbs -----------------------------------------------------------------------------------

    async def _cards(self, words: list[str]) -> object:
        """Every card, and where it is."""
        if words:
            raise WrongWords("cards takes no arguments")
        return [self._described(card) for card in card_files.cards().values()]

    async def _card(self, words: list[str]) -> object:
        """``insert NAME``, ``tap NAME``, ``remove [NAME]``."""
        match words:
            case [("insert" | "tap") as action, name]:
                return await self._present(name, _ACTIONS[action])
            case ["remove"]:
                return await self._remove(list(self._present_ones()))
            case ["remove", name]:
                return await self._remove(self._where(name))
        raise WrongWords("card insert NAME | card tap NAME | card remove [NAME]")

    async def _unplug(self, words: list[str]) -> object:
        """The readers' USB cable: virtual readers can't be hot-plugged, so pcscd starts anew."""
        self._only("reader", words)
        pcscd = self._service()
        await self._remove(list(self._present_ones()))
        await pcscd.stop()
        await pcscd.start(readers=False)
        self._plugged = False
        return {"reader": "unplugged"}

    async def _plug(self, words: list[str]) -> object:
        self._only("reader", words)
        pcscd = self._service()
        await pcscd.stop()
        await pcscd.start()
        self._plugged = True
        return {"reader": "plugged"}

    async def _card_service(self, words: list[str]) -> object:
        """``kill``: pcscd dies, cards and all. ``start``: it is back."""
        pcscd = self._service()
        match words:
            case ["kill"]:
                await self._remove(list(self._present_ones()))
                await pcscd.kill()
            case ["start"]:
                await pcscd.stop()
                await pcscd.start(readers=self._plugged)
            case _:
                raise WrongWords("card-service kill | card-service start")
        return {"card-service": "running" if pcscd.running else "dead"}

    # --- what they do ----------------------------------------------------------------------------

    async def _present(self, name: str, interface: Interface) -> object:
        """Put a card in or near; one that is there already is taken away first."""
        pcscd = self._service()
        if not (self._plugged and pcscd.running):
            raise BenchError("the readers are unplugged: plug them in first")
        card = self._emulated(name, interface)
        if interface in self._inserted:
            await self._remove([interface])
        for _ in range(_TRIES):
            if await self._noticed(card, interface, pcscd.ports[interface]):
                return {"card": name, "reader": str(interface)}
        raise BenchError(f"the {interface} reader did not notice the card; is another card in it?")

    async def _noticed(self, card: EmulatedCard, interface: Interface, port: int) -> bool:
        """Whether the reader powered the card up; one that it did not is out again."""
        inserted = await InsertedCard.insert(card, HOST, port)
        self._inserted[interface] = inserted
        try:
            await inserted.seen(_NOTICE_SECONDS)
        except TimeoutError:
            await self._inserted.pop(interface).close()
            await asyncio.sleep(_PAUSE_SECONDS)
            return False
        return True

    async def _remove(self, interfaces: list[Interface]) -> object:
        """Take cards out. A script that did not fit is told of now: it is no card's fault."""
        for interface in interfaces:
            inserted = self._inserted.pop(interface)
            try:
                await inserted.remove(_NOTICE_SECONDS)
            except TimeoutError:
                raise BenchError(f"the {interface} reader did not notice the removal") from None
            _finish(inserted.card)
        return {"removed": [str(interface) for interface in interfaces]}

    def _present_ones(self) -> tuple[Interface, ...]:
        return tuple(self._inserted)

    def _where(self, name: str) -> list[Interface]:
        """The reader that holds ``name``, which may also name the reader itself."""
        found = [
            interface
            for interface, inserted in self._inserted.items()
            if name in (inserted.card.name, str(interface))
        ]
        if not found:
            raise BenchError(f"{name} is in no reader")
        return found

    def _emulated(self, name: str, interface: Interface) -> EmulatedCard:
        """A card of the catalogue, or of a file of one's own: ``*.toml`` or ``*.script``."""
        try:
            if name.endswith(".script"):
                return script.load(Path(name))
            card = card_files.load(Path(name)) if name.endswith(".toml") else None
        except (CardFileError, SimulatorFault, OSError) as error:
            raise WrongWords(str(error)) from None
        card = card or card_files.cards().get(name)
        if card is None:
            raise WrongWords(f"there is no card {name}; `cards` lists them")
        if card.face(interface) is None:
            raise WrongWords(f"{name} has no {interface} interface")
        return self._kept(name, card, interface)

    def _kept(self, name: str, card: CardFile, interface: Interface) -> CardOs:
        """A card keeps its state from one presentation to the next."""
        if (name, interface) not in self._known:
            self._known[name, interface] = CardOs(card, interface)
        return self._known[name, interface]

    def _described(self, card: CardFile) -> dict[str, object]:
        held = [str(one) for one, there in self._inserted.items() if there.holds(card.name)]
        return {
            "name": card.name,
            "title": card.title,
            "scheme": card.scheme,
            "masked": Pan(card.pan).masked if card.pan else "",
            "interfaces": [str(face) for face in Interface if card.face(face)],
            "in": held[0] if held else None,
        }

    def _service(self) -> PrivatePcscd:
        if self._pcscd is None:
            raise BenchError("this bench has no card service (--no-card-service)")
        return self._pcscd

    @staticmethod
    def _only(cable: str, words: list[str]) -> None:
        if words != [cable]:
            raise WrongWords(f"the cards' only cable is {cable!r}")


def _finish(card: EmulatedCard) -> None:
    if isinstance(card, script.ScriptedCard):
        try:
            card.finish()
        except SimulatorFault as fault:
            raise BenchError(f"the simulation is wrong, not the card: {fault}") from None
