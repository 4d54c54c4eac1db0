"""Composition root: builds everything from the configuration, wires it, runs it. No globals."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from pos_drivers.display_make import OpenDisplay

from pos_terminal.behind import audit, inboxes, purge, read_card, take_outcomes
from pos_terminal.config import Config
from pos_terminal.control.classes import TOOLS, Classes
from pos_terminal.control.refusals import Refusals
from pos_terminal.control.screen import screen_verbs
from pos_terminal.control.server import ControlServer, Verb
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.the_line import line_mark
from pos_terminal.flows.people.log_in import unlock
from pos_terminal.flows.serve_counter import serve_counter, the_work
from pos_terminal.later import come_in, verbs_later
from pos_terminal.ports import (
    Authoriser,
    FileWaits,
    InputEvent,
    Papers,
    Sink,
)
from pos_terminal.ports.runner import Runner
from pos_terminal.services.host.connect import make_connect
from pos_terminal.services.ledger.lock import Lock
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.money.authorise import HostAuthoriser
from pos_terminal.services.money.parts import Parts
from pos_terminal.services.paper.queue import PrintQueue
from pos_terminal.services.process.conditions import ConditionBoard
from pos_terminal.services.process.device_board import DeviceBoard
from pos_terminal.services.process.health import Heartbeat, Notifier
from pos_terminal.services.process.running import claim
from pos_terminal.services.process.supervise import supervise
from pos_terminal.services.process.threads import thread_runner
from pos_terminal.services.process.trusted_clock import (
    TrustedClock,
    kernel_synchronised,
    system_wall,
)
from pos_terminal.services.proof.opening import open_own_ledger
from pos_terminal.services.security.security import Security
from pos_terminal.stopped import Stopped
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Ui
from pos_terminal.wire.iso8583.profile import Profile
from pos_terminal.wiring import (
    Devices,
    acquirer_profile,
    intake_later,
    make_devices,
    open_screen,
    outcomes_later,
    papers_later,
    renderer,
    rule_book,
    shop_of,
)
from pos_terminal.zones import zone_of

if TYPE_CHECKING:
    from pos_terminal.services.host.ports import Connect
    from pos_terminal.services.intake.outcome_inbox import OutcomeInbox
    from pos_terminal.services.intake.taking import Intake

log = logging.getLogger(__name__)

Serve = Callable[[], Awaitable[None]]


class World(Struct, frozen=True):
    """Where the terminal touches what is outside it. A shop has these; a test puts its own."""

    screen: Callable[[Config, Sink], OpenDisplay] = open_screen
    devices: Callable[[Config, Sink], Devices] = make_devices
    connect: Callable[[Config], Connect] = make_connect
    runner: Callable[[str, ExitStack], Runner] = thread_runner
    wall: Callable[[], datetime] = system_wall
    synchronised: Callable[[], bool] = kernel_synchronised
    ledger: Callable[[LedgerStore], LedgerStore] = lambda ledger: ledger
    """Put between the ledger and everybody else, to stop at a named step."""


class Kept(Struct, frozen=True):
    """What the terminal keeps, the time that it is kept by, and the slips that tell of it."""

    security: Security
    ledger: LedgerStore
    clock: TrustedClock
    papers: Callable[[], Papers]


async def run_terminal(config: Config, world: World | None = None) -> None:
    """Run until SIGTERM or SIGINT. What keeps it from trading is on the screen and in the log.

    Failure ``ledger.runs_already``, with nothing touched; ``display.*``; ``start.defect`` where it
    ended by something that nobody foresaw, which is in the log.
    """
    lock = claim(config)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with ExitStack() as closing:
        if lock is not None:
            closing.callback(lock.release)
        terminal = Terminal(config, world or World(), closing, lock)
        serving = asyncio.ensure_future(terminal.serve())
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        terminal.notifier.send("STOPPING=1")
        stopping.cancel()
        serving.cancel()
        await asyncio.gather(serving, stopping, return_exceptions=True)
        await terminal.finish()
        error = None if serving.cancelled() else serving.exception()
        if error is not None and terminal.defect is None:
            log.critical("ended by a defect", exc_info=error)
            terminal.defect = Failure("start.defect", cause=type(error).__name__)
        if terminal.defect is not None:
            raise terminal.defect


class Terminal:
    """One terminal. ``serve`` never returns by itself."""

    def __init__(
        self, config: Config, world: World, closing: ExitStack, lock: Lock | None = None
    ) -> None:
        self.config = config
        self._lock = lock
        """The ledger's, until that is opened and has it."""
        self.notifier = Notifier()
        self._world = world
        self._closing = closing
        self._board = DeviceBoard()
        screen = world.screen(config, self._sink)
        closing.callback(screen.close)
        self._ui = Ui(screen, config.terminal.language)
        self.verbs: dict[str, Verb] = screen_verbs(self._ui)
        self._refusals = Refusals()
        self._stopped = Stopped(
            self._ui, self.notifier, self.verbs, self._refusals, config.terminal.support
        )
        self._intake: Callable[[], Intake]
        self._conditions: ConditionBoard
        self._finishing: Callable[[], Awaitable[None]] = _nothing
        self.defect: Failure | None = None
        """What ended it that nobody foresaw."""
        self._changed: asyncio.Future[Words] = asyncio.get_running_loop().create_future()
        """Why trade must stop, once the audit found it."""

    def _sink(self, event: InputEvent) -> None:
        self._ui.post(event)

    def _concluded(self, queue: PrintQueue) -> None:
        """A refund changed, perhaps in the background: its slips, and what the screen says."""
        queue.wake()
        self._ui.refresh()

    async def serve(self) -> None:
        """The control socket from the first moment; the counter as soon as all is open."""
        self._ui.watch(self._board.notice)
        self._ui.show_status(self._board.warnings)
        self._ui.show(Page("starting", say("start.title"), (Line(say("start.starting")),)))
        control = self._control()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(supervise("control", control.run))
            try:
                services = await self._open()
            except Failure as failure:
                if self._lock is not None:
                    self._lock.release()  # what mends it may be a tool that writes
                await self._stopped.stay(failure.words)
                return
            except Exception as error:
                self.defect = Failure("start.defect", cause=type(error).__name__)
                await self._stopped.defect(self.defect, error)
                raise
            running = {
                name: tasks.create_task(supervise(name, serve), name=name)
                for name, serve in services
            }
            self.notifier.send("READY=1\nSTATUS=ready")
            await self._stop_trading(running, await self._changed)

    def _control(self) -> ControlServer:
        control = self.config.control
        classes = Classes(control)
        if classes.unknown:
            log.error("control.classes: not on this machine: %s", ", ".join(classes.unknown))
        runner = self._world.runner("control", self._closing)
        return ControlServer(
            self.config.path(control.socket),
            self.verbs,
            self.config.terminal.language,
            classes=classes,
            off_loop=runner,
            refusals=self._refusals,
        )

    async def finish(self) -> None:
        """Let a refund in flight come to its end, within ``acquirer.customer_seconds``."""
        await self._finishing()

    async def _stop_trading(self, running: Mapping[str, asyncio.Task[None]], why: Words) -> None:
        """The ledger was changed behind our back: what is under way ends, then no more trade."""
        self._stopped.close_verbs(why)
        for name in _TRADING & running.keys():
            running[name].cancel()
        await self.finish()
        for name in _KEEPING & running.keys():
            running[name].cancel()
        await self._stopped.stay(why)

    def _ledger_changed(self, why: Words) -> None:
        if not self._changed.done():
            self._changed.set_result(why)

    async def _open(self) -> Iterable[tuple[str, Serve]]:
        """Everything opened and wired; what is then to be served, by name."""
        config, world = self.config, self._world
        book, profile = rule_book(config), acquirer_profile(config)
        journal = world.runner("journal", self._closing)
        work = world.runner("work", self._closing)
        kept = await self._open_kept(journal, profile)
        devices = world.devices(config, self._ui.post)
        queue = PrintQueue(kept.ledger.slips, devices.printer, renderer(config), off_loop=work)
        authoriser = self._authoriser(kept, profile, queue, work)
        self._conditions = ConditionBoard(self._board, authoriser, kept.clock)
        outcomes = outcomes_later(config, kept.ledger, authoriser, self._file_waits)
        desk = Desk(
            ui=self._ui,
            shop=shop_of(config, book, profile),
            ledger=kept.ledger,
            people=kept.security.people(
                clock=kept.clock, runner=work, note=kept.ledger.journal.note
            ),
            tokens=kept.security.tokens,
            readers=devices.readers,
            authoriser=authoriser,
            papers=kept.papers,
            printing=queue,
            outcomes=outcomes,
            clock=kept.clock,
            conditions=self._conditions.now,
            read_card=partial(read_card, devices.readers, kept.clock, config.terminal.currency),
        )
        self._intake = self._intake_of(kept.ledger)
        self._let_people_in(desk, kept.ledger, outcomes)
        await self._decide_what_was_open(authoriser, kept.ledger)
        # in good time: not between an answer and its commit
        come_in([kept.papers, the_work], after=_LATE_AFTER)
        services = self._services(devices, desk, queue, authoriser, kept)
        return [*services, ("outcomes", partial(take_outcomes, outcomes))]

    async def _open_kept(self, journal: Runner, profile: Profile) -> Kept:
        """Keys and people, then the ledger, and the clock that is held against it."""
        security: Security = await journal(lambda: Security.open(self.config))
        self._closing.callback(security.close)
        clock = TrustedClock(
            wall=self._world.wall,
            synchronised=self._world.synchronised,
            zone=self.config.terminal.zone,
            acquirer_zone=zone_of(profile.timezone),
            monotonic=asyncio.get_running_loop().time,
        )
        lock, self._lock = self._lock, None
        auth_code = profile.auth_code_length
        opening = partial(open_own_ledger, self.config, security, clock, journal, lock)
        ledger = self._world.ledger(await journal(partial(opening, auth_code=auth_code)))
        self._closing.callback(ledger.close)
        clock.hold_against(ledger.journal.last_at)
        return Kept(security, ledger, clock, papers_later(self.config, ledger, clock))

    def _authoriser(
        self, kept: Kept, profile: Profile, queue: PrintQueue, work: Runner
    ) -> HostAuthoriser:
        parts = Parts(
            config=self.config,
            profile=profile,
            ledger=kept.ledger,
            keys=kept.security.keystore,
            clock=kept.clock,
            papers=kept.papers,
            connect=self._world.connect(self.config),
            run=work,
            concluded=lambda _: self._concluded(queue),
            changed=self._ui.refresh,
        )
        return HostAuthoriser(parts)

    def _file_waits(self) -> None:
        """A file of outcomes is to be confirmed: at once, where nobody is at anything else."""
        self._ui.post(FileWaits())
        self._ui.refresh()

    def _intake_of(self, ledger: LedgerStore) -> Callable[[], Intake]:
        """Files are read beside the writer's thread: nothing of theirs holds up a refund."""
        ledger.feed.read_on(self._world.runner("intake", self._closing))
        return intake_later(self.config, ledger, self._ui.refresh)

    def _let_people_in(
        self, desk: Desk, ledger: LedgerStore, outcomes: Callable[[], OutcomeInbox]
    ) -> None:
        """The lock and the title row of the screen, and what tools may ask."""
        terminal = self.config.terminal
        self._ui.lock_when_idle(terminal.idle_lock_minutes * 60, partial(unlock, desk))
        self._ui.show_status(partial(_warnings, self._board, desk.authoriser))
        self._refusals.note = ledger.journal.note
        self.verbs.update(verbs_later(TOOLS, partial(self._tools, desk, ledger, outcomes)))

    def _tools(
        self, desk: Desk, ledger: LedgerStore, outcomes: Callable[[], OutcomeInbox]
    ) -> Mapping[str, Verb]:
        from pos_terminal.control.tools import tool_verbs

        return tool_verbs(
            self.config.terminal,
            board=self._conditions,
            authoriser=desk.authoriser,
            ledger=ledger,
            clock=desk.clock,
            intake=self._intake,
            outcomes=outcomes(),
            receive=outcomes().receive,
        )

    async def _decide_what_was_open(self, authoriser: HostAuthoriser, ledger: LedgerStore) -> None:
        """From here on a stop waits for what is in flight."""
        self._finishing = authoriser.close
        await ledger.slips.interrupted()
        await authoriser.recover()

    def _services(
        self,
        devices: Devices,
        desk: Desk,
        queue: PrintQueue,
        authoriser: HostAuthoriser,
        kept: Kept,
    ) -> Iterable[tuple[str, Serve]]:
        ledger = kept.ledger
        heartbeat = Heartbeat(self.notifier, desk.clock.monotonic)
        return [
            *((device.name, device.run) for device in devices.all),
            ("ledger", ledger.run),
            *inboxes(self.config, ledger, self._intake),
            ("printing", queue.run),
            ("host", authoriser.run),
            ("heartbeat", heartbeat.run),
            ("purge", self._purge_of(kept)),
            ("audit", self._audit_of(ledger)),
            ("counter", partial(serve_counter, desk)),
        ]

    def _audit_of(self, ledger: LedgerStore) -> Serve:
        runner = self._world.runner("audit", self._closing)
        return partial(audit, ledger, runner, self._ledger_changed)

    def _purge_of(self, kept: Kept) -> Serve:
        return partial(
            purge,
            self.config,
            kept.ledger,
            kept.clock,
            ntp=self._world.synchronised,
            forget_token_keys=kept.security.keystore.forget_token_keys,
        )


_TRADING: Final = frozenset({"counter", "inbox", "outcomes"})
_LATE_AFTER: Final = 1.0
"""Seconds until the kinds of slips and the clerk's flows come in: no start waits for them."""
_KEEPING: Final = frozenset({"host", "purge", "audit", "ledger", "heartbeat"})
"""Services that go on until a refund on its way has ended; devices and printing stay."""


async def _nothing() -> None:
    """Nothing is under way before all is open."""


def _warnings(board: DeviceBoard, authoriser: Authoriser) -> tuple[Words, ...]:
    """Marks for the title row: what is down, and what is wrong with the line."""
    return (*board.warnings(), *line_mark(authoriser))
