"""What went out in an exchange is not the goods of the other pieces of its line (R37)."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.site import Setting
from hw_sim.proofs.simulation.stock_truth import StockTruth
from worlds.counter import CASH, at_the_counter, sell

from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language
from pos_terminal.wire.receipt.kinds.exchange import Exchanged

TEA: Final[dict[str, Any]] = {
    "sku": "77",
    "name": "Tea",
    "quantity": 3,
    "unit_price": 900,
    "barcodes": ["6901"],
}
DEAR: Final[dict[str, Any]] = {
    "sku": "X",
    "name": "Coat",
    "quantity": 1,
    "unit_price": 10_000,
    "barcodes": ["6920"],
}
ENGLISH, CHINESE = Language.EN, Language.ZH_CN
BY_RULE = Setting(language=ENGLISH, policy={"supervisor": "by-rule"})


async def sold(clerk: SimClerk, tea: dict[str, Any] = TEA) -> None:
    """Coats cost 100.00 since."""
    paid = {"kind": "cash", "amount": 10_000}
    await sell(clerk, "LATER", paid, lines=[DEAR], **CASH)
    paid = {"kind": "cash", "amount": tea["quantity"] * 900}
    await sell(clerk, "GOODS", paid, lines=[tea], **CASH)
    await clerk.log_in()


async def exchange(clerk: SimClerk, back: str, out: str) -> str:
    """To the prompt after what goes out."""
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.lines")
    clerk.scan(back)
    await clerk.wait_text("1 of 3")
    await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan")
    clerk.scan(out)
    return await clerk.wait("exchange.price", "goods.serial", "supervisor.number", "exchange.even")


async def for_a_dear_one(clerk: SimClerk, back: str = "6901") -> None:
    """A supervisor agrees that it costs as little."""
    assert await exchange(clerk, back, "6920") == "exchange.price"
    await clerk.at("exchange.price: 900 enter", "supervisor.number")
    await done(clerk)


async def done(clerk: SimClerk) -> None:
    if await clerk.wait("supervisor.number", "exchange.even") == "supervisor.number":
        await clerk.approve()
    else:
        clerk.press("enter")
    await clerk.at("result: enter")
    await clerk.home()


def went_out(clerk: SimClerk) -> list[tuple[str, str, str, int | None]]:
    """As the list has it, and stock as well."""
    ledger = clerk.site.ledger
    verify_store(ledger)
    exchanges = overview(ledger.db)["exchanges"]
    ledger.db.rollback()
    told = [one for each in exchanges for one in each["out"]]
    moved = [(one.sku, one.barcode) for one in ledger.stock.after(0, 99) if one.quantity < 0]
    assert moved == [(one["sku"], one["code"]) for one in told]
    return [(one["sku"], one["name"], one["code"], one["price"]) for one in told]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("supervisor", ["always", "by-rule"])
def test_one_yes_is_for_one_piece(language: Language, supervisor: str) -> None:
    """Each time the price is asked, and a supervisor sees what goes out."""

    @at_the_counter(Setting(language=language, policy={"supervisor": supervisor}))
    async def story(clerk: SimClerk) -> None:
        await sold(clerk)
        for _ in range(2):
            clerk.scan("GOODS")
            await clerk.at("sale: menu", "sale.more: 5", "refund.lines")
            clerk.scan("6901")
            await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan")
            clerk.scan("6920")
            await clerk.at("exchange.price: 900 enter", "supervisor.number")
            chinese = language is CHINESE
            assert ("换回 Tea ×1" if chinese else "Back: Tea ×1") in clerk.text
            assert ("换出 Coat ×1" if chinese else "Out: Coat ×1") in clerk.text
            assert "100.00" in clerk.text, "what coats cost the last time"
            await done(clerk)
        assert went_out(clerk) == [("X", "Coat", "6920", 900)] * 2

    story()


@at_the_counter(BY_RULE)
async def test_what_is_back_is_other_goods_as_well(clerk: SimClerk) -> None:
    await sold(clerk)
    await for_a_dear_one(clerk)
    assert await exchange(clerk, "6920", "6901") == "exchange.even", "tea is what was paid for"
    await done(clerk)
    assert went_out(clerk)[1] == ("77", "Tea", "6901", None)
    assert await exchange(clerk, "6901", "6920") == "exchange.price"


@at_the_counter(BY_RULE)
async def test_what_went_out_is_exchanged_for_another_such(clerk: SimClerk) -> None:
    """It is broken: even at once, and every place says what it is."""
    await sold(clerk)
    await for_a_dear_one(clerk)
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.lines")
    clerk.scan("6920")
    await clerk.at("refund.lines: menu", "refund.reason")
    assert "Coat ×1" in clerk.text
    await clerk.at("refund.reason: 4", "goods.scan")
    assert "Coat ×1" in clerk.text
    clerk.scan("6920")
    await done(clerk)
    assert went_out(clerk)[1] == ("X", "Coat", "6920", None)
    slip = clerk.site.ledger.slips.of_refund(2)[0].slip
    assert isinstance(slip.body, Exchanged)
    assert [one.name for one in slip.body.goods.items] == ["Coat"]


@at_the_counter(BY_RULE)
async def test_goods_of_both_kinds_are_no_such_goods(clerk: SimClerk) -> None:
    """A coat and a tea are not two coats."""
    await sold(clerk)
    await for_a_dear_one(clerk)
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.lines")
    for count, code in enumerate(("6920", "6901"), 1):
        clerk.scan(code)
        await clerk.wait_text(f"{count} of 3")
    await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan")
    assert "Tea / Coat ×2" in clerk.text
    clerk.scan("6920")
    await clerk.at("exchange.price: 1800 enter", "supervisor.number")
    await done(clerk)
    assert went_out(clerk)[1:] == [("X", "Coat", "6920", 1_800)]


@at_the_counter(BY_RULE)
async def test_pieces_with_numbers_as_well(clerk: SimClerk) -> None:
    await sold(clerk, TEA | {"serials": ["A1", "B2", "C3"]})
    for back, out in (("A1", "X8"), ("B2", "X9")):
        assert await exchange(clerk, back, "6920") == "exchange.price"
        await clerk.at("exchange.price: 900 enter", "goods.serial")
        clerk.scan(out)
        await clerk.at("supervisor.number")
        await done(clerk)
    assert await exchange(clerk, "X8", "6920") == "goods.serial", "another coat for that one"
    clerk.scan("X7")
    await done(clerk)
    moved = [one for one in clerk.site.ledger.stock.after(0, 99) if one.quantity < 0]
    assert [(one.sku, one.serial) for one in moved] == [("X", "X8"), ("X", "X9"), ("X", "X7")]


@pytest.mark.parametrize("language", Language)
def test_what_never_came_and_comes_after_all_is_what_went_out(language: Language) -> None:
    """A coat for a tea, paid as never received by its code: it is a coat that is booked in, and its
    code takes no tea's money."""

    @at_the_counter(Setting(language=language, policy={"supervisor": "by-rule"}))
    async def story(clerk: SimClerk) -> None:
        truth = StockTruth(clerk.site)
        await sold(clerk)
        clerk.scan("GOODS")
        await clerk.at("sale: menu", "sale.more: 5", "refund.lines")
        clerk.scan("6901")
        await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan")
        clerk.scan("6920")
        await clerk.at("exchange.price: 900 enter", "supervisor.number")
        await done(clerk)
        clerk.scan("GOODS")
        await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")
        clerk.scan("6920")
        await clerk.wait_text("9.00")
        await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 3")
        await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result")
        await clerk.home()
        clerk.scan("GOODS")
        await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")
        clerk.scan("6920")
        gone = "原交易无此商品" if language is CHINESE else "The sale has no such goods"
        await clerk.wait_text(gone)
        await clerk.home()
        clerk.press("menu", "4", "3")
        await clerk.at("stock.slip: 2 enter", "stock.line")
        assert "Coat" in clerk.text
        await clerk.at("stock.line: 1", "stock.correct: 1", "supervisor.number")
        assert "Coat" in clerk.text
        await clerk.approve()
        await clerk.at("stock.corrected: enter")
        await clerk.home()
        verify_store(clerk.site.ledger)
        back = [one for one in clerk.site.ledger.stock.after(0, 99) if one.refund_id == 2]
        assert [(one.sku, one.barcode, one.quantity) for one in back] == [("X", "6920", 1_000)]
        truth.look()
        assert not violations(clerk.site)

    story()
