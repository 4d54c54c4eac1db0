"""The clerk's keypad: key presses as events."""

from __future__ import annotations

import logging

from pos_drivers.input_device import InputDevice, Opener
from pos_drivers.input_node import open_node
from pos_terminal.ports import Key, KeyPressed, Sink
from pos_terminal.wire.input_event import InputRecord
from pos_terminal.wire.keys import KeypadDecoder

_log = logging.getLogger(__name__)


class _Keys:
    """Turns records into ``KeyPressed``. Keys are never logged: they may be a PIN."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._decoder = KeypadDecoder()

    def records(self, records: list[InputRecord]) -> None:
        before = self._decoder.overruns
        for record in records:
            name = self._decoder.feed(record)
            if name is not None:
                self._sink(KeyPressed(Key(name)))
        if self._decoder.overruns > before:
            _log.warning("keypad: the kernel threw key presses away, the loop was too slow")

    def lost(self) -> None:
        self._decoder = KeypadDecoder()


def make_keypad(
    path: str, sink: Sink, *, expected_id: str | None = None, opener: Opener = open_node
) -> InputDevice:
    """The device ``keypad`` at ``path``: a by-path link, a udev name, or a FIFO of records."""
    return InputDevice("keypad", path, sink, _Keys(sink), expected_id=expected_id, opener=opener)
