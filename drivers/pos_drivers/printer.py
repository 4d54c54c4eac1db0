"""An ESC/POS receipt printer on a serial port or a TCP address.

The printer is greeted when its line opens, after its power-on notice and after a silence: what it
was in the middle of is ended (NUL padding, ``ESC @``), automatic status is armed, and what it can
tell of the end of a job is found out (``Fence``), unless a slip waits: that one then finds it out
by its own end. A job waits inside while paper or cover are mended; nothing is ever sent twice. A
printer that tells of changes by itself is never polled while it is up and idle.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from functools import partial
from typing import Any, Final, Protocol

from pos_drivers.printer_asking import Asking
from pos_drivers.printer_said import Said
from pos_drivers.printer_status import (
    NAME,
    away,
    device_state,
    port_words,
)
from pos_drivers.printer_talk import (
    ANSWER_SECONDS,
    ARM,
    DRAWER_PULSE,
    INIT,
    PADDING,
    Answers,
    Fence,
    chunks,
    fence_mark,
)
from pos_drivers.serial_port import Flow, Line, OffLoop, PortError, SerialPort
from pos_terminal.core.words import Words, say
from pos_terminal.ports import (
    Confirmation,
    DeviceState,
    PrinterLost,
    PrinterStatus,
    Sink,
    Upset,
)
from pos_terminal.wire.escpos_status import (
    AutomaticStatus,
    FenceReached,
    FlowControl,
    PlainAnswer,
    PoweredOn,
    PrinterAnswer,
    StatusReader,
)

AGAIN_SECONDS: Final = 1.0
"""Between two greetings of a printer that is silent or was found offline."""
WATCH_SECONDS: Final = 2.0
"""While a job is under way: how long nothing may be heard before the printer is asked."""
POLL_SECONDS: Final = 0.5
"""The same, of a printer that tells nothing by itself."""
IDLE_SECONDS: Final = 15.0
"""How often such a printer is asked while there is nothing to print: its paper may be at an end."""
PROBE_SECONDS: Final = 3.0
"""What was in its buffer before is still printed first."""
PATIENCE_SECONDS: Final = 10.0
SECONDS_A_ROW: Final = 0.1
"""A slow printer's row; with PATIENCE_SECONDS the most that a ready printer is waited for."""
DRAWER_SECONDS: Final = 10.0
"""How long a job may hold up the drawer; later than that it must not open by surprise."""


class MakeLine(Protocol):
    def __call__(
        self, *, on_bytes: Callable[[bytes], None], on_lost: Callable[[PortError], None]
    ) -> Line: ...


class Greeting(Enum):
    UP = "up"
    OFFLINE = "offline"
    """It answers, and can't take commands: paper, cover, error."""
    SILENT = "silent"


class EscposPrinter:
    """Fulfils ``ports.Printer`` and ``ports.Device``."""

    name = NAME

    def __init__(
        self,
        *,
        port: str,
        columns: int,
        sink: Sink,
        baud: int = 115200,
        flow: Flow = "xonxoff",
        off_loop: OffLoop | None = None,
        make_line: MakeLine | None = None,
    ) -> None:
        """``make_line``: for a line that is no port of the system's."""
        self.columns = columns
        self._soft_flow = flow == "xonxoff"
        make = make_line or partial(SerialPort, port, baud=baud, flow=flow, run=off_loop)
        self._line: Line = make(on_bytes=self._heard, on_lost=self._lost)
        self._reader, self._answers = StatusReader(), Answers()
        self._said = Said(sink)
        self._upset = asyncio.Event()
        """Lost, switched on again or silent: the job under way is over, a greeting is due."""
        self._cause = PrinterLost(Upset.SILENT, "not connected")
        self._noise = asyncio.Event()
        self._talk = asyncio.Lock()
        """One conversation at a time: greeting, job, drawer."""
        self._asking = Asking(self._line, self._answers, self._said)
        self._fence: Fence | None = None
        """What it can tell of the end of a job; None while that is not known."""
        self._wanted = asyncio.Event()
        self._wanting = 0
        """How many slips and drawers wait for it; while there are any, nothing is found out."""

    # --- ports.Printer -------------------------------------------------------------------------

    @property
    def status(self) -> PrinterStatus:
        return self._said.status

    async def status_changed(self) -> None:
        await self._said.changed.wait()

    async def wait_ready(self) -> None:
        """Until the printer, asked just now, says that it is ready."""
        with self._wants():
            while True:
                while not self._said.status.ready:
                    await self._said.changed.wait()
                async with self._talk:
                    if await self._ask_again() and self._said.status.ready:
                        return
                await asyncio.sleep(0)

    @contextmanager
    def _wants(self) -> Iterator[None]:
        self._wanting += 1
        self._wanted.set()
        try:
            yield
        finally:
            self._wanting -= 1
            if not self._wanting:
                self._wanted.clear()

    async def print(self, data: bytes, fence: int) -> Confirmation:
        """One job, followed by the fence that this printer knows, or by both while that is open."""
        async with self._talk:
            await self._able_to_begin()
            self._said.begin()
            self._line.write(INIT + ARM)
            for chunk in chunks(data):
                self._line.write(chunk)
            reached = self._answers.fence(self._line, self._fence, fence_mark(fence))
            try:
                return await self._through(reached, data)
            finally:
                reached.cancel()

    def print_anyway(self) -> None:
        """What it says now counts as ready, until it goes away."""
        self._said.overrule()
        self._noise.set()

    async def _able_to_begin(self) -> None:
        """Wait for paper or cover. Raises PrinterLost, with nothing sent, where it went away."""
        while True:
            if self._upset.is_set() or not self._said.status.connected:
                raise PrinterLost(self._cause.upset, str(self._cause), sent=False)
            if self._said.status.ready:
                return
            if await self._something():
                continue
            if self._asking.real_time:
                await self._ask_again()
            else:
                self._asking.nudge()

    async def kick_drawer(self) -> None:
        """One pulse; nothing is sent where the printer could not do it at once."""
        try:
            with self._wants():
                async with asyncio.timeout(DRAWER_SECONDS):
                    await self._talk.acquire()
        except TimeoutError:
            raise PrinterLost(Upset.OFFLINE, "a job is under way", sent=False) from None
        try:
            if not (await self._ask_again() and self._said.status.ready):
                raise PrinterLost(Upset.OFFLINE, "not ready", sent=False)
            self._line.write(DRAWER_PULSE)
            await self._line.sent()
            if not self._line.is_open:
                raise self._cause
        finally:
            self._talk.release()

    # --- ports.Device --------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve until cancelled; a printer that is away is told of, and opened when it is back."""
        try:
            while True:
                await self._line.open_when_there(self._not_there)
                await self._keep_up()
        finally:
            self._line.close()

    async def check(self) -> DeviceState:
        """Open and greet the printer once; no paper is used."""
        opened_here = not self._line.is_open
        try:
            await self._line.open()
        except PortError as error:
            return DeviceState(NAME, False, port_words(error))
        try:
            async with self._talk:
                greeting = await self._greet()
        finally:
            if opened_here:
                self._line.close()
                await self._line.closed()
        if greeting is Greeting.SILENT:
            return DeviceState(NAME, False, self._silent())
        state = device_state(self._said.status)
        if state.words is None:
            fence = self._fence or Fence.NONE
            return DeviceState(NAME, True, say("printer.ready", fence=fence.value))
        return state

    async def _keep_up(self) -> None:
        """While the line is open: greet the printer, and again after each upset."""
        while self._line.is_open:
            async with self._talk:
                self._upset.clear()
                greeting = await self._greet()
                self._noise.clear()
            if greeting is Greeting.UP:
                await self._stay_up()
            if self._upset.is_set():
                continue
            if greeting is Greeting.SILENT:
                self._said.set(away(self._silent()))
            await _set_within(self._noise, AGAIN_SECONDS)

    async def _stay_up(self) -> None:
        """Until an upset. What tells nothing by itself is asked now and then, and so is what is in
        trouble: switched off and on meanwhile, it may not tell any more that it is mended."""
        while not self._upset.is_set():
            told, ready = self._asking.automatic, self._said.status.ready
            if told and (ready or not self._asking.real_time):
                if not await self._something(seconds=None if ready else WATCH_SECONDS):
                    self._asking.nudge()
                continue
            await _set_within(self._upset, WATCH_SECONDS if told else IDLE_SECONDS)
            async with self._talk:
                if not self._upset.is_set():
                    await self._ask_again()

    async def _greet(self) -> Greeting:
        """End what was begun, arm the status, find out what the printer can do."""
        self._reader.reset()
        self._line.release()
        if await self._asking.anew() and not (self._said.status.online or self._said.status.ready):
            return Greeting.OFFLINE  # commands would only pile up in its buffer
        if not self._line.idle:
            return Greeting.SILENT
        self._asking.automatic = await self._asking.arm(PADDING + INIT)
        if not (self._asking.automatic or self._asking.real_time):
            return Greeting.SILENT
        if not self._said.status.ready:
            return Greeting.UP if self._asking.automatic else Greeting.OFFLINE
        if self._fence is None and not self._wanted.is_set():
            await self._find_out()
        return Greeting.UP

    async def _find_out(self) -> None:
        """What it can tell, unless somebody wants it meanwhile: a slip finds out by its end."""
        probing = asyncio.ensure_future(self._answers.probe(self._line, PROBE_SECONDS))
        wanted = asyncio.ensure_future(self._wanted.wait())
        try:
            await asyncio.wait({probing, wanted}, return_when=asyncio.FIRST_COMPLETED)
            if probing.done() and self._fence is None and not self._upset.is_set():
                self._fence = probing.result()
        finally:
            probing.cancel()
            wanted.cancel()

    async def _ask_again(self) -> bool:
        """Whether the printer answers now; if not, it is greeted until it does."""
        if not self._said.status.connected:
            return False
        answered = await self._asking.again()
        if not answered:
            self._gone_silent()
        elif not (self._said.status.ready or self._asking.automatic):
            # without automatic status, greeting again is how it is seen
            self._be_upset(Upset.OFFLINE, "offline")
        return answered

    async def _through(self, reached: asyncio.Future[PrinterAnswer], data: bytes) -> Confirmation:
        """Wait for the end: for ever while paper or cover are mended, else bounded."""
        loop = asyncio.get_running_loop()
        on_the_line = len(data) * 10 / self._line.baud
        left = on_the_line + data.count(b"\n") * SECONDS_A_ROW
        if self._fence is not Fence.NONE:
            left += PATIENCE_SECONDS
        while True:
            ready, since = self._said.status.ready, loop.time()
            watch = WATCH_SECONDS if self._asking.automatic else POLL_SECONDS
            heard = await self._something(reached, watch)
            if reached.done() and reached.exception() is None:
                return await self._end_of(reached.result(), data)
            if self._upset.is_set():
                raise self._cause
            if not (heard or ready):
                self._asking.nudge()
            if not heard and not await self._still_there(ANSWER_SECONDS + on_the_line):
                raise self._gone_silent()
            if (
                heard
                and self._asking.automatic
                and self._asking.real_time
                and not self._said.status.ready
            ):
                await self._asking.refresh()  # where it tells late, that is how it was before
            left -= loop.time() - since if ready else 0
            if left <= 0:
                return await self._end_without_a_word()

    async def _end_of(self, answer: PrinterAnswer, data: bytes) -> Confirmation:
        """The end of the job was told; or that everything before it was taken up."""
        if isinstance(answer, FenceReached):
            self._fence = Fence.PRINTED
            return Confirmation.PRINTED
        if self._fence is None:
            self._fence = Fence.TAKEN_UP
        if isinstance(answer, PlainAnswer) and answer.paper_out:
            self._said.stained = True
        self._asking.busy(data.count(b"\n") * SECONDS_A_ROW)
        return await self._taken_up()

    async def _end_without_a_word(self) -> Confirmation:
        """Of a printer that never says one that is as good as an answer; and so it is of one that
        says another than it did, having taken all of it up: it was put in the other's place.
        Raises PrinterLost."""
        self._answers.forget()  # an answer that was lost at the end of paper comes no more
        before = self._fence
        unexplained = before is not Fence.NONE and not self._said.stained
        if self._line.idle and (before is None or unexplained):
            self._fence = await self._answers.probe(self._line, PROBE_SECONDS)
        dumb = self._fence is Fence.NONE and before in (None, Fence.NONE)
        another = self._fence is not Fence.NONE and before not in (None, self._fence)
        if self._line.idle and (dumb or another):
            # its status comes behind all that was sent, where it does not come in real time
            if not (self._asking.real_time or await self._asking.again()):
                raise self._gone_silent()
            return await self._taken_up()
        self._be_upset(Upset.OFFLINE if self._said.stained else Upset.NO_END, "no end")
        raise self._cause

    async def _taken_up(self) -> Confirmation:
        """Where it said nothing but that it is well, from the first byte until now."""
        if self._asking.real_time and not await self._asking.refresh():
            raise self._gone_silent()
        if self._said.stained or not self._said.status.ready:
            raise PrinterLost(Upset.OFFLINE, "it stopped in mid-job")
        return Confirmation.TAKEN

    def _gone_silent(self) -> PrinterLost:
        """It did not answer: an upset, and what a job that is under way ends with."""
        self._said.set(away(self._silent()))
        self._be_upset(Upset.SILENT, "no answer")
        return self._cause

    async def _something(
        self,
        reached: asyncio.Future[PrinterAnswer] | None = None,
        seconds: float | None = WATCH_SECONDS,
    ) -> bool:
        """An upset, a change of status or the fence; False after so long of nothing."""
        events = [
            asyncio.ensure_future(event.wait()) for event in (self._upset, self._said.changed)
        ]
        waits: list[asyncio.Future[Any]] = [*events, *([reached] if reached else [])]
        try:
            done, _ = await asyncio.wait(
                waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for event in events:
                event.cancel()
        return bool(done)

    async def _still_there(self, seconds: float) -> bool:
        """Ask a printer that says nothing in mid-job; twice, since a busy one may be slow, but for
        one of which nothing else tells that it was off for a moment."""
        if not self._asking.real_time or self._line.stuck:
            return True
        if await self._asking.refresh(seconds):
            return True
        return self._fence is not Fence.NONE and await self._asking.refresh(seconds)

    # --- what comes from the line --------------------------------------------------------------

    def _heard(self, data: bytes) -> None:
        self._noise.set()
        for answer in self._reader.feed(data):
            if isinstance(answer, FlowControl) and self._soft_flow:
                (self._line.release if answer.go else self._line.hold)()
            elif isinstance(answer, AutomaticStatus):
                self._asking.told(answer)
            elif isinstance(answer, FenceReached):
                self._fence = Fence.PRINTED  # also where the answer to the probe came late
            elif isinstance(answer, PoweredOn):
                self._be_upset(Upset.POWER_ON, "switched on again")
            self._answers.came(answer)

    def _lost(self, error: PortError) -> None:
        self._not_there(error)
        self._be_upset(Upset.HANG_UP, str(error.trouble))

    def _not_there(self, error: PortError) -> None:
        self._said.set(away(port_words(error)))

    def _be_upset(self, upset: Upset, cause: str) -> None:
        """What it could do is found out anew, unless it is the same printer without a doubt."""
        self._cause = PrinterLost(upset, cause)
        if upset is not Upset.OFFLINE:
            self._fence = None
            self._asking.forget()
            self._answers.forget()
            self._said.another()
        self._upset.set()

    def _silent(self) -> Words:
        return say("printer.silent", port=self._line.address, baud=self._line.baud)


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
