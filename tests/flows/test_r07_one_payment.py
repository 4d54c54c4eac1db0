"""A till tells a typed payment without its reference: before money goes back of either of the two
sales it is asked whether they are one (R7)."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hw_sim.bench.identity import OTHER_TERMINAL_ID
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, explained, in_each_language, logged_in, sell
from worlds.other_tenders import shop, way
from worlds.typed import AMOUNT, DAY, FOUR, ON, RRN, all_sales, entries, give, purchase, type_in
from worlds.typed import tell as told

from pos_terminal.core.case import CaseKind, TypedDiffers
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.sale import Sale, SaleOrigin
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

NOTES: Final = shop(way("cash", "account_closed", evidence=False), way("credit", "gift"))
BARE: Final[dict[str, Any]] = {"batch": "", "trace": "", "rrn": ""}


async def bare(clerk: SimClerk, name: str = "BARE", **changes: Any) -> Sale:
    await told(clerk, name, **BARE, **changes)
    return clerk.site.sale(name)


async def typed_again(clerk: SimClerk) -> None:
    """The typed sale is on the screen."""
    await clerk.home()
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal: enter")
    await clerk.answer("typed.rrn", RRN)
    await clerk.answer("typed.date", ON)
    await clerk.answer("typed.amount", str(AMOUNT))
    await clerk.wait("sale")


def paid(clerk: SimClerk) -> int:
    """By the acquirer's own book."""
    return sum(row["paid"] for row in clerk.site.acquirer.ledger())


def said(clerk: SimClerk) -> str:
    return " ".join(clerk.text.split())


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_the_same_payment_is_one_sale_and_what_went_back_counts(
    clerk: SimClerk, language: Language
) -> None:
    zh = language is Language.ZH_CN
    await clerk.log_in()
    purchase(clerk)
    await type_in(clerk)
    await give(clerk, 2_000)
    till = await bare(clerk, masked=FOUR)
    await typed_again(clerk)
    await clerk.go("enter", to="typed.same")
    assert ("收银上传了可能相同的一笔付款" if zh else "what may be this payment") in said(clerk)
    assert "BARE 0010" in said(clerk)
    # cancel leads back to the sale, whose balance is not that of both
    await clerk.at("typed.same: cancel", "sale: enter", "typed.same: 1", "sale")
    assert (f"参考号手工输入 {RRN}" if zh else f"Reference typed: {RRN}") in said(clerk)
    assert "30.00" in said(clerk)
    assert await give(clerk, 3_000) == "supervisor.number"
    sale = clerk.site.sale("BARE")
    assert (sale.key, sale.done, sale.tenders[0].typed, sale.locked) == (till.key, AMOUNT, 1, False)
    assert paid(clerk) == AMOUNT
    assert [one.origin for one in all_sales(clerk)] == [SaleOrigin.FEED]
    (entry,) = entries(clerk, "typed_is_one")
    assert (entry["sale"], entry["leg"], entry["operator"]) == ("BARE", 1, clerk.me.number)
    verify_store(clerk.site.ledger)
    await told(clerk, "BARE")
    assert clerk.site.sale("BARE").done == AMOUNT
    verify_store(clerk.site.ledger)


async def by_two_to_the_card(clerk: SimClerk) -> None:
    """Approved by two, and by one more once the card is known; to the end."""
    await clerk.approve(0)
    await clerk.approve(1)
    assert await clerk.show_card("visa") == "supervisor.number"
    await clerk.approve(1)
    await clerk.wait("result")
    await clerk.home()


@logged_in(NOTES)
async def test_none_of_them_takes_two_supervisors_of_either_sale_and_is_explained(
    clerk: SimClerk, capsys: pytest.CaptureFixture[str]
) -> None:
    purchase(clerk)
    await type_in(clerk)
    (typed,) = all_sales(clerk)
    await bare(clerk)
    await typed_again(clerk)
    await clerk.at("sale: enter", "typed.same: 2")
    await clerk.at("refund.amount: 2000 enter", "refund.reason: 1", "supervisor.number")
    assert "Perhaps the payment of BARE, too: two supervisors" in said(clerk)
    await by_two_to_the_card(clerk)
    (entry,) = entries(clerk, "typed_apart")
    assert (entry["sale"], entry["others"]) == (f"#{typed.key}", "BARE")
    assert "Perhaps the payment of BARE, too" in explained(clerk, 1, Language.EN, capsys)
    assert "或与 BARE 为同一笔付款" in explained(clerk, 1, Language.ZH_CN, capsys)
    # the till's own goes back another way alone, and is asked about as well
    clerk.scan("BARE")
    await clerk.at("sale: menu", "sale.more: 3", "typed.same")
    assert f"{DAY} {RRN}" in said(clerk)
    await clerk.at("typed.same: 2", "exception: 1", "refund.amount: 500 enter")
    await clerk.at("evidence.kind: menu", "refund.reason: 1", "supervisor.number")
    assert f"Perhaps the payment of #{typed.key}, too" in said(clerk)
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    cash, card = clerk.site.ledger.refunds.recent(2)
    assert [(one.kind, one.done) for one in (cash, card)] == [
        (Kind.CASH, 500),
        (Kind.REFUND, 2_000),
    ]
    # it was one all the same, as the till tells now: both count
    await told(clerk, "BARE")
    assert clerk.site.sale("BARE").done == 2_500
    verify_store(clerk.site.ledger)


@logged_in(NOTES)
async def test_joined_at_the_till_s_sale_what_is_given_twice_is_a_case_and_locks_it(
    clerk: SimClerk,
) -> None:
    """Two supervisors had said that it is another one."""
    purchase(clerk)
    await type_in(clerk)
    await bare(clerk)
    await clerk.home()
    clerk.scan("BARE")
    await clerk.at("sale: menu", "sale.more: 3", "typed.same: 2", "exception: 1")
    await clerk.at("refund.amount: 4000 enter", "evidence.kind: menu", "refund.reason: 1")
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    await typed_again(clerk)
    await clerk.at("sale: enter", "typed.same: 2")
    await clerk.at("refund.amount: 3000 enter", "refund.reason: 1")
    await by_two_to_the_card(clerk)
    clerk.scan("BARE")
    await clerk.at("sale: menu", "sale.more: 3", "typed.same: 1", "failure")
    sale = clerk.site.sale("BARE")
    assert (sale.done, sale.locked) == (7_000, True)
    (case,) = clerk.site.ledger.cases.open_ones()
    assert (case.kind, case.over) == (CaseKind.TYPED_DIFFERS, 2_000)
    verify_store(clerk.site.ledger)


@logged_in()
async def test_told_after_it_was_decided_nothing_goes_out_and_begun_again_it_is_asked(
    clerk: SimClerk,
) -> None:
    """Between the supervisor's word and the card; the day beside, by the till's clock."""
    purchase(clerk)
    await type_in(clerk)
    await clerk.at("sale: enter", "refund.amount: 2000 enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.wait("card.present")
    await bare(clerk, sold_at="2026-11-20T00:10:00+08:00")
    assert await clerk.show_card("visa") == "supervisor.number"
    await clerk.approve(1)
    await clerk.wait("failure")
    assert "Perhaps the payment of sale BARE, too" in said(clerk)
    assert clerk.site.ledger.refunds.recent(9) == []
    assert paid(clerk) == 0
    clerk.take_away()
    await typed_again(clerk)
    await clerk.at("sale: enter", "typed.same: 1", "sale: enter", "failure")
    sale = clerk.site.sale("BARE")
    assert sale.locked, "it went out with another day in field 61, or would have"
    verify_store(clerk.site.ledger)


@logged_in(NOTES)
async def test_in_a_plan_and_left_to_do_it_is_asked_too(clerk: SimClerk) -> None:
    await sell(clerk, "NOTES-1", {"kind": "cash", "amount": 500}, **CASH)
    purchase(clerk)
    await type_in(clerk)
    await clerk.home()
    clerk.scan("NOTES-1")
    await clerk.at("sale: menu", "sale.more: 1", "sale: enter", "refund.amount: enter")
    await clerk.at("refund.reason: 1", "ticket.plan: menu", "ticket.add: cancel", "ticket.plan")
    await clerk.home()
    # the typed sale first, cash beside it; the till tells while the card is awaited
    await typed_again(clerk)
    await clerk.at("sale: menu", "sale.more: 1", "sale: enter", "refund.amount: 2000 enter")
    await clerk.at("refund.reason: 1", "ticket.plan")
    clerk.scan("NOTES-1")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1", "ticket.plan: enter")
    await clerk.approve()
    await clerk.at("card.present: cancel", "refund.confirm: enter", "cash.hand_over: enter")
    await clerk.at("result: enter", "ticket.left: enter", "home")
    await bare(clerk)
    await clerk.at(": menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: enter", "typed.same: 2")
    await clerk.approve(0)
    await clerk.approve(1)
    assert await clerk.show_card("visa") == "supervisor.number"
    await clerk.approve(1)
    await clerk.wait("result")
    clerk.take_away()
    await clerk.home()
    (card,) = [one for one in clerk.site.ledger.refunds.recent(9) if one.kind is Kind.REFUND]
    assert (card.state, card.done) == (State.ACCEPTED, 2_000)
    assert len(clerk.site.ledger.applications.approvals(card.application)) >= 2
    verify_store(clerk.site.ledger)


@logged_in(NOTES)
async def test_who_has_the_gift_receipt_is_asked_without_the_buyers_amount(
    clerk: SimClerk,
) -> None:
    purchase(clerk)
    await type_in(clerk)
    await bare(clerk, gift_receipt_no="G-77")
    await clerk.home()
    clerk.scan("G-77")
    await clerk.at("sale: menu", "sale.more: 3", "typed.same")
    assert f"{DAY} {RRN}" in said(clerk)
    assert "50.00" not in said(clerk)
    await clerk.at("typed.same: 1", "exception")
    assert clerk.site.sale("BARE").tenders[0].typed == 1
    verify_store(clerk.site.ledger)


@logged_in()
async def test_a_wrong_day_or_amount_of_a_known_reference_leads_to_its_sale_or_to_two_supervisors(
    clerk: SimClerk,
) -> None:
    """An acquirer that looks at the reference alone would pay the same payment twice."""
    purchase(clerk)
    await told(clerk, "KNOWN", sold_at="2026-11-16T10:00:00+08:00")
    await bare(clerk)
    await type_in(clerk, amount="4999", to="typed.offered")
    assert "This reference is known with another day" in said(clerk)
    await clerk.at("typed.offered: 1", "sale")
    assert "2026-11-16 10:00" in said(clerk)
    await clerk.home()
    await type_in(clerk, to="typed.offered")
    await clerk.at("typed.offered: 3", "typed.review")
    assert "none of the known sales is it: two supervisors" in said(clerk)
    await clerk.at("typed.review: enter", "sale")
    await give(clerk, 1_000, supervisors=2)
    assert paid(clerk) == 1_000
    # from the till's sale with that reference it is asked, too
    clerk.scan("KNOWN")
    await clerk.at("sale: enter", "typed.same: 1", "sale: enter", "failure")
    sale = clerk.site.sale("KNOWN")
    assert (sale.done, sale.locked) == (1_000, True)
    (case,) = clerk.site.ledger.cases.open_ones()
    assert isinstance(case.facts, TypedDiffers)
    assert ("date", DAY, "2026-11-16") in [(d.fact, d.typed, d.told) for d in case.facts.differs]
    verify_store(clerk.site.ledger)


@logged_in()
async def test_told_with_another_day_than_was_typed_both_are_asked_about(clerk: SimClerk) -> None:
    purchase(clerk)
    await type_in(clerk)
    await give(clerk, 1_000)
    await told(clerk, "KNOWN", sold_at="2026-11-16T10:00:00+08:00")
    clerk.scan("KNOWN")
    await clerk.at("sale: enter", "typed.same: 2", "refund.amount: 500 enter", "refund.reason: 1")
    await clerk.wait("supervisor.number")
    assert "too: two supervisors" in said(clerk)
    await typed_again(clerk)
    await clerk.at("sale: enter", "typed.same")
    assert "2026-11-16 10:00 000951 0010" in said(clerk)
    await clerk.home()
    assert paid(clerk) == 1_000
    verify_store(clerk.site.ledger)


@logged_in()
async def test_a_reference_typed_for_one_sale_that_is_another_s_with_another_day_takes_two(
    clerk: SimClerk,
) -> None:
    """No word makes one of two sales that a till told: both are the till's, and what is wrong is
    what was typed."""
    purchase(clerk)
    await bare(clerk)
    await type_in(clerk, to="typed.offered")
    await clerk.at("typed.offered: 1", "typed.review: enter", "sale")
    await told(clerk, "KNOWN", sold_at="2026-11-16T10:00:00+08:00")
    for name, other in (("BARE", "KNOWN"), ("KNOWN", "BARE")):
        await clerk.home()
        clerk.scan(name)
        await clerk.at("sale: enter", "refund.amount: 500 enter", "refund.reason: 1")
        await clerk.wait("supervisor.number")
        assert f"Perhaps the payment of {other}, too: two supervisors" in said(clerk)
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.wait("card.present")
    await clerk.home()
    assert paid(clerk) == 0
    verify_store(clerk.site.ledger)


@logged_in()
async def test_who_has_the_gift_receipt_is_asked_so_on_the_ordinary_way_too(
    clerk: SimClerk,
) -> None:
    purchase(clerk)
    await type_in(clerk)
    await bare(clerk, gift_receipt_no="G-77")
    await clerk.home()
    clerk.scan("G-77")
    await clerk.at("sale: enter", "typed.same")
    assert f"{DAY} {RRN}" in said(clerk)
    assert "50.00" not in said(clerk)
    await clerk.home()


@logged_in(Setting(language=Language.EN, home=[], places={OTHER_TERMINAL_ID: "Gate 4"}))
async def test_what_is_one_with_a_sale_of_another_home_is_given_back_there(
    clerk: SimClerk,
) -> None:
    purchase(clerk)
    await type_in(clerk)
    await bare(clerk, terminal_id=OTHER_TERMINAL_ID)
    await typed_again(clerk)
    await clerk.at("sale: enter", "typed.same: 1", "failure")
    assert "Please go to: Gate 4" in said(clerk)
    await clerk.home()
    assert clerk.site.ledger.refunds.recent(9) == []
    verify_store(clerk.site.ledger)


@logged_in()
async def test_of_two_typed_references_the_one_that_is_picked_is_withdrawn(
    clerk: SimClerk,
) -> None:
    second = "632313000952"
    purchase(clerk)
    await bare(clerk, beside=[{"kind": "card", "amount": AMOUNT, "masked": FOUR, "scheme": ""}])
    await type_in(clerk, to="typed.offered")
    await clerk.at("typed.offered: 1", "typed.review: enter", "sale")
    await clerk.home()
    await type_in(clerk, rrn=second, to="typed.offered")
    await clerk.at("typed.offered: 1", "typed.review: enter", "sale: enter", "refund.leg: 1")
    await clerk.at("refund.amount: 1000 enter", "refund.reason: 1")
    await clerk.approve(0)
    if await clerk.show_card("visa") == "supervisor.number":
        await clerk.approve(1)
        await clerk.wait("result")
    await clerk.home()
    assert paid(clerk) == 1_000
    clerk.scan("BARE")
    await clerk.at("sale: menu", "sale.more: 4", "refund.leg: 1", "failure")
    await clerk.home()
    clerk.scan("BARE")
    await clerk.at("sale: menu", "sale.more: 4", "refund.leg: 2", "supervisor.number")
    assert second in said(clerk)
    await clerk.approve(0)
    await clerk.at("typed.withdrawn: enter")
    numbers = [leg.payment.rrn for leg in clerk.site.sale("BARE").tenders if leg.payment]
    assert numbers == [RRN, ""]
    verify_store(clerk.site.ledger)


@logged_in()
async def test_who_has_a_gift_left_to_do_is_asked_without_the_buyers_amount_too(
    clerk: SimClerk,
) -> None:
    purchase(clerk)
    await type_in(clerk)
    await bare(clerk, gift_receipt_no="G-77", beside=[{"kind": "cash", "amount": 800}])
    await clerk.home()
    clerk.scan("G-77")
    await clerk.at("sale: enter", "typed.same: 2", "gift.way: 1", "refund.amount: 5800 enter")
    await clerk.at("refund.reason: 1", "ticket.plan: enter")
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.at("refund.confirm: cancel", "refund.confirm")
    await clerk.wait_text("¥8.00")
    await clerk.at(": cancel", "ticket.left: enter", "home")
    await clerk.at(": menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: enter", "typed.same")
    assert f"{DAY} {RRN}" in said(clerk)
    assert "50.00" not in said(clerk)
