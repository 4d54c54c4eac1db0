"""What was paid by store credit or in points goes back as such, whatever became of it (R37)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, explained, logged_in, sell, tell

from pos_terminal.core.print_job import JobState
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.voucher import Voucher, VoucherState, mask
from pos_terminal.core.words import Failure
from pos_terminal.ports import Taking
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

OPEN_JOBS = (JobState.READY, JobState.SENDING, JobState.UNKNOWN)


def text(clerk: SimClerk) -> str:
    return " ".join(clerk.text.split())


async def back(clerk: SimClerk, receipt: str, amount: int | None = None) -> Refund:
    """All that remains of the sale, or so much, from home to home, with a supervisor."""
    clerk.scan(receipt)
    typed = [] if amount is None else list(str(amount))
    await clerk.at("sale: enter", "refund.amount: " + " ".join([*typed, "enter"]))
    await clerk.at("refund.reason: 1")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("result: enter", "home")
    (refund,) = clerk.site.ledger.refunds.recent(1)
    return refund


async def issued(clerk: SimClerk, receipt: str, amount: int, number: str = "") -> Voucher:
    """A sale paid by store credit, given back: its new voucher."""
    paid = {"kind": "voucher", "amount": amount, **({"voucher_no": number} if number else {})}
    await sell(clerk, receipt, paid, **CASH)
    refund = await back(clerk, receipt)
    assert (refund.kind, refund.state, refund.done) == (Kind.CREDIT, State.ISSUED, amount)
    voucher = clerk.site.ledger.vouchers.of_refund(refund.refund_id)
    assert voucher is not None
    return voucher


def is_sound(clerk: SimClerk) -> bool:
    """Whether the ledger is as its log says."""
    try:
        verify_store(clerk.site.ledger)
    except Failure:
        return False
    return True


async def printed(clerk: SimClerk) -> list[str]:
    await clerk.site.until(lambda: not clerk.site.ledger.slips.in_state(*OPEN_JOBS), 60, "slips")
    return clerk.papers


@pytest.mark.parametrize("language", Language)
def test_a_voucher_paid_and_a_new_one_goes_back_that_knows_it(language: Language) -> None:
    zh = language is Language.ZH_CN

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        first = await issued(clerk, "SALE-1", 10_000, "2900017")
        assert (first.paid_by, first.paid_by_refund) == ("*****17", None)
        # our own pays at the till, which redeems it, and comes back in parts
        redeem = clerk.site.ledger.vouchers.redeem
        await redeem(Taking(first.number, 8_000, request="till-2/1"))
        paid = {"kind": "voucher", "amount": 8_000, "voucher_no": first.number}
        await sell(clerk, "SALE-2", paid, **CASH)
        clerk.scan("SALE-2")
        await clerk.at("sale: enter", "refund.amount")
        said = "原交易为储值券,退新储值券" if zh else "Paid by voucher: a new voucher"
        assert said in text(clerk)
        await clerk.at(": cancel", "sale: cancel", "home")
        papers = len(await printed(clerk))
        part = await back(clerk, "SALE-2", 3_000)
        second = clerk.site.ledger.vouchers.of_refund(part.refund_id)
        assert second is not None
        assert (second.paid_by, second.paid_by_refund) == (mask(first.number), first.refund_id)
        assert (second.amount, second.left) == (3_000, 3_000)
        label = "原付款券号" if zh else "Paid by voucher"
        for paper in (await printed(clerk))[papers:]:
            assert label in paper
            assert mask(first.number) in paper
            assert first.number not in paper
        # what had paid is worth what the till left on it, and nothing more by this
        old = clerk.site.ledger.vouchers.by_number(first.number)
        assert old is not None
        assert old.left == 2_000
        clerk.scan(second.number)
        await clerk.wait("voucher")
        assert mask(first.number) in text(clerk)
        await clerk.home()
        rest = await back(clerk, "SALE-2")
        assert rest.done == 5_000
        assert clerk.site.parts.drawer == 0
        clerk.scan("SALE-2")
        await clerk.wait_text("已全额退款" if zh else "nothing is left")
        verify_store(clerk.site.ledger)

    tell(story, Setting(language=language))


@logged_in()
async def test_what_became_of_the_voucher_that_paid_is_no_matter(clerk: SimClerk) -> None:
    """Replaced for a lost paper or cancelled: what it had paid before goes back all the same."""
    ledger = clerk.site.ledger
    replaced = await issued(clerk, "SALE-1", 9_000)
    cancelled = await issued(clerk, "SALE-2", 9_000)
    await printed(clerk)
    for number in (replaced.number, cancelled.number):
        await ledger.vouchers.redeem(Taking(number, 4_000, request=f"till-2/{number}"))
    newer = await ledger.replace_voucher(replaced.number, "101", "201", lambda *_: ())
    await ledger.vouchers.cancel(cancelled.number, "101", "201")
    for receipt, paid_by in (("SALE-3", replaced), ("SALE-4", cancelled)):
        voucher = await issued(clerk, receipt, 4_000, paid_by.number)
        assert (voucher.paid_by_refund, voucher.left) == (paid_by.refund_id, 4_000)
    # the ones that had paid stay as they were
    assert [ledger.vouchers.by_number(one.number).state for one in (replaced, cancelled)] == [  # type: ignore[union-attr]
        VoucherState.REPLACED, VoucherState.CANCELLED,
    ]  # fmt: skip
    assert newer.left == 5_000
    # a voucher's number is no receipt of the sale that it paid
    clerk.scan(replaced.number)
    await clerk.wait("voucher.closed")
    await clerk.home()
    verify_store(ledger)
    # whoever changes where one came from is seen
    with ledger.writer.db as db:
        db.execute("UPDATE voucher_origins SET paid_by_refund = 1 WHERE refund_id = 4")
    assert not is_sound(clerk)


@pytest.mark.parametrize("language", Language)
def test_points_go_back_as_a_movement_that_the_till_can_fetch(
    language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    zh = language is Language.ZH_CN

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        ledger = clerk.site.ledger
        await sell(clerk, "SALE-1", {"kind": "points", "amount": 6_000}, **CASH)
        clerk.scan("SALE-1")
        await clerk.at("sale: enter", "refund.amount")
        assert ("原交易为积分,退积分" if zh else "Paid in points: points back") in text(clerk)
        await clerk.home()
        refunds = [await back(clerk, "SALE-1", 1_000), await back(clerk, "SALE-1")]
        assert [(one.kind, one.state, one.done) for one in refunds] == [
            (Kind.POINTS, State.BOOKED, 1_000), (Kind.POINTS, State.BOOKED, 5_000),
        ]  # fmt: skip
        first, second = ledger.stock.after(0, 10)
        assert (first.refund_id, first.amount) == (refunds[0].refund_id, 1_000)
        assert (second.sale_id, second.leg, second.amount) == ("SALE-1", 1, 5_000)
        assert ledger.stock.after(first.n, 10) == [second]
        told = explained(clerk, refunds[1].application, language, capsys)
        assert ("积分变动 2: 50.00" if zh else "points, movement 2: 50.00") in told
        papers = await printed(clerk)
        assert len(papers) == 4
        title = "积分退款凭证" if zh else "POINTS REFUND"
        assert all(title in paper for paper in papers)
        assert clerk.site.parts.drawer == 0
        # the slip's code leads back to the sale
        job = ledger.slips.of_refund(second.refund_id)[1]
        clerk.scan(job.slip.head.barcode)
        await clerk.wait("sale")
        await clerk.home()
        verify_store(clerk.site.ledger)
        for amount, seen in ((4_999, False), (5_000, True)):
            with ledger.writer.db as db:
                db.execute("UPDATE stock_movements SET amount = ? WHERE n = 2", (amount,))
            assert is_sound(clerk) is seen
        with ledger.writer.db as db:
            db.execute("DELETE FROM stock_movements WHERE n = 2")
        assert not is_sound(clerk)

    tell(story, Setting(language=language))


@logged_in()
async def test_voucher_points_and_cash_of_one_sale_go_back_in_one_ticket(clerk: SimClerk) -> None:
    """One approval; a new voucher, the movement, then the drawer, once."""
    paid = [
        {"kind": "cash", "amount": 700},
        {"kind": "points", "amount": 500},
        {"kind": "voucher", "amount": 1_000, "voucher_no": "2900017"},
    ]
    await sell(clerk, "SALE-1", *paid, **CASH)
    clerk.scan("SALE-1")
    await clerk.at("sale: enter", "refund.leg: 3", "refund.amount: enter", "refund.reason: 1")
    await clerk.wait("ticket.plan")
    assert "Voucher" in text(clerk)
    assert "Points" in text(clerk)
    clerk.press("enter")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "refund.confirm: enter")
    await clerk.at("result: enter", "refund.confirm: enter", "cash.hand_over: enter")
    await clerk.at("result: enter", "home")
    done = {one.kind: one.done for one in clerk.site.ledger.refunds.recent(9)}
    assert done == {Kind.CREDIT: 1_000, Kind.POINTS: 500, Kind.CASH: 700}
    assert clerk.site.parts.drawer == 1
    tickets = {clerk.site.application(number).ticket for number in (1, 2, 3)}
    assert tickets == {1}
    assert is_sound(clerk)


@logged_in(Setting(language=Language.EN, policy={"supervisor": "by-rule"}))
async def test_a_gift_goes_to_its_holder_and_nobody_is_asked(clerk: SimClerk) -> None:
    """Whatever paid most of it; the buyer's own receipt leads back to the buyer's card."""
    card = {"kind": "card", "masked": "476173******0010", "amount": 2_000, "batch": "1"}
    paid = [card | {"trace": "917", "rrn": "632413000917"}, {"kind": "cash", "amount": 4_900}]
    goods = [{"sku": "S", "name": "Scarf", "quantity": "1", "unit_price": 3_900},
             {"sku": "T", "name": "Tea", "quantity": "1", "unit_price": 3_000}]  # fmt: skip
    await sell(clerk, "SALE-1", *paid, lines=goods, gift_receipt_no="G-1", **CASH)
    clerk.scan("G-1")
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount")
    assert "Gift receipt: store credit" in text(clerk)
    await clerk.at(": enter", "refund.reason: 4", "refund.confirm: enter", "result: enter", "home")
    (refund,) = clerk.site.ledger.refunds.recent(1)
    assert (refund.kind, refund.leg, refund.done) == (Kind.CREDIT, 2, 3_900)
    for paper in await printed(clerk):
        assert "Gift receipt: store credit" in paper
        assert "G-1" in paper
        for buyers in ("0010", "SALE-1", "49.00", "20.00", "000917"):
            assert buyers not in paper
    assert is_sound(clerk)
