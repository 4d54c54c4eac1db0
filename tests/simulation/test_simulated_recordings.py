"""Recordings of days: the same from every process, so that what differs is the product's doing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

from hw_sim.bench.people import staff
from hw_sim.proofs.simulation.record import drawn_from, record_days

WITH_VOUCHERS = 24
"""A seed on whose day store credit is given, and money goes to a card."""


def test_two_processes_record_the_same(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "other"]
    for hashing, folder in enumerate(folders):
        command = [sys.executable, "-m", "hw_sim.simulation", "--record", str(folder)]
        subprocess.run(
            [*command, "--first", str(WITH_VOUCHERS), "--seeds", "2"],
            check=True,
            env=os.environ | {"PYTHONHASHSEED": str(hashing)},
        )
    names = [f"{seed:05d}.json" for seed in (WITH_VOUCHERS, WITH_VOUCHERS + 1)]
    for folder in folders:
        assert sorted(path.name for path in folder.iterdir()) == names
    for name in names:
        one, other = (json.loads((folder / name).read_text("utf-8")) for folder in folders)
        assert one == other


def test_a_recording_has_both_sides_and_the_paper(tmp_path: Path) -> None:
    assert record_days(tmp_path, [WITH_VOUCHERS]) == 1
    text = (tmp_path / f"{WITH_VOUCHERS:05d}.json").read_text("utf-8")
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
