"""An exchange afterwards: whose the pieces are, what the goods are worth, and what supervisors
change (R37, R72)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, explained, report, sell, tell

from pos_terminal.core.looked import Disposition
from pos_terminal.core.refund import Kind
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

CUP = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900, "barcodes": ["6911"]}
FIRST, SECOND, NEW = "490154203237518", "356938035643809", "868683020000000"
PHONE = {"sku": "P-1", "name": "Phone", "quantity": 2, "unit_price": 1_500, "barcodes": ["6951"]}
PHONE |= {"serials": [FIRST, SECOND]}


async def sold(clerk: SimClerk, *lines: dict[str, Any], amount: int) -> None:
    await sell(clerk, "GOODS", {"kind": "cash", "amount": amount}, lines=lines, **CASH)
    await clerk.log_in()
    await to_exchange(clerk)


async def to_exchange(clerk: SimClerk) -> None:
    await clerk.wait("home")
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5")


async def approved(clerk: SimClerk) -> None:
    await clerk.approve()
    await clerk.at("result: enter")
    await clerk.home()


def left(clerk: SimClerk) -> tuple[int, list[int]]:
    """Of the sale's money, and of each of its lines."""
    verify_store(clerk.site.ledger)
    sale = clerk.site.ledger.sales.by_id("GOODS")
    assert sale is not None
    return sale.remaining, [line.remaining for line in sale.lines]


@pytest.mark.parametrize(
    ("language", "theirs", "back"),
    [
        (Language.EN, "The customer has serial …3809", "Serial …7518 is back already"),
        (Language.ZH_CN, "序列号 …3809 在顾客手中", "序列号 …7518 已经退过"),
    ],
)
def test_the_number_of_what_goes_out_is_the_lines_own_from_then_on(
    language: Language, theirs: str, back: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By rule nobody is asked when that piece comes back; the one in its place is in the shop."""

    async def story(clerk: SimClerk) -> None:
        ledger = clerk.site.ledger
        await sold(clerk, PHONE, amount=3_000)
        clerk.scan(FIRST)
        await clerk.wait_text("15.00")
        await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan")
        clerk.scan("6951")
        await clerk.wait("goods.serial")
        clerk.scan(SECOND)
        await clerk.wait_text(theirs)
        await clerk.at("goods.serial: cancel", "goods.scan")
        clerk.scan("6951")
        await clerk.wait("goods.serial")
        clerk.scan(NEW)
        assert await clerk.wait("exchange.even", "supervisor.number") == "exchange.even"
        await clerk.at("exchange.even: enter", "result: enter", "home")
        moved = [(one.quantity, one.serial) for one in ledger.stock.after(0, 9)]
        assert moved == [(1_000, FIRST), (-1_000, NEW)]
        await clerk.site.until(lambda: len(clerk.papers) == 2, 600, "both copies")
        assert all(NEW in paper for paper in clerk.papers)
        assert NEW in explained(clerk, 1, language, capsys)
        (told,) = overview(ledger.db)["exchanges"]
        ledger.db.execute("COMMIT")
        assert [one["serials"] for one in told["out"]] == [[NEW]]
        clerk.scan("GOODS")
        await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")
        clerk.scan(FIRST)
        await clerk.wait_text(back)
        clerk.scan(NEW)
        await clerk.wait_text("15.00")
        await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
        await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result")
        await clerk.home()
        assert [(one.quantity, one.serial) for one in ledger.stock.after(2, 9)] == [(1_000, NEW)]
        assert left(clerk) == (1_500, [1_000])

    tell(story, Setting(language=language, policy={"supervisor": "by-rule"}))


@at_the_counter()
async def test_the_sale_is_found_by_what_went_out(clerk: SimClerk) -> None:
    await sold(clerk, CUP, amount=900)
    await clerk.at("refund.reason: 4", "goods.scan")
    clerk.scan("6901028075770")
    await clerk.at("exchange.price: 900 enter")
    await approved(clerk)
    await clerk.at("home: menu", "menu: 1 3", "find.by: 1", "find.amount: 900 enter", "find.by")
    clerk.scan("6901028075770")
    await clerk.wait("find.list", "sale")
    assert "GOODS" in clerk.text or "Cup" in clerk.text


@at_the_counter()
async def test_menu_at_the_supervisors_number_leads_to_the_goods(clerk: SimClerk) -> None:
    """What was asked for ends, and what takes its place is approved."""
    await sold(clerk, CUP, amount=900)
    await clerk.at("refund.reason: 4", "goods.scan")
    clerk.scan("6911")
    await clerk.wait("supervisor.number")
    assert "As new: back to stock" in clerk.text
    await clerk.at("supervisor.number: menu", "goods.line: 1", "goods.condition: 2")
    await clerk.at("goods.line: menu", "supervisor.number")
    assert "Opened: set aside" in clerk.text
    assert "Out: Cup ×1" in clerk.text
    await approved(clerk)
    (back, _) = clerk.site.ledger.stock.after(0, 9)
    assert back.disposition is Disposition.QUARANTINE
    states = [clerk.site.application(number).state.value for number in (1, 2)]
    assert states == ["cancelled", "done"]
    assert clerk.site.ledger.applications.approvals(1) == []
    assert left(clerk) == (900, [1_000])


@at_the_counter()
async def test_goods_that_bring_less_there_become_an_exchange_credit(clerk: SimClerk) -> None:
    """And that is changed in the same way, once it is asked for."""
    await sold(clerk, CUP, amount=900)
    await clerk.at("refund.reason: 4", "goods.scan")
    clerk.scan("6911")
    await clerk.at("supervisor.number: menu", "goods.line: 3", "goods.deduct: 1")
    await clerk.at("goods.deduct_amount: 100 enter", "goods.line: menu", "exchange.as_credit")
    assert "8.00" in clerk.text
    await clerk.at("exchange.as_credit: enter", "supervisor.number: menu", "goods.line: 3")
    await clerk.at("goods.deduct: 1", "goods.deduct_amount: 200 enter", "goods.line: menu")
    await clerk.wait("supervisor.number")
    assert "7.00" in clerk.text
    await approved(clerk)
    asked = [clerk.site.application(number) for number in (1, 2, 3)]
    assert [(one.kind, one.amount) for one in asked] == [
        (Kind.EXCHANGE, 900),
        (Kind.EXCHANGE_CREDIT, 800),
        (Kind.EXCHANGE_CREDIT, 700),
    ]
    assert [one.state.value for one in asked[:2]] == ["cancelled", "cancelled"]
    assert left(clerk) == (200, [0])


OF_LEG = {"sale_id": "GOODS", "leg": 1, "at": "2026-11-20T11:00:00+08:00"}


@pytest.mark.parametrize(
    "told",
    [
        OF_LEG | {"kind": "adjusted", "reference": "A-1", "amount": 600},
        OF_LEG | {"kind": "refunded_elsewhere", "reference": "HQ-1", "amount": 300},
    ],
    ids=lambda told: told["kind"],
)
def test_goods_are_worth_no_more_than_a_till_has_left_of_their_payment(
    told: dict[str, Any],
) -> None:
    """9.00 were paid, and 6.00 are: others must cost 6.00, and the same cup is even at once."""

    @at_the_counter()
    async def story(clerk: SimClerk) -> None:
        await sell(clerk, "GOODS", {"kind": "cash", "amount": 900}, lines=[CUP], **CASH)
        await report(clerk, json.dumps(told))
        await clerk.log_in()
        await to_exchange(clerk)
        await clerk.at("refund.reason: 4", "goods.scan")
        assert "6.00" in clerk.text
        assert "9.00" not in clerk.text
        clerk.scan("6911")
        await approved(clerk)
        await to_exchange(clerk)
        await clerk.at("refund.reason: 4", "goods.scan")
        clerk.scan("6902")
        await clerk.at("exchange.price: 900 enter", "exchange.as_credit: cancel", "goods.scan")
        clerk.scan("6902")
        await clerk.at("exchange.price: 600 enter", "supervisor.number")
        await approved(clerk)
        refunds = clerk.site.ledger.refunds.recent(5)
        assert [(one.kind, one.amount, one.done) for one in refunds] == [
            (Kind.EXCHANGE, 600, 0)
        ] * 2
        assert left(clerk) == (600, [1_000])
        moved = [one.quantity for one in clerk.site.ledger.stock.after(0, 9)]
        assert moved == [1_000, -1_000] * 2

    story()


@at_the_counter()
async def test_defective_goods_that_stay_otherwise_are_exchanged_with_a_supervisor(
    clerk: SimClerk,
) -> None:
    await sold(clerk, CUP | {"returnable": False}, amount=900)
    await clerk.at("refund.lines: 1", "refund.lines: 1", "goods.defective: enter")
    await clerk.at("refund.quantity: enter", "refund.lines: menu", "refund.reason: 1", "goods.scan")
    clerk.scan("6911")
    await clerk.wait("supervisor.number")
    assert "Not returnable: Cup" in clerk.text
    await approved(clerk)
    (back, out) = clerk.site.ledger.stock.after(0, 9)
    assert (back.disposition, out.quantity) == (Disposition.VENDOR, -1_000)
    assert left(clerk) == (900, [1_000])
