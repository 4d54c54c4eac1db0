"""From a released schema to a later one: all of it or nothing, and as if it had been made so."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from worlds import constant_keys, releases
from worlds.failures import failure_of
from worlds.going_on import finish_and_trade
from worlds.ledger import World
from worlds.next_schema import NEXT, NextVersion, forget
from worlds.releases import TODAY, Release
from worlds.statements import at_each_statement

from pos_terminal.cli.main import run_command
from pos_terminal.core.goods_code import codes_of
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.sale import SaleLine
from pos_terminal.services.ledger import migrations
from pos_terminal.services.ledger.books import shelf
from pos_terminal.services.ledger.connect import open_reader, open_writer
from pos_terminal.services.ledger.migrations import migrate, readable, version_of
from pos_terminal.services.ledger.steps import to_4
from pos_terminal.services.ledger.steps.rebuild import rebuild
from pos_terminal.services.proof import opening
from pos_terminal.services.proof.verify import verify

SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_schema"


@pytest.fixture
def busy(sold: World) -> World:
    """Two sales, of which one was given back in part, and the other's only row is the last."""
    sold.refunded(4_000, State.ACCEPTED, 4_000, answer=sold.answer())
    sold.seal(1_000)
    sold.sell("S2")
    sold.seal(10_000, "S2", Kind.VOID)
    sold.store.close()
    return sold


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[NextVersion]:
    with monkeypatch.context() as patch:
        yield NextVersion(patch)
    forget()


def content(db: sqlite3.Connection) -> dict[str, list[str]]:
    """All rows of all tables."""
    tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return {
        name: sorted(repr(tuple(row)) for row in db.execute(f"SELECT * FROM {name}"))  # noqa: S608
        for (name,) in tables
    }


def schema(db: sqlite3.Connection) -> set[tuple[object, ...]]:
    return {tuple(row) for row in db.execute(SCHEMA)}


def test_a_migrated_ledger_is_as_a_new_one_and_holds(busy: World, later: NextVersion) -> None:
    later.install()
    busy.store = busy.open()
    db = busy.store.writer.db
    assert version_of(db) == NEXT
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as new:
        migrate(new, "")
        assert schema(db) == schema(new)
    assert verify(busy.path, busy.audit_key)
    assert [row[0] for row in db.execute("SELECT store FROM sales")] == ["store of 12345678"] * 2
    assert busy.tender() == (4_000, 1_000)
    assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    assert db.execute("PRAGMA legacy_alter_table").fetchone()[0] == 0
    assert busy.kinds()[-2:] == ["migrated", "opened"]
    busy.reopen()
    assert busy.kinds().count("migrated") == 1


def test_a_step_that_fails_in_the_middle_leaves_the_file_as_it_was(
    busy: World, later: NextVersion
) -> None:
    def half(db: sqlite3.Connection) -> None:
        later.step(db)
        raise RuntimeError("no way on")

    with closing(sqlite3.connect(busy.path)) as db:
        before = content(db), schema(db)
    later.install(half)
    with pytest.raises(RuntimeError, match="no way on"):
        busy.open()
    with closing(sqlite3.connect(busy.path)) as db:
        assert version_of(db) == NEXT - 1
        assert (content(db), schema(db)) == before
    later.install()
    busy.store = busy.open()


def test_killed_at_each_statement_it_is_the_old_one_or_the_new_one(
    busy: World, later: NextVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later.install()
    images = at_each_statement(monkeypatch, busy.path, tmp_path / "images")
    busy.store = busy.open()
    assert len(images) > 5
    found = set()
    for image in images:
        with closing(sqlite3.connect(image)) as db:
            found.add(version_of(db))
        opened = busy.open(image)
        assert version_of(opened.writer.db) == NEXT
        assert opened.sales.by_id("S1").held == 1_000  # type: ignore[union-attr] # it is there
        assert verify(image, busy.audit_key)
        opened.close()
    assert found == {NEXT - 1, NEXT}


def test_a_full_disk_leaves_it_as_it_was(busy: World, later: NextVersion) -> None:
    later.install()

    def full(path: Path) -> sqlite3.Connection:
        db = open_writer(path)
        db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
        return db

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "open_writer", full)
        assert failure_of(busy.open) == "ledger.full"
    with closing(sqlite3.connect(busy.path)) as db:
        assert version_of(db) == NEXT - 1
        assert "marks" not in content(db)
    busy.store = busy.open()


def test_what_does_not_hold_stays_as_it_was(busy: World, later: NextVersion) -> None:
    """Money that somebody moved behind the log, and a step that moves some."""
    with closing(sqlite3.connect(busy.path)) as db, db:
        db.execute("UPDATE refunds SET done = 3999 WHERE refund_id = 1")
    later.install()
    assert failure_of(busy.open) == "ledger.tampered"
    with closing(sqlite3.connect(busy.path)) as db, db:
        assert version_of(db) == NEXT - 1
        db.execute("UPDATE refunds SET done = 4000 WHERE refund_id = 1")

    def generous(db: sqlite3.Connection) -> None:
        later.step(db)
        db.execute("UPDATE tenders SET done = done - 1 WHERE done > 0")

    later.install(generous)
    assert failure_of(busy.open) == "ledger.tampered"
    later.install()
    busy.store = busy.open()
    assert busy.tender() == (4_000, 1_000)


def test_a_step_that_forgets_something_is_found(busy: World, later: NextVersion) -> None:
    def forgetful(db: sqlite3.Connection) -> None:
        later.step(db)
        db.execute("DROP TRIGGER one_hold_of_a_sale")

    later.install(forgetful)
    assert failure_of(busy.open) == "ledger.tampered"
    later.install(lambda db: None)
    assert failure_of(busy.open) == "ledger.tampered"
    later.install()
    busy.store = busy.open()


def test_a_damaged_one_and_another_terminals_are_not_migrated(
    busy: World, later: NextVersion
) -> None:
    later.install()
    assert failure_of(lambda: busy.open(terminal_id="87654321")) == "ledger.foreign"
    with closing(sqlite3.connect(busy.path)) as db:
        assert version_of(db) == NEXT - 1
        db.execute("ALTER TABLE sales RENAME TO sold")
    assert failure_of(busy.open) == "ledger.damaged"
    with closing(sqlite3.connect(busy.path)) as db:
        assert version_of(db) == NEXT - 1
        db.execute("PRAGMA legacy_alter_table = ON")
        db.execute("ALTER TABLE sold RENAME TO sales")
    assert failure_of(busy.open) == "ledger.tampered", "a renamed table has another text"
    busy.store = World(busy.folder / "another").store


@pytest.mark.parametrize("command", ["ledger", "explain", "check"])
def test_commands_that_only_look_say_so_and_change_nothing(
    busy: World, later: NextVersion, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    config = busy.write_config()
    later.install()
    for version, said in (
        (NEXT - 1, f"schema {NEXT - 1}, this version writes {NEXT}"),
        (NEXT + 1, f"schema {NEXT + 1}, this version knows {NEXT}"),
        (1, "0.1.0"),
        (NEXT, "no table marks"),
        (0, "tables of no known version"),
    ):
        with closing(sqlite3.connect(busy.path)) as db:
            db.execute(f"PRAGMA user_version = {version}")
        before = busy.path.read_bytes()
        more = ["1"] if command == "explain" else []
        assert run_command([command, *more, "--config", str(config)]) != 0
        out, err = capsys.readouterr()
        assert said in out + err
        assert busy.path.read_bytes() == before
    with closing(sqlite3.connect(busy.path)) as db:
        db.execute(f"PRAGMA user_version = {NEXT - 1}")
    busy.store = busy.open()


def test_one_of_everything_comes_through_it(
    later: NextVersion, unpacked: Callable[[str], Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at each statement, too."""
    release = unpacked(TODAY)
    folder = release.another("migrated")
    images = at_each_statement(monkeypatch, folder / "data" / "ledger.db", folder / "images")
    later.install()
    assert same(release, folder)
    assert len(images) > 5
    found: dict[str, int] = {}
    for image in (*images, *torn(images[-1])):
        with closing(sqlite3.connect(image)) as db:
            left = json.dumps(content(db))
            if left in found:
                continue
            found[left] = version_of(db)
        again = release.another(f"migrated-{image.parent.name}")
        image.replace(again / "data" / image.name)
        assert same(release, again)
    assert set(found.values()) == {NEXT - 1, NEXT}


def torn(image: Path) -> Iterator[Path]:
    """The same with less of its WAL: the power went while it was written."""
    frame = 24 + 4096  # https://sqlite.org/fileformat2.html#walformat
    whole = image.with_name(image.name + "-wal").read_bytes()
    for part in (0.3, 0.8):
        cut = image.parent.with_name(f"torn-{part}")
        shutil.copytree(image.parent, cut)
        frames = int(len(whole) // frame * part)
        (cut / (image.name + "-wal")).write_bytes(whole[: 32 + frames * frame + 1000])
        yield cut / image.name


def test_a_terminal_of_the_next_version_goes_on_from_it(
    later: NextVersion, unpacked: Callable[[str], Release]
) -> None:
    release = unpacked(TODAY)
    later.install()
    finish_and_trade(release)


def same(release: Release, folder: Path) -> bool:
    """Whether it is whole, with the money that it had."""
    found = releases.facts_of(folder)
    assert found == {name: release.facts[name] for name in found}
    return verify(folder / "data" / "ledger.db", constant_keys.AUDIT)


def test_a_table_made_anew_is_the_same_table(unpacked: Callable[[str], Release]) -> None:
    """Each one, with all that belongs to it and all that refers to it."""
    path = unpacked(TODAY).another("rebuilt") / "data" / "ledger.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        was = content(db), schema(db)
        for pragma in ("foreign_keys = OFF", "legacy_alter_table = ON"):
            db.execute(f"PRAGMA {pragma}")
        for name in [one for one in was[0] if not one.startswith("sqlite_")]:
            made = "SELECT sql || ';' FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL"
            script = "\n".join(row[0] for row in db.execute(made, (name,)))
            db.execute("BEGIN")
            rebuild(db, name, script)
            db.execute("COMMIT")
            assert (content(db), schema(db)) == was, name
        assert not db.execute("PRAGMA foreign_key_check").fetchall()
    assert verify(path, constant_keys.AUDIT)


def test_numbers_are_not_handed_out_twice_after_it(busy: World) -> None:
    """AUTOINCREMENT of a table whose newest row is gone."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.execute("CREATE TABLE t (n INTEGER PRIMARY KEY AUTOINCREMENT)")
        db.executemany("INSERT INTO t (n) VALUES (?)", [(1,), (2,)])
        for gone in (2, 1):
            db.execute("DELETE FROM t WHERE n = ?", (gone,))
            script = "CREATE TABLE t (n INTEGER PRIMARY KEY AUTOINCREMENT, more TEXT);"
            rebuild(db, "t", script, {"more": "'x'"})
        db.execute("INSERT INTO t (more) VALUES ('y')")
        assert db.execute("SELECT n, more FROM t").fetchall() == [(3, "y")]
    busy.store = busy.open()


def test_an_empty_file_is_no_ledger_yet_and_becomes_one(tmp_path: Path) -> None:
    """A kill came before the schema."""
    path = tmp_path / "ledger.db"
    path.touch()
    with closing(open_reader(path)) as db:
        assert failure_of(readable, db, str(path)) == "ledger.damaged"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        assert migrate(db, str(path))
        assert not migrate(db, str(path))
        assert shelf.tables().count("CREATE TABLE") < len(schema(db))
        assert version_of(db) == migrations.VERSION


@pytest.mark.parametrize(
    "code",
    [
        *("", "7", "007", "R-1", "000000000000", "00000000", "12345678", "٠٠٠٠٠٠٠٠٠٠٠٠"),
        *("036000291452", "0036000291452", "00036000291452", "36000291452", "2100123012503"),
        *(f"0425261{check}" for check in range(10)),  # each place for the zeros of a UPC-E
        *(f"0425{last}{check}{check}{last}" for last in range(10) for check in range(10)),
    ],
)
def test_a_migration_finds_goods_by_the_same_codes(code: str) -> None:
    """The step may import nothing of the program, which goes on without it."""
    line = SaleLine(1, "", "", 1_000, 0, "", barcodes=(code,))
    assert set(to_4._codes(code)) == codes_of(line)


def test_a_migration_gives_no_code_to_what_nobody_holds_in_the_hand() -> None:
    """A promotion's discount has a number at the till, as goods have."""
    both = to_4._Line(1, 5, 1, "goods", 2_000, 3_000_000_000, 6_000, "A", "CUP", "[]", 5_000)
    off = both._replace(
        line=2, kind="discount", quantity=1_000, unit_price=0, paid=-1_000, sku="OFF"
    )
    assert list(to_4._codes_of_sale([both, off])) == [(1, "CUP", 5, 2_500)]
