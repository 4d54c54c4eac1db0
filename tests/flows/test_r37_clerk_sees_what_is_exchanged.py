"""What clerk and supervisor see of an exchange before it is done, and what is kept of it (R37)."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.counter_hands import till_tells
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, explained, in_each_language, one_line, sell

from pos_terminal.core.looked import Disposition
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language
from pos_terminal.wire.receipt.kinds.exchange import Exchanged, ItemOut

LANGUAGES: Final = pytest.mark.parametrize("language", Language)
CUP = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900, "barcodes": ["6911"]}
PHONES = {"sku": "P", "name": "Phone", "quantity": 2, "unit_price": 900, "barcodes": ["6930"],
          "serials": ["490154203237518", "490154203237526"]}  # fmt: skip
COAT = {"sku": "X", "name": "Coat", "quantity": 1, "unit_price": 9_900, "barcodes": ["6920"]}
BY_RULE = {"supervisor": "by-rule"}


async def sold(clerk: SimClerk, line: dict[str, Any]) -> None:
    """To the reason, by the menu key at the list where there is one."""
    paid = {"kind": "cash", "amount": line["quantity"] * line["unit_price"]}
    await sell(clerk, "GOODS", paid, lines=[line], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5")


def moved(clerk: SimClerk) -> list[tuple[int, str, Disposition | None]]:
    verify_store(clerk.site.ledger)
    return [
        (one.quantity, one.serial, one.disposition) for one in clerk.site.ledger.stock.after(0, 99)
    ]


@LANGUAGES
@in_each_language(policy=BY_RULE)
async def test_where_nobody_approves_it_the_clerk_agrees_to_both_ways(
    clerk: SimClerk, language: Language
) -> None:
    """A wrong scan is taken back by CANCEL; ENTER does it."""
    chinese = language is Language.ZH_CN
    back, out, number = (
        ("换回 Phone ×1", "换出 Phone ×1", "序列号")
        if chinese
        else ("Back: Phone ×1", "Out: Phone ×1", "Serial number")
    )
    await sold(clerk, PHONES)
    await clerk.wait("refund.lines")
    clerk.scan("490154203237518")
    await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan")
    for key, piece in {"cancel": "353879234252625", "enter": "353879234252633"}.items():
        clerk.scan("6930")
        await clerk.at("goods.serial")
        clerk.scan(piece)
        await clerk.at("exchange.even")
        both = f"{back} 9.00 {number} 490154203237518 {out} {number} {piece}"
        assert both in one_line(clerk)
        assert moved(clerk) == []
        await clerk.at(f"exchange.even: {key}", "goods.scan" if key == "cancel" else "result")
    await clerk.home()
    assert moved(clerk) == [
        (1_000, "490154203237518", Disposition.RESTOCK),
        (-1_000, "353879234252633", None),
    ]


@at_the_counter(Setting(language=Language.EN, policy=BY_RULE))
async def test_menu_there_leads_to_the_goods(clerk: SimClerk) -> None:
    """To another condition; to goods that bring less, which are for a credit."""
    await sold(clerk, CUP)
    await clerk.at("refund.reason: 4", "goods.scan: 11 enter", "exchange.even: menu")
    await clerk.at("goods.line: 1", "goods.condition: 2", "goods.line: menu")
    await clerk.at("exchange.even: menu", "goods.line: 3", "goods.deduct: 1")
    await clerk.at("goods.deduct_amount: 100 enter", "goods.line: menu")
    await clerk.at("exchange.as_credit: cancel", "refund.reason: menu", "goods.or_note: 2")
    await clerk.at("goods.line: 3", "goods.deduct", ": 1", "goods.deduct_amount: 0 enter")
    await clerk.at("goods.line: menu", "refund.reason: 4", "goods.scan: 11 enter")
    await clerk.at("exchange.even: enter", "result")
    await clerk.home()
    assert moved(clerk) == [(1_000, "", Disposition.QUARANTINE), (-1_000, "", None)]


@LANGUAGES
@in_each_language()
async def test_a_price_that_leads_to_a_credit_stands_there_beside_what_came_back(
    clerk: SimClerk, language: Language
) -> None:
    """Three keys too few, and it is 0.03 for goods of 9.00."""
    price = {Language.ZH_CN: "换出商品的总价", Language.EN: "Price of what goes out"}
    await sold(clerk, CUP)
    await clerk.at("refund.reason: 4", "goods.scan")
    clerk.scan("6901028075770")
    await clerk.at("exchange.price: 3 enter", "exchange.as_credit")
    assert f"Cup ×1 9.00 {price[language]} 0.03" in one_line(clerk)
    await clerk.at("exchange.as_credit: cancel", "goods.scan: menu", "exchange.as_credit")
    assert price[language] not in one_line(clerk)


@LANGUAGES
@in_each_language(policy=BY_RULE)
async def test_a_typed_price_stays_known_and_what_such_goods_were_sold_for(
    clerk: SimClerk, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the merchant's slip, in ``explain`` and ``ledger --json``; nothing of it where nobody
    typed one, and of goods that were never sold here the price alone."""
    await sell(clerk, "LATER", {"kind": "cash", "amount": 9_900}, lines=[COAT], **CASH)
    await sold(clerk, CUP | {"quantity": 3})
    for code, price in (("6920", "900"), ("6901028075770", "900"), ("6911", "")):
        await clerk.wait("refund.lines")
        clerk.scan("6911")
        await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan")
        clerk.scan(code)
        if price:
            await clerk.at(f"exchange.price: {price} enter")
            await clerk.approve()
        else:
            await clerk.at("exchange.even: enter")
        await clerk.at("result: enter")
        await clerk.home()
        clerk.scan("GOODS")
        await clerk.at("sale: menu", "sale.more: 5")
    exchanges = overview(clerk.site.ledger.db)["exchanges"]
    told = [(out["price"], out["last_sold_for"]) for one in exchanges for out in one["out"]]
    assert told == [(900, 9_900), (900, None), (None, None)]
    first, second, third = (out_on_slip(clerk, refund) for refund in (1, 2, 3))
    assert (first.price, first.last_sold_for) == (900, 9_900)
    assert (second.price, second.last_sold_for) == (900, None)
    assert (third.price, third.last_sold_for) == (None, None)
    assert {one.rule for one in clerk.site.ledger.applications.approvals(1)} == {"price_typed"}
    rule = {Language.ZH_CN: "价格由收银员输入", Language.EN: "Price typed by the clerk"}[language]
    assert any(rule in paper for paper in clerk.papers), "why a supervisor was asked"
    typed, last = (
        ("换出 {}: 价格 9.00 由收银员输入", ", 最近售价 99.00")
        if language is Language.ZH_CN
        else ("out {}: its price 9.00 was typed by the clerk", ", sold last for 99.00")
    )
    assert typed.format("6920") + last in explained(clerk, 1, language, capsys)
    assert f"{typed.format('6901028075770')}\n" in explained(clerk, 2, language, capsys)
    assert typed.format("6911") not in explained(clerk, 3, language, capsys)


def out_on_slip(clerk: SimClerk, refund: int) -> ItemOut:
    (body,) = {job.slip.body for job in clerk.site.ledger.slips.of_refund(refund)}
    assert isinstance(body, Exchanged)
    (out,) = body.out
    return out


@LANGUAGES
@in_each_language(policy=BY_RULE)
async def test_what_the_till_lowers_meanwhile_is_not_exchanged_at_its_old_worth(
    clerk: SimClerk, language: Language
) -> None:
    """Begun again it is exchanged for the same all the same, and for others only by their price."""
    said = {
        Language.ZH_CN: "商品价值已变少,请重新办理",
        Language.EN: "The goods are worth less by now: begin again",
    }
    await sold(clerk, CUP)
    await clerk.at("refund.reason: 4", "goods.scan: 11 enter", "exchange.even")
    at = clerk.site.time.now().isoformat()
    lowered = {"kind": "adjusted", "reference": "A-1", "sale_id": "GOODS", "leg": 1, "at": at}
    await till_tells(clerk, lowered | {"amount": 450})
    await clerk.at("exchange.even: enter", "failure")
    assert said[language] in one_line(clerk)
    assert moved(clerk) == []
    await clerk.home()
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan: 11 enter")
    await clerk.at("exchange.even: enter", "result")
    await clerk.home()
    assert [quantity for quantity, _, _ in moved(clerk)] == [1_000, -1_000]
