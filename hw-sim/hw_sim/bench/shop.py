"""A whole shop for tests and scripts: bench, terminal and clerk together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hw_sim.bench.books import Books, compare
from hw_sim.bench.clerk import Clerk, changed_from
from hw_sim.bench.running import PATIENCE, Hands, RunningBench, RunningTerminal, until
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
        """Start the terminal, log the first clerk in, and wait until it could trade."""
        self.start()
        self.hands.wait("login.number", PATIENCE)
        self._go_home()
        self.hands.wait_ready()

    def at_home(self) -> None:
        """Everything in order and the clerk at the home screen, whatever was before."""
        self.hands.acquirer("mode", "normal")
        self.hands.remove()
        if self._terminal is None or self._terminal.status is not None:
            self.open_up()
        else:
            self._go_home()

    def _go_home(self) -> None:
        for _ in range(_WAYS_HOME):
            screen = self.hands.screen()
            prompt = screen["prompt"]
            if prompt == "home":
                return
            if prompt == "login.number":
                self.clerk.log_in()
            elif prompt == "print.unsure":
                self.hands.press("2")  # the slip came out after all
            elif not prompt.endswith("wait"):
                self.hands.press("cancel")
            until(self.hands.screen, changed_from(screen), 40, "another screen")
        raise BenchError("the home screen is out of reach")

    def crash(self) -> None:
        """kill -9 of the terminal."""
        self.terminal.kill()

    def books(self) -> Books:
        return Books(self.hands.ledger(), self.hands.acquirer("ledger"))

    def differences(self) -> list[str]:
        """Between the two ledgers, now."""
        return compare(self.books())

    def at_rest(self, seconds: float = PATIENCE) -> Books:
        """Wait until nothing is pending any more; both books then."""
        return until(self.books, lambda books: not books.terminal["pending"], seconds, "the end")
