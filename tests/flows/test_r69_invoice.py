"""A sale whose invoice (发票) is out: is it back, or taken back by a red-letter one (R69)?"""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hw_sim.bench.feed import feed_record
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, explained, report, sell, tell

from pos_terminal.core.invoice import Answered, InvoiceBack
from pos_terminal.core.refund import Kind
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

CUP = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900}
OUT = {"invoice": "issued", "invoice_no": "24312000000012345678"}
BY_RULE = Setting(language=Language.EN, policy={"supervisor": "by-rule"})
IN_CASH: Final = {"kind": "cash", "amount": 900}
RED: Final = "24312000000087654321"


async def sold(clerk: SimClerk, *tenders: dict[str, object], **changes: Any) -> None:
    paid = tenders or ({"kind": "cash", "amount": 900},)
    await sell(clerk, "SOLD", *paid, lines=[CUP], **(CASH | changes))
    await clerk.log_in()
    clerk.scan(changes.get("gift_receipt_no", "SOLD"))


async def paid_out(clerk: SimClerk) -> None:
    """Nobody was asked."""
    await clerk.at("refund.reason: 4", "refund.confirm: enter", "cash.hand_over: enter", "result")
    await clerk.home()


def answered(clerk: SimClerk) -> list[InvoiceBack | None]:
    """Of each application of the newest ticket, which the log agrees with."""
    ledger = clerk.site.terminal.ledger
    assert ledger is not None
    verify_store(ledger)
    row = ledger.db.execute("SELECT max(ticket) FROM applications").fetchone()
    return [one.invoice for one in ledger.applications.of_ticket(row[0])]


def slips(clerk: SimClerk) -> tuple[str, str]:
    """The newest refund's: the merchant's and the customer's copy, as one reads them."""
    found = {}
    for row in clerk.site.ledger.db.execute("SELECT slip FROM print_jobs ORDER BY job_id"):
        slip = json.loads(row["slip"])
        found[slip["head"]["copy"]] = json.dumps(slip["body"]["decided"], ensure_ascii=False)
    return found["merchant"], found["customer"]


SAYS: Final = {
    Language.ZH_CN: ("发票已收回", "已开红字发票", "发票未收回,也无红字发票:需主管"),
    Language.EN: ("Invoice returned", "Red-letter invoice", "Invoice neither back nor red-letter"),
}


@pytest.mark.parametrize("language", Language)
def test_returned_is_noted_and_nobody_else_is_asked(
    language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk, **OUT)
        await clerk.at("sale: enter", "refund.amount: enter", "invoice.ask")
        assert OUT["invoice_no"] in clerk.text
        await clerk.at("invoice.ask: 1")
        await paid_out(clerk)
        assert answered(clerk) == [InvoiceBack(Answered.RETURNED)]
        assert SAYS[language][0] in explained(clerk, 1, language, capsys)
        for copy in slips(clerk):
            assert SAYS[language][0] in copy

    tell(story, Setting(language=language, policy={"supervisor": "by-rule"}))


@pytest.mark.parametrize("language", Language)
def test_the_red_letter_invoice_is_typed_or_scanned(
    language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk, **OUT)
        await clerk.at("sale: enter", "refund.amount: enter", "invoice.ask: 2", "invoice.number")
        beeps = clerk.site.terminal.screen.beeps
        clerk.scan(OUT["invoice_no"])
        wrong = "这是原发票号码" if language is Language.ZH_CN else "That is the sale's own invoice"
        await clerk.wait_text(wrong)
        assert clerk.site.terminal.screen.beeps == beeps + 1
        await clerk.at(": cancel", "invoice.ask: 2", "invoice.number")
        clerk.scan(f"01,32,,{RED},9.00,20261130,,A1B2")
        await paid_out(clerk)
        assert answered(clerk) == [InvoiceBack(Answered.RED_LETTER, RED)]
        assert f"{SAYS[language][1]} {RED}" in explained(clerk, 1, language, capsys)
        for copy in slips(clerk):
            assert RED in copy

    tell(story, Setting(language=language, policy={"supervisor": "by-rule"}))


@at_the_counter(BY_RULE)
async def test_a_number_is_typed_and_cancel_goes_back_by_one(clerk: SimClerk) -> None:
    await sold(clerk, **OUT)
    await clerk.at("sale: enter", "refund.amount: enter", "invoice.ask: 2")
    await clerk.at("invoice.number: 1 2 3 4 5 6 7 8 enter", "refund.reason: cancel")
    await clerk.at("invoice.ask: cancel", "refund.amount: enter", "invoice.ask: 2")
    await clerk.at("invoice.number: enter")  # what was typed is still there
    await paid_out(clerk)
    assert answered(clerk) == [InvoiceBack(Answered.RED_LETTER, "12345678")]


GOODS: Final = {
    Language.ZH_CN: ("至少 8 位", "这是商品条码或序列号"),
    Language.EN: ("Too short: at least 8", "That is the goods' own code"),
}


@pytest.mark.parametrize("language", Language)
def test_neither_a_few_digits_nor_what_stands_on_the_goods_is_its_number(
    language: Language,
) -> None:
    async def story(clerk: SimClerk) -> None:
        short, goods = GOODS[language]
        phone = {"sku": "21", "name": "Phone", "quantity": 1, "unit_price": 900}
        codes = {"barcodes": ["6901234500103"], "serials": ["SN12345678"]}
        await sell(clerk, "SOLD", IN_CASH, lines=[phone | codes], **(CASH | OUT))
        await clerk.log_in()
        clerk.scan("SOLD")
        await clerk.at("sale: enter", "refund.amount: 1 0 0 enter", "invoice.ask: 2")
        await clerk.at("invoice.number: 1 enter")
        await clerk.wait_text(short)
        await clerk.at(": clear")
        for code, why in (("1234567", short), ("6901234500103", goods), ("SN12345678", goods)):
            clerk.scan(code)
            await clerk.wait_text(why)
        clerk.scan("12345678")
        await clerk.at("refund.reason: 4")
        await clerk.approve()
        await clerk.pay_out()
        await clerk.at("cash.hand_over: enter", "result")
        await clerk.home()
        assert answered(clerk) == [InvoiceBack(Answered.RED_LETTER, "12345678")]

    tell(story, Setting(language=language, policy={"supervisor": "by-rule"}))


@pytest.mark.parametrize("language", Language)
def test_neither_asks_a_supervisor_who_sees_it(
    language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk, **OUT)
        await clerk.at("sale: enter", "refund.amount: enter", "invoice.ask: 3", "refund.reason: 4")
        await clerk.wait("supervisor.number")
        assert SAYS[language][2] in clerk.text
        await clerk.approve()
        await clerk.pay_out()
        await clerk.at("cash.hand_over: enter", "result")
        await clerk.home()
        assert answered(clerk) == [InvoiceBack(Answered.NEITHER)]
        (approval,) = clerk.site.ledger.applications.approvals(1)
        assert approval.rule == "invoice"
        assert SAYS[language][2] in explained(clerk, 1, language, capsys)

    tell(story, Setting(language=language, policy={"supervisor": "by-rule"}))


@pytest.mark.parametrize("told", [{}, {"invoice": "none"}])
def test_a_sale_without_one_is_not_asked(told: dict[str, str]) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk, **told)
        await clerk.at("sale: enter", "refund.amount: enter", "refund.reason")
        await paid_out(clerk)
        assert answered(clerk) == [None]

    tell(story, BY_RULE)


@at_the_counter(BY_RULE)
async def test_several_legs_are_asked_once_and_a_supervisor_sees_it_once(clerk: SimClerk) -> None:
    points = {"kind": "points", "amount": 400}
    await sold(clerk, {"kind": "cash", "amount": 500}, points, **OUT)
    await clerk.at("sale: enter", "refund.amount: enter", "invoice.ask: 3")
    await clerk.at("refund.reason: 4", "ticket.plan: enter", "supervisor.number")
    assert clerk.text.count("either back nor red-letter") == 1
    await clerk.approve()
    await clerk.wait("cash.hand_over", "cash.pay_out", "refund.confirm", "result", "ticket.next")
    assert answered(clerk) == [InvoiceBack(Answered.NEITHER)] * 2


@at_the_counter(BY_RULE)
async def test_a_void_asks_too_and_a_later_record_tells_of_the_invoice(clerk: SimClerk) -> None:
    today = clerk.site.shop.sale("visa-today")
    record = feed_record(today, lambda _: "", "") | {"invoice": "issued"}
    for tender in record["tenders"]:  # the card is known from the first record
        for name in [one for one in tender if one.startswith("token")]:
            del tender[name]
    await report(clerk, json.dumps(record))
    await clerk.log_in()
    clerk.scan(today.receipt_no)
    await clerk.at("sale: enter", "refund.amount: enter", "invoice.ask: 3", "refund.reason: 4")
    await clerk.wait("supervisor.number")
    assert "Invoice neither back nor red-letter" in clerk.text
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.home()
    (void,) = clerk.site.refunds_of(today.sale_id)
    assert void.kind is Kind.VOID
    assert answered(clerk) == [InvoiceBack(Answered.NEITHER)]


GIFT = {"gift_receipt_no": "G-1"}


@at_the_counter(BY_RULE)
async def test_who_holds_a_gift_is_not_asked_and_the_merchant_reads_of_it(clerk: SimClerk) -> None:
    await sold(clerk, **OUT, **GIFT)
    await clerk.at("sale: enter", "gift.way: 1", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    assert answered(clerk) == [None]
    merchant, customer = clerk.papers[-2:]
    assert "Issued, not asked for" in merchant
    assert "Invoice" not in customer
    (refund,) = clerk.site.ledger.refunds.recent(1)
    assert refund.kind is Kind.CREDIT


@at_the_counter(BY_RULE)
async def test_one_that_is_issued_after_the_sale_is_asked_about_from_then_on(
    clerk: SimClerk,
) -> None:
    await sold(clerk, invoice="none")
    await clerk.at("sale: enter", "refund.amount: 1 0 0 enter", "refund.reason")
    await paid_out(clerk)
    assert answered(clerk) == [None]
    await sell(clerk, "SOLD", {"kind": "cash", "amount": 900}, lines=[CUP], **(CASH | OUT))
    clerk.scan("SOLD")
    await clerk.at("sale: enter", "refund.amount: 2 0 0 enter", "invoice.ask: 1")
    await paid_out(clerk)
    assert answered(clerk) == [InvoiceBack(Answered.RETURNED)]


@at_the_counter(BY_RULE)
async def test_reports_have_the_sales_invoice_and_what_became_of_it(clerk: SimClerk) -> None:
    await sold(clerk, **OUT)
    await clerk.at("sale: enter", "refund.amount: 1 0 0 enter", "invoice.ask: 2")
    clerk.scan(RED)
    await paid_out(clerk)
    clerk.scan("SOLD")
    await clerk.at("sale: enter", "refund.amount: 2 0 0 enter", "invoice.ask: 1")
    await paid_out(clerk)
    ledger = clerk.site.terminal.ledger
    assert ledger is not None
    told = overview(ledger.db)
    assert [one["invoice"] for one in told["applications"]] == [
        {"answer": "red_letter", "number": RED},
        {"answer": "returned", "number": ""},
    ]
    (sale,) = [one for one in told["sales"] if one["sale_id"] == "SOLD"]
    assert {name: sale[name] for name in OUT} == OUT


@pytest.mark.parametrize("language", Language)
def test_who_is_asked_by_a_stricter_rule_sees_the_answer_besides(language: Language) -> None:
    """Which stands on the screen but once, where the rule of invoices says it."""

    async def story(clerk: SimClerk) -> None:
        await sold(clerk, **OUT)
        await clerk.at("sale: enter", "refund.amount: enter", "invoice.ask: 3", "refund.reason: 4")
        await clerk.wait("supervisor.number")
        assert SEEN[language] in clerk.text
        assert SAYS[language][2] not in clerk.text

    rules = {"ceiling": {"supervisor_above": 100, "two_above": 100}}
    tell(story, Setting(language=language, policy={"supervisor": "by-rule"}, rules=rules))


SEEN: Final = {
    Language.ZH_CN: "未收回也无红字发票",
    Language.EN: "Neither back nor red-letter",
}


@at_the_counter(BY_RULE)
async def test_goods_for_others_leave_the_invoice_and_the_merchant_reads_of_it(
    clerk: SimClerk,
) -> None:
    await sold(clerk, **OUT)
    await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan")
    clerk.scan("11")
    await clerk.at("exchange.even: enter", "result: enter")
    await clerk.home()
    assert answered(clerk) == [None]
    merchant, customer = clerk.papers[-2:]
    assert "Issued, not asked for" in merchant
    assert "Invoice" not in customer


SINCE: Final = {
    Language.ZH_CN: "收款系统刚报告已开发票",
    Language.EN: "The till has told of an invoice",
}


async def told_since(clerk: SimClerk, name: str = "SOLD") -> None:
    """The till, of the sale that was told without one."""
    paid = {"kind": "cash", "amount": 900}
    await sell(clerk, name, paid, lines=[CUP], **(CASH | OUT))


@pytest.mark.parametrize("language", Language)
def test_one_that_is_told_of_before_the_money_goes_is_asked_about(language: Language) -> None:
    async def story(clerk: SimClerk) -> None:
        await sold(clerk)
        await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4", "refund.confirm")
        await told_since(clerk)
        await clerk.at("refund.confirm: enter", "failure")
        assert SINCE[language] in "".join(clerk.text.split("\n"))
        await clerk.home()
        assert clerk.site.ledger.refunds.recent(9) == []
        clerk.scan("SOLD")
        await clerk.at("sale: enter", "refund.amount: enter", "invoice.ask: 1")
        await paid_out(clerk)
        assert answered(clerk) == [InvoiceBack(Answered.RETURNED)]

    tell(story, Setting(language=language, policy={"supervisor": "by-rule"}))
