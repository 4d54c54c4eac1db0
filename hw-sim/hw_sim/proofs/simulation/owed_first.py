"""What must hold between two new messages, watched while the terminal works.

Each owed reversal and the two repeats longest untried were tried, or the seconds for them were
spent, or no line was to be had. And nothing begins behind a sale that is on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Final

from pos_terminal.config import Acquirer
from pos_terminal.core.cause import LEFT_TO_PEOPLE
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.services.ledger.store import LedgerStore

REPEATS: Final = 2
UNDER_WAY: Final = 45.0
"""Seconds after which what began before a sale came to the screen has long left."""
_MESSAGES: Final = ("sign_on", "void", "refund", "reversal")
#: where a sale is on the screen and nobody waits for the acquirer
_SALE: Final = frozenset(
    {
        *("sale", "tender", "refund.amount", "refund.lines", "refund.quantity", "refund.reason"),
        *("refund.note", "supervisor.number", "supervisor.pin", "card.present", "card.reading"),
        *("card.remove", "line.down", "line.probe", "readers.out"),
    }
)


class OwedFirst:
    """Watches one process of the terminal. ``object_to`` is told what does not hold."""

    def __init__(
        self,
        acquirer: Acquirer,
        repeats: bool,
        now: Callable[[], float],
        object_to: Callable[[str], None],
    ) -> None:
        """``repeats``: the acquirer takes them."""
        self._seconds = acquirer.owed_seconds
        self._repeats = repeats
        self._now = now
        self._object_to = object_to
        self._turns = count(1)
        self._last: dict[int, int] = {}
        """By refund, its last try among all tries."""
        self._before: dict[int, int] = {}
        """The same, as it was at the last new message."""
        self._since: dict[int, float] = {}
        """What was tried since then, and when."""
        self._wrong = ""
        self._no_line = False
        self._connecting = False
        self._counts: dict[int, int] = {}
        self._prompt = ""
        self._sale_since: float | None = None
        self._begun: tuple[float, str] | None = None
        """A message over a sale, which may be the sale's own: the screen says so in that moment."""

    # --- what is seen ---------------------------------------------------------------------------

    def shown(self, prompt: str) -> None:
        """Another prompt is on the screen."""
        self._look_back()
        self._prompt = prompt
        if prompt not in _SALE:
            self._sale_since = self._begun = None
        elif self._sale_since is None:
            self._sale_since = self._now()

    def passing(self, moment: str) -> None:
        """A moment of the process."""
        self._look_back()
        what, _, when = moment.partition(":")
        if what == "connect" and self._prompt not in _SALE:  # there it is a probe
            # one that fails has no moment after it
            self._no_line = self._no_line or (self._connecting and when == "before")
            self._connecting = when == "before"
        kind, _, function = what.partition(".")
        since = self._sale_since
        begins = kind == "send" and when == "before" and function in _MESSAGES
        if begins and since is not None and self._now() - since > UNDER_WAY:
            self._begun = self._now(), f"a {function} began while {self._prompt} was on the screen"

    def _look_back(self) -> None:
        if self._begun is not None and self._now() > self._begun[0]:
            self._object_to(self._begun[1])
            self._begun = None

    def step(self, name: str, ledger: LedgerStore, *, done: bool) -> None:
        """A step of the ledger, before it and once it is done."""
        if name == "count_repeat" and done:
            self._tried(ledger)
        elif name == "seal" and not done:
            self._wrong = self._new_message(ledger)
        elif name == "seal":
            # one that the disk had no room for sends nothing
            if self._wrong:
                self._object_to(self._wrong)
            self._before, self._since = dict(self._last), {}
            self._no_line = False

    def _tried(self, ledger: LedgerStore) -> None:
        for refund in ledger.refunds.open_ones():
            if refund.repeats > self._counts.get(refund.refund_id, 0):
                self._last[refund.refund_id] = next(self._turns)
                self._since.setdefault(refund.refund_id, self._now())
            self._counts[refund.refund_id] = refund.repeats

    def _new_message(self, ledger: LedgerStore) -> str:
        """What is wrong with one that is sealed now; empty where nothing is."""
        lacking = [one for one in self._wanted(ledger) if one.refund_id not in self._since]
        if not lacking or self._no_line or self._connecting:
            return ""
        spent = self._now() - min(self._since.values(), default=self._now())
        if spent < self._seconds - 0.5:
            names = ", ".join(f"{one.kind} {one.refund_id}" for one in lacking)
            return f"a new message after {spent:.1f} s, and untried: {names}"
        return ""

    def _wanted(self, ledger: LedgerStore) -> Sequence[Refund]:
        """Each owed reversal, and the repeats longest untried when the last message went."""
        owed = [one for one in ledger.refunds.open_ones() if self._is_owed(one)]
        reversals = [one for one in owed if one.kind is Kind.VOID]
        repeats = [one for one in owed if one.kind is not Kind.VOID] if self._repeats else []
        repeats.sort(key=lambda one: (self._before.get(one.refund_id, 0), one.refund_id))
        return reversals + repeats[:REPEATS]

    def _is_owed(self, refund: Refund) -> bool:
        open_now = refund.state in (State.UNKNOWN, State.REVERSING)
        return open_now and refund.cause not in LEFT_TO_PEOPLE
