"""How much more memory the terminal needs after many refunds: nothing that lasts may grow.

``python -m hw_sim.proofs.measure.growing`` is the process that is weighed: the unchanged terminal
on virtual time, one refund after the other. The simulation's own memories (logs, receipts, the
acquirer's book) are kept short or on disk there, so that what grows is the terminal's.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from hw_sim.acquirer import records
from hw_sim.acquirer.book import Book
from hw_sim.arguments import there, whole
from hw_sim.bench.feed import acquirer_record, feed_record
from hw_sim.bench.sample_sales import SampleSale
from hw_sim.device import BenchError
from hw_sim.proofs.measure.figures import Check, Row
from hw_sim.proofs.measure.stand import Stand
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting, Site, run_site
from pos_terminal.services.ledger.tidy import QUIET_SECONDS
from pos_terminal.services.security.tokens import KeyedTokens
from pos_terminal.wire.feed.lines import Format

GOAL_MIB: Final = 1.0
"""In 100,000 refunds."""
REFUNDS: Final = 1_000
FULL_REFUNDS: Final = 100_000
SETTLING: Final = 300
"""Refunds before the first weighing: caches fill, modules come late."""
_SALES_AT_ONCE: Final = 50
"""Few: what a large import leaves free would hide what grows."""
_REFUNDS_IN_A_ROW: Final = 10
"""Then there is a pause, in which the ledger is tidied."""
_TEMPLATE: Final = "visa-older"
_RULES: Final = {"daily": {"enabled": False}, "duplicate": {"enabled": False}}
_LIMIT_SECONDS: Final = 4 * 3600.0


@dataclass(frozen=True, slots=True)
class Weight:
    refunds: int
    """Made until then."""
    mib: float
    """Of memory that belongs to no file (RssAnon)."""
    blocks: int
    """Python's own count of allocated objects."""


def measure(stand: Stand) -> list[Row]:
    """One row, of as many refunds as were made."""
    count = FULL_REFUNDS if stand.full else REFUNDS
    return [row(weigh(count, stand.folder))]


def row(weights: Sequence[Weight]) -> Row:
    """First and last weight against each other."""
    first, last = weights[0], weights[-1]
    made = last.refunds - first.refunds
    grown = last.mib - first.mib
    objects = (last.blocks - first.blocks) / made
    check = Check("growth", max(0.0, grown), GOAL_MIB, "MiB")
    note = (
        f"{made} refunds after the first {first.refunds}, on virtual time; {last.mib:.1f} MiB at"
        f" the end, {objects:+.2f} objects a refund"
    )
    return Row(f"memory growth in {made} refunds", "none", (check,), note)


def weigh(count: int, folder: Path, settling: int = SETTLING) -> list[Weight]:
    """Weights of a process of its own, before and after ``count`` refunds and in between."""
    command = [sys.executable, "-P", "-m", "hw_sim.proofs.measure.growing", "--refunds", str(count)]
    command += ["--settling", str(settling), "--folder", str(folder)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=_LIMIT_SECONDS
    )
    if done.returncode != 0:
        raise BenchError(f"the refunds broke off: {done.stderr.strip()[-1000:]}")
    return [Weight(**json.loads(line)) for line in done.stdout.splitlines()]


# --- the process that is weighed ---------------------------------------------------------------


class Shopful:
    """Refunds without end, a new sale for each."""

    def __init__(self, site: Site) -> None:
        self.made = 0
        self._site = site
        self._clerk = SimClerk(site)
        self._tokens = KeyedTokens(site.shop.keys.token_key)
        self._sold_at = site.time.now()
        self._known = 0
        """Sales that both sides know; the first ``made`` of them were given back."""

    async def open(self) -> None:
        self._site.parts.printer.printer.roll.keep = 4
        self._site.start()
        await self._clerk.log_in()

    async def refunds(self, count: int) -> None:
        for _ in range(count):
            if self.made == self._known:
                await self._sell()
            self.made += 1
            await self._refund(self._sale(self.made))
            if self.made % _REFUNDS_IN_A_ROW == 0:
                await asyncio.sleep(2 * QUIET_SECONDS)
        await asyncio.sleep(2 * QUIET_SECONDS)

    async def _refund(self, sale: SampleSale) -> None:
        clerk = self._clerk
        await clerk.home()
        await clerk.ask_for(sale)
        await clerk.approve()
        await clerk.show_card("visa")
        await clerk.home()
        self._forget()

    def _forget(self) -> None:
        """What the simulation alone would remember."""
        site = self._site
        site.trace.clear()
        site.terminal.moments.passed.clear()
        site.acquirer.log.clear()
        site.parts.printer.printer.raw.clear()

    def _sale(self, number: int) -> SampleSale:
        """Made anew each time: a list of them would hide what grows as it gets shorter."""
        return replace(
            self._site.shop.sale(_TEMPLATE),
            number=1000 + number,
            sold_at=self._sold_at,
            trace=f"{number % 1_000_000:06d}",
        )

    async def _sell(self) -> None:
        site = self._site
        self._sold_at = site.time.now() - timedelta(days=1)
        sales = [self._sale(self._known + place) for place in range(1, _SALES_AT_ONCE + 1)]
        self._known += len(sales)
        lines = [
            json.dumps(feed_record(sale, site.shop.keys.token, self._tokens.key_id))
            for sale in sales
        ]
        report = await site.ledger.feed.take_in(
            lines, source="growing", form=Format.JSONL, allow_pan=False
        )
        if report.problems:
            raise BenchError(f"the sales were refused: {report.problems[0]}")
        known = [record for sale in sales for record in acquirer_record(sale)]
        site.acquirer.add_sales(records.parse_sales(known))


def weight(refunds: int) -> Weight:
    """Of this process, now."""
    gc.collect()
    status = Path("/proc/self/status").read_text("utf-8")
    found = re.search(r"^RssAnon:\s+(\d+) kB", status, re.MULTILINE)
    if found is None:
        raise BenchError("the kernel does not tell RssAnon")
    return Weight(refunds, int(found[1]) / 1024, sys.getallocatedblocks())


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m hw_sim.proofs.measure.growing", description=__doc__
    )
    parser.add_argument("--refunds", type=whole(1), default=REFUNDS)
    parser.add_argument("--settling", type=whole(0), default=SETTLING)
    parser.add_argument("--folder", type=there)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        book = Book(Path(folder) / "book.db", cache_kib=64)
        run_site(lambda site: _live(site, args), Setting(rules=_RULES), book=book)
    return 0


async def _live(site: Site, args: argparse.Namespace) -> None:
    shop = Shopful(site)
    await shop.open()
    await shop.refunds(args.settling)
    _say(shop)
    for _ in range(4):
        await shop.refunds(args.refunds // 4)
        _say(shop)


def _say(shop: Shopful) -> None:
    print(json.dumps(asdict(weight(shop.made))), flush=True)


if __name__ == "__main__":
    sys.exit(main())
