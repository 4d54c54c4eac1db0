"""What came back is given again: the next refund names it, and asks for no goods (R50)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import explained, logged_in, one_line, tell
from worlds.other_tenders import CARD, SALE, shop, way
from worlds.returned import SHOP, refund, told
from worlds.told_outcomes import take_in

from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.refund import Refund
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language
from pos_terminal.wire.receipt.kinds.cash import CashBack


async def back_for_goods(clerk: SimClerk) -> Refund:
    """One of the two bottles is back, and its money came back from the account."""
    clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines: 1")
    await clerk.at("refund.quantity: 1 enter", "refund.lines: menu", "refund.amount: enter")
    await clerk.at("refund.reason: 1")
    await clerk.approve()
    await clerk.show_card(CARD)
    await clerk.at("result: enter", "home")
    (given,) = clerk.site.ledger.refunds.recent(1)
    await take_in(clerk, told(clerk, "returned"))
    await clerk.home()
    return given


async def in_cash(clerk: SimClerk, amount: str = "", way: int = 1) -> Refund:
    """By an exception, from the sale: this amount, or enter alone."""
    clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
    await clerk.at("sale: 1", f"exception: {way}", f"refund.amount: {amount} enter")
    await clerk.at("evidence.kind: 1")
    await clerk.answer("evidence.reference", "4711")
    await clerk.at("evidence.kind: menu", "refund.reason: 1")
    await clerk.approve(0)
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    (again,) = clerk.site.ledger.refunds.recent(1)
    return again


def named(clerk: SimClerk, again: Refund) -> tuple[int, ...]:
    """The applications that both its slips name as given again."""
    bodies = [job.slip.body for job in clerk.site.ledger.slips.of_refund(again.refund_id)]
    first, second = (one.original.again for one in bodies if isinstance(one, CashBack))
    assert first == second
    return first


def steps(clerk: SimClerk) -> list[list[tuple[str, str]]]:
    """Of each case, the newest first, as ``ledger --json`` has them."""
    cases = overview(clerk.site.ledger.db)["cases"]
    clerk.site.ledger.db.execute("COMMIT")  # it looks at one state of the ledger
    return [[(one["kind"], one["text"]) for one in case["steps"]] for case in cases]


@logged_in(SHOP)
async def test_enter_alone_gives_what_came_back_and_asks_for_no_goods(
    clerk: SimClerk, capsys: pytest.CaptureFixture[str]
) -> None:
    given = await back_for_goods(clerk)
    clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
    await clerk.at("sale: 1", "exception: 1", "refund.amount")
    assert f"Came back: application {given.application} ¥3.80" in one_line(clerk)
    assert "ENTER alone: what came back" in clerk.text
    await clerk.at("refund.amount: enter", "evidence.kind: 1")
    await clerk.answer("evidence.reference", "4711")
    await clerk.at("evidence.kind: menu", "refund.reason")
    assert "Goods: none came back" in clerk.text
    await clerk.home()
    again = await in_cash(clerk)
    asked = clerk.site.ledger.applications.by_number(again.application)
    assert asked is not None
    assert (asked.items, asked.goods_back, again.done) == ((), GoodsBack.NONE, 380)
    assert named(clerk, again) == (given.application,)
    assert steps(clerk) == [[("refund", f"¥3.80 #{again.refund_id}")]]
    told = explained(clerk, again.application, Language.EN, capsys)
    assert f"gives again 3.80 that came back of request {given.application}" in told
    clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
    await clerk.at("sale: enter", "refund.amount")
    assert "Came back" not in clerk.text
    assert "ENTER alone: all that remains" in clerk.text
    verify_store(clerk.site.ledger)


@logged_in(SHOP)
async def test_what_is_given_again_in_parts_waits_until_it_is_all_given(clerk: SimClerk) -> None:
    given = await back_for_goods(clerk)
    first = await in_cash(clerk, "100")
    clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
    await clerk.wait_text(f"Came back: application {given.application}")
    assert "¥2.80" in clerk.text
    await clerk.home()
    second = await in_cash(clerk)
    assert (first.done, second.done) == (100, 280)
    assert named(clerk, first) == named(clerk, second) == (given.application,)
    assert steps(clerk) == [[("refund", "¥1.00 #2"), ("refund", "¥2.80 #3")]]
    verify_store(clerk.site.ledger)


@logged_in(SHOP)
async def test_the_other_goods_give_nothing_again(clerk: SimClerk) -> None:
    given = await back_for_goods(clerk)
    clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
    await clerk.at("sale: 1", "exception: 1", "refund.amount: menu", "refund.lines: 1")
    await clerk.at(
        "refund.quantity: enter",
        "refund.lines: menu",
        "refund.amount: 380 enter",
        "evidence.kind: 1",
    )
    await clerk.answer("evidence.reference", "4711")
    await clerk.at("evidence.kind: menu", "refund.reason: 1")
    await clerk.approve(0)
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    (other,) = clerk.site.ledger.refunds.recent(1)
    assert named(clerk, other) == ()
    assert steps(clerk) == [[]]
    again = await in_cash(clerk)
    assert named(clerk, again) == (given.application,)
    verify_store(clerk.site.ledger)


@logged_in(shop(way("cash", "returned"), way("cash", "account_closed"), repeat="never"))
async def test_all_of_it_pays_what_came_back_before_goods_that_are_not_named(
    clerk: SimClerk,
) -> None:
    given = await back_for_goods(clerk)
    again = await in_cash(clerk, "760", way=2)
    asked = clerk.site.ledger.applications.by_number(again.application)
    assert asked is not None
    assert asked.items == ()
    assert named(clerk, again) == (given.application,)
    assert steps(clerk) == [[("refund", f"¥3.80 #{again.refund_id}")]]
    verify_store(clerk.site.ledger)


@logged_in(SHOP)
async def test_what_was_asked_for_before_gives_nothing_again(clerk: SimClerk) -> None:
    first = await refund(clerk, 200)
    line = told(clerk, "returned")
    second = await refund(clerk, 100)
    await take_in(clerk, line)
    await clerk.home()
    clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
    await clerk.wait_text(f"Came back: application {first.application}")
    assert "¥2.00" in clerk.text
    assert clerk.site.ledger.sales.given_again(second.sale_key, 1, second.application) == []
    assert steps(clerk) == [[]]


def test_in_chinese() -> None:
    setting = Setting(
        language=Language.ZH_CN,
        policy={"tenders": [way("cash", "returned")]},
        repeat="never",
    )

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        given = await back_for_goods(clerk)
        clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
        await clerk.at("sale: 1", "exception: 1", "refund.amount")
        assert f"被退回: 申请 {given.application} ¥3.80" in one_line(clerk)
        assert "直接确认: 被退回的金额" in clerk.text
        await clerk.home()
        again = await in_cash(clerk)
        assert named(clerk, again) == (given.application,)
        assert any("重退申请号" in paper for paper in clerk.papers)

    tell(story, setting)
