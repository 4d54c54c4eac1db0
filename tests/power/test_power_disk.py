"""A conclusion that can't be written: trading stops, nothing is reversed, it is found again."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hw_sim.bench.running import until
from hw_sim.proofs.crash.crashing import Crashing
from worlds.crash import SALE, Crash, ask_and_tap, unrecorded


def refund_meets_the_disk(crash: Crashing) -> None:
    """A refund whose outcome can't be written, and the clerk who tries the next one."""
    sale = ask_and_tap(crash)
    unrecorded(crash)
    [refund] = crash.refunds()
    assert (refund["state"], crash.tender(sale)) == ("sealed", (0, 100))


def send_one(crash: Crashing) -> None:
    """A refund whose request has left; its answer is slow."""
    crash.hands.acquirer("mode", "delay:0.4", "--count", "1")
    sale = crash.ask_card(SALE, "100")
    crash.hands.tap(sale["cards"][0])
    until(lambda: crash.messages("0220"), bool, 10, "the request")


def assert_no_trade(crash: Crashing, text: str) -> None:
    crash.clerk.scan(crash.hands.sample("amex-older"))
    crash.clerk.see_text(text)
    crash.clerk.see("failure")
    crash.hands.press("enter")
    crash.clerk.see("home")


def assert_found_again(crash: Crashing) -> None:
    crash.at_rest("accepted")
    assert [row["paid"] for row in crash.given_back()] == [100]
    assert crash.messages("0400") == []
    assert crash.differences() == []


def test_a_disk_without_room_stops_trading_until_it_has_some(crash: Crashing) -> None:
    crash.arm("conclude:before=disk-full")
    refund_meets_the_disk(crash)
    assert_no_trade(crash, "存储已满")
    crash.hands.do("disk-mended")
    assert_found_again(crash)
    crash.give_back("amex-older", "50")
    assert [row["state"] for row in crash.refunds()] == ["accepted", "accepted"]


def test_a_crash_while_the_disk_is_full(crash: Crashing) -> None:
    crash.arm("conclude:before=disk-full")
    refund_meets_the_disk(crash)
    crash.kill()
    crash.reopen()
    assert_found_again(crash)


def test_a_disk_that_fails_stops_trading_until_the_next_start(crash: Crashing) -> None:
    """The kernel refuses every byte beyond the journal's length of this moment: EFBIG."""
    send_one(crash)
    wal = next(crash.files.data.rglob("*-wal"))
    size = wal.stat().st_size
    resource.prlimit(crash.pid, resource.RLIMIT_FSIZE, (size, size))
    unrecorded(crash)
    assert_no_trade(crash, "存储故障")
    crash.kill()
    crash.reopen()
    assert_found_again(crash)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes, for the terminal's data. Needs the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small file system can't be mounted: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def on_small_disk(crash: Crashing, disk: Path) -> None:
    """The terminal's data moves to the small file system, to the byte."""
    data = crash.files.data
    shutil.copytree(data, disk, dirs_exist_ok=True)
    shutil.rmtree(data)
    crash.stage.change_config("terminal", data_dir=str(disk))


def without_journal(disk: Path) -> None:
    """The journal's content goes into the ledger: what is left of it has room for a start."""
    with closing(sqlite3.connect(disk / "ledger.db")) as ledger:
        ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:  # no space left on device
            pass
    return filler


def test_a_file_system_that_fills_up_under_a_refund(small_disk: Path, crashing: Crash) -> None:
    crash = crashing()
    on_small_disk(crash, small_disk)
    crash.open_up()
    send_one(crash)
    filler = fill(small_disk)
    unrecorded(crash)
    assert_no_trade(crash, "存储已满")
    filler.unlink()
    assert_found_again(crash)


def test_a_full_file_system_at_start_up_is_said_plainly(small_disk: Path, crashing: Crash) -> None:
    crash = crashing()
    on_small_disk(crash, small_disk)
    crash.open_up()
    crash.arm("0220:answered")
    crash.dies(lambda: crash.give_back(SALE, "100"))
    without_journal(small_disk)
    filler = fill(small_disk)
    crash.start_ordinary()
    crash.clerk.see("stopped")
    crash.clerk.see_text("存储已满")
    crash.kill()
    filler.unlink()
    crash.reopen()
    assert_found_again(crash)
