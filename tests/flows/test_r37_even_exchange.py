"""Exchange (换货): other goods of the same worth in return, and no money (R37)."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, explained, report, sell

from pos_terminal.core.looked import Disposition
from pos_terminal.core.refund import Kind, State
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language
from pos_terminal.wire.receipt.kinds.exchange import Exchanged

SHIRT = {"sku": "S-M", "name": "Shirt", "quantity": 2, "unit_price": 1_500, "barcodes": ["6901"]}
CUP = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900, "barcodes": ["6911"]}
BY_POST = {"sku": "", "name": "Delivery", "quantity": 1, "unit_price": 600, "kind": "fee"}


async def sold(clerk: SimClerk, lines: list[dict[str, Any]], amount: int) -> None:
    await sell(clerk, "GOODS", {"kind": "cash", "amount": amount}, lines=lines, **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5")


def moved(clerk: SimClerk) -> list[tuple[int | None, int, str, str, Disposition | None]]:
    ledger = clerk.site.terminal.ledger
    assert ledger is not None
    verify_store(ledger)
    return [
        (one.line, one.quantity, one.sku, one.barcode, one.disposition)
        for one in ledger.stock.after(0, 100)
    ]


async def approved(clerk: SimClerk) -> None:
    await clerk.approve()
    await clerk.at("result: enter")
    await clerk.home()


def left(clerk: SimClerk) -> tuple[int, list[int]]:
    """Of the sale's money, and of each of its lines."""
    sale = clerk.site.ledger.sales.by_id("GOODS")
    assert sale is not None
    return sale.remaining, [line.remaining for line in sale.lines]


@pytest.mark.parametrize("language", Language)
def test_one_piece_for_another_of_the_same_goods(language: Language) -> None:
    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        await sold(clerk, [CUP], 900)
        await clerk.at("refund.reason: 1", "goods.scan")
        chinese = language is Language.ZH_CN
        assert ("请扫描换出的商品" if chinese else "Scan what goes out") in clerk.text
        clerk.scan("6911")
        await clerk.at("supervisor.number")
        assert ("换出 Cup ×1" if chinese else "Out: Cup ×1") in clerk.text
        await clerk.approve()
        await clerk.at("result")
        assert ("已换货" if chinese else "Exchanged") in clerk.text
        await clerk.at("result: enter")
        await clerk.home()
        assert moved(clerk) == [
            (1, 1_000, "11", "6911", Disposition.VENDOR),
            (1, -1_000, "11", "6911", None),
        ]
        assert left(clerk) == (900, [1_000])

    story()


@at_the_counter()
async def test_no_money_moves_and_two_slips_say_so(clerk: SimClerk) -> None:
    await sold(clerk, [SHIRT, CUP, BY_POST], 4_500)
    await clerk.at("refund.lines: 1", "refund.quantity: 1 enter", "refund.lines: menu")
    await clerk.at("refund.reason: 4", "goods.scan")
    clerk.scan("6901")
    await approved(clerk)
    (refund,) = clerk.site.ledger.refunds.recent(5)
    assert (refund.kind, refund.state, refund.amount, refund.done) == (
        *(Kind.EXCHANGE, State.EXCHANGED, 1_500, 0),
    )
    assert left(clerk) == (4_500, [2_000, 1_000, 1_000])
    slips = [job.slip for job in clerk.site.ledger.slips.of_refund(refund.refund_id)]
    assert len(slips) == 2
    assert all(isinstance(one.body, Exchanged) for one in slips)
    assert clerk.site.parts.drawer == 0
    db = clerk.site.ledger.db
    (told,) = overview(db)["exchanges"]
    assert (told["sale_id"], told["worth"]) == ("GOODS", 1_500)
    assert told["out"] == [
        {
            "line": 1,
            "quantity": "1",
            "code": "6901",
            "sku": "S-M",
            "name": "Shirt",
            "price": None,
            "last_sold_for": None,
            "serials": [],
            "unread": 0,
        }
    ]
    assert [(one["name"], one["quantity"]) for one in told["back"]] == [("Shirt", "1")]


@at_the_counter()
async def test_another_size_costs_what_the_clerk_types_and_a_supervisor_sees(
    clerk: SimClerk,
) -> None:
    await sold(clerk, [SHIRT], 3_000)
    await clerk.at("refund.lines: 1", "refund.quantity: enter", "refund.lines: menu")
    await clerk.at("refund.reason: 4", "goods.scan")
    clerk.scan("6902")
    await clerk.at("exchange.price: 2900 enter", "exchange.as_credit: cancel", "goods.scan")
    clerk.scan("6902")
    await clerk.at("exchange.price: 3000 enter", "supervisor.number")
    assert "Out: 6902 ×2" in clerk.text
    assert "Price typed by the clerk" in clerk.text
    await approved(clerk)
    assert [one[1:4] for one in moved(clerk)] == [(2_000, "S-M", "6901"), (-2_000, "", "6902")]

    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.lines")
    clerk.scan("6902")
    await clerk.wait_text("1 of 2")
    await clerk.at("refund.lines: menu", "refund.reason: 4")
    await clerk.at("goods.scan")
    clerk.scan("6902")
    await approved(clerk)
    assert left(clerk) == (3_000, [2_000])


@at_the_counter()
async def test_what_was_sold_at_that_price_since_needs_no_typing(clerk: SimClerk) -> None:
    large = SHIRT | {"sku": "S-L", "name": "Shirt L", "quantity": 1, "barcodes": ["6903"]}
    later = {"kind": "cash", "amount": 1_500}
    await sell(clerk, "LATER", later, lines=[large], **CASH)
    await sold(clerk, [SHIRT | {"quantity": 1}], 1_500)
    await clerk.at("refund.reason: 4", "goods.scan")
    clerk.scan("6903")
    await clerk.at("supervisor.number")
    assert "Out: Shirt L ×1" in clerk.text
    await approved(clerk)
    assert [one[1:4] for one in moved(clerk)] == [
        (1_000, "S-M", "6901"),
        (-1_000, "S-L", "6903"),
    ]


@at_the_counter()
async def test_what_went_out_comes_back_for_what_was_paid(clerk: SimClerk) -> None:
    await sold(clerk, [SHIRT | {"quantity": 1}, CUP], 2_400)
    await clerk.at("refund.lines: 1", "refund.quantity: enter", "refund.lines: menu")
    await clerk.at("refund.reason: 4", "goods.scan")
    clerk.scan("6902")
    await clerk.at("exchange.price: 1500 enter")
    await approved(clerk)
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")
    clerk.scan("6902")
    await clerk.wait_text("1 of 1")
    await clerk.at("refund.lines: menu", "refund.amount: enter")
    await clerk.at("refund.reason: 4")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()
    assert left(clerk) == (900, [0, 1_000])
    assert [one[1] for one in moved(clerk)] == [1_000, -1_000, 1_000]


@at_the_counter()
async def test_paper_and_badges_are_no_goods(clerk: SimClerk) -> None:
    await sold(clerk, [CUP], 900)
    await clerk.at("refund.reason: 1", "goods.scan")
    for code in ("GOODS", "6225760008219524"):
        clerk.scan(code)
        await clerk.wait_text("No code of goods")
        clerk.press("1", "clear")


@at_the_counter()
async def test_goods_that_bring_less_are_not_exchanged_for_whole_ones(clerk: SimClerk) -> None:
    await sold(clerk, [CUP], 900)
    await clerk.at("refund.reason: menu", "goods.or_note: 2", "goods.line: 3", "goods.deduct: 1")
    await clerk.at("goods.deduct_amount: 100 enter", "goods.line: menu")
    await clerk.at("refund.reason: 4", "exchange.as_credit: cancel", "refund.reason")
    assert moved(clerk) == []


@at_the_counter(Setting(language=Language.EN, policy={"inspection": "once"}))
async def test_a_condition_that_is_asked_for_moves_the_goods(clerk: SimClerk) -> None:
    await sold(clerk, [CUP], 900)
    await clerk.at("goods.condition: 3", "refund.reason: 4", "goods.scan")
    clerk.scan("6911")
    await approved(clerk)
    assert [one[4] for one in moved(clerk)] == [Disposition.VENDOR, None]


@at_the_counter()
async def test_cancelled_before_it_is_approved_nothing_moves(clerk: SimClerk) -> None:
    await sold(clerk, [CUP], 900)
    await clerk.at("refund.reason: 1", "goods.scan")
    clerk.scan("6911")
    await clerk.at("supervisor.number: cancel")
    await clerk.home()
    assert moved(clerk) == []
    assert left(clerk) == (900, [1_000])


@at_the_counter()
async def test_a_sale_whose_goods_are_all_back_offers_none(clerk: SimClerk) -> None:
    keep = {"returnable": False, "not_returnable_because": "final"}
    at = {"sold_at": "2026-11-12T10:00:00+08:00"}  # a defect opens it in the first seven days
    await sell(clerk, "KEPT", {"kind": "cash", "amount": 900}, lines=[CUP | keep], **(CASH | at))
    await clerk.log_in()
    clerk.scan("KEPT")
    await clerk.at("sale: menu", "sale.more")
    assert "Exchange" not in clerk.text


@at_the_counter()
async def test_explain_tells_both_sides(
    clerk: SimClerk, capsys: pytest.CaptureFixture[str]
) -> None:
    await sold(clerk, [CUP], 900)
    await clerk.at("refund.reason: 1", "goods.scan")
    clerk.scan("6911")
    await approved(clerk)
    told = explained(clerk, 1, Language.EN, capsys)
    assert "exchanged" in told
    assert "stock, movement 2: 6911 ×1 went out for line 1" in told


@at_the_counter()
async def test_cancel_leads_out_by_one_question_each_whatever_was_chosen(clerk: SimClerk) -> None:
    await sold(clerk, [SHIRT, CUP, BY_POST], 4_500)
    await clerk.at("refund.lines: 1", "refund.quantity: enter", "refund.lines: menu")
    await clerk.at("refund.reason: 4", "goods.scan: cancel", "refund.reason: cancel")
    await clerk.at("refund.lines: cancel", "sale.more: cancel", "sale: cancel")
    await clerk.home()
    assert moved(clerk) == []


RICE = {"sku": "12345", "name": "Rice", "quantity": "0.75", "unit_price": 1_067, "paid": 800}
SCALES = Setting(language=Language.EN, scale_codes=["20IIIIIPPPPPC", "21IIIIIWWWWWC"])


@pytest.mark.parametrize(
    ("label", "even"),
    [
        ("2112345050003", False),  # 5 kg
        ("2012345099999", False),  # 99.99
        ("2112345007502", True),  # 0.75 kg
        ("2012345008007", True),  # 8.00
    ],
)
def test_a_label_of_the_scale_goes_out_for_its_own_weight_and_price(label: str, even: bool) -> None:
    @at_the_counter(SCALES)
    async def story(clerk: SimClerk) -> None:
        await sold(clerk, [RICE, CUP | {"paid": 900}], 1_700)
        await clerk.at("refund.lines: 1", "refund.quantity: enter", "refund.lines: menu")
        await clerk.at("refund.reason: 4", "goods.scan")
        clerk.scan(label)
        await clerk.at("supervisor.number" if even else "exchange.as_credit")

    story()


@pytest.mark.parametrize("prices", [(900, 9_900), (9_900, 900)], ids=["over", "going on"])
def test_what_a_promotion_costs_is_no_price(prices: tuple[int, int]) -> None:
    @at_the_counter()
    async def story(clerk: SimClerk) -> None:
        tea = {"sku": "T", "name": "Tea", "quantity": 1, "barcodes": ["6920"]}
        for hour, price in enumerate(prices, 11):
            at = {"sold_at": f"2026-11-20T{hour}:00:00+08:00"}
            now = tea | {"unit_price": price}
            paid = {"kind": "cash", "amount": price}
            await sell(clerk, f"AT-{hour}", paid, lines=[now], **(CASH | at))
        await sold(clerk, [CUP], 900)
        await clerk.at("refund.reason: 4", "goods.scan")
        clerk.scan("6920")
        await clerk.at("exchange.price: 900 enter", "supervisor.number")
        for told in ("Back: Cup ×1", "Out: Tea ×1", "Price typed by the clerk", "Sold last for"):
            await clerk.wait_text(told)
        assert f"{prices[-1] / 100:.2f}" in clerk.text

    story()


DEAR: Final[dict[str, Any]] = {
    "sku": "T",
    "name": "Tea",
    "quantity": 1,
    "unit_price": 9_900,
    "barcodes": ["6920"],
}
COUPON: Final[dict[str, Any]] = {
    "sku": "",
    "name": "Coupon",
    "quantity": 1,
    "unit_price": 9_000,
    "kind": "discount",
}
NOT_FOR_SO_LITTLE: Final[dict[str, tuple[list[dict[str, Any]], int, dict[str, str]]]] = {
    "free beside a dear one": ([DEAR | {"paid": 9_900}, DEAR | {"paid": 0}], 9_900, {}),
    "the second for less": ([DEAR | {"paid": 9_900}, DEAR | {"paid": 900}], 10_800, {}),
    "two for one in one line": ([DEAR | {"quantity": 2, "unit_price": 1_800}], 1_800, {}),
    "a coupon": ([DEAR, COUPON], 900, {}),
    "less than its price": ([DEAR | {"paid": 900}], 900, {}),
    "unconfirmed": ([DEAR | {"unit_price": 900}], 900, {"state": "unconfirmed"}),
    "voided": ([DEAR | {"unit_price": 900}], 900, {"kind": "sale_voided"}),
    "given back": ([DEAR | {"unit_price": 900}], 900, {"kind": "refunded_elsewhere"}),
    "a bag": ([DEAR | {"unit_price": 900, "kind": "fee"}], 900, {}),
}
"""What was sold last, what was paid, and what became of it."""


@pytest.mark.parametrize("case", NOT_FOR_SO_LITTLE)
def test_what_one_sale_says_is_no_price_where_it_does_not_surely_stand(case: str) -> None:
    """Goods of 9.00 do not bring what costs 99.00: the price is asked, and a supervisor looks."""
    lines, paid, then = NOT_FOR_SO_LITTLE[case]

    @at_the_counter()
    async def story(clerk: SimClerk) -> None:
        tender = {"kind": "cash", "amount": paid}
        state = {"state": then["state"]} if "state" in then else {}
        await sell(clerk, "LAST", tender, lines=lines, **state, **CASH)
        if "kind" in then:
            elsewhere = {"reference": "HQ", "leg": 1, "amount": paid}
            more = {} if then["kind"] == "sale_voided" else elsewhere
            at = {"sale_id": "LAST", "at": "2026-11-20T11:00:00+08:00"}
            await report(clerk, json.dumps({**then, **at, **more}))
        worth = 0 if "free" in case else 900
        other = CUP | {"sku": "Q", "barcodes": [], "paid": 500}
        await sold(clerk, [CUP | {"paid": worth}, other], worth + 500)
        await clerk.at("refund.lines: 1", "refund.quantity: enter", "refund.lines: menu")
        await clerk.at("refund.reason: 4", "goods.scan")
        clerk.scan("6920")
        await clerk.at("exchange.price")

    story()


@pytest.mark.parametrize("language", Language)
def test_what_was_free_is_given_anew_for_the_same(language: Language) -> None:
    """A broken gift, for which nothing was paid: others would be given away."""
    gift = DEAR | {"paid": 0}

    @at_the_counter(Setting(language=language, policy={"supervisor": "by-rule"}))
    async def story(clerk: SimClerk) -> None:
        chinese = language is Language.ZH_CN
        await sold(clerk, [gift, CUP | {"paid": 900}], 900)
        await clerk.at("refund.lines: 1", "refund.quantity: enter", "refund.lines: menu")
        await clerk.at("refund.reason: 1", "goods.scan")
        clerk.scan("6911")
        await clerk.at("exchange.price: 900 enter", "failure")
        assert ("已无可退金额" if chinese else "bring nothing any more") in clerk.text
        await clerk.at("failure: enter")
        await clerk.home()
        clerk.scan("GOODS")
        await clerk.at("sale: menu", "sale.more: 5", "refund.lines: 1", "refund.quantity: enter")
        await clerk.at("refund.lines: menu", "refund.reason: 1", "goods.scan")
        clerk.scan("6920")
        await clerk.at("exchange.even: enter", "result")
        assert ("已换货" if chinese else "Exchanged") in clerk.text
        await clerk.at("result: enter")
        await clerk.home()
        assert moved(clerk) == [
            (1, 1_000, "T", "6920", Disposition.VENDOR),
            (1, -1_000, "T", "6920", None),
        ]
        (refund,) = clerk.site.ledger.refunds.recent(5)
        assert (refund.kind, refund.state, refund.amount) == (Kind.EXCHANGE, State.EXCHANGED, 0)
        assert left(clerk) == (900, [1_000, 1_000])
        await clerk.site.until(lambda: len(clerk.papers) == 2, 600, "both copies")

    story()
