"""The line: what is surely not sent, what is unknown, and frames in any pieces."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest
from worlds.failures import failure_of
from worlds.stories import in_virtual_time

from pos_terminal.core.line_state import LineState
from pos_terminal.core.words import Failure
from pos_terminal.services.host.link import Address, Connection, Link, NoAnswer, NotSent, Silence
from pos_terminal.wire.iso8583.codec import Decoded
from pos_terminal.wire.iso8583.errors import FrameError
from pos_terminal.wire.iso8583.message import Message


class Frames:
    """One byte of length, then the body; a length of 255 is garbage."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[bytes]:
        self._buffer += data
        bodies = []
        while self._buffer and len(self._buffer) > self._buffer[0]:
            length = self._buffer[0]
            bodies.append(self._buffer[1 : length + 1])
            self._buffer = self._buffer[length + 1 :]
        if self._buffer and self._buffer[0] == 255:
            raise FrameError("garbage")
        return bodies


def decode(body: bytes) -> Decoded:
    if body.startswith(b"?"):
        raise FrameError("no message")
    return Decoded(Message(body.decode(), {}), b"")


def frame(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


class Peer:
    """The far end of each connection, in the order in which they were opened."""

    def __init__(self) -> None:
        self.lines: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.asked: list[str] = []
        self.down: set[str] = set()
        self.slow: set[str] = set()

    async def connect(
        self, host: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.asked.append(host)
        if host in self.slow:
            await asyncio.sleep(3_600)
        if host in self.down:
            raise ConnectionRefusedError(111, "Connection refused")
        ours, theirs = socket.socketpair()
        self.lines.append(await asyncio.open_connection(sock=theirs))
        return await asyncio.open_connection(sock=ours)

    def say(self, data: bytes, line: int = -1) -> None:
        self.lines[line][1].write(data)

    async def heard(self, count: int, line: int = -1) -> bytes:
        async with asyncio.timeout(5):
            return await self.lines[line][0].readexactly(count)


def make(peer: Peer, *, per_message: bool, addresses: tuple[str, ...] = ("a:1",)) -> Link:
    return Link(
        addresses=addresses,
        connect=peer.connect,
        frames=Frames,
        decode=decode,
        per_message=per_message,
        connect_seconds=10.0,
    )


def linked(*, per_message: bool) -> tuple[Peer, Link]:
    peer = Peer()
    return peer, make(peer, per_message=per_message)


def wants(text: str) -> Callable[[Decoded], bool]:
    return lambda decoded: decoded.message.mti == text


async def ask(link: Link, line: Connection, text: str = "yes", seconds: float = 60.0) -> str:
    return (await link.exchange(line, frame("ask"), wants(text), seconds)).message.mti


@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
@pytest.mark.parametrize("per_message", [True, False])
@in_virtual_time
async def test_an_answer_in_any_pieces(chunk: int, per_message: bool) -> None:
    peer, link = linked(per_message=per_message)
    asking = asyncio.create_task(ask(link, await link.acquire()))
    assert await peer.heard(4) == frame("ask")
    data = frame("no") + frame("?!") + frame("yes")
    strays: list[str] = []
    link.stray = lambda decoded: strays.append(decoded.message.mti)
    for at in range(0, len(data), chunk):
        peer.say(data[at : at + chunk])
        await asyncio.sleep(1)
    assert await asking == "yes"
    assert strays == ["no"]
    link.close()


@in_virtual_time
async def test_the_silence_of_an_old_message_hides_no_dead_line() -> None:
    """Seed 200636: no connection could be had any more; the message from before, given up after
    that, had the line called silent."""
    peer, link = linked(per_message=True)
    asking = asyncio.create_task(ask(link, await link.acquire()))
    await peer.heard(4)
    peer.down.add("a")
    with pytest.raises(Failure):
        await link.prove(5)
    with pytest.raises(NoAnswer):
        await asking
    shown = [link.seen.state]
    peer.down.clear()
    with pytest.raises(NoAnswer):
        await ask(link, await link.acquire())
    shown.append(link.seen.state)
    assert shown == [LineState.DOWN, LineState.SILENT]
    link.close()


@in_virtual_time
async def test_a_line_that_ended_before_is_surely_not_written_to() -> None:
    peer, link = linked(per_message=True)
    line = await link.acquire()
    peer.lines[0][1].close()
    await asyncio.sleep(1)
    with pytest.raises(NotSent):
        await ask(link, line)
    assert await peer.lines[0][0].read() == b""


@in_virtual_time
async def test_a_line_that_ends_after_the_write_leaves_it_unknown() -> None:
    peer, link = linked(per_message=True)
    asking = asyncio.create_task(ask(link, await link.acquire()))
    await peer.heard(1)
    peer.lines[0][1].transport.abort()
    with pytest.raises(NoAnswer) as caught:
        await asking
    assert caught.value.silence is Silence.LOST


@in_virtual_time
async def test_garbage_ends_the_line_and_leaves_it_unknown() -> None:
    peer, link = linked(per_message=False)
    asking = asyncio.create_task(ask(link, await link.acquire()))
    await peer.heard(4)
    peer.say(b"\xff\xff")
    with pytest.raises(NoAnswer):
        await asking
    assert not link.connected
    await link.acquire()
    assert (len(peer.lines), link.connected) == (2, True)
    link.close()


@in_virtual_time
async def test_silence_ends_after_its_time_and_the_late_answer_is_a_stray() -> None:
    peer, link = linked(per_message=True)
    strays: list[str] = []
    link.stray = lambda decoded: strays.append(decoded.message.mti)
    started = asyncio.get_running_loop().time()
    with pytest.raises(NoAnswer) as caught:
        await ask(link, await link.acquire())
    assert caught.value.silence is Silence.TIMEOUT
    assert asyncio.get_running_loop().time() - started == 60
    peer.say(frame("yes"))
    await asyncio.sleep(1)
    assert strays == ["yes"]
    await asyncio.sleep(300)
    assert await peer.lines[0][0].read() == frame("ask")  # then it was closed


@in_virtual_time
async def test_an_answer_in_the_turn_in_which_the_time_is_over_is_taken() -> None:
    _, link = linked(per_message=True)
    strays: list[str] = []
    link.stray = lambda decoded: strays.append(decoded.message.mti)
    line = await link.acquire()
    # the loop runs both timers in one turn, before whoever asked
    asyncio.get_running_loop().call_later(60.0 - 1e-10, link._arrived, b"yes")
    assert await ask(link, line) == "yes"
    assert strays == []
    assert not line.usable


@in_virtual_time
async def test_lines_kept_for_late_answers_are_few() -> None:
    peer, link = linked(per_message=True)
    for _ in range(8):
        with pytest.raises(NoAnswer):
            await ask(link, await link.acquire(), seconds=1)
    for reader, _ in peer.lines:
        assert await reader.readexactly(4) == frame("ask")
    await asyncio.sleep(1)
    still_open = [not reader.at_eof() for reader, _ in peer.lines]
    assert still_open == [False] * 4 + [True] * 4
    link.close()


@in_virtual_time
async def test_two_askers_on_one_line_each_get_their_own_answer() -> None:
    peer, link = linked(per_message=False)
    line = await link.acquire()
    one = asyncio.create_task(ask(link, line, "one"))
    two = asyncio.create_task(ask(link, await link.acquire(), "two"))
    await peer.heard(8)
    peer.say(frame("two") + frame("one"))
    assert (await one, await two) == ("one", "two")
    assert len(peer.lines) == 1
    link.close()


@in_virtual_time
async def test_two_who_open_at_once_share_a_lasting_line() -> None:
    peer, link = linked(per_message=False)
    one, two = await asyncio.gather(link.acquire(), link.acquire())
    assert one is two
    assert len(peer.lines) == 1
    link.close()


@in_virtual_time
async def test_a_line_closed_before_it_was_used_leaves_nothing_behind() -> None:
    peer, link = linked(per_message=True)
    for _ in range(3):
        (await link.acquire()).close()
    await asyncio.sleep(1)
    assert [await reader.read() for reader, _ in peer.lines] == [b"", b"", b""]
    assert link._lines == []


@in_virtual_time
async def test_the_second_address_is_tried_and_the_first_one_avoided_for_a_while() -> None:
    peer = Peer()
    peer.down.add("a")
    link = make(peer, per_message=True, addresses=("a:1", "b:2"))
    (await link.acquire()).close()
    (await link.acquire()).close()
    assert peer.asked == ["a", "b", "b"]
    peer.down = {"b"}
    (await link.acquire()).close()
    assert peer.asked[3:] == ["b", "a"]


@in_virtual_time
async def test_an_address_that_never_answers_gives_way_in_time() -> None:
    peer = Peer()
    peer.slow.add("a")
    link = make(peer, per_message=True, addresses=("a:1", "b:2"))
    (await link.acquire()).close()
    assert asyncio.get_running_loop().time() == 10


@in_virtual_time
async def test_no_address_in_reach_says_which_and_why() -> None:
    peer = Peer()
    peer.down.add("a")
    link = make(peer, per_message=True)
    with pytest.raises(Failure) as caught:
        await link.acquire()
    assert caught.value.words.code == "host.not_sent"
    values = {"address": "a:1", "cause": "Connection refused"}
    assert dict(caught.value.words.values) == values
    assert not link.connected


@in_virtual_time
async def test_an_unused_line_is_used_next_and_not_kept_for_ever() -> None:
    _, link = linked(per_message=True)
    line = await link.acquire()
    link.release(line)
    assert await link.acquire() is line
    link.release(line)
    await asyncio.sleep(31)
    assert await link.acquire() is not line
    link.close()


@pytest.mark.parametrize("text", ["", "host", "host:", ":1", "host:0", "host:65536", "host:x"])
def test_bad_addresses_are_named(text: str) -> None:
    assert failure_of(Address.parse, text) == "host.address"


def test_addresses_may_be_ipv6() -> None:
    assert Address.parse("[::1]:8583") == Address("::1", 8583)
