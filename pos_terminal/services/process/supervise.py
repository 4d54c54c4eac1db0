"""Background tasks that must not die quietly: one that fails is logged and started again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from pos_terminal.core.words import Failure
from pos_terminal.texts import technician

log = logging.getLogger(__name__)

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0


async def supervise(name: str, serve: Callable[[], Awaitable[None]]) -> None:
    """Run ``serve`` for ever: after a failure again, with a pause that doubles up to 30 s."""
    pause = _FIRST_PAUSE
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        try:
            await serve()
            log.error("task %s ended by itself; starting it again", name)
        except Failure as failure:
            log.error("task %s failed: %s", name, technician(failure.words))
        except Exception:
            log.exception("task %s failed; starting it again", name)
        if loop.time() - began > _LONGEST_PAUSE:
            pause = _FIRST_PAUSE
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
