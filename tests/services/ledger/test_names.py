"""The domain's sets are tables: what is in none of them gets into no column, by no way."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database
from worlds.ledger import World

import pos_terminal
from pos_terminal.core.answers import Sending
from pos_terminal.core.people import Role
from pos_terminal.core.refund import MOVES, By, Kind, State
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.books import shelf
from pos_terminal.services.proof.verify import verify

PRODUCT = Path(pos_terminal.__file__).parent
KINDS = {
    Kind.REFUND: "sealed not_sent accepted declined unknown given_up overpaid returned",
    Kind.VOID: "sealed not_sent accepted declined reversing reversed given_up overpaid",
    Kind.CASH: "to_hand_over handed_over",
    Kind.CREDIT: "issued",
    Kind.MANUAL: "form_printed confirmed withdrawn overpaid returned",
    Kind.POINTS: "booked",
    Kind.EXCHANGE: "exchanged",
    Kind.EXCHANGE_CREDIT: "set_aside settled",
    Kind.EXCHANGE_BACK: "reopened",
}
"""What a refund of each kind can be."""
IN_PART = {"set_aside", "settled"}
"""What may be paid or not."""
PAID = {
    *("accepted", "overpaid", "to_hand_over", "handed_over", "issued", "confirmed", "booked"),
    *("reopened", "returned"),
}


def refund(world: World) -> int:
    world.sell()
    sealed = world.seal(500)
    world.conclude(sealed.refund.refund_id, State.ACCEPTED, 500)
    return int(sealed.refund.refund_id)


def test_a_refund_is_in_a_state_of_its_kind_and_paid_as_that_state_says(world: World) -> None:
    number = refund(world)
    db = world.store.writer.db
    fit = set()
    for kind in Kind:
        for state in State:
            for done in (0, 500):
                try:
                    db.execute(
                        "UPDATE refunds SET kind = ?, state = ?, done = ? WHERE refund_id = ?",
                        (kind, state, done, number),
                    )
                except sqlite3.IntegrityError:
                    continue
                fit.add((kind, state.value, done > 0))
    assert fit == {
        (kind, state, paid)
        for kind, states in KINDS.items()
        for state in states.split()
        for paid in ({True, False} if state in IN_PART else {state in PAID})
    }


def test_no_statement_has_a_name_of_its_own() -> None:
    """What stands between single quotes in the product's SQL comes from the enums; but a step to
    a schema says what its release had, whatever the enums say later."""
    known = {value for names in shelf.names() for row in names.rows for value in row}
    known |= {*Role, *Sending}
    found = {
        f"{path.name}: {text}"
        for path in PRODUCT.rglob("*.py")
        if path.parent.name != "steps"
        for text in re.findall(r"(?<!->> )'([a-z_]+)'", path.read_text("utf-8"))
        if text in known
    }
    assert found == set()


def test_every_move_is_between_states_of_one_kind() -> None:
    for old, new, by in MOVES:
        kinds = [kind for kind, states in KINDS.items() if {old, new} <= set(states.split())]
        assert kinds, (old, new)
        at_the_counter = kinds in ([Kind.CASH], [Kind.EXCHANGE_CREDIT])
        assert (by in {By.CLERK, By.TILL}) == at_the_counter
        assert by is not By.TILL or kinds == [Kind.EXCHANGE_CREDIT]


@pytest.mark.parametrize("names", shelf.names(), ids=lambda names: names.table)
def test_a_name_that_is_added_or_taken_away_is_found(world: World, names: Any) -> None:
    refund(world)
    more = tuple("unheard_of" if isinstance(value, str) else 7 for value in sorted(names.rows)[0])
    with closing(sqlite3.connect(world.path, isolation_level=None)) as behind:
        table = Database(behind).table(names.table)
        changes: tuple[Callable[[], object], ...] = (
            lambda: table.insert(dict(zip(names.columns, more, strict=True))),
            table.delete_where,
        )
        for change in changes:
            change()
            with pytest.raises(Failure, match=rf"ledger\.tampered.*{names.table}"):
                verify(world.path, world.audit_key)


def test_a_name_that_there_is_not_is_found_where_no_entry_tells_it(world: World) -> None:
    """Whoever changes a row with foreign keys off is stopped by no table of names."""
    refund(world)
    with closing(sqlite3.connect(world.path, isolation_level=None)) as behind:
        behind.execute("UPDATE key_slots SET state = 'other'")
    with pytest.raises(Failure, match=r"ledger\.tampered.*key_slots"):
        verify(world.path, world.audit_key)


@pytest.mark.parametrize("names", shelf.names(), ids=lambda names: names.table)
def test_every_table_of_names_has_a_column_that_refers_to_it(world: World, names: Any) -> None:
    db = world.store.db
    tables = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    assert names.table in {
        row[2] for table in tables for row in db.execute(f"PRAGMA foreign_key_list({table})")
    }


def test_every_statement_of_a_book_can_be_asked(world: World) -> None:
    """A wrong column would show as a changed ledger, or at the first purge after months."""
    gone = [" ".join(("DELETE FROM", one.table, "WHERE", one.where)) for one in shelf.goes()]
    aged = shelf.aged()
    said = {name for book in shelf.BOOKS for name in (*book.stays, *book.erased)}
    assert said <= {one.name for one in aged}
    stays = {f"{one.table} x": shelf.stays(one.name) for one in aged}
    stays["sales s"] = shelf.sale_stays()
    erased = [sql for one in aged for sql in shelf.erased(one.name)]
    asked = [" ".join(("SELECT", what, "FROM", table)) for table, what in stays.items()]
    lists = [one.sql for one in shelf.lists()]
    sums = [one.sql for one in shelf.invariants()]
    for sql in (*gone, *asked, *lists, *sums, *erased, *shelf.headings()):
        named = dict.fromkeys(re.findall(r":([a-z_]+)", sql))
        assert world.store.db.execute(f"EXPLAIN {sql}", named).fetchall(), sql
