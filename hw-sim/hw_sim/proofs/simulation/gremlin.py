"""What goes wrong around the terminal: seeded faults, each healed again after a while."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any, Final

from hw_sim.acquirer.book import Entry, Key
from hw_sim.bench import identity
from hw_sim.printer.models import MODELS
from hw_sim.proofs.simulation.site import Site
from pos_terminal.ports import Interface

Fault = Callable[[], Coroutine[Any, Any, None]]

_CODES: Final = (
    *("01", "04", "05", "12", "13", "14", "15", "22", "25", "30", "40", "41", "51", "54", "55"),
    *("58", "61", "64", "68", "75", "77", "90", "91", "94", "96", "98", "99", "A0", "A7", "ZZ"),
    *("21", "34", "43", "59", "65", "92", "A1", "A3"),
)
_TO_FORM: Final = ("04", "34", "41", "43", "15", "40", "57", "62", "38", "55", "75")
"""After which people carry it out elsewhere."""
_SENT: Final = 0.4
"""Of the cards that are asked for, on days of many forms."""
_LOOKS: Final = 60.0
"""Virtual seconds: the process may be another one by then."""
_MODES: Final = (
    *("swallow", "drop-answer", "wrong-mac", "no-mac", "half-frame", "two-answers"),
    *("other-stan", "other-terminal", "other-batch", "wrong-amount", "delay", "cut"),
)
_UNASKED: Final = ("00", "12", "25", "40", "A0")
_SIGN_ON: Final = ("77", "99", "A0")
_KINDS: Final = ("refund", "void", "reversal")


class Gremlin:
    """Makes faults until cancelled; ``heal`` takes all of them away."""

    def __init__(
        self,
        site: Site,
        chance: Random,
        counts: Counter[str],
        *,
        lying: bool = False,
    ) -> None:
        """``lying``: an acquirer that answers other than it does."""
        self.site = site
        self._chance = chance
        self._counts = counts
        self._batch = int(identity.BATCH)
        self._full = False
        # an acquirer that pays a part and then names another amount lies: nobody can see that
        self._parts_paid = chance.random() < 0.5
        self._modes = tuple(
            mode for mode in _MODES if not (self._parts_paid and mode == "wrong-amount")
        )
        self._paid_a_part = False
        self._armed = 0
        """Counts faults that wait for rows of paper; only the newest one comes true."""
        self._faults: list[tuple[float, str, Fault]] = [
            (24, "acquirer mode", self._mode),
            (8, "acquirer code", self._code),
            (3, "acquirer answers a reversal that nobody sent", self._unasked),
            (3, "acquirer wants a sign-on and signs nothing", self._unsigned),
            (3, "acquirer does not support reversals", self._no_reversals),
            (3, "acquirer is silent about what is owed", self._silent),
            (3, "acquirer pays a part", self._partial),
            (3, "acquirer demands a sign-on", self._demand),
            (3, "acquirer takes no connections", self._refuse),
            (3, "acquirer loses its keys", self._lose_keys),
            (2, "acquirer sends bad keys", self._bad_keys),
            (2, "acquirer loses its memory", self._lose_memory),
            (2, "acquirer closes the batch", self._close_batch),
            (4, "acquirer's clock wrong", self._false_clock),
            (6, "line unplugged", self._unplug_line),
            (5, "line dropped", self._drop_line),
            (4, "line goes over a sale", self._line_goes_over_a_sale),
            (5, "paper out", self._paper_out),
            (4, "cover open", self._cover_open),
            (5, "printer unplugged", self._unplug_printer),
            (5, "printer power cycle", self._power_cycle),
            (3, "another printer", self._another_printer),
            (3, "printer claims to be offline", self._claims_offline),
            (4, "reader unplugged", self._unplug_reader),
            (3, "clock jumps", self._clock_jumps),
            (2, "clock not synchronised", self._unsynchronised),
            (4, "disk full", self._disk_full),
            (8, "killed", self._kill),
            (12, "killed at a moment", self._kill_at_a_moment),
        ]
        if lying:
            self._faults += [
                (60, "acquirer lies", self._lie),
                (60, "acquirer regrets", self._regret),
                (15, "acquirer pays what nobody asked for", self._pay_unasked),
            ]

    async def work(self, pause: float) -> None:
        """Every so many seconds, on average, something goes wrong."""
        while True:
            await asyncio.sleep(self._chance.expovariate(1.0 / pause))
            weights = [weight for weight, _, _ in self._faults]
            _, name, fault = self._chance.choices(self._faults, weights)[0]
            if not self.site.terminal.dead:
                self._counts[name] += 1
                await fault()

    async def send_to_form(self, chance: Random) -> None:
        """Until cancelled: many a card is told that its money goes by the form. As of ``_code``,
        and nothing else is wrong with that answer. ``chance``: a stream of its own."""
        before = ""
        while True:
            screen = self.site.terminal.screen
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOKS):
                    await screen.changed()
            shown, before = (before, screen.prompt), screen.prompt
            if shown[1] != "card.present" or shown[0] == shown[1] or self.site.terminal.dead:
                continue
            if chance.random() < _SENT and self._quiet():
                self._counts["acquirer sends to its form"] += 1
                self._keep_faults_away()
                self._set(f"code:{chance.choice(_TO_FORM)}", 1, ("refund", "void"))

    async def heal(self) -> None:
        """Everything in order again."""
        site, parts = self.site, self.site.parts
        self._keep_faults_away()
        site.wires.plugged = True
        self._armed += 1
        parts.printer.change(paper_out=False, cover_open=False, claims_offline=False)
        if not parts.printer.printer.powered:
            parts.printer.power_cycle()
        parts.printer.plug()
        for interface in Interface:
            parts.readers.remove(interface)
            parts.readers.plug(interface)
        parts.synchronised = True
        parts.wall.set(site.time.now())
        site.acquirers_time.set(site.time.now())
        self._free_disk()

    # --- the acquirer --------------------------------------------------------------------------

    def _set(self, mode: str, count: int | None = None, on: tuple[str, ...] = ()) -> None:
        self.site.acquirer.set_mode(mode, count, on, also=True)

    def _on(self, name: str) -> bool:
        return any(fault.name == name for fault in self.site.acquirer.faults.active)

    async def _mode(self) -> None:
        mode = self._chance.choice(self._modes)
        text = {
            "delay": f"delay:{self._chance.uniform(1, 200):.0f}",
            "cut": f"cut:{self._chance.randint(0, 60)}",
        }.get(mode, mode)
        if (mode == "delay" and self._on("code")) or (mode == "other-stan" and self._paid_a_part):
            return
        self._counts[f"acquirer {mode}"] += 1
        on = _KINDS if self._chance.random() < 0.4 else ()
        self._set(text, self._chance.randint(1, 8), on)

    async def _code(self) -> None:
        """Only while nothing is open: an acquirer that paid never says of a repeat that it
        didn't. And never late: nor does it pay a repeat while its refusal is on the way."""
        if self._quiet() and not self._on("delay"):
            self._set(f"code:{self._chance.choice(_CODES)}", 1)

    def _keep_faults_away(self) -> None:
        self.site.acquirer.set_mode("normal")
        if self.site.setting.repeat == "never":
            self.site.acquirer.set_mode("forgetful")

    async def _unasked(self) -> None:
        self._set(f"as-reversal:{self._chance.choice(_UNASKED)}", self._chance.randint(1, 2))

    async def _unsigned(self) -> None:
        """As of ``_code``: never of what was paid before."""
        if self._quiet() and not self._on("delay"):
            times = self._chance.choice([1, 1, 2])
            self._set(f"code:{self._chance.choice(_SIGN_ON)}", times)
            self._set("no-mac", times)

    async def _no_reversals(self) -> None:
        """40, or another code that closes none."""
        code = self._chance.choice(["40", "40", "05", "96"])
        self._set(f"code:{code}", self._chance.randint(1, 4), ("reversal",))

    async def _silent(self) -> None:
        self._set("swallow", self._chance.randint(2, 10), ("reversal", "refund"))

    async def _lie(self) -> None:
        """It pays, and says anything else."""
        self._set(f"lie:{self._chance.choice(_CODES)}", self._chance.randint(1, 2))

    async def _regret(self) -> None:
        """It pays, declines, and approves behind it, while the line still stands or not."""
        self._set(f"regret:{self._chance.choice([0, 0, 1, 30])}", 1)

    async def _pay_unasked(self) -> None:
        """Under a number of the terminal that it never used in a batch of long ago."""
        book, number = self.site.acquirer.book, self._chance.randint(1, 999_999)
        rrn = f"{900_000_000_000 + number}"
        key = Key(identity.TERMINAL_ID, identity.MERCHANT_ID, "000001", f"{number:06d}")
        amount = self._chance.randint(1, 5000)
        at = self.site.time.now().isoformat()
        entry = Entry("refund", key, rrn, None, None, amount, amount, "00", "accepted", at)
        with book.transaction():
            book.enter(entry)

    async def _partial(self) -> None:
        """Its answer is never under the next STAN: signed, and of the same card, it is that of the
        next refund, and no terminal could tell."""
        if self._parts_paid and not self._on("other-stan"):
            self._paid_a_part = True
            self._set(f"partial:{self._chance.randint(0, 5000)}", 1)

    async def _demand(self) -> None:
        self._set(f"demand:{self._chance.choice('1356')}", 1)

    async def _refuse(self) -> None:
        mode = self._chance.choice(["refuse", "close-after-accept"])
        self._set(mode, self._chance.randint(1, 3))

    async def _lose_keys(self) -> None:
        self.site.acquirer.book.set_mak(identity.TERMINAL_ID, None)

    async def _bad_keys(self) -> None:
        self._set("bad-kcv", 1)
        await self._lose_keys()

    async def _lose_memory(self) -> None:
        """An acquirer that promised to know a repeat again does not forget what is open."""
        if self.site.setting.repeat == "never" or self._quiet():
            self.site.acquirer.book.forget()

    async def _close_batch(self) -> None:
        self._batch += 1
        self.site.acquirer.begin_batch(identity.TERMINAL_ID, f"{self._batch:06d}")

    async def _false_clock(self) -> None:
        """By minutes, hours or days; mostly while no NTP keeps the terminal's, and with sign-ons
        that tell of it. What is a day ahead at most is believed then, and trade stops until it
        has come: that is rare."""
        site, draw = self.site, self._chance
        away = draw.choice(
            [
                *(timedelta(minutes=draw.uniform(-59, 59)), timedelta(hours=draw.randint(-12, -1))),
                *(timedelta(days=draw.uniform(1.2, 39)), timedelta(days=draw.uniform(1.2, 39))),
                *(timedelta(days=draw.uniform(41, 300)), timedelta(days=draw.uniform(-300, -1))),
            ]
        )
        site.parts.synchronised = draw.random() < 0.3
        site.acquirers_time.set(site.time.now() + away)
        self._set("demand:3", 1)
        await asyncio.sleep(draw.expovariate(1 / 300))
        site.acquirers_time.set(site.time.now())
        site.parts.synchronised = True

    def _quiet(self) -> bool:
        terminal = self.site.terminal
        return terminal.ledger is not None and not terminal.ledger.refunds.open_ones()

    # --- the line ------------------------------------------------------------------------------

    async def _unplug_line(self) -> None:
        self.site.wires.plugged = False
        self.site.acquirer.drop_connections()
        await asyncio.sleep(self._chance.expovariate(1 / 60))
        self.site.wires.plugged = True

    async def _line_goes_over_a_sale(self) -> None:
        """And comes back while it is still on the screen, or not."""
        for _ in range(120):
            if self.site.terminal.screen.prompt == "sale":
                await self._unplug_line()
                return
            await asyncio.sleep(1.0)

    async def _drop_line(self) -> None:
        self.site.acquirer.drop_connections()

    # --- the printer ---------------------------------------------------------------------------

    async def _paper_out(self) -> None:
        await self._printer_state("paper_out")

    async def _cover_open(self) -> None:
        await self._printer_state("cover_open")

    async def _printer_state(self, name: str) -> None:
        printer = self.site.parts.printer
        rows = self._chance.choice([0, self._chance.randint(1, 60)])
        self._in_the_middle(rows, lambda: printer.change(**{name: True}))
        await asyncio.sleep(self._chance.expovariate(1 / 30))
        self._armed += 1
        printer.change(**{name: False})

    def _in_the_middle(self, rows: int, action: Callable[[], None]) -> None:
        """After so many rows of paper, unless the fault is over by then."""
        mine = self._armed = self._armed + 1
        self.site.parts.printer.printer.after(
            rows, lambda: action() if self._armed == mine else None
        )

    async def _unplug_printer(self) -> None:
        self.site.parts.printer.unplug()
        await asyncio.sleep(self._chance.expovariate(1 / 20))
        self.site.parts.printer.plug()

    async def _power_cycle(self) -> None:
        printer = self.site.parts.printer
        if not printer.printer.powered:
            return
        seconds = self._chance.uniform(0.5, 20)
        rows = self._chance.choice([0, self._chance.randint(1, 60)])
        self._in_the_middle(rows, lambda: printer.power_cycle(seconds))

    async def _claims_offline(self) -> None:
        printer = self.site.parts.printer
        printer.change(claims_offline=True)
        await asyncio.sleep(self._chance.expovariate(1 / 120))
        printer.change(claims_offline=False)

    async def _another_printer(self) -> None:
        name = self._chance.choice(list(MODELS))
        self._counts[f"printer {name}"] += 1
        self.site.parts.printer.become(MODELS[name])

    # --- readers, clock, disk ------------------------------------------------------------------

    async def _unplug_reader(self) -> None:
        interface = self._chance.choice(list(Interface))
        self.site.parts.readers.unplug(interface)
        await asyncio.sleep(self._chance.expovariate(1 / 20))
        self.site.parts.readers.plug(interface)

    async def _clock_jumps(self) -> None:
        wall = self.site.parts.wall
        wall.set(self.site.time.now() + timedelta(seconds=self._chance.uniform(-9000, 3600)))
        await asyncio.sleep(self._chance.expovariate(1 / 300))
        wall.set(self.site.time.now())

    async def _unsynchronised(self) -> None:
        self.site.parts.synchronised = False
        await asyncio.sleep(self._chance.expovariate(1 / 300))
        self.site.parts.synchronised = True

    async def _disk_full(self) -> None:
        """The ledger can't grow any more; SQLite itself says so."""
        ledger = self.site.terminal.ledger
        if ledger is not None:
            pages = ledger.writer.db.execute("PRAGMA page_count").fetchone()[0]
            ledger.writer.db.execute(f"PRAGMA max_page_count = {pages}")
            self._full = True
        await asyncio.sleep(self._chance.expovariate(1 / 60))
        self._free_disk()

    def _free_disk(self) -> None:
        ledger = self.site.terminal.ledger
        if self._full and ledger is not None and not self.site.terminal.dead:
            ledger.writer.db.execute("PRAGMA max_page_count = 1073741823")
            self._full = False

    # --- the process ---------------------------------------------------------------------------

    async def _kill(self) -> None:
        self.site.terminal.kill()

    async def _kill_at_a_moment(self) -> None:
        self.site.terminal.moments.plan = self._chance.randint(0, 40)
