"""From the start of the process to ready for trade, and the memory it has then."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hw_sim.bench.at_terminal import terminal_environment
from hw_sim.device import BenchError
from hw_sim.proofs.measure.figures import Check, Row, against, p50
from hw_sim.proofs.measure.stand import Stand

START_GOAL: Final = 1.6
MEMORY_GOAL: Final = 1.3
STARTS: Final = 12
READY_SECONDS: Final = 60.0
OURS: Final = ("pos_terminal", "pos_drivers", "__editable__", "hw_sim")
_READY: Final = (b"READY=1", b"READY=1\nSTATUS=ready")
"""Of the floor, and of a terminal that trades; one that is out of service says why."""

_IMPORT: Final = """
import importlib
for name in {names!r}:
    try:
        importlib.import_module(name)
    except ImportError:
        pass
import os, signal, socket
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
    notify.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
signal.pause()
"""


def measure(stand: Stand) -> list[Row]:
    """A row for the time, and one for the memory."""
    config = str(stand.stage.files.config)
    run = ["-P", "-m", "pos_terminal", "run", "--config", config]
    names = libraries(stand, run)
    floor = ["-P", "-c", _IMPORT.format(names=names)]
    _start(stand, run)  # writes the bytecode, as an installation does
    _start(stand, floor)
    ours, theirs = [], []
    for _ in range(STARTS):
        ours.append(_start(stand, run))
        theirs.append(_start(stand, floor))
    mine, least = [seconds for seconds, _ in ours], [seconds for seconds, _ in theirs]
    what = f"importing the same {len(names)} modules of libraries"
    note = f"{STARTS} starts; keys, ring, people and ledger opened, the newest entries verified"
    memory = Check(
        "resident", p50([used for _, used in ours]), MEMORY_GOAL, "MiB", p50([u for _, u in theirs])
    )
    return [
        Row(
            f"process start → ready, {stand.sales} sales",
            what,
            against(mine, least, p50_limit=START_GOAL),
            note,
        ),
        Row("memory when ready for trade", f"a process {what}", (memory,)),
    ]


def libraries(stand: Stand, run: Sequence[str]) -> list[str]:
    """Every module that the terminal has loaded when it is ready and that is not ours."""
    log = stand.folder / "imports.log"
    _start(stand, ["-X", "importtime", *run], log)
    found = re.findall(r"^import time:\s+\d+ \|\s+\d+ \|\s+(\S+)$", log.read_text(), re.MULTILINE)
    if not found:
        raise BenchError("the terminal's imports were not traced")
    return [name for name in found if not name.startswith(OURS)]


def _start(stand: Stand, words: Sequence[str], log: Path | None = None) -> tuple[float, float]:
    """Seconds to ready, MiB resident then."""
    with notified(stand) as (notify, environment), (log or Path(os.devnull)).open("wb") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        try:
            said = notify.recv(4096)
            seconds = time.perf_counter() - started
            if said not in _READY:
                raise BenchError(f"not ready: {said.decode(errors='replace')}")
            return seconds, resident(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


@contextmanager
def notified(stand: Stand) -> Iterator[tuple[socket.socket, dict[str, str]]]:
    """A socket for sd_notify(3), and the environment that names it."""
    path = stand.stage.runtime / "notify.sock"
    environment = terminal_environment(stand.stage.files) | {"NOTIFY_SOCKET": str(path)}
    # an installed terminal has its bytecode; so has ours, whatever this shell says
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(path))
        notify.settimeout(READY_SECONDS)
        try:
            yield notify, environment
        finally:
            path.unlink()


def resident(pid: int) -> float:
    """MiB of memory that a process has now, shared libraries included."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    if found is None:
        raise BenchError(f"process {pid} has ended")
    return int(found[1]) / 1024
