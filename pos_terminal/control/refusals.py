"""What is refused is written down, and a caller who goes on asking fills no log."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from msgspec import Struct

from pos_terminal.core.words import Failure
from pos_terminal.texts import technician

log = logging.getLogger(__name__)

Note = Callable[[str, Mapping[str, str | int]], Awaitable[None]]
"""An entry of the audit log: ``ports.Journal.note``."""
DAY: Final = 86_400.0
MOST_CALLERS: Final = 64
"""Users who are counted by themselves; more are counted together."""
OTHERS: Final = -1


class Count(Struct):
    """Of one caller's day."""

    since: float
    times: int = 0


class Tally:
    """Counts by caller, anew each day. Of each count the 1st, 10th, 100th … is due an entry."""

    def __init__(self) -> None:
        self._counts: dict[int, Count] = {}

    def count(self, uid: int, now: float) -> tuple[int, bool]:
        """How often it was this caller today, and whether that is to be written down.

        ``now`` in seconds of any clock that only goes forward.
        """
        found = self._of(uid, now)
        found.times += 1
        return found.times, _is_power_of_ten(found.times)

    def who(self, uid: int, now: float) -> int:
        """Under which number the caller is counted."""
        self._forget(now)
        known = uid in self._counts or len(self._counts) < MOST_CALLERS
        return uid if known else OTHERS

    def _of(self, uid: int, now: float) -> Count:
        return self._counts.setdefault(self.who(uid, now), Count(now))

    def _forget(self, now: float) -> None:
        old = [uid for uid, count in self._counts.items() if now - count.since >= DAY]
        for uid in old:
            del self._counts[uid]


class Refusals:
    """Of the control socket: who asked for what is not of its classes."""

    def __init__(self) -> None:
        self.note: Note | None = None
        """None while no ledger is open, or none may be written to."""
        self._tally = Tally()

    async def add(self, uid: int, verb: str, now: float) -> None:
        """``verb`` is one of ours, or empty: what somebody else types is nothing for a log."""
        who = self._tally.who(uid, now)
        times, due = self._tally.count(uid, now)
        if due and self.note is not None:
            try:
                await self.note("control_refused", {"uid": who, "verb": verb, "times": times})
            except Failure as failure:  # a full disk makes nobody a member of anything
                log.warning("a refusal is not in the audit log: %s", technician(failure.words))


def _is_power_of_ten(number: int) -> bool:
    return str(number).rstrip("0") == "1"
