"""A whole shop for tests and scripts: bench, terminal and clerk together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hw_sim.bench.books import Books, compare
from hw_sim.bench.clerk import HOST_SECONDS, Clerk
from hw_sim.bench.running import Hands, RunningBench, RunningTerminal, until
from hw_sim.device import BenchError

_WAYS_HOME = 12
"""More keys than any screen is away from the home screen."""


class Shop:
    """One bench and the terminal on it, which may be stopped, killed and started again."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.bench = RunningBench(folder, *words)
        self.files = self.bench.files
        self.hands = Hands(folder)
        self.clerk = Clerk(self.hands)
        self._terminal: RunningTerminal | None = None

    def __enter__(self) -> Shop:
        self.bench.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal is not None:
            self._terminal.stop()
        self.bench.stop()

    @property
    def terminal(self) -> RunningTerminal:
        if self._terminal is None:
            raise BenchError("no terminal was started")
        return self._terminal

    def start(self, command: Sequence[str] | None = None) -> None:
        """Start the terminal; ``command`` in place of ``pos-terminal run``."""
        self._terminal = RunningTerminal(self.files, command)

    def open_up(self) -> None:
        """Start the terminal and log the first clerk in."""
        self.start()
        self.clerk.log_in()

    def at_home(self) -> None:
        """Everything in order and the clerk at the home screen, whatever was before."""
        if self._terminal is None or self._terminal.status is not None:
            self.open_up()
            return
        self.hands.acquirer("mode", "normal")
        self.hands.do("card", "remove")
        for _ in range(_WAYS_HOME):
            prompt = self.hands.screen()["prompt"]
            if prompt == "home":
                return
            if prompt == "login.number":
                self.clerk.log_in()
                return
            if prompt == "print.unsure":
                self.hands.press("2")
            elif not prompt.endswith("wait"):
                self.hands.press("cancel")
            until(self.hands.screen, lambda now, was=prompt: now["prompt"] != was, 40, "home")
        raise BenchError("the home screen is out of reach")

    def crash(self) -> None:
        """kill -9 of the terminal."""
        self.terminal.kill()

    def books(self) -> Books:
        return Books(self.hands.ledger(), self.hands.acquirer("ledger"))

    def differences(self) -> list[str]:
        """Between the two ledgers, now."""
        return compare(self.books())

    def settled(self, seconds: float = HOST_SECONDS) -> Books:
        """Wait until nothing is pending any more; both books then."""
        return until(self.books, lambda books: not books.terminal["pending"], seconds, "the end")
