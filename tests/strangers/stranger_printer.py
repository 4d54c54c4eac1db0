"""A network printer that somebody else made: knows a handful of ESC/POS commands, no more."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# after ESC, FS or GS: how many parameter bytes follow
PARAMETERS = {
    0x1B: {0x40: 0, 0x32: 0, 0x70: 3, 0x33: 1},
    0x1C: {0x26: 0, 0x2E: 0, 0x53: 2},
    0x1D: {0x50: 2, 0x4C: 2, 0x57: 2},
}
NEED_MORE = -1


@dataclass(frozen=True)
class Model:
    """What one can tell; three foreign ones have less than the first."""

    knows_end: bool = True
    """GS ( H function 48."""
    tells_changes: bool = True
    """GS a: four bytes by itself."""
    real_time: bool = True
    """DLE EOT."""
    answers_sensors: bool = True
    """GS r."""
    late: float = 0.0
    """Seconds by which it tells a change late."""


MODELS = {
    "no end": Model(knows_end=False),
    "only DLE EOT": Model(knows_end=False, tells_changes=False),
    "only DLE EOT, no GS r": Model(knows_end=False, tells_changes=False, answers_sensors=False),
    "late": Model(knows_end=False, late=1.3),
    "late, no DLE EOT": Model(knows_end=False, late=1.3, real_time=False),
}
"""None of them says when a slip is on paper."""


class Printer:
    """Listens for one host at a time. A context manager.

    ``model``: what it can tell, which may be changed while nobody is connected. ``mute``: takes
    bytes, says nothing at all. ``stop_after``: so many printed characters from now its paper is at
    an end. ``claims_offline``: says so and prints all the same.
    """

    def __init__(self, model: Model | None = None) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = f"tcp://127.0.0.1:{self._server.getsockname()[1]}"
        self.model = model or Model()
        self.mute = False
        self._claims_offline = False
        self.stop_after: int | None = None
        self.printed = bytearray()
        """Characters in printing order, without the commands between."""
        self.received = bytearray()
        self.cuts = 0
        self.kicks = 0
        self.marks: list[bytes] = []
        """Of GS ( H, in order."""
        self.hosts = 0
        self._paper = True
        self._cover = False
        self._asb = False
        self._buffer = bytearray()
        self._line: socket.socket | None = None
        self._changed = threading.Condition()
        self._closing = False
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Printer:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.hang_up()

    # --- what people do to it -----------------------------------------------------------------

    def paper(self, there: bool) -> None:
        with self._changed:
            self._paper = there
            self._report()
            self._work()

    def cover(self, is_open: bool) -> None:
        with self._changed:
            self._cover = is_open
            self._report()
            self._work()

    def claims_offline(self, it_does: bool) -> None:
        with self._changed:
            self._claims_offline = it_does
            self._report()

    def hang_up(self) -> None:
        """Its network cable is pulled: whatever was not printed is lost."""
        with contextlib.suppress(OSError):
            if self._line is not None:
                self._line.shutdown(socket.SHUT_RDWR)

    def wait(self, good: Callable[[], Any], seconds: float = 20.0) -> None:
        with self._changed:
            assert self._changed.wait_for(good, seconds), bytes(self.printed)

    @property
    def text(self) -> str:
        return self.printed.decode("gb18030", "replace")

    def tear_off(self) -> None:
        """Nothing printed yet, for the next test."""
        with self._changed:
            self.printed.clear()
            self.received.clear()
            self.marks.clear()
            self.cuts = self.kicks = 0

    # --- the line -----------------------------------------------------------------------------

    def _accept(self) -> None:
        while not self._closing:
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            with self._changed:
                self._line, self._asb = line, False
                self._buffer.clear()
                self.hosts += 1
                self._changed.notify_all()
            with contextlib.suppress(OSError), line:
                while data := line.recv(4096):
                    with self._changed:
                        self._take(data)
                        self._changed.notify_all()

    def _take(self, data: bytes) -> None:
        self.received += data
        at = 0
        while at < len(data):
            if data[at : at + 2] == b"\x10\x04" and at + 2 < len(data):
                self._say(self._realtime(data[at + 2]))
                at += 3
                continue
            self._buffer.append(data[at])
            at += 1
        self._work()

    def _say(self, data: bytes) -> None:
        if self._line is not None and not self.mute:
            with contextlib.suppress(OSError):
                self._line.sendall(data)

    @property
    def _stopped(self) -> bool:
        return self._cover or not self._paper

    @property
    def _says_stopped(self) -> bool:
        return self._stopped or self._claims_offline

    def _realtime(self, which: int) -> bytes:
        if not self.model.real_time:
            return b""
        bits = {
            1: 0x08 if self._says_stopped else 0,
            2: (0x04 if self._cover else 0) | (0 if self._paper else 0x20),
            4: 0 if self._paper else 0x60,
        }
        return bytes([0x12 | bits.get(which, 0)])

    def _report(self) -> None:
        if not self._asb:
            return
        first = 0x10 | (0x08 if self._says_stopped else 0) | (0x20 if self._cover else 0)
        told = bytes([first, 0, 0 if self._paper else 0x0C, 0])
        if self.model.late:
            threading.Timer(self.model.late, self._say, [told]).start()
        else:
            self._say(told)

    # --- commands in the order of the data ----------------------------------------------------

    def _work(self) -> None:
        while self._buffer and not self._stopped:
            used = self._command()
            if used == NEED_MORE:
                return
            del self._buffer[:used]

    def _command(self) -> int:
        one = self._buffer[0]
        if one not in PARAMETERS:
            self._print(one)
            return 1
        if len(self._buffer) < 2:
            return NEED_MORE
        size = self._size(one, self._buffer[1])
        if size > len(self._buffer) or size == NEED_MORE:
            return NEED_MORE
        self._obey(bytes(self._buffer[:size]))
        return size

    def _size(self, one: int, two: int) -> int:
        held = self._buffer
        if one == 0x1D and two in b"(kVv":
            needed = {0x28: 5, 0x6B: 4, 0x56: 3, 0x76: 8}[two]
            if len(held) < needed:
                return NEED_MORE
            match two:
                case 0x28:
                    return 5 + held[3] + 256 * held[4]
                case 0x6B:
                    return 4 + held[3] if held[2] >= 65 else held.index(0, 3) + 1
                case 0x56:
                    return 4 if held[2] >= 65 else 3
            return 8 + (held[4] + 256 * held[5]) * (held[6] + 256 * held[7])
        return 2 + PARAMETERS[one].get(two, 1)

    def _obey(self, command: bytes) -> None:
        match command[:2]:
            case b"\x1b@":
                self._asb = False
            case b"\x1da":
                self._asb = command[2] != 0 and self.model.tells_changes
                self._report()
            case b"\x1dr" if self.model.answers_sensors:
                self._say(b"\x00" if self._paper else b"\x0c")
            case b"\x1dV":
                self.cuts += 1
            case b"\x1bp":
                self.kicks += 1
            case b"\x1d(" if command[2] == 0x48 and self.model.knows_end:
                self.marks.append(command[7:11])
                self._say(b"\x37\x22" + command[7:11] + b"\x00")

    def _print(self, one: int) -> None:
        self.printed.append(one)
        if self.stop_after is None:
            return
        self.stop_after -= 1
        if self.stop_after <= 0:
            self.stop_after, self._paper = None, False
            self._report()
