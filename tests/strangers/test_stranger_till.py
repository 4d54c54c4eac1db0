"""A till of others that writes GB18030 with semicolons: by inbox, by command, and what is bad."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from stranger_counter import CHINA, Counter, shell
from stranger_till import ENCODING, Till, export


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    with Counter(tmp_path_factory.mktemp("till") / "bench") as counter:
        config = counter.folder / "terminal.toml"
        text = config.read_text("utf-8")
        assert "[sales]\n" in text
        config.write_text(text.replace("[sales]\n", '[sales]\ninbox = "inbox"\n'), "utf-8")
        counter.start()
        yield counter


def till(counter: Counter) -> Till:
    sample = counter.hands.sample("visa-older")
    return Till(sample["merchant_id"], "00000077", datetime.now(CHINA) - timedelta(hours=3))


def imported(counter: Counter, file: Path) -> tuple[int, dict[str, Any]]:
    config = str(counter.folder / "terminal.toml")
    words = ["import-sales", "--json", "--config", config, str(file)]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pos_terminal", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, report


def test_its_day_goes_in_by_the_inbox_and_the_rest_once_it_is_mended(counter: Counter) -> None:
    ours = till(counter)
    good, other = ours.sale("保温杯; 大号", 12900), ours.sale("龙井茶", 8800)
    rounded = ours.sale("铁观音", 4500, rrn="7.7E+11")
    short = ours.sale("普洱茶", 3000, merchant_id="1")
    inbox = counter.folder / "inbox"
    hidden = inbox / ".day.csv"
    hidden.write_bytes(export([good, rounded, other, short, ours.voided(other["sale_id"])]))
    hidden.rename(inbox / "day.csv")
    counter.until((inbox / "done" / "day.csv").exists, "the day taken in")
    errors = (inbox / "refused" / "day.csv.errors.txt").read_text("utf-8").splitlines()
    told = [line.split("\t") for line in errors]
    assert [(number, code) for number, code, _, _ in told] == [
        ("3", "spreadsheet_rounded"),
        ("5", "spreadsheet_zeros"),
    ]
    assert "电子表格" in told[0][2]
    assert "7.7E+11" in told[0][3]
    state = json.loads(shell("state", counter.folder))
    assert state["feed"]["refused"] == 2
    counter.home()
    assert "2 条销售记录未导入" in "".join(counter.hands.screen()["rows"])
    counter.hands.scan(good["receipt_no"])
    assert counter.hands.wait("sale|failure") == "sale"
    assert "保温杯; 大号" in "".join(counter.hands.screen()["rows"])
    counter.home()
    refused = inbox / "refused" / "day.csv"
    mended = refused.read_bytes().decode(ENCODING)
    mended = mended.replace("7.7E+11", "770000000003").replace(
        ";1;00000077", f";{ours.merchant};00000077"
    )
    (inbox / ".mended.csv").write_bytes(mended.encode(ENCODING))
    (inbox / ".mended.csv").rename(inbox / "mended.csv")
    counter.until((inbox / "done" / "mended.csv").exists, "the mended lines taken in")
    state = json.loads(shell("state", counter.folder))
    assert state["feed"]["refused"] == 0


def test_a_running_terminal_and_a_stopped_one_say_the_same_of_a_file(
    counter: Counter, tmp_path: Path
) -> None:
    ours = till(counter)
    ours.sold = 100
    rows = [ours.sale("绿茶", 500), ours.sale("红茶", 600, amount="6.00")]
    file = tmp_path / "day.csv"
    file.write_bytes(export(rows))
    status, first = imported(counter, file)
    counter.stop()
    again, second = imported(counter, file)
    assert (status, again) == (1, 1)
    assert (first["added"], second["known"]) == (1, 1)
    assert first["problems"] == second["problems"]
    (problem,) = first["problems"]
    assert (problem["line"], problem["sale_id"], problem["code"]) == (3, "丙-0102", "whole_number")
