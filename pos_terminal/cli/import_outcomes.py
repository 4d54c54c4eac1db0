"""``pos-terminal import-outcomes``: the acquirer's file of outcomes (``docs/acquirer-file.md``)."""

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
from pos_terminal.core.settling import Settling
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.ports import Ledger
from pos_terminal.profiles import load as load_profile
from pos_terminal.services.intake.aside import shown
from pos_terminal.services.intake.outcome_files import read_text
from pos_terminal.services.intake.outcome_inbox import keep
from pos_terminal.services.intake.watched import make_folders
from pos_terminal.services.money.by_file import ByFile
from pos_terminal.services.money.by_people import ByPeople
from pos_terminal.services.money.in_flight import InFlight
from pos_terminal.services.money.record import Recorder
from pos_terminal.services.paper.slips import SlipMaker
from pos_terminal.services.process.trusted_clock import (
    TrustedClock,
    kernel_synchronised,
    system_wall,
)
from pos_terminal.services.proof.opening import inline, open_own_ledger
from pos_terminal.services.security.security import Security
from pos_terminal.texts import technician
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.feed.outcomes import parse

__all__ = ["add_arguments", "run"]


def run(args: argparse.Namespace) -> int:
    """0 when every file was taken in, 1 when one was refused, 3 when one waits to be confirmed."""
    return take_each(args, import_file, _print_report)


def import_file(config: Config, path: Path, form: Format) -> Report:
    """Take in one file, directly or through the running terminal; ``OutcomeReport.as_json``.

    Failure ``feed.…``, ``ledger.…``, ``outcomes.…``.
    """
    text = read_text(path)
    try:
        return asyncio.run(_directly(config, text, form, shown(path)))
    except Failure as failure:
        if failure.code != "ledger.locked":
            raise
    request = {"verb": "import-outcomes", "text": text, "format": form.value}
    return through_terminal(config, path, request)


async def _directly(config: Config, text: str, form: Format, source: str) -> Report:
    """Into the ledger of a terminal that does not run; its slips print when it starts.

    What a supervisor is to confirm waits where the terminal finds it.
    """
    security = Security.open(config)
    try:
        clock = TrustedClock(
            wall=system_wall, synchronised=kernel_synchronised, zone=config.terminal.zone
        )
        ledger = open_own_ledger(config, security, clock, inline)
        try:
            clock.hold_against(ledger.journal.last_at)
            by_file = _by_file(config, ledger, clock)
            file = parse(text, form, source, ledger.home)
            trusted = config.acquirer.files == "trusted"
            report = await by_file.take(file, None if trusted else Settling())
            if report.waiting:
                make_folders(config.outcomes)
                keep(config.outcomes, text, form, source, file.digest)
            return report.as_json()
        finally:
            ledger.close()
    finally:
        security.close()


def _by_file(config: Config, ledger: Ledger, clock: TrustedClock) -> ByFile:
    profile = load_profile(config.acquirer.profile, config.file)
    recorder = Recorder(
        ledger=ledger,
        profile=profile,
        papers=lambda: SlipMaker(config, ledger, clock),
        clock=clock,
        concluded=lambda _: None,
        stop=_no_trade_to_stop,
    )
    in_flight = InFlight()
    by_people = ByPeople(
        profile=profile,
        zone=config.terminal.zone,
        ledger=ledger,
        recorder=recorder,
        clock=clock,
        in_flight=in_flight,
    )
    return ByFile(ledger=ledger, recorder=recorder, by_people=by_people, in_flight=in_flight)


def _no_trade_to_stop(words: Words, *, broken: bool) -> None:
    """Nothing trades here."""


def _print_report(report: Report) -> None:
    if report["waiting"]:
        print(technician(say("outcomes.waits", file=report["source"])), file=sys.stderr)
    elif report["imported"]:
        print(
            "{source}: {records} records: {concluded} settled, {agrees} agree, {contradicts} "
            "contradict, {paid_twice} paid twice, {left} left, {unmatched} not in this ledger, "
            "{known} known already, {others} of other terminals".format_map(report)
        )
    else:
        problems = len(report["problems"])
        failure = Failure("outcomes.refused", file=report["source"], problems=problems)
        print(technician(failure.words), file=sys.stderr)
    for note in (*report["problems"], *report["notes"]):
        print(place(note), file=sys.stderr)
