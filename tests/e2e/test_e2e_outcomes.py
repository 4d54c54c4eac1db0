"""Answers that never came, concluded by the acquirer's file: both sides have the same money."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hw_sim.bench.running import PATIENCE, until
from hw_sim.bench.shop import Shop
from worlds.shop import COMMAND, QUICK_PAPER, give_back, last, outcome

TRUSTED, ASKED = 'files = "trusted"', 'files = "confirm"'
INBOX = '[sales]\ninbox = "inbox"'


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """An acquirer that promises nothing of identical requests: nothing is sent again."""
    with Shop(tmp_path_factory.mktemp("shop"), "--repeat", "never", *QUICK_PAPER) as shop:
        text = shop.files.config.read_text("utf-8")
        assert text.count("[sales]") == text.count(TRUSTED) == 1
        text = text.replace(TRUSTED, f'{TRUSTED}\ninbox = "from-acquirer"')
        shop.files.config.write_text(text.replace("[sales]", INBOX), "utf-8")
        yield shop


def lose_an_answer(shop: Shop, amount: str) -> dict[str, Any]:
    """A refund that is paid and whose answer is dropped: unknown, with its certificate."""
    shop.hands.acquirer("mode", "drop-answer", "--count", "1", "--on", "refund")
    give_back(shop, "visa-older", "visa", amount)
    found = outcome(shop, "结果未知")
    assert found["state"] == "unknown"
    assert shop.differences() != []
    return found


def import_outcomes(shop: Shop, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "import-outcomes", "--config", str(shop.files.config), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)


def take_in(shop: Shop, name: str, *words: str) -> dict[str, Any]:
    """The acquirer's file of now, by the command."""
    path = shop.files.folder / name
    path.write_text(shop.hands.acquirer("file", *words), "utf-8")
    done = import_outcomes(shop, path, "--json")
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def concluded(shop: Shop, unknown: dict[str, Any], slips: int) -> None:
    """Accepted with the acquirer's own RRN, its case closed, and two slips that say by what."""
    found = last(shop)
    assert (found["state"], found["done"]) == ("accepted", unknown["amount"])
    theirs = [row for row in shop.hands.acquirer("ledger") if row["stan"] == found["stan"]]
    assert found["rrn"] in [row["rrn"] for row in theirs]
    cases = [row for row in shop.hands.ledger()["cases"] if row["refund_id"] == found["refund_id"]]
    assert [(row["kind"], row["state"]) for row in cases] == [("unknown_outcome", "closed")]
    for slip in shop.hands.wait_receipts(slips + 2)[-2:]:
        assert slip["complete"]
        assert "依收单机构文件" in slip["text"]
        assert found["stan"] in slip["text"]
    assert shop.differences() == []


def test_the_running_terminal_takes_the_file_and_prints_the_slips(shop: Shop) -> None:
    unknown = lose_an_answer(shop, "211")
    slips = len(shop.hands.receipts())
    report = take_in(shop, "outcomes.jsonl")
    assert (report["concluded"], report["contradicts"], report["left"]) == (1, 0, 0)
    concluded(shop, unknown, slips)
    again = take_in(shop, "outcomes.jsonl")
    assert (again["concluded"], again["known"]) == (0, report["records"])


def test_a_stopped_terminal_prints_them_when_it_starts(shop: Shop) -> None:
    unknown = lose_an_answer(shop, "212")
    slips = len(shop.hands.receipts())
    shop.terminal.stop()
    assert take_in(shop, "outcomes.csv", "--csv")["concluded"] == 1
    assert last(shop)["state"] == "accepted"
    shop.open_up()
    concluded(shop, unknown, slips)


def test_the_acquirer_has_a_folder_of_its_own(shop: Shop) -> None:
    unknown = lose_an_answer(shop, "213")
    slips = len(shop.hands.receipts())
    for folder, end in (("inbox", "refused"), ("from-acquirer", "done")):
        inbox = shop.files.folder / folder
        written = shop.files.folder / "whole.jsonl"
        written.write_text(shop.hands.acquirer("file"), "utf-8")
        written.rename(inbox / "outcomes.jsonl")
        until((inbox / end / "outcomes.jsonl").exists, bool, PATIENCE, f"the file in {end}/")
    concluded(shop, unknown, slips)


def ask_first(shop: Shop, asked: bool) -> None:
    """What the configuration says of the acquirer's files; the terminal is stopped."""
    old, new = (TRUSTED, ASKED) if asked else (ASKED, TRUSTED)
    text = shop.files.config.read_text("utf-8")
    assert old in text
    shop.files.config.write_text(text.replace(old, new), "utf-8")


def test_what_a_supervisor_has_to_confirm_waits_for_the_next_log_in(shop: Shop) -> None:
    unknown = lose_an_answer(shop, "214")
    slips = len(shop.hands.receipts())
    shop.terminal.stop()
    ask_first(shop, asked=True)
    path = shop.files.folder / "asked.jsonl"
    path.write_text(shop.hands.acquirer("file"), "utf-8")
    done = import_outcomes(shop, path, "--json")
    assert done.returncode == 3
    report = json.loads(done.stdout)
    assert (report["imported"], report["waiting"], report["concluded"]) == (False, True, 1)
    assert last(shop)["state"] == "unknown"
    shop.open_up()
    assert shop.hands.state()["outcomes"] == {"waiting": 1}
    running = import_outcomes(shop, path)
    assert (running.returncode, "nothing was taken yet" in running.stderr) == (3, True)
    shop.hands.press("menu")
    shop.clerk.see("menu")
    shop.hands.press("5", "1")
    shop.clerk.log_in()
    shop.clerk.see_text("¥2.14")
    assert shop.hands.screen()["prompt"] == "outcomes.confirm"
    shop.hands.press("enter")
    shop.clerk.approve()
    shop.clerk.see("home")
    concluded(shop, unknown, slips)
    assert shop.hands.state()["outcomes"] == {"waiting": 0}
    shop.terminal.stop()
    ask_first(shop, asked=False)
    shop.open_up()


def test_a_file_that_contradicts_is_refused_and_changes_nothing(shop: Shop) -> None:
    before = shop.hands.ledger()["refunds"]
    record = json.loads(shop.hands.acquirer("file").splitlines()[0])
    path = shop.files.folder / "wrong.jsonl"
    path.write_text(json.dumps(record | {"amount": record["amount"] + 1}) + "\n", "utf-8")
    done = import_outcomes(shop, path)
    assert done.returncode == 1
    assert "line 1" in done.stderr
    assert shop.hands.ledger()["refunds"] == before
