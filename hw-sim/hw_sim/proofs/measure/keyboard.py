"""A key pressed into a process, and the wait for what it writes to its screen."""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from hw_sim.device import BenchError
from hw_sim.inputs.packets import Packet, encode, press
from hw_sim.inputs.senders import scan

ANSWER_SECONDS = 10.0
OPEN_SECONDS = 20.0
_RETRY_SECONDS = 0.01


class Keyboard:
    """A process whose screen is a pipe and whose keypad is a FIFO. A context manager."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        keypad: Path,
        scanner: Path | None = None,
        environment: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        self._screen, screen = os.pipe()
        os.set_blocking(self._screen, False)
        with (log or Path(os.devnull)).open("ab") as errors:
            self.process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=errors,
                start_new_session=True,
            )
        os.close(screen)
        self._paths = {"keypad": keypad, "scanner": scanner or keypad}
        self._fds: dict[str, int] = {}
        self.said = b""
        """What the last key or scan was answered by, as far as it was there at once."""

    def __enter__(self) -> Keyboard:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for fd in self._fds.values():
            os.close(fd)
        self.stop()
        os.close(self._screen)

    def stop(self) -> None:
        """SIGTERM, and what it still writes is read."""
        if self.process.poll() is None:
            self.process.terminate()
            end = time.monotonic() + ANSWER_SECONDS
            while self.process.poll() is None and time.monotonic() < end:
                self.painted()
                time.sleep(_RETRY_SECONDS)
            self.process.kill()
        self.process.wait()

    def painted(self) -> bytes:
        """What was written to the screen since the last look."""
        found = bytearray()
        while True:
            try:
                data = os.read(self._screen, 65536)
            except BlockingIOError:
                return bytes(found)
            if not data:
                return bytes(found)
            found += data

    def come_to_rest(self) -> None:
        """Wait for the next bytes of the screen and drop them."""
        select.select([self._screen], [], [], ANSWER_SECONDS)
        self.painted()

    def press(self, key: str) -> tuple[float, int]:
        """From a key to the first bytes of the screen it made: seconds, and how many bytes."""
        down, up = press(key)
        answer = self._send("keypad", [down])
        self._write("keypad", [up])
        return answer

    def scan(self, text: str) -> tuple[float, int]:
        """As ``press``, from the scanner's last key on."""
        *code, enter_down, enter_up = scan(text)
        self._write("scanner", code)
        answer = self._send("scanner", [enter_down])
        self._write("scanner", [enter_up])
        return answer

    def _send(self, device: str, packets: Sequence[Packet]) -> tuple[float, int]:
        data, fd = encode(packets), self._fd(device)
        self.painted()
        started = time.perf_counter()
        os.write(fd, data)
        if not select.select([self._screen], [], [], ANSWER_SECONDS)[0]:
            raise BenchError(f"no new screen within {ANSWER_SECONDS:g} s of a key")
        self.said = os.read(self._screen, 65536)
        return time.perf_counter() - started, len(self.said)

    def _write(self, device: str, packets: Sequence[Packet]) -> None:
        os.write(self._fd(device), encode(packets))

    def _fd(self, device: str) -> int:
        """Opened once the process has opened the other end."""
        end = time.monotonic() + OPEN_SECONDS
        while device not in self._fds:
            try:
                self._fds[device] = os.open(self._paths[device], os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(_RETRY_SECONDS)
        return self._fds[device]
