"""Keyboards that nobody bound: ignored, and reported (R57).

A device that types on its own is a known attack on terminals. Nothing reads it here; the report
asks for its removal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from pos_drivers.input_hotplug import FolderWatch
from pos_drivers.input_identity import Identity
from pos_terminal.core.words import Words, say
from pos_terminal.ports import DeviceState, Sink

INPUT_FOLDER: Final = Path("/dev/input")
SETTLE_SECONDS: Final = 1.0
"""udev makes links and permissions after the node: until then our own keypad looks unknown."""

Identify = Callable[[str], Identity]


class UnknownKeyboards:
    """The device ``keyboards``: down while there is a keyboard that no option binds."""

    name = "keyboards"

    def __init__(
        self,
        bound: Sequence[str],
        sink: Sink,
        *,
        folder: Path = INPUT_FOLDER,
        identify: Identify | None = None,
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        self._bound = bound
        self._sink = sink
        self._folder = folder
        self._identify = identify or _identify
        self._settle = settle_seconds

    async def run(self) -> None:
        changed = asyncio.Event()
        watch = FolderWatch([str(self._folder.parent), str(self._folder)], changed.set)
        told: DeviceState | None = None
        try:
            while True:
                changed.clear()
                watch.renew()
                state = self._state()
                if state != told and (told is not None or not state.up):
                    self._sink(state)
                told = state
                await changed.wait()
                await asyncio.sleep(self._settle)
        finally:
            watch.close()

    async def check(self) -> DeviceState:
        return self._state()

    def _state(self) -> DeviceState:
        unknown = self._unknown()
        words = _words(unknown) if unknown else say("input.no_unknown_keyboard")
        return DeviceState(self.name, not unknown, words)

    def _unknown(self) -> list[Identity]:
        bound = {Path(path).resolve() for path in self._bound}
        identities = [
            (path.resolve() in bound, identity)
            for path in sorted(self._folder.glob("event*"))
            if (identity := self._identity(str(path))) is not None
        ]
        ours = {_plug(identity) for is_bound, identity in identities if is_bound} - {""}
        return [
            identity
            for is_bound, identity in identities
            if identity.is_keyboard and not is_bound and _plug(identity) not in ours
        ]

    def _identity(self, path: str) -> Identity | None:
        try:
            return self._identify(path)
        except OSError:  # gone again, or not ours to open
            return None


def _words(unknown: list[Identity]) -> Words:
    first = unknown[0]
    return say(
        "input.unknown_keyboard",
        path=first.path,
        name=first.name,
        id=first.id or "-",
        more=len(unknown) - 1,
    )


def _plug(identity: Identity) -> str:
    """The device that an interface belongs to: a scanner may show two keyboards."""
    return identity.phys.rpartition("/")[0]


def _identify(path: str) -> Identity:
    from pos_drivers.evdev_node import EvdevNode

    node = EvdevNode(path)
    node.close()
    return node.identity
