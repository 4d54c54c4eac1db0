"""Stages for crashes, and what must hold after each of them, whatever happened."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hw_sim.cards import catalogue
from hw_sim.proofs.crash.crashing import Crashing
from hw_sim.proofs.crash.forks import Forks
from hw_sim.proofs.crash.stage import QUICK, Stage, make_shop
from worlds.crash import Crash


@pytest.fixture(scope="session")
def power_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provisioned once; every test works on a copy."""
    folder = tmp_path_factory.mktemp("power") / "shop"
    make_shop(folder)
    return folder


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks | None]:
    """What lives with points and acquirers are forks of; with ``KILLS=all`` each is a process from
    its exec on. So is every life of a file that says None."""
    if os.environ.get("KILLS") == "all":
        yield None
        return
    with Forks() as found:
        yield found


@pytest.fixture(scope="session")
def strace() -> None:
    """Skips the test where system calls can't be traced."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    command = ["strace", "-D", "-o", "/dev/null", "true"]
    works = subprocess.run(command, capture_output=True, text=True, check=False)
    if works.returncode != 0:
        pytest.skip(f"strace may not trace here: {works.stderr.strip()}")


@pytest.fixture(scope="session")
def started() -> set[object]:
    """The tests of which a case began: in its first one each life without points, as ``reopen``
    starts it, is a process from its exec on."""
    return set()


@pytest.fixture
def crashing(
    power_shop: Path,
    forks: Forks | None,
    started: set[object],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> Iterator[Crash]:
    """Makes the test's terminal. Keywords: ``options`` of the acquirer, ``ledger_holds=False``
    where the ledger is spoiled on purpose; others replace options of ``[acquirer]``."""
    first = request.function not in started
    started.add(request.function)
    with ExitStack() as closing:

        def make(
            *, options: tuple[str, ...] = (), ledger_holds: bool = True, **acquirer: Any
        ) -> Crashing:
            stage = Stage(
                *(power_shop, tmp_path / "stage"),
                acquirer={**QUICK, **acquirer},
                options=options,
                forks=forks,
            )
            closing.enter_context(stage)
            found = closing.enter_context(Crashing(stage, forks, as_in_a_shop=first))
            closing.callback(lambda: hold_together(found, ledger_holds=ledger_holds))
            return found

        yield make


@pytest.fixture
def crash(crashing: Crash) -> Crashing:
    """A terminal with its clerk logged in."""
    crash = crashing()
    crash.open_up()
    return crash


def hold_together(crash: Crashing, *, ledger_holds: bool) -> None:
    """The invariants: nothing paid twice or beyond the sale, no card number in any file."""
    crash.stop()
    card_numbers = {info.pan.reveal().encode() for info in catalogue().values()}
    for path in [*crash.files.data.rglob("*"), crash.files.folder / "terminal.log"]:
        if path.is_file():
            content = path.read_bytes()
            assert not [number for number in card_numbers if number in content], path
    if not ledger_holds:
        return
    crash.verify()
    books = crash.books()
    sold = {row["rrn"]: row["amount"] for row in books.acquirer if row["kind"] == "sale"}
    given: dict[str, int] = {}
    for row in crash.given_back():
        given[row["original_rrn"]] = given.get(row["original_rrn"], 0) + row["paid"]
    assert all(given[rrn] <= sold[rrn] for rrn in given)
    stans = [(row["batch"], row["stan"]) for row in books.card_refunds]
    assert len(set(stans)) == len(stans)
    asked = {(row["batch"], row["stan"]): row["amount"] for row in books.card_refunds}
    for row in crash.given_back():
        assert row["paid"] <= asked[row["batch"], row["stan"]]
