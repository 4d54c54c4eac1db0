"""R37 attacked: a voucher pays once, whatever tills, papers and people say of it."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, begin_ticket, logged_in, sell, tell
from worlds.other_tenders import shop, way

from pos_terminal.core.case import CaseKind
from pos_terminal.core.goods_code import mod10_ok
from pos_terminal.core.print_job import JobState
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.voucher import Voucher, draw_number, mask
from pos_terminal.core.words import Failure, VoucherFailure
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language


def text(clerk: SimClerk) -> str:
    return " ".join(clerk.text.split())


async def till(clerk: SimClerk, verb: str, **request: Any) -> dict[str, Any] | str:
    """What a till is answered over the control socket; of a refusal its cause."""
    verbs = clerk.site.terminal.verbs
    try:
        answer: dict[str, Any] = await verbs[verb](request)
    except VoucherFailure as failure:
        return failure.code
    return answer


async def redeem(clerk: SimClerk, number: str, amount: int, request: str) -> object:
    answer = await till(clerk, "redeem", number=number, amount=amount, request=request)
    return answer if isinstance(answer, str) else (answer["amount"], answer["left"])


def credits(clerk: SimClerk) -> list[int]:
    return [one.done for one in clerk.site.ledger.refunds.recent(50) if one.kind is Kind.CREDIT]


async def given(clerk: SimClerk, receipt: str, *typed: str) -> Refund:
    clerk.scan(receipt)
    await clerk.at("sale: enter", " ".join(["refund.amount:", *typed, "enter"]), "refund.reason: 1")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("result: enter", "home")
    return clerk.site.ledger.refunds.recent(1)[0]


async def paid(clerk: SimClerk, receipt: str, amount: int, number: str, *more: Any) -> None:
    by_voucher = {"kind": "voucher", "amount": amount, "voucher_no": number}
    await sell(clerk, receipt, by_voucher, *more, **CASH)


async def issued(clerk: SimClerk, receipt: str, amount: int, number: str = "2900017") -> Voucher:
    await paid(clerk, receipt, amount, number)
    refund = await given(clerk, receipt)
    voucher = clerk.site.ledger.vouchers.of_refund(refund.refund_id)
    assert voucher is not None
    return voucher


def cases(clerk: SimClerk, receipt: str) -> list[CaseKind]:
    ledger = clerk.site.ledger
    key = clerk.site.sale(receipt).key
    return [one.kind for one in ledger.cases.open_ones() if one.sale_key == key]


@pytest.mark.parametrize("language", Language)
def test_a_till_that_says_ours_paid_and_never_redeemed_it(language: Language) -> None:
    zh = language is Language.ZH_CN

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        ledger = clerk.site.ledger
        ours = await issued(clerk, "SALE-1", 10_000)
        await paid(clerk, "SALE-2", 8_000, ours.number)
        clerk.scan("SALE-2")
        await clerk.wait("sale")
        assert ("未核销,可退 0.00" if zh else "not redeemed: 0.00 may go back") in text(clerk)
        assert mask(ours.number) in text(clerk)
        assert ours.number not in text(clerk)
        await clerk.at(": enter", "failure")
        assert ("先扫该券核销" if zh else "Redeem it first") in text(clerk)
        await clerk.at(": enter", "home")
        assert cases(clerk, "SALE-2") == [CaseKind.VOUCHER_NOT_REDEEMED]
        # once more is no second case
        clerk.scan("SALE-2")
        await clerk.at("sale: enter", "failure: enter", "home")
        assert cases(clerk, "SALE-2") == [CaseKind.VOUCHER_NOT_REDEEMED]
        # nor in other words: in groups, as a number of other length, with what nobody sees
        for place, told in enumerate((f"{ours.number[:4]}-{ours.number[4:]}", f"0{ours.number}",
                                      "\u200b".join(ours.number)), 3):  # fmt: skip
            await paid(clerk, f"SALE-{place}", 8_000, told)
            clerk.scan(f"SALE-{place}")
            await clerk.at("sale: enter", "failure: enter", "home")
        assert credits(clerk) == [10_000]
        assert ledger.vouchers.by_number(ours.number) == ours
        # part of it is redeemed at last: so much may go back, and no more
        assert await redeem(clerk, ours.number, 6_000, "till-2/1") == (6_000, 4_000)
        clerk.scan("SALE-2")
        await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1", "result")
        assert ("未核销,可退 60.00" if zh else "not redeemed: 60.00 may go back") in text(clerk)
        await clerk.at(": enter", "home")
        assert (await given(clerk, "SALE-2", *"6000")).done == 6_000
        # a supervisor takes the rest by hand, as the text says: nobody loses anything
        clerk.scan(ours.number)
        await clerk.at("voucher: 1", "voucher.amount: 2 0 0 0 enter")
        await clerk.approve()
        await clerk.at("voucher.done: enter", "home")
        assert (await given(clerk, "SALE-2")).done == 2_000
        # the case stays until a supervisor closes it, and holds nothing back
        await clerk.at(": menu", "menu: 4 1", "case.list")
        assert ("付款券未核销" if zh else "Voucher paid, not redeemed") in text(clerk)
        await clerk.home()
        # and another sale that says the same of it finds all of it given back
        await paid(clerk, "SALE-3", 8_000, ours.number)
        clerk.scan("SALE-3")
        await clerk.at("sale: enter", "failure: enter", "home")
        assert sorted(credits(clerk)) == [2_000, 6_000, 10_000]
        verify_store(ledger)

    tell(story, Setting(language=language))


@pytest.mark.parametrize("language", Language)
def test_a_till_that_masks_our_number_or_misreads_it_asks_a_supervisor(language: Language) -> None:
    """It is no other scheme's: the supervisor reads that it may be ours, and explain why."""
    asked = "可能是本店的" if language is Language.ZH_CN else "may be ours"

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        ours = await issued(clerk, "SALE-1", 10_000)
        assert asked not in text(clerk)
        for place, told in enumerate((f"{'*' * 9}{ours.number[-4:]}", ours.number[:-1]), 2):
            await paid(clerk, f"SALE-{place}", 8_000, told)
            clerk.scan(f"SALE-{place}")
            await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
            await clerk.wait("supervisor.number")
            assert asked in text(clerk)
            await clerk.home()
        await paid(clerk, "SALE-9", 8_000, "2900018")
        clerk.scan("SALE-9")
        await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
        await clerk.wait("supervisor.number")
        assert asked not in text(clerk), "another scheme's"

    tell(story, Setting(language=language))


@logged_in()
async def test_two_sales_of_one_ticket_that_one_voucher_paid(clerk: SimClerk) -> None:
    """Redeemed for one of them: the plan says so of the other, beside what was never in doubt. The
    witness holds it against the log."""
    ours = await issued(clerk, "SALE-1", 5_000)
    assert await redeem(clerk, ours.number, 5_000, "till-2/1") == (5_000, 0)
    await paid(clerk, "SALE-2", 5_000, ours.number)
    await paid(clerk, "SALE-3", 5_000, ours.number, {"kind": "cash", "amount": 300})
    await begin_ticket(clerk, "SALE-2")
    clerk.scan("SALE-3")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
    await clerk.wait("ticket.plan")
    await clerk.wait_text("53.00")
    assert "was not redeemed: 0.00 may go back" in text(clerk)
    clerk.press("enter")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "refund.confirm: enter")
    await clerk.at("cash.hand_over: enter", "result: enter", "home")
    assert credits(clerk) == [5_000, 5_000]
    doubt = [CaseKind.VOUCHER_NOT_REDEEMED]
    assert cases(clerk, "SALE-3") == doubt, "by the plan already"
    clerk.scan("SALE-3")
    await clerk.at("sale: enter", "failure: enter", "home")
    assert cases(clerk, "SALE-3") == doubt, "and once"
    assert clerk.site.parts.drawer == 1
    verify_store(clerk.site.ledger)
    with clerk.site.ledger.writer.db as db:
        db.execute("UPDATE vouchers SET redeemed = 4999, state = 'open' WHERE refund_id = 1")
    with pytest.raises(Failure, match=r"ledger\.tampered"):
        verify_store(clerk.site.ledger)


@logged_in(shop(way("manual", "account_closed", paid="voucher", evidence=False)))
async def test_what_is_on_its_way_by_a_form_went_back_of_the_voucher(clerk: SimClerk) -> None:
    """Two sales say that it paid them; one of them was redeemed."""
    ours = (await issued(clerk, "FIRST", 3_000)).number
    assert await redeem(clerk, ours, 3_000, "R-1") == (3_000, 0)
    for receipt in ("A", "B"):
        await paid(clerk, receipt, 3_000, ours)
    clerk.scan("A")
    await clerk.at("sale: menu", "sale.more: 3", "exception: 1", "refund.amount: enter")
    await clerk.at("evidence.kind: menu", "refund.reason: 1")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    assert clerk.site.sale("A").tender(1).held == 3_000
    clerk.scan("B")
    await clerk.wait("sale")
    assert "0.00 may go back" in text(clerk)
    verify_store(clerk.site.ledger)


@logged_in()
async def test_its_other_payment_goes_back_all_the_same(clerk: SimClerk) -> None:
    """A sale paid by a voucher that was not redeemed, and in cash."""
    ours = await issued(clerk, "SALE-1", 5_000)
    await paid(clerk, "SALE-2", 5_000, ours.number, {"kind": "cash", "amount": 700})
    clerk.scan("SALE-2")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    (last,) = clerk.site.ledger.refunds.recent(1)
    assert (last.kind, last.done) == (Kind.CASH, 700)
    assert credits(clerk) == [5_000]
    clerk.scan("SALE-2")
    await clerk.at("sale: enter", "failure")
    assert "was not redeemed" in text(clerk)


@logged_in()
async def test_a_chain_of_sales_and_vouchers_brings_back_what_was_paid(clerk: SimClerk) -> None:
    """V1 pays, goes back as V2, which pays and goes back as V3: each ends with what it paid."""
    ledger = clerk.site.ledger
    last, numbers = await issued(clerk, "SALE-0", 9_000), []
    for turn in range(1, 4):
        numbers.append(last.number)
        assert await redeem(clerk, last.number, 9_000, f"till-2/{turn}") == (9_000, 0)
        last = await issued(clerk, f"SALE-{turn}", 9_000, last.number)
        assert (last.paid_by, last.paid_by_refund) == (mask(numbers[-1]), turn)
    assert sum(one.left for one in map(ledger.vouchers.by_number, [*numbers, last.number]) if one) \
        == 9_000  # fmt: skip
    for number in numbers:
        assert await redeem(clerk, number, 1, f"again/{number}") == "voucher.spent"
        clerk.scan(number)
        await clerk.at("voucher.closed: enter", "home")
    verify_store(ledger)


@logged_in()
async def test_tills_that_err_take_nothing_and_are_told_why(clerk: SimClerk) -> None:
    """At once, twice, too much, another terminal's, misread, cancelled, replaced: and the ledger
    has what was taken, once."""
    ledger, ours = clerk.site.ledger, await issued(clerk, "SALE-1", 10_000)
    home = clerk.site.terminal.config.terminal
    # two tills at one moment, each of which wants all of it: one gets it
    both = [
        await redeem(clerk, ours.number, amount, name)
        for amount, name in ((7_000, "till-1/1"), (7_000, "till-2/1"))
    ]
    assert both == [(7_000, 3_000), "voucher.too_much"]
    # an answer that was lost is asked for again; under the same id nothing else is taken
    assert await redeem(clerk, ours.number, 7_000, "till-1/1") == (7_000, 3_000)
    assert await redeem(clerk, ours.number, 3_000, "till-1/1") == "voucher.reused"
    assert await redeem(clerk, ours.number, 0, "till-1/2") == "voucher.zero"
    currency = {"currency": "840", "number": ours.number, "amount": 1, "request": "till-1/3"}
    assert await till(clerk, "redeem", **currency) == "voucher.other_currency"
    # at another terminal, by another merchant, and with one digit misread
    elsewhere = draw_number(home.merchant_id, "00000000")
    foreign = draw_number("000000000000000", home.terminal_id)
    wrong = next(
        number
        for digit in "0123456789"
        if digit != ours.number[-1] and not mod10_ok(number := ours.number[:-1] + digit)
    )
    for number, cause in (
        (elsewhere, "voucher.elsewhere"), (foreign, "voucher.foreign"), (wrong, "voucher.misread"),
    ):  # fmt: skip
        assert await redeem(clerk, number, 1, "till-1/4") == cause
        assert await till(clerk, "voucher", number=number) == cause
    # printed anew: the old paper is dead at tills and at the keypad, the new one has the rest
    await clerk.site.until(
        lambda: not ledger.slips.in_state(JobState.READY, JobState.SENDING), 60, "slips"
    )
    new = await ledger.replace_voucher(ours.number, "101", "201", lambda *_: ())
    assert await redeem(clerk, ours.number, 1, "till-1/5") == "voucher.replaced"
    # but the answer to what was taken of it before is still the same
    assert await redeem(clerk, ours.number, 7_000, "till-1/1") == (7_000, 3_000)
    assert await redeem(clerk, new.number, 1_000, "till-1/6") == (1_000, 2_000)
    await ledger.vouchers.cancel(new.number, "101", "201")
    assert await redeem(clerk, new.number, 1, "till-1/7") == "voucher.cancelled"
    taken = ledger.db.execute("SELECT sum(amount), count(*) FROM redemptions").fetchone()
    assert tuple(taken) == (8_000, 2)
    verify_store(ledger)


@logged_in()
async def test_what_one_voucher_paid_of_a_ticket_left_to_do_goes_back_together_once(
    clerk: SimClerk,
) -> None:
    """Two sales wait, and meanwhile a third that says the same of the voucher was given back: each
    of the two would fit alone."""
    ours = await issued(clerk, "SALE-1", 5_000)
    assert await redeem(clerk, ours.number, 5_000, "till-2/1") == (5_000, 0)
    for receipt, amount in (("SALE-2", 3_000), ("SALE-3", 2_000), ("SALE-4", 2_000)):
        await paid(clerk, receipt, amount, ours.number)
    await begin_ticket(clerk, "SALE-2")
    clerk.scan("SALE-3")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
    await clerk.wait("ticket.plan")
    await clerk.wait_text("50.00")
    clerk.press("enter")
    await clerk.approve()
    await clerk.at("refund.confirm: cancel")
    await clerk.wait_text("SALE-3")
    await clerk.at(": cancel", "ticket.left: enter", "home")
    assert (await given(clerk, "SALE-4")).done == 2_000
    await clerk.at(": menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: enter")
    await clerk.at("refund.confirm: enter", "result: enter")
    await clerk.wait("refund.confirm")
    clerk.press("enter")
    assert await clerk.wait("ticket.failed", "result") == "ticket.failed"
    assert "was not redeemed: 0.00 may go back" in text(clerk)
    await clerk.at(": enter", "ticket.left: enter", "home")
    assert sorted(credits(clerk)) == [2_000, 3_000, 5_000]
    verify_store(clerk.site.ledger)
