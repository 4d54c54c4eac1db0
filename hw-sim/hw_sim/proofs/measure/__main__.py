"""``python -m hw_sim.measure``, as ``make bench`` calls it."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from hw_sim.arguments import there, whole
from hw_sim.proofs.measure import table
from hw_sim.proofs.measure.figures import Row
from hw_sim.proofs.measure.machine import machine
from hw_sim.proofs.measure.rows import GROUPS, Group
from hw_sim.proofs.measure.stand import Stand

SALES = 1_000_000
FULL_SALES = 10_000_000


def main(words: Sequence[str] | None = None) -> int:
    """Exit status 0 however slow it was; 1 where a row could not be measured at all."""
    args = _parser().parse_args(words)
    if args.list:
        print("\n".join(f"{group.name:<8} {group.about}" for group in GROUPS))
        return 0
    chosen = [group for group in GROUPS if not args.only or group.name in args.only]
    parent = args.folder or Path.cwd()
    folder = Path(tempfile.mkdtemp(prefix="bench-measure-", dir=parent))
    sales = args.sales or (FULL_SALES if args.full else SALES)
    stand = Stand(folder, sales=sales, full=args.full, say=_say)
    rows: list[Row] = []
    broken = False
    try:
        for group in chosen:
            _say(group.about)
            found, failed = _measured(group, stand)
            rows += found
            broken = broken or failed
    finally:
        stand.close()
        shutil.rmtree(folder, ignore_errors=True)
    print(table.as_json(rows, machine()) if args.json else table.as_text(rows))
    return int(broken)


def _measured(group: Group, stand: Stand) -> tuple[list[Row], bool]:
    """The rows, and whether something broke: the others are measured all the same."""
    started = time.monotonic()
    try:
        return group.measure(stand), False
    except Exception as error:  # told in the table, with a status of its own
        reason = f"{type(error).__name__}: {error}"
        return [Row(group.about, "", missing=reason)], True
    finally:
        _say(f"  {time.monotonic() - started:.0f} s")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hw_sim.measure", description=__doc__)
    add = parser.add_argument
    add("--json", action="store_true", help="the rows as JSON")
    add("--full", action="store_true", help="10 million sales and long counts; 20 GB")
    add("--only", nargs="+", metavar="GROUP", choices=[group.name for group in GROUPS])
    add("--list", action="store_true", help="the groups")
    add("--sales", type=whole(1), metavar="N", help=f"in the large ledger ({SALES})")
    add("--folder", type=there, help="on the disk that is to be measured (here)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
