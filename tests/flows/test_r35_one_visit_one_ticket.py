"""R35, R36: one visit is one ticket. Its plan is seen and approved once, each leg goes back alone,
cash last in one sum, and what could not be done stays to do."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from hw_sim.bench import people
from hw_sim.bench.sample_sales import SampleSale
from hw_sim.bench.script import Script, answer, see
from hw_sim.proofs.simulation import site
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.shop import the_shop
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, NEVER, at_the_counter, explained, logged_in, sell
from worlds.typed import entries

from pos_terminal.core import receipt_code
from pos_terminal.core.people import Role
from pos_terminal.core.refund import Kind, State
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language
from pos_terminal.wire.feed.lines import Format

TWO = "two-cards-older"


def tickets(clerk: SimClerk) -> list[dict[str, Any]]:
    verify_store(clerk.site.ledger)
    db = clerk.site.ledger.db
    found: list[dict[str, Any]] = overview(db)["tickets"]
    db.execute("COMMIT")
    return found


def states(clerk: SimClerk) -> tuple[str, list[str]]:
    """Of the newest ticket and its legs."""
    ticket = tickets(clerk)[-1]
    return ticket["state"], [f"{leg['tender']} {leg['state']}" for leg in ticket["plan"]]


def to_payment() -> Script:
    yield from answer("sale")
    return (yield from see("refund.leg", "refund.amount"))


async def to_plan(clerk: SimClerk, name: str, amount: str = "") -> None:
    await clerk.find(clerk.site.shop.sale(name))
    if await clerk.play(to_payment()) == "refund.leg":
        clerk.press("3")
    await clerk.answer("refund.amount", amount)
    await clerk.at("refund.reason: 1", "ticket.plan")


async def card(clerk: SimClerk, name: str) -> None:
    assert await clerk.show_card(name, tapped=False) == "result"
    clerk.press("enter")


@logged_in()
async def test_two_cards_are_one_ticket_and_each_takes_its_own_leg(
    clerk: SimClerk, capsys: pytest.CaptureFixture[str]
) -> None:
    sale = clerk.site.shop.sale(TWO)
    await to_plan(clerk, TWO)
    # nothing is asked between the reason and the plan: cancel leads past that
    await clerk.at("ticket.plan: cancel", "refund.reason: cancel", "refund.amount: enter")
    await clerk.at("refund.reason: 1", "ticket.plan: enter")
    await clerk.approve()
    await card(clerk, "unionpay-debit")  # the second leg's, though the first one's was asked for
    await card(clerk, "visa")
    await clerk.wait("home")
    assert states(clerk) == ("done", ["card done", "card done"])
    refunds = clerk.site.refunds_of(sale.sale_id)
    assert [(one.leg, one.state) for one in refunds] == [(2, State.ACCEPTED), (1, State.ACCEPTED)]
    (ticket,) = tickets(clerk)
    visa, unionpay = sale.tenders
    leg = {"sale_id": sale.sale_id, "tender": "card", "kind": "refund", "state": "done"}
    assert ticket["plan"] == [
        leg | {"application": 1, "leg": 1, "amount": visa.amount, "refund": 2},
        leg | {"application": 2, "leg": 2, "amount": unionpay.amount, "refund": 1},
    ]
    assert "ticket 1: leg 2 of 2" in explained(clerk, 2, Language.EN, capsys)
    given = [clerk.site.ledger.applications.approvals(leg["application"]) for leg in ticket["plan"]]
    assert [len(one) for one in given] == [1, 1]
    assert len({one.plan for each in given for one in each}) == 1


@logged_in()
async def test_a_declined_card_leaves_the_cash_free_and_stays_to_do(clerk: SimClerk) -> None:
    await to_plan(clerk, "split-today")
    clerk.press("enter")
    await clerk.approve()
    clerk.site.acquirer.set_mode("code:05", 1)
    await card(clerk, "unionpay-debit")
    await clerk.at("refund.confirm: enter", "cash.hand_over: cancel", "ticket.left: enter", "home")
    await clerk.at("home: menu", "menu: 3 6", "ticket.todo: 1", "ticket.left")
    assert "Cash not handed over yet: MENU 3 2" in clerk.text
    await clerk.at("ticket.left: cancel", "home: menu", "menu: 3 2 1", "supervisor.number")
    await clerk.approve(1)
    await clerk.at("cash.hand_over: enter", "result: enter", "home")
    assert states(clerk) == ("todo", ["card open", "cash done"])
    (again,) = entries(clerk, "drawer_again")
    assert again["supervisor"] == clerk.site.shop.person(Role.SUPERVISOR, 1).number
    assert "1 left to do (MENU 3 6)" in clerk.text
    await asyncio.sleep(30)  # the slip
    assert "STILL TO DO" in clerk.papers[-1]
    clerk.scan(re.findall(r"\b1\d{12}\b", clerk.papers[-1])[-1])
    await clerk.at("ticket.left: enter")
    await card(clerk, "unionpay-debit")  # nobody is asked again
    await clerk.wait("home")
    assert states(clerk) == ("done", ["card done", "cash done"])
    (went_on,) = entries(clerk, "ticket_goes_on")
    assert (went_on["ticket"], went_on["operator"]) == (1, clerk.me.number)


@logged_in()
async def test_what_the_acquirer_left_of_a_payment_is_to_do(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale(TWO)
    await to_plan(clerk, TWO)
    clerk.press("enter")
    await clerk.approve()
    clerk.site.acquirer.set_mode("partial:1000", 1)
    await card(clerk, "unionpay-debit")
    await card(clerk, "visa")
    await clerk.at("ticket.left")
    own = next(one for one in clerk.site.sale(sale.sale_id).tenders if one.done == 1_000)
    rest = own.amount - 1_000
    assert f"{rest / 100:.2f}" in clerk.text
    await clerk.at("ticket.left: enter", "home")
    assert "1 left to do (MENU 3 6)" in clerk.text
    assert states(clerk) == ("todo", ["card done", "card done", "card open"])
    await asyncio.sleep(30)  # the slip
    assert "STILL TO DO" in clerk.papers[-1]
    assert f"{rest / 100:.2f}" in clerk.papers[-1]
    clerk.scan(re.findall(r"\b1\d{12}\b", clerk.papers[-1])[-1])
    await clerk.wait("ticket.left")
    assert re.search(r"622848\S+ +¥10\.00", clerk.text), "and not what was asked for"
    await clerk.at("ticket.left: enter", "supervisor.number")  # the plan is another one now
    await clerk.approve()
    await card(clerk, "unionpay-debit")
    await clerk.wait("home")
    assert states(clerk) == ("done", ["card done", "card done", "card done"])
    assert clerk.site.sale(sale.sale_id).remaining == 0
    assert violations(clerk.site) == []


@logged_in()
async def test_the_slip_of_what_is_left_has_the_number_of_its_ticket(clerk: SimClerk) -> None:
    """Not that of the leg that is left, which is the second: a ticket is named by its first."""
    await to_plan(clerk, "split-today")
    clerk.press("enter")
    await clerk.approve()
    await card(clerk, "unionpay-debit")
    await clerk.at("refund.confirm: cancel", "ticket.left: enter", "home")
    await asyncio.sleep(30)  # the slip
    (ticket,) = tickets(clerk)
    assert [leg["state"] for leg in ticket["plan"]] == ["done", "open"]
    assert ticket["plan"][1]["application"] == 2
    slip = clerk.papers[-1]
    assert "STILL TO DO" in slip
    assert re.findall(r"^Application +(\d+)$", slip, re.M) == ["1"]
    code = receipt_code.decode(re.findall(r"\b1\d{12}\b", slip)[-1])
    assert code is not None
    assert (code.serial, ticket["ticket"]) == (1, 1)


@logged_in()
async def test_freed_by_a_supervisor_the_customer_has_on_paper_what_is_left(
    clerk: SimClerk,
) -> None:
    """The clerk has gone between the card and the cash; once on the slip is enough."""
    await to_plan(clerk, "split-today")
    clerk.press("enter")
    await clerk.approve()
    await clerk.wait("card.present")
    await freed(clerk)
    await asyncio.sleep(30)  # the slip
    assert states(clerk) == ("todo", ["card open", "cash open"])
    slips = [paper for paper in clerk.papers if "STILL TO DO" in paper]
    total = sum(leg["amount"] for leg in tickets(clerk)[-1]["plan"])
    assert [f"{total / 100:.2f}" in paper for paper in slips] == [True, True], "ours and theirs"
    clerk.scan(re.findall(r"\b1\d{12}\b", slips[0])[-1])
    await clerk.at("ticket.left: enter", "card.present: cancel", "refund.confirm: enter")
    await clerk.at("cash.hand_over: enter", "result: enter", "ticket.left")
    await asyncio.sleep(30)
    await freed(clerk)
    await asyncio.sleep(30)
    slips = [paper for paper in clerk.papers if "STILL TO DO" in paper]
    assert len(slips) == 4, "the second one was there before the lock"


async def freed(clerk: SimClerk) -> None:
    await clerk.wait("lock.pin", seconds=16 * 60)
    boss = clerk.site.shop.person(Role.SUPERVISOR)
    await clerk.at(": cancel", f"lock.number: {boss.number} enter")
    await clerk.at(f"lock.supervisor: {boss.pin} enter", "login.number")
    await clerk.log_in(1)
    await clerk.wait("home")


@logged_in()
async def test_several_receipts_are_one_plan_one_approval_and_one_sum_of_cash(
    clerk: SimClerk,
) -> None:
    shop = clerk.site.shop
    await sell(clerk, "NOTES-1", {"kind": "cash", "amount": 500}, **CASH)
    for name in ("cash-today", "split-today"):  # of one leg and of two: given up is given up
        await clerk.find(shop.sale(name))
        await clerk.at("sale: menu", "sale.more: 1", "sale: enter", "refund.amount: enter")
        await clerk.at("refund.reason: 1", "ticket.plan: enter", "supervisor.number: cancel")
        assert await clerk.wait("home", "sale.more") == "home"
    await clerk.find(shop.sale("cash-today"))
    await clerk.at("sale: menu", "sale.more: 1", "sale: enter", "refund.amount: 1000 enter")
    await clerk.at("refund.reason: 1", "ticket.plan")
    clerk.scan("NOTES-1")
    await clerk.wait_text("Several receipts")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 2", "ticket.plan")
    await clerk.at("ticket.plan: cancel")  # the wrong one: out again, and the first one stays
    await clerk.wait_text("¥10.00")
    clerk.scan("NOTES-1")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 2", "ticket.plan")
    clerk.scan("NOTES-1")  # it is in there
    await clerk.wait_text("Scan another one")
    await clerk.at("ticket.failed: enter", "ticket.plan: menu", "ticket.add")
    clerk.scan(shop.sale("jcb-older").receipt_no)
    await clerk.at("sale: enter", "refund.amount: 200 enter", "refund.reason: 1", "ticket.plan")
    rows = [row.strip() for row in clerk.text.splitlines()]
    assert [" ".join(row.split()) for row in rows[1:-1]] == [
        "Amount ¥17.00",
        "11-16 15:45 000108",
        "1 353011******0000 2.00",
        "Batch settled: refund",
        "11-20 12:02 000131",
        "2 Cash 10.00",
        "Paid in cash: cash back",
        "11-20 10:00 NOTES-1",
        "3 Cash 5.00",
        "Paid in cash: cash back",
    ], "of each leg its sale, tender, amount and why"
    clerk.press("enter")
    await clerk.wait("supervisor.number")
    assert all(f"{at} {name}" in " ".join(clerk.text.split()) for at, name in (
        ("11-16 15:45", "000108"), ("11-20 12:02", "000131"), ("11-20 10:00", "NOTES-1"),
    )), "the supervisor sees which sales"  # fmt: skip
    await clerk.approve()
    await card(clerk, "jcb")
    await clerk.wait("refund.confirm")
    assert "¥15.00" in clerk.text
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    assert states(clerk) == ("done", ["card done", "cash done", "cash done"])
    assert clerk.site.parts.drawer == 1
    assert [one.state for one in clerk.site.ledger.refunds.recent(3)] == [
        State.HANDED_OVER,
        State.HANDED_OVER,
        State.ACCEPTED,
    ]


async def to_do(clerk: SimClerk) -> None:
    """From home to the ticket that waits, and on with it."""
    await clerk.at("home: menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: enter")


@logged_in()
async def test_a_payment_whose_card_is_stolen_goes_nowhere_in_any_ticket(clerk: SimClerk) -> None:
    await to_plan(clerk, "split-today")
    clerk.press("enter")
    await clerk.approve()
    clerk.site.acquirer.set_mode("code:43", 1)
    await card(clerk, "unionpay-debit")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "ticket.left")
    clerk.press("enter")
    assert states(clerk) == ("todo", ["card open", "cash done"])
    await to_do(clerk)
    await clerk.wait("ticket.failed")
    assert "card was refused" in clerk.text
    await clerk.at(": enter", "home")
    clerk.scan(clerk.site.shop.sale("split-today").receipt_no)
    await clerk.wait("sale")
    assert "card was refused" in clerk.text
    await clerk.at("sale: enter", "failure")
    assert len(clerk.site.ledger.refunds.recent(9)) == 2
    await clerk.home()
    await clerk.at("home: menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: menu")
    await clerk.at("ticket.withdraw: cancel", "ticket.left: enter")
    await clerk.at("ticket.failed: menu")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    ticket = next(one for one in tickets(clerk) if len(one["plan"]) > 1)
    assert (ticket["state"], [leg["state"] for leg in ticket["plan"]]) == (
        "open",
        ["cancelled", "sealed", "done"],
    )
    (form,) = clerk.site.ledger.refunds.recent(1)
    assert (form.kind, form.state) == (Kind.MANUAL, State.FORM_PRINTED)


@logged_in()
async def test_a_card_of_which_ten_digits_are_known_is_told_with_the_plan(clerk: SimClerk) -> None:
    """One supervisor, once: not again with the card."""
    masked = {"kind": "card", "amount": 900, "masked": "476173******0010", "scheme": "VISA"}
    masked |= {"batch": "000041", "trace": "000555", "rrn": "632413000555", "auth_code": ""}
    await sell(clerk, "TEN-1", masked, {"kind": "cash", "amount": 400}, **CASH)
    clerk.scan("TEN-1")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1", "ticket.plan: enter")
    await clerk.wait("supervisor.number")
    assert "Only first 6 and last 4 known" in " ".join(clerk.text.split())
    await clerk.approve()
    assert await clerk.show_card("visa", tapped=False) == "result"
    await clerk.home()


@logged_in(NEVER)
async def test_what_is_unknown_holds_back_its_own_sale_alone(clerk: SimClerk) -> None:
    """The cash of the other sale goes out; of the same sale nothing, until somebody knows."""
    await sell(clerk, "NOTES-1", {"kind": "cash", "amount": 500}, **CASH)
    await clerk.find(clerk.site.shop.sale(TWO))
    await clerk.at("sale: menu", "sale.more: 1", "sale: enter", "refund.leg: 3")
    await clerk.at("refund.amount: 2000 enter", "refund.reason: 1", "ticket.plan: 2")
    await clerk.at("ticket.amount: 1000 enter", "ticket.plan")
    clerk.scan("NOTES-1")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1", "ticket.plan")
    assert clerk.text.count("10.00") == 2, "what was moved before is as it was"
    clerk.press("enter")
    await clerk.approve()
    clerk.site.acquirer.set_mode("drop-answer", 1)
    await card(clerk, "visa")
    await clerk.wait("refund.confirm")
    assert "¥5.00" in clerk.text
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "ticket.left")
    clerk.press("enter")
    await clerk.wait("home")
    assert states(clerk) == ("todo", ["card sealed", "card open", "cash done"])
    await to_do(clerk)
    await clerk.wait("failure")  # the same, as long as it is unknown
    assert len(clerk.site.ledger.refunds.recent(9)) == 2


def approvals(clerk: SimClerk) -> list[int]:
    """How many each leg of the newest ticket has, by the plan that it was given for."""
    (ticket,) = tickets(clerk)[-1:]
    found = clerk.site.ledger.applications.approvals
    return [len(found(leg["application"])) for leg in ticket["plan"]]


ALONE = Setting(policy={"supervisor": "by-rule"}, language=Language.EN)


@logged_in(ALONE)
async def test_an_amount_that_was_moved_takes_a_supervisor(clerk: SimClerk) -> None:
    """Where the rules ask nobody: the plan as it is takes none, and a changed one does."""
    await to_plan(clerk, TWO)
    await clerk.at("ticket.plan: 1", "ticket.amount: 100 enter")
    await clerk.wait_text("The others take no more")
    await clerk.at("ticket.amount: cancel")
    await clerk.at("ticket.plan: enter", "card.present: cancel", "card.present: cancel")
    await clerk.at("ticket.left: enter", "home")
    assert approvals(clerk) == [0, 0]
    await to_do(clerk)
    await card(clerk, "visa")
    await card(clerk, "unionpay-debit")
    await clerk.wait("home")
    assert states(clerk) == ("done", ["card done", "card done"])
    first, second = (one.amount for one in clerk.site.shop.sale("card-twice-older").tenders)
    await to_plan(clerk, "card-twice-older", str(first + 100))
    await clerk.at("ticket.plan: 2", "ticket.amount: 100 enter", "ticket.plan")
    assert "An amount was moved" not in clerk.text, "as it was"
    await clerk.at("ticket.plan: 2", "ticket.amount")
    assert f"¥{second / 100:.2f}" in clerk.text, "what is left of that payment"
    await clerk.at(f": {second + 1} enter")
    await clerk.wait_text(f"It can have 1.00 to {second / 100:.2f}")
    await clerk.at("ticket.amount: 300 enter", "ticket.plan")
    assert "An amount was moved" in clerk.text
    assert second > 300
    await clerk.at(": enter", "supervisor.number")
    await clerk.approve()
    await clerk.wait("card.present")
    amounts = [leg["amount"] for leg in tickets(clerk)[-1]["plan"]]
    assert (amounts, approvals(clerk)) == ([first - 200, 300], [1, 1])


@logged_in(ALONE)
async def test_a_leg_that_went_back_by_another_visit_is_no_longer_to_do(clerk: SimClerk) -> None:
    await to_plan(clerk, TWO)
    await clerk.at("ticket.plan: enter", "card.present: cancel", "card.present: cancel")
    await clerk.at("ticket.left: enter", "home")
    for leg, name in (("1", "visa"), ("", "unionpay-debit")):
        assert "1 left to do" in clerk.text, "tickets are counted"
        await clerk.find(clerk.site.shop.sale(TWO))
        await clerk.at("sale: enter", *([f"refund.leg: {leg}"] if leg else []))
        await clerk.at("refund.amount: enter", "refund.reason: 1")
        await card(clerk, name)
        await clerk.wait("home")
        first, *_ = tickets(clerk)
        left = [one["state"] for one in first["plan"]]
        assert left == (["cancelled", "open"] if leg else ["cancelled", "cancelled"])
    assert first["state"] == "done"
    assert "left to do" not in clerk.text


@logged_in(ALONE)
async def test_what_is_left_of_a_ticket_is_withdrawn_as_a_whole(clerk: SimClerk) -> None:
    await to_plan(clerk, TWO)
    await clerk.at("ticket.plan: enter", "card.present: cancel", "card.present: cancel")
    await clerk.at("ticket.left: enter", "home: menu", "menu: 3 6", "ticket.todo")
    amount = f"{clerk.site.shop.sale(TWO).amount / 100:.2f}"
    assert amount in clerk.text, "all that is left of it"
    await clerk.site.until(lambda: len(clerk.papers) == 1, 60, "slip")
    assert f"To be returned ￥{amount}" in " ".join(clerk.papers[-1].split())
    await clerk.at(": 1", "ticket.left: menu", "ticket.withdraw")
    assert amount in clerk.text
    await clerk.at(": enter", "home")
    assert states(clerk) == ("done", ["card cancelled", "card cancelled"])
    assert "left to do" not in clerk.text
    await to_plan(clerk, TWO)  # and may be asked for again


@logged_in(ALONE)
async def test_a_payment_that_is_chosen_before_its_turn_takes_a_supervisor(
    clerk: SimClerk,
) -> None:
    for choice, shown in (("1", "card.present"), ("2", "supervisor.number")):
        await clerk.home()
        await clerk.find(clerk.site.shop.sale(TWO))
        await clerk.at("sale: enter", f"refund.leg: {choice}", "refund.amount: 100 enter")
        await clerk.at("refund.reason: 1", shown)
    assert "An amount was moved" in " ".join(clerk.text.split())


async def close_batch(clerk: SimClerk, sale: SampleSale) -> None:
    closed = {"kind": "batch_closed", "terminal_id": sale.terminal_id, "batch": sale.batch}
    closed |= {"at": clerk.site.time.now().isoformat()}
    await clerk.site.ledger.feed.take_in(
        [json.dumps(closed)], source="till", form=Format.JSONL, allow_pan=False
    )


@at_the_counter()
async def test_nobody_approves_what_they_began_though_another_goes_on_with_it(
    clerk: SimClerk,
) -> None:
    """A supervisor at the counter; the batch closes, and the card's leg is another one's by now."""
    sale, boss = clerk.site.shop.sale("split-today"), clerk.site.shop.person(Role.SUPERVISOR)
    await clerk.at(f"login.number: {boss.number} enter", f"login.pin: {boss.pin} enter", "home")
    await to_plan(clerk, sale.name)
    clerk.press("enter")
    await clerk.approve(1)
    await clerk.at("card.present: cancel", "refund.confirm: cancel", "ticket.left: enter")
    await clerk.at("home: menu", "menu: 5 1")
    await clerk.log_in()
    await close_batch(clerk, sale)
    await to_do(clerk)
    await clerk.at(f"supervisor.number: {boss.number} enter", f"supervisor.pin: {boss.pin} enter")
    await clerk.wait_text("nother supervisor")
    assert clerk.prompt == "supervisor.number"
    await clerk.approve(1)
    await card(clerk, "unionpay-debit")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    assert states(clerk) == ("done", ["card cancelled", "card done", "cash cancelled", "cash done"])


@logged_in()
async def test_who_had_gone_on_with_it_for_a_while_may_approve_what_another_does(
    clerk: SimClerk,
) -> None:
    """They did not ask for it, and it is not in their name any more: in a shop of two supervisors
    nobody else may be there."""
    sale = clerk.site.shop.sale("split-today")
    await begun(clerk)
    await log_in_as(clerk, Role.SUPERVISOR)
    await to_do(clerk)
    await clerk.approve(1)
    await clerk.at("card.present: cancel", "refund.confirm: cancel", "ticket.left: enter", "home")
    await close_batch(clerk, sale)
    await log_in_as(clerk, Role.CLERK)
    await to_do(clerk)
    await clerk.approve()
    await finished(clerk)
    boss = clerk.site.shop.person(Role.SUPERVISOR).number
    assert operators(clerk, "split-today") == [clerk.me.number] * 2
    assert approvers(clerk) == [[boss], [boss]]
    verify_store(clerk.site.ledger)


@logged_in(Setting(language=Language.EN, rules={"ceiling": {"two_above": 50}}))
async def test_of_two_that_are_needed_who_has_approved_it_is_not_asked_again(
    clerk: SimClerk,
) -> None:
    """Another person takes the place of the one who goes on with it; where there is none, who
    approved nothing goes on."""
    await to_plan(clerk, "split-today")
    clerk.press("enter")
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.at("card.present: cancel", "refund.confirm: cancel", "ticket.left: enter")
    await log_in_as(clerk, Role.SUPERVISOR)
    await to_do(clerk)
    other = clerk.site.shop.person(Role.SUPERVISOR, 1).number
    await clerk.wait_text("Supervisor 2 of 2")
    assert other in clerk.text
    await refuses(clerk, 0, "their own refund")
    await refuses(clerk, 1, "nother supervisor")
    await clerk.at("supervisor.number: cancel", "home")
    await log_in_as(clerk, Role.CLERK)
    await to_do(clerk)
    await finished(clerk)
    boss = clerk.site.shop.person(Role.SUPERVISOR).number
    assert approvers(clerk) == [[boss, other]] * 2
    verify_store(clerk.site.ledger)


def test_in_the_place_of_who_goes_on_another_one_approves_and_the_rest_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A shop of three supervisors, of whom two are needed."""
    third = ("203", "赵磊", Role.SUPERVISOR)
    monkeypatch.setattr(people, "_STAFF", (*people._STAFF, third))
    monkeypatch.setattr(site, "the_shop", the_shop.__wrapped__)

    @logged_in(Setting(language=Language.EN, rules={"ceiling": {"two_above": 50}}))
    async def story(clerk: SimClerk) -> None:
        await to_plan(clerk, "split-today")
        clerk.press("enter")
        await clerk.approve(0)
        await clerk.approve(1)
        await clerk.at("card.present: cancel", "refund.confirm: cancel", "ticket.left: enter")
        await log_in_as(clerk, Role.SUPERVISOR)
        await to_do(clerk)
        await clerk.approve(2)
        await finished(clerk)
        assert operators(clerk, "split-today") == [clerk.me.number] * 2
        assert approvers(clerk) == [["202", "203"]] * 2
        verify_store(clerk.site.ledger)

    story()


@logged_in()
async def test_a_plan_that_changed_since_is_approved_anew(clerk: SimClerk) -> None:
    """The batch closes meanwhile: what was a void is a refund, and takes its place."""
    sale = clerk.site.shop.sale("two-cards-today")
    await to_plan(clerk, sale.name)
    clerk.press("enter")
    await clerk.approve()
    await clerk.at("card.present: cancel")
    await card(clerk, "unionpay-debit")
    await clerk.at("ticket.left: enter", "home")
    await close_batch(clerk, sale)
    await clerk.at(": menu", "menu: 5 1")
    await clerk.log_in(1)
    await to_do(clerk)
    # in its place already, and nobody has approved it: to do, whatever comes in between
    await clerk.at("supervisor.number: cancel", "home")
    old, new = (clerk.site.application(number) for number in (1, 3))
    assert (new.amount, new.items, new.operator) == (old.amount, old.items, clerk.me.number)
    assert clerk.site.ledger.applications.decisions(3), "what the rules say of it by now"
    clerk.site.terminal.kill()
    await clerk.site.revive()
    await clerk.log_in(1)
    await to_do(clerk)
    await clerk.approve(1)
    await card(clerk, "visa")
    await clerk.wait("home")
    assert states(clerk) == ("done", ["card cancelled", "card done", "card done"])
    assert approvals(clerk) == [1, 1, 1]
    refunds = clerk.site.refunds_of(sale.sale_id)
    assert [(one.kind, one.leg) for one in refunds] == [(Kind.VOID, 2), (Kind.REFUND, 1)]


@logged_in(ALONE)
async def test_a_plan_with_a_moved_amount_takes_a_supervisor_again_once_it_changed(
    clerk: SimClerk,
) -> None:
    """Where the rules ask nobody: that the clerk moved it is known of what was left, too."""
    sale = clerk.site.shop.sale("two-cards-today")
    await to_plan(clerk, sale.name, str(sale.amount - 100))
    await clerk.at(": 2", "ticket.amount: enter", "ticket.plan: enter", "supervisor.number")
    await clerk.approve()
    await clerk.at("card.present: cancel", "card.present: cancel", "ticket.left: enter", "home")
    await to_do(clerk)
    await clerk.at("card.present: cancel", "card.present: cancel", "ticket.left: enter", "home")
    await close_batch(clerk, sale)
    await to_do(clerk)
    await clerk.wait("supervisor.number")
    assert "An amount was moved" in " ".join(clerk.text.split())


@logged_in(Setting(profile="generic", language=Language.EN))
async def test_a_card_that_nothing_can_go_to_does_not_bar_the_cash(clerk: SimClerk) -> None:
    """Four digits that this acquirer does not compare; the cash goes back, and no more."""
    four = {"kind": "card", "amount": 900, "masked": "************0010", "scheme": ""}
    four |= {"batch": "000041", "trace": "000555", "rrn": "632413000555", "auth_code": ""}
    await sell(clerk, "FOUR-1", four, {"kind": "cash", "amount": 400}, **CASH)
    clerk.scan("FOUR-1")
    await clerk.at("sale: enter", "refund.amount: 401 enter")
    await clerk.wait_text("Only 4.00 left of this payment, 13.00")
    await clerk.at(": 400 enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    assert clerk.site.sale("FOUR-1").done == 400


async def log_in_as(clerk: SimClerk, role: Role, place: int = 0) -> None:
    await clerk.at("home: menu", "menu: 5 1", "login.number")
    await come_as(clerk, role, place)


async def come_as(clerk: SimClerk, role: Role, place: int = 0) -> None:
    clerk.me = clerk.site.shop.person(role, place)
    await clerk.at(f"login.number: {clerk.me.number} enter", f"login.pin: {clerk.me.pin} enter")
    await clerk.wait("home")


async def refuses(clerk: SimClerk, place: int, said: str) -> None:
    """This supervisor can't approve here, and the prompt stays."""
    boss = clerk.site.shop.person(Role.SUPERVISOR, place)
    await clerk.at(f"supervisor.number: {boss.number} enter", f"supervisor.pin: {boss.pin} enter")
    await clerk.wait_text(said)
    assert clerk.prompt == "supervisor.number"


@logged_in()
async def test_who_began_a_ticket_is_no_other_supervisor_at_its_card_or_its_cash(
    clerk: SimClerk,
) -> None:
    """Four digits of the card are known: that is asked about once it is read, by whoever goes on
    with it. So is the cash that lies in the drawer."""
    four = {"kind": "card", "amount": 900, "masked": "************0010", "scheme": ""}
    four |= {"batch": "000041", "trace": "000555", "rrn": "632413000555", "auth_code": ""}
    await sell(clerk, "FOUR-1", four, {"kind": "cash", "amount": 400}, **CASH)
    await log_in_as(clerk, Role.SUPERVISOR)
    clerk.scan("FOUR-1")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1", "ticket.plan: enter")
    await clerk.approve(1)
    await clerk.at("card.present: cancel", "refund.confirm: enter", "cash.hand_over: cancel")
    await clerk.at("ticket.left: enter")
    await log_in_as(clerk, Role.CLERK, 1)
    await clerk.at("home: menu", "menu: 3 2 1")
    await refuses(clerk, 0, "nother supervisor")
    await clerk.approve(1)
    await clerk.at("cash.hand_over: enter", "result: enter", "home")
    await to_do(clerk)
    assert await clerk.show_card("visa", tapped=False) == "supervisor.number"
    await refuses(clerk, 0, "nother supervisor")
    await clerk.approve(1)
    await clerk.wait("card.remove")


def operators(clerk: SimClerk, name: str) -> list[str]:
    """Of each refund of this sale, as the ledger has them."""
    return [one.operator for one in clerk.site.refunds_of(clerk.site.shop.sale(name).sale_id)]


def approvers(clerk: SimClerk) -> list[list[str]]:
    """Of each leg of the newest ticket that was not taken up again."""
    (ticket,) = tickets(clerk)[-1:]
    found = clerk.site.ledger.applications.approvals
    stand = [leg for leg in ticket["plan"] if leg["state"] != "cancelled"]
    return [[one.supervisor for one in found(leg["application"])] for leg in stand]


async def begun(clerk: SimClerk) -> None:
    """Card and cash of one sale, approved by the first supervisor, and all of it left to do."""
    await to_plan(clerk, "split-today")
    clerk.press("enter")
    await clerk.approve()
    await clerk.at("card.present: cancel", "refund.confirm: cancel", "ticket.left: enter")


async def finished(clerk: SimClerk) -> None:
    await card(clerk, "unionpay-debit")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")


@logged_in()
async def test_who_approved_a_ticket_does_not_finish_it_alone(clerk: SimClerk) -> None:
    """What goes back is in the name of who acts, and was approved by somebody else."""
    await begun(clerk)
    await log_in_as(clerk, Role.SUPERVISOR)
    await to_do(clerk)
    await refuses(clerk, 0, "their own refund")
    await clerk.at("supervisor.number: cancel", "home")
    await to_do(clerk)
    await clerk.approve(1)
    await finished(clerk)
    other = clerk.site.shop.person(Role.SUPERVISOR, 1).number
    assert operators(clerk, "split-today") == [clerk.me.number] * 2
    assert approvers(clerk) == [[other], [other]]


@logged_in()
async def test_another_clerk_goes_on_in_their_own_name_and_nobody_is_asked_again(
    clerk: SimClerk,
) -> None:
    await begun(clerk)
    await log_in_as(clerk, Role.CLERK, 1)
    await to_do(clerk)
    await finished(clerk)
    boss = clerk.site.shop.person(Role.SUPERVISOR).number
    assert operators(clerk, "split-today") == [clerk.me.number] * 2
    assert approvers(clerk) == [[boss], [boss]]


@logged_in()
async def test_who_approved_and_looked_at_a_ticket_still_has_approved_it(clerk: SimClerk) -> None:
    """As long as nobody else approved it for them, it is the clerk's as before."""
    await begun(clerk)
    await log_in_as(clerk, Role.SUPERVISOR)
    await to_do(clerk)
    await clerk.at("supervisor.number: cancel", "home")
    await log_in_as(clerk, Role.CLERK)
    await to_do(clerk)
    await finished(clerk)


@logged_in()
async def test_cash_that_comes_later_opens_the_drawer_again_with_a_supervisor(
    clerk: SimClerk,
) -> None:
    """One sale's cash waits for its card, another one's went out: the second opening is agreed to,
    on the screen, in the ledger and in its log; given up there, that cash stays to do."""
    await sell(clerk, "NOTES-1", {"kind": "cash", "amount": 500}, **CASH)
    four = {"kind": "card", "amount": 900, "masked": "************0010", "scheme": ""}
    four |= {"batch": "000041", "trace": "000555", "rrn": "632413000555", "auth_code": ""}
    await sell(clerk, "MIXED-1", four, {"kind": "cash", "amount": 400}, **CASH)
    clerk.scan("MIXED-1")
    await clerk.at("sale: menu", "sale.more: 1", "sale: enter")
    await clerk.at("refund.amount: enter", "refund.reason: 1", "ticket.plan")
    clerk.scan("NOTES-1")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1", "ticket.plan: enter")
    await clerk.approve()
    clerk.site.acquirer.set_mode("swallow", 9)
    assert await clerk.show_card("visa", tapped=False) == "supervisor.number"
    await clerk.approve()
    await clerk.wait("card.remove")
    clerk.take_away()
    await clerk.at("result: enter")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter")
    await clerk.at("ticket.left: enter", "home")
    assert clerk.site.parts.drawer == 1
    clerk.site.acquirer.set_mode("normal")
    await asyncio.sleep(3000)  # the outcome comes
    await clerk.home()
    for opened in (1, 2):
        await to_do(clerk)
        await clerk.at("card.present: cancel", "refund.confirm: enter", "supervisor.number")
        assert "was opened for this ticket" in " ".join(clerk.text.split())
        assert clerk.site.parts.drawer == 1
        if opened == 1:
            await clerk.at(": cancel", "ticket.left: enter", "home")
    await clerk.approve(1)
    await clerk.at("cash.hand_over: enter", "result: enter", "ticket.left")
    assert clerk.site.parts.drawer == 2
    (again,) = entries(clerk, "drawer_again")
    other = clerk.site.shop.person(Role.SUPERVISOR, 1).number
    assert again["supervisor"] == other
    cash = clerk.site.ledger.applications.approvals(2)
    assert [(one.supervisor, one.rule) for one in cash][1:] == [(other, "drawer_again")]
    assert violations(clerk.site) == []
