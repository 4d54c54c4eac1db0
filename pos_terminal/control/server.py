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
from typing import Any, Final, NoReturn

from msgspec import Struct

from pos_terminal.control.classes import KILOBYTE, VERBS, Class, Classes, allowed, bounds
from pos_terminal.control.lines import Lines, TooLong
from pos_terminal.control.peer import Peer, peer_of
from pos_terminal.control.places import Places, places_of
from pos_terminal.control.refusals import Refusals
from pos_terminal.control.requests import BadRequest, parse
from pos_terminal.core.words import Failure
from pos_terminal.ports.runner import Runner
from pos_terminal.services.process.running import served
from pos_terminal.texts import Language, render, technician

__all__ = ["WHO", "BadRequest", "Caller", "ControlServer", "Verb"]

log = logging.getLogger(__name__)

Verb = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""Takes the request, answers what goes beside ``"ok": true``. Raises Failure or BadRequest."""
WHO: Final = "uid"
"""Under this name each request has the number of the user who asks; nobody can give another."""

ON_THE_LOOP: Final = 64 * KILOBYTE
"""Bytes of a request that is read while everything else waits."""
IDLE_SECONDS: Final = 60.0
"""A connection without a whole request for so long is closed, as is one that takes no answer."""
_READ_AHEAD: Final = 64 * KILOBYTE


class Caller(Struct, frozen=True):
    """Who asks, and what that one may."""

    peer: Peer
    classes: frozenset[Class]
    verbs: frozenset[str]


class ControlServer:
    """Serves until cancelled. A client can't keep the terminal busy: requests, connections and
    their time are bounded, by class."""

    def __init__(
        self,
        path: Path,
        verbs: Mapping[str, Verb],
        language: Language,
        *,
        classes: Classes,
        off_loop: Runner,
        refusals: Refusals | None = None,
        idle_seconds: float = IDLE_SECONDS,
        peer: Callable[[asyncio.StreamWriter], Peer] | None = None,
    ) -> None:
        """``verbs`` may change while it serves."""
        self._path = path
        self._verbs = verbs
        self._language = language
        self._classes = classes
        self._off_loop = off_loop
        self._refusals = refusals or Refusals()
        self._idle_seconds = idle_seconds
        self._peer = peer or _peer
        self._places = Places()
        self._clients: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Listen on the socket, mode 0660; a socket left by a dead process is replaced.

        Failure ``ledger.runs_already`` where a living one serves it, ``control.socket`` where none
        can be made there.
        """
        try:
            server = await self._listen()
            ours = _identity(self._path)
        except OSError as error:
            cause = error.strerror or str(error)
            raise Failure("control.socket", file=str(self._path), cause=cause) from None
        try:
            await asyncio.Event().wait()
        finally:
            server.close()
            for client in self._clients:
                client.cancel()
            await asyncio.gather(*self._clients, return_exceptions=True)
            if ours is not None and _identity(self._path) == ours:
                self._path.unlink(missing_ok=True)

    async def _listen(self) -> asyncio.Server:
        self._clear_stale()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        server = await asyncio.start_unix_server(self._accept, self._path, limit=_READ_AHEAD)
        self._path.chmod(stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IWGRP)
        return server

    def _clear_stale(self) -> None:
        if served(self._path):
            raise Failure("ledger.runs_already", file=str(self._path))
        with contextlib.suppress(FileNotFoundError):
            if stat.S_ISSOCK(os.lstat(self._path).st_mode):
                self._path.unlink()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        try:
            peer = self._peer(writer)
        except OSError as error:  # gone again, or of a kernel that doesn't say: nobody's
            log.error("control socket: who asks can't be told: %s", error.strerror)
            writer.close()
            return
        classes = self._classes.of(peer)
        place = self._places.take(classes)
        if task is None or place is None:
            most = places_of(classes)
            writer.write(_refusal(f"{most} clients of your kind are served already; try later"))
            writer.close()
            return
        self._clients.add(task)
        try:
            await self._talk(reader, writer, Caller(peer, classes, allowed(classes)))
        except (ConnectionError, asyncio.CancelledError):
            pass
        except TimeoutError:
            writer.transport.abort()  # what it does not take would be kept for it
        finally:
            self._clients.discard(task)
            place.free()
            writer.close()

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, caller: Caller
    ) -> None:
        """TimeoutError where the other side does nothing."""
        lines = Lines(reader, bounds(caller.classes).size)
        while True:
            try:
                async with asyncio.timeout(self._idle_seconds):
                    line = await lines.next()
            except TooLong:
                await self._send(writer, _refusal("request too long"))
                return
            if not line:
                return
            await self._send(writer, await self.answer(line, caller))
            if not caller.classes:
                return

    async def _send(self, writer: asyncio.StreamWriter, line: bytes) -> None:
        writer.write(line)
        async with asyncio.timeout(self._idle_seconds):
            await writer.drain()

    async def answer(self, line: bytes, caller: Caller) -> bytes:
        """Of every request, whatever it is and whatever became of it: one line."""
        try:
            request = await self._request(line, caller)
            verb = await self._verb(str(request.get("verb")), caller)
            return _line({"ok": True, **await verb(request | {WHO: caller.peer.uid})})
        except BadRequest as error:
            return _refusal(str(error))
        except Failure as failure:
            text, tech = render(failure.words, self._language), technician(failure.words)
            cause = failure.code
            return _line({"ok": False, "cause": cause, "error": text, "tech": tech})
        except Exception:
            log.exception("a request could not be answered")
            return _refusal("a defect of the terminal; its log has the traceback")

    async def _request(self, line: bytes, caller: Caller) -> dict[str, Any]:
        """BadRequest; of somebody who may ask nothing Failure ``control.class``, whatever it is."""
        most = bounds(caller.classes).lines
        try:
            if len(line) <= ON_THE_LOOP:
                return parse(line, most)
            return await self._off_loop(lambda: parse(line, most))
        except BadRequest:
            if not caller.classes:
                await self._refuse("", caller)
            raise

    async def _verb(self, name: str, caller: Caller) -> Verb:
        if name not in caller.verbs and (name in VERBS[Class.BENCH] or not caller.classes):
            await self._refuse(name, caller)
        verb = self._verbs.get(name) if name in caller.verbs else None
        if verb is None:
            raise BadRequest(f"known verbs: {', '.join(sorted(caller.verbs & self._verbs.keys()))}")
        return verb

    async def _refuse(self, name: str, caller: Caller) -> NoReturn:
        """Failure ``control.class``, written down."""
        known = name if name in VERBS[Class.BENCH] else ""
        uid = caller.peer.uid
        await self._refusals.add(uid, known, asyncio.get_running_loop().time())
        raise Failure("control.class", uid=uid, verb=known)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which socket it is: another process may have put its own under the same name."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _peer(writer: asyncio.StreamWriter) -> Peer:
    return peer_of(writer.get_extra_info("socket"))


def _refusal(error: str) -> bytes:
    return _line({"ok": False, "error": error})


def _line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode() + b"\n"
