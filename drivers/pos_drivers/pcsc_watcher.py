"""One thread that waits for readers and cards, and posts what it sees to the loop.

pyscard's own monitors die quietly with pcscd; this one drops its context and starts anew. All
readers there: it sleeps until PC/SC has something to tell. One missing: it lists them again now
and then, because a reader that comes between listing and waiting is missed (pcsc-lite < 2.3).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from pos_drivers import pcsc_names
from pos_drivers.pcsc_api import (
    CANCELLED,
    PNP,
    READER_UNAVAILABLE,
    UNKNOWN_READER,
    Context,
    PcscError,
    ReaderState,
)

_COMPLETE_WAIT_MS: Final = 60_000
_MISSING_WAIT_MS: Final = 1_500
_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 1.0
"""Seconds between tries to reach a card service that is down."""
_CANCEL_EVERY: Final = 0.002
_STOP_SECONDS: Final = 0.5


class Snapshot(Struct, frozen=True):
    """What is there now. ``trouble`` says why the card service can't be asked."""

    readers: Mapping[str, ReaderState]
    """The bound readers that are there, by the names that the configuration has for them."""
    found: tuple[str, ...] = ()
    """All readers there, for the technician."""
    trouble: str | None = None


class Watcher:
    """Start it, and stop it; ``post`` is called on the watcher's thread."""

    def __init__(self, names: Sequence[str], post: Callable[[Snapshot], None]) -> None:
        self._names = frozenset(names)
        self._post = post
        self._stop = threading.Event()
        self._told: Snapshot | None = None
        self._found: tuple[str, ...] = ()
        self._context: Context | None = None
        self._thread = threading.Thread(target=self._run, name="pcsc watcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    async def stop(self) -> None:
        """End it within milliseconds: a cancel is lost unless it meets a wait, so often."""
        self._stop.set()
        for _ in range(int(_STOP_SECONDS / _CANCEL_EVERY)):
            context = self._context
            if context is not None:
                context.cancel()
            if not self._thread.is_alive():
                return
            await asyncio.sleep(_CANCEL_EVERY)

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stop.is_set():
            try:
                self._serve()
                pause = _FIRST_PAUSE
            except Exception as error:  # supervised: whatever it was, say it and start anew
                self._tell(Snapshot({}, (), str(error)))
                self._stop.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _serve(self) -> None:
        """With one context, until it fails or we stop."""
        context = Context()
        self._context = context
        try:
            known: dict[str, ReaderState] = {}
            while not self._stop.is_set():
                known = self._look(context, known)
        finally:
            self._context = None
            context.release()

    def _look(self, context: Context, known: Mapping[str, ReaderState]) -> dict[str, ReaderState]:
        """List the readers and wait for a change; the states then."""
        found = context.readers()
        here = pcsc_names.bind(self._names, found)
        if not known or set(here.values()) != set(known) or found != self._found:
            self._found = found
            known = self._fresh(context, here, found)
        complete = len(here) == len(self._names)
        states = [*known.values(), ReaderState(PNP, 0, b"")]
        try:
            after = context.wait(states, _COMPLETE_WAIT_MS if complete else _MISSING_WAIT_MS)
        except PcscError as error:
            if error.code in (CANCELLED, UNKNOWN_READER, READER_UNAVAILABLE):
                return {}
            raise
        seen = {state.name: state for state in after if state.name != PNP and state.available}
        if seen != known:
            self._tell(Snapshot(_named(here, seen), found))
        return seen

    def _fresh(
        self, context: Context, here: Mapping[str, str], found: tuple[str, ...]
    ) -> dict[str, ReaderState]:
        """The states of readers that were not known before."""
        unaware = [ReaderState(name, 0, b"") for name in set(here.values())]
        try:
            states = context.wait(unaware, 0) if unaware else ()
        except PcscError as error:
            if error.code not in (UNKNOWN_READER, READER_UNAVAILABLE):
                raise
            states = ()
        seen = {state.name: state for state in states if state.available}
        self._tell(Snapshot(_named(here, seen), found))
        return seen

    def _tell(self, snapshot: Snapshot) -> None:
        """Post what is news."""
        if snapshot != self._told and not self._stop.is_set():
            self._told = snapshot
            self._post(snapshot)


def _named(here: Mapping[str, str], seen: Mapping[str, ReaderState]) -> dict[str, ReaderState]:
    return {name: seen[now] for name, now in here.items() if now in seen}
