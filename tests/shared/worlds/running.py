"""The command that is the service, in this process, looked at by its control socket."""

from __future__ import annotations

import os
import signal
import socket as sockets
import threading
from pathlib import Path

from hw_sim.bench.running import until

from pos_terminal.cli.ask_terminal import ask_terminal
from pos_terminal.cli.main import run_command

PATIENCE = 30.0


def run_until_stopped(file: Path) -> tuple[int, str]:
    """Until its screen says why it does not trade, then SIGTERM: the exit status, and the screen
    in one line. The configuration's socket is ``control.sock`` beside it; who runs the tests may
    look at the screen."""
    with file.open("a", encoding="utf-8") as more:
        more.write(f'\n[control.classes]\nbench = ["{os.geteuid()}"]\n')
    socket = file.parent / "control.sock"
    rows: list[str] = []

    def look() -> None:
        try:
            until(lambda: _listens(socket), bool, PATIENCE, "control socket")
            request = {"verb": "wait", "prompt": "stopped", "timeout": PATIENCE}
            ask_terminal(socket, request, PATIENCE)
            rows.extend(ask_terminal(socket, {"verb": "screen"}, PATIENCE)["rows"])
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    watching = threading.Thread(target=look)
    watching.start()
    status = run_command(["run", "--config", str(file)])
    watching.join()
    return status, " ".join(row.strip() for row in rows)


def _listens(path: Path) -> bool:
    """A socket is there a moment before anybody can connect."""
    with sockets.socket(sockets.AF_UNIX) as line:
        return line.connect_ex(str(path)) == 0
