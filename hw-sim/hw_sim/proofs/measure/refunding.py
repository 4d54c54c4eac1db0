"""A refund from the card read to the receipt queued, and the terminal's own time at the card."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from hw_sim.bench.at_terminal import control
from hw_sim.bench.clerk import Clerk
from hw_sim.bench.client import ask
from hw_sim.bench.running import Hands, RunningTerminal, until
from hw_sim.proofs.measure.figures import Check, Row, against, p50, percentile
from hw_sim.proofs.measure.stand import CARD, Stand
from hw_sim.proofs.measure.terminal import Mark, read_marks

P50_GOAL: Final = 1.3
TAP_GOAL: Final = 20.0
REFUNDS: Final = 40
_WARM: Final = 3
_SIGN_ON_SECONDS: Final = 20.0
_ANSWERED: Final = ("connected", "card", "number")
"""The ends of what the card was waited for."""
_HOST: Final = {"connect": "connection", "request": "answer"}
"""What the acquirer is waited for: from the first mark to the second."""


def measure(stand: Stand) -> list[Row]:
    """A row for the money part, one for the tap."""
    marks = _marks(stand)
    refunds = list(_refunds(marks))[_WARM:]
    ours = [_own_seconds(refund) for refund in refunds]
    floor = [_seconds(refund, "raw", "raw.") for refund in refunds]
    taps = [_tap_seconds(refund) * 1e3 for refund in refunds]
    parts = {
        "seal": [_seconds(refund, "seal", "seal.") for refund in refunds],
        "conclude": [_seconds(refund, "conclude", "conclude.") for refund in refunds],
        "all else": [_besides(refund) for refund in refunds],
        "left out for the acquirer": [_host_seconds(refund) for refund in refunds],
    }
    told = ", ".join(f"{name} {p50(part) * 1e3:.2f}" for name, part in parts.items())
    what = f"{len(refunds)} refunds; medians in ms: {told}"
    tap = Check("p99", percentile(taps, 0.99), TAP_GOAL, "ms")
    apdus = sum(mark.what == "apdu" for mark in refunds[0])
    late = max(_after_the_number(refund) for refund in refunds)
    return [
        Row(
            "refund, card read → receipt queued, less the host's time",
            "the bytes of its two commits written and synced twice",
            against(ours, floor, p50_limit=P50_GOAL),
            what,
        ),
        Row(
            "own time between APDUs, whole tap",
            "none; of 500 ms",
            (
                Check("p50", percentile(taps, 0.5), TAP_GOAL, "ms"),
                tap,
                Check("after the number", late, 0, "APDUs"),
            ),
            f"{apdus} APDUs; the card answers at once, PC/SC is left out",
        ),
    ]


def _marks(stand: Stand) -> list[Mark]:
    files, path = stand.stage.files, stand.folder / "marks.jsonl"
    path.unlink(missing_ok=True)
    words = ["--config", str(files.config), "--orders", str(stand.stage.orders)]
    command = [
        sys.executable,
        "-P",
        "-m",
        "hw_sim.proofs.measure.terminal",
        *words,
        "--marks",
        str(path),
    ]
    receipts = [stand.receipts.pop() for _ in range(_WARM + REFUNDS)]
    with RunningTerminal(files, command):
        play(files.folder, receipts)
    stand.stage.fresh_inputs()
    return read_marks(path)


def play(folder: Path, receipts: Sequence[str]) -> None:
    """The clerk logs in and gives back each of these sales."""
    hands = Hands(folder)
    clerk = Clerk(hands)
    clerk.log_in()
    until(lambda: _host(folder), lambda host: bool(host["signed_on"]), _SIGN_ON_SECONDS, "sign-on")
    for receipt in receipts:
        clerk.scan({"receipt_no": receipt})
        clerk.ask_for()
        clerk.approve()
        clerk.see("card.present")
        hands.tap(CARD)
        clerk.see("result")
        hands.remove()
        clerk.accept()


def _host(folder: Path) -> dict[str, Any]:
    """What the terminal says of its line to the acquirer."""
    host: dict[str, Any] = ask(control(folder), {"verb": "state"}, seconds=_SIGN_ON_SECONDS)["host"]
    return host


def _refunds(marks: Sequence[Mark]) -> Iterator[list[Mark]]:
    """The marks of each refund, from the card to the end of its floor."""
    current: list[Mark] | None = None
    for mark in marks:
        if mark.what == "connected":
            current = []
        if current is None:
            continue
        current.append(mark)
        if mark.what == "raw.":
            yield current
            current = None


def _own_seconds(refund: Sequence[Mark]) -> float:
    """From the last answer of the card to the conclusion durable, less what the acquirer took."""
    read = max(mark.at for mark in refund if mark.what in _ANSWERED)
    queued = next(mark.at for mark in refund if mark.what == "conclude.")
    return queued - read - _host_seconds(refund)


def _host_seconds(refund: Sequence[Mark]) -> float:
    waiting: dict[str, float] = {}
    total = 0.0
    for mark in refund:
        if mark.what == "conclude":
            break
        if mark.what in _HOST:
            waiting[_HOST[mark.what]] = mark.at
        elif mark.what in waiting:
            total += mark.at - waiting.pop(mark.what)
    return total


def _besides(refund: Sequence[Mark]) -> float:
    """Our own time outside the two commits."""
    steps = _seconds(refund, "seal", "seal.") + _seconds(refund, "conclude", "conclude.")
    return _own_seconds(refund) - steps


def _tap_seconds(refund: Sequence[Mark]) -> float:
    """What passed between an answer of the card and the next command to it."""
    total, answered = 0.0, 0.0
    for mark in refund:
        if mark.what in _ANSWERED:
            answered = mark.at
        elif mark.what == "apdu":
            total += mark.at - answered
    return total


def _after_the_number(refund: Sequence[Mark]) -> int:
    """Commands to the card once it had said the number of the sale."""
    what = [mark.what for mark in refund]
    return what[what.index("number") :].count("apdu")


def _seconds(refund: Sequence[Mark], first: str, last: str) -> float:
    begin = next(mark.at for mark in refund if mark.what == first)
    return next(mark.at for mark in refund if mark.what == last) - begin
