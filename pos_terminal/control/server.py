"""The control socket: one JSON object a line each way, on a Unix socket for this machine only."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import stat
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pos_terminal.core.words import Failure
from pos_terminal.services.process.running import served
from pos_terminal.texts import Language, render, technician

log = logging.getLogger(__name__)

Verb = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""Takes the request, answers what goes beside ``"ok": true``. Raises Failure or BadRequest."""

LINE_LIMIT: Final = 16 * 1024 * 1024
"""Bytes of one request: a whole day's sales feed fits."""
_CLIENTS: Final = 16


class BadRequest(Exception):
    """The request is not of the verb's form; the text says what is."""


class ControlServer:
    """Serves until cancelled. A client can't keep the terminal busy: requests are bounded."""

    def __init__(self, path: Path, verbs: Mapping[str, Verb], language: Language) -> None:
        self._path = path
        self._verbs = verbs
        self._language = language
        self._clients: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Listen on the socket, mode 0660; a socket left by a dead process is replaced.

        Failure ``ledger.runs_already`` where a living one serves it.
        """
        self._clear_stale()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        server = await asyncio.start_unix_server(self._accept, self._path, limit=LINE_LIMIT)
        self._path.chmod(stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IWGRP)
        ours = _identity(self._path)
        try:
            await asyncio.Event().wait()
        finally:
            server.close()
            for client in self._clients:
                client.cancel()
            await asyncio.gather(*self._clients, return_exceptions=True)
            if ours is not None and _identity(self._path) == ours:
                self._path.unlink(missing_ok=True)

    def _clear_stale(self) -> None:
        if served(self._path):
            raise Failure("ledger.runs_already", file=str(self._path))
        with contextlib.suppress(FileNotFoundError):
            if stat.S_ISSOCK(os.lstat(self._path).st_mode):
                self._path.unlink()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._clients) >= _CLIENTS:
            writer.write(_refusal(f"{_CLIENTS} clients are served already; try again later"))
            writer.close()
            return
        self._clients.add(task)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._clients.discard(task)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                line = await reader.readline()
            except ValueError:
                await _send(writer, _refusal("request too long"))
                return
            if not line:
                return
            await _send(writer, await self._answer(line))

    async def _answer(self, line: bytes) -> bytes:
        """Of every request, whatever it is and whatever became of it: one line."""
        try:
            request = _request(line)
            verb = self._verbs.get(str(request.get("verb")))
            if verb is None:
                raise BadRequest(f"known verbs: {', '.join(sorted(self._verbs))}")
            return _line({"ok": True, **await verb(request)})
        except BadRequest as error:
            return _refusal(str(error))
        except Failure as failure:
            text, tech = render(failure.words, self._language), technician(failure.words)
            cause = failure.code
            return _line({"ok": False, "cause": cause, "error": text, "tech": tech})
        except Exception:
            log.exception("a request could not be answered")
            return _refusal("a defect of the terminal; its log has the traceback")


def _identity(path: Path) -> tuple[int, int] | None:
    """Which socket it is: another process may have put its own under the same name."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _request(line: bytes) -> dict[str, Any]:
    """Raises BadRequest."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        raise BadRequest("not a JSON object on one line") from None
    if not isinstance(request, dict):
        raise BadRequest("a request is a JSON object with a verb")
    return request


def _refusal(error: str) -> bytes:
    return _line({"ok": False, "error": error})


def _line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode() + b"\n"


async def _send(writer: asyncio.StreamWriter, line: bytes) -> None:
    writer.write(line)
    await writer.drain()
