"""What stands on the slips of each outcome."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from msgspec.structs import fields, replace

from pos_terminal.config import Acquirer, Config, Control, Keypad, Printer, Terminal
from pos_terminal.core import receipt_code
from pos_terminal.core.refund import CardMatch, Kind, Refund, State
from pos_terminal.core.sale import CardRef, Funding, Sale, SaleState, Tender, TenderKind
from pos_terminal.core.voucher import Voucher, VoucherState, draw_number, mask
from pos_terminal.core.words import say
from pos_terminal.ports import Application, Approval, Finding
from pos_terminal.services.paper.slips import Papers, SlipMaker, add_working_days
from pos_terminal.wire.receipt.slip import Copy, Slip, SlipKind

AT = datetime.fromisoformat("2026-11-20T10:00:00+08:00")
MASKED = "476173******0010"
MERCHANT, TERMINAL = "898310012340001", "10000001"


def sale(funding: Funding = Funding.DEBIT) -> Sale:
    card = CardRef(MASKED, "ab" * 32, "1a2b3c4d", None, "visa", funding)
    return Sale(
        sale_id="S-1",
        merchant_id=MERCHANT,
        terminal_id=TERMINAL,
        batch="000900",
        trace="000017",
        rrn="630012345678",
        auth_code="A00017",
        sold_at=datetime.fromisoformat("2026-10-27T09:12:00+08:00"),
        currency="156",
        amount=12_345,
        receipt_no="R-1",
        state=SaleState.APPROVED,
        batch_closed=True,
        tenders=(Tender(1, TenderKind.CARD, 12_345, card=card),),
        lines=(),
    )


def application(kind: Kind = Kind.REFUND, reason: str = "1") -> Application:
    return Application(7, "S-1", 1, kind, 5_000, reason, "101", "sealed")


def refund(kind: Kind = Kind.REFUND, **changes: object) -> Refund:
    plain = Refund(
        refund_id=42,
        application=7,
        sale_id="S-1",
        leg=1,
        seq=1,
        kind=kind,
        state=State.SEALED,
        amount=5_000,
        done=0,
        currency="156",
        operator="101",
        masked=MASKED,
        scheme="visa",
        match=CardMatch.EXACT,
        stan="000123",
        batch="000001",
        rrn=None,
        auth_code=None,
        response=None,
        cause=None,
        flagged=False,
        repeats=0,
        sealed_at=AT,
        concluded_at=None,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def papers(funding: Funding = Funding.DEBIT, kind: Kind = Kind.REFUND, **changes: object) -> Papers:
    approval = Approval("201", "Wang", AT, 5_000, "policy")
    plain = Papers(application(kind), sale(funding), [approval], [], AT)
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.fixture
def maker() -> SlipMaker:
    return SlipMaker(
        Config(
            terminal=Terminal(
                merchant_id=MERCHANT,
                terminal_id=TERMINAL,
                merchant_name="Shop",
                data_dir=".",
                contact="010-1234",
            ),
            acquirer=Acquirer(address=["a:1"], private_line=True),
            control=Control(socket="control"),
            printer=Printer(port="printer"),
            keypad=Keypad(device="keypad"),
        )
    )


def accepted(maker: SlipMaker, funding: Funding = Funding.DEBIT) -> tuple[Slip, Slip]:
    after = refund(state=State.ACCEPTED, done=5_000, rrn="632400000001", response="00")
    return maker.accepted(papers(funding), after)


def test_both_copies_have_what_an_accepted_refund_must_show(maker: SlipMaker) -> None:
    merchant, customer = accepted(maker)
    assert (merchant.copy, customer.copy) == (Copy.MERCHANT, Copy.CUSTOMER)
    assert replace(customer, copy=Copy.MERCHANT) == merchant
    assert merchant.kind is SlipKind.REFUND
    assert (merchant.merchant_name, merchant.merchant_id) == ("Shop", MERCHANT)
    assert (merchant.terminal_id, merchant.operator) == (TERMINAL, "101")
    assert (merchant.masked_card, merchant.scheme) == (MASKED, "visa")
    assert (merchant.batch, merchant.stan, merchant.rrn) == ("000001", "000123", "632400000001")
    assert (merchant.amount, merchant.at) == (5_000, "2026-11-20T10:00:00+08:00")
    assert (merchant.original_trace, merchant.original_rrn) == ("000017", "630012345678")
    assert (merchant.original_at, merchant.original_amount) == (
        "2026-10-27T09:12:00+08:00",
        12_345,
    )
    assert (merchant.reason_zh, merchant.reason_en) == ("质量问题", "Defective")
    assert (merchant.rule, merchant.approvals) == ("policy", ("201 Wang",))
    assert merchant.response == "00"


def test_the_barcode_leads_back_to_the_refund(maker: SlipMaker) -> None:
    code = receipt_code.decode(accepted(maker)[0].barcode)
    assert code is not None
    assert (code.serial, code.kind) == (42, "2")


@pytest.mark.parametrize(
    ("funding", "words"),
    [
        (Funding.DEBIT, "借记卡"),
        (Funding.CREDIT, "贷记卡"),
        (Funding.UNKNOWN, "借记卡 1–7、贷记卡"),
    ],
)
def test_when_the_money_arrives_depends_on_the_card(
    maker: SlipMaker, funding: Funding, words: str
) -> None:
    slip = accepted(maker, funding)[1]
    assert slip.arrival_zh.startswith(words)
    assert slip.arrival_en
    assert slip.funding == funding


def test_a_void_says_that_the_sale_is_cancelled(maker: SlipMaker) -> None:
    after = refund(Kind.VOID, state=State.ACCEPTED, done=5_000)
    slip = maker.accepted(papers(kind=Kind.VOID), after)[0]
    assert slip.kind is SlipKind.VOID
    assert slip.arrival_zh == "原交易已撤销,款项一般当日退回"


def test_a_part_says_why_it_is_less(maker: SlipMaker) -> None:
    after = refund(state=State.ACCEPTED, done=3_000)
    slip = maker.accepted(papers(), after, say("response.c10"))[0]
    assert (slip.amount, slip.asked, slip.cause_zh) == (3_000, 5_000, "部分承兑")
    assert accepted(maker)[0].asked == 0


def test_a_decline_names_cause_and_next_step_and_promises_no_money(maker: SlipMaker) -> None:
    words = say("response.c51")
    slip = maker.declined(papers(), refund(response="51"), words, say("response.c51_next"))[1]
    assert (slip.kind, slip.response, slip.amount) == (SlipKind.DECLINED, "51", 5_000)
    assert slip.cause_zh
    assert slip.cause_en
    assert slip.advice_zh
    assert slip.arrival_zh == ""


def test_not_sent_and_reversed_have_kinds_of_their_own(maker: SlipMaker) -> None:
    words = say("host.line_dropped")
    assert maker.not_sent(papers(), refund(), words, None)[0].kind is SlipKind.NOT_SENT
    words = say("host.reversed")
    slip = maker.reversed(papers(kind=Kind.VOID), refund(Kind.VOID), words, None)[0]
    assert (slip.kind, slip.cause_zh) == (SlipKind.REVERSED, "撤销未成功,请重做")


def test_the_certificate_has_check_code_date_and_contact(maker: SlipMaker) -> None:
    words, advice = say("host.unknown"), say("host.unknown_next")
    merchant, slip = maker.pending(papers(), refund(), words, advice)
    assert slip.kind is SlipKind.PENDING
    assert slip.check_code == slip.barcode != ""
    assert slip.arrival_zh == "结果预计 2026-11-25 前确认"
    assert slip.arrival_en == "The outcome is expected by 2026-11-25"
    assert slip.contact == "010-1234"
    assert merchant.cause_zh == "结果未知,勿重复退款"
    assert merchant.advice_en == "Give the customer the pending slip"


def test_the_certificate_tells_the_customer_what_to_expect(maker: SlipMaker) -> None:
    """And not the clerk's instruction."""
    words, advice = say("host.unknown"), say("host.unknown_next")
    slip = maker.pending(papers(), refund(), words, advice)[1]
    assert slip.cause_en == "The outcome is not known yet"
    assert "Give the customer" not in slip.advice_en
    assert "2026-11-25" in slip.advice_en
    assert "check code" in slip.advice_en
    assert "查询码" in slip.advice_zh


FOUND = Finding(
    0,
    "20261120017",
    "102",
    (Approval("201", "Wang", AT, 5_000, ""), Approval("202", "Li", AT, 5_000, "")),
)


def test_what_people_found_is_on_both_copies(maker: SlipMaker) -> None:
    paid = maker.accepted(papers(), refund(state=State.ACCEPTED, done=5_000), None, FOUND)
    words = say("host.given_up")
    not_paid = maker.given_up(papers(), refund(), FOUND, words, say("host.given_up_next"))
    for slip in (*paid, *not_paid):
        assert (slip.concluded_ref, slip.concluded_by) == ("20261120017", ("201 Wang", "202 Li"))
        assert slip.approvals == ("201 Wang",)
    assert [slip.copy for slip in not_paid] == [Copy.MERCHANT, Copy.CUSTOMER]
    assert not_paid[0].kind is SlipKind.GIVEN_UP
    assert (paid[0].kind, paid[0].amount) == (SlipKind.REFUND, 5_000)


def test_a_late_approval_is_for_the_merchant_alone(maker: SlipMaker) -> None:
    after = refund(state=State.OVERPAID, done=4_000, rrn="632400000001")
    words = say("host.overpaid")
    advice = say("slip.overpaid", over="1.00")
    (slip,) = maker.overpaid(papers(), after, FOUND, None, cause=words, advice=advice)
    assert (slip.kind, slip.copy, slip.amount) == (SlipKind.OVERPAID, Copy.MERCHANT, 4_000)
    assert "1.00" in slip.advice_zh
    assert slip.rrn == "632400000001"


def test_the_enquiry_has_the_facts_of_the_sale_and_a_code_that_leads_to_its_case(
    maker: SlipMaker,
) -> None:
    one = replace(sale(), terminal_id="10000002", state=SaleState.UNCONFIRMED)
    form, slip = maker.enquiry(one, AT, "101", "13800138000")(7)
    assert (form.kind, form.copy, slip.copy) == (SlipKind.ENQUIRY, Copy.MERCHANT, Copy.CUSTOMER)
    assert (form.case, form.operator, form.customer) == (7, "101", "13800138000")
    assert (form.original_trace, form.original_rrn) == ("000017", "630012345678")
    assert (form.original_terminal, form.batch, form.auth_code) == ("10000002", "000900", "A00017")
    assert (form.amount, form.original_amount, form.masked_card) == (12_345, 12_345, MASKED)
    code = receipt_code.decode(slip.check_code)
    assert code is not None
    assert (code.kind, code.serial) == (receipt_code.CASE_DIGIT, 7)
    assert slip.arrival_zh == "预计 2026-11-25 前答复"
    assert slip.contact == "010-1234"


def test_the_enquiry_is_about_what_was_paid_by_card(maker: SlipMaker) -> None:
    card = replace(sale().tenders[0], amount=10_000)
    cash = Tender(2, TenderKind.CASH, 2_345)
    slip = maker.enquiry(replace(sale(), tenders=(card, cash)), AT, "101", "")(1)[0]
    assert (slip.amount, slip.original_amount) == (10_000, 12_345)


def test_a_cash_slip_gets_its_number_from_the_ledger(maker: SlipMaker) -> None:
    cash = replace(sale(), tenders=(Tender(1, TenderKind.CASH, 12_345),))
    make = maker.cash(papers(kind=Kind.CASH, sale=cash))
    slip = make(refund(Kind.CASH, masked=None, scheme="", stan=None, batch=None))[0]
    assert (slip.kind, slip.amount, slip.masked_card, slip.stan) == (SlipKind.CASH, 5_000, "", "")
    assert slip.arrival_zh == "退现金,请当面点清"
    assert receipt_code.decode(slip.barcode) is not None


def test_the_voucher_goes_to_the_customer_and_its_mask_to_the_merchant(maker: SlipMaker) -> None:
    cash = replace(sale(), tenders=(Tender(1, TenderKind.CASH, 12_345),))
    make = maker.credit(papers(kind=Kind.CREDIT, sale=cash))
    after = refund(Kind.CREDIT, masked=None, scheme="", stan=None, batch=None, done=5_000)
    number = draw_number(MERCHANT, TERMINAL)
    voucher = Voucher(number, 1, 5_000, 0, "156", VoucherState.OPEN, AT)
    merchant, customer = make(after, voucher)
    assert (merchant.kind, merchant.copy, customer.copy) == (
        SlipKind.CREDIT, Copy.MERCHANT, Copy.CUSTOMER,
    )  # fmt: skip
    assert (customer.voucher, customer.barcode, customer.amount) == (number, number, 5_000)
    assert merchant.voucher == mask(number)
    code = receipt_code.decode(merchant.barcode)
    assert code is not None
    assert (code.kind, code.serial) == (receipt_code.KIND_DIGIT[Kind.CREDIT], after.refund_id)
    assert customer.cause_zh == "超出现金限额,改发储值券"
    assert number not in str(merchant)


def test_a_refusal_has_the_rule_that_decided_and_whom_to_turn_to(maker: SlipMaker) -> None:
    verdicts = [
        {"rule": "ceiling", "answer": "ask_supervisor"},
        {"rule": "window", "answer": "deny"},
        {"rule": "state", "answer": "deny"},
    ]
    slip = maker.refused(papers(decisions=verdicts), say("host.void_too_late"))[1]
    assert (slip.kind, slip.rule, slip.application) == (SlipKind.REFUSED, "window", 7)
    assert (slip.barcode, slip.stan, slip.amount) == ("", "", 5_000)
    assert slip.cause_zh
    assert slip.advice_zh
    assert slip.contact == "010-1234"


def test_a_reason_that_is_no_longer_listed_shows_its_code(maker: SlipMaker) -> None:
    slip = maker.refused(papers(application=application(reason="9")), say("slip.complaint"))[0]
    assert (slip.reason_zh, slip.reason_en) == ("9", "9")


def test_a_text_that_is_missing_keeps_no_slip_from_being_made(maker: SlipMaker) -> None:
    slip = maker.declined(papers(), refund(), say("response.none"), None)[0]
    assert slip.cause_zh == "response.none"
    slip = maker.declined(papers(), refund(), say("host.sign_on_refused"), None)[0]
    assert slip.cause_zh == "host.sign_on_refused"


def test_a_number_too_long_for_the_barcode_keeps_no_slip_from_being_made(
    maker: SlipMaker,
) -> None:
    after = refund(refund_id=10_000_000, state=State.ACCEPTED, done=5_000)
    assert maker.accepted(papers(), after)[0].barcode == ""


def test_no_slip_has_a_field_for_a_full_number_or_an_expiry() -> None:
    assert not {"pan", "expiry", "track"} & {field.name for field in fields(Slip)}


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # Friday to Monday
        (date(2026, 11, 21), 3, date(2026, 11, 25)),  # from a Saturday
        (date(2026, 11, 16), 3, date(2026, 11, 19)),
        (date(2026, 11, 16), 0, date(2026, 11, 16)),
    ],
)
def test_working_days(start: date, days: int, end: date) -> None:
    assert add_working_days(start, days) == end
