"""A payment has its own facts: each leg is found, chosen, sent and asked about by its own.

The acquirer keeps one record for a payment and refuses what does not fit it: what it paid on which
RRN is the answer that these tests hold the terminal against.
"""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from hw_sim.acquirer.records import parse_sales
from hw_sim.bench import identity
from hw_sim.bench.sample_sales import SampleSale
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import at_the_counter, logged_in, sell

from pos_terminal.core.refund import Kind, State
from pos_terminal.texts import Language

TWICE, TWO = "card-twice", "two-cards"


async def to_leg(clerk: SimClerk, sale: SampleSale, choice: str = "") -> None:
    """From home to the amount of the leg with this place in the list; empty: but one is left."""
    await clerk.find(sale)
    await clerk.go("enter", to="refund.leg" if choice else "refund.amount")
    if choice:
        await clerk.go(choice, to="refund.amount")


async def leg_back(clerk: SimClerk, sale: SampleSale, choice: str, card: str) -> str:
    """All of it to this card; the prompt then, as ``show_card``."""
    await to_leg(clerk, sale, choice)
    await clerk.go("enter", to="refund.reason")
    await clerk.go("1", to="supervisor.number")
    await clerk.approve()
    return await clerk.show_card(card, tapped=False)


def given_back(clerk: SimClerk, sale: SampleSale) -> list[int]:
    """By the acquirer, of each payment in the order of the legs."""
    rows = {row["rrn"]: row for row in clerk.site.acquirer.ledger() if row["kind"] == "sale"}
    return [rows[sale.numbers(leg).rrn]["given_back"] for leg in sale.payments]


@logged_in()
async def test_each_payment_of_one_card_is_voided_by_its_own_numbers(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale(f"{TWICE}-today")
    second = sale.payments[1].amount
    assert await leg_back(clerk, sale, "2", "visa") == "result"
    await clerk.home()
    assert given_back(clerk, sale) == [0, second]
    # the same amount to the same card within minutes: a supervisor looks at it
    assert await leg_back(clerk, sale, "", "visa") == "supervisor.number"
    await clerk.approve(1)
    await clerk.wait("card.remove")
    clerk.take_away()
    await clerk.wait("result")
    await clerk.home()
    assert given_back(clerk, sale) == [sale.payments[0].amount, second]
    refunds = clerk.site.refunds_of(sale.sale_id)
    assert [(one.kind, one.leg, one.state) for one in refunds] == [
        (Kind.VOID, 2, State.ACCEPTED),
        (Kind.VOID, 1, State.ACCEPTED),
    ]


@logged_in()
async def test_the_traces_tell_the_legs_of_one_card_apart(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale(f"{TWICE}-older")
    await clerk.find(sale)
    await clerk.go("enter", to="refund.leg")
    for leg in sale.payments:
        assert f"0010 {sale.numbers(leg).trace}" in clerk.text
    await clerk.go("2", to="refund.amount")
    first, second = (sale.numbers(leg).trace for leg in sale.payments)
    assert second in clerk.text
    await clerk.go("enter", to="refund.reason")
    await clerk.go("1", to="supervisor.number")
    assert clerk.text.count(second) == 2  # of the request, and in the name of the leg
    assert first not in clerk.text


@logged_in()
async def test_a_refund_names_the_payment_of_its_leg(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale(f"{TWO}-older")
    amount = sale.payments[1].amount
    assert await leg_back(clerk, sale, "2", "unionpay-debit") == "result"
    await clerk.home()
    assert given_back(clerk, sale) == [0, amount]
    (refund,) = clerk.site.refunds_of(sale.sale_id)
    assert (refund.kind, refund.state, refund.done) == (Kind.REFUND, State.ACCEPTED, amount)
    numbers = sale.numbers(sale.payments[1])
    for paper in clerk.papers[-2:]:
        assert numbers.rrn in paper
        assert numbers.trace in paper
        assert sale.rrn not in paper


@logged_in()
async def test_the_card_of_the_other_leg_is_the_wrong_one(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale(f"{TWO}-older")
    assert await leg_back(clerk, sale, "2", "visa") == "card.present"
    assert clerk.site.refunds_of(sale.sale_id) == []


@logged_in()
async def test_a_sale_is_found_by_the_numbers_of_each_payment(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale(f"{TWO}-older")
    sales = clerk.site.ledger.sales
    for leg in sale.payments:
        numbers = sale.numbers(leg)
        assert [one.sale_id for one in sales.by_trace(numbers.trace)] == [sale.sale_id]
        found = sales.by_rrn(numbers.rrn, sale.sold_at.date())
        assert [one.sale_id for one in found] == [sale.sale_id]


MASKED = {"visa": "476173******0010", "debit": "622848*********0018"}


def leg(card: str, number: int, **changes: object) -> dict[str, object]:
    own = {"batch": "000041", "trace": f"{number:06d}", "rrn": f"{632413000000 + number}"}
    record = {"kind": "card", "amount": 1_000 * number, "masked": MASKED[card], "scheme": ""}
    return record | own | {"auth_code": f"A{number:05d}"} | changes


NONE = {"batch": "", "trace": "", "rrn": "", "auth_code": ""}


@at_the_counter(Setting(profile="generic", language=Language.EN))
async def test_a_payment_that_surely_can_not_go_back_stands_in_no_others_way(
    clerk: SimClerk,
) -> None:
    """Here by four digits that nobody compares, and less than a whole reference. Only where that is
    so of all of them nothing is offered."""
    await clerk.log_in()
    four, known = {"masked": "************0010", "auth_code": ""}, leg("debit", 2)
    await sell(clerk, "HALF", leg("visa", 1, **four), known, **NONE)
    await sell(clerk, "NEITHER", leg("visa", 3, **four), leg("visa", 4, **four), **NONE)
    clerk.scan("NEITHER")
    await clerk.wait("sale")
    assert "ENTER: refund" not in clerk.text
    await clerk.go("cancel", to="home")
    clerk.scan("HALF")
    await clerk.wait("sale")
    assert "ENTER: refund" in clerk.text
    await clerk.at("sale: enter", "refund.leg: 1", "failure")
    assert "No more than the last four" in clerk.text
    clerk.scan("HALF")
    await clerk.at("sale: enter", "refund.leg: 2", "refund.amount")


@at_the_counter()
async def test_a_payment_is_found_by_its_own_day(clerk: SimClerk) -> None:
    """Paid on two days: a deposit, and the rest with the goods."""
    await clerk.log_in()
    before = leg("visa", 1, paid_at="2026-11-18T10:00:00+08:00")
    await sell(clerk, "DEPOSIT", before, leg("visa", 2), **NONE)
    sales = clerk.site.ledger.sales
    first, second = "632413000001", "632413000002"
    assert [one.sale_id for one in sales.by_rrn(first, date(2026, 11, 18))] == ["DEPOSIT"]
    assert sales.by_rrn(first, date(2026, 11, 20)) == []
    assert [one.sale_id for one in sales.by_rrn(second, date(2026, 11, 20))] == ["DEPOSIT"]


DEPOSIT: dict[str, Any] = {"paid_at": "2026-11-18T10:00:00+08:00", "terminal_id": "T0000009"}


@logged_in()
async def test_a_deposit_goes_back_by_its_own_day_and_terminal(clerk: SimClerk) -> None:
    """Of a sale of today: the acquirer knows no payment of that number on another day."""
    paid = leg("visa", 1, **DEPOSIT)
    await sell(clerk, "DEPOSIT", paid, {"kind": "cash", "amount": 500}, **NONE)
    known = {name: paid[name] for name in ("amount", "batch", "trace", "rrn", "auth_code")}
    known |= {"sale_id": "DEPOSIT", "pan": "4761739001010010", "sold_at": DEPOSIT["paid_at"]}
    known |= {"terminal_id": DEPOSIT["terminal_id"], "merchant_id": identity.MERCHANT_ID}
    clerk.site.acquirer.add_sales(parse_sales([known]))
    clerk.scan("DEPOSIT")
    await clerk.at(
        "sale: enter", "refund.amount: 1000 enter", "refund.reason: 1", "supervisor.number"
    )
    await clerk.approve()
    assert await clerk.show_card("visa", tapped=False) == "result"
    clerk.take_away()
    await clerk.home()
    (refund,) = clerk.site.refunds_of("DEPOSIT")
    assert (refund.kind, refund.state, refund.done) == (Kind.REFUND, State.ACCEPTED, 1_000)
    assert clerk.site.ledger.messages.request(refund.refund_id).fields[61] == "0000410000011118"
    for paper in clerk.papers[-2:]:
        assert "2026-11-18 10:00:00" in paper


@pytest.mark.parametrize(
    ("sold", "paid", "said"), [("20", "19", False), ("19", "20", True), ("20", "20", True)]
)
@at_the_counter()
async def test_until_when_a_void_is_possible_is_said_by_the_payment_s_day(
    clerk: SimClerk, sold: str, paid: str, said: bool
) -> None:
    await asyncio.sleep(8.5 * 3600)
    await clerk.log_in()
    batch = clerk.site.ledger.counter.batch()
    own = {"batch": batch, "paid_at": f"2026-11-{paid}T12:00:00+08:00"}
    sold_at = f"2026-11-{sold}T12:00:00+08:00"
    await sell(clerk, "LATE", leg("visa", 1, **own), **NONE, sold_at=sold_at)
    clerk.scan("LATE")
    await clerk.wait("sale")
    assert ("Void until settlement at 23:00" in clerk.text) is said


@at_the_counter()
async def test_the_form_of_a_debit_is_one_for_each_payment(clerk: SimClerk) -> None:
    """Two cards were debited for a sale that was never confirmed: the acquirer is asked twice."""
    await clerk.log_in()
    legs = leg("visa", 1, **DEPOSIT), leg("debit", 2)
    await sell(clerk, "DEBITED", *legs, **NONE, state="unconfirmed")
    clerk.scan("DEBITED")
    await clerk.at("sale.unconfirmed: menu", "enquiry.phone: enter", "case.opened: enter", "home")
    await clerk.site.until(lambda: len(clerk.papers) == 4, 60, "forms")
    for number, card in ((1, "visa"), (2, "debit")):
        own = [paper for paper in clerk.papers if MASKED[card] in paper]
        assert len(own) == 2
        for fact in (f"{number:06d}", f"{632413000000 + number}", f"{10 * number}.00"):
            assert all(fact in paper for paper in own)
        for fact in ("T0000009", "2026-11-18 10:00:00"):
            assert all((fact in paper) is (card == "visa") for paper in own)
    assert clerk.site.ledger.refunds.recent(9) == []
