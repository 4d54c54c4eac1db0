"""``pos-terminal import-sales``: files of the sales feed, whether the terminal runs or not."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from pos_terminal.cli import import_files
from pos_terminal.cli.import_files import Report, answer_of_terminal, place, take_each
from pos_terminal.config import Config
from pos_terminal.core.words import Failure, say
from pos_terminal.ports.books.feed import MOST_NAMED, ImportReport
from pos_terminal.services.intake.feed_files import FeedFile, format_of, told, wipe
from pos_terminal.services.intake.taking import Intake
from pos_terminal.services.process.trusted_clock import (
    TrustedClock,
    kernel_synchronised,
    system_wall,
)
from pos_terminal.services.proof.opening import inline, open_own_ledger
from pos_terminal.services.retention.purge_files import refused_folder
from pos_terminal.services.security.security import Security
from pos_terminal.texts import technician
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.feed.source import Line

__all__ = ["add_arguments", "import_directly", "import_file", "run"]

_PART: Final = 2 << 20
"""Bytes of a file that go to a running terminal at once."""
_COUNTS: Final = ("records", "added", "known", "expired", "events", "refused")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    import_files.add_arguments(parser)
    parser.add_argument(
        "--all-or-nothing",
        action="store_true",
        help="take nothing of a file with a bad record (only while the terminal is stopped)",
    )


def run(args: argparse.Namespace) -> int:
    """0 when all of every file was taken in, 1 when some of it was refused."""
    whole: bool = args.all_or_nothing
    reports = []

    def taken(config: Config, path: Path, form: Format) -> Report:
        reports.append(import_file(config, path, form, all_or_nothing=whole))
        return reports[-1]

    status = take_each(args, taken, _print_report)
    return status or int(any(report["refused"] for report in reports))


def import_file(
    config: Config, path: Path, form: Format | None = None, *, all_or_nothing: bool = False
) -> Report:
    """Take in one file, directly or through the running terminal; ``ImportReport.as_json``.

    A file with full card numbers is wiped once it is in. Failure ``feed.*``, ``ledger.*``.
    """
    form = form or format_of(path)
    with FeedFile(path) as file:
        try:
            report, held = import_directly(config, file, form, all_or_nothing=all_or_nothing)
        except Failure as failure:
            if failure.code != "ledger.locked":
                raise
            if all_or_nothing:
                raise Failure("feed.whole_running") from None
            report, held = _by_terminal(config, file, form)
        if held and (report["imported"] or not config.sales.allow_full_pan):
            _wipe(config, file)
    return report


def _wipe(config: Config, file: FeedFile) -> None:
    """What held card numbers and was taken; where they are not allowed, people are told. What was
    refused for something else stays, to be mended."""
    if not config.sales.allow_full_pan:
        _warn("feed.still_full_pan", file)
    elif not wipe(file):
        _warn("feed.changed", file)


def _warn(code: str, file: FeedFile) -> None:
    print(technician(say(code, file=told(file.path))), file=sys.stderr)


def import_directly(
    config: Config, file: FeedFile, form: Format, *, all_or_nothing: bool = False
) -> tuple[Report, bool]:
    """Into the ledger itself; the report, and whether the file held card numbers.

    Failure ``ledger.locked`` where the terminal runs.
    """
    security = Security.open(config)
    try:
        report, held = asyncio.run(_import(config, security, file, form, all_or_nothing))
        return report.as_json(), held
    finally:
        security.close()


async def _import(
    config: Config, security: Security, file: FeedFile, form: Format, all_or_nothing: bool
) -> tuple[ImportReport, bool]:
    from pos_terminal.wiring import acquirer_profile

    profile = acquirer_profile(config)
    clock = TrustedClock(
        wall=system_wall, synchronised=kernel_synchronised, zone=config.terminal.zone
    )
    ledger = open_own_ledger(config, security, clock, inline, auth_code=profile.auth_code_length)
    clock.hold_against(ledger.journal.last_at)
    try:
        intake = Intake(ledger, refused_folder(config))
        with intake.keeping():
            return await intake.file(
                file,
                allow_pan=config.sales.allow_full_pan,
                form=form,
                all_or_nothing=all_or_nothing,
            )
    finally:
        ledger.close()


def _by_terminal(config: Config, file: FeedFile, form: Format) -> tuple[Report, bool]:
    """By its control socket, in parts; the sum of its reports."""
    found: Report = {}
    held = False
    for part in _parts(file.lines(), form):
        request = {
            **part,
            "verb": "import-sales",
            "format": form.value,
            "full_pan": config.sales.allow_full_pan,
        }
        answer = answer_of_terminal(config, file.path, request)
        found = _sum(found, answer["report"])
        held = held or bool(answer.get("held_pan"))
    return found, held


def _parts(lines: Iterable[Line], form: Format) -> Iterator[dict[str, Any]]:
    """Requests, each with lines of the file; of CSV each begins with the first line."""
    header: Line | None = None
    part: list[Line] = []
    size = 0
    for line in lines:
        if header is None and line.data.strip():
            header = line
        part.append(line)
        size += len(line.data)
        if size >= _PART:
            yield _request(part, header if form is Format.CSV else None)
            part, size = [], 0
    yield _request(part, header if form is Format.CSV else None)


def _request(part: list[Line], header: Line | None) -> dict[str, Any]:
    if not part:
        return {"lines": []}
    first = part[0]
    before = [] if header is None or header.number >= first.number else [header]
    return {
        "lines": [line.decoded() for line in (*before, *part)],
        "encoding": first.encoding.value,
        "after": first.number - 1,
    }


def _sum(one: Report, other: Report) -> Report:
    if not one:
        return other
    problems = [*one["problems"], *other["problems"]][:MOST_NAMED]
    counts = {name: one[name] + other[name] for name in _COUNTS}
    taken = one["imported"] or other["imported"]
    return {**one, **counts, "imported": taken, "problems": problems}


def _print_report(report: Report) -> None:
    if report["imported"] and report["records"] == 0:
        print(technician(say("feed.empty", file=report["source"])), file=sys.stderr)
    elif report["imported"]:
        print(
            "{source}: {records} records: {added} sales added, {events} events, "
            "{known} known already".format_map(report)
        )
        if report["expired"]:
            print("{expired} left out: older than [retention] keeps".format_map(report))
    if report["refused"]:
        _print_refusal(report)


def _print_refusal(report: Report) -> None:
    code = "feed.partly" if report["imported"] else "feed.refused"
    refused = say(code, file=report["source"], problems=report["refused"])
    print(technician(refused), file=sys.stderr)
    for problem in report["problems"]:
        print(place(problem), file=sys.stderr)
