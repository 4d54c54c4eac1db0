"""Which devices are up, and what to do about the others (R60)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from pos_terminal.core.words import Words, say
from pos_terminal.ports import DeviceState, InputEvent
from pos_terminal.texts import Language, render, technician

log = logging.getLogger(__name__)


class DeviceBoard:
    """Fed with every event; keeps the newest state of each device."""

    def __init__(self) -> None:
        self._states: dict[str, DeviceState] = {}
        self._warnings: tuple[Words, ...] = ()

    def notice(self, event: InputEvent) -> None:
        """Keep a device's new state, and tell the log of every change."""
        if not isinstance(event, DeviceState):
            return
        before = self._states.get(event.device)
        self._states[event.device] = event
        if before == event:
            return
        self._warnings = self._marks()
        if event.up:
            log.info("device %s is up", event.device)
        else:
            cause = "" if event.words is None else technician(event.words)
            log.warning("device %s is down: %s", event.device, cause)

    @property
    def states(self) -> Sequence[DeviceState]:
        """Of each device that has reported, by name."""
        return [state for _, state in sorted(self._states.items())]

    def warnings(self) -> tuple[Words, ...]:
        """A short mark for the title row, where a device is down; asked for at every frame."""
        return self._warnings

    def _marks(self) -> tuple[Words, ...]:
        down = [state.device for state in self.states if not state.up]
        marks = [say(f"devices.{name.replace('.', '_')}") for name in down[:1]]
        return (*marks, say("devices.more", count=len(down) - 1)) if down[1:] else tuple(marks)

    def described(self, language: Language) -> Mapping[str, dict[str, Any]]:
        """For the control socket: state, cause and next step by device."""
        return {
            state.device: {
                "up": state.up,
                "text": render(_words(state), language),
                "tech": technician(_words(state)),
            }
            for state in self.states
        }


def _words(state: DeviceState) -> Words:
    """Its own, or that it is ready or not."""
    return state.words or say("check.up" if state.up else "check.down")
