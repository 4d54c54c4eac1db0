"""What is broken, why, and what to do: one source for the clerk's page, ``state`` and ``check``
(R82)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pos_terminal.core.line_state import LineState
from pos_terminal.core.words import Words, say
from pos_terminal.ports import Authoriser, TrustedClock
from pos_terminal.ports.condition import Condition
from pos_terminal.services.process.device_board import DeviceBoard
from pos_terminal.texts import Language, next_step, render, technician
from pos_terminal.texts.domain import of_the_line

_FOR_SUPPORT: Final = frozenset({"clock", "trade"})
"""What nobody at the counter mends."""


class ConditionBoard:
    """The devices that report, and what is no device."""

    def __init__(self, devices: DeviceBoard, authoriser: Authoriser, clock: TrustedClock) -> None:
        self.devices = devices
        self._authoriser = authoriser
        self._clock = clock

    def now(self) -> Sequence[Condition]:
        """Fulfils ``ports.condition.Conditions``."""
        found = [_condition(one.device, one.up, one.words) for one in self.devices.states]
        found += [self._line(), self._time(), self._trade()]
        return sorted(found, key=lambda one: (one.up, one.well))

    def _line(self) -> Condition:
        trouble, line = self._authoriser.trouble, self._authoriser.line
        if trouble is not None:
            return _condition("line", False, of_the_line(trouble))
        known = line is LineState.UP and self._authoriser.ready
        return _condition("line", line is LineState.UP, None if known else _UNTRIED)

    def _time(self) -> Condition:
        doubt = self._clock.doubt
        return _condition("clock", doubt is None, doubt)

    def _trade(self) -> Condition:
        stopped = self._authoriser.stopped
        return _condition("trade", stopped is None, stopped)


_UNTRIED: Final = say("host.not_signed_on")


def _condition(name: str, up: bool, words: Words | None) -> Condition:
    todo = None if words is None else next_step(words)
    if todo is None and not up and name in _FOR_SUPPORT:
        todo = say("devices.call_support")
    return Condition(name, up, words, todo)


def described(found: Sequence[Condition], language: Language) -> list[Mapping[str, Any]]:
    """For tools."""

    def text(words: Words | None) -> str:
        return "" if words is None else render(words, language)

    return [
        {
            "name": one.name,
            "up": one.up,
            "text": text(one.words),
            "next": text(one.todo),
            "tech": "" if one.words is None else technician(one.words),
        }
        for one in found
    ]
