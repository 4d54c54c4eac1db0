"""``pos-terminal purge``: counts beside a running terminal, and purges where none runs."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from worlds.config import FILE
from worlds.failures import failure_of
from worlds.ledger import StandingClock

from pos_terminal.cli import purge
from pos_terminal.config import load
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.read_only import read_ledger
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.proof.opening import inline, open_own_ledger
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.services.security.keystore import KEYS_FOLDER, KeyStore, TerminalKeys
from pos_terminal.services.security.security import Security
from pos_terminal.texts import technician
from pos_terminal.wire.feed.lines import Format

CONFIG = FILE + 'inbox = "inbox"\n[retention]\nsales_days = 200\n'
Command = Callable[..., str]
NOW = datetime(2027, 3, 1, 10, tzinfo=timezone(timedelta(hours=8)))
SALE = {
    "sale_id": "S1",
    "merchant_id": "898310012340001",
    "terminal_id": "12345678",
    "batch": "",
    "trace": "",
    "rrn": "",
    "auth_code": "",
    "currency": "156",
    "amount": 500,
    "receipt_no": "T1",
    "tenders": [{"kind": "cash", "amount": 500}],
}


@contextmanager
def opened(config: Path, moment: datetime) -> Iterator[LedgerStore]:
    settings = load(config)
    security = Security.open(settings)
    ledger = open_own_ledger(settings, security, StandingClock(moment), inline)
    yield ledger
    ledger.close()
    security.close()


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A terminal with an old sale and an old file; the clock is kept by NTP."""
    monkeypatch.setattr("pos_terminal.services.security.security.unprovisioned", lambda _: None)
    monkeypatch.setattr(purge, "system_wall", lambda: NOW)
    monkeypatch.setattr(purge, "kernel_synchronised", lambda: True)
    path = tmp_path / "terminal.toml"
    path.write_text(CONFIG, "utf-8")
    keys = KeyStore.open(load(path).data_dir / KEYS_FOLDER)
    keys.load(TerminalKeys(tmk=secrets.token_bytes(16), token=secrets.token_bytes(32)))
    lines = [json.dumps(SALE | {"sold_at": (NOW - timedelta(days=201)).isoformat()})]
    with opened(path, NOW - timedelta(days=201)) as ledger:
        asyncio.run(ledger.feed.take_in(lines, source="x", form=Format.JSONL, allow_pan=False))
    refused = tmp_path / "inbox" / "refused"
    refused.mkdir(parents=True)
    (refused / "old.jsonl").write_text("x")
    then = (NOW - timedelta(days=31)).timestamp()
    os.utime(refused / "old.jsonl", (then, then))
    return path


@pytest.fixture
def command(config: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs purge; what it printed."""

    def run(*words: str) -> str:
        parser = argparse.ArgumentParser()
        purge.add_arguments(parser)
        assert purge.run(parser.parse_args(["--config", str(config), *words])) == 0
        return capsys.readouterr().out

    return run


def sales(config: Path) -> list[Any]:
    with read_ledger(load(config)) as ledger:
        return [row[0] for row in ledger.db.execute("SELECT sale_id FROM sales")]


def test_a_dry_run_counts_beside_a_running_terminal(config: Path, command: Command) -> None:
    with opened(config, NOW):
        found = json.loads(command("--dry-run", "--json"))
        assert found == {"refunds": 0, "slips": 0, "sales": 1, "cases": 0, "audit": 0, "files": 1}
        assert command("--dry-run").startswith("would go:\n  refunds          0   applications")
        assert sales(config) == ["S1"]


def test_it_purges_where_no_terminal_runs(config: Path, command: Command) -> None:
    printed = command()
    assert "purged:" in printed
    assert "  sales            1   sales and events" in printed
    assert sales(config) == []
    assert not list((config.parent / "inbox" / "refused").iterdir())
    with opened(config, NOW) as ledger:
        verify_store(ledger)
    assert set(json.loads(command("--json")).values()) == {0}


def test_a_running_terminal_is_left_to_its_own_purge(config: Path, command: Command) -> None:
    with opened(config, NOW):
        assert failure_of(command) == "ledger.locked"
        assert sales(config) == ["S1"]


def test_without_a_trusted_clock_it_says_why(
    config: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "kernel_synchronised", lambda: False)
    with pytest.raises(Failure, match=r"clock\.unproven_purge") as caught:
        command()
    assert "it purges by itself" in technician(caught.value.words)
    assert sales(config) == ["S1"]


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("sales_days = 100", "retention.sales_days"),
        ("sales_days = 10", "retention.sales_days"),
        ("audit_days = 399", "retention.audit_days"),
    ],
)
def test_a_retention_shorter_than_what_needs_it_is_refused(
    config: Path, command: Command, text: str, option: str
) -> None:
    config.write_text(CONFIG.replace("sales_days = 200", text))
    with pytest.raises(Failure, match=r"config\.option") as caught:
        command("--dry-run")
    assert caught.value.words.values["option"] == option


def test_without_the_window_s_rule_sales_may_go_earlier(config: Path, command: Command) -> None:
    off = "sales_days = 100\n[policy.rules.window]\nenabled = false"
    config.write_text(CONFIG.replace("sales_days = 200", off))
    assert json.loads(command("--dry-run", "--json"))["sales"] == 1
