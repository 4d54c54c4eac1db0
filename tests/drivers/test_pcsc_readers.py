"""The driver against a real pcscd with emulated cards: every way a card can behave."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from typing import TypeVar

import pytest
from hw_sim.cards.card_files import cards, catalogue
from hw_sim.cards.card_os import CardOs
from hw_sim.cards.emulated import EmulatedCard
from hw_sim.cards.pcscd import PrivatePcscd
from hw_sim.cards.script import parse
from hw_sim.cards.vpcd import InsertedCard
from pos_drivers import pcsc_api
from pos_drivers.pcsc import Limits, PcscReaders
from pos_drivers.pcsc_watcher import Snapshot
from worlds.stories import beside, on_a_loop, told_by

from pos_terminal.core.card_match import Need
from pos_terminal.core.words import Failure
from pos_terminal.ports import (
    CardArrived,
    CardGone,
    CardLeft,
    CardMute,
    DeviceState,
    InputEvent,
    Interface,
)
from pos_terminal.services.card.reading import read_present
from pos_terminal.wire.card_dialogue import CardRead

CONTACT, TAP = Interface.CONTACT, Interface.TAP
SECONDS = 5.0
E = TypeVar("E", CardArrived, CardLeft, DeviceState)


@pytest.fixture(scope="module")
def pcscd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivatePcscd]:
    """One socket for all: the PC/SC library looks its name up once a process."""
    service = PrivatePcscd(tmp_path_factory.mktemp("c"))
    os.environ["PCSCLITE_CSOCK_NAME"] = str(service.socket)
    yield service
    del os.environ["PCSCLITE_CSOCK_NAME"]
    service.remove_files()


class Bench:
    """A running driver, the hand that presents cards, and the events that came of it."""

    def __init__(self, pcscd: PrivatePcscd, limits: Limits) -> None:
        self.pcscd = pcscd
        self.queue: asyncio.Queue[InputEvent] = asyncio.Queue()
        bound = {interface: pcscd.reader(interface) for interface in Interface}
        self.readers = PcscReaders(self.queue.put_nowait, bound, limits)
        self.inserted: list[InsertedCard] = []

    async def put(self, card: str | EmulatedCard, interface: Interface) -> InsertedCard:
        emulated = CardOs(cards()[card], interface) if isinstance(card, str) else card
        port = self.pcscd.ports[interface]
        inserted = await InsertedCard.insert(emulated, "127.0.0.1", port)
        self.inserted.append(inserted)
        await inserted.seen(SECONDS)
        return inserted

    async def next(self, kind: type[E]) -> E:
        """The next event, which must be of this kind."""
        async with asyncio.timeout(SECONDS):
            event = await self.queue.get()
        assert isinstance(event, kind), event
        return event

    async def both_up(self) -> None:
        states = {(await self.next(DeviceState)) for _ in Interface}
        assert {(state.device, state.up) for state in states} == {
            ("reader.contact", True),
            ("reader.tap", True),
        }

    async def read(self, arrived: CardArrived) -> CardRead:
        (found,) = await read_present(
            self.readers,
            arrived.reader,
            lambda card: Need.ANOTHER if card.par else Need.ACCOUNT,
            today=date(2026, 3, 9),
            unpredictable=bytes(4),
            currency="156",
        )
        return found

    async def fails(self, arrived: CardArrived) -> str:
        with pytest.raises(Failure) as caught:
            await self.read(arrived)
        return caught.value.words.code


@asynccontextmanager
async def running(pcscd: PrivatePcscd, limits: Limits) -> AsyncIterator[Bench]:
    await pcscd.start()
    bench = Bench(pcscd, limits)
    try:
        async with beside(bench.readers.run()):
            await bench.both_up()
            yield bench
    finally:
        for card in bench.inserted:
            await card.close()
        await pcscd.stop()


def drive(
    main: Callable[[Bench], Awaitable[None]], pcscd: PrivatePcscd, limits: Limits | None = None
) -> None:
    async def body() -> None:
        async with running(pcscd, limits or Limits()) as bench:
            await main(bench)

    asyncio.run(body())


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("pcsc")]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not condition():
            await asyncio.sleep(0.005)


@told_by(drive, needs=("pcscd",))
async def test_cards_are_read_at_both_readers(bench: Bench, pcscd: PrivatePcscd) -> None:
    inserted = await bench.put("halting", CONTACT)
    arrived = await bench.next(CardArrived)
    assert arrived.interface is CONTACT
    assert bench.readers.present() == {pcscd.reader(CONTACT): arrived}
    assert (await bench.read(arrived)).pan == catalogue()["halting"].pan
    await bench.put("phone", TAP)
    tapped = await bench.next(CardArrived)
    assert (await bench.read(tapped)).par == catalogue()["phone"].par
    assert (await bench.read(arrived)).scheme == "visa", "again, without taking it out"
    await inserted.remove(SECONDS)
    assert await bench.next(CardLeft) == CardLeft(pcscd.reader(CONTACT), CONTACT)
    with pytest.raises(CardGone):
        await bench.readers.connect(pcscd.reader(CONTACT))
    assert bench.queue.empty(), "our own connects are no events"


@told_by(drive, needs=("pcscd",))
async def test_a_card_pulled_in_mid_read(bench: Bench) -> None:
    pulled = await bench.put("pulled", TAP)
    assert await bench.fails(await bench.next(CardArrived)) == "card.gone"
    await bench.next(CardLeft)
    await pulled.gone(SECONDS)
    await bench.put("unionpay-debit", TAP)
    assert (await bench.read(await bench.next(CardArrived))).scheme == "unionpay"


@told_by(partial(drive, limits=Limits(answer=0.2)), needs=("pcscd",))
async def test_a_mute_card_holds_up_nobody_else(bench: Bench) -> None:
    mute = await bench.put("mute", CONTACT)
    arrived = await bench.next(CardArrived)
    assert await bench.fails(arrived) == "card.mute"
    assert await bench.fails(arrived) == "card.mute", "at once: its thread is held still"
    await bench.put("phone", TAP)
    assert (await bench.read(await bench.next(CardArrived))).scheme == "unionpay"
    await mute.remove(SECONDS)
    await bench.next(CardLeft)
    await until(lambda: len(threads()) == 2)
    await bench.put("visa", CONTACT)
    assert (await bench.read(await bench.next(CardArrived))).scheme == "visa"


@told_by(drive, needs=("pcscd",))
async def test_nothing_that_can_be_activated_asks_for_one_card_only(bench: Bench) -> None:
    await bench.put("two-cards", TAP)
    assert await bench.fails(await bench.next(CardArrived)) == "card.several"


@pytest.mark.parametrize("interface", Interface)
@told_by(drive, needs=("pcscd",))
async def test_a_card_that_is_still_listed_has_gone_all_the_same(
    bench: Bench, interface: Interface
) -> None:
    inserted = await bench.put("visa", interface)
    arrived = await bench.next(CardArrived)
    assert (await bench.read(arrived)).scheme == "visa"
    await inserted.close()
    assert arrived.reader in bench.readers.present(), "PC/SC has not noticed yet"
    assert await bench.fails(arrived) == "card.gone"
    assert await bench.next(CardLeft) == CardLeft(arrived.reader, interface)


@told_by(drive, needs=("pcscd",))
async def test_a_reader_held_by_another_program(bench: Bench) -> None:
    await bench.put("jcb", CONTACT)
    arrived = await bench.next(CardArrived)
    other = pcsc_api.Context()
    # Not on the loop: the card answers from there.
    held = await asyncio.to_thread(other.connect, arrived.reader)
    assert await bench.fails(arrived) == "card.busy"
    await asyncio.to_thread(held.disconnect)
    other.release()
    assert (await bench.read(arrived)).scheme == "jcb"


@told_by(partial(drive, limits=Limits(close=0.1)), needs=("pcscd",))
async def test_an_answer_that_comes_after_the_flow_was_cancelled(bench: Bench) -> None:
    script = parse("atr 3B00\n> 00A40400\n! mute\n")
    inserted = await bench.put(script, CONTACT)
    arrived = await bench.next(CardArrived)
    link = await bench.readers.connect(arrived.reader)
    async with beside(link.transmit(bytes.fromhex("00A40400"))):
        await until(lambda: script.used == 1)
    await link.close()
    with pytest.raises(CardGone):
        await link.transmit(b"\x00")
    await inserted.remove(SECONDS)
    await bench.next(CardLeft)
    await bench.put("visa", CONTACT)
    assert (await bench.read(await bench.next(CardArrived))).scheme == "visa"


@told_by(partial(drive, limits=Limits(answer=0.1)), needs=("pcscd",))
async def test_a_silent_card_is_mute_and_a_closed_link_is_closed(bench: Bench) -> None:
    await bench.put(parse("atr 3B00\n> ..\n! mute"), TAP)
    link = await bench.readers.connect((await bench.next(CardArrived)).reader)
    with pytest.raises(CardMute):
        await link.transmit(bytes.fromhex("00A40400"))
    await link.close()
    with pytest.raises(CardGone):
        await link.transmit(bytes.fromhex("00A40400"))


@told_by(drive, needs=("pcscd",))
async def test_the_card_service_dies_and_comes_back(bench: Bench, pcscd: PrivatePcscd) -> None:
    await bench.put("visa", CONTACT)
    arrived = await bench.next(CardArrived)
    await bench.read(arrived)
    await pcscd.kill()
    assert (await bench.next(CardLeft)).lost
    for _ in Interface:
        state = await bench.next(DeviceState)
        assert not state.up
        assert state.words is not None
        assert state.words.code == "card.service_down"
    assert not bench.readers.present()
    for state in await bench.readers.check_each():
        assert not state.up
    await pcscd.start()
    while not (state := await bench.next(DeviceState)).up:
        pass
    assert (await bench.next(DeviceState)).up
    await bench.put("visa", CONTACT)
    assert (await bench.read(await bench.next(CardArrived))).scheme == "visa"


@told_by(drive, needs=("pcscd",))
async def test_a_service_that_dies_in_mid_reading_is_not_the_customers_hurry(
    bench: Bench, pcscd: PrivatePcscd
) -> None:
    card = parse("atr 3B00\n> ..\n! mute\n")
    await bench.put(card, CONTACT)
    arrived = await bench.next(CardArrived)
    reading = asyncio.create_task(bench.fails(arrived))
    await until(lambda: card.used == 1)
    await pcscd.kill()
    assert await reading == "card.interrupted"
    assert await bench.fails(arrived) == "card.interrupted", "and whoever comes a moment later"


def test_a_reader_is_read_whatever_place_it_has_now(pcscd: PrivatePcscd) -> None:
    """``… 07 00`` in the configuration, ``… 00 00`` in this service; the next slot is another."""

    async def main() -> None:
        await pcscd.start()
        bench = Bench(pcscd, Limits())
        bound = {interface: pcscd.reader(interface)[:-5] + "07 00" for interface in Interface}
        bench.readers = PcscReaders(bench.queue.put_nowait, bound)
        async with beside(bench.readers.run()):
            await bench.both_up()
            inserted = await bench.put("visa", CONTACT)
            arrived = await bench.next(CardArrived)
            assert arrived.reader == bound[CONTACT]
            assert (await bench.read(arrived)).scheme == "visa"
            await inserted.close()
        twice = PcscReaders(lambda _: None, {CONTACT: "Bench Contact Reader 07 01"})
        assert (await twice.check()).up, "the other slot"
        await pcscd.stop()

    asyncio.run(main())


def test_a_missing_reader_is_named_with_what_is_there(pcscd: PrivatePcscd) -> None:
    async def main() -> None:
        await pcscd.start()
        bound = {CONTACT: "No Such Reader 00 00", TAP: pcscd.reader(TAP)}
        readers = PcscReaders(lambda _: None, bound)
        state = await readers.check()
        assert (state.device, state.up) == ("reader.contact", False)
        assert state.words is not None
        assert state.words.code == "card.reader_missing"
        assert pcscd.reader(TAP) in str(state.words.values["found"])
        assert [one.up for one in await readers.check_each()] == [False, True]
        assert (await PcscReaders(lambda _: None, {TAP: pcscd.reader(TAP)}).check()).up
        await pcscd.stop()

    asyncio.run(main())
    assert threads() == []


def test_stopping_takes_milliseconds_even_with_a_card_that_hangs(pcscd: PrivatePcscd) -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        await pcscd.start()
        bench = Bench(pcscd, Limits())
        task = asyncio.create_task(bench.readers.run())
        await bench.both_up()
        script = parse("atr 3B00\n> ..\n! mute")
        inserted = await bench.put(script, TAP)
        link = await bench.readers.connect((await bench.next(CardArrived)).reader)
        hanging = asyncio.create_task(link.transmit(b"\x00\xa4\x04\x00"))
        await until(lambda: script.used == 1)
        started = loop.time()
        for one in (hanging, task):
            one.cancel()
        await asyncio.gather(hanging, task, return_exceptions=True)
        stopped = loop.time() - started
        await inserted.close()
        await until(lambda: not threads())
        await pcscd.stop()
        return stopped

    assert asyncio.run(main()) < 0.2


@on_a_loop
async def test_a_terminal_without_readers_asks_nobody() -> None:
    readers = PcscReaders(lambda _: pytest.fail("nobody is to say anything"), {})
    assert await readers.check_each() == ()
    assert (await readers.check()).up
    async with beside(readers.run()):
        await asyncio.sleep(0)
        assert threads() == []


@on_a_loop
async def test_a_reader_that_comes_back_at_another_place_is_called_by_its_new_name() -> None:
    name = "R 00 00"
    readers = PcscReaders(lambda _: None, {CONTACT: name})
    called = []
    for snapshot in (
        Snapshot({name: pcsc_api.ReaderState("R 00 00", 0x20, b"")}),
        Snapshot({}),
        Snapshot({name: pcsc_api.ReaderState("R 01 00", 0x20, b"")}),
    ):
        readers._look(snapshot)
        if snapshot.readers:
            called.append(readers._worker(name))
    assert [one.reader for one in called] == ["R 00 00", "R 01 00"]
    assert [one.usable for one in called] == [False, True]
    called[1].give_up()
    await until(lambda: threads() == [])
