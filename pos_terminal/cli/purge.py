"""``pos-terminal purge``: what is older than [retention] keeps goes now, or is only counted."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from time import monotonic

from pos_terminal.config import Config, load
from pos_terminal.core.local_time import local
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.read_only import read_ledger
from pos_terminal.services.process.trusted_clock import (
    TrustedClock,
    kernel_synchronised,
    system_wall,
)
from pos_terminal.services.proof.opening import inline, open_own_ledger
from pos_terminal.services.retention import purging
from pos_terminal.services.retention.purge_files import old
from pos_terminal.services.security.security import Security


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, required=True, help="terminal.toml")
    parser.add_argument(
        "--dry-run", action="store_true", help="count only; works beside a running terminal"
    )
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")


def run(args: argparse.Namespace) -> int:
    """Failure ``ledger.locked`` where the terminal runs, which purges by itself; ``clock.…``."""
    from pos_terminal.wiring import rule_book

    config = load(args.config)
    rule_book(config)
    counts = _due(config) if args.dry_run else _purge(config)
    if args.json:
        print(json.dumps(counts))
        return 0
    print("would go:" if args.dry_run else "purged:")
    for name, count in counts.items():
        print(f"  {name:<9}{count:>9}   {_WHAT[name]}")
    return 0


_WHAT = {
    "refunds": "applications: who and which card",
    "cases": "cases without a refund: what people said",
    "slips": "slips: what they say",
    "sales": "sales and events of the feed, with all that became of them",
    "audit": "entries of the audit log: their facts",
    "files": "files of the sales feed",
}


def _due(config: Config) -> Mapping[str, int]:
    now = local(system_wall(), config.terminal.zone)
    with read_ledger(config) as ledger:
        counts = purging.due(ledger.db, config.retention, now)
    before = purging.days_before(now, config.retention.files_days)
    return {**counts, "files": len(list(old(purging.feed_folders(config), before)))}


def _purge(config: Config) -> Mapping[str, int]:
    security = Security.open(config)
    try:
        return asyncio.run(_purge_with(config, security))
    except Failure as failure:
        if failure.code == "clock.unproven":  # no sign-on comes to prove it here
            raise Failure("clock.unproven_purge") from None
        raise
    finally:
        security.close()


async def _purge_with(config: Config, security: Security) -> Mapping[str, int]:
    clock = TrustedClock(
        wall=system_wall,
        synchronised=kernel_synchronised,
        zone=config.terminal.zone,
        monotonic=monotonic,
    )
    ledger = open_own_ledger(config, security, clock, inline)
    try:
        clock.hold_against(ledger.journal.last_at)
        purger = purging.Purger.of(
            config,
            ledger,
            clock,
            ntp=kernel_synchronised,
            forget_token_keys=security.keystore.forget_token_keys,
        )
        return await purger.once()
    finally:
        ledger.close()
