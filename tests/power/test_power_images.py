"""The disk as a power cut may leave it: opened by the unchanged terminal, nothing is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hw_sim.proofs.power.__main__ import main
from hw_sim.proofs.power.images import images, judge
from hw_sim.proofs.power.recording import Recording, record

IMAGES = 300


@pytest.fixture(scope="module")
def recording(strace: None, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    del strace
    return record(tmp_path_factory.mktemp("power") / "tour")


def test_whatever_of_the_unsynced_is_lost_the_ledger_keeps_its_word(recording: Recording) -> None:
    tally = judge(recording, range(IMAGES), go_on_every=15)
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


def test_one_number_is_one_image(recording: Recording) -> None:
    once, again = (list(images(recording, [7, 8])) for _ in range(2))
    assert once == again
    assert once[0][3] != once[1][3]


def test_a_file_of_our_own_that_is_not_synced_is_noticed(strace: None, tmp_path: Path) -> None:
    del strace
    tally = judge(record(tmp_path / "tour", mutant="no-barrier"), range(60), go_on_every=0)
    assert any("keys.damaged" in problem for problem in tally.failed), tally.failed


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
