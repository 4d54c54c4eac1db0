"""A whole refund as clerk and customer live it, from the scan to the cut slip."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hw_sim.bench.clerk import Clerk
from hw_sim.bench.running import Hands, RunningTerminal
from hw_sim.printer.engine import Printer
from hw_sim.printer.machine import CUT_SECONDS
from hw_sim.printer.roll import Item
from hw_sim.proofs.crash.stage import PAPER_SPEED
from hw_sim.proofs.measure.figures import Check, Row, p50
from hw_sim.proofs.measure.stand import CARD, Stand
from hw_sim.proofs.measure.terminal import INPUT, SHOWN, Mark, read_marks

RATIO_GOAL: Final = 1.05
OWN_GOAL_MS: Final = 12.0
HOST_SECONDS: Final = 1.0
KEY_SECONDS: Final = 0.15
SHOP_PAPER_SPEED: Final = 250.0
"""Millimetres a second."""
REFUNDS: Final = 10
_WARM: Final = 2
_KEYS: Final = (("sale", "enter"), ("refund.amount", "enter"), ("refund.reason", "1"))
_INIT: Final = b"\x1b@"
"""Every slip begins with it (``ESC @``)."""


def measure(stand: Stand) -> list[Row]:
    """One row."""
    stage = stand.stage
    stage.change_config("policy", supervisor="by-rule")
    stage.change_config("policy.rules.daily", enabled=False)
    stage.printer.change_speed(SHOP_PAPER_SPEED)
    paper = Paper(stage.printer)
    try:
        marks = sorted([*_played(stand), *paper.marks], key=lambda mark: mark.at)
    finally:
        paper.close()
        stage.printer.change_speed(PAPER_SPEED)
        stage.change_config("policy", supervisor="always")
    found = [parts_of(refund) for refund in refunds_of(marks)][_WARM:]
    whole = [one.whole * 1e3 for one in found]
    parts = [one.parts * 1e3 for one in found]
    own = [(one.whole - one.parts) * 1e3 for one in found]
    checks = (
        Check("p50", p50(whole), RATIO_GOAL, "ms", p50(parts)),
        Check("own time", p50(own), OWN_GOAL_MS, "ms"),
    )
    told = {
        "hands": [one.hands for one in found],
        "host": [one.host for one in found],
        "paper": [one.paper for one in found],
    }
    shares = ", ".join(f"{name} {p50(seconds) * 1e3:.0f}" for name, seconds in told.items())
    note = (
        f"{len(found)} refunds to a card, 1 sale of an older day, nobody to approve, two slips;"
        f" medians in ms: {shares}; own {', '.join(f'{one:.1f}' for one in sorted(own))}"
    )
    floor = (
        f"the sum of its parts: {KEY_SECONDS * 1e3:.0f} ms before each of three keys and the card,"
        f" {HOST_SECONDS:g} s of the host, the slips at 115200 baud and {SHOP_PAPER_SPEED:g} mm/s"
    )
    return [Row("a whole refund, scan to cut slip", floor, checks, note)]


def _played(stand: Stand) -> list[Mark]:
    files, path = stand.stage.files, stand.folder / "whole.jsonl"
    words = ["--config", str(files.config), "--orders", str(stand.stage.orders)]
    words += ["--marks", str(path), "--whole"]
    command = [sys.executable, "-P", "-m", "hw_sim.proofs.measure.terminal", *words]
    hands = Hands(files.folder)
    with RunningTerminal(files, command):
        Clerk(hands).log_in()
        hands.wait_ready()
        hands.acquirer("mode", f"delay:{HOST_SECONDS:g}")
        try:
            for _ in range(_WARM + REFUNDS):
                _refund(hands, stand.receipts.pop())
        finally:
            hands.acquirer("mode", "normal")
    stand.stage.fresh_inputs()
    return read_marks(path)


def _refund(hands: Hands, receipt: str) -> None:
    """The customer takes the card away while the host is asked."""
    before = len(hands.receipts())
    hands.scan(receipt)
    for prompt, key in _KEYS:
        hands.wait(prompt)
        time.sleep(KEY_SECONDS)
        hands.press(key)
    hands.wait("card.present")
    time.sleep(KEY_SECONDS)
    hands.tap(CARD)
    hands.wait("host.wait")
    hands.remove()
    hands.wait("result")
    hands.wait_receipts(before + 2)
    time.sleep(KEY_SECONDS)
    hands.press("enter")
    hands.wait("home")


class Paper:
    """When the emulated printer got the first byte of each slip, and when it had cut it."""

    def __init__(self, printer: Printer) -> None:
        self.marks: list[Mark] = []
        self._printer, self._wake, self._seconds = printer, printer.wake, printer._seconds
        self._busy = False
        setattr(printer, "wake", self._heard)  # noqa: B010 - called for every byte that came
        setattr(printer, "_seconds", self._taking)  # noqa: B010 - asked for each row and each cut

    def close(self) -> None:
        setattr(self._printer, "wake", self._wake)  # noqa: B010
        setattr(self._printer, "_seconds", self._seconds)  # noqa: B010

    def _heard(self) -> None:
        if not self._busy and _INIT in self._printer.raw[-64:]:
            self._busy = True
            self.marks.append(Mark("paper", time.perf_counter()))
        self._wake()

    def _taking(self, item: Item | None) -> float:
        if item is None:
            self._busy = False
            self.marks.append(Mark("paper.", time.perf_counter() + CUT_SECONDS))
        return self._seconds(item)


@dataclass(frozen=True, slots=True)
class Parts:
    """Seconds of one refund."""

    whole: float
    hands: float
    """From a screen to the key or the card that answered it."""
    host: float
    paper: float

    @property
    def parts(self) -> float:
        return self.hands + self.host + self.paper


def refunds_of(marks: Sequence[Mark]) -> Iterator[list[Mark]]:
    """Of each refund the marks from its scan to the cut of its last slip."""
    current: list[Mark] = []
    for mark in marks:
        if mark.what == f"{INPUT}Scanned":
            if current:
                yield _to_last_cut(current)
            current = []
        if current or mark.what == f"{INPUT}Scanned":
            current.append(mark)
    if current:
        yield _to_last_cut(current)


def _to_last_cut(marks: list[Mark]) -> list[Mark]:
    last = max(place for place, mark in enumerate(marks) if mark.what == "paper.")
    return marks[: last + 1]


def parts_of(refund: Sequence[Mark]) -> Parts:
    hands, host, paper = 0.0, 0.0, 0.0
    shown, asked, begun = refund[0].at, None, None
    for mark in refund[1:]:
        if mark.what.startswith(SHOWN):
            shown = mark.at
        elif mark.what in (f"{INPUT}KeyPressed", f"{INPUT}CardArrived"):
            hands += mark.at - shown
        elif mark.what in ("connect", "request"):
            asked = mark.at
        elif mark.what in ("connection", "answer") and asked is not None:
            host, asked = host + mark.at - asked, None
        elif mark.what == "paper":
            begun = mark.at
        elif mark.what == "paper." and begun is not None:
            paper, begun = paper + mark.at - begun, None
    return Parts(refund[-1].at - refund[0].at, hands, host, paper)
