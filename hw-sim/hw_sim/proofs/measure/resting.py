"""How much of the disk the log keeps at rest, after a burst of writes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from hw_sim.bench import identity
from hw_sim.bench.at_terminal import control
from hw_sim.bench.client import ask
from hw_sim.bench.running import Hands, RunningTerminal
from hw_sim.device import BenchError
from hw_sim.proofs.measure.figures import Check, Row
from hw_sim.proofs.measure.stand import Stand
from pos_terminal.services.ledger.tidy import QUIET_SECONDS

GOAL_MIB: Final = 1.0
SALES: Final = 10_000
AT_ONCE: Final = 2_500
"""In one request; each is a burst of its own."""
_LIMIT_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.5


def measure(stand: Stand) -> list[Row]:
    """One row: a feed comes in over the control socket, then nothing more."""
    files = stand.stage.files
    wal = files.data / "ledger.db-wal"
    with RunningTerminal(files):
        Hands(files.folder).wait("login.number")
        for lines in _bursts():
            request = {"verb": "import-sales", "lines": lines, "source": "burst"}
            answer = ask(control(files.folder), request, seconds=_LIMIT_SECONDS)
            if not answer.get("ok"):
                raise BenchError(f"the burst was not taken in: {str(answer)[:300]}")
        most = wal.stat().st_size
        rest = _at_rest(wal)
    stand.stage.fresh_inputs()
    check = Check("at rest", rest / 2**20, GOAL_MIB, "MiB")
    note = f"{most / 2**20:.1f} MiB behind {SALES} sales that came in, {AT_ONCE} at a time"
    return [Row("WAL on the disk", "none", (check,), note)]


def _bursts() -> Iterator[list[str]]:
    for first in range(0, SALES, AT_ONCE):
        yield [json.dumps(_cash_sale(number)) for number in range(first, first + AT_ONCE)]


def _cash_sale(number: int) -> dict[str, object]:
    sold_at = datetime.now(UTC) - timedelta(days=2, seconds=number)
    amount = 100 + number
    return {
        "merchant_id": identity.MERCHANT_ID,
        "terminal_id": identity.TERMINAL_ID,
        "currency": identity.CURRENCY,
        "sale_id": f"BURST-{number:06d}",
        "batch": "000041",
        "trace": f"{number:06d}",
        "rrn": f"{800_000_000_000 + number:012d}",
        "auth_code": "123456",
        "sold_at": sold_at.isoformat(timespec="seconds"),
        "amount": amount,
        "receipt_no": f"BURST{number:06d}",
        "tenders": [{"kind": "cash", "amount": amount}],
        "lines": [{"sku": "1", "name": "Tea", "quantity": "1", "unit_price": amount}],
    }


def _at_rest(wal: Path) -> int:
    """Its bytes once the ledger has been tidied and was left alone since."""
    end = time.monotonic() + _LIMIT_SECONDS
    changed, last = time.monotonic(), wal.stat().st_mtime_ns
    while time.monotonic() < end:
        time.sleep(_LOOK_SECONDS)
        now = wal.stat().st_mtime_ns
        if now != last:
            changed, last = time.monotonic(), now
        elif time.monotonic() - changed > 2 * QUIET_SECONDS:
            return wal.stat().st_size
    raise BenchError(f"the ledger was not at rest within {_LIMIT_SECONDS:g} s")
