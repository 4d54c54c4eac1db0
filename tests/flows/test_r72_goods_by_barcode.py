"""Goods are chosen by scanning them: each scan one piece, and no key (R72)."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, sell, tell

from pos_terminal.ports import Scanned
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

TEA = {"sku": "9", "name": "Tea", "quantity": 2, "unit_price": 1_500}
MORE_TEA = TEA | {"quantity": 1}
CUP = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900, "barcodes": ["036000291452"]}
SCALE = Setting(language=Language.EN, scale_codes=["21IIIIIPPPPPC"])


async def sold(clerk: SimClerk, *lines: dict[str, Any], amount: int, **more: str) -> None:
    """A cash sale of these lines, at its goods."""
    cash = {"kind": "cash", "amount": amount}
    await sell(clerk, "GOODS", cash, lines=lines, **CASH, **more)
    await clerk.log_in()
    await to_goods(clerk)


async def to_goods(clerk: SimClerk) -> None:
    await clerk.wait("home")
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")


async def scanned(clerk: SimClerk, *codes: str, says: str) -> None:
    for code in codes:
        clerk.scan(code)
    await clerk.wait_text(says)
    assert clerk.prompt == "refund.lines", "no further key"


def beeps(clerk: SimClerk) -> int:
    return clerk.site.terminal.screen.beeps


@at_the_counter()
async def test_a_scan_takes_one_more_and_goes_on_to_the_next_line(clerk: SimClerk) -> None:
    await sold(clerk, TEA, CUP, MORE_TEA, amount=5_400)
    before = beeps(clerk)
    await scanned(clerk, "9", says="Tea 1 of 2")
    await scanned(clerk, "0036000291452", says="Cup 1 of 1")
    await scanned(clerk, "9", "9", says=">3 Tea 1 of 1")
    assert "1 Tea 2 of 2" in clerk.text
    assert "¥54.00" in clerk.text
    assert beeps(clerk) == before
    await scanned(clerk, "9", says="All of Tea is chosen")
    assert beeps(clerk) == before + 1
    assert "¥54.00" in clerk.text
    clerk.press("menu")
    await clerk.at("refund.amount: enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()
    sale = clerk.site.sale("GOODS")
    assert [line.returned for line in sale.lines] == [2_000, 1_000, 1_000]
    verify_store(clerk.site.ledger)


@pytest.mark.parametrize(
    ("language", "says", "none_left"),
    [
        (Language.EN, "The sale has no such goods", "Nothing left of Cup"),
        (Language.ZH_CN, "原交易无此商品", "Cup 已退完"),
    ],
)
def test_what_the_sale_has_not_changes_nothing(
    language: Language, says: str, none_left: str
) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk, TEA, CUP, amount=3_900)
        clerk.scan("11")
        await clerk.at(": menu", "refund.amount: enter", "refund.reason: 4")
        await clerk.approve()
        await clerk.pay_out()
        await clerk.at("cash.hand_over: enter", "result")
        await clerk.home()
        await to_goods(clerk)
        clerk.scan("9")
        await clerk.wait_text("15.00")
        before, shown = beeps(clerk), clerk.text.split()
        for code, what in (("4006381333931", says), ("11", none_left)):
            await scanned(clerk, code, says=what)
            assert " ".join(clerk.text.split()).replace(f"{what} ", "").split() == shown
        assert beeps(clerk) == before + 2
        await scanned(clerk, "9", says="30.00")
        assert says not in clerk.text, "said once"

    tell(story, Setting(language=language))


@at_the_counter(SCALE)
async def test_every_code_of_the_goods_leads_to_their_line(clerk: SimClerk) -> None:
    """The check digits are by the standard's own sum: 2100123007998, 2100123012503."""
    pot = {"sku": "12", "name": "Pot", "quantity": 1, "unit_price": 150}
    meat = {"name": "Meat", "quantity": "0.5", "sku": "123", "unit_price": 1}
    lines = (
        TEA | {"paid": 3_000, "barcodes": ["0036000291452"]},
        meat | {"paid": 799},
        meat | {"paid": 1_250},
        pot | {"paid": 150, "returnable": False, "barcodes": ["96385074"]},
    )
    await sold(clerk, *lines, amount=5_199)
    clerk.site.post(Scanned("003600029145205", "]E3"))  # its EAN-13 with an add-on
    await clerk.wait_text("Tea 1 of 2")
    clerk.scan("01000360002914521726080510AB-1")  # with date and batch behind it
    await clerk.wait_text("Tea 2 of 2")
    await scanned(clerk, "036000291452", says="All of Tea is chosen")  # as UPC-A
    await scanned(clerk, "2100123012503", says="Meat 0.5 of 0.5")
    assert "¥42.50" in clerk.text, "the piece of that price, all of it"
    await scanned(clerk, "2100123012503", says="All of Meat is chosen")
    for code, said in (
        ("96385074", "Not returnable: Pot"),
        ("2100999007993", "The sale has no such goods"),
        ("2100123009992", "The sale has no such goods"),  # meat of 9.99
    ):
        await scanned(clerk, code, says=said)
    await clerk.at(": menu", "refund.amount")
    assert "42.50" in clerk.text


@at_the_counter()
async def test_who_pressed_a_digit_may_still_scan(clerk: SimClerk) -> None:
    """A scan counts a piece of the line that was picked, and of other goods as in the list; a
    number that was typed waits for its enter."""
    await sold(clerk, TEA, CUP, MORE_TEA, amount=5_400)
    await clerk.go("3", to="refund.quantity")
    clerk.scan("9")
    await clerk.wait("refund.lines")
    assert "3 Tea 1 of 1" in clerk.text
    await clerk.go("1", to="refund.quantity")
    clerk.scan("11")
    await clerk.wait("refund.lines")
    assert "1 Tea ×2" in clerk.text
    assert "2 Cup 1 of 1" in clerk.text
    await clerk.at(": 1", "refund.quantity: 2")
    before = beeps(clerk)
    clerk.scan("9")
    await clerk.wait_text("ENTER first, then scan")
    assert (clerk.prompt, beeps(clerk)) == ("refund.quantity", before + 1)
    await clerk.at(": enter", "refund.lines")
    assert "1 Tea 2 of 2" in clerk.text
    await clerk.go("2", to="refund.quantity")
    clerk.scan("404")
    await clerk.wait_text("The sale has no such goods")
    assert "2 Cup 1 of 1" in clerk.text


@at_the_counter()
async def test_of_999_lines_the_picked_one_is_in_view(clerk: SimClerk) -> None:
    lines = [CUP | {"name": f"Cup {n}", "sku": f"S{n}", "barcodes": []} for n in range(1, 1_000)]
    await sold(clerk, *lines, amount=999 * 900)
    await scanned(clerk, "S700", says=">7 Cup 700 1 of 1")
    assert "78/111" in clerk.text
    await scanned(clerk, "S1", says=">1 Cup 1 1 of 1")
    await clerk.at(": menu", "refund.amount")
    assert "¥18.00" in clerk.text


@at_the_counter()
async def test_a_gift_receipt_shows_the_price_of_scanned_goods_alone(clerk: SimClerk) -> None:
    cash = {"kind": "cash", "amount": 3_900}
    await sell(clerk, "GOODS", cash, lines=(TEA, CUP), **CASH, gift_receipt_no="G-1")
    await clerk.log_in()
    clerk.scan("G-1")
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines")
    await scanned(clerk, "11", says="Cup 1 of 1")
    assert "9.00" in clerk.text
    assert "30.00" not in clerk.text
    await clerk.at(": menu", "refund.amount: enter", "refund.reason")
