"""Named points of a terminal's life, and what may happen at them.

A point is written ``STEP[#TURN]:WHEN[=ACT]``, e.g. ``seal:after``, ``conclude#2:before``,
``0220:sent``, ``seal:after=drop-line``.

========== =================================== =====================================================
step       when                                what it is
========== =================================== =====================================================
a write    ``before`` ``inside`` ``after``     a durable step of the ledger by its name (``seal``,
                                               ``conclude``); inside: all is written, not committed
an MTI     ``before`` ``first-byte`` ``sent``  a message to the acquirer: its whole frame is handed
           ``answered``                        to the line (sent); bytes of an answer were read
                                               (answered)
``card``   ``before``                          the first look at a presented card
``print``  ``before`` ``inside`` ``after``     a slip; inside: its first lines are on paper
``drawer`` ``before`` ``after``                the pulse to the cash drawer
========== =================================== =====================================================
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hw_sim.device import BenchError

KILL: Final = "kill"
"""SIGKILL to this very process: nothing is written, closed or said any more."""
FREEZE: Final = "freeze"
"""The thread that comes by, mostly the loop's, stands still for ever; the others go on."""
Act = Callable[[], None]
_POINT: Final = re.compile(r"([a-z0-9_.]+)(?:#([1-9][0-9]*))?:([a-z-]+)(?:=([a-z-]+))?")
MARK_FOLDER: Final = "/crash-point"
"""Looking for a file in here is how a point shows in a trace of system calls."""


@dataclass(slots=True)
class Point:
    """One armed point. It comes true once, at the ``turns``-th time that it is reached."""

    step: str
    when: str
    turns: int
    act: str

    @classmethod
    def parse(cls, text: str) -> Point:
        """BenchError for what is no point."""
        found = _POINT.fullmatch(text)
        if found is None:
            raise BenchError(f"no point: {text!r}")
        step, turns, when, act = found.groups()
        return cls(step, when, int(turns or 1), act or KILL)


class Points:
    """Which points are armed, and which were reached."""

    def __init__(self, *, marks: bool = False) -> None:
        self.reached: list[str] = []
        self._armed: list[Point] = []
        self._acts: dict[str, Act] = {KILL: _kill, FREEZE: _freeze}
        self._marks = marks

    def offer(self, name: str, act: Act) -> None:
        """``=name`` behind a point does ``act``."""
        self._acts[name] = act

    def arm(self, text: str) -> None:
        """BenchError for what is no point, or an act that nobody offers."""
        point = Point.parse(text)
        if point.act not in self._acts:
            raise BenchError(f"no such act: {point.act}")
        self._armed.append(point)

    def armed(self, step: str, when: str) -> bool:
        """Whether this point would come true if it were reached now."""
        return any((one.step, one.when, one.turns) == (step, when, 1) for one in self._armed)

    def reach(self, step: str, when: str) -> None:
        """This point is here and now. May not return."""
        self.reached.append(f"{step}:{when}")
        if self._marks:
            os.access(f"{MARK_FOLDER}/{step}:{when}", os.F_OK)
        for point in [one for one in self._armed if (one.step, one.when) == (step, when)]:
            point.turns -= 1
            if point.turns == 0:
                self._armed.remove(point)
                self._acts[point.act]()


def _freeze() -> None:
    threading.Event().wait()


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()  # the signal may be delivered to another thread first
