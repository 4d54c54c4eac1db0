"""A run of the tests says at its end in ten lines what failed, and what is wrong with memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from at_the_end import MOST, pytest_sessionfinish, told
from hw_sim import memory_folder
from hw_sim.memory_folder import unfit

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "failed",
    [
        {"tests/a.py": ["test_one"]},
        {f"tests/{n}.py": ["test_one"] * n for n in range(1, 7)},
        {f"tests/{n}.py": [f"test_with_a_long_name_{i}" for i in range(50)] for n in range(40)},
    ],
)
@pytest.mark.parametrize("memory", [None, "no memory"])
def test_ten_lines_at_most_that_name_the_worst_files(
    failed: Mapping[str, list[str]], memory: str | None
) -> None:
    lines = told(failed, 7, memory)
    assert len(lines) <= MOST
    assert all(len(line) <= 120 for line in lines)
    count = sum(map(len, failed.values()))
    assert lines[0].startswith(f"FAILED: {count:,} of {count + 7:,} tests, in ")
    worst = max(failed, key=lambda file: len(failed[file]))
    assert f"{worst}: {len(failed[worst])}: {failed[worst][0]}" in lines[1]
    assert lines[-1].endswith(worst)
    assert (memory in lines) == (memory is not None)


def test_a_good_run_is_one_line() -> None:
    assert told({}, 3_456) == ["ALL 3,456 TESTS PASSED"]
    assert told({}, 0) == ["NO TEST RAN"]


def test_a_run_that_was_stopped_says_nothing_of_all() -> None:
    assert told({}, 3_456, stopped=True) == ["STOPPED BEFORE THE END: 3,456 tests had passed"]
    failed = {"tests/a.py": ["test_one"]}
    assert told(failed, 7, stopped=True) == told(failed, 7)


def test_our_own_runs_end_with_it(pytestconfig: pytest.Config) -> None:
    hooks = pytestconfig.pluginmanager.hook.pytest_sessionfinish.get_hookimpls()
    assert pytest_sessionfinish in [one.function for one in hooks]


CONFTEST = """\
from pathlib import Path
import at_the_end
from at_the_end import pytest_sessionfinish
at_the_end.MEMORY = Path("/nowhere")
"""


def run_in(folder: Path, *options: str) -> str:
    """What a run of the tests there says; it does not go well."""
    (folder / "conftest.py").write_text(CONFTEST)
    command = [sys.executable, "-m", "pytest", "-q", *options, "-p", "no:cacheprovider", "."]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests/shared"), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    return done.stdout


def test_a_real_run_ends_with_it(tmp_path: Path) -> None:
    for n in range(12):
        body = f"def test_a(): assert {n} == 3\n\n\ndef test_b(): assert {n} != 5\n"
        (tmp_path / f"test_{n:02}.py").write_text(body)
    (tmp_path / "test_broken.py").write_text("import nothing_that_is_there\n")
    said = run_in(tmp_path, "-n", "2")
    last = said[said.rindex("\nFAILED: ") :].strip().splitlines()
    assert len(last) <= MOST
    assert last[:3] == [
        "FAILED: 13 of 25 tests, in 12 files",
        "  test_broken.py: 1: (the file itself)",
        "  test_05.py: 2: test_a, test_b",
    ]
    assert "  and 6 in 6 more files" in last
    assert [line for line in last if line.startswith("/nowhere can't be written")]


def test_a_real_run_that_is_stopped_is_no_good_one(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("def test_a(): pass\n")
    (tmp_path / "test_b.py").write_text(
        "import pytest\n\n\ndef test_b(): pytest.exit('enough')\n\n\ndef test_c(): pass\n"
    )
    assert "\nSTOPPED BEFORE THE END: 1 tests had passed\n" in run_in(tmp_path)


def test_memory_that_can_not_be_written_is_told_in_words(tmp_path: Path) -> None:
    assert unfit(tmp_path, 0) is None
    missing = unfit(tmp_path / "shm", 0)
    assert missing is not None
    assert missing.startswith(f"{tmp_path}/shm can't be written (no such file or directory): ")
    assert "remount,rw" in missing
    full = unfit(tmp_path, 1 << 60)
    assert full is not None
    assert "MB free" in full
    assert "--shm-size" in full


def test_what_is_only_tried_then_lies_on_the_disk_and_that_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(memory_folder, "MEMORY", tmp_path / "shm")
    room = 1  # nobody else asks for so little: what is kept for others stays
    assert memory_folder.memory_folder(room) is None
    assert memory_folder.memory_folder(room) is None
    assert capsys.readouterr().err.count(f"{tmp_path}/shm can't be written") == 1
