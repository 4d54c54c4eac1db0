"""Recordings of days: the same from every process, so that what differs is the product's doing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from hw_sim.bench.people import staff
from hw_sim.proofs.simulation.entropy import drawn_from
from hw_sim.proofs.simulation.shop import the_shop

WITH_VOUCHERS = 24
"""A seed on whose day store credit is given, and money goes to a card."""


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Of one day by two processes."""
    folders = [tmp_path_factory.mktemp(name) / "days" for name in ("one", "other")]
    for hashing, folder in enumerate(folders):
        command = [sys.executable, "-m", "hw_sim.simulation", "--record", str(folder)]
        done = subprocess.run(
            [*command, "--first", str(WITH_VOUCHERS), "--seeds", "1"],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONHASHSEED": str(hashing)},
        )
        assert done.stdout == f"1 days in {folder}\n"
    return folders


def test_two_processes_record_the_same(recordings: list[Path]) -> None:
    (one,), (other,) = ([*folder.iterdir()] for folder in recordings)
    assert one.name == other.name == f"{WITH_VOUCHERS:05d}.json"
    assert json.loads(one.read_text("utf-8")) == json.loads(other.read_text("utf-8"))


def test_a_recording_has_both_sides_and_the_paper(recordings: list[Path]) -> None:
    text = (recordings[0] / f"{WITH_VOUCHERS:05d}.json").read_text("utf-8")
    day = json.loads(text)
    assert day["problems"] == []
    assert "home" in day["prompts"]
    assert {"in", "out"} <= {entry["direction"] for entry in day["messages"]}
    macs = {entry["fields"].get("64") for entry in day["messages"] if "fields" in entry}
    assert macs == {None, "<mac>"}
    assert {voucher["number"] for voucher in day["ledger"]["vouchers"]} == {"<voucher nr.>"}
    paper = [line for slip in day["slips"] for line in slip["lines"]]
    assert any("<voucher nr.>" in line for line in paper)
    assert day["ledger"]["refunds"]


def test_what_is_drawn_comes_from_the_seed() -> None:
    drawn = []
    for seed in (1, 1, 2):
        with drawn_from(Random(seed)):
            drawn.append((os.urandom(8), [one.pin for one in staff()]))
    assert drawn[0] == drawn[1] != drawn[2]
    assert os.urandom(8) != drawn[0][0]


def test_the_shop_of_another_process_has_the_same_keys_and_people() -> None:
    other = the_shop.__wrapped__()  # as it is made once in each process
    assert (other.keys, other.staff) == (the_shop().keys, the_shop().staff)
    assert len({one.pin for one in other.staff}) > 1
