"""A card read through its port, on the virtual loop: what goes wrong has words."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from hw_sim.cards.card_files import catalogue
from hw_sim.cards.emulated import SimulatorFault
from hw_sim.cards.inprocess import READERS, SimCardReaders
from hw_sim.cards.script import parse
from hw_sim.virtual import VirtualLoop, run_virtual
from worlds.failures import failure_in
from worlds.stories import in_virtual_time, told_by

from pos_terminal.core.card_match import Need
from pos_terminal.core.interface import Interface
from pos_terminal.core.words import Failure
from pos_terminal.ports import CardArrived, CardLeft, DeviceState, InputEvent
from pos_terminal.services.card.reading import LIMIT_SECONDS, read_present
from pos_terminal.texts import Language, render, technician
from pos_terminal.wire.card_dialogue import CardRead

CONTACT, TAP = Interface.CONTACT, Interface.TAP


class Bench:
    def __init__(self, **options: float) -> None:
        self.events: list[InputEvent] = []
        self.readers = SimCardReaders(self.events.append, **options)

    async def read(self, interface: Interface) -> CardRead:
        return await self.read_card(self.readers.present()[READERS[interface]])

    async def read_card(self, arrived: CardArrived) -> CardRead:
        (found,) = await read_present(
            self.readers,
            arrived.reader,
            lambda card: Need.ANOTHER if card.par else Need.ACCOUNT,
            today=date(2026, 3, 9),
            unpredictable=bytes(4),
            currency="156",
        )
        return found


@pytest.fixture
def bench() -> Bench:
    return Bench()


@in_virtual_time
async def test_a_card_is_read_and_said_to_have_come_and_gone(bench: Bench) -> None:
    bench.readers.insert("unionpay-debit")
    found = await bench.read(CONTACT)
    bench.readers.remove(CONTACT)
    assert found.pan == catalogue()["unionpay-debit"].pan
    assert [type(event) for event in bench.events] == [CardArrived, CardLeft]
    assert not bench.readers.present()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("pulled", "card.gone"),
        ("mute", "card.mute"),
        ("two-cards", "card.several"),
        ("storage", "card.unsupported"),
        ("blocked", "card.blocked"),
    ],
)
@in_virtual_time
async def test_trouble_has_words_in_both_languages(bench: Bench, name: str, key: str) -> None:
    bench.readers.tap(name)
    with pytest.raises(Failure) as caught:
        await bench.read(TAP)
    words = caught.value.words
    assert words.code == key
    assert all(render(words, language) for language in Language)
    assert len(technician(words)) > 40


@told_by(run_virtual)
async def test_a_card_that_drips_its_answers_is_given_up_in_time(loop: VirtualLoop) -> None:
    bench = Bench(answer_seconds=3.0)
    bench.readers.insert("visa")
    assert await failure_in(bench.read(CONTACT)) == "card.mute"
    assert loop.time() == pytest.approx(LIMIT_SECONDS)


@told_by(run_virtual)
async def test_a_mute_card_taken_out_frees_the_reading_at_once(
    loop: VirtualLoop, bench: Bench
) -> None:
    bench.readers.insert("mute")
    loop.call_later(1.0, bench.readers.remove, CONTACT)
    assert await failure_in(bench.read(CONTACT)) == "card.gone"
    assert loop.time() == pytest.approx(1.0)


@in_virtual_time
async def test_a_card_gone_before_it_was_connected(bench: Bench) -> None:
    bench.readers.tap("visa")
    arrived = bench.readers.present()[READERS[TAP]]
    bench.readers.remove(TAP)
    assert await failure_in(bench.read_card(arrived)) == "card.gone"


@in_virtual_time
async def test_cancelling_leaves_the_card_readable(bench: Bench) -> None:
    bench.readers.insert("visa")
    reading = asyncio.create_task(bench.read(CONTACT))
    await asyncio.sleep(0.05)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert (await bench.read(CONTACT)).scheme == "visa"


@in_virtual_time
async def test_a_script_that_does_not_fit_is_no_card_trouble(bench: Bench) -> None:
    bench.readers.insert(parse("atr 3B00\n> 00A40400\n< 9000"))
    with pytest.raises(SimulatorFault):
        await bench.read(CONTACT)


@in_virtual_time
async def test_a_locked_phone_works_at_its_second_tap(bench: Bench) -> None:
    bench.readers.tap("phone-locked")
    assert await failure_in(bench.read(TAP)) == "card.see_phone"
    bench.readers.remove(TAP)
    bench.readers.tap("phone-locked")
    assert (await bench.read(TAP)).par == catalogue()["unionpay-credit"].par


@in_virtual_time
async def test_an_unplugged_reader_takes_its_card_along(bench: Bench) -> None:
    bench.readers.insert("visa")
    bench.readers.unplug(CONTACT)
    assert not bench.readers.present()
    assert await failure_in(bench.readers.connect(READERS[CONTACT])) == "card.interrupted"
    assert not (await bench.readers.check()).up
    bench.readers.plug(CONTACT)
    assert (await bench.readers.check()).up
    assert [type(event) for event in bench.events] == [
        CardArrived,
        CardLeft,
        DeviceState,
        DeviceState,
        CardArrived,
    ]
