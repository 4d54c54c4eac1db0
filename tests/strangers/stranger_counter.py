"""A stranger's script at the counter: bench and terminal by their commands, nothing else."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from hw_sim.bench.running import Hands, RunningTerminal, until
from stranger_card import Chip, Inserted

CHINA = timezone(timedelta(hours=8))
HW_SIM = str(Path(__file__).parents[2] / "hw-sim" / "hw-sim")
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def shell(verb: str, folder: Path, *words: str, status: int = 0) -> str:
    """``hw-sim VERB FOLDER WORDS…`` as a script calls it; what it printed."""
    done = subprocess.run(
        [HW_SIM, verb, str(folder), *words],
        capture_output=True,
        text=True,
        timeout=60,
        env=ENVIRONMENT,
        cwd="/",
        check=False,
    )
    assert done.returncode == status, f"{verb} {words}: {done.returncode}: {done.stderr}"
    return done.stdout if status == 0 else done.stderr


class Counter:
    """A bench, ``up`` by the executable, and the terminal on it. A context manager."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self.hands = Hands(folder)
        self.terminal: RunningTerminal | None = None
        self._up = subprocess.Popen(
            [HW_SIM, "up", str(folder), "--paper-speed", "5000", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
        )
        assert self._up.stdout is not None
        ready, _, _ = select.select([self._up.stdout], [], [], 60)
        said = self._up.stdout.readline() if ready else b"nothing in 60 s"
        if said != b"ready\n":
            self._down()
        assert said == b"ready\n", said

    def __enter__(self) -> Counter:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._down()

    def _down(self) -> None:
        self._up.send_signal(signal.SIGTERM)
        status = self._up.wait(30)
        assert self._up.stdout is not None
        self._up.stdout.close()
        assert status == 0, f"up ended with {status}"

    # --- files --------------------------------------------------------------------------------

    def json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text("utf-8"))

    def reader(self, kind: str) -> str:
        return str(self.json("bench.json")["readers"][kind]["card"])

    def configure(self, **options: Any) -> None:
        """Set options that ``terminal.toml`` has already; counts from the next start."""
        path = self.folder / "terminal.toml"
        text = path.read_text("utf-8")
        for name, value in options.items():
            written = f"{name} = {json.dumps(value)}".replace("\\", r"\\")
            text, found = re.subn(rf"(?m)^{name} = .*$", written, text)
            assert found == 1, name
        path.write_text(text, "utf-8")

    # --- the terminal -------------------------------------------------------------------------

    def start(self) -> None:
        """To the home screen, signed on: before that no clock is trusted and nothing trades."""
        self.terminal = RunningTerminal(self.hands.files)
        self._log_in()
        self.until(self._trades, "the acquirer's time")

    def _trades(self) -> bool:
        """Whether a scan shows its sale yet; back home."""
        self.hands.scan(self.hands.sample("jcb-older")["receipt_no"])
        if self.hands.wait("sale|failure") == "sale":
            self.hands.press("enter")
        prompt = self.hands.wait("refund.amount|failure")
        self.home()
        return prompt == "refund.amount"

    def stop(self) -> None:
        if self.terminal is not None:
            self.terminal.stop()
            self.terminal = None

    def restart(self, **options: Any) -> None:
        self.stop()
        self.configure(**options)
        self.start()

    def _log_in(self) -> None:
        self.hands.wait("login.number", 60)
        person = self.hands.person("clerk")
        self.hands.press(*person["number"], "enter", *person["pin"], "enter")
        self.hands.wait("home")

    def home(self) -> None:
        """Back to the home screen, whatever was before."""
        if self.terminal is None:
            self.start()
        limit = time.monotonic() + 60
        while (prompt := self.hands.screen()["prompt"]) != "home":
            assert time.monotonic() < limit, self.hands.screen()
            if prompt == "login.number":
                self._log_in()
            elif not prompt.endswith(("wait", "remove")):
                self.hands.press("2" if prompt == "print.unsure" else "cancel")
            self._moved(prompt)

    def _moved(self, prompt: str) -> None:
        limit = time.monotonic() + 2
        while self.hands.screen()["prompt"] == prompt and time.monotonic() < limit:
            time.sleep(0.02)  # an unknown screen has no name to wait for

    def to_card(self, receipt_no: str, amount: str = "") -> None:
        """From home to the prompt for the card; no amount: all that is left."""
        hands = self.hands
        hands.scan(receipt_no)
        hands.wait("sale")
        hands.press("enter")
        hands.wait("refund.amount")
        hands.press(*amount, "enter")
        hands.wait("refund.reason")
        hands.press("1")
        self.approve()
        hands.wait("card.present")

    def card(self, kind: str, chip: Chip, atr: bytes) -> Inserted:
        """Hold a card to a reader until it is powered.

        A vpcd reader looks every 400 ms and takes two cards within that time for one: a customer
        whose card was not noticed takes it away and tries again.
        """
        for _ in range(4):
            card = Inserted(self.reader(kind), chip, atr)
            if card.powered.wait(1.5):
                return card
            card.pull()
        raise AssertionError("the reader noticed no card")

    def state(self) -> dict[str, Any]:
        return dict(json.loads(shell("state", self.folder)))

    def approve(self) -> None:
        person = self.hands.person("supervisor")
        self.hands.wait("supervisor.number")
        self.hands.press(*person["number"], "enter")
        self.hands.wait("supervisor.pin")
        self.hands.press(*person["pin"], "enter")

    def result(self, seconds: float = 30) -> str:
        """The outcome as the clerk reads it."""
        self.hands.wait("result", seconds)
        return self.hands.rows()

    def refunds(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.hands.ledger()["refunds"]
        return sorted(found, key=lambda row: row["refund_id"])

    def last(self) -> dict[str, Any]:
        return self.refunds()[-1]

    def until(self, good: Callable[[], Any], what: str, seconds: float = 30) -> Any:
        return until(good, bool, seconds, what)


def sale(
    serial: int, pan: str, amount: int, *, days: int = 1, card: dict[str, Any] | None = None
) -> dict[str, Any]:
    """One line of the sales feed with a full card number."""
    at = (datetime.now(CHINA) - timedelta(days=days)).replace(microsecond=0)
    return {
        "kind": "sale",
        "sale_id": f"STRANGER-{serial}",
        "batch": "000042" if days == 0 else "000040",
        "trace": f"{800 + serial:06d}",
        "rrn": f"77000000{serial:04d}",
        "auth_code": f"S{serial:05d}",
        "sold_at": at.isoformat(),
        "amount": amount,
        "receipt_no": f"STR{serial:06d}",
        "tenders": [{"kind": "card", "amount": amount, "pan": pan, **(card or {})}],
        "lines": [],
    }
