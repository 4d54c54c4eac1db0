"""The control socket of a real terminal: other users of the machine, who are in a class or none."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hw_sim.bench.at_terminal import control
from hw_sim.bench.shop import Shop

from pos_terminal.config import load
from pos_terminal.core.voucher import draw_number

TILL, TILLS, STRANGER = 4_321, 4_322, 4_323
_ASK_AS = """
import json, os, socket, sys
path, uid, gid, *requests = sys.argv[1:]
os.setgroups([int(gid)])
os.setgid(65534)
os.setuid(int(uid))
answers = []
with socket.socket(socket.AF_UNIX) as link:
    link.connect(path)
    lines = link.makefile("rwb")
    for request in requests:
        try:
            lines.write(request.encode() + b"\\n")
            lines.flush()
            line = lines.readline()
        except OSError:
            break
        if not line:
            break
        answers.append(json.loads(line))
print(json.dumps(answers))
"""
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become others")


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A bench on which a further group is the tills'."""
    with Shop(tmp_path_factory.mktemp("shop"), "--no-card-service") as shop:
        text = shop.files.config.read_text("utf-8")
        till = next(line for line in text.splitlines() if line.startswith("till = "))
        shop.files.config.write_text(text.replace(till, f'till = ["@{TILLS}"]'), "utf-8")
        yield shop


def ask_as(shop: Shop, uid: int, gid: int, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    """What another user of this machine is answered, on one connection."""
    path = Path(control(shop.files.folder))
    path.parent.chmod(0o755)
    path.chmod(0o666)
    texts = [json.dumps(one) for one in requests]
    command = [sys.executable, "-I", "-c", _ASK_AS, str(path), str(uid), str(gid), *texts]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def causes(answers: Sequence[dict[str, Any]]) -> list[str]:
    return [str(one.get("cause", "ok" if one["ok"] else one.get("error"))) for one in answers]


def entries(shop: Shop, kind: str) -> list[dict[str, Any]]:
    ledger = load(shop.files.config).ledger
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as db:
        sql = "SELECT facts FROM audit WHERE kind = ? ORDER BY seq"
        return [json.loads(row[0]) for row in db.execute(sql, (kind,))]


def test_a_stranger_is_refused_whatever_it_asks_and_the_log_has_it(shop: Shop) -> None:
    for verb in ("state", "screen", "redeem"):
        answers = ask_as(shop, STRANGER, STRANGER, {"verb": verb}, {"verb": verb})
        assert causes(answers) == ["control.class"], "once, and then the line is closed"
    found = [one for one in entries(shop, "control_refused") if one["uid"] == STRANGER]
    assert found == [{"uid": STRANGER, "verb": "state", "times": 1}]


def test_a_till_in_a_further_group_has_its_verbs_and_no_others(shop: Shop) -> None:
    verbs = ("state", "draw-stan", "import-sales", "import-outcomes", "screen", "wait")
    answers = ask_as(shop, TILL, TILLS, *({"verb": verb} for verb in verbs))
    assert causes(answers) == ["ok", "ok", *["control.class"] * 4]
    assert "devices" in answers[0]


def test_a_till_that_guesses_vouchers_is_locked_out_and_another_goes_on(shop: Shop) -> None:
    ours = load(shop.files.config).terminal
    guesses = [
        {"verb": "voucher", "number": draw_number(ours.merchant_id, ours.terminal_id)}
        for _ in range(7)
    ]
    found = causes(ask_as(shop, TILL, TILLS, *guesses))
    assert found == ["voucher.unknown"] * 5 + ["voucher.locked"] * 2
    assert causes(ask_as(shop, TILL + 10, TILLS, guesses[0])) == ["voucher.unknown"]
    (locked,) = entries(shop, "voucher_locked")
    assert (locked["uid"], locked["times"]) == (TILL, 5)
    refused = [one for one in entries(shop, "voucher_refused") if one["uid"] == TILL]
    assert [one["times"] for one in refused] == [1]
