"""Two different people are two: by the writing functions, and in the schema without them."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from worlds.ledger import World

from pos_terminal.core.refund import State
from pos_terminal.ports import Approval
from pos_terminal.services.proof.verify import verify_store

OPERATOR = "101"


def approve(world: World, number: int, *supervisors: str) -> None:
    moment = world.clock.now()
    approvals = [Approval(one, f"Name {one}", moment, 300, "ceiling") for one in supervisors]
    world.do(world.store.applications.approve(number, approvals))


def approvers(world: World, number: int) -> list[str]:
    return [one.supervisor for one in world.store.applications.approvals(number)]


@pytest.mark.parametrize("people", [("201", "201"), ("201", OPERATOR), (OPERATOR,)])
def test_one_person_is_not_two_and_the_operator_is_nobody(
    sold: World, people: tuple[str, ...]
) -> None:
    number = sold.apply_for(300).number
    with pytest.raises(ValueError, match="another supervisor"):
        approve(sold, number, *people)
    assert approvers(sold, number) == []


def test_two_people_are_two_and_one_may_answer_another_question(sold: World) -> None:
    """Before the card, and once more for what the rules see of it."""
    number = sold.apply_for(300).number
    approve(sold, number, "201", "202")
    approve(sold, number, "201")
    assert approvers(sold, number) == ["201", "202", "201"]
    verify_store(sold.store)


ROW = """INSERT INTO approvals
    VALUES (1, {seq}, {question}, '{operator}', '{who}', '', '', 300, 'r', '')"""


@pytest.mark.parametrize(
    ("row", "constraint"),
    [
        (ROW.format(seq=3, question=1, operator=OPERATOR, who="201"), "UNIQUE"),
        (ROW.format(seq=3, question=2, operator=OPERATOR, who=OPERATOR), "another"),
        (ROW.format(seq=3, question=2, operator="102", who=OPERATOR), "FOREIGN KEY"),
        (ROW.format(seq=3, question=0, operator=OPERATOR, who="203"), "question"),
        ("UPDATE approvals SET supervisor = '201'", "UNIQUE"),
        ("UPDATE approvals SET supervisor = operator WHERE seq = 1", "another"),
        ("UPDATE applications SET operator = '201'", "FOREIGN KEY"),
    ],
)
def test_the_schema_says_so_whoever_writes(sold: World, row: str, constraint: str) -> None:
    approve(sold, sold.apply_for(300).number, "201", "202")
    with closing(sqlite3.connect(sold.path)) as db:
        db.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError, match=constraint):
            db.execute(row)


FINDING = """INSERT INTO findings (refund_id, paid, done, reference, operator, first, first_name,
    first_at, second, second_name, second_at, amount)
    VALUES (1, 0, 0, 'R', '101', '{0}', '', '', '{1}', '', '', 300)"""
CLOSING = """INSERT INTO closings (case_id, at, reference, operator, first, first_name, second,
    second_name, counted) VALUES (1, '', 'R', '101', '{0}', '', '{1}', '', 0)"""


@pytest.mark.parametrize(("first", "second"), [("201", "201"), ("101", "201"), ("201", "101")])
@pytest.mark.parametrize("row", [FINDING, CLOSING], ids=["finding", "closing"])
def test_so_of_a_finding_and_of_a_closed_case(
    sold: World, row: str, first: str, second: str
) -> None:
    sold.refunded(300, State.UNKNOWN)
    with closing(sqlite3.connect(sold.path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(row.format(first, second))
    with closing(sqlite3.connect(sold.path)) as db:
        db.execute(row.format("201", "202"))


def test_a_changed_question_is_tampering(sold: World) -> None:
    """One person's two yeses to two questions would be two people's to one."""
    number = sold.apply_for(300).number
    approve(sold, number, "201")
    approve(sold, number, "202")
    with closing(sqlite3.connect(sold.path)) as db, db:
        db.execute("UPDATE approvals SET question = 1")
    with pytest.raises(Exception, match=r"ledger\.tampered"):
        verify_store(sold.store)
