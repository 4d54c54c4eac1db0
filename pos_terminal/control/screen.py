"""What the clerk sees, and waiting for a prompt by its name: for tests, the bench and support."""

from __future__ import annotations

import asyncio
from typing import Any

from pos_terminal.control.server import BadRequest, Verb
from pos_terminal.ports import Frame
from pos_terminal.ui.prompt import Ui


def screen_verbs(ui: Ui) -> dict[str, Verb]:
    """``screen``, ``screens``, ``wait``. Nothing is pressed from here: keys are the keypad's."""

    async def screen(_: dict[str, Any]) -> dict[str, Any]:
        frame = ui.frame
        if frame is None:
            return {"prompt": "", "rows": [], "columns": 0}
        return _told(frame)

    async def screens(request: dict[str, Any]) -> dict[str, Any]:
        since = request.get("since", 0)
        if isinstance(since, bool) or not isinstance(since, int):
            raise BadRequest("since is the serial of the last screen that is known, or 0")
        return {"screens": [{"serial": n, **_told(frame)} for n, frame in ui.shown_since(since)]}

    async def wait(request: dict[str, Any]) -> dict[str, Any]:
        names, seconds = _wanted(request)
        try:
            async with asyncio.timeout(seconds):
                while ui.prompt_name not in names:
                    await ui.changed()
        except TimeoutError:
            return {"ok": False, "error": "timeout", "prompt": ui.prompt_name}
        return {"prompt": ui.prompt_name}

    return {"screen": screen, "screens": screens, "wait": wait}


def _told(frame: Frame) -> dict[str, Any]:
    return {"prompt": frame.prompt, "rows": frame.texts(), "columns": frame.columns}


def _wanted(request: dict[str, Any]) -> tuple[frozenset[str], float]:
    prompt, seconds = request.get("prompt"), request.get("timeout", 10)
    if not isinstance(prompt, str) or not prompt:
        raise BadRequest("wait needs a prompt's name, or several with | between")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= 600:
        raise BadRequest("timeout is a number of seconds up to 600")
    return frozenset(prompt.split("|")), float(seconds)
