"""A day's feed into the ledger, against the same lines inserted into one table."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from hw_sim.bench import identity
from hw_sim.bench.files import Files
from hw_sim.device import BenchError
from hw_sim.proofs.measure.figures import Check, Row, against, p50
from hw_sim.proofs.measure.stand import Stand

SALES: Final = 100_000
FEW: Final = 10_000
"""Sales of the file whose memory the large one's is held against."""
RATIO_GOAL: Final = 2.0
MEMORY_GOAL: Final = 1.1
FULL_TIMES: Final = 3
_LOOK_SECONDS: Final = 0.05
_FLOOR: Final = "sqlite-utils insert of the same lines into one table of a new file"


def measure(stand: Stand) -> list[Row]:
    """A row for the time, one for the memory; each import is into a ledger of its own."""
    folder = stand.folder / "import"
    folder.mkdir()
    few, many = folder / "few.jsonl", folder / "many.jsonl"
    key_id = _token_key(stand.shop)
    size = write_feed(many, SALES, key_id)
    write_feed(few, FEW, key_id)
    ours, floor, most, least = [], [], [], []
    times = FULL_TIMES if stand.full else 1
    for turn in range(times):
        seconds, used = _import(stand.shop, folder / f"many-{turn}", many)
        ours.append(seconds)
        most.append(used)
        least.append(_import(stand.shop, folder / f"few-{turn}", few)[1])
        floor.append(_insert(folder / f"{turn}.db", many))
    shutil.rmtree(folder)
    what = f"import of a day's feed, {SALES} sales"
    rate = SALES / p50(ours)
    memory = Check("most", p50(most), MEMORY_GOAL, "MiB", p50(least))
    return [
        Row(
            what,
            _FLOOR,
            against(ours, floor, p50_limit=RATIO_GOAL),
            f"{times} of each, {size / 2**20:.0f} MiB; {rate:.0f} sales a second, each with a card"
            " and two lines; both as commands, from their start to their end",
        ),
        Row(f"memory of that import, {SALES} sales", f"the same of {FEW} sales", (memory,)),
    ]


def write_feed(path: Path, count: int, key_id: str) -> int:
    """So many sales as a till tells them; the file's bytes."""
    now = datetime.now(UTC)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            file.write(json.dumps(_sale(number, now, key_id), ensure_ascii=False) + "\n")
    return path.stat().st_size


def _sale(number: int, now: datetime, key_id: str) -> dict[str, Any]:
    amount = 1_000 + number % 90_000
    tender = {
        "kind": "card",
        "amount": amount,
        "masked": "476173******0010",
        "token": sha256(str(number).encode()).hexdigest(),
        "token_key_id": key_id,
        "scheme": "visa",
        "funding": "credit",
    }
    return {
        "sale_id": f"DAY-{number:06d}",
        "merchant_id": identity.MERCHANT_ID,
        "terminal_id": identity.TERMINAL_ID,
        "batch": f"{700_000 + number // 10_000:06d}",
        "trace": f"{number:06d}",
        "rrn": f"{500_000_000_000 + number:012d}",
        "auth_code": f"{number % 1_000_000:06d}",
        "sold_at": (now - timedelta(seconds=86_400 + number % 80_000)).isoformat(
            timespec="seconds"
        ),
        "currency": identity.CURRENCY,
        "amount": amount,
        "receipt_no": f"DAY{number:06d}",
        "tenders": [tender],
        "lines": [
            {"sku": "6901028075763", "name": "绿茶 500ml", "quantity": "1", "unit_price": 500},
            {"sku": "6901028075770", "name": "饼干", "quantity": "1", "unit_price": amount - 500},
        ],
    }


def _token_key(shop: Path) -> str:
    """Of the shop's own sales: a till's tokens are under the terminal's key."""
    lines = Files(shop).sales.read_text("utf-8").splitlines()
    tenders = (tender for line in lines for tender in json.loads(line)["tenders"])
    return next(str(one["token_key_id"]) for one in tenders if one.get("token_key_id"))


def _import(shop: Path, copy: Path, feed: Path) -> tuple[float, float]:
    shutil.copytree(shop, copy, symlinks=True)
    words = ["-m", "pos_terminal", "import-sales", "--config", str(Files(copy).config), str(feed)]
    found = _run(["-P", *words])
    shutil.rmtree(copy)
    return found


def _insert(db: Path, feed: Path) -> float:
    return _run(["-m", "sqlite_utils", "insert", str(db), "sales", str(feed), "--nl"])[0]


def _run(words: Sequence[str]) -> tuple[float, float]:
    """Seconds until the command has ended, and the most MiB that were resident (VmHWM; what the
    kernel reports at the end counts this process's own, before the exec)."""
    started, most = time.perf_counter(), 0.0
    process = subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None:
        most = max(most, _high_water(process.pid))
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK_SECONDS)
    if process.returncode != 0:
        raise BenchError(f"{' '.join(words)} failed")
    return time.perf_counter() - started, most


def _high_water(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0
