"""How often one clean refund waits for the disk, as the kernel saw it."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from hw_sim.bench.running import RunningTerminal
from hw_sim.proofs.crash.points import MARK_FOLDER
from hw_sim.proofs.measure.figures import Check, Row
from hw_sim.proofs.measure.refunding import play
from hw_sim.proofs.measure.stand import Stand

REFUNDS: Final = 3
BARRIERS: Final = 2
WHAT: Final = "durable barriers of a refund, card read → receipt queued"
_BARRIER: Final = re.compile(r"\b(fdatasync|fsync|sync_file_range|msync|sync|syncfs)\(")
_TRACED: Final = (
    "trace=fdatasync,fsync,sync_file_range,msync,sync,syncfs,access,faccessat,faccessat2"
)


def measure(stand: Stand) -> list[Row]:
    """One row; without strace it is said to be missing."""
    if shutil.which("strace") is None:
        return [Row(WHAT, "", missing="there is no strace")]
    files, trace = stand.stage.files, stand.folder / "strace.log"
    terminal = ["-m", "hw_sim.proofs.crash.run", "--config", str(files.config), "--marks"]
    # -D: the terminal itself is our child, and gets our signals
    command = [
        "strace",
        "-D",
        "-f",
        "-o",
        str(trace),
        "-e",
        _TRACED,
        sys.executable,
        "-P",
        *terminal,
    ]
    receipts = [stand.receipts.pop() for _ in range(REFUNDS)]
    with RunningTerminal(files, [*command, "--orders", str(stand.stage.orders)]):
        play(files.folder, receipts)
    stand.stage.fresh_inputs()
    counts = list(barriers(trace.read_text("utf-8", "replace").splitlines()))
    if len(counts) != REFUNDS:
        return [Row(WHAT, "", missing=f"{len(counts)} refunds in the trace of {REFUNDS}")]
    checks = (
        Check("most", max(counts), BARRIERS),
        Check("least", min(counts), BARRIERS, least=True),
    )
    return [Row(WHAT, "none; exactly two", checks, f"strace over {REFUNDS} refunds")]


def barriers(trace: Sequence[str]) -> Iterator[int]:
    """For each refund in the trace: how many waits for the disk from the card to the conclusion."""
    count: int | None = None
    for line in trace:
        if f"{MARK_FOLDER}/card:before" in line:
            count = 0
        elif f"{MARK_FOLDER}/conclude:after" in line and count is not None:
            yield count
            count = None
        elif count is not None and _BARRIER.search(line) and "resumed" not in line:
            count += 1
