"""What the clerk sees, and waiting for a prompt by its name: for tests, the bench and support."""

from __future__ import annotations

import asyncio
from typing import Any

from pos_terminal.control.server import BadRequest, Verb
from pos_terminal.ui.prompt import Ui


def screen_verbs(ui: Ui) -> dict[str, Verb]:
    """``screen`` and ``wait``. Nothing can be pressed from here: keys come from the keypad."""

    async def screen(_: dict[str, Any]) -> dict[str, Any]:
        frame = ui.frame
        if frame is None:
            return {"prompt": "", "rows": [], "columns": 0}
        rows = [row.text.rstrip() for row in frame.rows]
        return {"prompt": frame.prompt, "rows": rows, "columns": frame.columns}

    async def wait(request: dict[str, Any]) -> dict[str, Any]:
        names, seconds = _wanted(request)
        try:
            async with asyncio.timeout(seconds):
                while ui.prompt_name not in names:
                    await ui.changed()
        except TimeoutError:
            return {"ok": False, "error": "timeout", "prompt": ui.prompt_name}
        return {"prompt": ui.prompt_name}

    return {"screen": screen, "wait": wait}


def _wanted(request: dict[str, Any]) -> tuple[frozenset[str], float]:
    prompt, seconds = request.get("prompt"), request.get("timeout", 10)
    if not isinstance(prompt, str) or not prompt:
        raise BadRequest("wait needs a prompt's name, or several with | between")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= 600:
        raise BadRequest("timeout is a number of seconds up to 600")
    return frozenset(prompt.split("|")), float(seconds)
