"""What was given back came back from the customer's account: once free, never twice (R50)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import in_each_language, logged_in
from worlds.other_tenders import CARD, SALE
from worlds.returned import SHOP, refund, told
from worlds.told_outcomes import take_in

from pos_terminal.core.refund import Kind, State
from pos_terminal.core.tenders import Exceptional
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language


def left(clerk: SimClerk) -> int:
    return clerk.site.sale(clerk.site.shop.sale(SALE).sale_id).remaining


SAID = {
    Language.ZH_CN: ("1 笔差错到期", "退款被退回", "现状: 退款被退回,可再退"),
    Language.EN: ("Cases due: 1", "Refund came back", "Now: came back, to refund again"),
}


@pytest.mark.parametrize("language", Language)
@in_each_language(policy=SHOP.policy, repeat=SHOP.repeat)
async def test_it_is_free_again_and_goes_another_way_from_its_case(
    clerk: SimClerk, language: Language
) -> None:
    due, kind, now = SAID[language]
    await clerk.log_in()
    whole = left(clerk)
    given = await refund(clerk)
    report = await take_in(clerk, told(clerk, "returned", happened_on="2026-11-22"))
    assert report["returned"] == 1
    assert clerk.site.refund(given.refund_id).state is State.RETURNED
    assert left(clerk) == whole
    await clerk.wait_text(due)
    await clerk.at(": menu", "menu: 4 1", "case.list")
    await clerk.wait_text(kind)
    await clerk.go("1", to="case.facts")
    await clerk.wait_text(now)
    for fact in ("5.00", "returned-1", "74537605312345678901234", "2026-11-22"):
        assert fact in clerk.text
    clerk.press("down")
    await clerk.wait_text("1121.jsonl:1")
    await clerk.at("case.facts: 5", "exception")
    await give_in_cash(clerk)
    verify_store(clerk.site.ledger)


async def give_in_cash(clerk: SimClerk) -> None:
    """By the exception; no goods are asked for."""
    await clerk.at("exception: 1", "refund.amount: 500 enter", "evidence.kind: 1")
    await clerk.answer("evidence.reference", "4711")
    await clerk.at("evidence.kind: menu", "refund.reason: 1")
    await clerk.approve(0)
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    (again,) = clerk.site.ledger.refunds.recent(1)
    assert (again.kind, again.state, again.done) == (Kind.CASH, State.HANDED_OVER, 500)
    basis = clerk.site.ledger.exceptions.of_application(again.application)
    assert basis is not None
    assert basis.exception is Exceptional.RETURNED


@logged_in(SHOP)
async def test_on_the_account_after_all_it_locks_the_sale_until_two_close_it(
    clerk: SimClerk,
) -> None:
    whole = left(clerk)
    given = await refund(clerk)
    await take_in(clerk, told(clerk, "returned", happened_on="2026-11-22"), "1.jsonl")
    after = told(clerk, "credited", happened_on="2026-11-23")
    late = told(clerk, "credited", happened_on="2026-11-20", reference="late")
    clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
    await clerk.wait_text("Came back: application")
    await clerk.at("sale: 1", "exception")
    await give_in_cash(clerk)
    assert left(clerk) == whole - 500
    assert (await take_in(clerk, late, "2.jsonl"))["credited"] == 1
    assert not clerk.site.sale(clerk.site.shop.sale(SALE).sale_id).locked
    assert (await take_in(clerk, after, "3.jsonl"))["overpaid"] == 1
    assert clerk.site.sale(clerk.site.shop.sale(SALE).sale_id).locked
    (case,) = [one for one in overview(clerk.site.ledger.db)["cases"] if one["over"]]
    assert (case["kind"], case["over"], case["refund_id"]) == ("overpayment", 500, given.refund_id)
    verify_store(clerk.site.ledger)


@logged_in(SHOP)
async def test_told_again_it_is_free_once(clerk: SimClerk) -> None:
    whole = left(clerk)
    given = await refund(clerk)
    line = told(clerk, "returned")
    other = told(clerk, "returned", reference="another")
    assert (await take_in(clerk, line, "1.jsonl"))["returned"] == 1
    assert (await take_in(clerk, line, "2.jsonl"))["known"] == 1
    assert (await take_in(clerk, other, "3.jsonl"))["contradicts"] == 1
    assert left(clerk) == whole
    assert not clerk.site.sale(clerk.site.shop.sale(SALE).sale_id).locked
    assert (await take_in(clerk, told(clerk, "paid"), "4.jsonl"))["agrees"] == 1
    assert clerk.site.refund(given.refund_id).done == 500
    verify_store(clerk.site.ledger)


@logged_in(SHOP)
async def test_credited_is_kept_and_moves_nothing(clerk: SimClerk) -> None:
    given = await refund(clerk)
    rest = left(clerk)
    assert (await take_in(clerk, told(clerk, "credited")))["credited"] == 1
    assert clerk.site.refund(given.refund_id).state is State.ACCEPTED
    assert left(clerk) == rest
    await come_to_rest(clerk.site, clerk)
    assert violations(clerk.site) == []
    verify_store(clerk.site.ledger)
    (line,) = overview(clerk.site.ledger.db)["outcomes"]
    assert (line["outcome"], line["arn"]) == ("credited", "74537605312345678901234")


@logged_in(SHOP)
async def test_what_came_back_is_asked_back_of_nobody(clerk: SimClerk) -> None:
    """Nor given again from its case in any other way than from the sale."""
    given = await refund(clerk)
    clerk.scan(clerk.site.ledger.slips.of_refund(given.refund_id)[0].slip.head.barcode)
    await clerk.at("sale: menu", "sale.more: 8", "case.kind: 2", "case.opened: enter")
    await take_in(clerk, told(clerk, "returned", paid_amount=200, happened_on="2026-11-22"))
    await clerk.at("case.facts: 2", "recovery.amount")
    assert "3.00" in clerk.text, "what the customer has of it"
    await clerk.at(": 301 enter", "recovery.amount: 300 enter", "recovery.done: enter")
    await clerk.at("case.facts: 2", "case.remedy: enter", "case.facts")
    verify_store(clerk.site.ledger)


@pytest.mark.parametrize("language", Language)
def test_without_an_exception_it_is_refunded_again_from_its_case(language: Language) -> None:
    """No key is named that does nothing."""

    @logged_in(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        await clerk.give_back(clerk.site.shop.sale(SALE), 500, card=CARD)
        await clerk.home()
        await take_in(clerk, told(clerk, "returned", happened_on="2026-11-22"))
        await clerk.at(": menu", "menu: 4 1", "case.list: 1", "case.facts")
        assert "5:" not in clerk.text
        clerk.press("5")  # and nothing happens
        await clerk.at("case.facts: 2", "sale: enter", "refund.amount")
        assert "5.00" in clerk.text
        await clerk.home()
        verify_store(clerk.site.ledger)

    story()


@logged_in(SHOP)
async def test_no_more_goes_another_way_than_came_back(clerk: SimClerk) -> None:
    """What never came back goes to the card that paid it."""
    whole = left(clerk)
    await refund(clerk, 500)
    await take_in(clerk, told(clerk, "returned", paid_amount=200, happened_on="2026-11-22"))
    assert left(clerk) == whole - 300
    clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
    await clerk.at("sale: 1", "exception: 1", "refund.amount: 201 enter")
    await clerk.wait_text("Only 2.00 left")
    await clerk.at("refund.amount: 200 enter")
    await clerk.at("evidence.kind: 1", "evidence.reference: 4711 enter", "evidence.kind: menu")
    await clerk.at("refund.reason: 1")
    await clerk.approve(0)
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    assert clerk.site.ledger.refunds.recent(1)[0].done == 200
    assert left(clerk) == whole - 500 > 0
    clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
    await clerk.wait("sale")
    assert "another way" not in clerk.text
    await clerk.at("sale: cancel", "home: menu", "menu: 4 1", "case.list: 1", "case.facts")
    assert "other way" not in clerk.text
    await clerk.home()
    verify_store(clerk.site.ledger)


@pytest.mark.parametrize("language", Language)
def test_words_say_where_the_money_is_now(language: Language) -> None:
    """It waits; then it was given again; then the first one arrived after all."""
    zh = language is Language.ZH_CN

    def said(chinese: str, english: str) -> str:
        return chinese if zh else english

    @logged_in(replace(SHOP, language=language))
    async def story(clerk: SimClerk) -> None:
        await clerk.give_back(clerk.site.shop.sale(SALE), 500, card=CARD)
        await clerk.home()
        after = told(clerk, "credited", happened_on="2026-11-23", reference="after")
        await take_in(clerk, told(clerk, "returned", happened_on="2026-11-22"))
        assert said("请到店另行办理", "please come in") in await status(clerk)
        await clerk.at("home: menu", "menu: 4 1", "case.list: 1", "case.facts: 5", "exception")
        await give_in_cash(clerk)
        assert said("之后已另行退还", "given it back again since") in await status(clerk)
        await clerk.at("home: menu", "menu: 4 1", "case.list: 1", "case.facts")
        assert said("已另行退还", "given again since") in seen(clerk)
        assert said("换方式退", "other way") not in seen(clerk)
        await clerk.home()
        await take_in(clerk, after, "2.jsonl")
        assert said("款项已到账", "has arrived") in await status(clerk)
        await clerk.at("home: menu", "menu: 4 1", "case.list")
        assert said("退回后又到账", "Arrived after it came back") in seen(clerk)
        clerk.press("1")
        await clerk.wait("case.facts")
        assert said("现状: 退回后又到账", "Now: came back, then arrived") in seen(clerk)
        await clerk.home()

    story()


def seen(clerk: SimClerk) -> str:
    return " ".join(clerk.text.split())


async def status(clerk: SimClerk) -> str:
    """What the customer is told, by the number of the first application."""
    await clerk.at("home: menu", "menu: 1 6", "status.ask: 1 enter", "status.result")
    text = " ".join(clerk.text.split()).replace(" ", "" if "申请" in clerk.text else " ")
    await clerk.home()
    return text
