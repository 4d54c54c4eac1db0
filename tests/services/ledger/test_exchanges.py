"""Exchanges: goods for goods in one commit, held against the log (R37)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime

import pytest
from msgspec.structs import replace
from worlds.ledger import World

from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.goods_code import codes_for
from pos_terminal.core.items import Item
from pos_terminal.core.looked import Deducted, Disposition, Looked, Sort
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.sought import Sought
from pos_terminal.core.words import Failure
from pos_terminal.ports.records import Approval, Correction
from pos_terminal.services.proof.verify import verify, verify_store

CUP = {"sku": "C-1", "name": "Cup", "quantity": 3, "unit_price": 500, "barcodes": ["6901"]}
TEA = {"sku": "T-1", "name": "Tea", "quantity": 1, "unit_price": 900}
AS_NEW = Looked("4", "1", Disposition.RESTOCK)
CUPS = (Item(1, 2_000, 1_000, 1_000, AS_NEW),)
SAME = (GivenOut(1, 2_000, "6901", "C-1", "Cup"),)


@pytest.fixture
def sold(world: World) -> World:
    world.sell(amount=2_400, lines=[CUP, TEA])
    return world


def exchanged(
    world: World, back: tuple[Item, ...] = CUPS, out: tuple[GivenOut, ...] = SAME
) -> Refund:
    amount = sum(one.amount for one in back)
    number = world.apply_for(amount, kind=Kind.EXCHANGE, items=back).number
    refund: Refund = world.do(world.store.exchange(number, out, (world.slip(),)))
    return refund


def test_stock_moves_both_ways_and_nothing_else_does(sold: World) -> None:
    before = sold.store.sales.by_id("S1")
    refund = exchanged(sold)
    after = sold.store.sales.by_id("S1")
    assert before is not None
    assert after is not None
    assert (refund.state, refund.done) == (State.EXCHANGED, 0)
    assert after.tenders == before.tenders
    assert [one.remaining for one in after.lines] == [3_000, 1_000]
    moved = [(one.quantity, one.sku, one.barcode) for one in sold.store.stock.after(0, 9)]
    assert moved == [(2_000, "C-1", "6901"), (-2_000, "C-1", "6901")]
    assert sold.store.exchanges.of_refund(refund.refund_id) == [*SAME]
    verify_store(sold.store)


def test_it_counts_for_no_day(sold: World) -> None:
    refund = exchanged(sold)
    tally = sold.store.refunds.counts(refund.sealed_at.date(), None)
    assert (tally.count, tally.amount) == (0, 0)


@pytest.mark.parametrize(
    "out",
    [
        (),
        (GivenOut(1, 1_000, "6901"),),
        (GivenOut(2, 2_000, "6901"),),
        (*SAME, GivenOut(2, 1_000, "T-1")),
        (GivenOut(1, 2_000, "6902", price=999),),
        (*SAME, *SAME),
    ],
)
def test_what_is_not_worth_as_much_is_no_exchange(sold: World, out: tuple[GivenOut, ...]) -> None:
    with pytest.raises(ValueError, match="no even exchange"):
        exchanged(sold, out=out)
    assert list(sold.store.stock.after(0, 9)) == []
    verify_store(sold.store)


def test_goods_that_bring_less_are_not_exchanged_for_whole_ones(sold: World) -> None:
    used = Looked("4", "2", Disposition.RESTOCK, 100, Deducted.USED)
    with pytest.raises(ValueError, match="no even exchange"):
        exchanged(sold, back=(Item(1, 2_000, 900, 1_000, used),))


def test_goods_that_are_back_are_not_exchanged(sold: World) -> None:
    sold.refunded(1_000, State.ACCEPTED, 1_000, items=CUPS)
    with pytest.raises(Failure, match=r"ledger\.lines"):
        exchanged(sold)
    verify_store(sold.store)


def test_what_was_exchanged_comes_back_and_no_more(sold: World) -> None:
    exchanged(sold)
    exchanged(sold, out=(GivenOut(1, 2_000, "6902", price=1_000),))
    line = sold.store.sales.by_id("S1")
    assert line is not None
    assert line.lines[0].exchanged_for == ("6901", "C-1", "6902")
    sold.refunded(1_500, State.ACCEPTED, 1_500, items=(Item(1, 3_000, 1_500, 1_500, AS_NEW),))
    assert sum(one.quantity for one in sold.store.stock.after(0, 9)) == 3_000
    verify_store(sold.store)
    with pytest.raises(Failure, match=r"ledger\.lines"):
        exchanged(sold)


def test_goods_are_known_as_they_were_sold_and_not_by_what_they_were_exchanged_for(
    sold: World,
) -> None:
    """A cup went out as tea, which stands on the same receipt."""
    exchanged(sold, out=(GivenOut(1, 2_000, "T-1", "T-1", "Tea", price=1_000),))
    since = datetime.fromisoformat("2020-01-01T00:00:00+08:00")
    known = sold.store.sales.sold_before(codes_for("T-1", ()).whole, since)
    assert known is not None
    assert (known.line.sku, known.newest) == ("T-1", 900)


PHONE = {"sku": "P", "name": "Phone", "quantity": 2, "unit_price": 500, "serials": ["A", "B"]}


def piece_back(serial: str) -> tuple[Item, ...]:
    return (Item(1, 1_000, 500, 500, replace(AS_NEW, serials=(serial,))),)


def piece_out(*serials: str) -> tuple[GivenOut, ...]:
    return (GivenOut(1, 1_000, "P", "P", "Phone", serials),)


def test_a_piece_that_went_out_is_the_customers_and_comes_back_once(world: World) -> None:
    """A for C, C for A again, and A back for money: each is with the customer or in the shop."""
    world.sell(amount=1_000, lines=[PHONE])

    def now() -> tuple[tuple[str, ...], set[str]]:
        sale = world.store.sales.by_id("S1")
        assert sale is not None
        return sale.lines[0].known_serials, {*world.store.refunds.pieces_back(sale.key).back}

    exchanged(world, piece_back("A"), piece_out("C"))
    assert now() == (("A", "B", "C"), {"A"})
    with pytest.raises(Failure, match=r"ledger\.serial_back"):
        exchanged(world, piece_back("A"), piece_out("D"))
    exchanged(world, piece_back("C"), piece_out("A"))
    assert now() == (("A", "B", "C", "A"), {"C"})
    with pytest.raises(Failure, match=r"ledger\.serial_back"):
        world.refunded(500, State.ACCEPTED, 500, items=piece_back("C"))
    world.refunded(500, State.ACCEPTED, 500, items=piece_back("A"))
    assert now() == (("A", "B", "C", "A"), {"A", "C"})
    moved = [(one.quantity, one.serial) for one in world.store.stock.after(0, 9)]
    assert moved == [(1_000, "A"), (-1_000, "C"), (1_000, "C"), (-1_000, "A"), (1_000, "A")]
    assert world.store.exchanges.of_refund(1) == [*piece_out("C")]
    verify_store(world.store)


def test_the_schema_lets_no_piece_come_back_twice_after_it_went_out(world: World) -> None:
    world.sell(amount=1_000, lines=[PHONE])
    exchanged(world, piece_back("A"), piece_out("C"))
    world.refunded(500, State.ACCEPTED, 500, items=piece_back("C"))
    sql = """INSERT INTO stock_movements (at, what, refund_id, sale_key, line, quantity, serial,
        disposition) VALUES ('', 'goods', 2, 1, 1, 1000, 'C', 'restock')"""
    with pytest.raises(sqlite3.IntegrityError, match="a piece comes back twice"):
        world.store.writer.db.execute(sql)


def test_a_piece_that_was_booked_wrong_is_back_all_the_same(world: World) -> None:
    world.sell(amount=1_000, lines=[PHONE])
    exchanged(world, piece_back("A"), piece_out("C"))
    wrong = Correction(
        refund_id=1,
        line=1,
        condition="2",
        disposition=Disposition.QUARANTINE,
        operator="101",
        supervisor="201",
    )
    world.do(world.store.stock.correct(wrong))
    sale = world.store.sales.by_id("S1")
    assert sale is not None
    assert world.store.refunds.pieces_back(sale.key).back == {"A"}
    verify_store(world.store)


def test_how_a_piece_was_booked_is_corrected_after_it_went_out_again(world: World) -> None:
    world.sell(amount=1_000, lines=[PHONE])
    exchanged(world, piece_back("A"), piece_out("C"))
    exchanged(world, piece_back("C"), piece_out("A"))
    wrong = Correction(
        refund_id=1,
        line=1,
        condition="2",
        disposition=Disposition.QUARANTINE,
        operator="101",
        supervisor="201",
    )
    world.do(world.store.stock.correct(wrong))
    sale = world.store.sales.by_id("S1")
    assert sale is not None
    assert world.store.refunds.pieces_back(sale.key).back == {"C"}
    world.refunded(500, State.ACCEPTED, 500, items=piece_back("A"))
    assert world.store.refunds.pieces_back(sale.key).back == {"A", "C"}
    world.do(world.store.stock.correct(replace(wrong, refund_id=3)))
    assert world.store.refunds.pieces_back(sale.key).back == {"A", "C"}
    with pytest.raises(Failure, match=r"ledger\.serial_back"):
        world.refunded(500, State.ACCEPTED, 500, items=piece_back("A"))
    verify_store(world.store)


def test_goods_for_which_others_went_out_did_come_back(sold: World) -> None:
    exchanged(sold)
    never = Correction(
        refund_id=1, line=1, condition="", disposition=None, operator="101", supervisor="201"
    )
    with pytest.raises(ValueError, match="came back"):
        sold.do(sold.store.stock.correct(never))
    verify_store(sold.store)


def test_the_sale_is_found_by_what_went_out(sold: World) -> None:
    """With and without zeros before it, and as the newest sale of nothing: it was not sold."""
    exchanged(sold, out=(GivenOut(1, 2_000, "06901028075770", price=1_000),))
    for code in ("6901028075770", "06901028075770", "6901"):
        what = Sought(goods=codes_for(code, ()), amount=2_400)
        assert [one.sale_id for one in sold.store.sales.sought(what).sales] == ["S1"], code
    foreign = Sought(goods=codes_for("6901028075787", ()), amount=2_400)
    assert sold.store.sales.sought(foreign).count == 0
    since = datetime.fromisoformat("2020-01-01T00:00:00+08:00")
    assert sold.store.sales.sold_before(["6901028075770"], since) is None


def test_one_while_a_refund_is_open_waits(sold: World) -> None:
    sold.seal(500)
    with pytest.raises(Failure, match=r"ledger\.sale_open"):
        exchanged(sold)


def test_the_schema_lets_no_more_go_out_than_came_back(sold: World) -> None:
    exchanged(sold)
    sql = """INSERT INTO stock_movements (at, what, refund_id, sale_key, line, quantity)
        VALUES ('', 'goods', 1, 1, 1, ?)"""
    with pytest.raises(sqlite3.IntegrityError, match="more goods go out than came back"):
        sold.store.writer.db.execute(sql, (-1,))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE exchanges SET code = '6999'", "exchanges"),
        ("UPDATE exchanges SET name = 'Gold'", "exchanges"),
        ("UPDATE exchanges SET price = 5", "exchanges"),
        ("UPDATE exchanges SET serials = '[\"C\"]'", "exchanges"),
        ("DELETE FROM exchanges", "exchanges"),
        ("INSERT INTO exchanges (refund_id, line, quantity, code) VALUES (1, 2, 1, 'x')",
         "exchanges"),
        ("UPDATE stock_movements SET barcode = '6999' WHERE n = 2", "stock"),
        ("UPDATE stock_movements SET sku = '' WHERE n = 2", "stock"),
        ("DELETE FROM stock_movements WHERE n = 2", "stock"),
        ("UPDATE refunds SET state = 'booked', kind = 'points', done = 1", "refund 1"),
    ],
)  # fmt: skip
def test_verify_finds_what_was_changed_behind_it(sold: World, change: str, what: str) -> None:
    exchanged(sold)
    with closing(sqlite3.connect(sold.path, isolation_level=None)) as behind:
        behind.execute(change)
    with pytest.raises(Failure, match=rf"ledger\.tampered.*{what}"):
        verify(sold.path, sold.audit_key)


LARGE = (GivenOut(1, 2_000, "6902", "C-2", "Large cup", price=1_000),)
LARGE_BACK = replace(AS_NEW, sorts=(Sort("C-2", "6902", 1_000),))


def given_back_large(sold: World) -> None:
    """Of two large cups that went out one came back, beside one of those sold."""
    exchanged(sold, out=LARGE)
    back = (Item(1, 2_000, 1_000, 1_000, LARGE_BACK),)
    sold.refunded(1_000, State.ACCEPTED, 1_000, items=back)


def test_what_went_out_comes_back_as_what_it_is_and_is_corrected_so(sold: World) -> None:
    given_back_large(sold)
    sale = sold.store.sales.by_id("S1")
    assert sale is not None
    (large,) = sale.lines[0].went_out
    assert (large.sort, large.left) == (("C-2", "6902"), 1_000)
    refund = sold.store.refunds.recent(1)[0].refund_id

    def moved() -> list[tuple[int, str, str]]:
        of_it = sold.store.stock.of_refund(refund)
        return [(one.quantity, one.sku, one.barcode) for one in of_it]

    as_sold, large_ones = (1_000, "C-1", "6901"), (1_000, "C-2", "6902")
    assert moved() == [as_sold, large_ones]
    wrong = Correction(
        refund_id=refund,
        line=1,
        condition="4",
        disposition=Disposition.DAMAGED,
        operator="101",
        supervisor="201",
    )
    sold.do(sold.store.stock.correct(wrong))
    assert moved()[2:] == [
        *((-1_000, *as_sold[1:]), as_sold),
        *((-1_000, *large_ones[1:]), large_ones),
    ]
    verify_store(sold.store)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE application_items SET sorts = '[]'", "goods of applications"),
        ("UPDATE stock_movements SET sku = '', barcode = '' WHERE n = 4", "stock"),
    ],
)
def test_verify_finds_another_sort(sold: World, change: str, what: str) -> None:
    given_back_large(sold)
    with closing(sqlite3.connect(sold.path, isolation_level=None)) as behind:
        behind.execute(change)
    with pytest.raises(Failure, match=rf"ledger\.tampered.*{what}"):
        verify(sold.path, sold.audit_key)


def test_what_a_form_holds_is_on_its_way_back(sold: World) -> None:
    """Of two large cups one is on a form: one is left."""
    exchanged(sold, out=LARGE)
    back = (Item(1, 1_000, 500, 500, LARGE_BACK),)
    sold.refunded(500, State.UNKNOWN, items=back)
    sale = sold.store.sales.by_id("S1")
    assert sale is not None
    assert [one.left for one in sale.lines[0].went_out] == [1_000]


NEVER_CAME = (Item(1, 1_000, 500, 500, Looked("3", disposition=None)),)


def test_nobody_alone_lets_another_go_out_for_one_that_never_came(sold: World) -> None:
    out = (GivenOut(1, 1_000, "6901", "C-1", "Cup"),)
    with pytest.raises(ValueError, match="nobody approved that what"):
        exchanged(sold, NEVER_CAME, out)
    assert list(sold.store.stock.after(0, 9)) == []
    number = sold.apply_for(500, kind=Kind.EXCHANGE, items=NEVER_CAME).number
    boss = Approval("201", "Wang", sold.clock.now(), 500, "inspection")
    sold.do(sold.store.applications.approve(number, [boss]))
    refund = sold.do(sold.store.exchange(number, out, (sold.slip(),)))
    assert [one.quantity for one in sold.store.stock.of_refund(refund.refund_id)] == [-1_000]
    assert sold.store.refunds.replaced(refund.sale_key) == {1: number}
    verify_store(sold.store)
    # booked in where it comes after all, and then it is none that never came
    right = Correction(
        refund_id=refund.refund_id,
        line=1,
        condition="1",
        disposition=Disposition.RESTOCK,
        operator="101",
        supervisor="201",
    )
    sold.do(sold.store.stock.correct(right))
    assert sum(one.quantity for one in sold.store.stock.after(0, 9)) == 0
    assert sold.store.refunds.replaced(refund.sale_key) == {}
    verify_store(sold.store)
