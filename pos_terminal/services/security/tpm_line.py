"""The way to a TPM: the kernel's device, or a TCP port for an emulated one (R54)."""

from __future__ import annotations

import errno
import os
import select
import socket
import time
from types import TracebackType
from typing import Final, Self

from pos_terminal.config import TCP
from pos_terminal.core.words import Failure
from pos_terminal.wire import tpm2

COMMAND_SECONDS: Final = 10.0
"""The longest that one command may take. Making the storage key is the slowest of ours."""
TRIES: Final = 5
"""How often a command goes to a chip that says that it is busy."""
PAUSE_SECONDS: Final = 0.05
"""Before the second try; it doubles."""

_NOT_THERE: Final = (errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.ECONNREFUSED)
_NO_RIGHTS: Final = (errno.EACCES, errno.EPERM)


class TpmLine:
    """One command after another, each with its answer. A context manager that hangs up."""

    __slots__ = ("_address", "_descriptor")

    def __init__(self, address: str, descriptor: int) -> None:
        self._address = address
        self._descriptor = descriptor

    @classmethod
    def open(cls, address: str) -> TpmLine:
        """``address`` is a device, or ``tcp://HOST:PORT``.

        Failure ``keys.tpm_missing``, ``keys.tpm_rights`` or ``keys.tpm_failed``.
        """
        try:
            return cls(address, _open(address))
        except OSError as error:
            raise _failure(address, error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)

    def ask(self, command: bytes) -> bytes:
        """The answer, whatever it says; a busy chip is asked again a few times.

        Failure ``keys.tpm_silent`` or ``keys.tpm_failed``; raises Tpm2Malformed.
        """
        pause = PAUSE_SECONDS
        for _ in range(TRIES - 1):
            answer = self._once(command)
            if tpm2.answer_code(answer) not in tpm2.TRY_AGAIN:
                return answer
            time.sleep(pause)
            pause *= 2
        return self._once(command)

    def _once(self, command: bytes) -> bytes:
        until = time.monotonic() + COMMAND_SECONDS
        try:
            os.write(self._descriptor, command)
            answer = self._read(tpm2.MAX_BYTES, until)
            while len(answer) < tpm2.HEADER_BYTES or len(answer) < tpm2.answer_length(answer):
                answer += self._read(tpm2.MAX_BYTES, until)
        except OSError as error:
            raise _failure(self._address, error) from None
        return answer

    def _read(self, size: int, until: float) -> bytes:
        """Some bytes. The device gives them once the chip is done; the kernel has limits of its
        own for a chip that never is."""
        ready = select.poll()
        ready.register(self._descriptor, select.POLLIN)
        if not ready.poll(max(0.0, until - time.monotonic()) * 1000):
            raise Failure(
                "keys.tpm_silent", device=self._address, seconds=round(COMMAND_SECONDS)
            ) from None
        data = os.read(self._descriptor, size)
        if not data:
            raise Failure("keys.tpm_failed", device=self._address, cause="hung up")
        return data


def _open(address: str) -> int:
    if not address.startswith(TCP):
        return os.open(address, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    host, _, port = address.removeprefix(TCP).rpartition(":")
    line = socket.create_connection((host.strip("[]"), int(port)), COMMAND_SECONDS)
    line.setblocking(False)
    return line.detach()


def _failure(address: str, error: OSError) -> Failure:
    cause = str(error.strerror or error)
    if error.errno in _NOT_THERE:
        return Failure("keys.tpm_missing", device=address, cause=cause)
    if error.errno in _NO_RIGHTS:
        return Failure("keys.tpm_rights", device=address, cause=cause)
    return Failure("keys.tpm_failed", device=address, cause=cause)
