"""Ledgers that releases wrote, opened by this version: the same money, and all that is owed."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, get_args

import pytest
from worlds import constant_keys, releases, schemas
from worlds.going_on import finish_and_trade
from worlds.releases import TODAY, Release
from worlds.statements import at_each_statement, at_each_statement_of_people, reader_sees

from pos_terminal.core.case import CaseKind, CaseState
from pos_terminal.services.intake import outcome_files
from pos_terminal.services.ledger.books import shelf
from pos_terminal.services.ledger.migrations import VERSION, version_of
from pos_terminal.services.proof.verify import verify
from pos_terminal.services.security import people_schema
from pos_terminal.services.security.people_db import PEOPLE_FILE, PeopleDb
from pos_terminal.wire.receipt.all_kinds import Kinds

NAMES: Final = [*releases.names(), TODAY]
NOT_YET: Final = {
    "counter.stopped is nothing": "there is one counter, and its terminal was stopped",
    "counter.stopped = terminal_unknown": "by the other word",
    "closings.cause is nothing": "those that schema 5 closed have none; each is asked for now",
    "sales.told_state = voided": "no till tells a sale as voided: an event says so",
}
"""What no ledger of this version has, and why."""


@pytest.fixture(scope="module", params=NAMES)
def release(request: pytest.FixtureRequest, unpacked: Callable[[str], Release]) -> Release:
    return unpacked(request.param)


@pytest.fixture(scope="module")
def today(unpacked: Callable[[str], Release]) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(unpacked(TODAY).ledger)) as db:
        yield db


def test_it_has_the_money_that_it_had(release: Release) -> None:
    folder = release.another("opened")
    with closing(sqlite3.connect(folder / "data" / "ledger.db")) as db:
        assert version_of(db) == release.facts["schema"]
    found = releases.facts_of(folder)
    assert found == {name: release.facts[name] for name in found}
    assert len(found["sales"]) > 50
    with closing(sqlite3.connect(folder / "data" / "ledger.db")) as db:
        assert version_of(db) == VERSION
    assert verify(folder / "data" / "ledger.db", constant_keys.AUDIT)
    assert releases.explained(folder, found["applications"]) == release.facts["explained"]


def test_killed_at_each_statement_it_has_it_too(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = release.another("killed")
    with monkeypatch.context() as patch:
        images = at_each_statement(patch, folder / "data" / "ledger.db", folder / "images")
        ledger = releases.open_of(folder)
        ledger.close()
    assert len(images) > 1
    # what a cut leaves is read as the ledger before the one transaction or as that after it: of
    # those that read the same byte by byte the last is opened, which has the most in its WAL
    left = {reader_sees(image, folder / "seen"): image for image in images}
    assert len(left) < len(images)
    for number, image in enumerate(left.values()):
        again = release.another(f"killed-{number}")
        for file in image.parent.iterdir():
            file.replace(again / "data" / file.name)
        found = releases.facts_of(again)
        assert found == {name: release.facts[name] for name in found}
        assert verify(again / "data" / "ledger.db", constant_keys.AUDIT)


def test_its_people_are_who_they_were_wherever_the_power_went(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = release.another("people-cut")
    file = folder / "data" / PEOPLE_FILE
    then = people_of(file)
    assert len(then) >= 5
    with closing(sqlite3.connect(file)) as db:
        older = people_schema.version_of(db) < people_schema.VERSION
    with monkeypatch.context() as patch:
        images = at_each_statement_of_people(patch, file, folder / "images")
        PeopleDb.open(file.parent).close()
    assert (len(images) > 1) == older
    for image in [*(one.parent for one in images), file.parent]:
        found = PeopleDb.open(image)
        assert [one.person.number for one in found.entries()] == sorted({one[0] for one in then})
        assert found.news("101") is None
        found.close()
        assert people_of(image / PEOPLE_FILE) == then


def people_of(file: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(file)) as db:
        return db.execute("SELECT * FROM people JOIN pins USING (number) ORDER BY seq").fetchall()


def test_a_terminal_finishes_what_is_owed_and_trades(release: Release) -> None:
    finish_and_trade(release)


# --- what this version writes has all that there is ----------------------------------------------


def tables(db: sqlite3.Connection) -> list[str]:
    sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    return [name for (name,) in db.execute(sql)]


def distinct(db: sqlite3.Connection, table: str, *columns: str) -> set[tuple[object, ...]]:
    return set(db.execute(f"SELECT DISTINCT {', '.join(columns)} FROM {table}"))  # noqa: S608


def test_every_table_has_a_row(today: sqlite3.Connection) -> None:
    empty = [name for name in tables(today) if not distinct(today, name, "1")]
    assert len(tables(today)) > 30
    assert empty == []


def test_every_value_that_a_column_may_have_is_there(today: sqlite3.Connection) -> None:
    """Each name of the domain in each column that refers to it; nothing, and something."""
    missing = {one for table in tables(today) for one in not_in(today, table)}
    assert missing == NOT_YET.keys()


def not_in(db: sqlite3.Connection, table: str) -> Iterator[str]:
    known = {names.table: names for names in shelf.names()}
    keys: dict[int, tuple[str, list[str]]] = {}
    for key, _, to, column, *_ in db.execute(f"PRAGMA foreign_key_list({table})"):
        keys.setdefault(key, (to, []))[1].append(column)
    for to, columns in keys.values():
        if to in known:
            for row in known[to].rows - distinct(db, table, *columns):
                yield f"{table}.{'+'.join(columns)} = {'+'.join(map(str, row))}"
    for _, name, _, filled, _, key, hidden in db.execute(f"PRAGMA table_xinfo({table})"):
        if not (filled or key or hidden):
            for empty in {(0,), (1,)} - distinct(db, table, f"{name} IS NULL"):
                yield f"{table}.{name} is {'nothing' if empty == (1,) else 'something'}"


def test_every_name_of_the_domain_is_of_a_column(today: sqlite3.Connection) -> None:
    sql = "PRAGMA foreign_key_list({})"
    referred = {to for one in tables(today) for _, _, to, *_ in today.execute(sql.format(one))}
    assert {names.table for names in shelf.names()} <= referred


def test_every_yes_and_no_is_both(today: sqlite3.Connection) -> None:
    found = 0
    for table, sql in today.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"):
        for name in re.findall(r"\((\w+) IN \(0, 1\)\)", sql):
            found += 1
            assert distinct(today, table, name) >= {(0,), (1,)}, f"{table}.{name}"
    assert found > 5


def test_every_kind_of_case_is_open_and_closed(today: sqlite3.Connection) -> None:
    both = {(kind.value, state.value) for kind in CaseKind for state in CaseState}
    assert distinct(today, "cases", "kind", "state") == both


def test_every_kind_of_slip_lies_there(today: sqlite3.Connection) -> None:
    kinds = {(kind.__struct_config__.tag,) for kind in get_args(Kinds)}
    assert distinct(today, "print_jobs", "slip -> 'body' ->> 'kind'") == kinds


def test_every_class_of_the_purge_has_taken_some(today: sqlite3.Connection) -> None:
    classes = {one.name for one in shelf.aged()} | {"sales"}
    assert {name for (name,) in distinct(today, "purges", "class")} == classes
    assert distinct(today, "audit", "facts IS NULL") == {(0,), (1,)}


def test_cards_are_there_under_the_token_key_of_then_and_of_now(today: sqlite3.Connection) -> None:
    keys = {one for (one,) in distinct(today, "tenders", "token_key_id")}
    assert len(keys - {None}) == 2


def test_approvals_are_by_one_and_by_two(today: sqlite3.Connection) -> None:
    sql = "SELECT count(*) FROM approvals GROUP BY application, question"
    assert {count for (count,) in today.execute(sql)} == {1, 2}


def test_a_frozen_one_is_what_was_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "FOLDER", tmp_path)
    folder = releases.freeze()
    assert releases.names() == [folder.name]
    assert sum(file.stat().st_size for file in folder.iterdir()) < 350_000
    with pytest.raises(FileExistsError):
        releases.freeze()
    release = Release(folder.name, tmp_path / "unpacked")
    found = releases.facts_of(release.another("opened"))
    assert found == {name: release.facts[name] for name in found}
    with schemas.loaded(releases.schema_text(folder.name)) as db:
        assert not schemas.differences(schemas.schema_of(db), schemas.new_schema())
    assert releases.steps_then(folder.name) == releases.step_files()


def test_a_file_of_the_acquirer_waits(release: Release) -> None:
    ledger = releases.open_of(release.another("waiting"))
    file = outcome_files.read(
        release.folder / "data" / "outcomes" / "1120.jsonl", ledger.home, 1 << 20
    )
    ledger.close()
    assert not file.problems
    assert [one.done for one in file.outcomes] == [10_000]
