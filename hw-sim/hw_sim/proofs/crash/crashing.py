"""A terminal that is killed and started again, its clerk, and the money on both sides."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from operator import eq, ne
from pathlib import Path
from typing import Any, Final

from hw_sim.bench.books import Books, compare
from hw_sim.bench.clerk import Clerk
from hw_sim.bench.client import NotThere, ask
from hw_sim.bench.files import read_bench
from hw_sim.bench.running import PATIENCE, Hands, RunningTerminal, Start, until
from hw_sim.device import BenchError
from hw_sim.proofs.crash.forks import Forks
from hw_sim.proofs.crash.stage import Stage
from pos_terminal.config import load
from pos_terminal.services.proof.verify import verify
from pos_terminal.services.security.keystore import KeyStore

Row = dict[str, Any]

_RETRY_SECONDS: Final = 0.02
_DEVICES: Final = ("keypad", "scanner", "printer")


class Gone(BenchError):
    """The terminal's process has ended."""


class CrashHands(Hands):
    """Hands that notice at once when the terminal dies."""

    def __init__(self, folder: Path, alive: Callable[[], bool]) -> None:
        super().__init__(folder)
        self._alive = alive

    def wait(self, prompts: str, seconds: float = PATIENCE) -> str:
        """As ``Hands.wait``; Gone where nobody will ever ask for it."""
        end = time.monotonic() + seconds
        while True:
            answer = self._ask({"verb": "wait", "prompt": prompts, "timeout": 1.0})
            if answer is not None and answer.get("ok"):
                return str(answer["prompt"])
            if time.monotonic() > end:
                shown = "nothing" if answer is None else self.rows()
                raise BenchError(f"{prompts} did not come within {seconds:g} s; shown:\n{shown}")
            if answer is None:
                time.sleep(_RETRY_SECONDS)

    def _ask(self, request: Row) -> Row | None:
        """None where the terminal does not listen yet."""
        try:
            return ask(self.control, request, seconds=10.0)
        except NotThere:
            if not self._alive():
                raise Gone("the terminal has ended") from None
            return None

    @property
    def control(self) -> str:
        """The terminal's own socket."""
        return str(read_bench(self.folder)["control"])


class Crashing:
    """One terminal on a stage, through its lives.

    With ``forks`` those with points are forked; ``as_in_a_shop`` says whether the others are not.
    """

    def __init__(
        self, stage: Stage, forks: Forks | None = None, *, as_in_a_shop: bool = True
    ) -> None:
        self.stage = stage
        self._with_points: Start = subprocess.Popen if forks is None else forks.start
        self._ordinary = subprocess.Popen if as_in_a_shop else self._with_points
        self.files = stage.files
        self.hands = CrashHands(stage.files.folder, lambda: self.alive)
        self.clerk = Clerk(self.hands)
        self.unsure = 0
        """How many interrupted slips the clerk was asked about."""
        self._terminal: RunningTerminal | None = None

    def __enter__(self) -> Crashing:
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal is not None:
            self._terminal.stop()

    @property
    def alive(self) -> bool:
        return self._terminal is not None and self._terminal.status is None

    @property
    def pid(self) -> int:
        assert self._terminal is not None  # asked for after a start only
        return self._terminal.pid

    # --- lives -------------------------------------------------------------------------------

    def start(self, *at: str, words: Sequence[str] = (), before: Sequence[str] = ()) -> None:
        """The terminal with points; ``at`` are armed from the start. ``before`` is a command
        that runs it."""
        points = [word for point in at for word in ("--at", point)]
        where = ["--config", str(self.files.config), "--orders", str(self.stage.orders)]
        run = [sys.executable, "-P", "-m", "hw_sim.proofs.crash.run", *where, *points, *words]
        start = subprocess.Popen if before else self._with_points
        self._begin([*before, *run], start)

    def start_ordinary(self) -> None:
        """``pos-terminal run``."""
        self._begin(None, self._ordinary)

    def _begin(self, command: Sequence[str] | None, start: Start) -> None:
        if self.alive:
            raise BenchError("the terminal runs already")
        if self._terminal is not None:
            self._terminal.stop()
            self.stage.fresh_inputs()
        self._terminal = RunningTerminal(self.files, command, start)

    def open_up(self, *at: str, words: Sequence[str] = (), before: Sequence[str] = ()) -> None:
        """Start with points and log the clerk in."""
        self.start(*at, words=words, before=before)
        self.log_in()

    def reopen(self) -> None:
        """After a crash: start as a shop does, and log the clerk in."""
        self.start_ordinary()
        self.log_in()

    def log_in(self) -> None:
        """To the home screen; of an interrupted slip nobody saw a whole one."""
        self.clerk.log_in()
        while self.clerk.see("home|print.unsure")["prompt"] == "print.unsure":
            self.unsure += 1
            before = self._question()
            self.hands.press("1")
            until(self._question, partial(ne, before), PATIENCE, "the clerk's word")

    def _question(self) -> tuple[str, list[str]]:
        """What is asked, without the title row: marks come and go there."""
        screen = self.hands.screen()
        return screen["prompt"], screen["rows"][1:]

    def wait_noted(self) -> None:
        """Until the ledger was tidied and the head of its log noted beside it."""
        head = load(self.files.config).ledger.with_suffix(".db.head")
        before = head.stat().st_mtime_ns if head.exists() else 0
        until(
            lambda: head.exists() and head.stat().st_mtime_ns != before,
            bool,
            PATIENCE,
            "the note",
        )

    def wait_unsure(self, count: int) -> None:
        """Until so many interrupted slips wait for the clerk's word."""

        def waiting() -> int:
            return sum(row["state"] == "unknown" for row in self.hands.ledger()["print_jobs"])

        until(waiting, partial(eq, count), PATIENCE, f"{count} slips to ask about")

    def stop(self) -> None:
        """SIGTERM."""
        if self._terminal is not None:
            self._terminal.stop()

    def kill(self) -> None:
        """kill -9 now, from outside."""
        assert self._terminal is not None  # asked for after a start only
        self._terminal.kill()

    def arm(self, *points: str) -> None:
        self.hands.do("arm", *points)

    def reached(self) -> list[str]:
        """Every point that was passed, in order."""
        found: list[str] = self.hands.do("reached")
        return found

    def dies_at(self, story: Callable[[Crashing], object], *points: str) -> None:
        """The story to the point where the terminal is killed."""
        self.arm(*points)
        self.dies(lambda: story(self))

    def dies(self, story: Callable[[], object] = lambda: None) -> None:
        """Play the story; the terminal is killed by the armed point on the way, or soon after."""
        trouble: BenchError | None = None
        try:
            story()
        except BenchError as error:
            trouble = error
        try:
            until(lambda: self.alive, lambda alive: not alive, PATIENCE, "the kill")
        except BenchError as late:
            raise late from trouble
        status = None if self._terminal is None else self._terminal.status
        if status != -signal.SIGKILL:
            raise BenchError(f"the terminal ended with {status}") from trouble

    # --- the counter ------------------------------------------------------------------------

    def ask_card(self, sample: str, amount: str = "") -> Row:
        """From the home screen to the prompt for the card; the sale."""
        self.ready()
        sale = self.hands.sample(sample)
        self.clerk.scan(sale)
        self.clerk.ask_for(amount)
        self.clerk.approve()
        self.clerk.see("card.present")
        return sale

    def give_back(self, sample: str, amount: str = "") -> Row:
        """A card refund or void from the home screen and back to it; the sale."""
        sale = self.ask_card(sample, amount)
        self.hands.tap(sale["cards"][0])
        self.clerk.see("result")
        self.hands.remove()
        self.clerk.accept()
        return sale

    # --- the two ledgers --------------------------------------------------------------------

    def books(self) -> Books:
        return Books(self.hands.ledger(), self.hands.acquirer("ledger"))

    def differences(self) -> list[str]:
        return compare(self.books())

    def refunds(self) -> list[Row]:
        """The terminal's, oldest first."""
        found: list[Row] = self.hands.ledger()["refunds"]
        return found

    def at_rest(self, *states: str) -> list[Row]:
        """Wait until the refunds, oldest first, are in these states."""
        return until(
            self.refunds,
            lambda rows: [row["state"] for row in rows] == list(states),
            PATIENCE,
            f"refunds in {states}",
        )

    def given_back(self) -> list[Row]:
        """The acquirer's refunds and voids."""
        rows = self.books().acquirer_rows()
        return [row for row in rows if row["kind"] in ("refund", "void")]

    def messages(self, mti: str) -> list[Row]:
        """What the acquirer heard of this MTI."""
        log = self.hands.acquirer("log")
        return [row for row in log if row["direction"] == "in" and row["mti"] == mti]

    def ready(self) -> Row:
        """Wait until the terminal can trade: signed on, which proves its clock, and its devices
        found. The acquirer link as it has it."""
        state = until(self._state, _can_trade, PATIENCE, "a terminal that can trade")
        host: Row = state["host"]
        return host

    def quiet(self) -> None:
        """Wait until nothing is owed to the acquirer or to the paper."""
        until(self._state, _at_rest, PATIENCE, "rest")

    def _state(self) -> Row:
        return ask(self.hands.control, {"verb": "state"}, seconds=10.0)

    def verify(self) -> None:
        """The whole ledger against its audit log. Failure ``ledger.…``; the terminal may run."""
        config = load(self.files.config)
        keys = KeyStore.of(config)
        verify(config.ledger, keys.audit_key)

    def tender(self, sale: Row) -> tuple[int, int]:
        """(done, held) of a sale."""
        for row in self.hands.ledger()["sales"]:
            if row["sale_id"] == sale["sale_id"]:
                return row["done"], row["held"]
        raise BenchError(f"no sale {sale['sale_id']}")


def _can_trade(state: Row) -> bool:
    devices = state["devices"]
    up = [name for name in _DEVICES if devices.get(name, {}).get("up")]
    return bool(state["host"]["signed_on"]) and len(up) == len(_DEVICES)


def _at_rest(state: Row) -> bool:
    return _can_trade(state) and not state["open"] and not state["slips"]["waiting"]
