"""The whole ledger is held against its log once a day, and what that finds stops trade (R55)."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hw_sim.virtual import VirtualLoop, run_inline, run_virtual
from worlds.failures import failure_of
from worlds.ledger import World
from worlds.stories import beside

from pos_terminal.cli.main import run_command
from pos_terminal.core.refund import State
from pos_terminal.core.words import Words
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.proof import auditing, verify
from pos_terminal.services.proof.auditing import AGAIN, DAY, START, Auditor
from pos_terminal.services.proof.verify import NEWEST
from pos_terminal.services.security.security import Security


def change(world: World) -> None:
    """An old refund, far behind the newest entries, made smaller."""
    with sqlite3.connect(world.path) as db:
        db.execute("UPDATE refunds SET amount = 1, done = 1")
    db.close()


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """How each look ended: whether it came to its end."""
    ended: list[bool] = []

    def look(*args: Any) -> bool:
        ended.append(verify.verify(*args))
        return ended[-1]

    monkeypatch.setattr(auditing, "verify", look)
    return ended


def test_a_change_is_told_on_the_day_that_it_is_made(world: World, looks: list[bool]) -> None:
    world.sell()
    world.refunded(100, State.ACCEPTED, 100)
    told: list[Words] = []

    async def scene(loop: VirtualLoop) -> None:
        async with beside(Auditor(world.store, run_inline, told.append).run()):
            await asyncio.sleep(START + 60)
            assert (looks, told) == ([True], [])
            change(world)
            await asyncio.sleep(DAY)

    run_virtual(scene)
    assert [words.code for words in told] == ["ledger.tampered"]
    assert told[0].values == {"what": "refund 1"}


def test_it_writes_nothing(world: World, looks: list[bool]) -> None:
    world.sell()
    world.do(world.store.tidy.once())

    async def scene(loop: VirtualLoop) -> None:
        async with beside(Auditor(world.store, run_inline, lambda _: None).run()):
            before = [(file.name, file.read_bytes()) for file in sorted(world.folder.glob("*.db*"))]
            await asyncio.sleep(3 * DAY)
            assert looks == [True] * 3
            after = [(file.name, file.read_bytes()) for file in sorted(world.folder.glob("*.db*"))]
            assert [one for one in after if not one[0].endswith("-shm")] == [
                one for one in before if not one[0].endswith("-shm")
            ]

    run_virtual(scene)


def test_it_gives_way_to_whoever_writes_and_comes_again(
    world: World, looks: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sell()
    monkeypatch.setattr(verify, "_STRIDE", 1)
    real = verify._check_schema
    busy = [True]

    def meanwhile(db: Any) -> None:
        if busy:
            busy.clear()
            world.store.tidy.active()
        real(db)

    monkeypatch.setattr(verify, "_check_schema", meanwhile)

    async def scene(loop: VirtualLoop) -> None:
        async with beside(Auditor(world.store, run_inline, lambda _: None).run()):
            await asyncio.sleep(START + 60)
            assert looks == [False]
            await asyncio.sleep(AGAIN)
            assert looks == [False, True]

    run_virtual(scene)


def many_entries(step: Step) -> None:
    """As many as a start looks at."""
    for number in range(NEWEST):
        step.log("login", n=number)


def found_changed(world: World) -> None:
    """The audit of the night finds an old refund changed; then the terminal stops."""
    world.sell()
    world.refunded(100, State.ACCEPTED, 100)
    world.do(world.store.step("log in", many_entries))
    change(world)
    told: list[Words] = []
    assert run_virtual(lambda _: Auditor(world.store, run_inline, told.append).once())
    assert [words.code for words in told] == ["ledger.tampered"]
    world.store.close()


def test_what_was_found_outlives_the_process_that_found_it(world: World) -> None:
    """The next start looks at the newest entries only, and would trade again."""
    found_changed(world)
    for _ in range(2):
        assert failure_of(world.open) == "ledger.tampered"
    with closing(sqlite3.connect(world.path)) as db, db:
        db.execute("UPDATE refunds SET amount = 100, done = 100")
    world.store = world.open()
    assert list(world.folder.glob("*.changed")) == []
    world.reopen()


def test_commands_that_write_refuse_it_too_and_check_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found_changed(world)
    before = world.path.read_bytes()
    security = SimpleNamespace(
        vault=world.vault,
        tokens=world.tokens,
        keystore=SimpleNamespace(audit_key=world.audit_key),
        close=lambda: None,
    )
    monkeypatch.setattr(Security, "open", lambda _: security)
    config, file = world.write_config(), world.folder / "day.jsonl"
    file.write_text(json.dumps(world.masked("S2")), "utf-8")
    for command in ("import-sales", "import-outcomes"):
        assert run_command([command, "--config", str(config), str(file)]) == 1
        assert "does not agree with its audit log" in capsys.readouterr().err
    assert world.path.read_bytes() == before
    run_command(["check", "--config", str(config), "--json"])
    (found,) = [one for one in json.loads(capsys.readouterr().out) if one["name"] == "ledger"]
    assert not found["ok"]
    assert "ledger.db.changed" in found["tech"]
    world.store = cast(LedgerStore, SimpleNamespace(close=lambda: None))
