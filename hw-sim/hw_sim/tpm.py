"""A TPM 2.0 behind a TCP port: swtpm (libtpms) does the work, faults are put in between.

What passes is the chip's own protocol, as on ``/dev/tpmrm0``. Each ``EmulatedTpm`` on the same
state folder is the same chip after a power cycle; a new folder is another chip.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from itertools import chain
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Final, Self

from hw_sim.device import BenchError, Place, Verb
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
    """A context manager; ``address`` is what goes into ``[security] tpm``, the same throughout."""

    def __init__(self, state: Path) -> None:
        state.mkdir(exist_ok=True)
        self._state = state
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = int(self._listener.getsockname()[1])
        self._thread: Thread | None = None
        self.address = f"tcp://127.0.0.1:{self._port}"
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
        self.plug()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.unplug()
        self._process.terminate()
        self._process.wait(STOP_SECONDS)
        self._chip.close()

    def unplug(self) -> None:
        """Nobody reaches it any more; it stays powered, and keeps what it has."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        thread.join(STOP_SECONDS)

    def plug(self) -> None:
        """Back where it was."""
        if self._thread is not None:
            return
        if self._listener.fileno() < 0:
            self._listener = socket.create_server(("127.0.0.1", self._port))
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

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


class TpmDevice:
    """The chip of a bench's terminal."""

    name = "tpm"

    def __init__(self) -> None:
        self._chip: EmulatedTpm | None = None
        self._stopping = ExitStack()

    async def start(self, place: Place) -> None:
        if not available():
            raise BenchError(f"{PROGRAM} is not installed")
        self._chip = self._stopping.enter_context(EmulatedTpm(place.runtime / self.name))

    async def stop(self) -> None:
        self._stopping.close()

    def endpoints(self) -> dict[str, object]:
        return {"tpm": self._there.address}

    def environment(self) -> dict[str, str]:
        return {}

    def verbs(self) -> Mapping[str, Verb]:
        return {"plug": self._plug, "unplug": self._unplug}

    @property
    def _there(self) -> EmulatedTpm:
        if self._chip is None:
            raise BenchError("the TPM is not up")
        return self._chip

    async def _plug(self, words: list[str]) -> object:
        self._there.plug()
        return {"tpm": "plugged"}

    async def _unplug(self, words: list[str]) -> object:
        self._there.unplug()
        return {"tpm": "unplugged"}


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
