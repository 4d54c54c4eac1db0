"""The printer itself: lines with a receive buffer each, one mechanism that takes its time.

Everything is paced by the event loop's clock, so that it runs as well on the virtual loop.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from hw_sim.printer import status
from hw_sim.printer.commands import DLE, Chars, Command, RealTime, Token, Tokenizer
from hw_sim.printer.machine import CUT_SECONDS, Abilities, Machine
from hw_sim.printer.roll import Bars, Blank, Item, Line, Picture, Qr, Roll

DOTS_PER_MM: Final = 8
BUFFER_BYTES: Final = 4096
XOFF_ROOM: Final = 128
XON_ROOM: Final = 256
"""Free bytes of the buffer at which XOFF and, later, XON are sent."""
RAW_BYTES: Final = 1 << 22
BOOT_SECONDS: Final = 1.0
_TEXT: Final = re.compile(rb"[\x20-\xff]+")
"""Bytes that begin no command, and are none."""


@dataclass(slots=True)
class Fuse:
    """Something that happens after so many more printed rows."""

    rows: int
    action: Callable[[], None]


class Port:
    """What the printer knows of one line: its buffer, its interpreter, its flow control."""

    def __init__(self, printer: Printer, send: Callable[[bytes], None], *, flow: bool) -> None:
        self._printer, self._send, self._flow = printer, send, flow
        self._tokens: deque[tuple[Token, int]] = deque()
        self._tokenizer, self._real_time = Tokenizer(in_parts=True), RealTime()
        self.size = 0
        self.overruns = 0
        """Bytes lost because the host went on after XOFF."""
        self.stopped = False
        """Whether the host was told XOFF, and no XON yet."""
        self._grace = 0
        """Bytes that came before a late XOFF, and are kept as if it had been in time."""
        self._moved = asyncio.Event()
        self.machine = Machine(
            printer.roll, printer.mechanism, printer.abilities, self.reply, printer.kick
        )

    @property
    def room(self) -> int:
        return max(0, self._printer.buffer_bytes - self.size)

    @property
    def _kept(self) -> int:
        """How many bytes more are not lost."""
        return max(0, self._printer.buffer_bytes + self._grace - self.size)

    def reply(self, data: bytes) -> None:
        late = self._printer.abilities.late
        if late and status.is_automatic(data):
            asyncio.get_running_loop().call_later(late, self._say, data)
        else:
            self._say(data)

    def _say(self, data: bytes) -> None:
        if self._printer.powered and data:
            self._send(data)

    def receive(self, data: bytes, late: int = 0) -> None:
        """Bytes from the host; lost while the printer is off. ``late``: how many others the line
        has brought since then that this machine has not looked at."""
        self._printer.raw += data
        del self._printer.raw[:-RAW_BYTES]
        if not self._printer.powered:
            return
        real_time = DLE in data or self._real_time.inside
        place = 0
        while place < len(data):
            text = None if real_time or self._tokenizer.inside else _TEXT.match(data, place)
            if text is not None:
                self._store_text(text[0])
                place = text.end()
                continue
            if real_time and (command := self._real_time.feed(data[place])) is not None:
                self._at_once(command)
            self._store(data[place])
            place += 1
        self._stop_host(late)
        self._printer.wake()

    def _store_text(self, text: bytes) -> None:
        kept = text[: self._kept]
        self.overruns += len(text) - len(kept)
        if kept:
            self.size += len(kept)
            self._tokens.append((Chars(kept), len(kept)))

    def _store(self, byte: int) -> None:
        if not self._kept:
            self.overruns += 1
            return
        self.size += 1
        whole = self._tokenizer.feed_one(byte)
        if whole is not None:
            token, size = whole
            if isinstance(token, Command) and token.name[:1] == b"\x10":
                self.size -= size  # done at once; it takes no room
            else:
                self._tokens.append(whole)

    def _at_once(self, command: bytes) -> None:
        if command[1] == 0x04 and self._printer.abilities.real_time:
            self.reply(status.real_time(self._printer.mechanism, command[2]))
        elif command[1] == 0x14 and command[2] == 1:
            self._printer.kick()

    @property
    def waiting(self) -> bool:
        """Whether there is something to carry out."""
        return bool(self._tokens)

    def carry_out(self) -> Iterator[Item | None]:
        """The next token; what it prints, as ``Machine.carry_out`` has it."""
        token, size = self._tokens[0]
        if isinstance(token, Chars):
            yield from self._put(token.data)
        else:
            self._tokens.popleft()
            self._taken(size)
            yield from self.machine.carry_out(token)

    def _put(self, text: bytes) -> Iterator[Item | None]:
        """Each character leaves the buffer by itself: a row may be printed in between."""
        last = len(text) - 1
        for place, byte in enumerate(text):
            if place == last:
                self._tokens.popleft()
            self._taken(1)
            if (line := self.machine.put(byte)) is not None:
                yield line

    def _taken(self, size: int) -> None:
        self.size -= size
        self._moved.set()
        if self.stopped and self.room >= min(XON_ROOM, self._printer.buffer_bytes // 2):
            self.stopped, self._grace = False, 0
            self.reply(status.XON)

    async def until_room(self, count: int) -> None:
        """Until so many bytes fit into the buffer."""
        while self.room < count:
            self._moved.clear()
            await self._moved.wait()

    async def until_printed(self) -> None:
        """Until nothing whole is left in the buffer; half a command may stay."""
        while self._tokens:
            self._moved.clear()
            await self._moved.wait()

    def _stop_host(self, late: int) -> None:
        if self._flow and not self.stopped and self.room <= XOFF_ROOM:
            self.stopped, self._grace = True, late
            self.reply(status.XOFF)

    def status_changed(self) -> None:
        if self.machine.watching:
            self.reply(status.automatic(self._printer.mechanism))

    def host_came(self) -> None:
        """A new host, or the same after a hang-up."""
        self.machine.fresh = True

    def power_off(self) -> None:
        self._tokens.clear()
        self._tokenizer.reset()
        self._real_time = RealTime()
        self.size, self.stopped, self._grace = 0, False, 0
        self._moved.set()
        self.machine.reset()

    def power_on(self) -> None:
        self.machine.fresh = True
        if self._printer.abilities.notice:
            self.reply(status.POWER_ON)
        if self._flow:
            self.reply(status.XON)


class Printer:
    """Start ``run`` as a task. The bench changes the mechanism through the methods here."""

    def __init__(
        self,
        *,
        columns: int = 32,
        speed: float = 250.0,
        buffer_bytes: int = BUFFER_BYTES,
        abilities: Abilities | None = None,
    ) -> None:
        """``speed`` in millimetres a second."""
        self.roll = Roll(columns)
        self.mechanism = status.Mechanism()
        self.abilities = abilities or Abilities()
        self.buffer_bytes = buffer_bytes
        self.powered = True
        self.kicks = 0
        self.rows = 0
        self.raw = bytearray()
        """Every byte received, in the order of arrival; the last RAW_BYTES of them."""
        self._speed = speed
        self._ports: list[Port] = []
        self._fuses: list[Fuse] = []
        self._serving: Port | None = None
        self._work = asyncio.Event()
        self._generation = 0
        """Counts losses of power: what was under way before one is not gone on with."""

    def port(self, send: Callable[[bytes], None], *, flow: bool) -> Port:
        """A line; ``send`` takes bytes for its host. ``flow``: XON/XOFF."""
        port = Port(self, send, flow=flow)
        self._ports.append(port)
        return port

    def drop(self, port: Port) -> None:
        self._ports.remove(port)

    def wake(self) -> None:
        self._work.set()

    def kick(self) -> None:
        self.kicks += 1
        self.mechanism.drawer_open = True
        self._tell()

    async def run(self) -> None:
        """Print what is in the buffers, until cancelled."""
        while True:
            serving = next((port for port in self._in_turn() if port.waiting), None)
            if serving is None or not self._able():
                self._work.clear()
                await self._work.wait()
                continue
            self._serving = serving
            await self._serve(serving)
            while serving.waiting and self._able() and serving in self._ports:  # still its turn
                await self._serve(serving)

    def _in_turn(self) -> list[Port]:
        """The line whose slip is under way first: slips of two hosts don't mix."""
        return sorted(self._ports, key=lambda port: port is not self._serving)

    async def _serve(self, port: Port) -> None:
        """One token of this line."""
        generation = self._generation
        for item in port.carry_out():
            self._count(item)
            await asyncio.sleep(self._seconds(item))
            while self.powered and not self._able():
                self._work.clear()
                await self._work.wait()
            if generation != self._generation:
                return

    def _able(self) -> bool:
        return self.powered and self.mechanism.online

    def _seconds(self, item: Item | None) -> float:
        return CUT_SECONDS if item is None else paper_seconds(item, self._speed)

    # --- what the bench does -------------------------------------------------------------------

    def become(self, abilities: Abilities) -> None:
        """Another model at the same place; what the old one had in its buffer is lost."""
        self.power_off()
        self.abilities = abilities
        for port in self._ports:
            port.machine.abilities = abilities
        self.power_on()

    def change_speed(self, speed: float) -> None:
        """Another mechanism: so many millimetres a second from here on."""
        self._speed = speed

    def after(self, rows: int, action: Callable[[], None]) -> None:
        """Do it at once, or when so many more rows are printed."""
        if rows <= 0:
            action()
        else:
            self._fuses.append(Fuse(rows, action))

    def _count(self, item: Item | None) -> None:
        if item is None or isinstance(item, Blank):
            return
        self.rows += 1
        for fuse in list(self._fuses):
            fuse.rows -= 1
            if fuse.rows <= 0:
                self._fuses.remove(fuse)
                fuse.action()

    def change(self, **state: bool) -> None:
        """Set parts of the mechanism; hosts that want to know are told."""
        before = status.automatic(self.mechanism)
        for name, value in state.items():
            setattr(self.mechanism, name, value)
        if status.automatic(self.mechanism) != before:
            self._tell()
        self.wake()

    def _tell(self) -> None:
        for port in self._ports:
            port.status_changed()

    def power_off(self) -> None:
        """Silence; what was in the buffers is lost, the slip under way is torn."""
        self.powered = False
        self._generation += 1
        for port in self._ports:
            port.power_off()
        self.roll.torn()
        self.wake()

    def power_on(self) -> None:
        if not self.powered:
            self.powered = True
            for port in self._ports:
                port.power_on()
            self.wake()


def paper_seconds(item: Item, speed: float) -> float:
    """How long the paper of this item takes at ``speed`` millimetres a second."""
    return _height(item) / DOTS_PER_MM / speed


def _height(item: Item) -> int:
    """Dots of paper."""
    if isinstance(item, Line | Bars | Blank):
        return item.dots
    if isinstance(item, Qr):
        return len(item.matrix) * item.module_dots
    assert isinstance(item, Picture)  # the last kind
    return item.height
