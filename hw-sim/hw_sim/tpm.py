"""A TPM 2.0 behind a TCP port: swtpm (libtpms) does the work, faults are put in between.

What passes is the chip's own protocol, as on ``/dev/tpmrm0``. Each ``EmulatedTpm`` on the same
state folder is the same chip after a power cycle; a new folder is another chip.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from itertools import chain
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Final, Self

from pos_terminal.wire import tpm2

PROGRAM: Final = "swtpm"
STOP_SECONDS: Final = 5.0

Meddle = Callable[[bytes], bytes | None]
"""Gets each command; its answer goes in place of the chip's, ``None`` lets the chip answer, and
``b""`` hangs up."""


def available() -> bool:
    """Whether swtpm is installed."""
    return shutil.which(PROGRAM) is not None


class EmulatedTpm:
    """A context manager; ``address`` is what goes into ``[security] tpm``."""

    def __init__(self, state: Path) -> None:
        state.mkdir(exist_ok=True)
        self._state = state
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        self.meddle: Meddle = lambda _: None
        self.passed: list[bytes] = []
        """Every command and every answer, in order."""

    def __enter__(self) -> Self:
        self._chip, theirs = socket.socketpair()
        options = {
            "--tpmstate": f"dir={self._state}",
            "--server": f"type=tcp,fd={theirs.fileno()}",
            "--flags": "not-need-init,startup-clear",
        }
        self._process = subprocess.Popen(
            [PROGRAM, "socket", "--tpm2", *chain.from_iterable(options.items())],
            pass_fds=[theirs.fileno()],
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._process.terminate()
        self._process.wait(STOP_SECONDS)
        self._chip.close()
        self._thread.join(STOP_SECONDS)

    def transmit(self, command: bytes) -> bytes:
        """A command straight to the chip, while nobody is connected."""
        self._chip.sendall(command)
        return receive(self._chip)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                with caller, suppress(EOFError):
                    self._answer(caller)

    def _answer(self, caller: socket.socket) -> None:
        while command := receive(caller):
            answer = self.meddle(command)
            if answer is None:
                answer = self.transmit(command)
            self.passed += [command, answer]
            if not answer:
                return
            caller.sendall(answer)


def receive(line: socket.socket) -> bytes:
    """One whole command or answer: both say in their header how long they are."""
    data = b""
    wanted = tpm2.HEADER_BYTES
    while len(data) < wanted:
        piece = line.recv(wanted - len(data))
        if not piece:
            raise EOFError
        data += piece
        if len(data) == tpm2.HEADER_BYTES:
            wanted = tpm2.answer_length(data)
    return data
