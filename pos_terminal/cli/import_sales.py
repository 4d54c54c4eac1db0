"""``pos-terminal import-sales``: files of the sales feed, whether the terminal runs or not."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Final

from pos_terminal.cli.ask_terminal import ask_terminal
from pos_terminal.config import Config, load
from pos_terminal.core.words import Failure, say
from pos_terminal.services.ledger.feed import Format
from pos_terminal.services.ledger.feed_files import FeedFile, read_file, wipe
from pos_terminal.services.ledger.opening import SystemClock, inline, open_own_ledger
from pos_terminal.services.security.security import Security
from pos_terminal.texts import technician

_ANSWER_SECONDS: Final = 120.0
Report = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, required=True, help="terminal.toml")
    parser.add_argument("--json", action="store_true", help="print the reports as JSON")
    parser.add_argument(
        "--format", choices=[form.value for form in Format], help="instead of the name's ending"
    )
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help=".jsonl or .csv")


def run(args: argparse.Namespace) -> int:
    """0 when every file was taken in, 1 when one was refused."""
    config = load(args.config)
    form = Format(args.format) if args.format else None
    reports = []
    for path in args.files:
        report = import_file(config, path, form)
        reports.append(report)
        if not args.json:
            _print_report(report)
    if args.json:
        print(json.dumps(reports if len(reports) > 1 else reports[0], ensure_ascii=False))
    return 0 if all(report["imported"] for report in reports) else 1


def import_file(config: Config, path: Path, form: Format | None = None) -> Report:
    """Take in one file, directly or through the running terminal; ``ImportReport.as_json``.

    A file with full card numbers is wiped once it is in. Failure ``feed.*``, ``ledger.*``.
    """
    file = read_file(path, config.terminal.merchant_id, config.sales.allow_full_pan, form)
    try:
        report = import_directly(config, file)
    except Failure as failure:
        if failure.words.key != "ledger.locked":
            raise
        report = _through_terminal(config, file)
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
    ledger = open_own_ledger(config, security, SystemClock(), inline)
    try:
        report = await ledger.import_sales(
            file.lines, source=file.path.name, form=file.form, allow_pan=True
        )
        return report.as_json()
    finally:
        ledger.close()


def _through_terminal(config: Config, file: FeedFile) -> Report:
    """By the control socket of the running terminal. Failure ``feed.no_terminal``."""
    path = config.path(config.control.socket)
    request = {
        "verb": "import-sales",
        "lines": file.lines,
        "format": file.form.value,
        "source": file.path.name,
    }
    try:
        answer = ask_terminal(path, request, _ANSWER_SECONDS)
    except (OSError, ValueError) as error:
        raise Failure("feed.no_terminal", socket=str(path), cause=str(error)) from None
    report = answer.get("report")
    if not isinstance(report, dict):
        cause = str(answer.get("tech") or answer.get("error") or "no report")
        raise Failure("feed.not_taken", file=str(file.path), cause=cause)
    return report


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
        where = f"line {problem['line']}" if problem["line"] else "file"
        print(f"  {where}: {problem['reason']}", file=sys.stderr)
