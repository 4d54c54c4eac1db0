"""Every moment at which the terminal may be stopped has a name; one of them may be its last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


class SimulatedKill(BaseException):
    """The process is gone: nothing after this moment happens.

    No ``Exception``, so that no handler of the terminal takes it for a failure.
    """


@dataclass(slots=True)
class Moments:
    """Counts the moments that are passed; at the planned one ``die`` is called.

    A moment is ``WHAT:WHEN``: ``seal:before``, ``seal:after``, ``send.refund:half``.
    """

    plan: int | None = None
    """How many moments to live on; None for ever."""
    passed: list[str] = field(default_factory=list)
    watch: Callable[[], None] = lambda: None
    """Called at each moment."""

    def passing(self, name: str, die: Callable[[], None]) -> None:
        """``die`` never returns where it is called."""
        self.passed.append(name)
        self.watch()
        if self.plan is not None:
            self.plan -= 1
            if self.plan < 0:
                self.plan = None
                die()
