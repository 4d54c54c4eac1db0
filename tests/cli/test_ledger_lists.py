"""``pos-terminal ledger``: who did what, when, and under which application."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from worlds.releases import TODAY, Release

from pos_terminal.cli.main import run_command

WANTED = {
    "refunds": {"sealed_at", "operator", "application"},
    "applications": {"opened_at", "operator", "number"},
    "print_jobs": {"queued_at", "application"},
    "cases": {"opened_at", "closed_by"},
}


def test_the_lists_name_time_clerk_and_application(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    Release(TODAY, folder)
    config = str(folder / "terminal.toml")
    assert run_command(["ledger", "--config", config]) == 0
    lists = [block.splitlines() for block in capsys.readouterr().out.split("\n\n")]
    told = {head.partition(":")[0]: (rows[0].split(), rows[1:]) for head, *rows in lists if rows}
    for name, wanted in WANTED.items():
        columns, rows = told[name]
        assert wanted <= set(columns), name
        assert rows
    assert run_command(["ledger", "--config", config, "--json"]) == 0
    every = json.loads(capsys.readouterr().out)
    answers = {one["goods_back"] for one in every["applications"]}
    assert answers == {"named", "none", "unknown", None}
    known = {one["refund_id"]: one for one in every["refunds"]}
    columns, rows = told["refunds"]
    for row in rows:
        shown = dict(zip(columns, row.split(), strict=False))
        one = known[int(shown["refund_id"])]
        for column in ("sealed_at", "operator", "application"):
            assert shown[column] == str(one[column])
