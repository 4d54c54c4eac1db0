"""One process of the terminal: from its start to its end, or to its kill."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import ExitStack
from contextvars import ContextVar, copy_context
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar

from hw_sim.acquirer.listener import InProcess
from hw_sim.proofs.simulation.lines import Lines
from hw_sim.proofs.simulation.moments import Moments, SimulatedKill
from hw_sim.proofs.simulation.owed_first import OwedFirst
from hw_sim.proofs.simulation.parts import Parts
from hw_sim.proofs.simulation.screen import SimScreen
from hw_sim.proofs.simulation.shop import copy_data
from hw_sim.proofs.simulation.wire import Wire
from hw_sim.virtual import VirtualLoop
from pos_terminal.app import Terminal, World
from pos_terminal.config import Config
from pos_terminal.control.server import Verb
from pos_terminal.ports import Frame, InputEvent, Runner, Sink
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.wire.iso8583.profile import Profile
from pos_terminal.wiring import Devices

T = TypeVar("T")
log = logging.getLogger(__name__)

_MINE: ContextVar[SimTerminal | None] = ContextVar("_MINE", default=None)
"""Which process a task belongs to: tasks that it starts inherit it."""
_REAP_ROUNDS: Final = 100


class SimTerminal:
    """``pos_terminal.app.Terminal``, unchanged, in a world of in-process parts.

    Every way out of it leads past ``moment``: the journal's steps, the line's bytes, the
    printer, the drawer. Once it is dead none of them lets anything through.
    """

    def __init__(
        self,
        config: Config,
        *,
        profile: Profile,
        wires: InProcess,
        parts: Parts,
        moments: Moments,
        image: Path,
        sealed: Callable[[datetime], None] = lambda _: None,
    ) -> None:
        """``image`` is where the disk is copied to when the process is killed; ``sealed`` is told
        the terminal's time of each refund that it seals."""
        self.config = config
        self.moments = moments
        self.screen = SimScreen(self._seen)
        self.image = image
        self.dead = False
        self.killed = asyncio.Event()
        self.ledger: LedgerStore | None = None
        self.post: Sink = lambda event: None
        self.verbs: Mapping[str, Verb] = {}
        """What tools may ask of it over the control socket."""
        """Where events of keypad, scanner, readers and printer go in."""
        self.slow: Random | None = None
        """Where given, disk and hashes take some time, another one each time."""
        self._sealed = sealed
        self.objections: list[str] = []
        """What did not hold while it worked."""
        self._owed_first = OwedFirst(
            config.acquirer,
            (config.acquirer.repeat or profile.repeat) == "identical",
            lambda: asyncio.get_running_loop().time(),
            self.objections.append,
        )
        self._parts = parts
        self.wire = Wire(lambda: asyncio.get_running_loop().time())
        self.lines = Lines(wires, profile, self.moment, self.wire)
        self._closing = ExitStack()
        self._serving: asyncio.Task[None] | None = None
        self.tasks: dict[asyncio.Task[Any], None] = {}
        """In the order of their making."""

    # --- its life ------------------------------------------------------------------------------

    def start(self) -> None:
        world = World(
            screen=self._screen,
            devices=self._devices,
            connect=lambda _: self.lines.connect,
            runner=self._runner,
            wall=self._parts.wall.now,
            synchronised=lambda: self._parts.synchronised,
            ledger=self._watched,
        )
        terminal = Terminal(self.config, world, self._closing)
        self.verbs = terminal.verbs
        context = copy_context()
        context.run(_MINE.set, self)
        loop = asyncio.get_running_loop()
        self._serving = loop.create_task(terminal.serve(), context=context)

    def kill(self) -> None:
        """kill -9, now: the disk stays as it is, the lines are cut, nothing more happens."""
        if self.dead:
            return
        copy_data(self.config.data_dir, self.image)
        self.dead = True
        self.lines.cut()
        self.killed.set()

    async def ask(self, work: Callable[[], Awaitable[T]]) -> T | None:
        """What a tool asks of it, as a task of this process; None where it died meanwhile."""
        if self.dead:
            return None
        context = copy_context()
        context.run(_MINE.set, self)
        asking = asyncio.get_running_loop().create_task(_done(work), context=context)
        killed = asyncio.ensure_future(self.killed.wait())
        try:
            await asyncio.wait({asking, killed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            killed.cancel()
        if self.dead or not asking.done():
            return None
        return asking.result()

    async def bury(self) -> None:
        """End all that was the process, and remove its disk: the image is the next one's."""
        self.dead = True
        await self._end_tasks()
        self.lines.cut()
        self._closing.close()
        shutil.rmtree(self.config.data_dir, ignore_errors=True)

    async def _end_tasks(self) -> None:
        for _ in range(_REAP_ROUNDS):
            living = [task for task in self.tasks if not task.done()]
            if not living:
                break
            for task in living:
                task.cancel()
            await asyncio.wait(living, timeout=1)
        else:
            raise RuntimeError(f"tasks that can't be ended: {[*self.tasks]}")

    def moment(self, name: str) -> None:
        """Pass a moment; SimulatedKill where the process is dead, or ends here."""
        if self.dead:
            raise SimulatedKill
        self._owed_first.passing(name)
        self.moments.passing(name, self._die)

    def _die(self) -> None:
        self.kill()
        raise SimulatedKill

    def forget(self, task: asyncio.Task[Any]) -> None:
        """A task has ended; how it did is nobody's concern once the process is dead."""
        self.tasks.pop(task, None)
        if self.dead and not task.cancelled():
            task.exception()

    # --- its world -----------------------------------------------------------------------------

    def _seen(self, frame: Frame) -> None:
        self._owed_first.shown(frame.prompt)
        self._parts.seen(frame)

    def _screen(self, config: Config, sink: Sink) -> SimScreen:
        return self.screen

    def _devices(self, config: Config, sink: Sink) -> Devices:
        def post(event: InputEvent) -> None:
            if not self.dead:
                sink(event)

        self.post = post
        return self._parts.devices(self.moment)

    def _watched(self, ledger: LedgerStore) -> LedgerStore:
        """The ledger, stopped before and after every step."""
        step, blocking = ledger.step, ledger.blocking

        async def watched_step(name: str, work: Callable[[Step], T]) -> T:
            self.moment(f"{name}:before")
            self._owed_first.step(name, ledger, done=False)
            result = await step(name, work)
            if name == "seal":
                self._sealed(ledger.refunds.recent(1)[0].sealed_at)
            self._owed_first.step(name, ledger, done=True)
            self.moment(f"{name}:after")
            return result

        async def watched_blocking(work: Callable[[], T]) -> T:
            self.moment("blocking:before")
            result = await blocking(work)
            self.moment("blocking:after")
            return result

        checkpoint = ledger.writer.checkpoint

        def watched_checkpoint() -> None:
            self.moment("checkpoint:before")
            checkpoint()
            self.moment("checkpoint:after")

        ledger.writer.checkpoint = watched_checkpoint  # type: ignore[method-assign]
        ledger.step = watched_step  # type: ignore[method-assign]
        ledger.blocking = watched_blocking  # type: ignore[method-assign]
        self.ledger = ledger
        return ledger

    def _runner(self, name: str, closing: ExitStack) -> Runner:
        turn = asyncio.Lock()

        async def run(function: Callable[[], T]) -> T:
            if self.dead:
                raise SimulatedKill
            if self.slow is None:
                return function()
            work = _Work(function, self, turn)
            doing = asyncio.ensure_future(work.do())
            try:
                return await asyncio.shield(doing)
            except asyncio.CancelledError:
                if not work.begun:
                    doing.cancel()
                raise

        return run


async def _done(work: Callable[[], Awaitable[T]]) -> T:
    return await work()


class _Work:
    """Something that a thread would do: in its turn, taking its time, begun is never undone."""

    def __init__(self, function: Callable[[], Any], owner: SimTerminal, turn: asyncio.Lock) -> None:
        self.begun = False
        self._function = function
        self._owner = owner
        self._turn = turn

    async def do(self) -> Any:
        async with self._turn:
            self.begun = True
            await asyncio.sleep(self._seconds())
            if self._owner.dead:
                raise SimulatedKill
            result = self._function()
            await asyncio.sleep(self._seconds())
            return result

    def _seconds(self) -> float:
        """Mostly some milliseconds; now and then the SD card stalls."""
        chance = self._owner.slow
        if chance is None:
            return 0.0
        return 0.25 if chance.random() < 0.05 else chance.uniform(0.0, 0.01)


def keep_track(loop: VirtualLoop) -> None:
    """From now on every task of a process is known to it, so that all of them end with it."""

    def make(
        _: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, T], **options: Any
    ) -> asyncio.Task[T]:
        task = loop.make_task(coro, **options)
        context = options.get("context")
        owner = _MINE.get() if context is None else context.get(_MINE)
        if owner is not None:
            owner.tasks[task] = None
            task.add_done_callback(owner.forget)
        return task

    loop.set_task_factory(make)  # type: ignore[arg-type]  # options: context, name
