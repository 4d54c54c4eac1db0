"""The disk as a power cut may leave it: opened by the unchanged terminal, nothing is missing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from hw_sim.proofs.power.__main__ import main
from hw_sim.proofs.power.disk import Disk
from hw_sim.proofs.power.images import images, judge
from hw_sim.proofs.power.judge import lay_out, look
from hw_sim.proofs.power.recording import Recording, record

IMAGES = 120
"""Any number of them: python -m hw_sim.power."""
COUNTERS = (
    *("applications", "approvals", "sales", "tenders", "goods_codes", "blind_sales"),
    *("exceptions", "evidence", "form_confirmations", "findings", "cases"),
    *("vouchers", "voucher_origins", "stock_movements", "reopened"),
    *("case_steps", "case_evidence", "case_papers", "payouts", "closings"),
)
OF_OTHER_DAYS = {
    *("cleared_cards", "drawn_stans", "feed_events", "outcome_files", "outcomes"),
    *("purges", "redemptions", "refusals"),
}


@pytest.fixture(scope="module")
def recording(strace: None, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    del strace
    return record(tmp_path_factory.mktemp("power") / "tour")


def test_whatever_of_the_unsynced_is_lost_the_ledger_keeps_its_word(recording: Recording) -> None:
    tally = judge(recording, range(IMAGES), go_on_every=20)
    assert tally.failed == []
    assert (tally.images, tally.gone_on >= IMAGES // 50) == (IMAGES, True)
    assert len(tally.contents) > IMAGES * 0.7
    assert len(tally.moments) > IMAGES * 0.7


def test_the_recording_has_all_that_a_terminal_writes(recording: Recording) -> None:
    """A new ledger and its import, a day with its checkpoints, the day after a kill."""
    beginning, day, after = recording.acts
    assert "ledger.db" not in beginning.base
    assert {change.path for change, _ in beginning.steps} >= {"ledger.db", "ledger.db-wal"}
    assert {change.path for change, _ in day.steps} >= {
        *("ledger.db", "ledger.db-wal", "ledger.db.head.new", "ring.bin"),
        *("people.db-wal", "keys/session.keys.new"),
    }
    assert "ledger.db-wal" in after.base
    promises = [promise for _, promise in day.steps]
    assert promises[-1].seq > promises[0].seq + 20
    assert promises[-1].book is not None


def test_the_judge_misses_no_row_of_what_the_counter_writes(
    recording: Recording, tmp_path: Path
) -> None:
    """The tour has rows in all tables but those of other days; one less is noticed of each."""
    last, chance = recording.acts[-1], Random(1)
    disk, promise = Disk(last.base), last.steps[-1][1]
    for change, _ in last.steps:
        disk.do(change)
    image = disk.after_a_cut(chance)
    lay_out(image, tmp_path / "whole", chance)
    with closing(sqlite3.connect(tmp_path / "whole" / "ledger.db")) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        rows = {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}  # noqa: S608
    assert {name for name in names if not rows[name]} == OF_OTHER_DAYS
    for name in COUNTERS:
        lay_out(image, tmp_path / name, chance)
        with closing(sqlite3.connect(tmp_path / name / "ledger.db")) as db:
            last_one = f"SELECT * FROM {name} ORDER BY 1 DESC LIMIT 1"  # noqa: S608
            columns = [one[0] for one in db.execute(last_one).description]
            row = db.execute(last_one).fetchone()
            same = " AND ".join(f"{column} IS ?" for column in columns)
            assert db.execute(f"DELETE FROM {name} WHERE {same}", row).rowcount == 1  # noqa: S608
            db.commit()
        assert look(tmp_path / name, recording, promise).problems, name
    assert look(tmp_path / "whole", recording, promise).problems == []


def test_one_number_is_one_image(recording: Recording) -> None:
    once, again = (list(images(recording, [7, 8])) for _ in range(2))
    assert once == again
    assert once[0][3] != once[1][3]


def test_a_file_of_our_own_that_is_not_synced_is_noticed(strace: None, tmp_path: Path) -> None:
    del strace
    recording = record(tmp_path / "tour", mutant="no-barrier")
    tallies = (judge(recording, range(at, at + 10), go_on_every=0) for at in range(0, 60, 10))
    assert any("keys.damaged" in problem for tally in tallies for problem in tally.failed)


def test_synchronous_normal_is_noticed_and_its_image_judged_again(
    strace: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del strace
    mutant = ["--mutant", "synchronous-normal", "--images", "20", "--go-on-every", "0"]
    assert main([*mutant, "--folder", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "was reported durable, and is not there" in said
    [replay] = [line for line in said.splitlines() if line.startswith("replay: ")]
    folder = replay.split()[-3]
    number = said.partition(" image ")[2].split()[0]
    assert main(["--recording", folder, "--image", number]) == 1
    assert f"image {number} " in capsys.readouterr().out
