"""Exchange credits: what came back is set aside for the till, on the legs of its sale (R37)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from worlds.exchange_credits import (
    AS_NEW,
    CUP,
    CUPS,
    THE_TEA,
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

from pos_terminal.core.application import ApplicationState, Withdrawn
from pos_terminal.core.case_end import CaseCause
from pos_terminal.core.cause import Cause
from pos_terminal.core.exchange_credit import CreditState, spread
from pos_terminal.core.items import Item
from pos_terminal.core.looked import Disposition
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.sale import SaleState
from pos_terminal.core.voucher import draw_number
from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval, Closing, Taking
from pos_terminal.ports.records import Clearing
from pos_terminal.services.ledger.books import vouchers
from pos_terminal.services.proof.verify import verify, verify_store


@pytest.fixture
def sold(world: World) -> World:
    return sell(world)


def test_all_legs_are_set_aside_and_the_goods_are_back(sold: World) -> None:
    credit = made(sold)
    assert (credit.amount, credit.taken, credit.left) == (1_500, 0, 1_500)
    assert (credit.state, credit.sale_id, credit.currency) == (CreditState.OPEN, "S1", "156")
    assert credit.expires_at - credit.made_at == timedelta(hours=2)
    assert (sold.tender(leg=1), sold.tender(leg=2)) == ((0, 1_000), (0, 500))
    assert sold.line(1) == (3_000, 0)
    kinds = [(one.kind, one.state, one.amount, one.done) for one in legs(sold, credit)]
    set_aside = (Kind.EXCHANGE_CREDIT, State.SET_ASIDE)
    assert kinds == [(*set_aside, 1_000, 0), (*set_aside, 500, 0)]
    moved = [(one.quantity, one.sku, one.disposition) for one in sold.store.stock.after(0, 9)]
    assert moved == [(3_000, "C-1", Disposition.RESTOCK)]
    reads = sold.store.exchange_credits
    assert reads.by_number(credit.number) == credit == reads.behind(credit.ticket)
    assert [reads.of_refund(one.refund_id) for one in legs(sold, credit)] == [credit, credit]
    assert reads.open_ones() == [credit]
    verify_store(sold.store)


def test_what_is_set_aside_is_nobody_elses_and_keeps_nothing_else(sold: World) -> None:
    made(sold)
    sale = sold.sale()
    assert (sale.remaining, sale.unknown, sale.owed) == (900, 0, 0)
    with pytest.raises(Failure, match=r"ledger\.balance"):
        sold.seal(1)
    cash = sold.apply_for(901, kind=Kind.CASH, leg=2).number
    with pytest.raises(Failure, match=r"ledger\.balance"):
        sold.do(sold.store.commit_cash(cash, (sold.slip(),)))
    cash = sold.apply_for(900, kind=Kind.CASH, leg=2).number
    sold.do(sold.store.commit_cash(cash, (sold.slip(),)))
    assert sold.tender(leg=2) == (900, 500)
    verify_store(sold.store)


def test_goods_of_a_credit_do_not_come_back_again(sold: World) -> None:
    made(sold)
    again = sold.apply_for(900, kind=Kind.EXCHANGE_CREDIT, leg=2, items=CUPS).number
    with pytest.raises(Failure, match=r"ledger\.lines"):
        of_applications(sold, [again])
    verify_store(sold.store)


def test_it_waits_for_an_open_refund_of_its_sale(sold: World) -> None:
    sold.seal(100)
    with pytest.raises(Failure, match=r"ledger\.sale_open"):
        of_applications(sold, drafts(sold, (900,)))


def test_a_failure_of_one_leg_leaves_nothing(sold: World) -> None:
    cash = sold.apply_for(1_000, kind=Kind.CASH, leg=2).number
    sold.do(sold.store.commit_cash(cash, (sold.slip(),)))
    numbers = drafts(sold, (1_000, 401))
    with pytest.raises(Failure, match=r"ledger\.balance"):
        of_applications(sold, numbers)
    assert (sold.tender(leg=1), sold.line(1)) == ((0, 0), (0, 0))
    assert sold.store.exchange_credits.open_ones() == []
    verify_store(sold.store)


def test_applications_that_are_no_one_credit_make_none(sold: World) -> None:
    one, other = drafts(sold), drafts(sold)
    refund = drafts(sold, kind=Kind.REFUND)
    wrong: list[list[int]] = [[], [one[0], other[1]], [*one, refund[1]], refund, one[1:]]
    for numbers in wrong:
        with pytest.raises(ValueError, match="no applications of one exchange credit"):
            of_applications(sold, numbers)
    late = sold.store.make_exchange_credit(one, timedelta(0), lambda _, __: ())
    with pytest.raises(ValueError, match="lasts"):
        sold.do(late)
    of_applications(sold, one[:1])
    with pytest.raises(ValueError, match="has an exchange credit"):
        of_applications(sold, [one[1], *one[:1]][::-1])


def test_what_is_owed_for_other_goods_is_no_part_of_it(sold: World) -> None:
    """The cups' rest is to do; the last goods are worth their own, and no credit takes more in."""
    cups = made(sold)
    settle(sold, cups, (1, Kind.REFUND, 1_000), (2, Kind.CASH, 500))
    more = drafts(sold, (1_000, 1_400), goods=THE_TEA)
    with pytest.raises(ValueError, match="more than its goods are worth"):
        of_applications(sold, more)
    settle(sold, made(sold, (900,), THE_TEA), (1, Kind.REFUND, 900))
    assert sold.sale().owed == 2_400
    verify_store(sold.store)


def test_it_counts_once_for_its_day(sold: World) -> None:
    credit = made(sold)
    tally = sold.store.refunds.counts(credit.made_at.date(), None)
    assert (tally.count, tally.amount) == (2, 1_500)


def test_takings_fall_on_the_legs_in_their_order() -> None:
    assert spread(1_200, {7: 1_000, 8: 500}) == {7: 1_000, 8: 200}
    assert spread(300, {7: 0, 8: 500}) == {8: 300}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE exchange_credits SET amount = 1600", "exchange credit of refund 1"),
        ("UPDATE exchange_credits SET taken = 1", "exchange credit of refund 1"),
        ("UPDATE exchange_credits SET state = 'settled'", "exchange credit of refund 1"),
        ("UPDATE exchange_credits SET expires_at = '2031-01-05T10:00:00+08:00'",
         "exchange credit of refund 1"),
        ("UPDATE exchange_credits SET made_at = '2026-01-05T10:00:01+08:00'",
         "exchange credit of refund 1"),
        ("UPDATE exchange_credits SET refund_id = 2", "exchange credit of refund 2"),
        ("UPDATE exchange_credits SET number = '8339042513379'", "exchange credit of refund 1"),
        ("DELETE FROM exchange_credits", "exchange credit of refund 1"),
        ("INSERT INTO exchange_takings VALUES (1, (SELECT number FROM exchange_credits), 5, 5, 'r',"
         " '')", "takings of exchange credits"),
        ("INSERT INTO exchange_shares VALUES (1, 1, 5)", "spent exchange credit of refund 1"),
        ("UPDATE refunds SET state = 'settled' WHERE refund_id = 2", "refund 2"),
    ],
)  # fmt: skip
def test_verify_finds_what_was_changed_behind_it(sold: World, change: str, what: str) -> None:
    made(sold)
    with closing(sqlite3.connect(sold.path, isolation_level=None)) as behind:
        behind.execute(change)
    with pytest.raises(Failure, match=rf"ledger\.tampered.*{what}"):
        verify(sold.path, sold.audit_key)


def test_what_the_till_takes_is_given_back_on_the_legs_in_their_order(sold: World) -> None:
    credit = made(sold)
    taken = take(sold, credit, 1_200)
    assert (taken.amount, taken.left, taken.again) == (1_200, 300, False)
    assert (taken.credit.taken, taken.credit.state) == (1_200, CreditState.OPEN)
    assert (sold.tender(leg=1), sold.tender(leg=2)) == ((1_000, 0), (200, 300))
    assert [(one.state, one.done) for one in legs(sold, credit)] == [
        (State.SET_ASIDE, 1_000),
        (State.SET_ASIDE, 200),
    ]
    assert sold.sale().cash_back == 0  # no note went out
    tally = sold.store.refunds.counts(credit.made_at.date(), None)
    assert (tally.count, tally.amount) == (2, 1_500)
    verify_store(sold.store)


def test_all_of_it_taken_is_settled_at_once(sold: World) -> None:
    credit = made(sold)
    take(sold, credit, 1_200)
    last = take(sold, credit, 300, "T2")
    assert (last.left, last.credit.state) == (0, CreditState.SETTLED)
    assert [(one.state, one.done) for one in legs(sold, credit)] == [
        (State.SETTLED, 1_000),
        (State.SETTLED, 500),
    ]
    assert all(one.concluded_at is not None for one in legs(sold, credit))
    assert (sold.tender(leg=1), sold.tender(leg=2)) == ((1_000, 0), (500, 0))
    of_ticket = sold.store.applications.of_ticket(credit.ticket)
    assert {one.state for one in of_ticket} == {ApplicationState.DONE}
    assert failure_of(take, sold, credit, 1, "T3") == "voucher.settled"
    assert failure_of(settle, sold, credit) == "voucher.settled"
    verify_store(sold.store)


def test_what_was_left_to_do_of_a_payment_ends_where_the_till_took_all_of_it(sold: World) -> None:
    """Of another visit: nothing is left of the payment that it could go to."""
    to_do = drafts(sold, (400,), Kind.REFUND, goods=())
    sold.do(sold.store.applications.approve_ticket(to_do, []))
    credit = made(sold)
    take(sold, credit, 999)
    assert sold.application(*to_do).state is ApplicationState.OPEN
    take(sold, credit, 1, "T2")
    assert sold.application(*to_do).state is ApplicationState.CANCELLED
    verify_store(sold.store)


def test_no_voucher_is_issued_under_its_number(sold: World) -> None:
    credit, home = made(sold), (sold.merchant, sold.terminal)
    other = next(one for one in iter(lambda: draw_number(*home), "") if one != credit.number)
    drawn = iter([credit.number, other])
    number = sold.apply_for(100, kind=Kind.CREDIT, leg=2).number
    with patch.object(vouchers, "draw_number", lambda *_: next(drawn)):
        refund = sold.do(sold.store.issue_credit(number, lambda *_: [sold.slip()]))
    assert sold.voucher(other) == sold.store.vouchers.of_refund(refund.refund_id)


def test_a_till_that_asks_again_takes_once_whatever_the_credit_became(sold: World) -> None:
    credit = made(sold)
    first = take(sold, credit, 400)
    for state in ("open", "expired", "settled"):
        if state == "expired":
            sold.clock.moment += timedelta(hours=3)
            assert failure_of(take, sold, credit, 1, "T2") == "voucher.expired"
        if state == "settled":
            settle(sold, credit, (1, Kind.REFUND, 600), (2, Kind.CASH, 500))
            assert failure_of(take, sold, credit, 1, "T2") == "voucher.settled"
        again = take(sold, credit, 400)
        assert (again.amount, again.left, again.again) == (first.amount, first.left, True)
        known = sold.store.exchange_credits.taken(Taking(credit.number, 400, request="T1"))
        assert known == again
    assert sold.tender(leg=1) == (400, 0)
    verify_store(sold.store)


def test_what_can_t_be_taken(sold: World) -> None:
    credit = made(sold)
    take(sold, credit, 400)
    assert failure_of(take, sold, credit, 1_101, "T2") == "voucher.too_much"
    assert failure_of(take, sold, credit, 0, "T2") == "voucher.zero"
    assert failure_of(take, sold, credit, 401, "T1") == "voucher.reused"
    sold.clock.moment = credit.expires_at
    take(sold, credit, 1, "T3")
    sold.clock.moment += timedelta(seconds=1)
    assert failure_of(take, sold, credit, 1, "T4") == "voucher.expired"
    assert [one.number for one in sold.store.exchange_credits.expired(sold.clock.moment)] == [
        credit.number
    ]
    verify_store(sold.store)


def test_a_request_is_one_of_a_voucher_or_of_a_credit(sold: World) -> None:
    """What a till asked for by this name was another number."""
    credit = made(sold)
    sold.sell("V1", trace="000018", tenders=[{"kind": "cash", "amount": 10_000}])
    number = sold.apply_for(5_000, "V1", kind=Kind.CREDIT).number
    refund = sold.do(sold.store.issue_credit(number, lambda _, __: (sold.slip(),)))
    voucher = sold.store.vouchers.of_refund(refund.refund_id)
    assert voucher is not None
    take(sold, credit, 400, "T1")
    redeem = Taking(voucher.number, 400, request="T1")
    assert failure_of(lambda: sold.do(sold.store.vouchers.redeem(redeem))) == "voucher.reused"
    sold.do(sold.store.vouchers.redeem(Taking(voucher.number, 400, request="T2")))
    assert failure_of(take, sold, credit, 400, "T2") == "voucher.reused"
    verify_store(sold.store)


def test_what_is_left_goes_back_to_its_tender_and_the_till_takes_nothing_more(sold: World) -> None:
    credit = made(sold)
    take(sold, credit, 400)
    card, cash = settle(sold, credit, (1, Kind.REFUND, 600), (2, Kind.CASH, 500))
    assert [(one.ticket, one.place, one.kept) for one in (card, cash)] == [
        (credit.ticket, 3, True),
        (credit.ticket, 4, True),
    ]
    assert [one.number for one in sold.store.applications.to_do()] == [card.number, cash.number]
    assert (sold.tender(leg=1), sold.tender(leg=2)) == ((400, 0), (0, 0))
    assert failure_of(take, sold, credit, 1, "T2") == "voucher.settled"
    # of the day: what the till took; what goes back counts when it does
    tally = sold.store.refunds.counts(credit.made_at.date(), None)
    assert (tally.count, tally.amount) == (1, 400)
    sealed = sold.seal_again(card.number, 600)
    sold.conclude(sealed.refund.refund_id, State.ACCEPTED, 600)
    sold.do(sold.store.commit_cash(cash.number, (sold.slip(),)))
    assert (sold.tender(leg=1), sold.tender(leg=2)) == ((1_000, 0), (500, 0))
    tally = sold.store.refunds.counts(credit.made_at.date(), None)
    assert (tally.count, tally.amount) == (3, 1_500)
    assert (sold.sale().owed, sold.sale().ahead, sold.line(1)) == (0, (), (3_000, 0))
    verify_store(sold.store)


def test_what_nobody_took_may_be_voided_and_what_was_taken_of_may_not(world: World) -> None:
    world.sell(amount=1_500, lines=[CUP])
    credit = of_applications(world, drafts(world, (1_500,)))
    (void,) = settle(world, credit, (1, Kind.VOID, 1_500))
    sealed = world.seal_again(void.number, 1_500)
    world.conclude(sealed.refund.refund_id, State.ACCEPTED, 1_500)
    assert (world.tender(), world.sale().state) == ((1_500, 0), SaleState.VOIDED)
    assert [(one.state, one.done) for one in legs(world, credit)] == [(State.SETTLED, 0)]
    assert sum(one.quantity for one in world.store.stock.after(0, 9)) == 3_000
    verify_store(world.store)


@pytest.mark.parametrize(
    "parts",
    [
        ((1, Kind.VOID, 600), (2, Kind.CASH, 500)),
        ((1, Kind.EXCHANGE_CREDIT, 600), (2, Kind.CASH, 500)),
        ((1, Kind.EXCHANGE, 600), (2, Kind.CASH, 500)),
    ],
)
def test_what_is_no_rest_of_a_credit(sold: World, parts: Sequence[tuple[int, Kind, int]]) -> None:
    credit = made(sold)
    take(sold, credit, 400)
    with pytest.raises(ValueError, match="no rest of an exchange credit"):
        settle(sold, credit, *parts)
    assert take(sold, credit, 1, "T2").left == 1_099


@pytest.mark.parametrize(
    "parts",
    [
        (),
        ((1, Kind.REFUND, 600),),
        ((1, Kind.REFUND, 601), (2, Kind.CASH, 500)),
        ((1, Kind.REFUND, 600), (2, Kind.CASH, 500), (2, Kind.CASH, 500)),
    ],
)
def test_a_till_that_took_meanwhile_lets_nothing_else_go_back(
    sold: World, parts: Sequence[tuple[int, Kind, int]]
) -> None:
    credit = made(sold)
    take(sold, credit, 400)
    assert failure_of(settle, sold, credit, *parts) == "ledger.credit_moved"
    assert (sold.tender(leg=1), sold.tender(leg=2)) == ((400, 600), (0, 500))


def test_what_the_rest_is_worth_stays_open_until_it_went_back(sold: World) -> None:
    """Of each payment; of an earlier return nothing is, and nothing of it pays for that."""
    tea = (Item(2, 1_000, 800, 900, AS_NEW),)
    sold.refunded(800, State.ACCEPTED, 800, items=tea)
    assert sold.sale().owed == 0
    credit = made(sold, (200, 1_300))
    assert sold.sale().owed == 0
    card, cash = settle(sold, credit, (1, Kind.REFUND, 200), (2, Kind.CASH, 1_300))
    assert sold.sale().owed == 1_500
    sold.conclude(sold.seal_again(card.number, 200).refund.refund_id, State.ACCEPTED, 200)
    assert sold.sale().owed == 1_300
    sold.do(sold.store.commit_cash(cash.number, (sold.slip(),)))
    assert sold.sale().owed == 0
    verify_store(sold.store)


def test_of_a_card_that_was_called_stolen_nothing_is_taken_until_two_end_that(sold: World) -> None:
    credit = made(sold, (500, 1_000))
    stolen = sold.refunded(300, State.DECLINED, cause=Cause.CARD_REFUSED)
    found = sold.store.exchange_credits.by_number(credit.number)
    assert found is not None
    assert (found.refused, found.left, found.state_at(credit.made_at)) == (True, 1_500, "stopped")
    assert failure_of(take, sold, credit, 1) == "voucher.stopped"
    ended = Clearing("ISSUER-77", "101", two(sold))
    sold.do(sold.store.cleared.clear(stolen.refund_id, ended))
    assert take(sold, credit, 500).left == 1_000
    sold.refunded(200, State.DECLINED, cause=Cause.CARD_REFUSED)
    assert take(sold, credit, 1_000, "T2").left == 0  # of its part nothing is left
    verify_store(sold.store)


@pytest.mark.parametrize("paid", [(), (1,), (2,), (1, 2)])
def test_what_each_payment_did_not_give_of_the_rest_is_owed(
    sold: World, paid: tuple[int, ...]
) -> None:
    """400 of the card's 1,000 the till took. An amount that is typed later pays it."""
    credit = made(sold)
    take(sold, credit, 400)
    opened = settle(sold, credit, (1, Kind.REFUND, 600), (2, Kind.CASH, 500))
    for one in opened:
        if one.leg not in paid:
            sold.do(sold.store.applications.cancel(one.number, Withdrawn.CLERK))
        elif one.leg == 1:
            sealed = sold.seal_again(one.number, 600)
            sold.conclude(sealed.refund.refund_id, State.ACCEPTED, 600)
        else:
            sold.do(sold.store.commit_cash(one.number, (sold.slip(),)))
    owed = sum(part for leg, part in ((1, 600), (2, 500)) if leg not in paid)
    sale = sold.sale()
    assert (sale.owed, sale.remaining) == (owed, 900 + owed)
    if owed:
        leg = 1 if 1 not in paid else 2
        number = sold.apply_for(300, kind=Kind.REFUND if leg == 1 else Kind.CASH, leg=leg).number
        if leg == 1:
            sealed = sold.seal_again(number, 300)
            sold.conclude(sealed.refund.refund_id, State.ACCEPTED, 300)
        else:
            sold.do(sold.store.commit_cash(number, (sold.slip(),)))
        assert sold.sale().owed == owed - 300
    verify_store(sold.store)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE exchange_takings SET amount = 1199", "takings of exchange credits"),
        ("UPDATE exchange_takings SET left_over = 299", "takings of exchange credits"),
        ("UPDATE exchange_takings SET request = 'T9'", "takings of exchange credits"),
        ("UPDATE exchange_takings SET at = '2026-01-05T10:00:01+08:00'",
         "takings of exchange credits"),
        ("UPDATE exchange_shares SET amount = 201 WHERE refund_id = 2",
         "takings of exchange credits"),
        ("DELETE FROM exchange_shares WHERE refund_id = 2", "takings of exchange credits"),
        ("DELETE FROM exchange_takings", "takings of exchange credits"),
        ("UPDATE refunds SET done = done + 1 WHERE refund_id = 2", "refund 2"),
        ("UPDATE tenders SET held = held - 300 WHERE leg = 2", "balance of sale"),
        ("UPDATE lines SET returned = 0, held = 3000 WHERE line = 1", "goods of sale"),
        ("DELETE FROM stock_movements", "stock"),
    ],
)  # fmt: skip
def test_verify_finds_what_was_changed_of_a_taking(sold: World, change: str, what: str) -> None:
    take(sold, made(sold), 1_200)
    with closing(sqlite3.connect(sold.path, isolation_level=None)) as behind:
        behind.execute(change)
    with pytest.raises(Failure, match=rf"ledger\.tampered.*{what}"):
        verify(sold.path, sold.audit_key)


def test_it_lasts_from_its_commit_on_though_the_clock_fell_behind_the_log(sold: World) -> None:
    """After a flat battery: it had expired before it was made."""
    newest = sold.clock.moment
    numbers = drafts(sold)
    sold.clock.moment -= timedelta(hours=5)
    credit = of_applications(sold, numbers)
    assert credit.made_at >= newest
    assert credit.expires_at == credit.made_at + timedelta(hours=2)
    verify_store(sold.store)


def two(world: World) -> tuple[Approval, Approval]:
    now = world.clock.now()
    return Approval("201", "", now, 0, Closing.RULE), Approval("202", "", now, 0, Closing.RULE)


ELSEWHERE = {"kind": "refunded_elsewhere", "reference": "HQ1"}
LOCKED = ELSEWHERE | {"sale_id": "S1", "leg": 1, "amount": 900}
VOIDED = {"kind": "sale_voided", "sale_id": "S1"}


@pytest.mark.parametrize("event", [LOCKED, VOIDED], ids=["locked", "voided"])
def test_two_others_end_one_whose_sale_is_locked_or_voided(
    sold: World, event: dict[str, Any]
) -> None:
    """Neither could end before: the case waited for the credit, and the credit for the case."""
    credit = made(sold)
    take(sold, credit, 300)
    at = sold.clock.now().isoformat()
    assert sold.take_in(event | {"at": at}).refused == 0
    (case,) = sold.store.cases.open_ones()
    pair = two(sold)
    own = (pair[0], Approval("101", "", sold.clock.now(), 1_200, Closing.RULE))
    with pytest.raises(ValueError, match="other than who made it"):
        sold.do(sold.store.end_exchange_credit(credit.number, "102", own))
    ended = sold.do(sold.store.end_exchange_credit(credit.number, "102", pair))
    assert (ended.state, ended.taken, ended.left) == (CreditState.ENDED, 300, 0)
    assert (sold.tender(leg=1)[1], sold.tender(leg=2)[1]) == (0, 0), "nothing is set aside"
    assert failure_of(take, sold, credit, 1, "T2") == "voucher.stopped"
    assert failure_of(sold.do, sold.store.end_exchange_credit(credit.number, "102", pair)) == (
        "voucher.stopped"
    )
    verify_store(sold.store)
    sold.do(
        sold.store.cases.close(
            case.case_id, Closing("REF-1", "102", pair, cause=CaseCause.TRAINING)
        )
    )
    assert not sold.sale().locked
    sql = """SELECT facts ->> 'operator', facts ->> 'first', facts ->> 'second' FROM audit
        WHERE kind = 'exchange_credit' ORDER BY seq DESC LIMIT 1"""
    assert tuple(sold.store.db.execute(sql).fetchone()) == ("102", "201", "202")
    verify_store(sold.store)


def test_one_whose_sale_stands_is_not_ended(sold: World) -> None:
    """Its rest goes back."""
    credit = made(sold)
    pair = two(sold)
    work = sold.store.end_exchange_credit(credit.number, "102", pair)
    assert failure_of(sold.do, work) == "ledger.credit_stands"
    verify_store(sold.store)
