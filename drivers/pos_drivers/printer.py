"""An ESC/POS receipt printer on a serial port or a TCP address.

The printer is greeted when its line opens, after its power-on notice and after a silence: what it
was in the middle of is ended (NUL padding, ``ESC @``), automatic status is armed, and whether it
can confirm printing (``GS ( H``) is found out. A job then waits inside while paper or cover are
mended; nothing is ever sent twice. Nothing is polled while the printer is up and idle.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import Enum
from typing import Any, Final

from pos_drivers.printer_status import (
    NAME,
    away,
    device_state,
    from_automatic,
    from_real_time,
    port_words,
)
from pos_drivers.printer_talk import (
    ANSWER_SECONDS,
    ARM,
    DRAWER_PULSE,
    INIT,
    PADDING,
    PAPER_FENCE,
    Answers,
    chunks,
    fence_mark,
    print_fence,
    real_time_status,
)
from pos_drivers.serial_port import Flow, OffLoop, PortError, SerialPort
from pos_terminal.core.words import Words, say
from pos_terminal.ports import Confirmation, DeviceState, PrinterLost, PrinterStatus, Sink
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
PROBE_SECONDS: Final = 3.0
"""What was in its buffer before is still printed first."""
PATIENCE_SECONDS: Final = 10.0
SECONDS_A_ROW: Final = 0.1
"""A slow printer's row; with PATIENCE_SECONDS the most that a ready printer is waited for."""
DRAWER_SECONDS: Final = 10.0
"""How long a job may hold up the drawer; later than that it must not open by surprise."""


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
    ) -> None:
        self.columns = columns
        self._sink = sink
        self._soft_flow = flow == "xonxoff"
        self._line = SerialPort(
            port, baud=baud, flow=flow, on_bytes=self._heard, on_lost=self._lost, run=off_loop
        )
        self._reader, self._answers = StatusReader(), Answers()
        self._status = away(say("printer.not_ready"))
        self._changed = asyncio.Event()
        """Set, and replaced, at each change of the status."""
        self._upset = asyncio.Event()
        """Lost, switched on again or silent: the job under way is over, a greeting is due."""
        self._cause = ""
        self._noise = asyncio.Event()
        self._talk = asyncio.Lock()
        """One conversation at a time: greeting, job, drawer."""
        self._real_time = self._automatic = False
        self._confirms: bool | None = None
        """Whether it knows function 48; None until it could be asked."""

    # --- ports.Printer -------------------------------------------------------------------------

    @property
    def status(self) -> PrinterStatus:
        return self._status

    async def status_changed(self) -> None:
        await self._changed.wait()

    async def wait_ready(self) -> None:
        """Until the printer, asked just now, says that it is ready."""
        while True:
            while not self._status.ready:
                await self._changed.wait()
            async with self._talk:
                if await self._ask_again() and self._status.ready:
                    return
            await asyncio.sleep(0)

    async def print(self, data: bytes, fence: int) -> Confirmation:
        """One job, followed by a fence; UNKNOWN from a printer that can't confirm printing."""
        async with self._talk:
            await self._able_to_begin()
            mark = fence_mark(fence)
            reached = self._answers.expect(lambda answer: _is_fence(answer, mark, self._confirms))
            self._line.write(INIT + ARM)
            for chunk in chunks(data):
                self._line.write(chunk)
            self._line.write(print_fence(mark) if self._confirms else PAPER_FENCE)
            try:
                return await self._printed(reached, data)
            finally:
                reached.cancel()

    async def _able_to_begin(self) -> None:
        """Wait for paper or cover. Raises PrinterLost, with nothing sent, where it went away."""
        while True:
            if self._upset.is_set() or not self._status.connected:
                raise PrinterLost(self._cause or "not connected")
            if self._status.ready:
                await self._probe_confirmation()
                return
            await self._something()

    async def kick_drawer(self) -> None:
        """One pulse; nothing is sent where the printer could not do it at once."""
        try:
            async with asyncio.timeout(DRAWER_SECONDS):
                await self._talk.acquire()
        except TimeoutError:
            raise PrinterLost("a job is under way") from None
        try:
            if not (await self._ask_again() and self._status.ready):
                raise PrinterLost("not ready")
            self._line.write(DRAWER_PULSE)
            await self._line.sent()
            if not self._line.is_open:
                raise PrinterLost(self._cause)
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
        state = device_state(self._status)
        if state.words is None:
            fence = "GS ( H" if self._confirms else "-"
            return DeviceState(NAME, True, say("printer.ready", fence=fence))
        return state

    async def _keep_up(self) -> None:
        """While the line is open: greet the printer, and again after each upset."""
        while self._line.is_open:
            async with self._talk:
                self._upset.clear()
                greeting = await self._greet()
                self._noise.clear()
            if greeting is Greeting.UP:
                await self._upset.wait()
                continue
            if greeting is Greeting.SILENT and not self._upset.is_set():
                self._set(away(self._silent()))
            await _set_within(self._noise, AGAIN_SECONDS)

    async def _greet(self) -> Greeting:
        """End what was begun, arm the status, find out what the printer can do."""
        self._reader.reset()
        self._line.release()
        self._confirms = None
        self._automatic = False
        self._real_time = await self._refresh()
        if self._real_time and not self._status.online:
            return Greeting.OFFLINE  # commands would only pile up in its buffer
        if not self._line.idle:
            return Greeting.SILENT
        self._automatic = await self._arm(PADDING + INIT)
        if not (self._automatic or self._real_time):
            return Greeting.SILENT
        if not self._status.ready:
            return Greeting.UP if self._automatic else Greeting.OFFLINE
        await self._probe_confirmation()
        return Greeting.UP

    async def _ask_again(self) -> bool:
        """Whether the printer answers now; if not, it is greeted until it does."""
        if not self._status.connected:
            return False
        answered = await (self._refresh() if self._real_time else self._arm(b""))
        if not answered:
            self._set(away(self._silent()))
            self._be_upset("no answer")
        elif not (self._status.ready or self._automatic):
            self._be_upset("offline")  # without automatic status, greeting again is how it is seen
        elif self._status.ready:
            await self._probe_confirmation()
        return answered

    async def _refresh(self, seconds: float = ANSWER_SECONDS) -> bool:
        """Ask in real time; whether there was an answer."""
        answers = await real_time_status(self._line, self._answers, seconds)
        if answers and self._line.is_open:
            self._set(from_real_time(answers))
        return bool(answers)

    async def _arm(self, before: bytes) -> bool:
        """Switch automatic status on; the printer says it once right away."""
        future = self._answers.expect(lambda answer: isinstance(answer, AutomaticStatus))
        self._line.write(before + ARM)
        seconds = ANSWER_SECONDS + len(before) * 10 / self._line.baud
        return await self._answers.within(future, seconds) is not None

    async def _probe_confirmation(self) -> None:
        """Whether function 48 is known. Only a printer that is ready can answer."""
        if self._confirms is None and self._status.ready:
            mark = fence_mark(0)
            future = self._answers.expect(lambda answer: _is_fence(answer, mark, True))
            self._line.write(print_fence(mark))
            self._confirms = await self._answers.within(future, PROBE_SECONDS) is not None

    async def _printed(self, reached: asyncio.Future[PrinterAnswer], data: bytes) -> Confirmation:
        """Wait for the fence: for ever while paper or cover are mended, else bounded."""
        loop = asyncio.get_running_loop()
        on_the_line = len(data) * 10 / self._line.baud
        left = PATIENCE_SECONDS + on_the_line + data.count(b"\n") * SECONDS_A_ROW
        while True:
            ready, since = self._status.ready, loop.time()
            heard = await self._something(reached)
            if reached.done():
                return Confirmation.PRINTED if self._confirms else Confirmation.UNKNOWN
            if self._upset.is_set():
                raise PrinterLost(self._cause)
            if not heard and not await self._still_there(ANSWER_SECONDS + on_the_line):
                self._set(away(self._silent()))
                self._be_upset("no answer")
                raise PrinterLost(self._cause)
            left -= loop.time() - since if ready else 0
            if left <= 0:
                if not self._confirms:
                    return Confirmation.UNKNOWN
                self._be_upset("the fence was not reached")
                raise PrinterLost(self._cause)

    async def _something(self, reached: asyncio.Future[PrinterAnswer] | None = None) -> bool:
        """An upset, a change of status or the fence; False after WATCH_SECONDS of nothing."""
        events = [asyncio.ensure_future(event.wait()) for event in (self._upset, self._changed)]
        waits: list[asyncio.Future[Any]] = [*events, *([reached] if reached else [])]
        try:
            done, _ = await asyncio.wait(
                waits, timeout=WATCH_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for event in events:
                event.cancel()
        return bool(done)

    async def _still_there(self, seconds: float) -> bool:
        """Ask a printer that says nothing in mid-job; twice, since a busy one may be slow."""
        if not self._real_time or self._line.stuck:
            return True
        return await self._refresh(seconds) or await self._refresh(seconds)

    # --- what comes from the line --------------------------------------------------------------

    def _heard(self, data: bytes) -> None:
        self._noise.set()
        for answer in self._reader.feed(data):
            if isinstance(answer, FlowControl) and self._soft_flow:
                (self._line.release if answer.go else self._line.hold)()
            elif isinstance(answer, AutomaticStatus):
                self._automatic = True
                self._set(from_automatic(answer))
            elif isinstance(answer, FenceReached):
                self._confirms = True  # also where the answer to the probe came late
            elif isinstance(answer, PoweredOn):
                self._be_upset("switched on again")
            self._answers.came(answer)

    def _lost(self, error: PortError) -> None:
        self._not_there(error)
        self._be_upset(str(error.trouble))

    def _not_there(self, error: PortError) -> None:
        self._set(away(port_words(error)))

    def _be_upset(self, cause: str) -> None:
        self._cause = cause
        self._upset.set()

    def _silent(self) -> Words:
        return say("printer.silent", port=self._line.address, baud=self._line.baud)

    def _set(self, status: PrinterStatus) -> None:
        if status == self._status:
            return
        old, self._status = self._status, status
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
        if device_state(status) != device_state(old):
            self._sink(device_state(status))


def _is_fence(answer: PrinterAnswer, mark: bytes, confirms: bool | None) -> bool:
    if confirms:
        return isinstance(answer, FenceReached) and answer.mark == mark
    return isinstance(answer, PlainAnswer)


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
