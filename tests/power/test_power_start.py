"""What a start may find: a clock that went back, another terminal's ledger, a spoiled one."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from hw_sim.proofs.crash.crashing import Crashing
from worlds.crash import Crash

SALE = "visa-older"
DAY = 86_400.0


@pytest.fixture(scope="module")
def forks() -> None:
    """None: here the start itself is what is tested, from its exec on."""


def ledger_file(crash: Crashing) -> Path:
    [found] = [path for path in crash.files.data.rglob("*.db") if "ledger" in path.name]
    return Path(found)


def assert_out_of_service(crash: Crashing, text: str) -> None:
    crash.start_ordinary()
    crash.clerk.see("stopped")
    crash.clerk.see_text(text)
    crash.stop()
    assert crash.messages("0220") == []


def test_a_clock_before_the_last_entry_is_refused_until_it_is_right(crashing: Crash) -> None:
    """The first life was a day ahead, as NTP and the acquirer were, and died with a refund on its
    way."""
    crash = crashing(ledger_holds=True)
    crash.hands.acquirer("clock", str(DAY))
    crash.open_up(words=("--clock", str(DAY), "--clock-proven"))
    crash.hands.acquirer("mode", "swallow", "--on", "refund")
    crash.arm("0220:sent")
    crash.dies(lambda: crash.give_back(SALE, "100"))
    crash.hands.acquirer("mode", "normal")
    crash.hands.acquirer("clock", "0")
    crash.reopen()
    crash.clerk.scan(crash.hands.sample("amex-older"))
    crash.clerk.see("failure")
    crash.clerk.see_text("时钟早于最后一笔记录")
    assert len(crash.refunds()) == 1
    crash.stop()
    crash.hands.acquirer("clock", str(2 * DAY))
    crash.open_up(words=("--clock", str(2 * DAY), "--clock-proven"))
    crash.at_rest("accepted")
    assert crash.differences() == []


def test_the_ledger_of_another_terminal_is_left_alone(crashing: Crash) -> None:
    crash = crashing()
    before = ledger_file(crash).read_bytes()
    crash.stage.change_config("terminal", terminal_id="10020009")
    assert_out_of_service(crash, "账本属于另一终端")
    assert ledger_file(crash).read_bytes() == before


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 0x01
    path.write_bytes(content)


def folded(crash: Crashing) -> Path:
    """The ledger as one file, without a WAL beside it."""
    path = ledger_file(crash)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.close()
    return path


def test_a_changed_byte_of_the_journal_locks_the_terminal(crashing: Crash) -> None:
    crash = crashing(ledger_holds=False)
    crash.open_up()
    crash.give_back(SALE, "100")
    crash.stop()
    path = folded(crash)
    # the kind tells the audit entry from the slip, which has amount and application as well
    entry = re.search(
        rb'"amount":100(?=,"application":[0-9]+,[^{}]{0,600}"refund_kind")', path.read_bytes()
    )
    assert entry is not None
    flip(path, entry.end() - 1)
    crash.start_ordinary()
    crash.clerk.see("stopped")
    crash.clerk.see_text("账本被改动")


@pytest.mark.parametrize("at", [3, 100])
def test_a_file_that_is_no_database_any_more_locks_the_terminal(crashing: Crash, at: int) -> None:
    """Byte 3 is SQLite's name, byte 100 the root page's kind."""
    crash = crashing(ledger_holds=False)
    flip(folded(crash), at)
    assert_out_of_service(crash, "账本损坏")


def test_an_old_copy_put_back_locks_the_terminal(crashing: Crash) -> None:
    crash = crashing(ledger_holds=False)
    old = folded(crash).read_bytes()
    crash.open_up()
    crash.give_back(SALE, "100")
    crash.wait_noted()
    crash.stop()
    folded(crash).write_bytes(old)
    crash.start_ordinary()
    crash.clerk.see("stopped")
    crash.clerk.see_text("账本被换回旧版")
