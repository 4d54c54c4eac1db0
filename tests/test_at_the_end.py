"""A run of the tests says at its end in ten lines what failed, and what is wrong with memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from at_the_end import MOST, told
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


def test_a_real_run_ends_with_it(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("from at_the_end import pytest_sessionfinish\n")
    for n in range(12):
        body = f"def test_a(): assert {n} == 3\n\n\ndef test_b(): assert {n} != 5\n"
        (tmp_path / f"test_{n:02}.py").write_text(body)
    (tmp_path / "test_broken.py").write_text("import nothing_that_is_there\n")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", "."]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests/shared"), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    last = done.stdout[done.stdout.rindex("\nFAILED: ") :].strip().splitlines()
    assert len(last) <= MOST
    assert last[:3] == [
        "FAILED: 13 of 25 tests, in 12 files",
        "  test_broken.py: 1: (the file itself)",
        "  test_05.py: 2: test_a, test_b",
    ]
    assert "  and 6 in 6 more files" in last


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
