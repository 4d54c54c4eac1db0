"""The whole counter: one acquirer, the devices, and one process of the terminal after another."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, Literal, TypeVar

from hw_sim.acquirer.book import Book
from hw_sim.acquirer.listener import InProcess
from hw_sim.bench import identity
from hw_sim.proofs.simulation.adjustment import Adjustment
from hw_sim.proofs.simulation.cheap_pins import cheap_pins
from hw_sim.proofs.simulation.form import Form
from hw_sim.proofs.simulation.invoice_book import InvoiceBook
from hw_sim.proofs.simulation.later_sale import BoughtBook, CreditBook, TakenBook
from hw_sim.proofs.simulation.moments import Moments
from hw_sim.proofs.simulation.parts import Parts
from hw_sim.proofs.simulation.process import SimTerminal, keep_track
from hw_sim.proofs.simulation.purchase import Purchase
from hw_sim.proofs.simulation.shop import START, SimShop, make_config, scratch, the_shop
from hw_sim.proofs.simulation.stock_book import Corrected, StockBook
from hw_sim.virtual import VirtualClock, VirtualLoop, run_virtual
from pos_terminal.core.refund import Refund
from pos_terminal.core.sale import Sale
from pos_terminal.ports import Application, Frame, InputEvent
from pos_terminal.profiles import load
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.texts import Language

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting:
    """What the shop's owner chose."""

    repeat: str = "identical"
    profile: str = "cup"
    language: Language = Language.ZH_CN
    acquirer: dict[str, Any] = field(default_factory=dict)
    """Further options of ``[acquirer]``."""
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    """``[policy.rules.NAME]``."""
    policy: dict[str, Any] = field(default_factory=dict)
    """Further options of ``[policy]``."""
    timezone: str = identity.TIMEZONE
    currency: str = identity.CURRENCY
    home: Literal["all"] | list[str] | None = "all"
    support: str = ""
    """The hot line."""
    hotline: str = ""
    """For complaints."""
    places: dict[str, str] = field(default_factory=dict)
    """Where the sales of other terminals are given back."""
    scale_codes: list[str] = field(default_factory=list)
    cases: dict[str, Any] = field(default_factory=dict)
    """``[cases]``."""
    calendar: dict[str, Any] = field(default_factory=dict)
    """``[calendar]``."""


class Site:
    """Outlives every kill. ``terminal`` is the process that runs now."""

    def __init__(
        self,
        loop: VirtualLoop,
        shop: SimShop,
        folder: Path,
        setting: Setting,
        book: Book | None = None,
    ) -> None:
        self.loop = loop
        self.shop = shop
        self.setting = setting
        self.time = VirtualClock(loop, START)
        """The true time."""
        self.acquirers_time = VirtualClock(loop, START)
        """What the acquirer's clock shows."""
        self.sealed_off: list[timedelta] = []
        """By how much the terminal's time was off, at each refund that it sealed."""
        self.profile = load(setting.profile)
        self.acquirer = self.shop.acquirer(self.profile, self.acquirers_time, book)
        self.wires = InProcess(self.acquirer)
        self.parts = Parts(VirtualClock(loop, START), self.post, self._seen)
        self.trace: list[str] = []
        """Prompts in the order in which they were shown, kills among them."""
        self.crashes: list[str] = []
        """What the terminal complained of that no fault explains."""
        self.objections: list[str] = []
        """What did not hold while processes worked that are gone."""
        self.watchers: list[Callable[[InputEvent], None]] = []
        """Told of every event before the terminal is."""
        self.viewers: list[Callable[[Frame], None]] = []
        """Shown every frame."""
        self.adjustments: list[Adjustment] = []
        """What the till has told, or will have told by the evening."""
        self.forms: dict[int, Form] | None = None
        """Those that lie on the counter, by their applications, where somebody keeps book."""
        self.credits: CreditBook | None = None
        """Of the till that tells of sales during the day, where there is one."""
        self.came_back: dict[int, int] = {}
        """By refund: what the acquirer's file said came back from the account, minor units."""
        self.invoices = InvoiceBook()
        self.stock: StockBook | None = None
        """Of the stock system, where there is one."""
        self.taken: TakenBook | None = None
        """Of the till that takes exchange credits, where there is one."""
        self.bought: BoughtBook | None = None
        """Of what was sold for them, where there is such a till."""
        self.corrected: list[Corrected] = []
        """How people said that goods are, which were booked otherwise, where somebody watches."""
        self.purchases: list[Purchase] = []
        """Paid, and not told to the terminal in the morning."""
        self.kills = 0
        self._folder = folder
        self._lives = 0
        self._terminal: SimTerminal | None = None
        self._mechanism = loop.create_task(self.parts.run())
        self.shop.copy(self._image())
        keep_track(loop)

    @property
    def terminal(self) -> SimTerminal:
        if self._terminal is None:
            raise RuntimeError("no terminal was started")
        return self._terminal

    @property
    def alive(self) -> SimTerminal | None:
        """The terminal, unless none was started or it was killed."""
        return None if self._terminal is None or self._terminal.dead else self._terminal

    @property
    def ledger(self) -> LedgerStore:
        """The running terminal's."""
        ledger = self.terminal.ledger
        if ledger is None:
            raise RuntimeError("the terminal has not opened its ledger")
        return ledger

    def sale(self, sale_id: str) -> Sale:
        """As the running terminal has it; KeyError where it has none."""
        if (sale := self.ledger.sales.by_id(sale_id)) is None:
            raise KeyError(sale_id)
        return sale

    def refunds_of(self, sale_id: str) -> Sequence[Refund]:
        """Of the sale that the till calls so; KeyError as of ``sale``."""
        return self.ledger.refunds.of_sale(self.sale(sale_id).key)

    def refund(self, refund_id: int) -> Refund:
        """As the running terminal has it; KeyError where it has none."""
        if (refund := self.ledger.refunds.by_id(refund_id)) is None:
            raise KeyError(refund_id)
        return refund

    def application(self, number: int) -> Application:
        """As the running terminal has it; KeyError where it has none."""
        if (application := self.ledger.applications.by_number(number)) is None:
            raise KeyError(number)
        return application

    def post(self, event: InputEvent) -> None:
        """An event for whoever runs now."""
        for watcher in self.watchers:
            watcher(event)
        if (terminal := self.alive) is not None:
            terminal.post(event)

    def start(self, plan: int | None = None) -> SimTerminal:
        """The next process, from the disk as the last one left it.

        ``plan`` is how many moments it has to live.
        """
        data = self._image()
        self._lives += 1
        setting = self.setting
        config = make_config(
            self._folder,
            data,
            repeat=setting.repeat,
            profile=setting.profile,
            language=setting.language,
            policy={"rules": setting.rules, **setting.policy},
            timezone=setting.timezone,
            currency=setting.currency,
            home=setting.home,
            places=setting.places,
            support=setting.support,
            hotline=setting.hotline,
            scale_codes=setting.scale_codes,
            cases=setting.cases,
            calendar=setting.calendar,
            **setting.acquirer,
        )
        self._terminal = SimTerminal(
            config,
            profile=self.profile,
            wires=self.wires,
            parts=self.parts,
            moments=Moments(plan),
            image=self._image(),
            sealed=lambda at: self.sealed_off.append(at - self.time.now()),
        )
        self._terminal.start()
        return self._terminal

    async def revive(self) -> SimTerminal:
        """After a kill: the dead process is buried, the next one starts."""
        self.kills += 1
        self.trace.append("†")
        self.objections += self.terminal.objections
        await self.terminal.bury()
        return self.start()

    async def unless_killed(self, story: Awaitable[T]) -> T | None:
        """The story to its end; None where the terminal was killed before it."""
        telling = asyncio.ensure_future(story)
        killed = asyncio.ensure_future(self.terminal.killed.wait())
        await asyncio.wait({telling, killed}, return_when=asyncio.FIRST_COMPLETED)
        killed.cancel()
        if telling.done():
            return telling.result()
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        return None

    async def until(self, there: Callable[[], bool], seconds: float, what: str) -> None:
        """Virtual time passes until something holds. TimeoutError names it."""
        end = self.loop.time() + seconds
        while not there():
            if self.loop.time() > end:
                raise TimeoutError(f"no {what} within {seconds:g} s; {self.terminal.screen.text}")
            await asyncio.sleep(1.0)

    async def close(self) -> None:
        if self._terminal is not None:
            await self._terminal.bury()
        self._mechanism.cancel()
        await asyncio.gather(self._mechanism, return_exceptions=True)
        await self.wires.close()
        self.acquirer.book.close()

    def _image(self) -> Path:
        return self._folder / f"disk-{self._lives}"

    def _seen(self, frame: Frame) -> None:
        if not self.trace or self.trace[-1] != frame.prompt:
            self.trace.append(frame.prompt)
        for viewer in self.viewers:
            viewer(frame)


class Complaints(logging.Handler):
    """Collects tracebacks from the terminal's log: faults explain failures, never a crash."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self.found.append(f"{record.getMessage()}: {record.exc_info[1]!r}")
        elif "ended by itself" in record.getMessage():
            self.found.append(record.getMessage())


def run_site(
    story: Callable[[Site], Awaitable[T]],
    setting: Setting | None = None,
    *,
    shop: SimShop | None = None,
    book: Book | None = None,
    order: Random | None = None,
) -> T:
    """Run a story on a new site in virtual time: this process's shop and a new acquirer, unless
    others are given. ``order`` draws which of the ready tasks runs next."""
    shop = shop or the_shop()
    folder = scratch("hw-sim-run-")
    complaints = Complaints()
    watched = [logging.getLogger(name) for name in ("pos_terminal", "pos_drivers", "asyncio")]

    async def main(loop: VirtualLoop) -> T:
        site = Site(loop, shop, folder, setting or Setting(), book)
        site.crashes = complaints.found
        try:
            return await story(site)
        finally:
            await site.close()

    for logger in watched:
        logger.addHandler(complaints)
    try:
        with cheap_pins():
            return run_virtual(main, order)
    finally:
        for logger in watched:
            logger.removeHandler(complaints)
        shutil.rmtree(folder, ignore_errors=True)
