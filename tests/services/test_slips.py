"""What stands on the slips of each outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from string import Formatter
from typing import Any, get_args, get_type_hints

import pytest
from msgspec import Struct
from msgspec.structs import replace
from worlds.config import make_config
from worlds.sales import AT, MERCHANT, TERMINAL, a_sale

from pos_terminal.core import receipt_code
from pos_terminal.core.application import ApplicationState
from pos_terminal.core.came_back import CameBack
from pos_terminal.core.decision import Answer, Phase, StoredVerdict
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.refund import CardMatch, Kind, Refund, State
from pos_terminal.core.sale import CardRef, Funding, Sale, SaleState, Tender, TenderKind
from pos_terminal.core.tenders import Basis
from pos_terminal.core.voucher import Voucher, VoucherState, draw_number, mask
from pos_terminal.core.words import say
from pos_terminal.ports import Application, Approval, Finding, Grounds
from pos_terminal.services.paper.slips import SlipMaker
from pos_terminal.texts import catalogue
from pos_terminal.wire.receipt.all_kinds import Kinds
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.kinds.cash import CashBack
from pos_terminal.wire.receipt.kinds.credit import StoreCredit
from pos_terminal.wire.receipt.kinds.declined import Declined
from pos_terminal.wire.receipt.kinds.enquiry import Enquiry
from pos_terminal.wire.receipt.kinds.given_up import GivenUp
from pos_terminal.wire.receipt.kinds.not_sent import NotSent
from pos_terminal.wire.receipt.kinds.overpaid import Overpaid
from pos_terminal.wire.receipt.kinds.pending import Pending
from pos_terminal.wire.receipt.kinds.refund import Refunded
from pos_terminal.wire.receipt.kinds.refused import Refused
from pos_terminal.wire.receipt.kinds.reversed import Reversed
from pos_terminal.wire.receipt.kinds.void import Voided
from pos_terminal.wire.receipt.pair import NO_TEXT, Pair
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.parts.original import Original
from pos_terminal.wire.receipt.parts.request import Request
from pos_terminal.wire.receipt.parts.telling import Telling
from pos_terminal.wire.receipt.slip import Slip

MASKED = "476173******0010"


def sale(funding: Funding = Funding.DEBIT, terminal: str = TERMINAL) -> Sale:
    card = CardRef(MASKED, "ab" * 32, "1a2b3c4d", None, "visa", funding)
    leg = Tender(1, TenderKind.CARD, 12_345, card=card)
    at = datetime.fromisoformat("2026-10-27T09:12:00+08:00")
    return a_sale(
        leg,
        sold_at=at,
        batch="000900",
        rrn="630012345678",
        auth_code="A00017",
        terminal_id=terminal,
    )


def application(kind: Kind = Kind.REFUND, reason: str = "1") -> Application:
    return Application(7, 1, 1, kind, 5_000, reason, "101", ApplicationState.SEALED)


def refund(kind: Kind = Kind.REFUND, **changes: object) -> Refund:
    plain = Refund(
        refund_id=42,
        application=7,
        sale_key=1,
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
    return replace(plain, **changes)


def grounds(
    funding: Funding = Funding.DEBIT, kind: Kind = Kind.REFUND, **changes: object
) -> Grounds:
    approval = Approval("201", "Wang", AT, 5_000, "policy")
    plain = Grounds(application(kind), sale(funding), [approval], [], AT)
    return replace(plain, **changes)


class Filed:
    """A ledger of one application, and its clock."""

    def __init__(self, grounds: Grounds) -> None:
        self.grounds = grounds
        books: Any = self  # as much of them as slips look up
        self.sales = self.applications = self.exceptions = self.exchange_credits = books

    def by_key(self, sale_key: int) -> Sale:
        return self.grounds.sale

    def of_application(self, application: int) -> Basis | None:
        return self.grounds.basis

    def behind(self, application: int) -> ExchangeCredit | None:
        return self.grounds.credit

    def given_again(self, sale_key: int, leg: int, number: int) -> Sequence[CameBack]:
        return self.grounds.again

    def approvals(self, application: int) -> Sequence[Approval]:
        return self.grounds.approvals

    def decisions(self, application: int) -> Sequence[StoredVerdict]:
        return self.grounds.decisions

    def now(self) -> datetime:
        return self.grounds.at

    def monotonic(self) -> float:
        return 0.0


def maker_of(filed: Filed) -> SlipMaker:
    return SlipMaker(make_config(Path()), filed, filed)


@pytest.fixture
def maker() -> SlipMaker:
    return maker_of(Filed(grounds()))


def accepted(maker: SlipMaker, funding: Funding = Funding.DEBIT) -> tuple[Slip, Slip]:
    after = refund(state=State.ACCEPTED, done=5_000, rrn="632400000001", response="00")
    return maker.accepted(grounds(funding), after)


def test_both_copies_have_what_an_accepted_refund_must_show(maker: SlipMaker) -> None:
    merchant, customer = accepted(maker)
    assert (merchant.copy, customer.copy) == (Copy.MERCHANT, Copy.CUSTOMER)
    assert customer.copy_for(Copy.MERCHANT) == merchant
    head, body = merchant.head, merchant.body
    assert isinstance(body, Refunded)
    assert (head.merchant_name, head.merchant_id) == ("Shop", MERCHANT)
    assert (head.terminal_id, head.operator) == (TERMINAL, "101")
    assert (body.request.masked_card, body.request.scheme) == (MASKED, "visa")
    assert (body.request.batch, head.stan) == ("000001", "000123")
    assert (body.request.rrn, body.request.response) == ("632400000001", "00")
    assert (head.amount, head.at) == (5_000, "2026-11-20T10:00:00+08:00")
    assert body.original == Original(
        "000017", "630012345678", "R-1", "2026-10-27T09:12:00+08:00", 12_345
    )
    assert body.decided == Decided(Pair("质量问题", "Defective"), "policy", ("201 Wang",))


def test_the_barcode_leads_back_to_the_refund(maker: SlipMaker) -> None:
    code = receipt_code.decode(accepted(maker)[0].head.barcode)
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
    assert isinstance(slip.body, Refunded)
    assert slip.body.arrival.zh.startswith(words)
    assert slip.body.arrival.en
    assert slip.body.request.funding == funding


def test_a_void_says_that_the_sale_is_cancelled(maker: SlipMaker) -> None:
    after = refund(Kind.VOID, state=State.ACCEPTED, done=5_000)
    slip = maker.accepted(grounds(kind=Kind.VOID), after)[0]
    assert isinstance(slip.body, Voided)
    assert slip.body.arrival.zh == "原交易已撤销,款项一般当日退回"


def test_a_part_says_why_it_is_less(maker: SlipMaker) -> None:
    after = refund(state=State.ACCEPTED, done=3_000)
    slip = maker.accepted(grounds(), after, say("response.part_approved"))[0]
    assert isinstance(slip.body, Refunded)
    assert (slip.head.amount, slip.body.asked, slip.body.cause.zh) == (3_000, 5_000, "部分承兑")
    whole = accepted(maker)[0].body
    assert isinstance(whole, Refunded)
    assert whole.asked == 0


def test_a_decline_names_cause_and_next_step_and_promises_no_money(maker: SlipMaker) -> None:
    words = say("response.funds_too_low")
    slip = maker.declined(
        grounds(), refund(response="51"), words, say("response.funds_too_low_next")
    )[1]
    assert isinstance(slip.body, Declined)
    assert (slip.body.request.response, slip.head.amount) == ("51", 5_000)
    assert slip.body.why.cause.zh
    assert slip.body.why.cause.en
    assert slip.body.why.advice.zh
    assert not hasattr(slip.body, "arrival")


def test_not_sent_and_reversed_have_kinds_of_their_own(maker: SlipMaker) -> None:
    words = say("host.line_dropped")
    assert isinstance(maker.not_sent(grounds(), refund(), words, None)[0].body, NotSent)
    words = say("host.reversed")
    slip = maker.reversed(grounds(kind=Kind.VOID), refund(Kind.VOID), words, None)[0]
    assert isinstance(slip.body, Reversed)
    assert slip.body.why.cause.zh == "撤销未成功,请重做"


def test_the_certificate_has_check_code_date_and_contact(maker: SlipMaker) -> None:
    words, advice = say("host.unknown"), say("host.unknown_next")
    merchant, slip = maker.pending(grounds(), refund(), words, advice)
    assert isinstance(slip.body, Pending)
    assert isinstance(merchant.body, Pending)
    assert slip.body.check_code == slip.head.barcode != ""
    assert slip.body.expected.zh == "结果预计 2026-11-25 前确认"
    assert slip.body.expected.en == "The outcome is expected by 2026-11-25"
    assert slip.head.contact == "010-1234"
    assert merchant.body.why.cause.zh == "结果未知,勿重复退款"
    assert merchant.body.why.advice.en == "Give the customer the pending slip"


def test_the_certificate_tells_the_customer_what_to_expect(maker: SlipMaker) -> None:
    """And not the clerk's instruction."""
    words, advice = say("host.unknown"), say("host.unknown_next")
    slip = maker.pending(grounds(), refund(), words, advice)[1]
    assert isinstance(slip.body, Pending)
    advised = slip.body.why.advice
    assert slip.body.why.cause.en == "The outcome is not known yet"
    assert "Give the customer" not in advised.en
    assert "2026-11-25" in advised.en
    assert "check code" in advised.en
    assert "查询码" in advised.zh


FOUND = Finding(
    0,
    "20261120017",
    "102",
    (Approval("201", "Wang", AT, 5_000, ""), Approval("202", "Li", AT, 5_000, "")),
)


def test_what_people_found_is_on_both_copies(maker: SlipMaker) -> None:
    paid = maker.accepted(grounds(), refund(state=State.ACCEPTED, done=5_000), None, FOUND)
    words = say("host.given_up")
    not_paid = maker.given_up(grounds(), refund(), FOUND, words, say("host.given_up_next"))
    for slip in (*paid, *not_paid):
        assert isinstance(slip.body, Refunded | GivenUp)
        assert slip.body.concluded == Telling("20261120017", ("201 Wang", "202 Li"))
        assert slip.body.decided.approvals == ("201 Wang",)
    assert [slip.copy for slip in not_paid] == [Copy.MERCHANT, Copy.CUSTOMER]
    assert isinstance(not_paid[0].body, GivenUp)
    assert isinstance(paid[0].body, Refunded)
    assert paid[0].head.amount == 5_000


def test_a_late_approval_is_for_the_merchant_alone(maker: SlipMaker) -> None:
    after = refund(state=State.OVERPAID, done=4_000, rrn="632400000001")
    words = say("host.overpaid")
    advice = say("slip.overpaid", over="1.00")
    (slip,) = maker.overpaid(grounds(), after, FOUND, None, cause=words, advice=advice)
    assert isinstance(slip.body, Overpaid)
    assert (slip.copy, slip.head.amount) == (Copy.MERCHANT, 4_000)
    assert "1.00" in slip.body.why.advice.zh
    assert slip.body.request.rrn == "632400000001"


def test_the_enquiry_has_the_facts_of_the_sale_and_a_code_that_leads_to_its_case(
    maker: SlipMaker,
) -> None:
    one = replace(sale(terminal="10000002"), state=SaleState.UNCONFIRMED)
    form, slip = maker.enquiry(one, "101", "13800138000")(7)
    body = form.body
    assert isinstance(body, Enquiry)
    assert (form.copy, slip.copy, slip.body) == (Copy.MERCHANT, Copy.CUSTOMER, body)
    assert (form.head.case, form.head.operator, body.customer) == (7, "101", "13800138000")
    assert (body.original.trace, body.original.rrn) == ("000017", "630012345678")
    assert (body.request.batch, body.request.auth_code) == ("000900", "A00017")
    assert (body.original.terminal, body.original.amount) == ("10000002", 12_345)
    assert (form.head.amount, body.request.masked_card) == (12_345, MASKED)
    code = receipt_code.decode(body.check_code)
    assert code is not None
    assert (code.kind, code.serial) == (receipt_code.CASE_DIGIT, 7)
    assert body.expected.zh == "预计 2026-11-25 前答复"
    assert slip.head.contact == "010-1234"


def test_the_enquiry_is_about_what_was_paid_by_card(maker: SlipMaker) -> None:
    card = replace(sale().tenders[0], amount=10_000)
    cash = Tender(2, TenderKind.CASH, 2_345)
    slip = maker.enquiry(replace(sale(), tenders=(card, cash)), "101", "")(1)[0]
    assert isinstance(slip.body, Enquiry)
    assert (slip.head.amount, slip.body.original.amount) == (10_000, 10_000)


def test_a_cash_slip_gets_its_number_from_the_ledger() -> None:
    cash = replace(sale(), tenders=(Tender(1, TenderKind.CASH, 12_345),))
    asked = grounds(kind=Kind.CASH, sale=cash)
    make = maker_of(Filed(asked)).cash(asked.application)
    slip = make(refund(Kind.CASH, masked=None, scheme="", stan=None, batch=None))[0]
    assert isinstance(slip.body, CashBack)
    assert (slip.head.amount, slip.head.stan, slip.body.request) == (5_000, "", Request())
    assert slip.body.arrival.zh == "退现金,请当面点清"
    assert receipt_code.decode(slip.head.barcode) is not None


def test_the_voucher_goes_to_the_customer_and_its_mask_to_the_merchant() -> None:
    cash = replace(sale(), tenders=(Tender(1, TenderKind.CASH, 12_345),))
    asked = grounds(kind=Kind.CREDIT, sale=cash)
    make = maker_of(Filed(asked)).credit(asked.application)
    after = refund(Kind.CREDIT, masked=None, scheme="", stan=None, batch=None, done=5_000)
    number = draw_number(MERCHANT, TERMINAL)
    voucher = Voucher(number, 1, 5_000, 0, "156", VoucherState.OPEN, AT)
    merchant, customer = make(after, voucher)
    assert (merchant.copy, customer.copy) == (Copy.MERCHANT, Copy.CUSTOMER)
    assert isinstance(merchant.body, StoreCredit)
    assert isinstance(customer.body, StoreCredit)
    assert (customer.head.barcode, customer.head.amount) == (number, 5_000)
    assert (customer.body.voucher, merchant.body.voucher) == (number, mask(number))
    code = receipt_code.decode(merchant.head.barcode)
    assert code is not None
    assert (code.kind, code.serial) == (receipt_code.KIND_DIGIT[Kind.CREDIT], after.refund_id)
    assert customer.body.cause.zh == "超出现金限额,改发储值券"
    assert number not in str(merchant)


def test_a_refusal_has_the_rule_that_decided_and_whom_to_turn_to() -> None:
    verdicts = [
        StoredVerdict(Phase.BEFORE_CARD, rule, answer, rule, {}, {})
        for rule, answer in (
            ("ceiling", Answer.ASK_SUPERVISOR),
            ("window", Answer.DENY),
            ("state", Answer.DENY),
        )
    ]
    maker = maker_of(Filed(grounds(decisions=verdicts)))
    slip = maker.refused(application(), say("host.void_too_late"))[1]
    assert isinstance(slip.body, Refused)
    assert (slip.body.decided.rule, slip.head.application) == ("window", 7)
    assert (slip.head.barcode, slip.head.stan, slip.head.amount) == ("", "", 5_000)
    assert slip.body.why.cause.zh
    assert slip.body.why.advice.zh
    assert slip.head.contact == "010-1234"


RULES = [key for key in catalogue() if key.startswith("rules.") and ".name_" not in key]


@pytest.mark.parametrize("code", RULES)
def test_a_refusal_sends_its_customer_to_the_merchant_alone(code: str) -> None:
    """What the clerk is told to do (R12) is no advice to a customer."""
    figures = [name for _, name, *_ in Formatter().parse(catalogue()[code]["zh"]) if name]
    cause = say(code, **dict.fromkeys(figures, 7))
    slip = maker_of(Filed(grounds())).refused(application(), cause)[1]
    assert isinstance(slip.body, Refused)
    why = slip.body.why
    assert why.advice.zh == "如有异议,请凭申请号联系商户"
    assert "contact the merchant" in why.advice.en
    for told in ("联系收单机构", "手工单", "见差错"):
        assert told not in why.cause.zh
    for told in ("contact the acquirer", "manual form", "see its case"):
        assert told not in why.cause.en


def test_a_reason_that_is_no_longer_listed_shows_its_code(maker: SlipMaker) -> None:
    slip = maker.refused(application(reason="9"), say("slip.complaint"))[0]
    assert isinstance(slip.body, Refused)
    assert slip.body.decided.reason == Pair("9", "9")


def test_a_text_that_is_missing_keeps_no_slip_from_being_made(maker: SlipMaker) -> None:
    for key in ("response.none", "host.sign_on_refused"):
        body = maker.declined(grounds(), refund(), say(key), None)[0].body
        assert isinstance(body, Declined)
        assert (body.why.cause.zh, body.why.advice) == (key, NO_TEXT)


def test_a_number_too_long_for_the_barcode_keeps_no_slip_from_being_made(maker: SlipMaker) -> None:
    after = refund(refund_id=10_000_000, state=State.ACCEPTED, done=5_000)
    assert maker.accepted(grounds(), after)[0].head.barcode == ""


def test_no_slip_has_a_field_for_a_full_number_or_an_expiry() -> None:
    names = {name for kind in (Slip, *get_args(Kinds)) for name in field_names(kind)}
    assert {"masked_card", "stan"} < names
    assert not {"pan", "expiry", "track"} & names


def field_names(kind: type[Any]) -> Iterator[str]:
    """Of this type, and of all that it is made of."""
    for part in get_args(kind):
        yield from field_names(part)
    if isinstance(kind, type) and issubclass(kind, Struct):
        for name, hint in get_type_hints(kind).items():
            yield name
            yield from field_names(hint)
