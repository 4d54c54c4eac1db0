"""One bench in a folder at a time, and nothing of a killed one left behind."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hw_sim.bench import lock
from hw_sim.bench.files import Files, read_bench, write_json, write_private
from hw_sim.bench.processes import Process, alive, descendants
from hw_sim.device import BenchError

SLEEPER = [sys.executable, "-c", "import sys; print('up', flush=True); sys.stdin.read()"]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(SLEEPER, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    yield process
    process.kill()
    process.communicate()


def test_a_folder_holds_one_bench(files: Files) -> None:
    complaint = f"already up .*process {os.getpid()}"
    with lock.claimed(files), pytest.raises(BenchError, match=complaint), lock.claimed(files):
        pass
    with lock.claimed(files):
        pass


def test_leftovers_of_a_killed_bench_are_ended(
    files: Files, child: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    runtime = tmp_path / "hwsim-test"
    runtime.mkdir()
    [this] = [one for one in descendants(os.getpid()) if one.pid == child.pid]
    lock.remember_processes(files, runtime)
    noted = json.loads(files.leftovers.read_text())
    assert [this.pid, this.started] in noted["processes"]
    # this test's own child only: others of this process belong to other tests
    write_json(files.leftovers, noted | {"processes": [[this.pid, this.started]]})
    lock.clear_leftovers(files)
    assert child.wait(5) < 0
    assert not runtime.exists()
    assert not files.leftovers.exists()


def test_a_reused_process_number_is_left_alone(
    files: Files, child: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    [this] = [one for one in descendants(os.getpid()) if one.pid == child.pid]
    noted = {"runtime": str(tmp_path / "elsewhere"), "processes": [[this.pid, this.started - 1]]}
    write_json(files.leftovers, noted)
    lock.clear_leftovers(files)
    assert alive(this)
    assert not alive(Process(this.pid, this.started - 1))


def test_a_folder_that_no_bench_made_is_never_removed(files: Files, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    write_json(files.leftovers, {"runtime": str(precious), "processes": []})
    lock.clear_leftovers(files)
    assert precious.exists()


@pytest.mark.parametrize("text", ["", "null", "{}", '{"runtime": 1, "processes": [1]}'])
def test_broken_notes_are_dropped(files: Files, text: str) -> None:
    files.leftovers.write_text(text)
    lock.clear_leftovers(files)
    assert not files.leftovers.exists()


def test_files_are_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_bench_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="no bench is up"):
        read_bench(tmp_path)
    (tmp_path / "bench.json").write_text("{")
    with pytest.raises(BenchError, match=r"bench\.json can't be read"):
        read_bench(tmp_path)
