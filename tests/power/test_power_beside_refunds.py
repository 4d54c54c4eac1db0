"""kill -9 at the steps that no refund passes: a case closed, the acquirer's file, a purge (R33)."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any

from hw_sim.bench.client import ask
from hw_sim.proofs.crash.crashing import Crashing
from worlds.crash import SALE, Crash, ask_and_tap

from pos_terminal.config import load
from pos_terminal.services.ledger.read_only import read_ledger

REFERENCE = "20261123001"
YEAR_SECONDS = 365 * 24 * 3600
"""Slips are kept for less than that; all else is kept for longer."""


def object_to_the_slip(crash: Crashing) -> None:
    """A refund, whose customer says that the slip is wrong."""
    ask_and_tap(crash)
    crash.hands.remove()
    crash.hands.press("menu")
    crash.clerk.answer("case.kind", "7", enter=False)
    crash.clerk.answer("case.opened", "")
    crash.clerk.see("case.facts")
    crash.hands.press("cancel")
    crash.clerk.see("home")


def close_the_case(crash: Crashing) -> None:
    crash.ready()
    crash.hands.press("menu")
    crash.clerk.answer("menu", "4", enter=False)
    crash.clerk.answer("menu.mistakes", "1", enter=False)
    crash.clerk.answer("case.list", "1", enter=False)
    crash.clerk.answer("case.facts", "")
    crash.clerk.answer("case.reference", REFERENCE)
    crash.clerk.answer("case.close", "1", enter=False)
    crash.clerk.answer("case.loss", "")
    crash.clerk.approve()
    crash.clerk.answer("case.confirm_closing", "")
    crash.clerk.answer("case.closed", "")


def the_case(crash: Crashing) -> tuple[str, str | None]:
    [case] = crash.hands.ledger()["cases"]
    return case["state"], case["reference"]


def test_a_case_is_closed_whole_or_not_at_all(crash: Crashing) -> None:
    crash.ready()
    object_to_the_slip(crash)
    for point, found in (
        ("close_case:inside", ("open", None)),
        ("close_case:after", ("closed", REFERENCE)),
    ):
        crash.arm(point)
        crash.dies(lambda: close_the_case(crash))
        crash.open_up()
        crash.verify()
        assert the_case(crash) == found
    assert [row["state"] for row in crash.refunds()] == ["accepted"]


def take_in_the_file(crash: Crashing) -> dict[str, Any]:
    text = crash.hands.acquirer("file")
    request = {"verb": "import-outcomes", "text": text, "source": "1122.jsonl"}
    report: dict[str, Any] = ask(crash.hands.control, request, seconds=10.0)["report"]
    return report


def test_the_acquirers_file_is_taken_in_once_and_whole(crashing: Crash) -> None:
    crash = crashing(repeat="never")
    crash.open_up()
    sale = crash.ask_card(SALE, "100")
    crash.hands.acquirer("mode", "drop-answer", "--count", "1")
    crash.hands.tap(sale["cards"][0])
    crash.at_rest("unknown")
    for point, state, tender in (
        ("import_outcomes:inside", "unknown", (0, 100)),
        ("import_outcomes:after", "accepted", (100, 0)),
    ):
        crash.arm(point)
        crash.dies(lambda: take_in_the_file(crash))
        crash.open_up()
        crash.at_rest(state)
        assert crash.tender(sale) == tender
    assert take_in_the_file(crash)["concluded"] == 0, "once is enough"
    crash.quiet()
    assert len(crash.hands.ledger()["outcomes"]) == 1
    assert crash.differences() == []


def slips_gone(crash: Crashing) -> int:
    """How many of the printed slips say nothing any more."""
    with read_ledger(load(crash.files.config)) as ledger:
        sql = "SELECT count(*) FROM print_jobs WHERE slip -> 'head' ->> 'merchant_name' = ''"
        found: int = ledger.db.execute(sql).fetchone()[0]
    return found


def purge(crash: Crashing, *at: str) -> int:
    """``pos-terminal purge``, a year on, killed at these points; its exit status."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "hw_sim.proofs.crash.purge",
        "--clock",
        str(YEAR_SECONDS),
    ]
    points = [word for point in at for word in ("--at", point)]
    config = ["--config", str(crash.files.config)]
    return subprocess.run([*command, *config, *points], check=False, timeout=30).returncode


def test_a_purge_goes_on_where_it_was_killed(crash: Crashing) -> None:
    crash.give_back(SALE, "100")
    crash.quiet()
    crash.stop()
    for points, status, gone in (
        (["purge.slips:inside"], -signal.SIGKILL, 0),
        (["purge.slips:after"], -signal.SIGKILL, 2),
        ([], 0, 2),
    ):
        assert purge(crash, *points) == status
        crash.verify()
        assert slips_gone(crash) == gone
    assert [row["state"] for row in crash.refunds()] == ["accepted"]
