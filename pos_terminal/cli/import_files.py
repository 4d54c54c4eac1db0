"""What the commands that take files in have in common: options, reports, the way to a terminal."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pos_terminal.cli.ask_terminal import ask_terminal
from pos_terminal.config import Config, load
from pos_terminal.core.words import Failure, FileFailure, UsageFailure
from pos_terminal.services.intake.feed_files import format_of
from pos_terminal.wire.feed.lines import Format

_ANSWER_SECONDS: Final = 120.0
WAITS: Final = 3
"""Exit status where nothing is wrong, and somebody at the terminal has to confirm it first."""
Report = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, required=True, help="terminal.toml")
    parser.add_argument("--json", action="store_true", help="print the reports as JSON")
    parser.add_argument(
        "--format", choices=[form.value for form in Format], help="instead of the name's ending"
    )
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help=".jsonl or .csv")


def take_each(
    args: argparse.Namespace,
    import_file: Callable[[Config, Path, Format], Report],
    tell: Callable[[Report], None],
) -> int:
    """0 when every file was taken in, 1 when one was refused, else 3: one waits for people."""
    config = load(args.config)
    forms = [_form(path, args.format) for path in args.files]
    reports = []
    for path, form in zip(args.files, forms, strict=True):
        report = import_file(config, path, form)
        reports.append(report)
        if not args.json:
            tell(report)
    if args.json:
        print(json.dumps(reports if len(reports) > 1 else reports[0], ensure_ascii=False))
    if any(not report["imported"] and not report.get("waiting") for report in reports):
        return 1
    return 0 if all(report["imported"] for report in reports) else WAITS


def _form(path: Path, given: str | None) -> Format:
    """UsageFailure ``feed.format``: said before anything is taken."""
    try:
        return Format(given) if given else format_of(path)
    except FileFailure as failure:
        raise UsageFailure(failure.code, **failure.words.values) from None


def through_terminal(config: Config, path: Path, request: Mapping[str, Any]) -> Report:
    """By the control socket of the running terminal. Failure ``feed.no_terminal``."""
    report: Report = answer_of_terminal(config, path, request)["report"]
    return report


def answer_of_terminal(config: Config, path: Path, request: Mapping[str, Any]) -> dict[str, Any]:
    """All that it says, a report among it. Failure ``feed.no_terminal``."""
    socket = config.path(config.control.socket)
    try:
        answer = ask_terminal(socket, {**request, "source": path.name}, _ANSWER_SECONDS)
    except (OSError, ValueError) as error:
        raise Failure("feed.no_terminal", socket=str(socket), cause=str(error)) from None
    report = answer.get("report")
    if not isinstance(report, dict):
        cause = str(answer.get("tech") or answer.get("error") or "no report")
        raise Failure("feed.not_taken", file=str(path), cause=cause)
    return answer


def place(note: Mapping[str, Any]) -> str:
    """Where in the file a problem stands, and why it is one."""
    where = f"line {note['line']}" if note["line"] else "file"
    return f"  {where}: {note['reason']}"
