"""A supervisor corrects how goods of a refund were booked: countered, never changed (R48)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, at_the_counter, explained, in_each_language, sell

from pos_terminal.core.looked import Disposition
from pos_terminal.core.people import Role
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

TEA = {"sku": "9", "name": "Tea", "quantity": 3, "unit_price": 1_500}
CUP = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900}


async def refunded(clerk: SimClerk) -> str:
    """All goods are back as new; the code on the customer's slip."""
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 5_400}, lines=[TEA, CUP], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()
    barcodes = clerk.site.ledger.slips.of_refund(1)[0].slip.head.barcode
    assert barcodes
    return barcodes


def where(clerk: SimClerk) -> list[tuple[int, int, int | None, str, Disposition | None]]:
    verify_store(clerk.site.ledger)
    return [
        (one.n, one.quantity, one.counters, one.condition, one.disposition)
        for one in clerk.site.ledger.stock.after(0, 100)
    ]


BOOKED = [
    (1, 3_000, None, "1", Disposition.RESTOCK),
    (2, 1_000, None, "1", Disposition.RESTOCK),
]


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_it_is_countered_and_booked_anew_with_a_supervisor(clerk: SimClerk) -> None:
    code = await refunded(clerk)
    clerk.press("menu", "4", "3")
    await clerk.wait("stock.slip")
    clerk.scan(code)
    await clerk.at("stock.line: 1", "stock.correct: 4", "supervisor.number")
    assert "Tea" in clerk.text
    await clerk.approve()
    await clerk.at("stock.corrected: enter")
    await clerk.home()
    assert where(clerk) == [
        *BOOKED,
        (3, -3_000, 1, "1", Disposition.RESTOCK),
        (4, 3_000, None, "4", Disposition.DAMAGED),
    ]
    me, boss = (clerk.site.shop.person(role).number for role in (Role.CLERK, Role.SUPERVISOR))
    listed = overview(clerk.site.ledger.db)["stock"]
    assert [(one["operator"], one["supervisor"]) for one in listed[-2:]] == [(me, boss)] * 2
    assert [one.done for one in clerk.site.ledger.refunds.recent(9)] == [5_400], "no money moved"


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_what_never_came_is_countered_alone_and_booked_in_after_all(clerk: SimClerk) -> None:
    code = await refunded(clerk)
    clerk.press("menu", "4", "3")
    await clerk.wait("stock.slip")
    clerk.scan(code)
    await clerk.at("stock.line: 1", "stock.correct: 5", "supervisor.number")
    assert "None came back" in clerk.text or "未退回" in clerk.text
    await clerk.approve()
    await clerk.at("stock.corrected: enter")
    await clerk.home()
    assert where(clerk) == [*BOOKED, (3, -3_000, 1, "1", Disposition.RESTOCK)]
    clerk.press("menu", "4", "3")
    await clerk.wait("stock.slip")
    clerk.scan(code)
    await clerk.at("stock.line: 1", "stock.correct")
    assert "None came back" in clerk.text or "未退回" in clerk.text
    await clerk.at("stock.correct: 5 2", "supervisor.number")  # there is no 5: they are nowhere
    await clerk.approve()
    await clerk.at("stock.corrected: enter")
    await clerk.home()
    assert where(clerk)[-1] == (4, 3_000, None, "2", Disposition.QUARANTINE)
    assert [one.done for one in clerk.site.ledger.refunds.recent(9)] == [5_400], "no money moved"


@at_the_counter()
async def test_nobody_approves_an_own_correction(clerk: SimClerk) -> None:
    code = await refunded(clerk)
    clerk.press("menu", "4", "3")
    await clerk.wait("stock.slip")
    clerk.scan(code)
    me = clerk.site.shop.person(Role.CLERK)
    await clerk.at("stock.line: 2", "stock.correct: 2", f"supervisor.number: {me.number} enter")
    await clerk.at(f"supervisor.pin: {me.pin} enter", "supervisor.number: cancel")
    await clerk.home()
    assert where(clerk) == BOOKED


@at_the_counter()
async def test_what_is_none_of_ours_or_brought_no_goods_is_told(clerk: SimClerk) -> None:
    """By number, too, as it stands on each slip; and what is booked so already stays."""
    await refunded(clerk)
    clerk.press("menu", "4", "3")
    await clerk.wait("stock.slip")
    clerk.scan("6901234567892")
    await clerk.wait_text("No slip of this terminal")
    await clerk.at("stock.slip: 9 enter")
    await clerk.wait_text("No goods came back with it")
    await clerk.home()
    clerk.press("menu", "4", "3")
    await clerk.at("stock.slip: 1 enter", "stock.line: 1", "stock.correct: 1")
    await clerk.wait_text("It is booked so already")
    await clerk.at("stock.correct: cancel")
    await clerk.home()
    assert where(clerk) == BOOKED
    assert clerk.site.terminal.objections == []


@at_the_counter()
async def test_explain_tells_both(clerk: SimClerk, capsys: pytest.CaptureFixture[str]) -> None:
    await refunded(clerk)
    clerk.press("menu", "4", "3")
    await clerk.at("stock.slip: 1 enter", "stock.line: 2", "stock.correct: 2", "supervisor.number")
    await clerk.approve()
    await clerk.at("stock.corrected: enter")
    boss = clerk.site.shop.person(Role.SUPERVISOR).number
    told = explained(clerk, 1, Language.EN, capsys)
    assert "stock, movement 3: line 2 ×-1, takes back movement 2" in told
    right = f"Opened: set aside, as corrected with supervisor {boss}"
    assert f"stock, movement 4: line 2 ×1, {right}" in told
