"""What the wire has shown of the line: connections, answers, silence, and when."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable

from pos_terminal.core.line_state import LineState
from pos_terminal.core.words import Words
from pos_terminal.services.host import loop_time
from pos_terminal.texts import technician

log = logging.getLogger(__name__)


class Seen:
    """Fed by ``Link`` alone; a probe, a sign-on and a refund tell the same."""

    def __init__(self) -> None:
        self.state = LineState.UNKNOWN
        self.trouble: Words | None = None
        """Why it is down or silent."""
        self.since = loop_time.now()
        """When it came to be so, in the loop's seconds."""
        self.proved_at: float | None = None
        """When the wire last showed anything; None: not yet."""
        self.tried_at = -math.inf
        """The same, without ends of connections and without silences: nothing was tried then. What
        ended tells of that one connection alone, and what is not answered was sent long before."""
        self._told_at = -math.inf
        """When the wire last said more than a silence does: a message, or no connection at all."""
        self.changed: Callable[[], None] = lambda: None

    def connected(self) -> None:
        """A connection was opened. It says nothing against a silence: a dumb host takes those."""
        if self.state is LineState.SILENT:
            self.proved_at = self.tried_at = loop_time.now()
        else:
            self._is(LineState.UP)

    def answered(self) -> None:
        """A message came, whoever it was for."""
        self._told_at = loop_time.now()
        self._is(LineState.UP)

    def told_since(self, moment: float) -> bool:
        """Whether a message came since then, or no connection could be had: a silence that began
        before says nothing new."""
        return self._told_at >= moment

    def down(self, why: Words) -> None:
        """No connection can be had."""
        self._told_at = loop_time.now()
        self._is(LineState.DOWN, why)

    def ended(self, why: Words) -> None:
        """The connection broke that was needed: whether another can be had is soon found out."""
        self._is(LineState.DOWN, why, tried=False)

    def silent(self, why: Words) -> None:
        """A message was not answered, though there was time enough."""
        self._is(LineState.SILENT, why, tried=False)

    def _is(self, state: LineState, trouble: Words | None = None, *, tried: bool = True) -> None:
        self.proved_at = loop_time.now()
        if tried:
            self.tried_at = self.proved_at
        if (state, trouble) == (self.state, self.trouble):
            return
        if state is not self.state:
            self.since = self.proved_at
        self.state, self.trouble = state, trouble
        log.info("the line is %s%s", state, f": {technician(trouble)}" if trouble else "")
        self.changed()
