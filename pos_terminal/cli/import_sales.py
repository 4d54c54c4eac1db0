"""``pos-terminal import-sales``: files of the sales feed, whether the terminal runs or not."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from pos_terminal.cli.import_files import (
    Report,
    add_arguments,
    place,
    take_each,
    through_terminal,
)
from pos_terminal.config import Config
from pos_terminal.core.words import Failure, say
from pos_terminal.services.intake.feed_files import FeedFile, read_file, wipe
from pos_terminal.services.proof.opening import SystemClock, inline, open_own_ledger
from pos_terminal.services.security.security import Security
from pos_terminal.texts import technician
from pos_terminal.wire.feed.lines import Format

__all__ = ["add_arguments", "import_directly", "import_file", "run"]


def run(args: argparse.Namespace) -> int:
    """0 when every file was taken in, 1 when one was refused."""
    return take_each(args, import_file, _print_report)


def import_file(config: Config, path: Path, form: Format | None = None) -> Report:
    """Take in one file, directly or through the running terminal; ``ImportReport.as_json``.

    A file with full card numbers is wiped once it is in. Failure ``feed.*``, ``ledger.*``.
    """
    file = read_file(path, config.terminal.merchant_id, config.sales.allow_full_pan, form)
    try:
        report = import_directly(config, file)
    except Failure as failure:
        if failure.code != "ledger.locked":
            raise
        request = {"verb": "import-sales", "lines": file.lines, "format": file.form.value}
        report = through_terminal(config, path, request)
    if file.holds_pan and report["imported"]:
        wipe(file)
    return report


def import_directly(config: Config, file: FeedFile) -> Report:
    """Into the ledger itself. Failure ``ledger.locked`` where the terminal runs."""
    security = Security.open(config)
    try:
        return asyncio.run(_import(config, security, file))
    finally:
        security.close()


async def _import(config: Config, security: Security, file: FeedFile) -> Report:
    ledger = open_own_ledger(config, security, SystemClock(config.terminal.zone), inline)
    try:
        report = await ledger.feed.take_in(
            file.lines, source=file.path.name, form=file.form, allow_pan=True
        )
        return report.as_json()
    finally:
        ledger.close()


def _print_report(report: Report) -> None:
    if not report["imported"]:
        _print_refusal(report)
    elif report["records"] == 0:
        print(technician(say("feed.empty", file=report["source"])), file=sys.stderr)
    else:
        print(
            "{source}: {records} records: {added} sales added, {events} events, "
            "{known} known already".format_map(report)
        )
        if report["expired"]:
            print("{expired} left out: older than [retention] keeps".format_map(report))


def _print_refusal(report: Report) -> None:
    refused = say("feed.refused", file=report["source"], problems=len(report["problems"]))
    print(technician(refused), file=sys.stderr)
    for problem in report["problems"]:
        print(place(problem), file=sys.stderr)
