"""R34, R35, R38: a leg of a ticket goes another way. It is seen and approved with the others, and
printed in its turn before the cash; one that was declined goes on by its form at one key."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, logged_in, report, sell, tell
from worlds.other_tenders import shop, way

from pos_terminal.core.evidence import EvidenceItem, EvidenceKind
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.tenders import Basis, Exceptional
from pos_terminal.ports import JobState
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

SPLIT, SPLIT_CARD = "split-today", "unionpay-debit"
"""A card, then cash."""
TWO = "two-cards-older"
"""Of VISA and of UnionPay."""


def plan(clerk: SimClerk) -> tuple[str, list[tuple[str, str, str]]]:
    """Of the newest ticket: its state, and of each leg tender, kind and state."""
    verify_store(clerk.site.ledger)
    db = clerk.site.ledger.db
    (ticket,) = overview(db)["tickets"][-1:]
    db.execute("COMMIT")
    return ticket["state"], [(leg["tender"], leg["kind"], leg["state"]) for leg in ticket["plan"]]


def approvals(clerk: SimClerk) -> list[list[str]]:
    """Of each leg of the newest ticket: the plans that were approved for it, by their digests."""
    db = clerk.site.ledger.db
    (ticket,) = overview(db)["tickets"][-1:]
    db.execute("COMMIT")
    of = clerk.site.ledger.applications.approvals
    return [[one.plan for one in of(leg["application"])] for leg in ticket["plan"]]


def refunds(clerk: SimClerk, name: str) -> list[Refund]:
    """Of the sale, oldest first."""
    return sorted(
        clerk.site.refunds_of(clerk.site.shop.sale(name).sale_id), key=lambda one: one.refund_id
    )


async def to_plan(clerk: SimClerk, name: str) -> None:
    await clerk.find(clerk.site.shop.sale(name))
    await clerk.at("sale: enter")
    if await clerk.wait("refund.leg", "refund.amount") == "refund.leg":
        clerk.press("3")
    await clerk.at("refund.amount: enter", "refund.reason: 1", "ticket.plan")


async def to_decline(clerk: SimClerk, code: str) -> None:
    """Card and cash are approved, and the card is declined so."""
    await to_plan(clerk, SPLIT)
    clerk.press("enter")
    await clerk.approve()
    clerk.site.acquirer.set_mode(f"code:{code}", 1)
    assert await clerk.show_card(SPLIT_CARD, tapped=False) == "result"


async def hand_out(clerk: SimClerk) -> None:
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter")


async def all_is_well(clerk: SimClerk) -> None:
    waiting = (JobState.READY, JobState.SENDING)
    await clerk.site.until(lambda: not clerk.site.ledger.slips.in_state(*waiting), 60, "slips")
    verify_store(clerk.site.ledger)
    assert violations(clerk.site) == []


@pytest.mark.parametrize("language", Language)
def test_a_declined_leg_goes_on_by_its_form_and_the_cash_comes_after_it(
    language: Language,
) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await to_decline(clerk, "57")
        zh = language is Language.ZH_CN
        await clerk.wait_text("菜单: 手工单" if zh else "MENU: manual form")
        assert ("确认: 继续办理" if zh else "ENTER: go on") in clerk.text, "the cash is to come"
        clerk.press("menu")
        await clerk.wait("supervisor.number")
        await clerk.wait_text("退款被拒" if zh else "Refund declined")
        assert ("手工退款" if zh else "Manual refund") in clerk.text, "and not in cash"
        assert ("现金" if zh else "Cash") in clerk.text, "all of the changed plan is approved"
        await clerk.approve()
        await clerk.wait("refund.confirm")
        await clerk.wait_text("打印手工单" if zh else "print the form")
        await clerk.at("refund.confirm: enter", "result: enter")
        await hand_out(clerk)
        await clerk.wait("home")
        declined, form, cash = refunds(clerk, SPLIT)
        assert (declined.state, form.state) == (State.DECLINED, State.FORM_PRINTED)
        assert (form.kind, cash.kind, cash.state) == (Kind.MANUAL, Kind.CASH, State.HANDED_OVER)
        assert clerk.site.parts.drawer == 1
        legs = [
            ("card", declined.kind.value, "cancelled"),
            ("card", "manual", "sealed"),
            ("cash", "cash", "done"),
        ]
        assert plan(clerk) == ("open", legs), "until somebody tells of the form"
        before, of_form, of_cash = approvals(clerk)
        assert of_cash == [*before, *of_form], "the changed plan has a digest of its own"
        assert before != of_form
        basis = clerk.site.ledger.exceptions.of_application(form.application)
        assert basis == Basis(Exceptional.DECLINED)
        await all_is_well(clerk)
        approved = "授权人" if zh else "Approved by"
        times = {paper.count(approved) for paper in clerk.papers}
        assert times == {0, 1}, "one person, however often the plan has changed"

    tell(story, Setting(language=language))


@logged_in()
async def test_who_does_not_open_the_form_goes_on_with_the_rest_and_finds_it_to_do(
    clerk: SimClerk,
) -> None:
    await to_decline(clerk, "43")
    # the supervisor looks and goes: nothing has changed
    await clerk.at("result: menu", "supervisor.number: cancel")
    await hand_out(clerk)
    await clerk.at("ticket.left: enter", "home")
    assert plan(clerk)[1][0][2] == "open"
    assert len(refunds(clerk, SPLIT)) == 2
    await clerk.at("home: menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: enter")
    await clerk.wait("ticket.failed")
    await clerk.wait_text("MENU: manual form")
    clerk.press("menu")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    assert refunds(clerk, SPLIT)[-1].state is State.FORM_PRINTED
    assert clerk.site.parts.drawer == 1
    assert "left to do" not in clerk.text
    await all_is_well(clerk)


@logged_in()
async def test_a_payment_whose_card_was_stolen_is_a_form_from_the_start_in_another_ticket(
    clerk: SimClerk,
) -> None:
    await to_decline(clerk, "41")
    await clerk.at("result: enter", "refund.confirm: cancel", "ticket.left: enter", "home")
    await clerk.at(": menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: menu")
    await clerk.at("ticket.withdraw: enter", "home")
    sale = clerk.site.shop.sale(SPLIT)
    await to_plan(clerk, SPLIT)
    await clerk.wait_text("Manual form")
    assert clerk.text.index("Manual form") < clerk.text.index("Cash"), "before the cash"
    clerk.press("enter")
    await clerk.wait_text("Refund declined")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter")
    await hand_out(clerk)
    await clerk.wait("home")
    form, cash = refunds(clerk, SPLIT)[-2:]
    assert (form.kind, form.state, cash.kind) == (Kind.MANUAL, State.FORM_PRINTED, Kind.CASH)
    assert form.amount + cash.amount == sale.amount
    assert clerk.site.parts.drawer == 1
    await all_is_well(clerk)


@logged_in()
async def test_what_a_stolen_card_was_to_have_is_moved_to_no_other_payment(
    clerk: SimClerk,
) -> None:
    """A part alone, of which the cash would have enough: it stays with the form."""
    await clerk.find(clerk.site.shop.sale(SPLIT))
    await clerk.at("sale: enter", "refund.amount: 500 enter", "refund.reason: 1")
    await clerk.approve()
    clerk.site.acquirer.set_mode("code:43", 1)
    assert await clerk.show_card(SPLIT_CARD, tapped=False) == "result"
    await clerk.at("result: enter", "home")
    await clerk.find(clerk.site.shop.sale(SPLIT))
    await clerk.at("sale: enter", "refund.amount: 500 enter", "refund.reason: 1")
    for digit in "12":  # the form's own amount, and the cash
        await clerk.at(f"ticket.plan: {digit}", "ticket.amount: 400 enter")
        await clerk.wait_text("The others take no more: it stays")
        await clerk.at("ticket.amount: cancel", "ticket.plan")
    clerk.press("enter")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    form = refunds(clerk, SPLIT)[-1]
    assert (form.kind, form.amount) == (Kind.MANUAL, 500)
    assert clerk.site.parts.drawer == 0
    await all_is_well(clerk)


LOST = shop(way("manual", "card_lost", approvals=2))


async def approved_with_a_lost_card(clerk: SimClerk) -> None:
    """Of two legs the first goes to its form, with evidence and by two."""
    await to_plan(clerk, TWO)
    await clerk.at(": 1", "ticket.amount: menu", "exception: 1", "evidence.kind: 3")
    await clerk.answer("evidence.reference", "4711")
    await clerk.at("evidence.kind: menu", "ticket.plan: enter")
    await clerk.approve(0)
    await clerk.approve(1)


@logged_in(LOST)
async def test_a_plan_that_took_two_takes_two_again_once_it_changed(clerk: SimClerk) -> None:
    """The declined leg's own form would take one; the other leg's still takes two."""
    await approved_with_a_lost_card(clerk)
    clerk.site.acquirer.set_mode("code:57", 1)
    assert await clerk.show_card("unionpay-debit", tapped=False) == "result"
    await clerk.at("result: menu")
    await clerk.approve(0)
    await clerk.wait_text("2 of 2")
    await clerk.approve(1)
    await clerk.at("refund.confirm: enter", "result: enter")
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    assert [len(one) for one in approvals(clerk)] == [2, 2, 4]
    assert [one.state for one in refunds(clerk, TWO)[1:]] == [State.FORM_PRINTED] * 2
    await all_is_well(clerk)


@logged_in(LOST)
async def test_a_way_that_the_shop_has_taken_away_leads_nowhere_else(clerk: SimClerk) -> None:
    """It is left to do as it was approved, and goes to no card in its place."""
    await approved_with_a_lost_card(clerk)
    assert await clerk.show_card("unionpay-debit", tapped=False) == "result"
    await clerk.at("result: enter", "refund.confirm: cancel", "ticket.left: enter", "home")
    clerk.site.terminal.kill()
    clerk.site.setting = replace(clerk.site.setting, policy={})
    await clerk.site.revive()
    await clerk.home()
    await clerk.at(": menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: enter", "failure")
    await clerk.wait_text("No exception is open for it")
    await clerk.home()
    assert [one.kind for one in refunds(clerk, TWO)] == [Kind.REFUND]
    assert plan(clerk)[1][1][2] == "open"
    # open again, it goes on as it was approved
    clerk.site.terminal.kill()
    clerk.site.setting = replace(clerk.site.setting, policy=LOST.policy)
    await clerk.site.revive()
    await clerk.home()
    await clerk.at(": menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: enter")
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    assert [one.state for one in refunds(clerk, TWO)] == [State.ACCEPTED, State.FORM_PRINTED]
    await all_is_well(clerk)


@logged_in(LOST)
async def test_a_leg_is_moved_to_its_form_on_the_plan_and_two_approve_all_of_it(
    clerk: SimClerk,
) -> None:
    await to_plan(clerk, TWO)
    await clerk.at(": 1", "ticket.amount: menu", "exception: 1", "evidence.kind: menu")
    await clerk.wait_text("Evidence is needed")
    await clerk.at("evidence.kind: 3")
    await clerk.answer("evidence.reference", "4711")
    await clerk.at("evidence.kind: menu", "ticket.plan")
    await clerk.wait_text("Police report")
    visa, unionpay = clerk.site.shop.sale(TWO).tenders
    rows = [row for row in clerk.text.splitlines() if re.match(r"[12] ", row)]
    assert [row.split()[-1] for row in rows] == [
        f"{part.amount / 100:.2f}" for part in (unionpay, visa)
    ], "the form after the card"
    # not so after all, and once more: its amount stays its own
    await clerk.at(": 2", "ticket.amount: menu", "ticket.plan")
    assert "Police report" not in clerk.text
    for reference in ("4711", "0815"):  # both, of which the second one was a mistake
        await clerk.at(": 1", "ticket.amount: menu", "exception: 1", "evidence.kind: 3")
        await clerk.answer("evidence.reference", reference)
        await clerk.at("evidence.kind: menu", "ticket.plan")
        await clerk.wait_text(reference)
    await clerk.at(": 2", "ticket.amount: menu", "ticket.plan")
    await clerk.wait_text("4711")
    assert "0815" not in clerk.text
    await clerk.at("ticket.plan: enter")
    await clerk.approve(0)
    await clerk.wait_text("4711")
    await clerk.approve(1)
    assert await clerk.show_card("unionpay-debit", tapped=False) == "result"
    await clerk.at("result: enter", "refund.confirm: enter", "result: enter", "home")
    card, form = refunds(clerk, TWO)
    assert (card.leg, card.state) == (2, State.ACCEPTED)
    assert (form.leg, form.state, form.amount) == (1, State.FORM_PRINTED, visa.amount)
    given = approvals(clerk)
    assert [len(one) for one in given] == [2, 2]
    assert len({digest for one in given for digest in one}) == 1
    await all_is_well(clerk)
    copies = clerk.papers[-2:]
    assert [("4711" in one, "Card lost" in one) for one in copies] == [(True, True), (False, False)]
    basis = clerk.site.ledger.exceptions.of_application(form.application)
    evidence = (EvidenceItem(EvidenceKind.POLICE_REPORT, "4711"),)
    assert basis == Basis(Exceptional.CARD_LOST, evidence)
    await all_is_well(clerk)


@logged_in(shop(way("cash", "account_closed", evidence=False)))
async def test_a_leg_by_exception_in_cash_is_one_sum_with_the_cash_of_the_sale(
    clerk: SimClerk,
) -> None:
    await to_plan(clerk, SPLIT)
    await clerk.at(": 1", "ticket.amount: menu", "exception: 1", "evidence.kind: menu")
    await clerk.at("ticket.plan: enter", "supervisor.number")
    assert "Account closed" in clerk.text
    assert "Cash back" in clerk.text
    await clerk.approve()
    await clerk.wait("refund.confirm")
    sale = clerk.site.shop.sale(SPLIT)
    await clerk.wait_text(f"¥{sale.amount / 100:.2f}")
    await hand_out(clerk)
    await clerk.wait("home")
    assert [one.kind for one in refunds(clerk, SPLIT)] == [Kind.CASH, Kind.CASH]
    assert clerk.site.sale(sale.sale_id).cash_back == sale.amount
    assert clerk.site.parts.drawer == 1
    assert plan(clerk)[0] == "done"
    await all_is_well(clerk)


@logged_in()
async def test_a_refused_sale_joins_the_ticket_of_another_by_its_form(clerk: SimClerk) -> None:
    """At its screen by `1`; of who applies all the same, by the menu key."""
    older, refused = (clerk.site.shop.sale(name) for name in ("jcb-older", "visa-older"))
    await sell(clerk, "NOTES-1", {"kind": "cash", "amount": 500}, **CASH)
    clerk.site.acquirer.set_mode("code:34", 1)
    await clerk.give_back(refused, 100, card="visa")
    await clerk.home()
    await clerk.find(older)
    await clerk.at("sale: menu", "sale.more: 1", "sale: enter", "refund.amount: enter")
    await clerk.at("refund.reason: 1", "ticket.plan")
    clerk.scan(refused.receipt_no)
    await clerk.at("sale: enter", "ticket.failed")
    await clerk.wait_text("MENU: manual form")
    await clerk.at("ticket.failed: menu", "refund.amount: cancel", "ticket.plan")
    clerk.scan(refused.receipt_no)
    await clerk.at("sale: 1", "refund.amount")
    await clerk.wait_text("Exception: back another way")
    await clerk.at("refund.amount: 300 enter", "refund.reason: 1", "ticket.plan")
    await clerk.wait_text("Manual form")
    # what is no receipt is an application that was refused, too, and the plan stays as it is
    clerk.scan("R-NONE")
    await clerk.at("ticket.failed: enter", "ticket.plan")
    (listed, *_) = clerk.site.ledger.db.execute(
        "SELECT note FROM applications ORDER BY number DESC"
    )
    assert listed["note"] == "R-NONE"
    clerk.scan("NOTES-1")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1", "ticket.plan")
    await clerk.wait_text("Manual form")
    clerk.press("enter")
    await clerk.wait_text("Refund declined")
    await clerk.approve()
    assert await clerk.show_card("jcb", tapped=False) == "result"
    await clerk.at("result: enter", "refund.confirm: enter", "result: enter")
    await hand_out(clerk)
    await clerk.wait("home")
    notes, form, card = clerk.site.ledger.refunds.recent(3)
    assert (card.state, card.amount) == (State.ACCEPTED, older.amount)
    assert (notes.state, notes.amount) == (State.HANDED_OVER, 500)
    assert (form.kind, form.state, form.amount) == (Kind.MANUAL, State.FORM_PRINTED, 300)
    assert approvals(clerk)[0] == approvals(clerk)[1]
    await all_is_well(clerk)


CASH_BY_FORM = {"paid": "cash", "back": "manual", "exception": "account_closed", "evidence": False}


@logged_in(shop(CASH_BY_FORM, way("manual", "card_lost", evidence=False)))
async def test_what_was_approved_by_an_exception_goes_on_later_with_nobody_asked_again(
    clerk: SimClerk,
) -> None:
    """Both legs by forms, the first left at its screen; no drawer."""
    await to_plan(clerk, SPLIT)
    for leg in "12":
        await clerk.at(f": {leg}", "ticket.amount: menu", "exception: 1", "evidence.kind: menu")
        await clerk.wait("ticket.plan")
    clerk.press("enter")
    await clerk.approve()
    await clerk.at("refund.confirm: cancel")
    await clerk.wait_text(f"{clerk.site.shop.sale(SPLIT).tenders[1].amount / 100:.2f}")
    await clerk.at("refund.confirm: enter", "result: enter")
    await clerk.at("ticket.left: enter", "home: menu", "menu: 3 6", "ticket.todo: 1")
    await clerk.wait_text("Form open: not paid yet")
    await clerk.at("ticket.left: enter", "refund.confirm: enter", "result: enter", "home")
    assert [one.state for one in refunds(clerk, SPLIT)] == [State.FORM_PRINTED] * 2
    assert clerk.site.parts.drawer == 0
    assert [len(one) for one in approvals(clerk)] == [1, 1]
    await all_is_well(clerk)


@logged_in()
async def test_a_card_that_was_refused_elsewhere_leaves_its_leg_to_the_form(
    clerk: SimClerk,
) -> None:
    """The rules see it with the card. What is left still leads to the form, after all the others;
    a scan at the last outcome waits until that was read."""
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 100, card="visa")
    await clerk.home()
    await to_plan(clerk, TWO)
    clerk.press("enter")
    await clerk.approve()
    await clerk.wait("card.present")
    clerk.insert("visa")
    await clerk.wait("card.remove")
    clerk.take_away()
    await clerk.wait("ticket.failed")
    await clerk.wait_text("MENU: manual form")
    clerk.press("enter")
    clerk.site.acquirer.set_mode("code:05", 1)
    said = clerk.site.ledger.applications.decisions(2)
    assert ("card_refused", "card_refused") in [(one.rule, one.code) for one in said]
    assert await clerk.show_card("unionpay-debit", tapped=False) == "result"
    clerk.scan(clerk.site.shop.sale("jcb-older").receipt_no)
    await clerk.wait("ticket.left")
    await clerk.wait_text("MENU: manual form")
    clerk.press("menu")
    await clerk.wait("supervisor.number")
    await clerk.wait_text("622848")  # the other leg is approved with it
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "ticket.left: enter", "sale")
    await clerk.home()
    assert [leg[1:] for leg in plan(clerk)[1]] == [
        ("refund", "cancelled"),
        ("manual", "sealed"),
        ("refund", "open"),
    ]
    await all_is_well(clerk)


@logged_in()
async def test_vouchers_come_before_forms_and_these_before_cash(clerk: SimClerk) -> None:
    wallet, cash = {"kind": "wallet", "amount": 700}, {"kind": "cash", "amount": 300}
    voucher = {"kind": "voucher", "amount": 200}
    await sell(clerk, "THREE-1", cash, wallet, voucher, **CASH)
    clerk.scan("THREE-1")
    await clerk.at("sale: enter")
    if await clerk.wait("refund.leg", "refund.amount") == "refund.leg":
        clerk.press("3")
    await clerk.at("refund.amount: enter", "refund.reason: 1", "ticket.plan: enter")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "refund.confirm: enter")
    await clerk.at("result: enter")
    await hand_out(clerk)
    await clerk.wait("home")
    kinds = [one.kind for one in reversed(clerk.site.ledger.refunds.recent(3))]
    assert kinds == [Kind.CREDIT, Kind.MANUAL, Kind.CASH]
    assert clerk.site.parts.drawer == 1


@logged_in(
    shop(way("cash", "account_closed", evidence=False), rules={"cash_limit": {"limit": 15_000}})
)
async def test_the_cash_limit_counts_what_an_exception_gives_in_cash(clerk: SimClerk) -> None:
    """126.72 and 84.48 are each below it, and together above: store credit, as for cash alone."""
    await to_plan(clerk, SPLIT)
    await clerk.at(": 1", "ticket.amount: menu", "exception: 1", "evidence.kind: menu")
    await clerk.at("ticket.plan: enter")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "refund.confirm: enter")
    await clerk.at("result: enter", "home")
    assert [one.kind for one in refunds(clerk, SPLIT)] == [Kind.CREDIT, Kind.CREDIT]
    assert clerk.site.sale(clerk.site.shop.sale(SPLIT).sale_id).cash_back == 0


@logged_in()
async def test_a_form_alone_is_seen_on_the_plan_before_it_is_approved(clerk: SimClerk) -> None:
    """Less than the refused card paid: all of it goes by the form, which nobody had asked for."""
    await to_decline(clerk, "04")
    await clerk.at("result: enter", "refund.confirm: cancel", "ticket.left: enter", "home")
    await clerk.find(clerk.site.shop.sale(SPLIT))
    await clerk.at("sale: enter", "refund.amount: 100 enter", "refund.reason: 1", "ticket.plan")
    await clerk.wait_text("Manual form")
    await clerk.go("enter", to="supervisor.number")


@pytest.mark.parametrize("voided", [False, True])
@logged_in()
async def test_the_form_is_of_the_leg_whose_card_was_stolen_or_it_is_said_why_not(
    clerk: SimClerk, voided: bool
) -> None:
    """Two legs are left, the other one for its card alone."""
    sale = clerk.site.shop.sale(TWO)
    await to_plan(clerk, TWO)
    clerk.press("enter")
    await clerk.approve()
    await clerk.at("card.present: cancel", "card.present")
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.show_card("unionpay-debit", tapped=False)
    await clerk.at("result: enter", "ticket.left: enter", "home: menu", "menu: 3 6")
    await clerk.at("ticket.todo: 1", "ticket.left: enter", "card.present: cancel", "ticket.left")
    if voided:
        gone = {"kind": "sale_voided", "sale_id": sale.sale_id, "at": "2026-11-20T10:00:00+08:00"}
        await report(clerk, json.dumps(gone))
        await clerk.at("ticket.left: menu", "ticket.failed")
        assert "voided" in clerk.text
        return
    await clerk.go("menu", to="supervisor.number")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result")
    (form,) = clerk.site.ledger.manual.open_ones()
    assert (form.leg, form.amount) == (2, sale.tenders[1].amount)


NO_FOOD = {"window": {"categories": {"food": {"free_days": 0, "supervisor_days": 0}}}}


@logged_in(Setting(language=Language.EN, rules=NO_FOOD))
async def test_a_form_of_some_goods_is_judged_by_these_goods(clerk: SimClerk) -> None:
    """As the card was: not by what else its sale is of, though another payment names them."""
    cards = [
        {"kind": "card", "amount": 20_000, "masked": masked, "batch": "1", "trace": f"93{n}"}
        | {"rrn": f"63241300093{n}"}
        for n, masked in enumerate(("476173******0010", "622848*********0018"))
    ]
    lines = [
        {"sku": "WATCH", "name": "Watch", "quantity": "1", "unit_price": 25_000},
        {"sku": "CAKE", "name": "Cake", "quantity": "1", "unit_price": 15_000, "category": "food"},
    ]
    await sell(
        clerk, "SALE-1", *cards, lines=lines, **CASH | {"sold_at": "2026-11-18T10:00:00+08:00"}
    )
    clerk.scan("SALE-1")
    await clerk.at("sale: enter", "refund.leg: 3", "refund.amount: menu", "refund.lines: 1")
    await clerk.at("refund.quantity: enter", "refund.lines: menu", "refund.amount: enter")
    await clerk.at("refund.reason: 4", "ticket.plan: enter")
    await clerk.approve()
    await clerk.at("card.present: cancel", "card.present")
    clerk.site.acquirer.set_mode("code:57", 1)
    assert await clerk.show_card("unionpay-debit", tapped=False) == "result"
    await clerk.at("result: menu")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "ticket.left: enter", "home")
    (form,) = clerk.site.ledger.manual.open_ones()
    assert (form.kind, form.leg, form.amount) == (Kind.MANUAL, 2, 5_000)
    verify_store(clerk.site.ledger)
