"""A scanner that types like a keyboard."""

from __future__ import annotations

from pos_drivers.input_device import InputDevice, Opener
from pos_drivers.input_node import open_node
from pos_drivers.scanner_silence import SilenceTimer, post
from pos_terminal.ports import Sink
from pos_terminal.wire.input_event import InputRecord
from pos_terminal.wire.key_scan import KeyScan, stirs


class _Scans:
    """Turns records into ``Scanned`` and ``ScanDropped``."""

    def __init__(self, scan: KeyScan, sink: Sink) -> None:
        self._sink = sink
        self._scan = scan
        self._timer = SilenceTimer(self._scan, sink)

    def records(self, records: list[InputRecord]) -> None:
        for record in records:
            post(self._sink, self._scan.feed(record))
        if any(map(stirs, records)):
            self._timer.restart()

    def lost(self) -> None:
        self._timer.stop()
        post(self._sink, self._scan.lost())


def make_key_scanner(
    path: str,
    sink: Sink,
    *,
    scan: KeyScan | None = None,
    expected_id: str | None = None,
    opener: Opener = open_node,
) -> InputDevice:
    """The device ``scanner`` at ``path``, as for ``make_keypad``; ``scan`` knows how it types."""
    scans = _Scans(scan or KeyScan(), sink)
    return InputDevice("scanner", path, sink, scans, expected_id=expected_id, opener=opener)
