"""Freight and goodwill are paid from a case, beside the sale, by two people (R47a)."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, in_each_language, logged_in, one_line, sell

from pos_terminal.cli.explain import explained
from pos_terminal.core import receipt_code
from pos_terminal.core.print_job import UNPRINTED
from pos_terminal.core.voucher import Voucher, mask
from pos_terminal.ports import Taking
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

LIMITS = {"per_case": 2_000, "per_day": 3_000}
SETTING = Setting(language=Language.EN, policy={"payouts": LIMITS})
NONE = Setting(language=Language.EN)


async def case_of_goods(clerk: SimClerk) -> str:
    """Part of a card's payment went back for the wrong goods; the receipt of the sale."""
    receipt = clerk.site.shop.sale("visa-older").receipt_no
    clerk.scan(receipt)
    await clerk.at("sale: enter", "refund.amount: 1000 enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.at("result: menu", "case.kind: 5", "case.opened: enter")
    return receipt


async def approve_by_two(clerk: SimClerk) -> None:
    await clerk.approve()
    await clerk.approve(1)


def told(clerk: SimClerk) -> dict[str, list[dict[str, Any]]]:
    """As ``ledger --json`` does."""
    ledger = clerk.site.ledger
    found = overview(ledger.db)
    ledger.db.execute("COMMIT")  # it looks at one state of the ledger
    return found


def payouts(clerk: SimClerk) -> list[dict[str, Any]]:
    return told(clerk)["payouts"]


def offered(clerk: SimClerk, receipt: str) -> int:
    """What the sale may still give back, minor units."""
    found = clerk.site.ledger.sales.by_receipt(receipt)
    sale = clerk.site.ledger.sales.by_key(found[0].key)
    assert sale is not None
    return sale.offered


def test_what_is_left_is_the_less_of_case_and_day() -> None:
    from pos_terminal.core.payout import PayoutLimits

    limits = PayoutLimits(2_000, 3_000)
    assert limits.left(0, 0) == 2_000
    assert limits.left(500, 2_800) == 200
    assert limits.left(2_000, 3_500) == 0


@logged_in(SETTING)
async def test_cash_goes_through_the_drawer_and_is_a_step_of_its_case(clerk: SimClerk) -> None:
    receipt = await case_of_goods(clerk)
    await clerk.at(
        "case.facts: 2",
        "case.remedy: 3",
        "payout.what: 1",
        "payout.kind: 1",
        "payout.amount: 1200 enter",
    )
    await approve_by_two(clerk)
    left = offered(clerk, receipt)
    await clerk.at("payout.hand_over: enter", "payout.done: enter", "case.facts")
    (paid,) = payouts(clerk)
    assert (paid["what"], paid["kind"], paid["amount"]) == ("freight", "cash", 1_200)
    assert (paid["state"], paid["operator"]) == ("handed_over", "101")
    assert len({paid["operator"], paid["first"], paid["second"]}) == 3
    assert offered(clerk, receipt) == left > 0, "outside of what the sale may give back"
    (step,) = told(clerk)["cases"][0]["steps"]
    assert step["kind"] == "decision"
    assert "12.00" in step["text"]
    assert step["text"].endswith("#1")
    slips = [job.slip for job in clerk.site.ledger.slips.of_case(1)]
    assert [slip.body.kind for slip in slips] == ["payout", "payout"]
    code = receipt_code.decode(slips[0].head.barcode)
    assert code is not None
    assert (code.kind, code.serial) == ("7", 1)
    await clerk.at("case.facts: cancel", "home")
    clerk.scan(slips[1].head.barcode)
    await clerk.at("case.facts: cancel", "home")
    verify_store(clerk.site.ledger)


@logged_in(SETTING)
async def test_a_form_holds_nothing_and_opens_no_drawer(clerk: SimClerk) -> None:
    await case_of_goods(clerk)
    await clerk.at(
        "case.facts: 2",
        "case.remedy: 3",
        "payout.what: 2",
        "payout.kind: 3",
        "payout.amount: 500 enter",
    )
    await approve_by_two(clerk)
    await clerk.at("payout.done: enter", "case.facts")
    (paid,) = payouts(clerk)
    assert (paid["what"], paid["kind"], paid["state"]) == ("goodwill", "manual", "form_printed")
    assert not clerk.site.ledger.payouts.to_hand_over()
    (step,) = told(clerk)["cases"][0]["steps"]
    assert step["kind"] == "decision"
    verify_store(clerk.site.ledger)


@logged_in(SETTING)
async def test_no_more_than_the_ceilings(clerk: SimClerk) -> None:
    """Those of the case first, then of the day with another one."""
    await case_of_goods(clerk)
    await clerk.at("case.facts: 2", "case.remedy: 3", "payout.what: 1", "payout.kind: 3")
    await clerk.at("payout.amount: 2001 enter", "payout.amount: 2000 enter")
    await approve_by_two(clerk)
    await clerk.at("payout.done: enter", "case.facts: cancel", "home")
    clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
    await clerk.at("sale: menu", "sale.more: 8", "case.kind: 6", "case.opened: enter")
    await clerk.at("case.facts: 2", "case.remedy")
    clerk.choose("Pay freight or goodwill")
    await clerk.at("payout.what: 1", "payout.kind: 3")
    await clerk.at("payout.amount: 1001 enter", "payout.amount: 1000 enter")
    await approve_by_two(clerk)
    await clerk.at("payout.done: enter", "case.facts")
    assert sum(one["amount"] for one in payouts(clerk)) == LIMITS["per_day"]


@logged_in(SETTING)
async def test_nothing_is_no_payout(clerk: SimClerk) -> None:
    """Nobody is called for it; it was asked for again before two people came for nothing."""
    await case_of_goods(clerk)
    await clerk.at("case.facts: 2", "case.remedy: 3", "payout.what: 1", "payout.kind: 1")
    await clerk.at("payout.amount: 0 enter")
    await clerk.wait_text("must be above zero")
    await clerk.at("payout.amount: 100 enter", "supervisor.number")


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"per_case": 600, "per_day": 900}, "This case has had all"),
        ({"per_case": 900, "per_day": 600}, "All that may be paid out today"),
    ],
)
def test_who_has_paid_out_all_is_not_asked_how_much(limits: dict[str, int], said: str) -> None:
    @logged_in(Setting(language=Language.EN, policy={"payouts": limits}))
    async def story(clerk: SimClerk) -> None:
        await case_of_goods(clerk)
        await clerk.at("case.facts: 2", "case.remedy: 3", "payout.what: 1", "payout.kind: 1")
        await clerk.at("payout.amount: 600 enter")
        await approve_by_two(clerk)
        await clerk.at("payout.hand_over: enter", "payout.done: enter")
        await clerk.at("case.facts: 2", "case.remedy: 3", "payout.none")
        assert said in " ".join(clerk.text.split())
        await clerk.at(": enter", "case.facts")

    story()


@logged_in(SETTING)
async def test_cash_that_was_not_confirmed_waits_in_the_menu(clerk: SimClerk) -> None:
    """Only a supervisor opens the drawer again."""
    await case_of_goods(clerk)
    await clerk.at(
        "case.facts: 2",
        "case.remedy: 3",
        "payout.what: 2",
        "payout.kind: 1",
        "payout.amount: 700 enter",
    )
    await approve_by_two(clerk)
    await clerk.at("payout.hand_over: cancel", "case.facts: cancel", "home")
    (paid,) = payouts(clerk)
    assert paid["state"] == "to_hand_over"
    await clerk.at(": menu", "menu: 3 2", "cash.choose: 1")
    await clerk.approve()
    await clerk.at("payout.hand_over: enter", "payout.done: enter", "home")
    (paid,) = payouts(clerk)
    assert paid["state"] == "handed_over"
    verify_store(clerk.site.ledger)


@logged_in(NONE)
async def test_a_shop_that_says_no_ceilings_pays_nothing_out(clerk: SimClerk) -> None:
    await case_of_goods(clerk)
    await clerk.at("case.facts: 2")
    await clerk.at("case.remedy")
    assert "Pay freight" not in clerk.text


SAID = {
    Language.ZH_CN: {
        "payout.what": "补付 1 运费 2 补偿",
        "payout.kind": "补付 补偿 1 现金 2 储值券 3 手工付款单",
        "payout.amount": "补付 补偿 现金 最多可付 ¥20.00",
        "payout.hand_over": "交付现金 金额 ¥3.00",
        "case.facts": "补偿 现金",
        "owed": "现金尚未交付",
        "payout.done": "已交付顾客",
    },
    Language.EN: {
        "payout.what": "Payout 1 Freight 2 Goodwill",
        "payout.kind": "Payout Goodwill 1 Cash 2 Store credit 3 Form, paid by people",
        "payout.amount": "Payout Goodwill Cash At most ¥20.00",
        "payout.hand_over": "Hand over cash Amount ¥3.00",
        "case.facts": "Goodwill Cash",
        "owed": "Cash not handed over yet",
        "payout.done": "Handed over to the customer",
    },
}
"""By the prompt."""


@pytest.mark.parametrize("language", Language)
@in_each_language(policy=SETTING.policy)
async def test_case_says_what_was_paid_out_and_that_its_cash_is_owed(
    clerk: SimClerk, language: Language
) -> None:
    said = SAID[language]

    async def answer(prompt: str, keys: str) -> None:
        await clerk.wait(prompt)
        assert said[prompt] in one_line(clerk)
        await clerk.at(f": {keys}")

    await clerk.log_in()
    await case_of_goods(clerk)
    await clerk.at("case.facts: 2", "case.remedy: 3")
    await answer("payout.what", "2")
    await answer("payout.kind", "1")
    await answer("payout.amount", "300 enter")
    await approve_by_two(clerk)
    await answer("payout.hand_over", "cancel")
    await clerk.wait("case.facts")
    assert said["owed"] in one_line(clerk)
    await answer("case.facts", "cancel")
    await clerk.at("home: menu", "menu: 3 2", "cash.choose: 1")
    await clerk.approve()
    await answer("payout.hand_over", "enter")
    await answer("payout.done", "enter")
    await clerk.wait("home")


async def as_credit(clerk: SimClerk, amount: int) -> Voucher:
    await clerk.at("case.facts: 2", "case.remedy: 3", "payout.what: 2", "payout.kind: 2")
    await clerk.at(f"payout.amount: {amount} enter")
    await approve_by_two(clerk)
    await clerk.at("payout.done: enter", "case.facts")
    await on_paper(clerk)
    voucher = clerk.site.ledger.vouchers.of_payout(1)
    assert voucher is not None
    return voucher


async def on_paper(clerk: SimClerk) -> None:
    slips = clerk.site.ledger.slips
    await clerk.site.until(lambda: not slips.in_state(*UNPRINTED), 60, "slips")


@logged_in(SETTING)
async def test_store_credit_is_a_voucher_beside_the_sale(clerk: SimClerk) -> None:
    """Worth its amount at the till; the sale gives back as much as before, no drawer opens."""
    receipt = await case_of_goods(clerk)
    before, kicks = offered(clerk, receipt), clerk.site.parts.printer.printer.kicks
    voucher = await as_credit(clerk, 800)
    (paid,) = payouts(clerk)
    assert (paid["what"], paid["kind"], paid["state"]) == ("goodwill", "credit", "issued")
    assert offered(clerk, receipt) == before
    assert clerk.site.parts.printer.printer.kicks == kicks
    (listed,) = told(clerk)["vouchers"]
    assert (listed["payout_id"], listed["refund_id"], listed["amount"]) == (1, None, 800)
    assert listed["number"] == mask(voucher.number)
    (step,) = told(clerk)["cases"][0]["steps"]
    assert (step["kind"], step["text"]) == ("decision", "Goodwill ¥8.00 #1")
    said = " ".join(clerk.text.split())
    assert "Goodwill Store credit" in said
    assert "Can be used ¥8.00" in said
    merchant, customer = clerk.papers[-2:]
    assert voucher.number not in merchant
    assert customer.count(voucher.number) == 2
    for paper in (merchant, customer):
        assert "Goodwill" in paper
        assert clerk.site.shop.sale("visa-older").trace in paper
    await clerk.at("case.facts: cancel", "home")
    taken = await clerk.site.ledger.vouchers.redeem(Taking(voucher.number, 300, request="till/1"))
    assert taken.left == 500
    clerk.scan(voucher.number)
    await clerk.wait("voucher")
    assert "#1" in clerk.text
    await clerk.home()
    clerk.scan(clerk.site.ledger.slips.of_case(1)[0].slip.head.barcode)
    await clerk.wait("case.facts")
    assert "¥5.00" in clerk.text, "what is left of it"
    verify_store(clerk.site.ledger)
    assert violations(clerk.site) == []


@logged_in(SETTING)
async def test_its_lost_paper_goes_on_under_another_number(clerk: SimClerk) -> None:
    await case_of_goods(clerk)
    old = await as_credit(clerk, 800)
    await clerk.site.ledger.vouchers.redeem(Taking(old.number, 300, request="till/1"))
    await clerk.at("case.facts: cancel", "home: menu", "menu: 2 1", "reprint.refund")
    clerk.scan(old.number)
    await clerk.at("reprint.slip: 1", "supervisor.number")
    await clerk.approve(1)
    await clerk.at("voucher.replaced: enter", "home")
    await on_paper(clerk)
    new = clerk.site.ledger.vouchers.of_payout(1)
    assert new is not None
    assert (new.left, new.replaces) == (500, old.number)
    merchant, customer = clerk.papers[-2:]
    for paper in (merchant, customer):
        assert mask(old.number) in paper
        assert old.number not in paper
        assert "5.00" in paper
    assert customer.count(new.number) == 2
    verify_store(clerk.site.ledger)
    assert violations(clerk.site) == []


@logged_in(SETTING)
async def test_what_it_paid_comes_back_once_as_store_credit_that_names_it(clerk: SimClerk) -> None:
    await case_of_goods(clerk)
    voucher = await as_credit(clerk, 800)
    await clerk.site.ledger.vouchers.redeem(Taking(voucher.number, 800, request="till/1"))
    paid = {"kind": "voucher", "amount": 800, "voucher_no": voucher.number}
    await clerk.at("case.facts: cancel", "home")
    await sell(clerk, "SALE-2", paid, **CASH)
    clerk.scan("SALE-2")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("result: enter", "home")
    (refund,) = clerk.site.ledger.refunds.recent(1)
    back = clerk.site.ledger.vouchers.of_refund(refund.refund_id)
    assert back is not None
    assert (back.amount, back.paid_by, back.paid_by_payout) == (800, mask(voucher.number), 1)
    assert back.paid_by_refund is None
    config = clerk.site.terminal.config
    lines = explained(clerk.site.ledger, config, Language.EN, refund.application)
    assert f"  paid by voucher {mask(voucher.number)}, issued as payout 1" in lines
    verify_store(clerk.site.ledger)
    assert violations(clerk.site) == []
