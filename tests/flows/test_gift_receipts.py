"""A receipt without prices finds its sale, and tells who holds it no more than it must."""

from __future__ import annotations

import asyncio
import re

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import (
    CASH,
    at_the_counter,
    begin_ticket,
    explained,
    in_each_language,
    logged_in,
    sell,
)
from worlds.other_tenders import shop, way

from pos_terminal.core.case import CaseKind
from pos_terminal.core.print_job import JobState
from pos_terminal.core.receipt_code import encode
from pos_terminal.core.refund import Kind
from pos_terminal.ports import Taking
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language
from pos_terminal.wire.receipt.kinds.credit import StoreCredit
from pos_terminal.wire.receipt.pair import Pair

SCARF = {"sku": "SCARF", "name": "Scarf", "quantity": "1", "unit_price": 5_900}
WATCH = {"sku": "WATCH", "name": "Watch", "quantity": "1", "unit_price": 19_900}
MASKED = "476173******0010"
PRICE = re.compile(r"\d\.\d\d")


async def bought(clerk: SimClerk, name: str, *lines: dict[str, object], **changes: object) -> None:
    """By a card in parts, and in cash."""
    paid = {"batch": "1", "trace": f"{900 + len(name)}", "rrn": f"6324130{len(name):05d}"}
    card = {"kind": "card", "masked": MASKED, "amount": 20_000, **paid}
    rest = {"kind": "cash", "amount": sum(int(str(one["unit_price"])) for one in lines) - 20_000}
    tenders = [card, rest] if lines == (SCARF, WATCH) else [{"kind": "cash", "amount": 5_900}]
    record = {"gift_receipt_no": "G-77", **CASH, **changes}
    await sell(clerk, name, *tenders, lines=lines, **record)


@pytest.mark.parametrize("language", Language)
@in_each_language(policy={"supervisor": "by-rule"})
async def test_from_the_gift_receipt_to_its_goods(
    clerk: SimClerk, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    await clerk.log_in()
    await bought(clerk, "SALE-1", SCARF, WATCH)
    clerk.scan("G-77")
    await clerk.wait("sale")
    assert ("礼品小票" if language is Language.ZH_CN else "Gift receipt") in clerk.text
    assert "Scarf ×1" in clerk.text
    assert "Watch ×1" in clerk.text
    for told in (MASKED, MASKED[-4:], "SALE-1", "258", "200", "58.00"):
        assert told not in clerk.text
    assert not PRICE.search(clerk.text)
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines")
    assert not PRICE.search(clerk.text.replace("¥0.00", ""))
    await clerk.at("refund.lines: menu", "gift.way: 1", "refund.lines: 1")
    await clerk.at("refund.quantity: enter", "refund.lines")
    assert "59.00" in clerk.text
    assert "199.00" not in clerk.text
    await clerk.go("menu", to="refund.amount")
    assert [one for one in re.findall(r"¥([\d.]+)", clerk.text) if one != "59.00"] == []
    assert MASKED not in clerk.text
    await clerk.at("refund.amount: enter", "refund.reason: 4")
    # to who holds it nobody must be asked: it is store credit, which has nothing of the buyer
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    (refund,) = clerk.site.ledger.refunds.recent(1)
    assert (refund.kind, refund.done) == (Kind.CREDIT, 5_900)
    slips = [job.slip for job in clerk.site.ledger.slips.of_refund(refund.refund_id)]
    assert len(slips) == 2
    for slip in slips:
        assert isinstance(slip.body, StoreCredit)
        assert slip.body.cause == Pair("礼品小票,发储值券", "Gift receipt: store credit")
        assert (slip.body.original.receipt, slip.body.original.amount) == ("G-77", 0)
        assert (slip.body.original.trace, slip.body.original.rrn) == ("", "")
    said = clerk.site.ledger.applications.decisions(refund.application)
    assert [dict(one.figures) for one in said if one.rule == "gift"] == [{"by_gift": 1}]
    told = explained(clerk, refund.application, language, capsys)
    zh = language is Language.ZH_CN
    assert ("礼品小票: 允许" if zh else "Gift receipt: allowed") in told
    # back to who paid: a supervisor, whom no rule of the shop asks for otherwise
    clerk.scan("G-77")
    await clerk.at("sale: enter", "gift.way: 2", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
    await clerk.wait("supervisor.number")
    assert ("退给付款人" if zh else "back to who paid") in " ".join(clerk.text.split())
    await clerk.home()
    (last,) = clerk.site.ledger.refunds.recent(1)
    assert last == refund


@logged_in()
async def test_of_two_sales_with_one_number_one_is_chosen_by_day_and_goods(
    clerk: SimClerk,
) -> None:
    await bought(clerk, "SALE-1", SCARF, sold_at="2026-11-19T10:00:00+08:00")
    await bought(clerk, "SALE-2", WATCH | {"unit_price": 5_900})
    clerk.scan("G-77")
    await clerk.wait("find.choose")
    assert ">1 2026-11-20 10:00 Watch" in clerk.text
    assert " 2 2026-11-19 10:00 Scarf" in clerk.text
    assert not PRICE.search(clerk.text)
    await clerk.go("2", to="sale")
    assert "Gift receipt" in clerk.text
    assert "Scarf" in clerk.text
    # with the buyer's own receipt it is the buyer's sale
    await clerk.home()
    clerk.scan("SALE-1")
    await clerk.wait("sale")
    assert "59.00" in clerk.text
    assert "Gift receipt" not in clerk.text
    # and by way of the list of what else can be done it is still a gift
    await clerk.home()
    clerk.scan("G-77")
    await clerk.at("find.choose: 1", "sale: menu", "sale.more")
    assert not PRICE.search(clerk.text)
    await clerk.go("cancel", to="sale")
    assert "Gift receipt" in clerk.text
    # one that is not confirmed says so, and nothing of the buyer's
    await clerk.home()
    cash = {"kind": "cash", "amount": 700}
    await sell(clerk, "OPEN-1", cash, state="unconfirmed", gift_receipt_no="G-8", **CASH)
    clerk.scan("G-8")
    await clerk.wait("failure")
    assert not PRICE.search(clerk.text)


@logged_in(Setting(language=Language.EN, policy={"supervisor": "by-rule"}))
async def test_what_the_acquirer_could_not_be_asked_by_holds_back_no_store_credit(
    clerk: SimClerk,
) -> None:
    """The till told nothing of the payment: who paid gets nothing back by it, which is not said."""
    card = {"kind": "card", "masked": "************0010", "amount": 5_900, "scheme": ""}
    await sell(clerk, "SALE-1", card, lines=[SCARF], gift_receipt_no="G-77", **CASH)
    clerk.scan("G-77")
    await clerk.at("sale: enter", "gift.way: 2", "failure")
    assert "Not by the gift receipt" in clerk.text
    assert "reference" not in clerk.text
    await clerk.at(": enter", "home")
    clerk.scan("G-77")
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    (refund,) = clerk.site.ledger.refunds.recent(1)
    assert (refund.kind, refund.done) == (Kind.CREDIT, 5_900)
    verify_store(clerk.site.ledger)


@logged_in(Setting(language=Language.EN, policy={"supervisor": "by-rule"}))
async def test_a_payment_whose_card_is_stolen_is_no_gift_either(clerk: SimClerk) -> None:
    """What else paid is; that there is more, and why it stays, is not told."""
    await bought(clerk, "SALE-1", SCARF, WATCH)
    clerk.scan("SALE-1")
    await clerk.at("sale: enter", "refund.amount: 100 enter", "refund.reason: 1")
    clerk.site.acquirer.set_mode("code:43", 1)
    assert await clerk.show_card("visa") == "supervisor.number"  # ten of its digits are known
    await clerk.approve()
    await clerk.at("result: enter", "home")
    clerk.scan("G-77")
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: 2", "refund.quantity: enter", "refund.lines: menu")
    await clerk.wait("refund.amount")
    assert "¥58.00" in clerk.text, "nothing of the other payment"
    assert "card" not in clerk.text
    await clerk.at(": enter", "refund.reason: 4", "refund.confirm: enter", "result: enter", "home")
    done = [(one.kind, one.leg, one.done) for one in clerk.site.ledger.refunds.recent(1)]
    assert done == [(Kind.CREDIT, 2, 5_800)]
    verify_store(clerk.site.ledger)


BUYERS = (MASKED, MASKED[-4:], "SALE-1", "258.00")
"""What who holds the gift receipt is told nothing of."""


@pytest.mark.parametrize("language", Language)
@in_each_language(policy={"supervisor": "by-rule"})
async def test_a_gift_of_several_payments_is_one_visit(clerk: SimClerk, language: Language) -> None:
    """A voucher for each payment that it takes, most first; nobody is asked."""
    zh = language is Language.ZH_CN
    await clerk.log_in()
    ledger = clerk.site.ledger
    await bought(clerk, "SALE-1", SCARF, WATCH)
    clerk.scan("G-77")
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: 2", "refund.quantity: enter", "refund.lines: menu")
    await clerk.wait("refund.amount")
    assert ("礼品小票" if zh else "Gift receipt: store credit") in clerk.text
    await clerk.at(": enter", "refund.reason: 4", "ticket.plan")
    # the plan names what each leg becomes and how much; nothing can be moved to the buyer's card
    for amount in ("200.00", "58.00"):
        assert amount in clerk.text
    assert clerk.text.count("储值券(礼品)" if zh else "Gift: store credit") == 2
    assert not any(told in clerk.text for told in (MASKED[-4:], "SALE-1"))
    await clerk.at(": 1", "ticket.plan: enter")
    for _ in range(2):
        await clerk.wait("refund.confirm")
        assert "SALE-1" not in clerk.text
        await clerk.at(": enter", "result: enter")
    await clerk.wait("home")
    refunds = ledger.refunds.recent(9)
    assert [(one.kind, one.done, one.leg) for one in refunds] == [
        (Kind.CREDIT, 5_800, 2), (Kind.CREDIT, 20_000, 1),
    ]  # fmt: skip
    assert {clerk.site.application(one.application).ticket for one in refunds} == {1}
    left = [ledger.vouchers.of_refund(one.refund_id).left for one in refunds]  # type: ignore[union-attr]
    assert left == [5_800, 20_000]
    await slips_out(clerk)
    assert len(clerk.papers) == 4
    for paper in clerk.papers:
        assert "G-77" in paper
        assert not any(told in paper for told in BUYERS)
    verify_store(ledger)
    clerk.scan("G-77")
    await clerk.wait("sale")
    assert clerk.site.parts.drawer == 0


@logged_in()
async def test_the_supervisor_of_a_gift_sees_what_happens_and_on_what_it_counts(
    clerk: SimClerk,
) -> None:
    """Not the buyer's card, as if it went there. Of one leg, and of a plan."""
    await bought(clerk, "SALE-1", SCARF, WATCH)
    clerk.scan("G-77")
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
    await clerk.wait("supervisor.number")
    shown = clerk.text
    assert re.search(r"Gift: store credit +G-77", shown)
    assert re.search(r"Counted on this payment:\n *476173\*+0010", shown)
    assert "59.00" in shown
    assert "SALE-1" not in shown
    await clerk.home()
    clerk.scan("G-77")
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: 2", "refund.quantity: enter", "refund.lines: menu")
    await clerk.at("refund.amount: enter", "refund.reason: 4", "ticket.plan: enter")
    await clerk.wait("supervisor.number")
    seen = " ".join(clerk.text.split())
    assert "Gift: store credit ¥200.00 Counted on this payment: 476173******0010" in seen
    assert "Gift: store credit ¥58.00 Counted on this payment: Cash" in seen
    await clerk.approve()
    # the first is given; the second is left to do, which tells no more than the receipt did
    await clerk.at("refund.confirm: enter", "result: enter", "refund.confirm: cancel")
    await clerk.wait("ticket.left")
    assert re.search(r"Gift: store credit +¥58.00", clerk.text)
    await clerk.go("enter", to="home")
    await slips_out(clerk)
    for paper in clerk.papers:
        assert not any(told in paper for told in (*BUYERS, "Cash"))
    # from the menu, or by the code of that slip, it is still a gift: no drawer, no card
    await clerk.at(": menu", "menu: 3 6", "ticket.todo: 1", "ticket.left")
    assert "Cash" not in clerk.text
    await clerk.at(": enter", "refund.confirm: enter", "result: enter", "home")
    kinds = [(one.kind, one.done) for one in clerk.site.ledger.refunds.recent(9)]
    assert kinds == [(Kind.CREDIT, 5_800), (Kind.CREDIT, 20_000)]
    assert clerk.site.parts.drawer == 0
    verify_store(clerk.site.ledger)


@logged_in(Setting(language=Language.EN, policy={"supervisor": "by-rule"}))
async def test_a_gift_leads_to_the_buyers_card_by_no_way_round(clerk: SimClerk) -> None:
    """Its slips, several receipts in one visit, a refusal, a search after it, a reprint: each time
    store credit, or a supervisor who says otherwise."""
    await bought(clerk, "SALE-1", SCARF, WATCH)
    await bought(clerk, "SALE-2", WATCH | {"unit_price": 5_900}, gift_receipt_no="")
    home = clerk.site.terminal.config.terminal
    clerk.scan("G-77")
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
    await clerk.at("refund.confirm: enter", "result")
    # the merchant's copy has a code: scanned right here, it leads to the gift, not to the buyer's
    clerk.scan(encode(Kind.CREDIT, home.merchant_id, home.terminal_id, 1))
    await clerk.wait("sale")
    assert "Gift receipt" in clerk.text
    assert MASKED not in clerk.text
    await clerk.at(": enter", "gift.way: cancel", "sale: cancel", "home")
    # a reprint of its slips is as they were
    await slips_out(clerk)
    clerk.press("menu")
    await clerk.at("menu: 2 1", "reprint.refund")
    clerk.scan(encode(Kind.CREDIT, home.merchant_id, home.terminal_id, 1))
    await clerk.at("reprint.slip: 1", "reprint.done: enter", "home")
    await slips_out(clerk)
    assert not any(told in clerk.papers[-1] for told in BUYERS)
    # beside another sale, in one plan: the buyer's card is asked for by nobody
    await begin_ticket(clerk, "SALE-2")
    clerk.scan("G-77")
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
    await clerk.at("ticket.plan")
    await clerk.wait_text("Gift: store credit")
    assert "G-77" in clerk.text
    assert MASKED[-4:] not in clerk.text
    # 141.00 of the card's leg and 58.00 of the other one; 59.00 of SALE-2 in notes
    await clerk.at(": enter", "refund.confirm: enter", "result: enter", "refund.confirm: enter")
    await clerk.at("result: enter", "refund.confirm: enter", "cash.hand_over: enter")
    await clerk.at("result: enter", "home")
    done = [(one.kind, one.done) for one in clerk.site.ledger.refunds.recent(3)]
    assert done == [(Kind.CASH, 5_900), (Kind.CREDIT, 5_800), (Kind.CREDIT, 14_100)]
    # nothing is left: who is turned away gets a slip that tells nothing of the buyer either
    clerk.scan("G-77")
    await clerk.at("sale: enter", "failure: menu", "refusal.printed: enter", "home")
    await slips_out(clerk)
    for paper in clerk.papers[-2:]:
        assert "G-77" in paper
        assert not any(told in paper for told in BUYERS)
    verify_store(clerk.site.ledger)


async def to_the_form(clerk: SimClerk, *plan: str) -> None:
    """To who paid, whose card is declined."""
    await clerk.at("sale: enter", "gift.way: 2", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4", *plan)
    await clerk.approve()
    clerk.site.acquirer.set_mode("code:57", 1)
    assert await clerk.show_card("visa", tapped=False) == "result"
    await clerk.wait_text("MENU: manual form")
    clerk.press("menu")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter")
    await clerk.home()
    form = next(one for one in clerk.site.ledger.refunds.recent(9) if one.kind is Kind.MANUAL)
    said = clerk.site.ledger.applications.decisions(form.application)
    assert [one.code for one in said if one.rule == "gift"] == ["gift"]


@logged_in()
async def test_a_form_in_place_of_the_buyers_card_is_of_the_gift_too(clerk: SimClerk) -> None:
    """Its slips lead to no more than the gift receipt does, alone and in a ticket of several."""
    for number, gift in enumerate(("G-1", "G-2"), 1):
        card = {"kind": "card", "masked": MASKED, "amount": 5_900, "scheme": "VISA"}
        card |= {"batch": "1", "trace": f"90{number}", "rrn": f"63241300090{number}"}
        own = {"lines": [SCARF], "gift_receipt_no": gift}
        await sell(clerk, f"CARD-{number}", card, **CASH, **own)
    await sell(clerk, "NOTES", {"kind": "cash", "amount": 500}, **CASH)
    clerk.scan("G-1")
    await to_the_form(clerk)
    await begin_ticket(clerk, "NOTES")
    clerk.scan("G-2")
    await to_the_form(clerk, "ticket.plan: enter")
    verify_store(clerk.site.ledger)


async def slips_out(clerk: SimClerk) -> None:
    waiting = (JobState.READY, JobState.SENDING, JobState.UNKNOWN)
    await clerk.site.until(lambda: not clerk.site.ledger.slips.in_state(*waiting), 60, "slips")


async def one_of_ours(clerk: SimClerk, amount: int) -> str:
    """Store credit of this terminal's, from goods that somebody brought back before."""
    paid = {"kind": "voucher", "amount": amount, "voucher_no": "2900017"}
    await sell(clerk, "BEFORE", paid, **CASH)
    clerk.scan("BEFORE")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    (refund,) = clerk.site.ledger.refunds.recent(1)
    voucher = clerk.site.ledger.vouchers.of_refund(refund.refund_id)
    assert voucher is not None
    return voucher.number


@logged_in(Setting(language=Language.EN, policy={"supervisor": "by-rule"}))
async def test_a_voucher_that_paid_is_named_to_no_holder_of_a_gift(clerk: SimClerk) -> None:
    """Of which too little was redeemed, or nothing: people look at it as ever, and who stands here
    is told that the buyer must come."""
    number = await one_of_ours(clerk, 5_900)
    await clerk.site.ledger.vouchers.redeem(Taking(number, 1_000, request="till-2/1"))
    paid = {"kind": "voucher", "amount": 5_900, "voucher_no": number}
    await sell(clerk, "SALE-1", paid, lines=[SCARF], gift_receipt_no="G-77", **CASH)
    await slips_out(clerk)
    before = len(clerk.papers)

    def told_nothing(text: str) -> None:
        assert "Not by the gift receipt" in text
        assert not re.search(r"\*\*|10\.00|[Vv]oucher|redeemed|SALE-1|49\.00", text)

    clerk.scan("G-77")
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4", "result")
    told_nothing(clerk.text)
    await clerk.at(": enter", "home")
    await slips_out(clerk)
    refused = clerk.papers[before:]
    assert len(refused) == 2
    for paper in refused:
        told_nothing(paper)
    (case,) = clerk.site.ledger.cases.open_ones()
    assert case.kind is CaseKind.VOUCHER_NOT_REDEEMED
    # so much was redeemed, and goes back: the new voucher does not name the buyer's either
    clerk.scan("G-77")
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount: 1 0 0 0 enter", "goods.deduct: 4")
    await clerk.at("refund.reason: 4", "supervisor.number")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    (refund,) = clerk.site.ledger.refunds.recent(1)
    new = clerk.site.ledger.vouchers.of_refund(refund.refund_id)
    assert new is not None
    assert new.paid_by
    await slips_out(clerk)
    assert not any(new.paid_by in paper for paper in clerk.papers[before:])
    clerk.scan(new.number)
    await clerk.wait("voucher")
    assert new.paid_by not in clerk.text
    assert "Paid by" not in clerk.text
    await clerk.home()
    # nothing of it is left to give back: known before anything is asked
    clerk.scan("G-77")
    await clerk.wait("sale")
    told_nothing(clerk.text)
    await clerk.at(": enter", "failure")
    told_nothing(clerk.text)
    verify_store(clerk.site.ledger)


@logged_in(Setting(language=Language.EN, policy={"supervisor": "by-rule"}))
async def test_a_voucher_not_redeemed_is_a_case_by_the_gift_receipt_too(clerk: SimClerk) -> None:
    number = await one_of_ours(clerk, 5_900)
    paid = {"kind": "voucher", "amount": 5_900, "voucher_no": number}
    await sell(clerk, "SALE-1", paid, lines=[SCARF], gift_receipt_no="G-77", **CASH)
    clerk.scan("G-77")
    await clerk.at("sale: enter", "failure: enter", "home")
    assert "Not by the gift receipt" not in clerk.text
    (case,) = clerk.site.ledger.cases.open_ones()
    assert case.kind is CaseKind.VOUCHER_NOT_REDEEMED


@logged_in(shop(way("cash", "gift", evidence=False)))
async def test_in_a_plan_of_several_receipts_no_card_is_named_of_a_gift(clerk: SimClerk) -> None:
    """To who paid, which a supervisor has not said yet; then as the shop lists it for a gift."""
    await bought(clerk, "SALE-1", SCARF, WATCH)
    await sell(clerk, "NOTES", {"kind": "cash", "amount": 500}, **CASH)
    await begin_ticket(clerk, "NOTES")
    clerk.scan("G-77")
    await clerk.at("sale: enter", "gift.way: 2", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason")
    hidden = (*BUYERS, "Card", "200.00", "141.00")
    assert not any(told in clerk.text for told in hidden)
    await clerk.at(": 4", "ticket.plan")
    assert "G-77" in clerk.text
    assert re.search(r"1 Who paid.*59\.00", " ".join(clerk.text.split()))
    assert not any(told in clerk.text for told in hidden)
    await clerk.at(": 1", "ticket.amount")
    assert not any(told in clerk.text for told in hidden)
    await clerk.at(": menu", "exception: 1", "evidence.kind: menu", "ticket.plan")
    assert re.search(r"G-77\n.*Who holds the gift receipt +59\.00", clerk.text)
    assert not any(told in clerk.text for told in hidden)
    await clerk.go("enter", to="supervisor.number")
    assert MASKED in clerk.text, "the supervisor knows on what it is counted"


@at_the_counter()
async def test_neither_line_nor_batch_tells_that_a_card_paid(clerk: SimClerk) -> None:
    batch = clerk.site.ledger.counter.batch()
    card = {"kind": "card", "masked": MASKED, "amount": 5_900, "scheme": "VISA"}
    card |= {"batch": batch, "trace": "901", "rrn": "632413000901"}
    await sell(clerk, "SALE-1", card, lines=[SCARF], gift_receipt_no="G-77", **CASH)
    await asyncio.sleep(8.5 * 3600)
    await clerk.log_in()
    clerk.site.wires.plugged = False
    clerk.site.acquirer.drop_connections()
    clerk.scan("SALE-1")
    await clerk.wait("sale")
    await clerk.wait_text("No line to the acquirer", 120)
    assert "Void until settlement" in clerk.text
    await clerk.home()
    clerk.scan("G-77")
    await clerk.wait("sale")
    assert "Scarf" in clerk.text
    assert not re.search("No line|settlement", clerk.text)


async def both_goods(clerk: SimClerk, *first: str) -> None:
    await clerk.at(*first, "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: 2", "refund.quantity: enter", "refund.lines: menu")
    await clerk.wait("refund.amount")


@logged_in()
async def test_who_paid_for_a_gift_gets_back_by_all_of_their_payments(clerk: SimClerk) -> None:
    """As with the buyer's own receipt, but who stands here is not told by which before a
    supervisor agrees."""
    await bought(clerk, "SALE-1", SCARF, WATCH)
    clerk.scan("G-77")
    await both_goods(clerk, "sale: enter", "gift.way: 2")
    seen = clerk.text
    assert "¥258.00" in seen
    await clerk.go("enter", to="refund.reason")
    seen += clerk.text
    assert not re.search(r"[Cc]ard|[Cc]ash|200\.00|\b58\.00|0010|SALE-1", seen)
    await clerk.go("4", to="supervisor.number")
    shown = " ".join(clerk.text.split())
    assert f"{MASKED} ¥200.00" in shown
    assert "Cash ¥58.00" in shown
    await clerk.approve()
    assert await clerk.show_card("visa", tapped=False) == "result"
    await clerk.at(": enter", "refund.confirm: enter", "cash.hand_over: enter", "result: enter")
    await clerk.home()
    asked = [(one.kind, one.leg, one.amount) for one in clerk.site.ledger.refunds.recent(9)]
    assert asked == [(Kind.CASH, 2, 5_800), (Kind.REFUND, 1, 20_000)]
    verify_store(clerk.site.ledger)


@logged_in()
async def test_beside_another_receipt_a_gift_to_who_paid_is_one_row(clerk: SimClerk) -> None:
    await bought(clerk, "SALE-1", SCARF, WATCH)
    await sell(clerk, "NOTES", {"kind": "cash", "amount": 500}, **CASH)
    await begin_ticket(clerk, "NOTES")
    clerk.scan("G-77")
    await both_goods(clerk, "sale: enter", "gift.way: 2")
    await clerk.at(": enter", "refund.reason: 4", "ticket.plan")
    assert re.search(r"Who paid.*258\.00", " ".join(clerk.text.split()))
    assert not re.search(r"[Cc]ard|200\.00|\b58\.00|0010|SALE-1", clerk.text)
    await clerk.go("enter", to="supervisor.number")
    assert MASKED in clerk.text


BOTH_IN_CASH = shop(
    way("cash", "gift", evidence=False),
    {"paid": "cash", "back": "cash", "exception": "gift", "evidence": False},
)


@logged_in(BOTH_IN_CASH)
async def test_another_way_for_a_gift_is_of_all_payments_that_it_takes(clerk: SimClerk) -> None:
    await bought(clerk, "SALE-1", SCARF, WATCH)
    clerk.scan("G-77")
    await both_goods(clerk, "sale: menu", "sale.more: 3", "exception: 1")
    assert "¥258.00" in clerk.text
    assert not re.search(r"200\.00|\b58\.00", clerk.text)
    await clerk.at(": enter", "evidence.kind: menu", "refund.reason: 4", "supervisor.number")
    assert "58.00" in clerk.text
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    done = [(one.kind, one.done) for one in clerk.site.ledger.refunds.recent(9)]
    assert done == [(Kind.CASH, 5_800), (Kind.CASH, 20_000)]
    assert clerk.site.parts.drawer == 1
    verify_store(clerk.site.ledger)


@pytest.mark.parametrize("language", Language)
@in_each_language(policy={"tenders": [way("cash", "gift", evidence=False)]})
async def test_what_goods_bring_beyond_this_way_is_said(
    clerk: SimClerk, language: Language
) -> None:
    await clerk.log_in()
    await bought(clerk, "SALE-1", SCARF, WATCH)
    clerk.scan("G-77")
    await both_goods(clerk, "sale: menu", "sale.more: 3", "exception: 1")
    said = "此方式不能退 尚欠" if language is Language.ZH_CN else "Not this way: still owed"
    assert re.search(said + r"\s+¥58\.00", clerk.text)


@pytest.mark.parametrize(
    "steps",
    [
        ("sale: enter", "gift.way: 1"),
        ("sale: enter", "gift.way: 2"),
        ("sale: menu", "sale.more: 3"),
    ],
    ids=["store credit", "who paid", "listed"],
)
@logged_in(
    Setting(
        language=Language.EN,
        policy={
            "supervisor": "by-rule",
            "tenders": [
                way("manual", "gift", evidence=False) | {"paid": paid}
                for paid in ("voucher", "cash")
            ],
        },
    )
)
async def test_what_a_rule_refuses_of_one_payment_is_no_silent_loss(
    clerk: SimClerk, steps: tuple[str, ...]
) -> None:
    """Of the voucher that paid only 10.00 was redeemed: its part goes nowhere, and that is said."""
    number = await one_of_ours(clerk, 5_900)
    await clerk.site.ledger.vouchers.redeem(Taking(number, 1_000, request="till-2/1"))
    voucher = {"kind": "voucher", "amount": 5_900, "voucher_no": number}
    cash = {"kind": "cash", "amount": 19_900}
    await sell(clerk, "SALE-1", voucher, cash, lines=[SCARF, WATCH], gift_receipt_no="G-77", **CASH)
    clerk.scan("G-77")
    await clerk.at(*steps)
    if steps[0] == "sale: menu":
        await clerk.at("exception: 1")
    await both_goods(clerk)
    await clerk.go("enter", to=("evidence.kind" if steps[0] == "sale: menu" else "refund.reason"))
    if clerk.prompt == "evidence.kind":
        await clerk.go("menu", to="refund.reason")
    await clerk.at("refund.reason: 4", "ticket.plan")
    assert re.search(r"Not this way: still owed\s+¥59\.00", clerk.text)
    assert re.search(r"Amount\s+¥199\.00", clerk.text)
    assert not re.search(r"\*\*|10\.00|[Vv]oucher that|redeemed|SALE-1|49\.00", clerk.text)
    clerk.press("enter")
    await clerk.wait("refund.confirm", "supervisor.number")
    await clerk.home()
    verify_store(clerk.site.ledger)


@logged_in(Setting(language=Language.EN, policy={"supervisor": "by-rule"}))
async def test_nor_is_it_by_the_buyers_own_receipt(clerk: SimClerk) -> None:
    number = await one_of_ours(clerk, 5_900)
    await clerk.site.ledger.vouchers.redeem(Taking(number, 1_000, request="till-2/1"))
    voucher = {"kind": "voucher", "amount": 5_900, "voucher_no": number}
    await sell(clerk, "SALE-1", voucher, {"kind": "cash", "amount": 19_900}, **CASH)
    clerk.scan("SALE-1")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4", "ticket.plan")
    assert re.search(r"Not this way: still owed\s+¥59\.00", clerk.text)


@pytest.mark.parametrize("redeemed", [0, 1_000])
def test_beside_another_receipt_a_voucher_not_redeemed_is_a_case_too(redeemed: int) -> None:
    """Of the sale that it is said to have paid; the rest of the visit goes on."""

    @logged_in(Setting(language=Language.EN, policy={"supervisor": "by-rule"}))
    async def story(clerk: SimClerk) -> None:
        number = await one_of_ours(clerk, 5_900)
        if redeemed:
            await clerk.site.ledger.vouchers.redeem(Taking(number, redeemed, request="till-2/1"))
        paid = {"kind": "voucher", "amount": 5_900, "voucher_no": number}
        await sell(clerk, "SALE-1", paid, **CASH)
        await sell(clerk, "NOTES", {"kind": "cash", "amount": 500}, **CASH)
        await begin_ticket(clerk, "NOTES")
        clerk.scan("SALE-1")
        if redeemed:
            await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
        else:
            await clerk.at("sale: enter")
        await clerk.at("ticket.failed: enter", "ticket.plan")
        (case,) = clerk.site.ledger.cases.open_ones()
        sale = clerk.site.sale("SALE-1")
        assert (case.kind, case.sale_key) == (CaseKind.VOUCHER_NOT_REDEEMED, sale.key)
        await clerk.home()

    story()


@logged_in(Setting(language=Language.EN, policy={"supervisor": "by-rule"}))
async def test_what_two_receipts_want_of_one_voucher_is_a_case_of_the_one_that_it_fails(
    clerk: SimClerk,
) -> None:
    number = await one_of_ours(clerk, 5_900)
    await clerk.site.ledger.vouchers.redeem(Taking(number, 3_000, request="till-2/1"))
    for name in ("SALE-1", "SALE-2"):
        await sell(clerk, name, {"kind": "voucher", "amount": 2_950, "voucher_no": number}, **CASH)
    await begin_ticket(clerk, "SALE-1")
    clerk.scan("SALE-2")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1", "ticket.plan")
    await clerk.wait_text("0.50 may go back")
    await clerk.at(": enter", "refund.confirm")
    (case,) = clerk.site.ledger.cases.open_ones()
    sale = clerk.site.sale("SALE-2")
    assert (case.kind, case.sale_key) == (CaseKind.VOUCHER_NOT_REDEEMED, sale.key)
    await clerk.home()


CUPS = {"sku": "CUP", "name": "Cup", "quantity": "2", "unit_price": 2_000, "paid": 4_000}
POT = {"sku": "POT", "name": "Pot", "quantity": "1", "unit_price": 1_000, "paid": 1_000}
BARE = {"kind": "card", "masked": "************0010", "amount": 3_000}
"""No refund to it as long as its till has not told the reference."""


async def cups_back(clerk: SimClerk, *steps: str) -> None:
    await clerk.at(*steps, "refund.lines: 1", "refund.quantity: enter", "refund.lines: menu")
    await clerk.at("refund.amount: enter", "refund.reason: 4")


async def pot_as_credit(clerk: SimClerk) -> None:
    """The last goods, by who has the gift receipt; to the reason."""
    clerk.scan("G-77")
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount")


@logged_in()
async def test_what_is_owed_to_who_paid_for_a_gift_goes_to_no_holder_of_it(clerk: SimClerk) -> None:
    cash = {"kind": "cash", "amount": 2_000}
    await sell(clerk, "SALE-1", BARE, cash, lines=[CUPS, POT], gift_receipt_no="G-77", **CASH)
    clerk.scan("G-77")
    await cups_back(clerk, "sale: enter", "gift.way: 2")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    await pot_as_credit(clerk)
    assert re.search(r"Chosen goods\s+¥10\.00", clerk.text), "and not the 20.00 of who paid"
    await clerk.at(": enter", "refund.reason: 4", "supervisor.number")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    sale = clerk.site.ledger.sales.by_id("SALE-1")
    assert sale is not None
    assert (sale.done, sale.owed, sale.owed_to_holder) == (3_000, 2_000, 0)
    verify_store(clerk.site.ledger)


@logged_in(Setting(language=Language.EN, policy={"supervisor": "by-rule"}))
async def test_what_is_owed_to_the_holder_of_a_gift_goes_to_no_buyer(clerk: SimClerk) -> None:
    """Of the voucher that paid a part nothing goes back: it was not redeemed."""
    number = await one_of_ours(clerk, 3_000)
    tenders = [
        {"kind": "voucher", "amount": 3_000, "voucher_no": number},
        {"kind": "cash", "amount": 2_000},
    ]
    await sell(clerk, "SALE-1", *tenders, lines=[CUPS, POT], gift_receipt_no="G-77", **CASH)
    clerk.scan("G-77")
    await cups_back(clerk, "sale: enter", "gift.way: 1")
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    await clerk.site.ledger.vouchers.redeem(Taking(number, 3_000, request="till-2/1"))
    clerk.scan("SALE-1")
    await clerk.at(
        "sale: enter", "refund.amount: menu", "refund.lines: 1", "refund.quantity: enter"
    )
    await clerk.at("refund.lines: menu", "refund.amount")
    assert re.search(r"Chosen goods\s+¥10\.00", clerk.text), "and not the 20.00 of the holder"
    await clerk.home()
    await pot_as_credit(clerk)
    assert re.search(r"Chosen goods\s+¥30\.00", clerk.text)


@logged_in()
async def test_the_other_payments_of_a_ticket_pay_nothing_of_what_it_leaves_owed(
    clerk: SimClerk,
) -> None:
    """They pay for the same goods, and were counted in it."""
    tenders = [BARE, {"kind": "cash", "amount": 1_000}, {"kind": "points", "amount": 1_000}]
    await sell(clerk, "SALE-1", *tenders, lines=[CUPS, POT], **CASH)
    clerk.scan("SALE-1")
    await clerk.at("sale: enter", "refund.amount: menu")
    await cups_back(clerk)
    await clerk.at("ticket.plan: enter")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    sale = clerk.site.ledger.sales.by_id("SALE-1")
    assert sale is not None
    assert (sale.done, sale.owed) == (2_000, 2_000)


@logged_in()
async def test_what_was_left_to_do_of_a_gift_to_who_paid_is_no_store_credit(
    clerk: SimClerk,
) -> None:
    """A supervisor has said that it goes back to who paid: so it does, whoever goes on with it."""
    await bought(clerk, "SALE-1", SCARF, WATCH)
    clerk.scan("G-77")
    await both_goods(clerk, "sale: enter", "gift.way: 2")
    await clerk.at(": enter", "refund.reason: 4", "supervisor.number")
    await clerk.approve()
    await clerk.at("card.present: cancel", "refund.confirm: cancel", "ticket.left: enter", "home")
    await clerk.at(": menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: enter")
    assert await clerk.show_card("visa", tapped=False) == "result"
    await clerk.at(": enter", "refund.confirm: enter", "cash.hand_over: enter", "result: enter")
    await clerk.home()
    asked = [(one.kind, one.leg, one.amount) for one in clerk.site.ledger.refunds.recent(9)]
    assert asked == [(Kind.CASH, 2, 5_800), (Kind.REFUND, 1, 20_000)]
    verify_store(clerk.site.ledger)


CAKE = {"sku": "CAKE", "name": "Cake", "quantity": "1", "unit_price": 1_000, "category": "food"}


NO_FOOD = {"window": {"categories": {"food": {"free_days": 0, "supervisor_days": 0}}}}


@logged_in(Setting(language=Language.EN, rules=NO_FOOD))
async def test_each_payment_of_some_goods_is_judged_by_these_goods(clerk: SimClerk) -> None:
    """Not by what else its sale is of, though the first payment alone names them."""
    paid = {"batch": "1", "trace": "000931", "rrn": "632413000031"}
    card = {"kind": "card", "masked": MASKED, "amount": 20_000, **paid}
    lines, at = [SCARF, WATCH, CAKE], "2026-11-18T10:00:00+08:00"
    cash = {"kind": "cash", "amount": 6_800}
    await sell(clerk, "SALE-1", card, cash, lines=lines, **CASH | {"sold_at": at})
    clerk.scan("SALE-1")
    await both_goods(clerk, "sale: enter", "refund.amount: menu")
    await clerk.at(": enter", "refund.reason: 4", "ticket.plan")
    shown = " ".join(clerk.text.split())
    assert re.search(r"0010 200\.00", shown)
    assert "Cash 58.00" in shown
    assert "owed" not in shown
    await clerk.home()


@logged_in(Setting(language=Language.EN, policy={"supervisor": "by-rule"}, rules=NO_FOOD))
async def test_what_is_left_of_some_goods_is_judged_by_them_once_they_are_back(
    clerk: SimClerk,
) -> None:
    """What the first payment paid of them has brought them back."""
    paid = {"kind": "voucher", "amount": 20_000, "voucher_no": "2900017"}
    lines, at = [SCARF, WATCH, CAKE], "2026-11-18T10:00:00+08:00"
    cash = {"kind": "cash", "amount": 6_800}
    await sell(clerk, "SALE-1", paid, cash, lines=lines, **CASH | {"sold_at": at})
    clerk.scan("SALE-1")
    await both_goods(clerk, "sale: enter", "refund.amount: menu")
    await clerk.at(": enter", "refund.reason: 4", "ticket.plan: enter")
    await clerk.at("refund.confirm: enter", "result: enter", "refund.confirm: cancel")
    await clerk.at("ticket.left: enter", "home")
    await clerk.at(": menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: enter")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    done = [(one.kind, one.done) for one in clerk.site.ledger.refunds.recent(9)]
    assert done == [(Kind.CASH, 5_800), (Kind.CREDIT, 20_000)]
    verify_store(clerk.site.ledger)
