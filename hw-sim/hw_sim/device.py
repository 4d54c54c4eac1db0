"""What the bench expects of every emulated device."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

Verb = Callable[[list[str]], Awaitable[object]]
"""Takes the words behind the verb; returns something that JSON can carry. Raises BenchError."""


class BenchError(Exception):
    """A verb can't be done; the text says why and is shown to the person at the shell."""


class WrongWords(BenchError):
    """The words of a verb are wrong, whatever state the bench is in: exit status 2."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a bench lives."""

    folder: Path
    """DIR of ``hw-sim up DIR``: files that people and scripts read."""
    runtime: Path
    """A short temporary folder for Unix sockets (108 bytes at most)."""


class Device(Protocol):
    """One emulated device, run inside ``hw-sim up``'s loop (it may own processes)."""

    name: str

    async def start(self, place: Place) -> None:
        """Returns when the device can be used."""

    async def stop(self) -> None: ...

    def endpoints(self) -> dict[str, object]:
        """Its part of ``bench.json``."""

    def environment(self) -> dict[str, str]:
        """Its part of ``terminal.env``."""

    def verbs(self) -> Mapping[str, Verb]:
        """By name, e.g. ``card`` or ``printer``; ``plug`` and ``unplug`` for cables."""
