"""``python -m hw_sim.measure``: its status, what it measures quickly, and the key's way."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from pathlib import Path

import pytest
from hw_sim.proofs.measure import __main__ as command
from hw_sim.proofs.measure import committing, packing
from hw_sim.proofs.measure.figures import Check, Row
from hw_sim.proofs.measure.keyboard import Keyboard
from hw_sim.proofs.measure.raw import ECHO
from hw_sim.proofs.measure.rows import GROUPS, Group
from hw_sim.proofs.measure.stand import Stand


def stand(folder: Path) -> Stand:
    return Stand(folder, sales=100, full=False, say=lambda _: None)


def slow(_: Stand) -> list[Row]:
    return [Row("slow", "quick", (Check("p50", 9.0, 1.0, floor=1.0),))]


def broken(_: Stand) -> list[Row]:
    raise RuntimeError("no disk")


def test_every_group_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--list"]) == 0
    shown = capsys.readouterr().out
    assert all(group.name in shown for group in GROUPS)
    assert len({group.name for group in GROUPS}) == len(GROUPS)


@pytest.mark.parametrize(("groups", "status"), [((slow,), 0), ((broken, slow), 1)])
def test_slowness_never_fails_and_a_broken_measurement_hides_no_other(
    groups: tuple[object, ...],
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    made = tuple(Group(one.__name__, one.__name__, one) for one in groups)  # type: ignore[attr-defined,arg-type]
    monkeypatch.setattr(command, "GROUPS", made)
    assert command.main(["--json", "--folder", str(tmp_path)]) == status
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["met"] for row in rows] == [None, False][-len(groups) :]
    assert list(tmp_path.iterdir()) == []


def test_the_codec_is_measured_beside_the_library(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(packing, "ROUNDS", 2)
    monkeypatch.setattr(packing, "CALLS", 2)
    rows = packing.measure(stand(tmp_path))
    assert [row.what for row in rows] == ["ISO 8583 pack", "ISO 8583 unpack"]
    assert all(check.measured > 0 and check.floor for row in rows for check in row.checks)


def test_a_commit_is_measured_in_both_states_of_its_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(committing, "STEPS", 3)
    monkeypatch.setattr(committing, "_WARM", 1)
    rows = committing.measure(stand(tmp_path))
    assert ["growing" in row.what for row in rows] == [True, False]
    assert (tmp_path / "commit" / "raw").stat().st_size > 0


def test_a_key_is_answered_by_the_screen(tmp_path: Path) -> None:
    keypad = tmp_path / "keypad"
    os.mkfifo(keypad)
    echo = [sys.executable, "-S", "-c", ECHO, str(keypad), "17", "[]", ""]
    with Keyboard(echo, keypad=keypad) as keyboard:
        seconds, size = keyboard.press("1")
        assert (size, seconds > 0) == (17, True)
        assert keyboard.said == b"x" * 17
        keyboard.come_to_rest()
        assert keyboard.painted() == b""
    assert keyboard.process.returncode is not None


def test_the_floor_of_a_scan_asks_its_database_first(tmp_path: Path) -> None:
    keypad, path = tmp_path / "keypad", tmp_path / "some.db"
    os.mkfifo(keypad)
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE asked (times)")
    db.close()
    reads = json.dumps(["INSERT INTO asked VALUES (1)", "SELECT * FROM asked"])
    echo = [sys.executable, "-S", "-c", ECHO, str(keypad), "5", reads, path.as_uri()]
    with Keyboard(echo, keypad=keypad) as keyboard:
        keyboard.press("1")
        keyboard.come_to_rest()
    found = sqlite3.connect(path)
    assert found.execute("SELECT count(*) FROM asked").fetchone() == (2,), "key and release"
    found.close()
