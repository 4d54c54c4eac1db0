"""``python -m hw_sim.proofs.crash.purge``: ``pos-terminal purge``, which stops at a named step.

The product has no such hook: its ledger and its clock are exchanged for ones with points and ahead
of time, as ``run.py`` does for the terminal.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hw_sim.proofs.crash.ledger import Disk, with_points
from hw_sim.proofs.crash.points import Points
from pos_terminal.cli import purge
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.process.trusted_clock import system_wall
from pos_terminal.services.proof.opening import open_own_ledger


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m hw_sim.proofs.crash.purge", description=__doc__
    )
    parser.add_argument("--config", type=Path, required=True, help="terminal.toml")
    parser.add_argument("--at", action="append", default=[], metavar="POINT", help="armed")
    parser.add_argument("--clock", type=float, default=0.0, metavar="S", help="seconds ahead")
    args = parser.parse_args()
    points, ahead = Points(), timedelta(seconds=args.clock)
    for text in args.at:
        points.arm(text)

    def opened(*given: Any) -> LedgerStore:
        return with_points(open_own_ledger(*given), points, Disk())

    def wall() -> datetime:
        return system_wall() + ahead

    with patch.multiple(
        purge, open_own_ledger=opened, system_wall=wall, kernel_synchronised=lambda: True
    ):
        return purge.run(argparse.Namespace(config=args.config, dry_run=False, json=True))


if __name__ == "__main__":
    sys.exit(main())
