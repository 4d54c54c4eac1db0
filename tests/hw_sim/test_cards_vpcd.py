"""The card side of vpcd, against a reader that speaks its protocol by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from hw_sim.cards.card_files import cards
from hw_sim.cards.card_os import CardOs
from hw_sim.cards.emulated import EmulatedCard
from hw_sim.cards.script import parse
from hw_sim.cards.vpcd import InsertedCard
from worlds.stories import told_by

from pos_terminal.core.interface import Interface

OFF, ON, RESET, ATR = b"\x00", b"\x01", b"\x02", b"\x04"


class Reader:
    """vpcd: it listens, and asks."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def tell(self, payload: bytes) -> None:
        self._writer.write(len(payload).to_bytes(2, "big") + payload)
        await self._writer.drain()

    async def ask(self, payload: bytes) -> bytes:
        await self.tell(payload)
        async with asyncio.timeout(2):
            size = int.from_bytes(await self._reader.readexactly(2), "big")
            return await self._reader.readexactly(size)

    async def is_empty(self) -> bool:
        async with asyncio.timeout(2):
            return await self._reader.read(1) == b""

    def close(self) -> None:
        self._writer.close()


def drive(card: EmulatedCard, main: Callable[[Reader, InsertedCard], Awaitable[None]]) -> None:
    async def body() -> None:
        sides: asyncio.Queue[Reader] = asyncio.Queue()
        server = await asyncio.start_server(
            lambda reader, writer: sides.put_nowait(Reader(reader, writer)), "127.0.0.1", 0
        )
        port = server.sockets[0].getsockname()[1]
        inserted = await InsertedCard.insert(card, "127.0.0.1", port)
        reader = await sides.get()
        try:
            await main(reader, inserted)
        finally:
            await inserted.close()
            reader.close()
            server.close()

    asyncio.run(body())


def visa() -> CardOs:
    return CardOs(cards()["visa"], Interface.CONTACT)


@told_by(partial(drive, visa()), 2)
async def test_power_atr_and_commands(reader: Reader, inserted: InsertedCard) -> None:
    atr = await reader.ask(ATR)
    assert atr[0] == 0x3B
    with pytest.raises(TimeoutError):
        await inserted.seen(0.01)
    await reader.tell(ON)
    assert await reader.ask(ATR) == atr
    await inserted.seen(1)
    assert (await reader.ask(bytes.fromhex("00A40400")))[-2:] == b"\x90\x00"
    await reader.tell(OFF)
    assert inserted.holds("visa")


@told_by(partial(drive, visa()), 2)
async def test_a_look_at_the_reader_does_not_reset_the_card(
    reader: Reader, inserted: InsertedCard
) -> None:
    await reader.tell(ON)
    select = bytes.fromhex("00A4040007A0000000031010")
    assert (await reader.ask(select))[-2:] == b"\x90\x00"
    await reader.ask(ATR)
    assert (await reader.ask(bytes.fromhex("80A8000002830000")))[-2:] == b"\x90\x00"
    await reader.tell(RESET)
    assert (await reader.ask(bytes.fromhex("80A8000002830000")))[-2:] == b"\x69\x85"


@told_by(partial(drive, visa()), 2)
async def test_removal_is_over_when_the_reader_has_seen_it(
    reader: Reader, inserted: InsertedCard
) -> None:
    removal = asyncio.create_task(inserted.remove(2))
    assert await reader.is_empty()
    await asyncio.sleep(0)
    assert not removal.done()
    await reader.tell(ATR)
    await removal
    assert not inserted.present


@told_by(partial(drive, visa()), 2)
async def test_a_removal_that_nobody_sees_is_said(reader: Reader, inserted: InsertedCard) -> None:
    with pytest.raises(TimeoutError):
        await inserted.remove(0.05)
    assert not inserted.present


@told_by(partial(drive, parse("> ..\n! pull")), 2)
async def test_a_pulled_card_hangs_up_instead_of_answering(
    reader: Reader, inserted: InsertedCard
) -> None:
    await reader.tell(b"\x00\xa4")
    assert await reader.is_empty()


@told_by(partial(drive, parse("> 00B2\n< 9000")), 2)
async def test_a_script_that_does_not_fit_is_kept_as_the_simulators_fault(
    reader: Reader, inserted: InsertedCard
) -> None:
    await reader.tell(b"\x00\xa4")
    assert await reader.is_empty()
    assert inserted.fault is not None
