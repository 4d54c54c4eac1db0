"""What comes back of forms, of one of several payments, of a typed sale; what two close (R50)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import logged_in, one_line
from worlds.other_tenders import SALE, shop, way
from worlds.returned import SHOP, refund, told
from worlds.told_outcomes import file_of, take_in
from worlds.typed import AMOUNT, give, purchase, type_in
from worlds.typed import tell as till_tells

from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store

WALLET = "qr-wallet-today"
TWO = "two-cards-older"
FORMS = shop(way("cash", "returned"), {"paid": "wallet", "back": "cash", "exception": "returned"})


def newest(clerk: SimClerk) -> Refund:
    (one,) = clerk.site.ledger.refunds.recent(1)
    return one


def cases(clerk: SimClerk) -> list[tuple[str, str, int]]:
    found = overview(clerk.site.ledger.db)["cases"]
    clerk.site.ledger.db.execute("COMMIT")  # it looks at one state of the ledger
    return [(one["kind"], one["state"], one["over"]) for one in found]


def of_form(clerk: SimClerk, form: Refund, outcome: str) -> str:
    home = clerk.site.terminal.config.terminal
    record = {"terminal_id": home.terminal_id, "merchant_id": home.merchant_id, "kind": "manual"}
    of_it = {"application": form.application, "amount": form.amount, "outcome": outcome}
    return json.dumps(record | of_it | {"reference": f"M-2026-{form.application}"})


async def print_form(clerk: SimClerk, amount: int) -> Refund:
    await clerk.ask_for(clerk.site.shop.sale(WALLET), amount)
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    return newest(clerk)


@logged_in(FORMS)
async def test_of_a_form_once_it_was_carried_out(clerk: SimClerk) -> None:
    form = await print_form(clerk, 300)
    assert (await take_in(clerk, of_form(clerk, form, "returned"), "1.jsonl"))["left"] == 1
    assert newest(clerk).state is State.FORM_PRINTED, "nobody told that it was paid"
    assert (await take_in(clerk, of_form(clerk, form, "paid"), "2.jsonl"))["concluded"] == 1
    assert newest(clerk).state is State.CONFIRMED
    whole = clerk.site.sale(clerk.site.shop.sale(WALLET).sale_id)
    assert (await take_in(clerk, of_form(clerk, form, "returned"), "3.jsonl"))["returned"] == 1
    assert newest(clerk).state is State.RETURNED
    assert clerk.site.sale(whole.sale_id).remaining == whole.remaining + 300
    await clerk.home()
    await clerk.find(clerk.site.shop.sale(WALLET))
    await clerk.wait_text(f"Came back: application {form.application}")
    await clerk.home()
    again = await print_form(clerk, 300)
    named = clerk.site.ledger.sales.given_again(again.sale_key, 1, again.application)
    assert [(one.application, one.left) for one in named] == [(form.application, 300)]
    assert not clerk.site.ledger.sales.came_back(again.sale_key, 1), "the form holds it"
    # carried out under the same reference it would be the first payment
    paid = json.loads(of_form(clerk, again, "paid")) | {"reference": "M-2026-AGAIN"}
    assert (await take_in(clerk, json.dumps(paid), "4.jsonl"))["concluded"] == 1
    (case,) = overview(clerk.site.ledger.db)["cases"]
    clerk.site.ledger.db.execute("COMMIT")
    texts = [(one["kind"], one["text"]) for one in case["steps"]]
    assert texts == [("refund", f"¥3.00 #{again.application}")]
    verify_store(clerk.site.ledger)


@logged_in(FORMS)
async def test_of_a_form_that_was_withdrawn_nothing_is_free(clerk: SimClerk) -> None:
    form = await print_form(clerk, 300)
    await clerk.at(": menu", "menu: 3 7", "manual.list: 1", "manual.form: 2", "manual.reference")
    await clerk.at("manual.reference: 8 8 1 1 enter")
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.at("manual.confirm: enter", "manual.done: enter")
    await clerk.home()
    assert newest(clerk).state is State.WITHDRAWN
    left = clerk.site.sale(clerk.site.shop.sale(WALLET).sale_id).remaining
    report = await take_in(clerk, of_form(clerk, form, "returned"))
    assert (report["contradicts"], report["returned"]) == (1, 0)
    assert clerk.site.sale(clerk.site.shop.sale(WALLET).sale_id).remaining == left
    verify_store(clerk.site.ledger)


@logged_in(FORMS)
async def test_of_one_of_two_cards_that_one_alone_is_free(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale(TWO)
    await clerk.find(sale)
    await clerk.at("sale: enter", "refund.leg: 3", "refund.amount: enter", "refund.reason: 1")
    await clerk.at("ticket.plan: enter")
    await clerk.approve()
    for card in ("visa", "unionpay-debit"):
        assert await clerk.show_card(card, tapped=False) == "result"
        clerk.press("enter")
    await clerk.home()
    of_second = next(one for one in clerk.site.refunds_of(sale.sale_id) if one.leg == 2)
    line = next(
        one for one in file_of(clerk).splitlines() if json.loads(one)["trace"] == of_second.stan
    )
    record = json.loads(line) | {"outcome": "returned", "reference": "back-2"}
    assert (await take_in(clerk, json.dumps(record)))["returned"] == 1
    first, second = clerk.site.sale(sale.sale_id).tenders
    assert (first.remaining, second.remaining) == (0, second.amount)
    await clerk.home()
    await clerk.find(sale)
    await clerk.at("sale: enter", "refund.amount")
    assert f"Came back: application {of_second.application}" in one_line(clerk)
    assert "ENTER alone: what came back" in clerk.text
    await clerk.at("refund.amount: enter", "refund.reason")
    assert "Goods" not in clerk.text, "all of them are back"
    await clerk.home()
    await clerk.find(sale)
    await clerk.at("sale: 1", "exception: 1", "refund.amount: enter", "evidence.kind: 1")
    await clerk.answer("evidence.reference", "4711")
    await clerk.at("evidence.kind: menu", "refund.reason: 1")
    await clerk.approve(0)
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    again = newest(clerk)
    assert (again.kind, again.leg, again.done) == (Kind.CASH, 2, second.amount)
    named = clerk.site.ledger.sales.given_again(again.sale_key, 2, again.application)
    assert [one.application for one in named] == [of_second.application]
    assert not clerk.site.ledger.sales.given_again(again.sale_key, 1, again.application)
    assert clerk.site.sale(sale.sale_id).remaining == 0
    verify_store(clerk.site.ledger)


@logged_in(SHOP)
async def test_of_a_typed_sale_it_stays_free_once_the_till_tells(clerk: SimClerk) -> None:
    purchase(clerk)
    await type_in(clerk)
    await give(clerk, 2_000)
    given = newest(clerk)
    assert given.state is State.ACCEPTED
    assert (await take_in(clerk, told(clerk, "returned"), "1.jsonl"))["returned"] == 1
    await till_tells(clerk)
    sale = clerk.site.sale("LATE")
    assert (sale.amount, sale.done, sale.remaining) == (AMOUNT, 0, AMOUNT)
    named = clerk.site.ledger.sales.came_back(sale.key, 1)
    assert [(one.application, one.left) for one in named] == [(given.application, 2_000)]
    verify_store(clerk.site.ledger)
    await clerk.home()
    clerk.scan("LATE")
    await clerk.wait_text(f"Came back: application {given.application}")
    await clerk.at("sale: enter", "refund.amount")
    assert "ENTER alone: what came back" in clerk.text
    await clerk.home()
    assert (await take_in(clerk, told(clerk, "returned"), "2.jsonl"))["known"] == 1
    after = told(clerk, "credited", happened_on="2026-11-25")
    assert (await take_in(clerk, after, "3.jsonl"))["overpaid"] == 1
    assert clerk.site.sale("LATE").locked
    assert not clerk.site.ledger.sales.came_back(sale.key, 1)
    verify_store(clerk.site.ledger)


@logged_in(SHOP)
async def test_on_the_account_after_all_it_is_spent_once_two_closed_its_case(
    clerk: SimClerk,
) -> None:
    await refund(clerk)
    sale_id = clerk.site.shop.sale(SALE).sale_id
    left = clerk.site.sale(sale_id).remaining
    await take_in(clerk, told(clerk, "returned", happened_on="2026-11-22"), "1.jsonl")
    assert clerk.site.sale(sale_id).remaining == left + 500
    await take_in(clerk, told(clerk, "credited", happened_on="2026-11-23"), "2.jsonl")
    assert clerk.site.sale(sale_id).locked
    await clerk.home()
    clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
    await clerk.wait("sale")
    assert "Came back" not in clerk.text, "it is with the customer"
    await clerk.home()
    await clerk.at(": menu", "menu: 4 1", "case.list")
    clerk.choose("Arrived after it came back")
    await clerk.at("case.facts: enter")
    await clerk.answer("case.reference", "20261124001")
    await clerk.at("case.close: 1", "case.loss: enter")
    await clerk.approve(0)
    assert clerk.site.sale(sale_id).locked, "one is not enough"
    await clerk.approve(1)
    await clerk.at("case.confirm_closing: enter", "case.closed: enter")
    await clerk.home()
    sale = clerk.site.sale(sale_id)
    assert (sale.locked, sale.remaining) == (False, left)
    assert sorted(cases(clerk)) == [("overpayment", "closed", 500), ("returned", "open", 0)]
    verify_store(clerk.site.ledger)


@logged_in(replace(FORMS, rules={"window": {"free_days": 6, "supervisor_days": 6}}))
async def test_goods_that_are_back_are_so_though_their_money_came_back(clerk: SimClerk) -> None:
    """The rest of a plan is held to the day on which they came."""
    sale = clerk.site.shop.sale(TWO)
    await clerk.find(sale)
    await clerk.at("sale: enter", "refund.leg: 3", "refund.amount: enter", "refund.reason: 1")
    await clerk.at("ticket.plan: enter")
    await clerk.approve()
    assert await clerk.show_card("visa", tapped=False) == "result"
    clerk.press("enter")
    await clerk.home()
    line = told(clerk, "returned", paid_amount=500)
    assert (await take_in(clerk, line))["returned"] == 1
    await asyncio.sleep(40 * 86_400)  # virtual time, beyond the return window
    await clerk.at(f"lock.pin: {clerk.me.pin} enter", "home: menu", "menu: 3 6")
    await clerk.at("ticket.todo: 1")
    await clerk.wait("ticket.left")
    clerk.press("enter")
    assert await clerk.wait("card.present", "failure") == "card.present"


@logged_in(SHOP)
async def test_a_case_about_it_is_opened_from_its_sale(clerk: SimClerk) -> None:
    given = await refund(clerk)
    await take_in(clerk, told(clerk, "returned"))
    await clerk.home()
    await clerk.at(": menu", "menu: 4 4")
    clerk.scan(clerk.site.shop.sale(SALE).receipt_no)
    await clerk.at("case.kind: 5", "case.opened: enter", "case.facts")
    await clerk.home()
    found = overview(clerk.site.ledger.db)["cases"]
    clerk.site.ledger.db.execute("COMMIT")  # it looks at one state of the ledger
    assert [(one["kind"], one["refund_id"]) for one in found] == [
        ("returned", given.refund_id),
        ("time", given.refund_id),
    ]
