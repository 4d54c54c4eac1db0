"""Movements of stock: with the outcome, as goods were found, no more than was sold (R48)."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from msgspec.structs import replace
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.core.items import Item
from pos_terminal.core.looked import Deducted, Disposition, Looked
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.stock import Moved
from pos_terminal.core.words import Failure
from pos_terminal.ports.records import Correction
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store

TEA = {"sku": "9", "name": "Tea", "quantity": 3, "unit_price": 2_000, "barcodes": ["6901", "6902"]}
LAMP = {"sku": "10", "name": "Lamp", "quantity": 2, "unit_price": 1_000, "serials": ["A", "B"]}
BY_POST = {"sku": "", "name": "Delivery", "quantity": 1, "unit_price": 1_000, "kind": "fee"}
AS_NEW = Looked("4", "1", Disposition.RESTOCK)
BROKEN = Looked("1", "3", Disposition.VENDOR, 300, Deducted.USED, ("B",))
GOODS = (Item(1, 2_000, 4_000, 4_000, AS_NEW), Item(2, 2_000, 1_700, 2_000, BROKEN))


@pytest.fixture
def sold(world: World) -> World:
    world.sell(amount=9_000, lines=[TEA, LAMP, BY_POST])
    return world


def moved(world: World) -> list[tuple[int | None, int, str, str, Disposition | None]]:
    """Line, thousandths, serial number, condition, where it goes."""
    return [
        (one.line, one.quantity, one.serial, one.condition, one.disposition)
        for one in world.store.stock.after(0, 100)
    ]


def test_goods_move_when_the_money_is_back_and_not_before(sold: World) -> None:
    refund = sold.seal(5_700, items=GOODS).refund
    assert moved(sold) == []
    sold.conclude(refund.refund_id, State.ACCEPTED, 5_700)
    assert moved(sold) == [
        (1, 2_000, "", "1", Disposition.RESTOCK),
        (2, 1_000, "B", "3", Disposition.VENDOR),
        (2, 1_000, "", "3", Disposition.VENDOR),
    ]
    first = sold.store.stock.of_refund(refund.refund_id)[0]
    assert (first.n, first.what, first.sku, first.barcode) == (1, Moved.GOODS, "9", "6901")
    assert (first.reason, first.application, first.ticket) == ("4", 1, 1)
    verify_store(sold.store)


@pytest.mark.parametrize("state", [State.DECLINED, State.NOT_SENT, State.UNKNOWN])
def test_nothing_moves_with_what_gave_nothing_back(sold: World, state: State) -> None:
    sold.refunded(5_700, state, items=GOODS)
    assert moved(sold) == []
    verify_store(sold.store)


def test_a_part_that_was_approved_has_all_goods_back(sold: World) -> None:
    sold.refunded(5_700, State.ACCEPTED, 1_000, items=GOODS)
    assert sum(quantity for _, quantity, *_ in moved(sold)) == 4_000
    verify_store(sold.store)


def test_a_fee_is_nothing_that_goes_to_a_shelf(sold: World) -> None:
    fee = Item(3, 1_000, 1_000, 1_000)
    sold.refunded(3_000, State.ACCEPTED, 3_000, items=(Item(1, 1_000, 2_000, 2_000, AS_NEW), fee))
    assert [line for line, *_ in moved(sold)] == [1]
    verify_store(sold.store)


def test_numbers_go_on_over_refunds_goods_and_points_alike(sold: World) -> None:
    sold.refunded(2_000, State.ACCEPTED, 2_000, items=(Item(1, 1_000, 2_000, 2_000, AS_NEW),))
    points = {"tenders": [{"kind": "points", "amount": 500}], "batch": "", "trace": "", "rrn": ""}
    sold.sell("P1", amount=500, **points)
    number = sold.apply_for(500, "P1", kind=Kind.POINTS).number
    sold.do(sold.store.book_points(number, (sold.slip(),)))
    sold.refunded(2_000, State.ACCEPTED, 2_000, items=(Item(1, 1_000, 2_000, 2_000, AS_NEW),))
    assert [(one.n, one.what) for one in sold.store.stock.after(0, 100)] == [
        (1, Moved.GOODS), (2, Moved.POINTS), (3, Moved.GOODS),
    ]  # fmt: skip
    assert [one.n for one in sold.store.stock.after(2, 100)] == [3]
    verify_store(sold.store)


def test_the_listing_has_them_as_they_are_told(sold: World) -> None:
    sold.refunded(5_700, State.ACCEPTED, 5_700, items=GOODS)
    first, *_, last = overview(sold.store.db)["stock"]
    told = {"n": 1, "what": "goods", "sale_id": "S1", "line": 1, "sku": "9", "barcode": "6901"}
    told |= {"quantity": "2", "condition": "1", "disposition": "restock", "reason": "4"}
    assert first | told == first
    assert (last["n"], last["refund"], last["ticket"]) == (3, 1, 1)


def test_the_schema_takes_no_more_than_was_sold(sold: World) -> None:
    sold.refunded(5_700, State.ACCEPTED, 5_700, items=GOODS)
    sql = """INSERT INTO stock_movements (at, what, refund_id, sale_key, line, quantity,
        disposition) VALUES ('', 'goods', 1, 1, 1, ?, 'restock')"""
    with pytest.raises(sqlite3.IntegrityError, match="more goods come back than were sold"):
        sold.store.writer.db.execute(sql, (1_001,))


def wrong(line: int = 1, condition: str = "4", **more: Any) -> Correction:
    people = {"operator": "101", "supervisor": "201"} | more
    where = Disposition.DAMAGED
    return Correction(refund_id=1, line=line, condition=condition, disposition=where, **people)


def test_what_was_booked_wrong_is_countered_and_booked_anew(sold: World) -> None:
    sold.refunded(5_700, State.ACCEPTED, 5_700, items=GOODS)
    before = sold.store.stock.after(0, 100)
    assert sold.do(sold.store.stock.correct(wrong(2))) == [4, 5, 6, 7]
    assert sold.store.stock.after(0, 3) == before, "nothing that was written is changed"
    told = [
        (one.n, one.counters, one.quantity, one.serial, one.condition, one.disposition, one.reason)
        for one in sold.store.stock.after(3, 100)
    ]
    assert told == [
        (4, 2, -1_000, "B", "3", Disposition.VENDOR, "1"),
        (5, None, 1_000, "B", "4", Disposition.DAMAGED, "1"),
        (6, 3, -1_000, "", "3", Disposition.VENDOR, "1"),
        (7, None, 1_000, "", "4", Disposition.DAMAGED, "1"),
    ]
    assert [one.n for one in sold.store.stock.where(1)] == [1, 5, 7]
    newest = overview(sold.store.db)["stock"][-2]
    assert (newest["quantity"], newest["counters"]) == ("-1", 3)
    assert (newest["operator"], newest["supervisor"]) == ("101", "201")
    verify_store(sold.store)


def test_a_correction_is_corrected_again_and_never_twice_the_same(sold: World) -> None:
    sold.refunded(5_700, State.ACCEPTED, 5_700, items=GOODS)
    sold.do(sold.store.stock.correct(wrong()))
    assert failure_of(lambda: sold.do(sold.store.stock.correct(wrong()))) == "stock.as_it_is"
    assert sold.do(sold.store.stock.correct(wrong(condition="2"))) == [6, 7]
    assert sold.store.stock.after(5, 1)[0].counters == 5, "the correction, not what it took back"
    assert failure_of(lambda: sold.do(sold.store.stock.correct(wrong(3)))) == "stock.as_it_is"
    verify_store(sold.store)


def test_what_never_came_is_taken_back_alone(sold: World) -> None:
    sold.refunded(5_700, State.ACCEPTED, 5_700, items=GOODS)
    never = replace(wrong(2), condition="", disposition=None)
    assert sold.do(sold.store.stock.correct(never)) == [4, 5]
    assert [(one.n, one.counters, one.quantity) for one in sold.store.stock.after(3, 9)] == [
        (4, 2, -1_000),
        (5, 3, -1_000),
    ]
    assert [one.n for one in sold.store.stock.where(1)] == [1]
    assert failure_of(lambda: sold.do(sold.store.stock.correct(never))) == "stock.as_it_is"
    verify_store(sold.store)


def test_what_was_said_never_to_have_come_is_booked_in_after_all(sold: World) -> None:
    """As it was at first, in the condition that is right; and may be taken back again."""
    sold.refunded(5_700, State.ACCEPTED, 5_700, items=GOODS)
    never = replace(wrong(2), condition="", disposition=None)
    sold.do(sold.store.stock.correct(never))
    assert [one.n for one in sold.store.stock.absent(1)] == [2, 3]
    assert sold.do(sold.store.stock.correct(wrong(2))) == [6, 7]
    assert [
        (one.n, one.counters, one.quantity, one.serial, one.condition, one.reason)
        for one in sold.store.stock.after(5, 9)
    ] == [(6, None, 1_000, "B", "4", "1"), (7, None, 1_000, "", "4", "1")]
    assert [one.n for one in sold.store.stock.where(1)] == [1, 6, 7]
    assert sold.store.stock.absent(1) == []
    assert failure_of(lambda: sold.do(sold.store.stock.correct(wrong(2)))) == "stock.as_it_is"
    assert len(sold.do(sold.store.stock.correct(never))) == 2
    assert len(sold.do(sold.store.stock.correct(wrong(2, "2")))) == 2
    verify_store(sold.store)


def test_a_piece_that_came_by_another_refund_since_is_not_booked_in_twice(sold: World) -> None:
    sold.refunded(1_000, State.ACCEPTED, 1_000, items=one("B"))
    sold.do(sold.store.stock.correct(replace(wrong(2), condition="", disposition=None)))
    sold.refunded(1_000, State.ACCEPTED, 1_000, items=one("B"))
    assert failure_of(lambda: sold.do(sold.store.stock.correct(wrong(2)))) == "ledger.serial_back"
    verify_store(sold.store)


def test_goods_that_did_not_come_move_nothing_and_are_settled(sold: World) -> None:
    absent = (Item(1, 2_000, 4_000, 4_000, Looked("3", disposition=None)), *GOODS[1:])
    sold.refunded(5_700, State.ACCEPTED, 5_700, items=absent)
    assert {line for line, *_ in moved(sold)} == {2}
    sale = sold.store.sales.by_key(1)
    assert sale is not None
    assert sale.line(1).remaining == 1_000
    verify_store(sold.store)
    sold.store.writer.db.execute("UPDATE application_items SET reason = '4' WHERE line = 1")
    assert failure_of(lambda: verify_store(sold.store)) == "ledger.tampered"


def test_nobody_corrects_alone(sold: World) -> None:
    sold.refunded(5_700, State.ACCEPTED, 5_700, items=GOODS)
    with pytest.raises(ValueError, match="another one"):
        sold.do(sold.store.stock.correct(wrong(supervisor="101")))


COUNTERS = """INSERT INTO stock_movements (at, what, refund_id, sale_key, line, quantity, serial,
    condition, disposition, reason, counters, operator, supervisor)
    VALUES ('', 'goods', 1, 1, {line}, {quantity}, '', {condition}, 'restock', '4', {counters},
    {operator}, {supervisor})"""
RIGHT = {"line": 1, "quantity": -2_000, "condition": "'1'", "counters": 1}
RIGHT |= {"operator": "'101'", "supervisor": "'201'"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"line": 2}, "was another"),
        ({"quantity": -1_000}, "was another"),
        ({"condition": "'2'"}, "was another"),
        ({"counters": 99}, "was another"),
        ({"quantity": 2_000}, "was another"),
        ({"counters": "NULL"}, "countered"),
        ({"operator": "NULL"}, "corrected"),
        ({"supervisor": "NULL"}, "corrected"),
        ({"supervisor": "'101'"}, "corrected"),
        ({"operator": "NULL", "supervisor": "NULL"}, "corrected"),
    ],
)
def test_the_schema_takes_no_other_countering(
    sold: World, changes: dict[str, Any], why: str
) -> None:
    sold.refunded(5_700, State.ACCEPTED, 5_700, items=GOODS)
    with pytest.raises(sqlite3.IntegrityError, match=why):
        sold.store.writer.db.execute(COUNTERS.format(**RIGHT | changes))
    sold.store.writer.db.execute(COUNTERS.format(**RIGHT))
    with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE.*counters"):
        sold.store.writer.db.execute(COUNTERS.format(**RIGHT))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE stock_movements SET supervisor = '999' WHERE n = 5",
        "UPDATE stock_movements SET disposition = 'restock' WHERE n = 5",
        "DELETE FROM stock_movements WHERE n > 3",
        "DELETE FROM stock_movements WHERE n = 5",
    ],
)
def test_a_correction_that_is_changed_shows(sold: World, change: str) -> None:
    sold.refunded(5_700, State.ACCEPTED, 5_700, items=GOODS)
    sold.do(sold.store.stock.correct(wrong(1)))
    verify_store(sold.store)
    sold.store.writer.db.execute(change)
    assert failure_of(lambda: verify_store(sold.store)) == "ledger.tampered"


def one(serial: str) -> tuple[Item, ...]:
    return (Item(2, 1_000, 1_000, 1_000, Looked(serials=(serial,))),)


def test_a_piece_with_a_number_comes_back_once(sold: World) -> None:
    sold.refunded(1_000, State.ACCEPTED, 1_000, items=one("B"))
    with pytest.raises(Failure) as caught:
        sold.seal(1_000, items=one("B"))
    assert caught.value.words.code == "ledger.serial_back"
    assert caught.value.words.values["serial"] == "B"
    sold.refunded(1_000, State.DECLINED, items=one("A"))
    sold.refunded(1_000, State.ACCEPTED, 1_000, items=one("A"))
    assert [serial for _, _, serial, _, _ in moved(sold)] == ["B", "A"]
    assert sold.store.refunds.pieces_back(1).back == {"A", "B"}


def test_a_piece_that_is_held_is_no_other_refunds(sold: World) -> None:
    assert sold.store.refunds.pieces_back(1).back == frozenset()
    sold.seal(1_000, items=one("B"))
    assert sold.store.refunds.pieces_back(1).back == {"B"}


def test_no_application_names_a_piece_twice_or_more_numbers_than_pieces(sold: World) -> None:
    twice = (Item(2, 2_000, 2_000, 2_000, Looked(serials=("B", "B"))),)
    with pytest.raises(Failure) as caught:
        sold.seal(2_000, items=twice)
    assert caught.value.words.code == "ledger.serial_back"
    more = (Item(2, 1_000, 1_000, 1_000, Looked(serials=("A", "B"))),)
    with pytest.raises(sqlite3.IntegrityError, match="pieces"):
        sold.apply_for(1_000, items=more)


def test_the_schema_takes_no_piece_twice(sold: World) -> None:
    sold.refunded(1_000, State.ACCEPTED, 1_000, items=one("B"))
    sql = """INSERT INTO stock_movements (at, what, refund_id, sale_key, line, quantity, serial,
        disposition) VALUES ('', 'goods', 1, 1, 2, 1000, ?, 'restock')"""
    with pytest.raises(sqlite3.IntegrityError, match="a piece comes back twice"):
        sold.store.writer.db.execute(sql, ("B",))
    sold.store.writer.db.execute(sql, ("A",))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE stock_movements SET quantity = 1 WHERE n = 1", "stock"),
        ("UPDATE stock_movements SET disposition = 'damaged' WHERE n = 1", "stock"),
        ("UPDATE stock_movements SET condition = '9' WHERE n = 2", "stock"),
        ("UPDATE stock_movements SET reason = '9' WHERE n = 2", "stock"),
        ("UPDATE stock_movements SET serial = 'A' WHERE n = 2", "stock"),
        ("UPDATE stock_movements SET at = '2026-01-01' WHERE n = 2", "stock"),
        ("UPDATE stock_movements SET n = 9 WHERE n = 3", "stock"),
        ("DELETE FROM stock_movements WHERE n = 3", "stock"),
        ("DELETE FROM stock_movements", "stock"),
        ("UPDATE application_items SET condition = '2' WHERE line = 1", "goods of applications"),
        ("UPDATE application_items SET reason = '2'", "goods of applications"),
        ("UPDATE application_items SET serials = '[]' WHERE line = 2", "goods of applications"),
        ("UPDATE application_items SET deduction = 1 WHERE line = 2", "goods of applications"),
        (
            "UPDATE application_items SET deducted_for = 'agreed' WHERE line = 2",
            "goods of applications",
        ),
        ("UPDATE application_items SET disposition = 'damaged'", "goods of applications"),
    ],
)
def test_a_change_behind_its_back_shows(sold: World, change: str, what: str) -> None:
    sold.refunded(5_700, State.ACCEPTED, 5_700, items=GOODS)
    verify_store(sold.store)
    sold.store.writer.db.execute(change)
    with pytest.raises(Failure) as caught:
        verify_store(sold.store)
    assert caught.value.words.values["what"] == what
