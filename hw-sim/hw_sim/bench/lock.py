"""One bench in a folder at a time; what a killed one left behind is cleared away."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

from hw_sim.bench.files import Files, write_json
from hw_sim.bench.processes import Process, alive, descendants
from hw_sim.device import BenchError


@contextlib.contextmanager
def claimed(files: Files) -> Iterator[None]:
    """Hold the folder. BenchError where another bench is up in it."""
    descriptor = os.open(files.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            raise BenchError(
                f"a bench is already up in {files.folder} (process {holder or 'unknown'}): "
                "stop it first, or take another folder"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def remember_processes(files: Files, runtime: Path) -> None:
    """Note what would be left behind if this bench were killed outright."""
    processes = [[one.pid, one.started] for one in descendants(os.getpid())]
    write_json(files.leftovers, {"runtime": str(runtime), "processes": processes})


def clear_leftovers(files: Files) -> None:
    """End the processes of a killed bench and remove its sockets. Only those: a process number
    that was given to somebody else since has another start time."""
    try:
        noted = json.loads(files.leftovers.read_text("utf-8"))
        processes = [Process(int(pid), int(started)) for pid, started in noted["processes"]]
        runtime = Path(noted["runtime"])
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError):
        files.leftovers.unlink(missing_ok=True)
        return
    for process in processes:
        if alive(process):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process.pid, signal.SIGKILL)
    if runtime.name.startswith(RUNTIME_PREFIX):
        shutil.rmtree(runtime, ignore_errors=True)
    files.leftovers.unlink(missing_ok=True)


RUNTIME_PREFIX = "hwsim-"
