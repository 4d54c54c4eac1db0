"""The refund itself: amounts, cards, cancel, cash, slips, reprint, cases (R11, R15, R27–R41)."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import ENGLISH, logged_in, tell

from pos_terminal.core.decision import Phase
from pos_terminal.core.receipt_code import encode
from pos_terminal.core.refund import Kind, State
from pos_terminal.ports import JobState


def paid(clerk: SimClerk) -> int:
    return sum(row["paid"] for row in clerk.site.acquirer.ledger() if row["kind"] != "sale")


@logged_in()
async def test_amounts_that_are_none_are_asked_again(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("visa-older")
    await clerk.find(sale)
    clerk.press("enter")
    await clerk.answer("refund.amount", "0")
    await clerk.wait_text("above zero")
    await clerk.answer("refund.amount", str(sale.amount + 1))
    await clerk.wait_text("More than is left")
    clerk.press("enter")  # a slip of the finger is no “all of it”
    await clerk.wait_text("at least 1")
    await clerk.answer("refund.amount", str(sale.amount))
    await clerk.wait("refund.reason")
    assert clerk.site.ledger.applications.by_number(1) is None


@pytest.mark.parametrize(
    ("prompt", "back"),
    [
        ("sale", "home"),
        ("refund.amount", "sale"),
        ("refund.reason", "refund.amount"),
        ("supervisor.number", "home"),
        ("card.present", "home"),
    ],
)
@logged_in()
async def test_cancel_works_at_every_prompt_before_the_seal(
    clerk: SimClerk, prompt: str, back: str
) -> None:
    """By one question as long as the clerk is asked alone; from the supervisor on it ends it."""
    sale = clerk.site.shop.sale("visa-older")
    if prompt in ("sale", "refund.amount", "refund.reason"):
        await clerk.find(sale)
        for key in {"sale": [], "refund.amount": ["enter"]}.get(prompt, ["enter", "enter"]):
            before = clerk.prompt
            clerk.press(key)
            while clerk.prompt == before:
                await clerk.site.terminal.screen.changed()
    else:
        await clerk.ask_for(sale, 100)
        if prompt == "card.present":
            await clerk.approve()
    await clerk.wait(prompt)
    await clerk.go("cancel", to=back)
    await clerk.home()
    states = clerk.site.ledger.db.execute("SELECT state FROM applications").fetchall()
    ended = prompt in ("supervisor.number", "card.present")
    assert [row["state"] for row in states] == (["cancelled"] if ended else [])
    assert clerk.site.refunds_of(sale.sale_id) == []
    assert paid(clerk) == 0


@logged_in()
async def test_what_was_typed_stays_for_who_goes_back(clerk: SimClerk) -> None:
    """An amount that was taken, and one that was left half typed."""
    await clerk.find(clerk.site.shop.sale("visa-older"))
    await clerk.at(": enter", "refund.amount: 1234 enter", "refund.reason: cancel")
    await clerk.wait("refund.amount")
    assert "> 12.34_" in clerk.text
    await clerk.at(": clear cancel", "sale: enter", "refund.amount")
    assert "> 1.23_" in clerk.text
    await clerk.at(": enter", "refund.reason: 4", "supervisor.number")
    assert "¥1.23" in clerk.text


async def refused_for_other_cards(clerk: SimClerk) -> None:
    """Kept as refused, with its decision, and a slip with the number and the contact (R67)."""
    ledger = clerk.site.ledger
    row = ledger.db.execute("SELECT * FROM applications ORDER BY number DESC LIMIT 1").fetchone()
    assert row["state"] == "refused"
    facts = [json.loads(one["facts"]) for one in ledger.db.execute("SELECT facts FROM decisions")]
    with_card = [one for one in facts if one["phase"] == "with_card"]
    assert [(one["rule"], one["answer"], one["figures"]) for one in with_card] == [
        ("card_match", "deny", {"tries": 3})
    ]
    printed = clerk.site.parts.printer.texts
    await clerk.site.until(lambda: len(printed()) == 2, 60, "slips")
    slip = printed()[0]
    contact = clerk.site.terminal.config.terminal.contact
    for text in ("REFUSED", "Not the card of the sale", "Card comparison", contact):
        assert text in slip
    assert re.search(rf"Application +{row['number']}\n", slip)


@logged_in()
async def test_three_wrong_cards_end_the_attempt(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("visa-older")
    await clerk.ask_for(sale, 100)
    await clerk.approve()
    for left in (2, 1):
        await clerk.wait("card.present")
        clerk.tap("jcb")
        await clerk.wait_text(f"Not the card of the sale; {left} left")
        clerk.take_away()
    clerk.tap("amex")
    await clerk.wait("result")
    for text in ("Not the card of the sale", "No other card, no cash", "Card comparison"):
        assert text in clerk.text
    clerk.take_away()
    await clerk.go("enter", to="home")
    assert clerk.site.refunds_of(sale.sale_id) == []
    await refused_for_other_cards(clerk)


@logged_in()
async def test_an_unreadable_card_counts_as_no_wrong_one(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("visa-older")
    await clerk.ask_for(sale, 100)
    await clerk.approve()
    for card in ("pulled", "blocked", "pulled", "blocked"):
        await clerk.wait("card.present")
        clerk.insert(card)
        await clerk.at("card.reading", "card.present")
        clerk.take_away()
    await clerk.show_card("visa")
    await clerk.wait("result")
    assert paid(clerk) == 100


@logged_in()
async def test_a_card_left_in_the_reader_is_not_read_twice(clerk: SimClerk) -> None:
    await clerk.to_card(clerk.site.shop.sale("visa-older"), 100)
    clerk.insert("jcb")
    await clerk.wait_text("2 left")
    clerk.press("5")
    assert "2 left" in clerk.text
    clerk.tap("visa")
    await clerk.wait("card.remove", "result")
    clerk.take_away()
    await clerk.wait("result")
    assert paid(clerk) == 100


@logged_in()
async def test_a_card_that_is_there_already_is_taken(clerk: SimClerk) -> None:
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
    clerk.insert("visa")
    await clerk.approve()
    await clerk.wait("card.remove")
    clerk.take_away()
    await clerk.wait("result")


@logged_in()
async def test_the_phone_of_the_same_account_is_accepted(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("unionpay-credit-older")
    await clerk.give_back(sale, 100, card="phone")
    await clerk.wait("result")
    (refund,) = clerk.site.refunds_of(sale.sale_id)
    assert (refund.match, refund.state) == ("par", State.ACCEPTED)


@logged_in()
async def test_a_masked_number_is_approved_once_and_a_duplicate_asks_again(clerk: SimClerk) -> None:
    """What the sale has of its card is known before the card: the supervisor is told of it."""
    sale = clerk.site.shop.sale("masked-only")
    await clerk.ask_for(sale, 100)
    assert "first 6 and last 4" in clerk.text
    await clerk.approve()
    assert await clerk.show_card("visa") == "result"
    await clerk.home()
    assert await clerk.give_back(sale, 100) == "supervisor.number"
    assert "duplicate" in clerk.text
    await clerk.go("cancel", to="home")
    assert paid(clerk) == 100
    (approval,) = clerk.site.ledger.applications.approvals(1)
    assert approval.rule == "card_match"
    stored = clerk.site.ledger.applications.decisions(1)
    asked = [(one.phase, one.code) for one in stored if one.answer == "ask_supervisor"]
    assert ("with_card", "masked") in asked


def test_a_masked_number_is_approved_after_the_card_where_nobody_was_asked_before() -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await clerk.find(clerk.site.shop.sale("masked-only"))
        await clerk.at(": enter", "refund.amount: 100 enter", "refund.reason: 1")
        assert await clerk.show_card("visa") == "supervisor.number"
        assert "first 6 and last 4" in clerk.text
        await clerk.approve()
        await clerk.wait("result")

    tell(story, replace(ENGLISH, policy={"supervisor": "by-rule"}))


@logged_in()
async def test_rules_refuse_with_their_name_and_a_slip(clerk: SimClerk) -> None:
    await clerk.find(clerk.site.shop.sale("large"))
    await clerk.at(": enter", "refund.amount: enter", "refund.reason: 4", "result")
    assert "rule: Limit per refund" in clerk.text
    application = clerk.site.application(1)
    assert application.state == "refused"
    await clerk.site.until(
        lambda: len(clerk.site.ledger.slips.in_state(JobState.READY, JobState.SENDING)) == 0,
        60,
        "slips",
    )
    await clerk.go("enter", to="home")
    await clerk.from_menu("Reprint")
    await clerk.wait("reprint.refund")
    assert "REFUSED Cardholder copy\n  11-20 13:00 #1 " in clerk.text
    await clerk.go("1", to="reprint.done")


@logged_in()
async def test_cash_is_handed_over_later_by_a_supervisor_only(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("cash-today")
    await clerk.ask_for(sale)
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: cancel", "home")
    assert "cash to hand over" in clerk.text
    await clerk.from_menu("Cash to hand over")
    await clerk.wait("cash.choose")
    assert " #1 " in clerk.text, "the number on the customer's slip"
    await clerk.go("1", to="supervisor.number")
    assert "Hand over cash" in clerk.text
    assert "#1\n" in clerk.text
    await clerk.approve(1)
    await clerk.at("cash.hand_over: enter", "result: menu", "case.kind: 7")
    await clerk.at(
        "case.opened: enter",
        "case.facts: cancel",
        "home: menu",
        "menu: 4 1",
        "case.list: 1",
        "case.facts",
    )
    assert "cash handed over" in clerk.text
    assert "Card" not in clerk.text
    (refund,) = clerk.site.refunds_of(sale.sale_id)
    assert refund.state is State.HANDED_OVER
    assert clerk.site.ledger.refunds.to_hand_over() == []


@logged_in()
async def test_reprint_is_marked_and_a_wrong_slip_opens_a_case(clerk: SimClerk) -> None:
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 100)
    await clerk.at(
        "result: menu", "case.kind: 7", "case.opened: enter", "case.facts: cancel", "home"
    )
    for number in (1, 2):
        await clerk.from_menu("Reprint")
        await clerk.wait("reprint.refund")
        if number == 1:
            clerk.press("1")  # the customer's copy was printed last
        else:
            config = clerk.site.terminal.config.terminal
            clerk.scan("nonsense")
            clerk.scan(encode(Kind.REFUND, config.merchant_id, config.terminal_id, 1))
            await clerk.at("reprint.slip: 2")
        await clerk.wait("reprint.done")
        assert f"Duplicate {number}" in clerk.text
        await clerk.go("enter", to="home")


@logged_in()
async def test_too_little_merchant_money_is_kept_and_taken_up_again(clerk: SimClerk) -> None:
    clerk.site.acquirer.set_mode("code:51", count=1)
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 100)
    assert re.search(r"^Code +51$", clerk.text, re.MULTILINE)
    await clerk.accept()
    assert "waiting for funds" in clerk.text
    await clerk.from_menu("Waiting for funds")
    await clerk.at("kept: 1", "sale: cancel", "home")
    assert "waiting for funds" in clerk.text
    await clerk.from_menu("Waiting for funds")
    await clerk.wait("kept")
    assert clerk.site.shop.sale("visa-older").trace in clerk.text
    await clerk.at(": 1", "sale: enter", "refund.amount: 90 enter", "refund.reason: 1")
    await clerk.at("supervisor.number")
    assert clerk.site.ledger.applications.kept() == []


@logged_in()
async def test_what_waits_for_funds_leaves_the_list_when_its_sale_went_back(
    clerk: SimClerk,
) -> None:
    sale = clerk.site.shop.sale("visa-older")
    clerk.site.acquirer.set_mode("code:51", count=1)
    await clerk.give_back(sale, 100)
    await clerk.accept()
    await clerk.give_back(sale, 200)
    await clerk.accept()
    assert "waiting for funds" in clerk.text, "a part of it went back"
    left = clerk.site.sale(sale.sale_id).remaining
    await clerk.give_back(sale, left - 60)
    await clerk.accept()
    await clerk.from_menu("Waiting for funds")
    await clerk.wait("kept")
    assert "0.60" in clerk.text, "of 1.00, and no more is left"
    await clerk.at("kept: cancel", "home")
    await clerk.give_back(sale)
    await clerk.accept()
    assert "waiting for funds" not in clerk.text
    await clerk.go("menu", "3", to="home")


@logged_in()
async def test_a_line_that_is_down_promises_nothing(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("visa-older")
    clerk.site.acquirer.set_mode("refuse")
    assert await clerk.give_back(sale, 100) == "failure"
    assert "Not sent, not refunded" in clerk.text
    assert "Check the network" in clerk.text
    assert "!offline" in clerk.text
    await clerk.go("enter", to="home")
    assert clerk.site.refunds_of(sale.sale_id) == []
    application = clerk.site.application(1)
    assert application.state == "cancelled"
    phases = {one.phase for one in clerk.site.ledger.applications.decisions(1)}
    assert phases == {Phase.BEFORE_CARD, Phase.WITH_CARD}, "what was asked with the card, too"


@logged_in()
async def test_home_tells_when_an_unknown_outcome_is_known(clerk: SimClerk) -> None:
    clerk.site.acquirer.set_mode("swallow")
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 100)
    await clerk.accept()
    await clerk.wait_text("do not refund again")
    clerk.site.acquirer.set_mode("normal")
    screen = clerk.site.terminal.screen
    while "do not refund again" in screen.text:
        await screen.changed()
    assert clerk.prompt == "home"
    assert paid(clerk) == 100
