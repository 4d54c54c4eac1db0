"""What the acquirer called a card is ended by two people, and never taken out (R34, R81)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from worlds.ledger import World

from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import State
from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval
from pos_terminal.ports.records import Clearing
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store


def called_stolen(world: World, **more: Any) -> int:
    refund = world.refunded(300, State.DECLINED, cause=Cause.CARD_REFUSED, **more)
    return int(refund.refund_id)


def clearing(
    world: World, first: str = "201", second: str = "202", operator: str = "101"
) -> Clearing:
    one, two = (
        Approval(number, f"name of {number}", world.clock.now(), 300, Clearing.RULE)
        for number in (first, second)
    )
    return Clearing("ISSUER-77", operator, (one, two))


def refused(world: World, refund_id: int) -> bool:
    refund = world.store.db.execute(
        "SELECT token, par FROM refunds WHERE refund_id = ?", (refund_id,)
    ).fetchone()
    return bool(world.store.refunds.card_refused(refund["token"], refund["par"]))


def test_two_people_end_it_for_the_card_and_a_later_answer_counts_anew(sold: World) -> None:
    first, second = called_stolen(sold), called_stolen(sold)
    assert refused(sold, first)
    assert sold.do(sold.store.cleared.clear(first, clearing(sold))) == [first, second]
    assert not refused(sold, first)
    assert sold.store.cleared.still_called(9) == []
    verify_store(sold.store)
    third = called_stolen(sold)
    assert refused(sold, first)
    assert [one.refund_id for one in sold.store.cleared.still_called(9)] == [third]
    assert sold.do(sold.store.cleared.clear(third, clearing(sold))) == [third]
    verify_store(sold.store)
    assert [row["refund_id"] for row in overview(sold.store.db)["cleared_cards"]] == [1, 2, 3]


def test_it_is_ended_once_and_only_where_it_was_said(sold: World) -> None:
    refund_id = called_stolen(sold)
    sold.do(sold.store.cleared.clear(refund_id, clearing(sold)))
    other = sold.refunded(300, State.DECLINED).refund_id
    for number in (refund_id, other, 99):
        with pytest.raises(Failure, match=r"cleared\.nothing"):
            sold.do(sold.store.cleared.clear(number, clearing(sold)))


@pytest.mark.parametrize(
    ("first", "second", "operator"),
    [("201", "201", "101"), ("101", "201", "101"), ("201", "101", "101")],
)
def test_it_takes_two_others(sold: World, first: str, second: str, operator: str) -> None:
    refund_id = called_stolen(sold)
    with pytest.raises(ValueError, match="two people"):
        sold.do(sold.store.cleared.clear(refund_id, clearing(sold, first, second, operator)))
    sql = """INSERT INTO cleared_cards VALUES (1, 'R', ?, ?, '', '', ?, '', '')"""
    with closing(sqlite3.connect(sold.path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(sql, (operator, first, second))
    assert refused(sold, refund_id)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM cleared_cards",
        "UPDATE cleared_cards SET reference = 'X'",
        "UPDATE cleared_cards SET second_name = 'X'",
        "INSERT INTO cleared_cards VALUES (2, 'R', '101', '201', '', '', '202', '', '')",
    ],
)
def test_a_change_behind_its_back_is_found(sold: World, change: str) -> None:
    refund_id = called_stolen(sold)
    sold.refunded(300, State.DECLINED)
    sold.do(sold.store.cleared.clear(refund_id, clearing(sold)))
    verify_store(sold.store)
    with closing(sqlite3.connect(sold.path)) as db, db:
        db.execute(change)
    with pytest.raises(Failure, match=r"ledger\.tampered"):
        verify_store(sold.store)
