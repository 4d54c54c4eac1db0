"""Opening: a new file, an old one, somebody else's; and the work that waits for quiet."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hw_sim.virtual import VirtualLoop, run_virtual
from worlds.failures import failure_of
from worlds.ledger import World
from worlds.stories import beside, in_virtual_time

import pos_terminal
from pos_terminal.core.application import Withdrawn
from pos_terminal.core.refund import State
from pos_terminal.core.words import Failure
from pos_terminal.ports import Conclusion
from pos_terminal.services.ledger import migrations
from pos_terminal.services.ledger.tidy import QUIET_SECONDS
from pos_terminal.texts import catalogue


def test_one_process_at_a_time(world: World) -> None:
    assert failure_of(world.open) == "ledger.locked"
    world.reopen()


def test_a_failed_opening_lets_the_lock_go(world: World) -> None:
    world.store.close()
    changes: tuple[dict[str, Any], ...]
    changes = ({"merchant_id": "898310012340002"}, {"terminal_id": "87654321"})
    for change in changes:
        with pytest.raises(Failure, match=r"ledger\.foreign"):
            world.open(**change)
    world.store = world.open()
    assert world.kinds() == ["opened", "opened"]


def test_a_newer_schema_is_left_alone(world: World) -> None:
    world.store.writer.db.execute(f"PRAGMA user_version = {migrations.VERSION + 1}")
    world.store.close()
    assert failure_of(world.open) == "ledger.newer"
    db = sqlite3.connect(world.path)
    assert db.execute("PRAGMA user_version").fetchone()[0] == migrations.VERSION + 1
    db.execute(f"PRAGMA user_version = {migrations.VERSION}")
    db.close()
    world.store = world.open()


def test_a_ledger_of_0_1_0_is_refused_in_words_and_left_alone(world: World) -> None:
    world.store.writer.db.execute("PRAGMA user_version = 1")
    world.store.close()
    before = world.path.read_bytes()
    assert failure_of(world.open) == "ledger.older"
    with closing(sqlite3.connect(world.path)) as db, pytest.raises(Failure, match=r"ledger\.older"):
        migrations.readable(db, "ledger.db")
    assert world.path.read_bytes() == before
    db = sqlite3.connect(world.path)
    db.execute(f"PRAGMA user_version = {migrations.VERSION}")
    db.close()
    world.store = world.open()


def test_a_ledger_that_is_up_to_date_opens_without_heavy_imports(world: World) -> None:
    world.store.close()
    script = f"""
import sys
from pathlib import Path
from pos_terminal.services.ledger.connect import open_writer
from pos_terminal.services.ledger.migrations import migrate
import pos_terminal.services.ledger.store
assert not migrate(open_writer(Path({str(world.path)!r})), "")
heavy = {{"sqlite_utils", "cryptography", "argon2", "PIL"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)
    world.store = world.open()


def test_what_was_being_entered_is_over_after_a_restart(world: World) -> None:
    world.sell()
    world.apply_for(100)
    world.reopen()
    assert world.application(1).state == "cancelled"


def test_a_cancelled_application_is_kept_with_its_reason(world: World) -> None:
    world.sell()
    number = world.apply_for(100).number
    world.do(world.store.applications.cancel(number, Withdrawn.CLERK))
    row = world.store.db.execute("SELECT state, why FROM applications").fetchone()
    assert tuple(row) == ("cancelled", "clerk")
    with pytest.raises(Failure, match=r"ledger\.application"):
        world.do(world.store.applications.cancel(number, Withdrawn.CLERK))


def test_an_unwritable_folder_is_told(world: World) -> None:
    assert failure_of(lambda: world.open(Path("/proc/ledger.db"))) == "ledger.unreadable"


def test_every_failure_has_its_texts() -> None:
    package = Path(pos_terminal.__file__).parent
    files = [
        file for folder in ("services", "cli", "wire") for file in package.glob(f"{folder}/**/*.py")
    ]
    source = "".join(file.read_text("utf-8") for file in files)
    named = set(re.findall(r'"((?:ledger|feed)\.[a-z_]+)"', source))
    told = {key for key, text in catalogue().items() if "tech" in text}
    assert named == {key for key in told if key.startswith(("ledger.", "feed."))}


# --- quiet ----------------------------------------------------------------------------------


@in_virtual_time
async def test_after_activity_it_tidies_once_and_then_writes_nothing(world: World) -> None:
    async with beside(world.store.run()):
        for _ in range(3):
            await world.store.journal.note("login", {})
            await asyncio.sleep(QUIET_SECONDS - 1)
        assert "checkpoint" not in world.kinds()
        await asyncio.sleep(2)
        assert world.kinds().count("checkpoint") == 1
        size = world.path.with_name("ledger.db-wal").stat()
        await asyncio.sleep(100_000)
        assert world.path.with_name("ledger.db-wal").stat() == size
        assert world.kinds().count("checkpoint") == 1
        await world.store.journal.note("login", {})
        await asyncio.sleep(QUIET_SECONDS + 1)
        assert world.kinds().count("checkpoint") == 2


@in_virtual_time
async def test_a_burst_leaves_no_more_than_a_mebibyte_of_log(world: World) -> None:
    wal = world.path.with_name("ledger.db-wal")
    async with beside(world.store.run()):
        for _ in range(60):
            await world.store.journal.note("login", {"note": "x" * 100_000})
        assert wal.stat().st_size > 4 << 20
        await asyncio.sleep(QUIET_SECONDS + 1)
        assert wal.stat().st_size <= 1 << 20


def test_it_leaves_a_refund_on_its_way_alone(world: World) -> None:
    world.sell()

    async def scene(loop: VirtualLoop) -> None:
        async with beside(world.store.run()):
            number = (await world.store.applications.open(**world.asked(100))).number
            sealed = await world.store.seal(number, world.card(), world.request(100))
            await asyncio.sleep(60)
            assert "checkpoint" not in world.kinds()
            await world.store.conclude(sealed.refund.refund_id, Conclusion(State.DECLINED))
            await asyncio.sleep(QUIET_SECONDS + 1)
            assert world.kinds()[-1] == "checkpoint"

    run_virtual(scene)


@in_virtual_time
async def test_a_full_disk_does_not_end_the_tidying(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with beside(world.store.run()) as running:

        def fail() -> None:
            raise Failure("ledger.full", file="x", cause="SQLITE_FULL")

        monkeypatch.setattr(world.store.writer, "checkpoint", fail)
        await world.store.journal.note("login", {})
        await asyncio.sleep(QUIET_SECONDS + 1)
        assert not running.done()
        monkeypatch.undo()
        await world.store.journal.note("login", {})
        await asyncio.sleep(QUIET_SECONDS + 1)
        assert world.kinds()[-1] == "checkpoint"
