"""A terminal that does not trade: why, on the screen and in the log, and nothing else is done."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial
from typing import Any, Final, NoReturn

from pos_terminal.control.refusals import Refusals
from pos_terminal.control.screen import screen_verbs
from pos_terminal.control.server import Verb
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.services.process.health import Heartbeat, Notifier
from pos_terminal.texts import technician
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Ui

log = logging.getLogger(__name__)

DEFECT_SECONDS: Final = 10.0
"""A defect is on the screen for so long; who runs us starts us again at once."""


class Stopped:
    """What people, tools and the service manager are told then."""

    def __init__(
        self, ui: Ui, notifier: Notifier, verbs: dict[str, Verb], refusals: Refusals, support: str
    ) -> None:
        """``verbs`` are those of the control socket; ``support`` is the hot line."""
        self._ui = ui
        self._notifier = notifier
        self._verbs = verbs
        self._refusals = refusals
        self._support = support

    def close_verbs(self, why: Words) -> None:
        """Whoever asks for anything but the screen is told why, and nothing is written."""
        self._refusals.note = None
        for name in self._verbs.keys() - screen_verbs(self._ui).keys():
            self._verbs[name] = partial(_closed, why)

    async def stay(self, why: Words) -> None:
        """For the technician, until cancelled."""
        self.close_verbs(why)
        log.error("out of service: %s", technician(why))
        self._show(why)
        await self._heartbeat().run()

    async def defect(self, failure: Failure, error: Exception) -> None:
        """A defect while starting: said for a while, then whoever runs us tries again."""
        log.error("a defect while starting", exc_info=error)
        self._show(failure.words)
        with suppress(TimeoutError):
            async with asyncio.timeout(DEFECT_SECONDS):
                await self._heartbeat().run()

    def _heartbeat(self) -> Heartbeat:
        return Heartbeat(self._notifier, asyncio.get_running_loop().time)

    def _show(self, why: Words) -> None:
        support = (Line(say("flows.support"), self._support),) if self._support else ()
        page = Page("stopped", say("flows.stopped"), (Line(why), *support), alert=True)
        self._ui.show(page)
        self._notifier.send(f"READY=1\nSTATUS={technician(why)}")


async def _closed(why: Words, _: dict[str, Any]) -> NoReturn:
    raise Failure.of(why)
