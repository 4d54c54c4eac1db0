"""A bench and a terminal as processes, worked by a script: for the demo and for tests."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

from hw_sim.bench.at_bench import bench_verb
from hw_sim.bench.at_terminal import (
    screen_of,
    screens_of,
    state_of,
    terminal_command,
    terminal_environment,
    wait_for,
)
from hw_sim.bench.files import Files
from hw_sim.device import BenchError
from pos_terminal.config import load
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.ledger.read_only import read_ledger
from pos_terminal.texts import technician

T = TypeVar("T")

UP_SECONDS = 60.0
STOP_SECONDS = 15.0
_LOOK_SECONDS = 0.02
PATIENCE = 120.0
"""Seconds that anything may take: a bound, never a delay. An emulated or small machine is slow."""
"""Between looks at something that has no event to wait for."""


class RunningBench:
    """``hw-sim up`` as a process of its own. A context manager."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self.files = Files(folder)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "up.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "hw_sim", "up", str(folder), *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C at the demo is the demo's to handle
            )

    def __enter__(self) -> RunningBench:
        try:
            self._wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> int:
        """SIGTERM, and the exit status; SIGKILL where that does not end it."""
        return _stop(self._process)

    def kill(self) -> None:
        """As a power cut would."""
        self._process.kill()
        self._process.wait()

    def _wait_ready(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None  # made with PIPE
        if not select.select([pipe], [], [], UP_SECONDS)[0]:
            raise BenchError(f"hw-sim up was not ready within {UP_SECONDS:g} s")
        if pipe.readline() != b"ready\n":
            raise BenchError((self.folder / "up.log").read_text("utf-8", "replace").strip())


class Process(Protocol):
    """What is asked of ``subprocess.Popen`` here."""

    @property
    def pid(self) -> int: ...
    @property
    def stdout(self) -> IO[bytes] | None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...
    def kill(self) -> None: ...


Start = Callable[..., Process]
"""As ``subprocess.Popen`` is called."""


class RunningTerminal:
    """``pos-terminal run`` on a bench, on a pseudo-terminal of its own. A context manager."""

    def __init__(
        self,
        files: Files,
        command: Sequence[str] | None = None,
        start: Start = subprocess.Popen[bytes],
    ) -> None:
        master, slave = pty.openpty()
        environment = terminal_environment(files) | {"TERM": "linux"}
        with (files.folder / "terminal.log").open("ab") as log:
            self._process = start(
                command or terminal_command([], files),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=slave,
                stderr=log,
                # no session of its own: an emulated keypad is a pty, which would become that
                # session's terminal, and hang it up when it is pulled
                process_group=0,
            )
        os.close(slave)
        self._painted = bytearray()
        self._reader = threading.Thread(target=self._drain, args=(master,), daemon=True)
        self._reader.start()

    def __enter__(self) -> RunningTerminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def painted(self) -> bytes:
        """All that the terminal wrote to its screen."""
        return bytes(self._painted)

    @property
    def status(self) -> int | None:
        """Exit status; None while it runs."""
        return self._process.poll()

    def stop(self) -> int:
        status = _stop(self._process)
        self._reader.join(STOP_SECONDS)
        return status

    def kill(self) -> None:
        """kill -9: a crash at this very moment."""
        self._process.kill()
        self._process.wait()
        self._reader.join(STOP_SECONDS)

    def _drain(self, master: int) -> None:
        with contextlib.suppress(OSError):  # EIO: the other end is closed
            while data := os.read(master, 65536):
                self._painted += data
        os.close(master)


def _stop(process: Process) -> int:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    if process.stdout is not None:
        process.stdout.close()
    return process.wait()


class Hands:
    """Clerk, supervisor and customer at a running terminal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = Files(folder)

    def do(self, verb: str, *words: str) -> Any:
        """Any verb of the bench."""
        return bench_verb(self.folder, verb, list(words))

    def press(self, *keys: str) -> None:
        self.do("press", *keys)

    def type(self, text: str) -> None:
        """Digits, one key each, and Enter."""
        self.do("press", *text, "enter")

    def scan(self, text: str) -> None:
        self.do("scan", text)

    def insert(self, name: str) -> None:
        self.do("card", "insert", name)

    def tap(self, name: str) -> None:
        self.do("card", "tap", name)

    def remove(self) -> None:
        self.do("card", "remove")

    def wait(self, prompts: str, seconds: float = PATIENCE) -> str:
        """The prompt that came. BenchError with the whole screen where none did."""
        try:
            return wait_for(self.folder, prompts, seconds)
        except BenchError as error:
            with contextlib.suppress(BenchError):
                raise BenchError(f"{error}\n{self.rows()}") from None
            raise

    def screen(self) -> dict[str, Any]:
        return screen_of(self.folder)

    def screens(self, since: int) -> list[dict[str, Any]]:
        """What was shown after the screen of this serial."""
        return screens_of(self.folder, since)

    def rows(self) -> str:
        """The screen as one text."""
        return "\n".join(self.screen()["rows"])

    def state(self) -> dict[str, Any]:
        """Devices, acquirer link and what is open, as the terminal sees them."""
        return state_of(self.folder)

    def wait_ready(self, seconds: float = PATIENCE) -> None:
        """Until the terminal could give money back: signed on, and every device there."""
        until(self.state, _ready, seconds, "a terminal that is ready to trade")

    def receipts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.do("receipts")
        return found

    def wait_receipts(self, count: int, seconds: float = PATIENCE) -> list[dict[str, Any]]:
        """Wait until so many slips hang from the printer, cut."""
        return until(
            self.receipts,
            lambda found: len([one for one in found if one["complete"]]) >= count,
            seconds,
            f"{count} receipts",
        )

    @property
    def people(self) -> list[dict[str, str]]:
        """As ``people.json`` has them."""
        people: list[dict[str, str]] = json.loads(self.files.people.read_text("utf-8"))
        return people

    def person(self, role: str, place: int = 0) -> dict[str, str]:
        return [one for one in self.people if one["role"] == role][place]

    def sample(self, name: str) -> dict[str, Any]:
        """From ``samples.json``."""
        samples = json.loads(self.files.samples.read_text("utf-8"))
        for one in samples:
            if one["name"] == name:
                return dict(one)
        raise BenchError(f"no sample sale is called {name}")

    def acquirer(self, *words: str) -> Any:
        """``ledger``, ``log``, or ``mode NAME …``."""
        return self.do("acquirer", *words)

    def ledger(self) -> dict[str, Any]:
        """As ``pos-terminal ledger --json`` has it, without a process for it."""
        try:
            with read_ledger(load(self.files.config)) as ledger:
                return overview(ledger.db)
        except Failure as failure:
            raise BenchError(technician(failure.words)) from None


def _ready(state: dict[str, Any]) -> bool:
    devices = state.get("devices", {})
    return bool(
        state.get("host", {}).get("signed_on")
        and "printer" in devices
        and all(device["up"] for device in devices.values())
    )


def until(look: Callable[[], T], good: Callable[[T], bool], seconds: float, what: str) -> T:
    """Look again and again until it is good. BenchError with what was waited for."""
    limit = time.monotonic() + seconds
    while not good(found := look()):
        if time.monotonic() > limit:
            raise BenchError(f"{what} did not come within {seconds:g} s")
        time.sleep(_LOOK_SECONDS)
    return found
