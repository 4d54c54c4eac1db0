"""What is printed for a case has a number of its own, and is a step of it (R46, R47, R47a)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hw_sim.bench import identity
from hw_sim.proofs.simulation import screen
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, NEVER, a_refund, logged_in, report, sell, sold

from pos_terminal.core import receipt_code
from pos_terminal.core.case import CaseKind
from pos_terminal.core.refund import State
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.kinds.claim import Claim
from pos_terminal.wire.receipt.kinds.to_acquirer import Correction, RefundEnquiry

SETTING = Setting(language=Language.EN)
PAYS_OUT = Setting(language=Language.EN, policy={"payouts": {"per_case": 5_000, "per_day": 50_000}})
LITTLE, MUCH, ACCOUNT, GOODS, TIME, COMPLAINT = range(1, 7)
"""Digits of the kinds."""


async def refunded(clerk: SimClerk, kind: int, amount: int = 1_000) -> str:
    """So much of a card's payment went back, and this kind of case is open; the receipt."""
    receipt = clerk.site.shop.sale("visa-older").receipt_no
    clerk.scan(receipt)
    await clerk.at("sale: enter", f"refund.amount: {amount} enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.at("result: menu", f"case.kind: {kind}", "case.opened: enter", "case.facts")
    return receipt


async def remedied(clerk: SimClerk, name: str) -> None:
    """By its words on the screen."""
    await clerk.at("case.facts: 2", "case.remedy")
    clerk.choose(name)


def told(clerk: SimClerk) -> dict[str, list[dict[str, Any]]]:
    """As ``ledger --json`` does."""
    ledger = clerk.site.ledger
    found = overview(ledger.db)
    ledger.db.execute("COMMIT")  # it looks at one state of the ledger
    return found


def seen(clerk: SimClerk) -> str:
    return " ".join(clerk.text.split())


async def asked_back(clerk: SimClerk, amount: int = 400) -> str:
    """The code on the recovery slip."""
    await refunded(clerk, MUCH)
    await remedied(clerk, "Recovery slip")
    await clerk.at(f"recovery.amount: {amount} enter", "recovery.done: enter", "case.facts")
    open_ones = clerk.site.ledger.cases.open_ones()
    (case,) = (one for one in open_ones if one.kind is CaseKind.AMOUNT_MUCH)
    slips = [job.slip for job in clerk.site.ledger.slips.of_case(case.case_id)]
    assert [slip.body.kind for slip in slips] == ["recovery", "recovery"]
    assert {slip.head.amount for slip in slips} == {amount}
    code = slips[0].head.barcode
    parts = receipt_code.decode(code)
    assert parts is not None
    assert (parts.kind, parts.serial) == ("7", 1)
    return code


@logged_in(SETTING)
async def test_too_much_is_paid_at_the_till_as_a_new_sale(clerk: SimClerk) -> None:
    code = await asked_back(clerk)
    assert "Not paid yet days: 0" in seen(clerk)
    (step,) = told(clerk)["cases"][0]["steps"]
    assert (step["kind"], step["text"]) == ("slip", "Recovery slip ¥4.00 #1")
    await clerk.at("case.facts: cancel", "home")
    before = [one.done for one in clerk.site.ledger.refunds.recent(9)]
    await sell(clerk, "NEW", {"kind": "cash", "amount": 400}, recovery_no=code, **CASH)
    clerk.scan(code)
    await clerk.at("case.facts")
    assert "Paid by sale NEW" in seen(clerk)
    assert "Not paid yet" not in seen(clerk)
    assert [one.done for one in clerk.site.ledger.refunds.recent(9)] == before
    found = told(clerk)
    assert [one["recovery_no"] for one in found["sales"] if one["recovery_no"]] == [code]
    (paper,) = found["case_papers"]
    assert (paper["kind"], paper["amount"], paper["case_id"]) == ("recovery", 400, 1)
    verify_store(clerk.site.ledger)


@logged_in(SETTING)
async def test_how_old_an_unpaid_one_is(clerk: SimClerk) -> None:
    code = await asked_back(clerk)
    await clerk.home()
    await asyncio.sleep(3 * 86_400)  # virtual time
    await clerk.at(f"lock.pin: {clerk.me.pin} enter", "home")
    clerk.scan(code)
    await clerk.at("case.facts")
    assert "Not paid yet days: 3" in seen(clerk)


@logged_in(SETTING)
async def test_no_more_is_asked_back_than_went_out(clerk: SimClerk) -> None:
    await refunded(clerk, MUCH)
    await remedied(clerk, "Recovery slip")
    await clerk.at("recovery.amount: 0 enter")
    await clerk.wait_text("must be above zero")
    await clerk.at("recovery.amount: 1001 enter")
    await clerk.site.until(lambda: "More than went back" in seen(clerk), 5, "it is said")
    await clerk.at(": 600 enter", "recovery.done: enter")
    await remedied(clerk, "Recovery slip")
    await clerk.at("recovery.amount: 401 enter", "recovery.amount: 400 enter")
    await clerk.at("recovery.done: enter", "case.facts: 2", "case.remedy")
    assert "Recovery slip" not in clerk.text, "all of it is asked back"
    verify_store(clerk.site.ledger)


@pytest.mark.parametrize("when", ["before the slip", "after it"])
def test_a_sale_that_pays_another_amount_is_told(when: str) -> None:
    @logged_in(SETTING)
    async def story(clerk: SimClerk) -> None:
        code = receipt_code.remedy_code(identity.MERCHANT_ID, identity.TERMINAL_ID, 1)
        pays = sold("NEW", {"kind": "cash", "amount": 300}, recovery_no=code, **CASH)
        if when == "before the slip":
            await report(clerk, pays)
        assert await asked_back(clerk) == code
        await clerk.home()
        if when == "after it":
            await report(clerk, pays)
        clerk.scan(code)
        await clerk.at("case.facts")
        assert "Paid other than asked #1 -¥1.00" in seen(clerk)

    story()


def test_that_stays_in_sight_on_the_least_display(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much the case has to say."""
    monkeypatch.setattr(screen, "COLUMNS", 20)
    monkeypatch.setattr(screen, "ROWS", 8)

    @logged_in(SETTING)
    async def story(clerk: SimClerk) -> None:
        code = receipt_code.remedy_code(identity.MERCHANT_ID, identity.TERMINAL_ID, 1)
        await refunded(clerk, MUCH)
        await clerk.at("case.facts: 2", "case.remedy: 1", "recovery.amount: 400 enter")
        await clerk.at("recovery.done: enter", "case.facts")
        await clerk.home()
        await sell(clerk, "NEW", {"kind": "cash", "amount": 300}, recovery_no=code, **CASH)
        clerk.scan(code)
        await clerk.at("case.facts")
        assert "Paid other than" in seen(clerk)
        assert "#1 -¥1.00" in seen(clerk)

    story()


@logged_in(SETTING)
async def test_a_second_sale_of_one_slip_and_a_voided_one_are_told(clerk: SimClerk) -> None:
    code = await asked_back(clerk)
    await clerk.home()
    (paper,) = clerk.site.ledger.case_papers.of_case(1)
    pays = {**CASH, "recovery_no": code, "sold_at": paper.at.isoformat()}
    for receipt in ("NEW", "AGAIN"):
        await sell(clerk, receipt, {"kind": "cash", "amount": 400}, **pays)
    clerk.scan(code)
    await clerk.at("case.facts")
    assert "Paid other than asked #1 +¥4.00" in seen(clerk)
    await clerk.home()
    void = {"kind": "sale_voided", "sale_id": "AGAIN", "at": "2026-11-20T12:00:00+08:00"}
    await report(clerk, json.dumps(void))
    clerk.scan(code)
    await clerk.at("case.facts")
    assert "Its sale was voided" in seen(clerk)
    assert "Paid other than asked" not in seen(clerk)


@logged_in(SETTING)
async def test_a_wrong_account_is_the_acquirers_to_correct_and_holds_nothing(
    clerk: SimClerk,
) -> None:
    receipt = await refunded(clerk, ACCOUNT)
    (before,) = clerk.site.ledger.sales.by_receipt(receipt)
    left = clerk.site.ledger.sales.by_key(before.key)
    await clerk.at("case.facts: 2", "case.remedy")
    assert "nobody can call it back" in seen(clerk)
    clerk.choose("Correction form")
    await clerk.at("case.form: enter", "case.form_done: enter", "case.facts")
    merchants, customers = (job.slip for job in clerk.site.ledger.slips.of_case(1))
    assert merchants.body.kind == customers.body.kind == "correction"
    (refund,) = clerk.site.ledger.refunds.recent(9)
    assert isinstance(merchants.body, Correction)
    assert isinstance(customers.body, Correction)
    request = merchants.body.request
    assert (request.rrn, request.batch, request.masked_card) == (
        *(refund.rrn, refund.batch, refund.masked),
    )
    assert (merchants.head.stan, merchants.head.amount) == (refund.stan, 1_000)
    assert customers.body.check_code == merchants.head.barcode
    now = clerk.site.ledger.sales.by_key(before.key)
    assert left is not None
    assert now is not None
    assert (now.offered, now.held) == (left.offered, left.held)
    assert refund.state.value == "accepted"
    assert not told(clerk)["payouts"]
    # it is there: pressed again it is printed again, and is no second one
    await remedied(clerk, "Correction form")
    await clerk.at("case.form: enter", "case.form_done: enter", "case.facts")
    assert [one["kind"] for one in told(clerk)["case_papers"]] == ["correction"]
    assert [job.duplicate for job in clerk.site.ledger.slips.of_case(1)] == [0, 0, 1, 1]
    assert [step["kind"] for step in told(clerk)["cases"][0]["steps"]] == ["slip", "slip"]
    verify_store(clerk.site.ledger)


@logged_in(SETTING)
async def test_too_late_the_acquirer_is_asked_and_the_customer_gets_papers_again(
    clerk: SimClerk,
) -> None:
    await refunded(clerk, TIME)
    await remedied(clerk, "Enquiry form")
    await clerk.at("case.form: enter", "case.form_done: enter", "case.facts")
    slips = [job.slip for job in clerk.site.ledger.slips.of_case(1)]
    assert [slip.body.kind for slip in slips] == ["refund_enquiry"] * 2
    await remedied(clerk, "Customer's slips")
    await clerk.at("case.certificate: enter", "case.facts")
    (refund,) = clerk.site.ledger.refunds.recent(9)
    again = [
        job for job in clerk.site.ledger.slips.of_refund(refund.refund_id) if job.duplicate == 1
    ]
    assert [job.slip.head.copy for job in again] == [Copy.CUSTOMER]
    assert [step["kind"] for step in told(clerk)["cases"][0]["steps"]] == ["slip", "slip"]
    verify_store(clerk.site.ledger)


TEA = {"sku": "9", "name": "Tea", "quantity": 3, "unit_price": 1_500, "barcodes": ["6901"]}


async def goods_wrong(clerk: SimClerk) -> None:
    """One of three came back, and a case of goods is open."""
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 4_500}, lines=[TEA], **CASH)
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines: 1")
    await clerk.at("refund.quantity: 1 enter", "refund.lines: menu")
    await clerk.at("refund.amount: enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: menu", f"case.kind: {GOODS}")
    await clerk.at("case.opened: enter", "case.facts")


@logged_in(PAYS_OUT)
async def test_the_supplier_is_asked_for_goods_and_freight(clerk: SimClerk) -> None:
    await goods_wrong(clerk)
    await remedied(clerk, "Pay freight or goodwill")
    await clerk.at("payout.what: 1", "payout.kind: 3", "payout.amount: 800 enter")
    await clerk.approve()
    await clerk.approve(1)
    await clerk.at("payout.done: enter", "case.facts")
    await remedied(clerk, "Supplier claim")
    await clerk.at("claim.goods: 1 enter")  # behind what is proposed: 150.01
    await clerk.site.until(lambda: "More than went back" in seen(clerk), 5, "it is said")
    await clerk.at("claim.goods: enter", "claim.freight: enter", "evidence.kind: 5")
    await clerk.at("evidence.reference: 4711 enter", "evidence.kind: menu", "claim.confirm")
    assert "¥23.00" in seen(clerk)
    await clerk.at(": enter", "claim.done: enter", "case.facts")
    (slip,) = (
        job.slip for job in clerk.site.ledger.slips.of_case(1) if isinstance(job.slip.body, Claim)
    )
    assert isinstance(slip.body, Claim)
    assert (slip.head.amount, slip.body.freight) == (2_300, 800)
    assert [item.name for item in slip.body.goods.items] == ["Tea"]
    assert [one.value for one in slip.body.evidence] == ["4711"]
    code = receipt_code.decode(slip.head.barcode)
    assert code is not None
    assert (code.kind, code.serial) == ("7", 2), "the payout has number 1"
    # it is there: pressed again it is printed again, and is no second one
    await remedied(clerk, "Supplier claim")
    await clerk.at("claim.again: enter", "claim.done: enter", "case.facts")
    assert [one["kind"] for one in told(clerk)["case_papers"]] == ["payout", "claim"]
    claims = [job for job in clerk.site.ledger.slips.of_case(1) if job.slip.body.kind == "claim"]
    assert [job.duplicate for job in claims] == [0, 1]
    verify_store(clerk.site.ledger)


@logged_in(SETTING)
async def test_a_damaged_replacement_is_exchanged_evenly_from_the_case(clerk: SimClerk) -> None:
    await goods_wrong(clerk)
    await remedied(clerk, "Exchange for another")
    await clerk.at("refund.lines: 1", "refund.quantity: 1 enter", "refund.lines: menu")
    await clerk.at("refund.reason: 1", "goods.scan")
    clerk.scan("6901")
    await clerk.approve()
    await clerk.at("result: enter", "home")
    (step,) = told(clerk)["cases"][0]["steps"]
    assert (step["kind"], step["text"]) == ("decision", "#2")
    refunds = {one.refund_id: one.done for one in clerk.site.ledger.refunds.recent(9)}
    assert refunds == {1: 1_500, 2: 0}, "no money for the exchange"
    verify_store(clerk.site.ledger)


@logged_in(NEVER)
async def test_of_an_unknown_outcome_the_acquirer_is_asked_too(clerk: SimClerk) -> None:
    refund = await a_refund(clerk, "drop-answer")
    assert refund.state is State.UNKNOWN
    clerk.scan(clerk.site.ledger.slips.of_refund(refund.refund_id)[0].slip.head.barcode)
    await clerk.at("sale: menu", "sale.more: 8", f"case.kind: {TIME}", "case.opened: enter")
    await remedied(clerk, "Enquiry form")
    await clerk.at("case.form: enter", "case.form_done: enter", "case.facts")
    case = next(one for one in told(clerk)["cases"] if one["kind"] == "time")
    slip = clerk.site.ledger.slips.of_case(int(case["number"]))[0].slip
    assert isinstance(slip.body, RefundEnquiry)
    assert (slip.body.in_doubt, slip.head.amount) == (True, refund.amount)
    verify_store(clerk.site.ledger)
