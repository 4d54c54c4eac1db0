"""Goods that an exchange credit paid for come back: what it spent is open again (R37)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from worlds.exchange_credits import (
    AS_NEW,
    bring_back,
    buy,
    drafts,
    legs,
    made,
    of_applications,
    sell,
    settle,
    take,
)
from worlds.failures import failure_of
from worlds.ledger import World
from worlds.purge import later, next_batch, printed, purge

from pos_terminal.core.application import ApplicationState, Withdrawn
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.items import Item
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.tenders import Basis, Exceptional
from pos_terminal.core.words import Failure
from pos_terminal.services.proof.verify import verify, verify_store

CARD, CASH = (1, Kind.REFUND, 1_000), (2, Kind.CASH, 200)


@pytest.fixture
def sold(world: World) -> World:
    return sell(world)


def bought(world: World, amount: int = 1_200, took: int = 1_200) -> ExchangeCredit:
    """Of what the till took: the whole card leg, and a part of the cash."""
    credit = made(world)
    take(world, credit, took)
    buy(world, "B1", credit.number, amount)
    return credit


def test_what_it_spent_is_open_again_and_to_do_in_the_same_ticket(sold: World) -> None:
    credit = bought(sold)
    assert (sold.sale("B1").tender(1).reopens, sold.sale().tender(1).reopened) == (1_200, 0)
    refund, opened = bring_back(sold, "B1", 1_200, CARD, CASH)
    assert (refund.kind, refund.state, refund.done) == (Kind.EXCHANGE_BACK, State.REOPENED, 1_200)
    assert (sold.tender("B1"), sold.line(1, "B1")) == ((1_200, 0), (1_000, 0))
    assert (sold.tender(leg=1), sold.tender(leg=2)) == ((0, 0), (0, 300))
    assert [one.done for one in legs(sold, credit)] == [1_000, 200]  # what it was stays written
    ticket = sold.store.applications.of_ticket(refund.application)
    assert [(one.sale_key, one.leg, one.kind, one.amount, one.kept) for one in ticket] == [
        (sold.sale("B1").key, 1, Kind.EXCHANGE_BACK, 1_200, False),
        (sold.sale().key, *CARD, True),
        (sold.sale().key, *CASH, True),
    ]
    assert list(opened) == list(sold.store.applications.to_do())
    moved = [(one.sku, one.quantity) for one in sold.store.stock.after(0, 9)]
    assert moved == [("C-1", 3_000), ("P-1", 1_000)]
    verify_store(sold.store)


def test_what_is_open_again_goes_back_once(sold: World) -> None:
    bought(sold)
    _, (card, cash) = bring_back(sold, "B1", 1_200, CARD, CASH)
    day = sold.clock.moment.date()
    assert sold.store.refunds.counts(day, None).amount == 1_500  # what the till took, and can take
    sealed = sold.seal_again(card.number, 1_000)
    sold.conclude(sealed.refund.refund_id, State.ACCEPTED, 1_000)
    sold.do(sold.store.commit_cash(cash.number, (sold.slip(),)))
    assert (sold.tender(leg=1), sold.tender(leg=2)) == ((1_000, 0), (200, 300))
    assert sold.store.refunds.counts(day, None).amount == 2_700  # goods came back twice
    sale, other = sold.sale(), sold.sale("B1")
    assert (sale.owed, sale.ahead, sale.cash_back) == (0, (), 200)
    assert (other.remaining, other.owed, other.tender(1).reopens) == (0, 0, 0)
    verify_store(sold.store)


def test_what_nobody_fetched_is_owed_to_who_paid(sold: World) -> None:
    bought(sold)
    _, opened = bring_back(sold, "B1", 1_200, CARD, CASH)
    for one in opened:
        sold.do(sold.store.applications.cancel(one.number, Withdrawn.CLERK))
    assert (sold.sale().owed, sold.sale().remaining) == (1_200, 2_100)
    verify_store(sold.store)


def test_in_parts_up_to_what_the_till_took(sold: World) -> None:
    """The till told of more than it took, in two sales."""
    credit = bought(sold, 700, took=800)
    buy(sold, "B2", credit.number, 500)
    assert [sold.sale(one).tender(1).reopens for one in ("B1", "B2")] == [800, 800]
    bring_back(sold, "B1", 300, (1, Kind.REFUND, 300), goods=False)
    bring_back(sold, "B1", 400, (1, Kind.REFUND, 400))
    assert sold.sale("B2").tender(1).reopens == 100
    more = failure_of(bring_back, sold, "B2", 101, (1, Kind.REFUND, 101), goods=False)
    assert more == "ledger.not_reopened"
    bring_back(sold, "B2", 100, (1, Kind.REFUND, 100), goods=False)
    again = failure_of(bring_back, sold, "B1", 1, (1, Kind.REFUND, 1), goods=False)
    assert again == "ledger.balance"
    assert sold.tender(leg=1) == (0, 200)
    verify_store(sold.store)


def test_takings_fall_in_the_order_of_the_ticket_and_open_again_in_it(sold: World) -> None:
    """Cards come first there, wherever the till told them."""
    credit = of_applications(sold, drafts(sold, (500, 1_000), legs=(2, 1)))
    take(sold, credit, 700)
    assert (sold.tender(leg=1), sold.tender(leg=2)) == ((200, 800), (500, 0))
    buy(sold, "B1", credit.number, 700)
    bring_back(sold, "B1", 600, (1, Kind.REFUND, 100), (2, Kind.CASH, 500))
    assert (sold.tender(leg=1), sold.tender(leg=2)) == ((100, 800), (0, 0))
    verify_store(sold.store)


@pytest.mark.parametrize("way", [Kind.CASH, Kind.MANUAL])
def test_what_went_back_another_way_is_not_open_again(sold: World, way: Kind) -> None:
    """By an exception that the shop lists, say; nor what a form holds that people carry out."""
    credit = bought(sold, 700, took=800)
    buy(sold, "B2", credit.number, 700)
    listed = Basis(Exceptional.CARD_LOST, ()) if way is Kind.MANUAL else None
    number = sold.apply_for(600, "B1", way, basis=listed).number
    commit = sold.store.commit_cash if way is Kind.CASH else sold.store.commit_form
    sold.do(commit(number, (sold.slip(),)))
    assert sold.sale("B2").tender(1).reopens == 200
    more = failure_of(bring_back, sold, "B2", 201, (1, Kind.REFUND, 201), goods=False)
    assert more == "ledger.not_reopened"
    bring_back(sold, "B2", 200, (1, Kind.REFUND, 200), goods=False)


def test_in_no_way_more_goes_back_than_the_till_took(sold: World) -> None:
    credit, listed = made(sold), Basis(Exceptional.CARD_LOST, ())
    buy(sold, "B1", credit.number, 1_500)
    number = sold.apply_for(1, "B1", Kind.CASH, basis=listed).number
    work = sold.store.commit_cash
    assert failure_of(commit, sold, work, number) == "ledger.not_reopened", "nothing was taken"
    take(sold, credit, 800)
    buy(sold, "B2", credit.number, 500)
    commit(sold, work, sold.apply_for(500, "B2", Kind.CASH, basis=listed).number)
    number = sold.apply_for(301, "B1", Kind.CREDIT, basis=listed).number
    issue = sold.store.issue_credit
    assert failure_of(commit, sold, issue, number) == "ledger.not_reopened"
    commit(sold, issue, sold.apply_for(300, "B1", Kind.CREDIT, basis=listed).number)
    verify_store(sold.store)


def commit(world: World, work: Callable[..., Any], number: int) -> None:
    world.do(work(number, lambda *_: (world.slip(),)))


def test_what_it_paid_is_not_set_aside_for_another(sold: World) -> None:
    bought(sold)
    items = (Item(1, 1_000, 1_200, 1_200, AS_NEW),)
    number = sold.apply_for(1_200, "B1", Kind.EXCHANGE_CREDIT, items=items).number
    assert failure_of(of_applications, sold, [number]) == "ledger.not_reopened"


def test_legs_of_one_credit_share_it(sold: World) -> None:
    credit = made(sold)
    take(sold, credit, 800)
    tenders = [{"kind": "exchange", "amount": 500, "exchange_no": credit.number}] * 2
    sold.sell("B1", trace="", amount=1_000, tenders=tenders)
    assert [one.reopens for one in sold.sale("B1").tenders] == [800, 300]


@pytest.mark.parametrize(
    "back",
    [(), (CARD,), (CASH, CARD, CASH), ((1, Kind.REFUND, 999), (2, Kind.CASH, 201))],
)
def test_other_parts_than_it_spent_open_nothing(
    sold: World, back: tuple[tuple[int, Kind, int], ...]
) -> None:
    bought(sold)
    assert failure_of(bring_back, sold, "B1", 1_200, *back) == "ledger.not_reopened"
    assert (sold.tender("B1"), sold.tender(leg=1)) == ((0, 0), (1_000, 0))
    verify_store(sold.store)


@pytest.mark.parametrize(
    "kind", [Kind.VOID, Kind.EXCHANGE, Kind.EXCHANGE_CREDIT, Kind.EXCHANGE_BACK]
)
def test_in_which_ways_it_never_goes_back(sold: World, kind: Kind) -> None:
    bought(sold)
    with pytest.raises(ValueError, match="not what an exchange credit spent"):
        bring_back(sold, "B1", 1_200, (1, kind, 1_000), CASH)


def test_no_more_is_open_again_than_was_spent_by_schema(sold: World) -> None:
    bought(sold)
    bring_back(sold, "B1", 1_200, CARD, CASH)
    with pytest.raises(sqlite3.IntegrityError, match="more is open again than was spent"):
        sold.store.writer.db.execute("INSERT INTO reopened VALUES (99, 1, 1)")
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        sold.store.writer.db.execute("UPDATE reopened SET amount = 1")


def test_of_a_sale_that_does_not_stand_nothing_is_open_again(sold: World) -> None:
    bought(sold)
    sold.store.writer.db.execute("UPDATE sales SET locked = 1 WHERE sale_id = 'S1'")
    assert sold.sale("B1").tender(1).reopens == 0
    assert failure_of(bring_back, sold, "B1", 1_200, CARD, CASH) == "ledger.not_reopened"


@pytest.mark.parametrize("number", ["", "X-118"])
def test_of_a_number_that_is_none_of_ours_nothing_is_open_again(sold: World, number: str) -> None:
    sold.sell(
        "B1", trace="", tenders=[{"kind": "exchange", "amount": 10_000, "exchange_no": number}]
    )
    assert sold.sale("B1").tender(1).reopens == 0
    assert failure_of(bring_back, sold, "B1", 500, goods=False) == "ledger.not_reopened"


def test_the_rest_of_the_credit_goes_its_own_way(sold: World) -> None:
    credit = bought(sold)
    bring_back(sold, "B1", 1_200, CARD, CASH)
    (rest,) = settle(sold, credit, (2, Kind.CASH, 300))
    sold.do(sold.store.commit_cash(rest.number, (sold.slip(),)))
    assert (sold.tender(leg=1), sold.tender(leg=2)) == ((0, 0), (300, 0))
    assert sold.store.applications.of_ticket(credit.ticket)[0].state is ApplicationState.DONE
    verify_store(sold.store)


def hand_over(world: World, application: int) -> None:
    notes = world.do(world.store.commit_cash(application, ()))
    world.do(world.store.refunds.handed_over(notes.refund_id, "101"))


def test_the_first_sale_stays_as_long_as_goods_of_its_credit_may_come_back(sold: World) -> None:
    """They were bought when it was nearly gone, and come back a season later."""
    later(sold, 190)
    credit = made(sold)
    take(sold, credit, 1_200)
    at = sold.clock.now().isoformat()
    buy(sold, "B1", credit.number, 1_200, sold_at=at)
    settle(sold, credit, (2, Kind.CASH, 300))
    (rest,) = sold.store.applications.to_do()
    sold.do(sold.store.applications.cancel(rest.number, Withdrawn.CLERK))
    printed(sold)
    next_batch(sold)
    later(sold, 150)
    purge(sold)
    assert keys(sold) == {"S1", "B1"}
    assert sold.sale("B1").tender(1).reopens == 1_200
    later(sold, 60)
    purge(sold)
    purge(sold)
    assert keys(sold) == set()
    verify_store(sold.store)


def keys(world: World) -> set[str]:
    return {row[0] for row in world.store.writer.db.execute("SELECT sale_id FROM sales")}


def test_the_first_sale_stays_while_it_is_to_do_and_what_is_open_again_with_it(
    sold: World,
) -> None:
    """The sale of the goods goes before it."""
    credit = bought(sold)
    _, to_do = bring_back(sold, "B1", 1_200, CARD, CASH)
    (rest,) = settle(sold, credit, (2, Kind.CASH, 300))
    printed(sold)
    later(sold, 2_000)
    purge(sold)
    assert keys(sold) == {"S1"}
    assert (sold.tender(leg=1), sold.tender(leg=2)) == ((0, 0), (0, 0))
    verify_store(sold.store)
    for one in (*to_do, rest):
        sold.do(sold.store.applications.cancel(one.number, Withdrawn.CLERK))
    next_batch(sold)
    later(sold, 2_000)
    purge(sold)
    assert keys(sold) == set()
    assert sold.store.writer.db.execute("SELECT * FROM reopened").fetchall() == []
    verify_store(sold.store)


def test_the_first_sale_goes_and_what_its_credit_paid_is_right_as_long_as_it_stays(
    sold: World,
) -> None:
    """That sale had another refund since."""
    credit = made(sold)
    take(sold, credit, 1_200)
    buy(sold, "B1", credit.number, 1_200, beside=300)
    _, (card, cash) = bring_back(sold, "B1", 1_200, CARD, CASH)
    (rest,) = settle(sold, credit, (2, Kind.CASH, 300))
    sealed = sold.seal_again(card.number, 1_000)
    sold.conclude(sealed.refund.refund_id, State.ACCEPTED, 1_000)
    hand_over(sold, cash.number)
    hand_over(sold, rest.number)
    later(sold, 150)
    hand_over(sold, sold.apply_for(300, "B1", Kind.CASH, leg=2).number)
    printed(sold)
    next_batch(sold)
    for days, left in ((60, {"B1"}), (50, set())):
        later(sold, days)
        purge(sold)
        assert keys(sold) == left
        verify_store(sold.store)
    assert sold.store.writer.db.execute("SELECT * FROM reopened").fetchall() == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("DELETE FROM reopened WHERE of_refund = 2", "reopened"),
        ("INSERT INTO reopened VALUES (3, 7, 1)", "reopened"),
        ("UPDATE tenders SET done = done + 1 WHERE sale_key = 1 AND leg = 1", "balance of sale"),
        ("UPDATE tenders SET exchange_no = '' WHERE exchange_no != ''", ""),
    ],
)
def test_verify_finds_what_was_changed_behind_it(sold: World, change: str, what: str) -> None:
    bought(sold)
    bring_back(sold, "B1", 1_200, CARD, CASH)
    with closing(sqlite3.connect(sold.path, isolation_level=None)) as behind:
        sql = "SELECT sql FROM sqlite_master WHERE name = 'no_more_than_was_spent'"
        (trigger,) = behind.execute(sql).fetchone()
        behind.execute("DROP TRIGGER no_more_than_was_spent")
        behind.execute(change)
        behind.execute(trigger)
    with pytest.raises(Failure, match=rf"ledger\.tampered.*{what}"):
        verify(sold.path, sold.audit_key)
