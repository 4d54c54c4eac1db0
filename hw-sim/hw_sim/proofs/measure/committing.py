"""One durable step of the ledger against the same bytes written and synced with nothing else."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import ExitStack
from datetime import UTC
from pathlib import Path
from time import perf_counter
from typing import Final

from hw_sim.bench import identity
from hw_sim.proofs.measure.figures import Row, against, p50
from hw_sim.proofs.measure.raw import FRAME, RawLog
from hw_sim.proofs.measure.stand import Stand
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.process.threads import thread_runner
from pos_terminal.services.process.trusted_clock import TrustedClock, system_wall
from pos_terminal.services.proof.opening import open_ledger

P50_GOAL: Final = 1.5
P99_GOAL: Final = 1.5
STEPS: Final = 300
_WARM: Final = 20
_FLOOR: Final = "the same bytes written the same way, then fdatasync, by a thread that waits for it"


def measure(stand: Stand) -> list[Row]:
    """A row for a log that grows, one for a log that is used again."""
    folder = stand.folder / "commit"
    folder.mkdir()
    return asyncio.run(_measure(folder))


async def _measure(folder: Path) -> list[Row]:
    with ExitStack() as closing:
        ledger = _ledger(folder, closing)
        raw = closing.enter_context(RawLog(folder / "raw"))
        wal = ledger.path.with_name(ledger.path.name + "-wal")
        before = wal.stat().st_size
        growing = await _alternate(ledger, raw, FRAME)
        size = round((wal.stat().st_size - before) / (_WARM + STEPS))
        # both again, now that the true size is known
        growing = await _alternate(ledger, raw, size)
        await ledger.tidy.once()
        raw.rewind()
        again = await _alternate(ledger, raw, size)
        return [
            _row("log growing", *growing, size),
            _row("log used again", *again, size),
        ]


def _ledger(folder: Path, closing: ExitStack) -> LedgerStore:
    ledger = open_ledger(
        folder / "ledger.db",
        clock=TrustedClock(wall=system_wall, synchronised=lambda: True, zone=UTC),
        runner=thread_runner("journal", closing),
        vault=None,
        tokens=None,
        merchant_id=identity.MERCHANT_ID,
        terminal_id=identity.TERMINAL_ID,
        zone=UTC,
        audit_key=secrets.token_bytes(32),
    )
    closing.callback(ledger.close)
    return ledger


async def _alternate(
    ledger: LedgerStore, raw: RawLog, size: int
) -> tuple[list[float], list[float]]:
    ours, floor = [], []
    for turn in range(_WARM + STEPS):
        started = perf_counter()
        await ledger.journal.note("measure", {"turn": turn})
        ours.append(perf_counter() - started)
        floor.append(await ledger.blocking(lambda: raw.write(size)))
    return ours[_WARM:], floor[_WARM:]


def _row(what: str, ours: list[float], floor: list[float], size: int) -> Row:
    checks = against(ours, floor, p50_limit=P50_GOAL, p99_limit=P99_GOAL, unit="µs")
    own = (p50(ours) - p50(floor)) * 1e6
    note = f"{size} bytes; from the loop through the writer's thread and back, {own:.0f} µs more"
    return Row(f"durable commit of one step, {what}", _FLOOR, checks, note)
