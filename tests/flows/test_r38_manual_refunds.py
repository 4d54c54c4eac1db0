"""R38: what nobody here pays back is printed as a form, and stays until somebody tells of it."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, explained, logged_in, report, sell, tell
from worlds.other_tenders import shop, way
from worlds.told_outcomes import take_in

from pos_terminal.core import receipt_code
from pos_terminal.core.application import ApplicationState
from pos_terminal.core.people import Role
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.sale import Sale
from pos_terminal.ports import JobState
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

WALLET = "qr-wallet-today"
PLATFORM = "WX-4200002111-77"
SHAPE = ["application", "sale_id", "leg", "amount", "state", "exception", "reference", "evidence"]
"""All that `ledger --json` has of a manual refund."""


def newest(clerk: SimClerk) -> Refund:
    (refund,) = clerk.site.ledger.refunds.recent(1)
    return refund


def of_wallet(clerk: SimClerk) -> Sale:
    return clerk.site.sale(clerk.site.shop.sale(WALLET).sale_id)


def code_of(clerk: SimClerk, refund: Refund, after: int = 0) -> str:
    """What stands under the form's barcode, or under that of so many applications ``after``."""
    home = clerk.site.terminal.config.terminal
    number = refund.application + after
    return receipt_code.encode_application(home.merchant_id, home.terminal_id, number)


async def print_form(clerk: SimClerk, amount: int | None = None) -> Refund:
    """Of the wallet's sale, to the home screen."""
    await clerk.ask_for(clerk.site.shop.sale(WALLET), amount)
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    return newest(clerk)


def told(clerk: SimClerk) -> list[dict[str, object]]:
    """``manual`` of ``ledger --json``."""
    db = clerk.site.ledger.db
    facts = json.loads(json.dumps(overview(db, 100)))
    db.execute("COMMIT")
    for one in facts["manual"]:
        assert list(one) == SHAPE
    names = ("application", "sale_id", "leg", "amount", "state", "reference")
    return [{name: one[name] for name in names} for one in facts["manual"]]


async def all_is_well(clerk: SimClerk) -> None:
    """Once the slips are out."""
    waiting = (JobState.READY, JobState.SENDING)
    await clerk.site.until(lambda: not clerk.site.ledger.slips.in_state(*waiting), 60, "slips")
    verify_store(clerk.site.ledger)
    assert violations(clerk.site) == []


async def confirm(clerk: SimClerk) -> None:
    """From the form on the screen."""
    await clerk.go("1", to="manual.reference")
    clerk.scan(PLATFORM)
    await clerk.wait_text(PLATFORM)
    clerk.press("enter")
    await clerk.approve()
    await clerk.wait("manual.confirm")
    assert clerk.site.shop.person(Role.SUPERVISOR).number in clerk.text, "who said so"
    await clerk.at("manual.confirm: enter", "manual.done: enter", "home")


async def withdraw(clerk: SimClerk, reference: str) -> None:
    """From the form on the screen, with two supervisors."""
    await clerk.go("2", to="manual.reference")
    clerk.scan(reference)
    await clerk.wait_text(reference[-8:])
    clerk.press("enter")
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.at("manual.confirm: enter", "manual.done: enter", "home")


@logged_in()
async def test_a_wallet_s_sale_becomes_a_form_that_a_supervisor_confirms(
    clerk: SimClerk, capsys: pytest.CaptureFixture[str]
) -> None:
    sale = clerk.site.shop.sale(WALLET)
    await clerk.find(sale)
    await clerk.wait_text("Remaining")
    await clerk.go("enter", to="refund.amount")
    await clerk.wait_text("Refund where it was paid: form")
    await clerk.home()
    refund = await print_form(clerk)
    assert (refund.kind, refund.state, refund.done) == (Kind.MANUAL, State.FORM_PRINTED, 0)
    assert of_wallet(clerk).held == refund.amount == sale.amount
    await clerk.wait_text("Manual forms open: 1 (MENU 3 7)")
    await clerk.site.until(lambda: len(clerk.papers) == 2, 60, "slips")
    form, receipt = clerk.papers
    form = " ".join(form.split())
    for text in ("MANUAL REFUND FORM", "Not paid yet", "Account:", "Supervisor:", "Reference:"):
        assert text in form
    assert code_of(clerk, refund) in form
    assert "Account:" not in receipt
    assert "People pay it back" in " ".join(receipt.split())
    # the same leads to it from the paper and from the menu
    clerk.scan(code_of(clerk, refund))
    await clerk.wait("manual.form")
    await clerk.home()
    await clerk.at(": menu", "menu: 3 7", "manual.list: 1", "manual.form: 1", "manual.reference")
    await clerk.answer("manual.reference", "12")
    await clerk.wait_text("At least 4 letters or digits")
    clerk.scan("4761739001010010")
    await clerk.at("manual.reference: enter")
    await clerk.wait_text("card number")
    assert "letters or digits" not in clerk.text
    # cancel leads back to the form, from the supervisor, too
    await clerk.at(": cancel", "manual.form: 1", "manual.reference: 4 7 1 1 enter")
    await clerk.at("supervisor.number: cancel", "manual.form: cancel", "home")
    clerk.scan(code_of(clerk, refund))
    await clerk.wait("manual.form")
    await confirm(clerk)
    after = newest(clerk)
    assert (after.state, after.done) == (State.CONFIRMED, sale.amount)
    now = of_wallet(clerk)
    assert (now.done, now.held) == (sale.amount, 0)
    assert clerk.site.application(after.application).state is ApplicationState.DONE
    said = clerk.site.ledger.manual.confirmation(after.refund_id)
    assert said is not None
    assert (said.reference, said.approval.supervisor) == (PLATFORM, "201")
    assert told(clerk) == [
        {"application": refund.application, "sale_id": sale.sale_id, "leg": 1,
         "amount": sale.amount, "state": "confirmed", "reference": PLATFORM}
    ]  # fmt: skip
    lines = explained(clerk, refund.application, Language.EN, capsys)
    assert f"confirmed as paid by 201 张伟, reference {PLATFORM}" in lines
    await clerk.site.until(lambda: len(clerk.papers) == 4, 60, "slips")
    assert PLATFORM in clerk.papers[2]
    assert "PAID BY HAND" in clerk.papers[3]
    # its code leads to the sale from now on
    clerk.scan(code_of(clerk, refund))
    await clerk.wait("sale")
    await clerk.wait_text("nothing is left")
    await all_is_well(clerk)


@at_the_counter()
async def test_who_asked_for_a_form_neither_confirms_nor_withdraws_it(clerk: SimClerk) -> None:
    """A supervisor at the counter, who is asked by the next clerk."""
    boss = clerk.site.shop.person(Role.SUPERVISOR)
    await clerk.at(f"login.number: {boss.number} enter", f"login.pin: {boss.pin} enter", "home")
    await clerk.find(clerk.site.shop.sale(WALLET))
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
    await clerk.approve(1)
    await clerk.at("refund.confirm: enter", "result: enter", "home: menu", "menu: 5 1")
    await clerk.log_in()
    for end in "12":
        await clerk.at(": menu", "menu: 3 7", "manual.list: 1", f"manual.form: {end}")
        await clerk.wait("manual.reference")
        clerk.scan(PLATFORM)
        await clerk.wait_text(PLATFORM)
        clerk.press("enter")
        await clerk.at(
            f"supervisor.number: {boss.number} enter", f"supervisor.pin: {boss.pin} enter"
        )
        await clerk.wait_text("nother supervisor")
        await clerk.home()
    assert newest(clerk).state is State.FORM_PRINTED
    await all_is_well(clerk)


@logged_in()
async def test_withdrawn_by_two_with_the_struck_form_and_paid_all_the_same(
    clerk: SimClerk, capsys: pytest.CaptureFixture[str]
) -> None:
    refund = await print_form(clerk, 1_000)
    clerk.scan(code_of(clerk, refund))
    await clerk.at("manual.form: 1", "manual.reference")
    clerk.scan(code_of(clerk, refund))
    await clerk.at("manual.reference: enter")
    await clerk.wait_text("Not the form")  # struck through it says that nobody pays
    await clerk.at("manual.reference: cancel", "manual.form: 2", "manual.reference")
    clerk.scan(code_of(clerk, refund, after=7))
    await clerk.wait_text("0000008")
    clerk.press("enter")
    await clerk.wait_text("Not the form of this refund")
    await clerk.home()
    clerk.scan(code_of(clerk, refund))
    await clerk.wait("manual.form")
    await withdraw(clerk, code_of(clerk, refund))
    assert newest(clerk).state is State.WITHDRAWN
    assert of_wallet(clerk).held == 0
    (one,) = told(clerk)
    assert (one["state"], one["reference"]) == ("withdrawn", code_of(clerk, refund))
    # the amount is free again, and the platform has paid after all
    await clerk.at(": menu", "menu: 3 7", "manual.list: 1", "manual.withdrawn: 1")
    await clerk.wait("manual.reference")
    clerk.scan(PLATFORM)
    await clerk.wait_text(PLATFORM)
    clerk.press("enter")
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.at("manual.confirm: enter", "manual.done")
    await clerk.home()
    assert newest(clerk).state is State.OVERPAID
    assert clerk.site.application(refund.application).state is ApplicationState.DONE
    assert of_wallet(clerk).locked
    assert len(clerk.site.ledger.cases.open_ones()) == 1
    (late,) = told(clerk)
    assert (late["state"], late["reference"]) == ("confirmed", PLATFORM), "late: the sale is locked"
    lines = explained(clerk, refund.application, Language.EN, capsys).splitlines()
    by = "by 201 张伟 and 202 陈静, reference"
    assert [line[19:] for line in lines if line.startswith("  2026-11-20 13:")] == [
        f"form withdrawn {by} {code_of(clerk, refund)}",
        f"found paid {by} {PLATFORM}",
    ]
    await all_is_well(clerk)


@logged_in()
async def test_a_form_holds_its_own_amount_and_nothing_else_of_the_sale(clerk: SimClerk) -> None:
    wallet, cash = {"kind": "wallet", "amount": 700}, {"kind": "cash", "amount": 300}
    await sell(clerk, "BOTH-1", wallet, cash, **CASH)
    clerk.scan("BOTH-1")
    await clerk.at("sale: enter", "refund.amount: 700 enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    clerk.scan("BOTH-1")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    cash_back, form = clerk.site.ledger.refunds.recent(2)
    assert (form.state, form.amount) == (State.FORM_PRINTED, 700)
    assert (cash_back.state, cash_back.amount) == (State.HANDED_OVER, 300)
    clerk.scan("BOTH-1")
    await clerk.wait_text("in progress")
    verify_store(clerk.site.ledger)


@logged_in()
async def test_open_forms_are_listed_oldest_first_and_withdrawn_ones_newest_first(
    clerk: SimClerk,
) -> None:
    forms = [await print_form(clerk, amount) for amount in (100, 200, 300, 400)]

    def listed() -> list[int]:
        return [int(found) for found in re.findall(r"#(\d+)", clerk.text)]

    await all_is_well(clerk)
    printed = len(clerk.papers)
    for _ in range(2):  # both copies each time, not copies of copies
        clerk.scan(code_of(clerk, forms[0]))
        await clerk.at("manual.form: 3", "manual.printed: enter", "home")
        await all_is_well(clerk)
    assert len(clerk.papers) == printed + 4
    for one in forms[1:3]:
        clerk.scan(code_of(clerk, one))
        await clerk.wait("manual.form")
        await withdraw(clerk, PLATFORM)
    numbers = [one.application for one in forms]
    await clerk.at(": menu", "menu: 3 7", "manual.list")
    assert listed() == [numbers[0], numbers[3]]
    await clerk.at("manual.list: 3", "manual.withdrawn")
    assert listed() == [numbers[2], numbers[1]]
    await clerk.home()
    assert [one["application"] for one in told(clerk)] == numbers


def line_of_file(clerk: SimClerk, form: Refund, outcome: str, **changes: object) -> str:
    """Of the acquirer's file."""
    home = clerk.site.terminal.config.terminal
    record = {
        "terminal_id": home.terminal_id,
        "merchant_id": home.merchant_id,
        "kind": "manual",
        "application": form.application,
        "amount": form.amount,
        "outcome": outcome,
        "reference": f"M-2026-{form.application}",
    }
    return json.dumps(record | changes) + "\n"


@logged_in()
async def test_what_names_nothing_confirms_no_form(clerk: SimClerk) -> None:
    form = await print_form(clerk, 100)
    clerk.scan(code_of(clerk, form))
    await clerk.at("manual.form: 1", "manual.reference")
    clerk.scan("1--.--2")
    await clerk.at("manual.reference: enter")
    await clerk.wait_text("At least 4 letters or digits")
    report = await take_in(clerk, line_of_file(clerk, form, "paid", reference=" "))
    assert "neither a letter nor a digit" in json.dumps(report)
    assert newest(clerk).state is State.FORM_PRINTED


@logged_in()
async def test_the_acquirer_s_file_confirms_a_form_or_contradicts_what_people_said(
    clerk: SimClerk, capsys: pytest.CaptureFixture[str]
) -> None:
    paid = await print_form(clerk, 100)
    withdrawn = await print_form(clerk, 200)
    left = await print_form(clerk, 300)
    clerk.scan(code_of(clerk, withdrawn))
    await clerk.wait("manual.form")
    await withdraw(clerk, PLATFORM)
    lines = [
        line_of_file(clerk, paid, "paid"),
        line_of_file(clerk, withdrawn, "paid"),
        line_of_file(clerk, left, "not_paid"),
        line_of_file(clerk, left, "not_paid", application=99),
    ]
    wrong = await take_in(clerk, line_of_file(clerk, paid, "paid", amount=99), "wrong.jsonl")
    assert wrong["problems"], "the amount is the form's"
    payee = line_of_file(clerk, paid, "paid", reference="to 4761 7390 0101 0010")
    (problem,) = (await take_in(clerk, payee, "payee.jsonl"))["problems"]
    assert "card number" in problem["reason"]
    report = await take_in(clerk, "".join(lines))
    assert (report["concluded"], report["unmatched"]) == (3, 1)
    states = {one.refund_id: one.state for one in clerk.site.ledger.refunds.recent(3)}
    assert states == {
        paid.refund_id: State.CONFIRMED,
        withdrawn.refund_id: State.OVERPAID,
        left.refund_id: State.WITHDRAWN,
    }
    assert of_wallet(clerk).locked
    references = {one["application"]: one["reference"] for one in told(clerk)}
    assert references[paid.application] == f"M-2026-{paid.application}"
    for form, said in (
        (paid, f"file 1121.jsonl, line 1: paid, reference M-2026-{paid.application}"),
        (withdrawn, f"file 1121.jsonl, line 2: paid, reference M-2026-{withdrawn.application}"),
        (left, f"file 1121.jsonl, line 3: form not paid, reference M-2026-{left.application}"),
    ):
        assert said in explained(clerk, form.application, Language.EN, capsys)
    again = await take_in(clerk, lines[0], "again.jsonl")
    assert again["known"] == 1
    await clerk.home()
    await all_is_well(clerk)


@logged_in()
async def test_a_form_in_the_place_of_one_that_was_paid_all_the_same_says_so(
    clerk: SimClerk,
) -> None:
    """To the clerk and to whoever confirms it: the next reference would be a second payment."""
    warning = "Perhaps paid already: see its case"
    withdrawn = await print_form(clerk, 500)
    clerk.scan(code_of(clerk, withdrawn))
    await clerk.wait("manual.form")
    await withdraw(clerk, PLATFORM)
    anew = await print_form(clerk, 500)
    clerk.scan(code_of(clerk, anew))
    await clerk.wait("manual.form")
    assert warning not in clerk.text
    await clerk.home()
    await take_in(clerk, line_of_file(clerk, withdrawn, "paid"))
    clerk.scan(code_of(clerk, anew))
    await clerk.wait("manual.form")
    assert warning in clerk.text
    await clerk.at("manual.form: 1", "manual.reference: 1 2 3 4 5 6 enter", "supervisor.number")
    assert warning in clerk.text
    await clerk.home()


@pytest.mark.parametrize("language", Language)
def test_the_screens_in_both_languages(language: Language) -> None:
    zh = language is Language.ZH_CN

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        refund = await print_form(clerk, 100)
        await clerk.wait_text("手工单" if zh else "Manual forms")
        clerk.scan(code_of(clerk, refund))
        await clerk.wait("manual.form")
        await clerk.wait_text("不再付,撤回" if zh else "Will not be paid")
        clerk.press("3")
        await clerk.at("manual.printed: enter", "home")

    tell(story, Setting(language=language))


@logged_in(shop(way("manual", "card_lost")))
async def test_a_card_s_form_is_withdrawn_only_once_the_acquirer_s_day_is_over(
    clerk: SimClerk, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever might pay it still has it until the cut-off; a wallet's platform has none."""
    sale = clerk.site.shop.sale("unionpay-credit-older")
    await clerk.find(sale)
    await clerk.at("sale: menu", "sale.more: 3", "exception: 1", "refund.amount: 100 enter")
    await clerk.at("evidence.kind: 1")
    await clerk.answer("evidence.reference", "4711")
    await clerk.at("evidence.kind: menu", "refund.reason: 1")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    form = newest(clerk)
    clerk.scan(code_of(clerk, form))
    await clerk.at("manual.form: 2", "failure")
    await clerk.wait_text("11-20 23:00")  # of the profile
    assert newest(clerk).state is State.FORM_PRINTED
    clerk.press("enter")
    end = clerk.site.time.now().replace(hour=23, minute=0, second=0)
    assert end > clerk.site.time.now()
    await asyncio.sleep((end - clerk.site.time.now()).total_seconds() + 60)
    await clerk.home()
    clerk.scan(code_of(clerk, form))
    await clerk.wait("manual.form")
    await withdraw(clerk, code_of(clerk, form))
    assert newest(clerk).state is State.WITHDRAWN
    assert clerk.site.sale(sale.sale_id).held == 0
    lines = explained(clerk, form.application, Language.EN, capsys)
    for line in ("Back another way: Card lost", "  Evidence, Bank's letter: 4711"):
        assert line in lines.splitlines()
    # and the acquirer has paid it after all: its file locks the sale
    report = await take_in(clerk, line_of_file(clerk, form, "paid"))
    assert report["concluded"] == 1
    assert newest(clerk).state is State.OVERPAID
    assert clerk.site.sale(sale.sale_id).locked
    verify_store(clerk.site.ledger)


@logged_in()
async def test_the_form_names_the_wallets_own_order_and_the_shops(clerk: SimClerk) -> None:
    """By which whoever pays finds the payment: there is no reference of an acquirer."""
    paid = {"kind": "wallet", "amount": 1_000, "order_no": ["4200002105", "SHOP-23"]}
    await sell(clerk, "WALLET", paid, **CASH)
    clerk.scan("WALLET")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    await all_is_well(clerk)
    forms = [paper for paper in clerk.papers if "Order no." in paper]
    assert [re.findall(r"^Order no\. +(.+)$", one, re.M) for one in forms] == [
        ["4200002105 SHOP-23"],
        ["4200002105 SHOP-23"],
    ]


async def formed(clerk: SimClerk, receipt: str, *tenders: dict[str, Any]) -> list[Refund]:
    """A sale by these, given back by the form of each, in one ticket; newest last."""
    await sell(clerk, receipt, *tenders, **CASH)
    clerk.scan(receipt)
    await clerk.at("sale: enter")
    if await clerk.wait("refund.leg", "refund.amount") == "refund.leg":
        clerk.press(str(len(tenders) + 1))
    await clerk.at("refund.amount: enter", "refund.reason: 1")
    if len(tenders) > 1:
        await clerk.at("ticket.plan: enter")
    await clerk.approve()
    for _ in tenders:
        await clerk.at("refund.confirm: enter", "result: enter")
    await clerk.wait("home")
    return [*clerk.site.ledger.refunds.recent(len(tenders))][::-1]


@logged_in()
async def test_one_payment_confirms_no_two_forms_but_those_of_one_ticket(clerk: SimClerk) -> None:
    """The second form would be done with nothing paid for it; once it is, that would be unseen."""
    wallet, transfer = {"kind": "wallet", "amount": 700}, {"kind": "transfer", "amount": 700}
    first, beside = await formed(clerk, "TWICE-1", wallet, wallet)
    (other,) = await formed(clerk, "WALLET-2", wallet)
    (bank,) = await formed(clerk, "BANK-3", transfer)
    for form in (first, beside):  # paid in one sum
        clerk.scan(code_of(clerk, form))
        await clerk.wait("manual.form")
        await confirm(clerk)
    clerk.scan(code_of(clerk, other))
    await clerk.at("manual.form: 1", "manual.reference")
    clerk.scan(PLATFORM.lower())
    await clerk.wait_text(PLATFORM.lower())
    clerk.press("enter")
    await clerk.wait_text(f"Reference has paid application {first.application}")
    clerk.scan(f"{PLATFORM}-2")
    await clerk.wait_text(f"{PLATFORM}-2")
    clerk.press("enter")
    await clerk.approve()
    await clerk.at("manual.confirm: enter", "manual.done: enter", "home")
    clerk.scan(code_of(clerk, bank))  # a bank's number may be the same
    await clerk.wait("manual.form")
    await confirm(clerk)
    assert {one.state for one in clerk.site.ledger.refunds.recent(4)} == {State.CONFIRMED}
    await all_is_well(clerk)


@logged_in()
async def test_a_withdrawn_form_is_not_paid_by_what_paid_another_one(clerk: SimClerk) -> None:
    """It would lock a sale that nothing was paid beside."""
    refund = await print_form(clerk)
    clerk.scan(code_of(clerk, refund))
    await clerk.wait("manual.form")
    await withdraw(clerk, code_of(clerk, refund))
    again = await print_form(clerk)
    clerk.scan(code_of(clerk, again))
    await clerk.wait("manual.form")
    await confirm(clerk)
    await clerk.at(": menu", "menu: 3 7", "manual.list: 1", "manual.withdrawn: 1")
    await clerk.wait("manual.reference")
    clerk.scan(PLATFORM)
    await clerk.wait_text(PLATFORM)
    clerk.press("enter")
    await clerk.wait_text(f"Reference has paid application {again.application}")


async def keyed(clerk: SimClerk, form: Refund, reference: str) -> None:
    """Told as paid by this reference; to the last screen before it is written."""
    clerk.scan(code_of(clerk, form))
    await clerk.at("manual.form: 1", "manual.reference")
    clerk.scan(reference)
    await clerk.wait_text(reference)
    clerk.press("enter")
    await clerk.approve()
    await clerk.wait("manual.confirm")


def states(clerk: SimClerk, *forms: Refund) -> list[State]:
    found = {one.refund_id: one.state for one in clerk.site.ledger.refunds.recent(9)}
    return [found[one.refund_id] for one in forms]


PAID_ONCE = {
    "one_file": (None, True),
    "two_files": (None, False),
    "keypad": (PLATFORM, False),
}


@pytest.mark.parametrize("way", PAID_ONCE)
@pytest.mark.parametrize("language", Language)
def test_the_acquirer_s_file_confirms_no_form_by_another_one_s_payment(
    way: str, language: Language
) -> None:
    typed, together = PAID_ONCE[way]

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        paid, other = await print_form(clerk, 100), await print_form(clerk, 200)
        if typed:
            await keyed(clerk, paid, typed)
            await clerk.at("manual.confirm: enter", "manual.done: enter", "home")
        own = line_of_file(clerk, paid, "paid", reference=PLATFORM)
        same = line_of_file(clerk, other, "paid", reference=PLATFORM.lower().replace("-", " "))
        if together:
            report = await take_in(clerk, own + same)
        else:
            await take_in(clerk, own)
            report = await take_in(clerk, same, "1122.jsonl")
        assert report["contradicts"] == 1
        (note,) = report["notes"]
        assert f"has paid application {paid.application} already" in note["reason"]
        assert states(clerk, paid, other) == [State.CONFIRMED, State.FORM_PRINTED]
        assert not of_wallet(clerk).locked, "nothing was paid too much"
        verify_store(clerk.site.ledger)
        await clerk.at(": menu", "menu: 4 1", "case.list: 1", "case.facts")
        label = "该笔已用于申请号" if language is Language.ZH_CN else "Has paid application"
        assert re.search(rf"{label} +{paid.application}\b", clerk.text), "both are named"
        await clerk.home()
        assert (await take_in(clerk, same, "1123.jsonl"))["known"] == 1
        # the payment of its own confirms it all the same
        late = line_of_file(clerk, other, "paid")
        assert (await take_in(clerk, late, "1124.jsonl"))["concluded"] == 1
        assert states(clerk, other) == [State.CONFIRMED]
        await clerk.home()
        verify_store(clerk.site.ledger)

    tell(story, Setting(language=language))


@logged_in()
async def test_the_file_withdraws_no_form_s_lock_by_another_one_s_payment(clerk: SimClerk) -> None:
    """What was withdrawn and is told as paid by what paid another form is no overpayment."""
    withdrawn = await print_form(clerk, 100)
    clerk.scan(code_of(clerk, withdrawn))
    await clerk.wait("manual.form")
    await withdraw(clerk, code_of(clerk, withdrawn))
    again = await print_form(clerk, 100)
    await keyed(clerk, again, PLATFORM)
    await clerk.at("manual.confirm: enter", "manual.done: enter", "home")
    report = await take_in(clerk, line_of_file(clerk, withdrawn, "paid", reference=PLATFORM))
    assert report["contradicts"] == 1
    assert states(clerk, withdrawn, again) == [State.WITHDRAWN, State.CONFIRMED]
    assert not of_wallet(clerk).locked
    await all_is_well(clerk)


@logged_in()
async def test_a_form_that_is_paid_by_another_reference_than_was_told_is_paid_twice(
    clerk: SimClerk, capsys: pytest.CaptureFixture[str]
) -> None:
    form, spelled, parts = [await print_form(clerk, amount) for amount in (100, 200, 300)]
    for one, typed in ((form, "WX-1000"), (spelled, "wx 2000"), (parts, "WX-1000-2")):
        await keyed(clerk, one, typed)
        await clerk.at("manual.confirm: enter", "manual.done: enter", "home")
    honest = line_of_file(clerk, spelled, "paid", reference="WX-2000")
    honest += line_of_file(clerk, parts, "paid", reference="WX-1000")
    assert (await take_in(clerk, honest))["agrees"] == 2
    report = await take_in(clerk, line_of_file(clerk, form, "paid", reference="WX-7777"), "2.jsonl")
    assert (report["agrees"], report["paid_twice"]) == (0, 1)
    assert "beside WX-1000, told at the terminal" in report["notes"][0]["reason"]
    assert of_wallet(clerk).locked
    (case,) = clerk.site.ledger.cases.open_ones()
    assert (case.kind, case.refund_id, case.over) == ("paid_twice", form.refund_id, 100)
    # and the one that was told agrees, before or after it
    told_one = line_of_file(clerk, form, "paid", reference="WX1000")
    assert (await take_in(clerk, told_one, "3.jsonl"))["agrees"] == 1
    await clerk.at(": menu", "menu: 4 1", "case.list: 1", "case.facts")
    for shown in ("WX-1000", "Told at the terminal", "WX-7777", "2.jsonl:1"):
        assert shown in clerk.text
    await clerk.home()
    await all_is_well(clerk)


@logged_in()
async def test_two_who_tell_one_payment_at_once_confirm_one_form(clerk: SimClerk) -> None:
    """The file is taken while a supervisor's screen stands: the commit itself looks again."""
    first, other = await print_form(clerk, 100), await print_form(clerk, 200)
    await keyed(clerk, first, PLATFORM)
    report = await take_in(clerk, line_of_file(clerk, other, "paid", reference=PLATFORM))
    assert report["concluded"] == 1
    await clerk.at("manual.confirm: enter", "failure")
    await clerk.wait_text(f"Reference has paid application {other.application}")
    await clerk.home()
    assert states(clerk, first, other) == [State.FORM_PRINTED, State.CONFIRMED]
    await all_is_well(clerk)


async def refunded_card(clerk: SimClerk, amount: int) -> Refund:
    """On the line, to the home screen."""
    await clerk.give_back(clerk.site.shop.sale("visa-older"), amount)
    await clerk.home()
    return newest(clerk)


def line_of_card(clerk: SimClerk, refund: Refund, reference: str) -> str:
    """The acquirer's posting of what went out on the line."""
    home = clerk.site.terminal.config.terminal
    record = {
        "terminal_id": home.terminal_id,
        "merchant_id": home.merchant_id,
        "kind": "refund",
        "batch": refund.batch,
        "trace": refund.stan,
        "amount": refund.amount,
        "outcome": "paid",
        "rrn": refund.rrn,
        "reference": reference,
    }
    return json.dumps(record) + "\n"


@pytest.mark.parametrize("way", ["keypad", "file"])
@logged_in()
async def test_what_paid_a_form_and_then_turns_out_to_have_paid_a_card_is_a_case(
    clerk: SimClerk, way: str
) -> None:
    """Told of the form first, spelled in any way; of the card in a later file of the acquirer."""
    card, form = await refunded_card(clerk, 700), await print_form(clerk, 700)
    posting = f"P-{card.rrn}"
    if way == "keypad":
        await keyed(clerk, form, posting)
        await clerk.at("manual.confirm: enter", "manual.done: enter", "home")
    else:
        report = await take_in(clerk, line_of_file(clerk, form, "paid", reference=posting))
        assert report["concluded"] == 1
    report = await take_in(clerk, line_of_card(clerk, card, f"P{card.rrn}"), "1122.jsonl")
    assert (report["agrees"], states(clerk, form)) == (1, [State.CONFIRMED])
    (note,) = report["notes"]
    assert f"has confirmed the form of application {form.application}" in note["reason"]
    (case,) = clerk.site.ledger.cases.open_ones()
    assert (case.kind, case.refund_id, case.over) == ("contradiction", form.refund_id, 0)
    await clerk.at(": menu", "menu: 4 1", "case.list: 1", "case.facts")
    assert re.search(rf"Has paid application +{card.application}\b", clerk.text)
    await clerk.home()
    again = await take_in(clerk, line_of_card(clerk, card, f"P{card.rrn}"), "1123.jsonl")
    assert again["known"] == 1
    await all_is_well(clerk)


@logged_in()
async def test_what_paid_a_card_confirms_no_form_of_the_same_file_before_it(
    clerk: SimClerk,
) -> None:
    card, form = await refunded_card(clerk, 700), await print_form(clerk, 700)
    posting = f"P{card.rrn}"
    told = line_of_file(clerk, form, "paid", reference=posting)
    report = await take_in(clerk, told + line_of_card(clerk, card, posting))
    assert (report["agrees"], report["contradicts"], report["concluded"]) == (1, 1, 0)
    assert states(clerk, form) == [State.FORM_PRINTED]
    await all_is_well(clerk)


@logged_in()
async def test_the_reference_on_a_card_s_slip_confirms_no_form(clerk: SimClerk) -> None:
    """The RRN of a refund on the line: no file has told of it yet."""
    card, form = await refunded_card(clerk, 700), await print_form(clerk, 700)
    clerk.scan(code_of(clerk, form))
    await clerk.at("manual.form: 1", "manual.reference")
    clerk.press(*str(card.rrn), "enter")
    await clerk.wait_text(f"Reference has paid application {card.application}")
    await clerk.home()
    report = await take_in(clerk, line_of_file(clerk, form, "paid", reference=card.rrn))
    assert (report["contradicts"], states(clerk, form)) == (1, [State.FORM_PRINTED])
    await all_is_well(clerk)


@logged_in()
async def test_a_reference_that_the_file_writes_in_full_width_confirms_one_form(
    clerk: SimClerk,
) -> None:
    first, other = await print_form(clerk, 100), await print_form(clerk, 200)
    told = line_of_file(clerk, first, "paid", reference="ＷＸ－４２０１")
    assert (await take_in(clerk, told))["concluded"] == 1
    clerk.scan(code_of(clerk, other))
    await clerk.at("manual.form: 1", "manual.reference")
    clerk.scan("wx-4201")
    await clerk.wait_text("wx-4201")
    clerk.press("enter")
    await clerk.wait_text(f"Reference has paid application {first.application}")
    await clerk.home()
    await all_is_well(clerk)


ONE_OR_TWO = {
    "one": ("2", 0, "Lets the sale go; nothing more counts"),
    "two": ("1", 500, "counts as"),
}


@pytest.mark.parametrize("way", ONE_OR_TWO)
@pytest.mark.parametrize("language", Language)
def test_who_closes_a_form_paid_under_another_reference_says_whether_it_was_one_payment(
    way: str, language: Language
) -> None:
    """The reference may have been mistyped, or the acquirer have another name for it: then nothing
    is taken from the customer for a second payment that never was, now or of a larger total."""
    key, taken, means = ONE_OR_TWO[way]

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        form = await print_form(clerk)
        await keyed(clerk, form, "WX-4210")
        await clerk.at("manual.confirm: enter", "manual.done: enter", "home")
        await take_in(clerk, line_of_file(clerk, form, "paid", reference="WX-4201"))
        assert of_wallet(clerk).locked
        await clerk.at(": menu", "menu: 4 1", "case.list: 1", "case.facts: enter")
        await clerk.at(
            f"case.payments: {key}",
            "case.reference: 2 0 2 6 enter",
            "case.close: 1",
            "case.loss: enter",
        )
        await clerk.approve(0)
        await clerk.approve(1)
        await clerk.wait("case.confirm_closing")
        if language is Language.EN:
            assert means in " ".join(clerk.text.split())
        await clerk.at("case.confirm_closing: enter", "case.closed: enter")
        await clerk.home()
        sale = of_wallet(clerk)
        assert (sale.locked, sale.done, sale.amount) == (False, form.amount, form.amount)
        more = {"kind": "adjusted", "reference": "tip", "sale_id": sale.sale_id, "leg": 1}
        at = {"amount": sale.amount + 500, "at": "2026-11-20T13:00:00+08:00"}
        await report(clerk, json.dumps(more | at))
        assert of_wallet(clerk).done == form.amount + taken
        verify_store(clerk.site.ledger)

    tell(story, Setting(language=language))


@logged_in()
async def test_two_postings_of_the_file_are_not_said_to_be_one(clerk: SimClerk) -> None:
    """The acquirer itself tells of two."""
    form = await print_form(clerk, 100)
    for reference in ("WX-4201", "WX-4202"):
        await take_in(clerk, line_of_file(clerk, form, "paid", reference=reference), reference)
    await clerk.at(": menu", "menu: 4 1", "case.list: 1", "case.facts: enter", "case.reference")


@logged_in()
async def test_one_posting_by_its_rrn_confirms_one_form_or_one_card(clerk: SimClerk) -> None:
    """Where the acquirer's file tells both, either names the posting."""
    card, form = await refunded_card(clerk, 700), await print_form(clerk, 700)
    told = line_of_file(clerk, form, "paid", reference="Q-4711", rrn=card.rrn)
    report = await take_in(clerk, told)
    assert (report["contradicts"], states(clerk, form)) == (1, [State.FORM_PRINTED])
    first, other = await print_form(clerk, 100), await print_form(clerk, 200)
    rrn = "632413999951"
    told = line_of_file(clerk, first, "paid", reference="Q-1001", rrn=rrn)
    assert (await take_in(clerk, told, "1122.jsonl"))["concluded"] == 1
    told = line_of_file(clerk, other, "paid", reference="Q-1002", rrn=rrn)
    assert (await take_in(clerk, told, "1123.jsonl"))["contradicts"] == 1
    clerk.scan(code_of(clerk, other))
    await clerk.at("manual.form: 1", "manual.reference")
    clerk.press(*rrn, "enter")
    await clerk.wait_text(f"Reference has paid application {first.application}")
    await clerk.home()
    assert states(clerk, first, other) == [State.CONFIRMED, State.FORM_PRINTED]
    await all_is_well(clerk)


@logged_in()
async def test_two_forms_of_one_posting_in_one_file_are_one(clerk: SimClerk) -> None:
    first, other = await print_form(clerk, 100), await print_form(clerk, 200)
    rrn = "632413999951"
    told = line_of_file(clerk, first, "paid", reference="Q-1001", rrn=rrn)
    told += line_of_file(clerk, other, "paid", reference="Q-1002", rrn=rrn)
    report = await take_in(clerk, told)
    assert (report["concluded"], report["contradicts"]) == (1, 1)
    await all_is_well(clerk)


@logged_in()
async def test_nobody_is_asked_for_a_case_that_an_open_form_holds_up(clerk: SimClerk) -> None:
    """The form is answered first: it was said after two supervisors' PINs."""
    first = await print_form(clerk, 100)
    clerk.scan(code_of(clerk, first))
    await clerk.wait("manual.form")
    await withdraw(clerk, code_of(clerk, first))
    second = await print_form(clerk, 100)
    await take_in(clerk, line_of_file(clerk, first, "paid"))
    await clerk.at(": menu", "menu: 4 1", "case.list: 1", "case.facts: enter", "failure")
    assert "Another refund of the sale is open" in " ".join(clerk.text.split())
    await clerk.home()
    clerk.scan(code_of(clerk, second))
    await clerk.wait("manual.form")
    await withdraw(clerk, code_of(clerk, second))
    await clerk.at(": menu", "menu: 4 1", "case.list: 1", "case.facts: enter", "case.reference")


@logged_in()
async def test_a_scanned_form_leads_to_its_own_slips_at_the_reprint(clerk: SimClerk) -> None:
    """Its barcode has the application's number: the refund of that number is another one."""
    await clerk.find(clerk.site.shop.sale("large"))
    await clerk.at(": enter", "refund.amount: enter", "refund.reason: 4")  # refused: no refund
    await clerk.accept()
    form = await print_form(clerk)
    assert (form.application, form.refund_id) == (2, 1)
    await clerk.from_menu("Reprint")
    await clerk.wait("reprint.refund")
    clerk.scan(code_of(clerk, form))
    await clerk.at("reprint.slip: 1", "reprint.done")
