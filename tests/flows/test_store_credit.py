"""Above the cash limit the clerk gives a voucher; later it comes back (R36, R37)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import logged_in, tell

from pos_terminal.core.goods_code import mod10_ok
from pos_terminal.core.people import Role
from pos_terminal.core.receipt_code import encode, encode_case
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.voucher import Voucher, VoucherState, draw_number, mask
from pos_terminal.core.words import Failure
from pos_terminal.ports import JobState, Taking
from pos_terminal.texts import Language
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.kinds.credit import StoreCredit

Story = Callable[[SimClerk], Awaitable[None]]
SALE = "cash-today"


def shop(limit: int, language: Language = Language.EN) -> Setting:
    return Setting(language=language, rules={"cash_limit": {"limit": limit}})


def text(clerk: SimClerk) -> str:
    """What is on the screen, its rows joined."""
    return " ".join(clerk.text.split())


async def issue(clerk: SimClerk, amount: int | None = None) -> Voucher:
    """A refund of the cash sale above the limit, to the home screen; its voucher."""
    await clerk.ask_for(clerk.site.shop.sale(SALE), amount)
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("result: enter", "home")
    (refund,) = clerk.site.ledger.refunds.recent(1)
    voucher = clerk.site.ledger.vouchers.of_refund(refund.refund_id)
    assert voucher is not None
    await clerk.site.until(lambda: not clerk.site.ledger.slips.in_state(*OPEN_JOBS), 60, "slips")
    return voucher


OPEN_JOBS = (JobState.READY, JobState.SENDING, JobState.UNKNOWN)


def decided(clerk: SimClerk, application: int = 1) -> list[Any]:
    """The rules that had something against it."""
    stored = clerk.site.ledger.applications.decisions(application)
    return [one.rule for one in stored if one.code and one.rule != "policy"]


@pytest.mark.parametrize("language", Language)
def test_the_screen_says_why_before_the_supervisor_and_no_drawer_opens(language: Language) -> None:
    zh = language is Language.ZH_CN
    why = "改发储值券" if zh else "store credit"

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        sale = clerk.site.shop.sale(SALE)
        await clerk.find(sale)
        await clerk.go("enter", to="refund.amount")
        assert why in text(clerk)
        await clerk.go("enter", to="refund.reason")
        assert why in text(clerk)
        await clerk.go("1", to="supervisor.number")
        assert ("超出现金限额 0.01" if zh else "Above cash limit 0.01") in text(clerk)
        assert why in text(clerk)
        await clerk.approve()
        await clerk.pay_out()
        await clerk.wait("result")
        assert ("储值券已发" if zh else "Voucher issued") in text(clerk)
        assert ("请把储值券交给顾客" if zh else "Give the voucher to the customer") in text(clerk)
        await clerk.go("enter", to="home")
        (refund,) = clerk.site.refunds_of(sale.sale_id)
        assert (refund.kind, refund.state, refund.done) == (
            Kind.CREDIT, State.ISSUED, sale.amount,
        )  # fmt: skip
        assert decided(clerk) == ["cash_limit"]
        merchant, customer = clerk.site.ledger.slips.of_refund(refund.refund_id)
        voucher = clerk.site.ledger.vouchers.of_refund(refund.refund_id)
        assert voucher is not None
        body = merchant.slip.body
        assert isinstance(body, StoreCredit)
        assert (body.decided.rule, body.voucher) == ("cash_limit", mask(voucher.number))
        assert body.decided.approvals
        assert customer.slip.head.barcode == voucher.number
        await clerk.site.until(
            lambda: not clerk.site.ledger.slips.in_state(*OPEN_JOBS), 60, "slips"
        )
        assert clerk.site.parts.drawer == 0
        papers = clerk.papers
        assert len(papers) == 2
        assert voucher.number not in papers[0]
        assert papers[1].count(voucher.number) == 2
        assert violations(clerk.site) == []

    tell(story, shop(1, language))


@logged_in(shop(1_000))
async def test_splitting_a_leg_under_the_limit_is_caught(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale(SALE)
    limit = 1_000
    assert sale.amount > 2 * limit
    await clerk.ask_for(sale, limit)
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    voucher = await issue(clerk, 1)
    assert (voucher.amount, voucher.left) == (1, 1)
    kinds = [one.kind for one in clerk.site.refunds_of(sale.sale_id)]
    assert kinds == [Kind.CASH, Kind.CREDIT]
    assert (decided(clerk), decided(clerk, 2)) == ([], ["cash_limit"])
    assert clerk.site.parts.drawer == 1
    assert violations(clerk.site) == []


@logged_in()
async def test_without_a_limit_cash_is_cash(clerk: SimClerk) -> None:
    await clerk.ask_for(clerk.site.shop.sale(SALE))
    await clerk.approve()
    await clerk.pay_out()
    await clerk.wait("cash.hand_over")


@logged_in(shop(1))
async def test_the_customer_who_wants_no_voucher_can_still_say_so(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale(SALE)
    await clerk.ask_for(sale)
    await clerk.go("cancel", to="home")
    assert clerk.site.refunds_of(sale.sale_id) == []
    application = clerk.site.application(1)
    assert (application.kind, application.state) == (Kind.CREDIT, "cancelled")


@logged_in(shop(1))
async def test_a_scanned_voucher_is_redeemed_by_hand_with_a_supervisor(clerk: SimClerk) -> None:
    voucher = await issue(clerk, 2_000)
    clerk.scan(voucher.number)
    await clerk.wait("voucher")
    assert "Can be used" in text(clerk)
    assert "20.00" in text(clerk)
    assert f"{voucher.issued_at:%Y-%m-%d}" in text(clerk)
    assert voucher.number not in text(clerk)
    clerk.press("1")
    await clerk.answer("voucher.amount", "2001")
    await clerk.wait_text("20.00 left")
    assert clerk.prompt == "voucher.amount"
    clerk.press("8.", "enter")
    await clerk.answer("supervisor.number", clerk.me.number)
    await clerk.answer("supervisor.pin", clerk.me.pin)
    await clerk.wait_text("Nobody approves their own refund")
    await clerk.approve()
    await clerk.wait("voucher.done")
    assert "12.00" in text(clerk)
    await clerk.go("enter", to="home")
    clerk.scan(voucher.number)
    await clerk.at("voucher: 1", "voucher.amount: enter")
    await clerk.approve()
    await clerk.at("voucher.done: enter", "home")
    clerk.scan(voucher.number)
    await clerk.wait("voucher.closed")
    assert "Used up" in text(clerk)
    await clerk.go("enter", to="home")
    now = clerk.site.ledger.vouchers.by_number(voucher.number)
    assert now is not None
    assert (now.state, now.redeemed) == (VoucherState.REDEEMED, 2_000)
    assert clerk.site.parts.drawer == 0
    assert violations(clerk.site) == []


@logged_in(shop(1))
async def test_what_a_till_took_meanwhile_is_not_taken_twice(clerk: SimClerk) -> None:
    voucher = await issue(clerk, 2_000)
    clerk.scan(voucher.number)
    await clerk.at("voucher: 1", "voucher.amount")
    await clerk.site.ledger.vouchers.redeem(Taking(voucher.number, 1, request="till/1"))
    clerk.press("enter")
    await clerk.approve()
    await clerk.wait("failure")
    assert "19.99 left" in text(clerk)
    await clerk.go("enter", to="home")
    now = clerk.site.ledger.vouchers.by_number(voucher.number)
    assert now is not None
    assert now.redeemed == 1
    assert violations(clerk.site) == []


@logged_in(shop(1))
async def test_a_supervisor_cancels_a_voucher(clerk: SimClerk) -> None:
    voucher = await issue(clerk, 2_000)
    clerk.scan(voucher.number)
    await clerk.at("voucher: 2", "supervisor.number")
    assert "Nothing goes back to the sale" in text(clerk)
    await clerk.approve(1)
    await clerk.at("voucher.done: enter", "home")
    clerk.scan(voucher.number)
    await clerk.wait("voucher.closed")
    assert "Cancelled" in text(clerk)
    sale = clerk.site.sale(clerk.site.shop.sale(SALE).sale_id)
    assert sale.done == 2_000
    assert violations(clerk.site) == []


@logged_in(shop(1))
async def test_a_number_that_is_no_voucher_of_ours_says_what_it_is(clerk: SimClerk) -> None:
    ours = clerk.site.terminal.config.terminal
    number = draw_number(ours.merchant_id, ours.terminal_id)
    others = (number[:-1] + digit for digit in "0123456789" if digit != number[-1])
    wrong = next(one for one in others if not mod10_ok(one))  # or it would be that of goods
    for scanned, said in (
        (number, "No such voucher"),
        (wrong, "Misread: scan again"),
        (draw_number("000000000000000", ours.terminal_id), "Another merchant's"),
        (draw_number(ours.merchant_id, "00000000"), "Redeem it at the terminal"),
    ):
        clerk.scan(scanned)
        await clerk.wait("failure")
        await clerk.wait_text(said)
        await clerk.go("enter", to="home")
    refused = clerk.site.ledger.db.execute(
        "SELECT facts ->> 'number' FROM audit WHERE kind = 'voucher_refused'"
    ).fetchall()
    assert [row[0] for row in refused] == [mask(number)]


@logged_in(shop(1))
async def test_a_lost_voucher_is_printed_under_a_new_number_and_the_old_one_is_dead(
    clerk: SimClerk,
) -> None:
    """With a supervisor; by the voucher's own barcode too, whose digits count no refund."""
    old = await issue(clerk, 2_000)
    ours = clerk.site.terminal.config.terminal
    receipt = encode(Kind.CREDIT, ours.merchant_id, ours.terminal_id, old.refund_id or 0)
    await clerk.site.ledger.vouchers.redeem(Taking(old.number, 500, request="till/1"))
    await clerk.at(": menu", "menu: 2 1", "reprint.refund")
    clerk.scan(receipt)
    await clerk.at("reprint.slip: 2", "supervisor.number")
    assert "The old number dies" in text(clerk)
    assert mask(old.number) in text(clerk)
    await clerk.answer("supervisor.number", clerk.me.number)
    await clerk.answer("supervisor.pin", clerk.me.pin)
    await clerk.wait_text("Nobody approves their own refund")
    await clerk.approve(1)
    await clerk.wait("voucher.replaced")
    new = clerk.site.ledger.vouchers.of_refund(old.refund_id or 0)
    assert new is not None
    assert (new.left, new.replaces) == (1_500, old.number)
    assert mask(new.number) in text(clerk)
    await clerk.go("enter", to="home")
    await clerk.site.until(lambda: not clerk.site.ledger.slips.in_state(*OPEN_JOBS), 60, "slips")
    merchant, customer = clerk.papers[2:]
    assert new.number not in merchant
    # who agreed to the new number, not who had approved the refund
    first, other = (clerk.site.shop.person(Role.SUPERVISOR, place) for place in (0, 1))
    assert first.number in clerk.papers[0]
    assert f"{other.number} {other.name}" in merchant
    assert f"{first.number} {first.name}" not in merchant
    assert customer.count(new.number) == 2
    for paper in (merchant, customer):
        assert mask(old.number) in paper
        assert "15.00" in paper
        assert old.number not in paper
        assert "DUPLICATE" not in paper
    clerk.scan(old.number)
    await clerk.wait("voucher.closed")
    assert "Has a new number" in text(clerk)
    await clerk.go("enter", to="home")
    await clerk.at(": menu", "menu: 2 1", "reprint.refund")
    clerk.scan(old.number)
    await clerk.at("reprint.slip: 2", "failure")
    assert "This number is dead" in text(clerk)
    await clerk.go("enter", to="home")
    clerk.scan(new.number)
    await clerk.wait("voucher")
    await clerk.home()
    assert violations(clerk.site) == []


async def torn(clerk: SimClerk) -> Voucher:
    """The power of the printer goes in the midst of the customer's copy; the question about it."""
    printer = clerk.site.parts.printer
    printer.printer.after(45, printer.power_cycle)
    await clerk.ask_for(clerk.site.shop.sale(SALE), 2_000)
    await clerk.approve()
    await clerk.pay_out()
    await clerk.wait("result")
    slips = clerk.site.ledger.slips
    await clerk.site.until(lambda: bool(slips.in_state(JobState.UNKNOWN)), 60, "the torn slip")
    await clerk.go("enter", to="print.unsure")
    assert "Print, new number" in text(clerk)
    (job,) = slips.in_state(JobState.UNKNOWN)
    assert job.slip.copy is Copy.CUSTOMER
    with pytest.raises(Failure, match=r"ledger\.slip_is_money"):
        await slips.ready_again(job.job_id, clerk.me.number)
    assert job.refund_id is not None
    voucher = clerk.site.ledger.vouchers.of_refund(job.refund_id)
    assert voucher is not None
    return voucher


@logged_in(shop(1))
async def test_a_torn_voucher_goes_on_under_a_new_number_with_a_supervisor(clerk: SimClerk) -> None:
    """Or whoever pulls the printer's plug in time has two papers of one number."""
    old = await torn(clerk)
    clerk.press("1")
    await clerk.approve_by_badge()
    await clerk.at("voucher.replaced: enter", "home")
    await clerk.site.until(lambda: not clerk.site.ledger.slips.in_state(*OPEN_JOBS), 60, "slips")
    new = clerk.site.ledger.vouchers.of_refund(old.refund_id or 0)
    assert new is not None
    assert (new.left, new.replaces) == (2_000, old.number)
    assert new.number in clerk.papers[-1]
    clerk.scan(old.number)
    await clerk.at("voucher.closed: enter", "home")
    assert violations(clerk.site) == []


@pytest.mark.parametrize("taken", [500, 2_000])
@logged_in(shop(1))
async def test_what_a_till_takes_while_the_supervisor_types_is_not_in_the_new_number(
    clerk: SimClerk, taken: int
) -> None:
    old = await torn(clerk)
    await clerk.at(": 1", "supervisor.number")
    await clerk.site.ledger.vouchers.redeem(Taking(old.number, taken, request="till/1"))
    await clerk.approve_by_badge()
    await clerk.at("voucher.replaced: enter" if taken < old.left else "failure: enter", "home")
    living = clerk.site.ledger.vouchers.of_refund(old.refund_id or 0)
    assert living is not None
    assert living.left == old.left - taken
    await clerk.site.until(lambda: not clerk.site.ledger.slips.in_state(*OPEN_JOBS), 60, "slips")
    assert violations(clerk.site) == []


@logged_in(shop(1))
async def test_where_no_supervisor_comes_a_torn_voucher_waits_in_the_menu(clerk: SimClerk) -> None:
    old = await torn(clerk)
    papers = len(clerk.papers)
    await clerk.at("print.unsure: 1", "supervisor.number: cancel", "home")
    assert len(clerk.papers) == papers
    assert clerk.site.ledger.vouchers.of_refund(old.refund_id or 0) == old
    await clerk.at(": menu", "menu: 2 1", "reprint.refund")
    clerk.scan(old.number)
    await clerk.at("reprint.slip: 2")
    await clerk.approve_by_badge()
    await clerk.at("voucher.replaced: enter", "home")


@logged_in(shop(1))
async def test_the_merchants_copy_of_a_voucher_is_reprinted_as_any_slip(clerk: SimClerk) -> None:
    voucher = await issue(clerk, 2_000)
    await clerk.at(": menu", "menu: 2 1", "reprint.refund")
    clerk.scan(voucher.number)
    await clerk.at("reprint.slip: 1", "reprint.done")
    assert "Duplicate 1" in text(clerk)
    await clerk.go("enter", to="home")
    await clerk.site.until(lambda: not clerk.site.ledger.slips.in_state(*OPEN_JOBS), 60, "slips")
    assert "DUPLICATE 1" in clerk.papers[2]
    copies = [job.slip.copy for job in clerk.site.ledger.slips.of_refund(voucher.refund_id or 0)]
    assert copies == [Copy.MERCHANT, Copy.CUSTOMER, Copy.MERCHANT]
    assert clerk.site.ledger.vouchers.of_refund(voucher.refund_id or 0) == voucher


@logged_in(shop(1))
async def test_a_cases_code_reprints_no_refund_of_the_same_number(clerk: SimClerk) -> None:
    await issue(clerk, 2_000)
    ours = clerk.site.terminal.config.terminal
    await clerk.at(": menu", "menu: 2 1", "reprint.refund")
    clerk.scan(encode_case(ours.merchant_id, ours.terminal_id, 1))
    clerk.press("cancel")
    assert await clerk.wait("reprint.slip", "home") == "home"


@logged_in(shop(1))
async def test_the_merchants_copy_leads_back_to_the_sale(clerk: SimClerk) -> None:
    voucher = await issue(clerk, 2_000)
    ours = clerk.site.terminal.config.terminal
    clerk.scan(encode(Kind.CREDIT, ours.merchant_id, ours.terminal_id, voucher.refund_id or 0))
    await clerk.wait("sale")
    assert clerk.site.shop.sale(SALE).trace in text(clerk)
