"""A scanner on a serial cable: a pty, named by a link in the bench's folder."""

from __future__ import annotations

import os
import pty
import select
import tty
from pathlib import Path

from hw_sim.device import BenchError
from hw_sim.inputs.wiring import nobody_reads


class SerialScannerPort:
    """``DIR/serial-scanner``; what it sends is made by ``hw_sim/inputs/senders.py``."""

    name = "serial-scanner"

    def __init__(self) -> None:
        self._link = Path()
        self._master: int | None = None

    @property
    def path(self) -> str:
        return str(self._link)

    def start(self, folder: Path) -> None:
        self._link = folder.resolve() / self.name
        self.plug()

    def plug(self) -> None:
        """Another pty under the same name, as an adapter gets another number."""
        master, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(os.ttyname(slave))
        os.close(slave)  # its settings live as long as the master
        self._master = master

    def unplug(self) -> None:
        """The name goes first: who sees the hang-up must not find it again."""
        if self._master is None:
            return
        self._link.unlink(missing_ok=True)
        os.close(self._master)
        self._master = None

    def send(self, data: bytes) -> None:
        """BenchError where it is unplugged, or nobody reads."""
        if self._master is None:
            raise BenchError(f"the {self.name} is unplugged")
        ready = select.poll()
        ready.register(self._master, select.POLLOUT)
        found = ready.poll(0)
        if not found or found[0][1] & select.POLLHUP:
            raise BenchError(nobody_reads(self.name))
        if os.write(self._master, data) < len(data):
            raise BenchError("the terminal does not read what was scanned")
