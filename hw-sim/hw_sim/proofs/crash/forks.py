"""Lives of the terminal, and acquirers, that begin as forks of one process, which has imported
them once.

Importing is most of what a start costs. So what a fork could hide (a module that is missing, or
that keeps something from its import) is for lives that are started as a shop starts them.
``python -m hw_sim.proofs.crash.forks FD`` takes orders at the socket FD: a JSON object, and with it
the ends of the life's socket and of its three standard streams. The life's socket says its pid,
then how it ended, as ``subprocess`` counts that.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from hw_sim.device import BenchError

_MESSAGE: Final = 65536
_PATIENCE: Final = 120.0
"""Seconds."""
_ALSO: Final = ("argon2", "cryptography.hazmat.primitives.ciphers.aead", "serial")
"""What each life imports when it is at home, beside what ``later.PIECES`` bring."""
_MAINS: Final = {
    "hw_sim.proofs.crash.run": "hw_sim.proofs.crash.run",
    "pos_terminal": "pos_terminal.__main__",
    "hw_sim.acquirer": "hw_sim.acquirer.__main__",
}
"""By what stands behind ``-m``: the module whose ``main`` is run."""


class Forks:
    """The process that forks. A context manager."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._server = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *_: object) -> None:
        self._orders.close()
        self._server.wait(_PATIENCE)

    def start(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        stdin: int,
        stdout: int,
        stderr: int | IO[bytes],
        **_: Any,
    ) -> Fork:
        """As ``subprocess.Popen`` would start ``python … -m MODULE WORDS``, in a process group of
        its own. ``stdin`` is a descriptor, or DEVNULL."""
        module, *words = command[command.index("-m") + 1 :]
        order = json.dumps({"module": module, "words": words, "environment": dict(env)}).encode()
        error = stderr if isinstance(stderr, int) else stderr.fileno()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, Path(os.devnull).open("rb") as nothing:
            streams = [nothing.fileno() if stdin == subprocess.DEVNULL else stdin, stdout, error]
            socket.send_fds(self._orders, [order], [theirs.fileno(), *streams])
        return Fork(ours)


class Fork:
    """One life, as ``bench.running`` knows processes."""

    stdout = None

    def __init__(self, life: socket.socket) -> None:
        self._life = life
        self._status: int | None = None
        self.pid = self._said(_PATIENCE)

    def poll(self) -> int | None:
        if self._status is None and select.select([self._life], [], [], 0)[0]:
            self._status = self._said(0)
            self._life.close()
        return self._status

    def wait(self, timeout: float | None = None) -> int:
        if self._status is None and not select.select([self._life], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("a fork", timeout or 0)
        status = self.poll()
        assert status is not None  # it was there to be read
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _said(self, seconds: float) -> int:
        if not select.select([self._life], [], [], seconds)[0]:
            raise BenchError(f"no fork within {seconds:g} s")
        said = self._life.recv(_MESSAGE)
        if not said:
            raise BenchError("the process that forks terminals has ended")
        return int(said)


def _serve(orders: socket.socket) -> dict[str, Any] | None:
    """Returns in each life, with its order; None in the server, when nobody orders any more."""
    lives: dict[int, tuple[int, socket.socket]] = {}  # by a pidfd, which says when it has ended
    while True:
        ready = select.select([orders.fileno(), *lives], [], [])[0]
        for ended in [each for each in lives if each in ready]:
            pid, life = lives.pop(ended)
            os.close(ended)
            _say(life, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            life.close()
        if orders.fileno() not in ready:
            continue
        order, ends, _, _ = socket.recv_fds(orders, _MESSAGE, 4)
        if not order:
            return None
        life = socket.socket(fileno=ends[0])
        assert threading.active_count() == 1  # a fork has no other thread, and its locks stay
        pid = os.fork()
        if pid == 0:
            _become(*ends[1:])
            for one in (life, orders, *(one for _, one in lives.values())):
                one.close()
            for each in lives:
                os.close(each)
            return dict(json.loads(order))
        for end in ends[1:]:
            os.close(end)
        _say(life, pid)
        lives[os.pidfd_open(pid)] = pid, life


def _say(life: socket.socket, number: int) -> None:
    try:
        life.send(str(number).encode())
    except OSError:  # its test has gone
        return


def _become(*streams: int) -> None:
    """A process group and standard streams of its own, as after an exec."""
    os.setpgid(0, 0)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb", closefd=False), line_buffering=True)
    sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb", closefd=False), line_buffering=True)


def main() -> int:
    from pos_terminal.later import PIECES

    for name in (*_MAINS.values(), *PIECES, *_ALSO):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    order = _serve(socket.socket(fileno=int(sys.argv[1])))
    if order is None:
        return 0
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    sys.argv[1:] = order["words"]
    return int(importlib.import_module(_MAINS[order["module"]]).main())


if __name__ == "__main__":
    sys.exit(main())
