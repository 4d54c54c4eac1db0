"""What goes on paper for each outcome: both copies as facts, before anything is laid out (R39)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.config import Config
from pos_terminal.core import receipt_code
from pos_terminal.core.decision import Answer
from pos_terminal.core.items import share
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.sale import Funding, Sale
from pos_terminal.core.voucher import Voucher, mask
from pos_terminal.core.words import Words, say
from pos_terminal.ports import Application, Approval, Evidence, Finding, LedgerReads
from pos_terminal.texts import Language, render
from pos_terminal.wire.receipt.slip import Copy, Slip, SlipItem, SlipKind

Pair = tuple[Slip, Slip]
"""The merchant's copy and the customer's."""
Telling = Finding | Evidence
"""Who told of an outcome that the line did not."""

PENDING_WORKING_DAYS: Final = 3
"""By when an unknown outcome is promised to be known: the acquirer's file has it by then."""
MOST_ITEMS: Final = 30
"""Goods that are named on a slip; a trolley full of them would use up the roll."""
_NAME: Final = 40
"""Characters of a file's name on paper."""
_SATURDAY: Final = 5
_ARRIVAL: Final = {
    Funding.DEBIT: "slip.arrival_debit",
    Funding.CREDIT: "slip.arrival_credit",
    Funding.UNKNOWN: "slip.arrival_card",
}
_DONE: Final = {Kind.REFUND: SlipKind.REFUND, Kind.VOID: SlipKind.VOID, Kind.CASH: SlipKind.CASH}


class Papers(Struct, frozen=True):
    """Everything about one application that its slips are made of."""

    application: Application
    sale: Sale
    approvals: Sequence[Approval]
    decisions: Sequence[Mapping[str, object]]
    """As ``core.decision.as_stored`` made them."""
    at: datetime

    @classmethod
    def of(cls, ledger: LedgerReads, application: Application, sale: Sale, at: datetime) -> Papers:
        number = application.number
        return cls(application, sale, ledger.approvals(number), ledger.decisions(number), at)

    @property
    def rule(self) -> str:
        """The rule that decided: the strictest, the first of equals; ``policy`` where none was."""
        answers = {answer.name.lower(): answer for answer in Answer}
        deciding = max(
            self.decisions, key=lambda one: answers.get(str(one["answer"]), 0), default=None
        )
        if deciding is not None:
            return str(deciding["rule"])
        return self.approvals[0].rule if self.approvals else ""


class SlipMaker:
    """Makes slips of this terminal. A text that is missing never keeps money from its record."""

    def __init__(self, config: Config, *, training: bool = False) -> None:
        self._terminal = config.terminal
        self._reasons = {reason.code: reason for reason in config.policy.reasons}
        self._training = training

    def accepted(
        self,
        papers: Papers,
        refund: Refund,
        cause: Words | None = None,
        told: Telling | None = None,
    ) -> Pair:
        """Money given back: ``refund`` as it will be, with ``done`` and the answer's numbers.

        ``cause`` says why it is less than was asked for (10, 部分承兑), ``told`` who says so
        where no answer came.
        """
        less = refund.amount if refund.done < refund.amount else 0
        slip = self._of_refund(_DONE[refund.kind], papers, refund)
        items = slip_items(papers, refund.done)
        slip = replace(slip, amount=refund.done, asked=less, items=items)
        slip = _with_arrival(slip, _arrival(papers, refund.kind))
        return _copies(_with_telling(_with_cause(slip, cause, None), told))

    def given_up(
        self, papers: Papers, refund: Refund, told: Telling, cause: Words, advice: Words | None
    ) -> Pair:
        """Nothing was paid, as people or the acquirer's file found: the hold is free (R32)."""
        pair = self._failed(SlipKind.GIVEN_UP, papers, refund, cause, advice)
        return _with_telling(pair[0], told), _with_telling(pair[1], told)

    def overpaid(
        self,
        papers: Papers,
        refund: Refund,
        earlier: Telling | None,
        late: Telling | None,
        *,
        cause: Words,
        advice: Words,
    ) -> tuple[Slip]:
        """Approved after it was given up, ``done`` of it: for the merchant, who follows it.

        ``earlier`` gave it up, ``late`` told of the approval where it did not come on the line.
        """
        slip = self._of_refund(SlipKind.OVERPAID, papers, refund)
        slip = _with_cause(replace(slip, amount=refund.done), cause, advice)
        if late is not None:
            by_file = isinstance(late, Evidence)
            slip = replace(slip, late_ref=late.reference, late_by=_who(late), late_by_file=by_file)
        return (_with_telling(slip, earlier),)

    def enquiry(
        self, sale: Sale, at: datetime, operator: str, customer: str
    ) -> Callable[[int], Pair]:
        """单边账: the acquirer's form and the customer's slip; the case's number comes later."""
        by = add_working_days(at.date(), PENDING_WORKING_DAYS)

        def make(case_id: int) -> Pair:
            code = self._case_code(case_id)
            slip = replace(
                self._of_sale(sale, at, operator),
                case=case_id,
                customer=customer,
                check_code=code,
                barcode=code,
            )
            slip = _with_cause(slip, say("slip.enquiry"), say("slip.enquiry_next"))
            return _copies(_with_arrival(slip, say("slip.answer_by", date=by.isoformat())))

        return make

    def declined(self, papers: Papers, refund: Refund, cause: Words, advice: Words | None) -> Pair:
        """未退款: what was asked, why not, and what next."""
        return self._failed(SlipKind.DECLINED, papers, refund, cause, advice)

    def not_sent(self, papers: Papers, refund: Refund, cause: Words, advice: Words | None) -> Pair:
        """未发送,未退款: the request never left."""
        return self._failed(SlipKind.NOT_SENT, papers, refund, cause, advice)

    def reversed(self, papers: Papers, refund: Refund, cause: Words, advice: Words | None) -> Pair:
        """The void did not take effect; the sale stands."""
        return self._failed(SlipKind.REVERSED, papers, refund, cause, advice)

    def pending(self, papers: Papers, refund: Refund, cause: Words, advice: Words | None) -> Pair:
        """The certificate of an unknown outcome: check code, expected date, contact (R32).

        ``cause`` and ``advice`` are the clerk's; the customer reads what to expect and how to ask.
        """
        by = add_working_days(papers.at.date(), PENDING_WORKING_DAYS)
        slip = self._of_refund(SlipKind.PENDING, papers, refund)
        slip = _with_arrival(slip, say("slip.pending_by", date=by.isoformat()))
        merchant, customer = _copies(replace(slip, check_code=slip.barcode))
        expect = say("slip.pending_customer")
        ask = say("slip.pending_customer_next", date=by.isoformat())
        return _with_cause(merchant, cause, advice), _with_cause(customer, expect, ask)

    def cash(self, papers: Papers) -> Callable[[Refund], Pair]:
        """For ``Ledger.commit_cash``: the refund's number is known only there."""

        def make(refund: Refund) -> Pair:
            slip = self._of_refund(SlipKind.CASH, papers, refund)
            return _copies(_with_arrival(slip, _arrival(papers, Kind.CASH)))

        return make

    def credit(self, papers: Papers) -> Callable[[Refund, Voucher], Pair]:
        """For ``Ledger.issue_credit``: the merchant's record, and the voucher itself (R37)."""

        def make(refund: Refund, voucher: Voucher) -> Pair:
            slip = self._of_refund(SlipKind.CREDIT, papers, refund)
            slip = _with_cause(slip, say("eligibility.credit"), None)
            merchant, customer = _copies(replace(slip, voucher=mask(voucher.number)))
            return merchant, replace(customer, voucher=voucher.number, barcode=voucher.number)

        return make

    def refused(self, papers: Papers, cause: Words, advice: Words | None = None) -> Pair:
        """Refused by a rule: the rule, and whom to turn to (R67). No refund exists."""
        advice = advice or say("slip.complaint")
        return _copies(_with_cause(self._base(SlipKind.REFUSED, papers), cause, advice))

    def _failed(
        self, kind: SlipKind, papers: Papers, refund: Refund, cause: Words, advice: Words | None
    ) -> Pair:
        return _copies(_with_cause(self._of_refund(kind, papers, refund), cause, advice))

    def _of_refund(self, kind: SlipKind, papers: Papers, refund: Refund) -> Slip:
        return replace(
            self._base(kind, papers),
            operator=refund.operator,
            amount=refund.amount,
            masked_card=refund.masked or "",
            scheme=refund.scheme,
            batch=refund.batch or "",
            stan=refund.stan or "",
            auth_code=refund.auth_code or "",
            rrn=refund.rrn or "",
            response=refund.response or "",
            barcode=self._barcode(refund),
        )

    def _base(self, kind: SlipKind, papers: Papers) -> Slip:
        application, sale = papers.application, papers.sale
        tender = sale.tender(application.leg)
        card = tender.card
        reason_zh, reason_en = self._reason(application.reason)
        return Slip(
            kind=kind,
            copy=Copy.MERCHANT,
            merchant_name=self._terminal.merchant_name,
            merchant_id=self._terminal.merchant_id,
            terminal_id=self._terminal.terminal_id,
            operator=application.operator,
            application=application.number,
            at=papers.at.isoformat(timespec="seconds"),
            currency=sale.currency,
            amount=application.amount,
            masked_card=(card.masked or "") if card else "",
            scheme=card.scheme if card else "",
            funding=card.funding.value if card else "",
            original_trace=sale.trace,
            original_rrn=sale.rrn,
            original_receipt=sale.receipt_no,
            original_at=sale.sold_at.isoformat(timespec="seconds"),
            original_amount=tender.amount,
            items=slip_items(papers, application.amount),
            more_items=max(0, len(application.items) - MOST_ITEMS),
            reason_zh=reason_zh,
            reason_en=reason_en,
            rule=papers.rule,
            approvals=tuple(f"{one.supervisor} {one.name}".strip() for one in papers.approvals),
            contact=self._terminal.contact,
            training=self._training,
        )

    def _of_sale(self, sale: Sale, at: datetime, operator: str) -> Slip:
        cards = [tender.card for tender in sale.tenders if tender.card is not None]
        card = cards[0] if cards else None
        return Slip(
            kind=SlipKind.ENQUIRY,
            copy=Copy.MERCHANT,
            merchant_name=self._terminal.merchant_name,
            merchant_id=self._terminal.merchant_id,
            terminal_id=self._terminal.terminal_id,
            operator=operator,
            application=0,
            at=at.isoformat(timespec="seconds"),
            currency=sale.currency,
            amount=sum(tender.amount for tender in sale.tenders if tender.card is not None)
            or sale.amount,
            masked_card=(card.masked or "") if card else "",
            scheme=card.scheme if card else "",
            funding=card.funding.value if card else "",
            batch=sale.batch,
            auth_code=sale.auth_code,
            original_terminal=sale.terminal_id,
            original_trace=sale.trace,
            original_rrn=sale.rrn,
            original_receipt=sale.receipt_no,
            original_at=sale.sold_at.isoformat(timespec="seconds"),
            original_amount=sale.amount,
            contact=self._terminal.contact,
            training=self._training,
        )

    def _case_code(self, case_id: int) -> str:
        if case_id > receipt_code.MAX_SERIAL:
            return ""
        terminal = self._terminal
        return receipt_code.encode_case(terminal.merchant_id, terminal.terminal_id, case_id)

    def _reason(self, code: str) -> tuple[str, str]:
        reason = self._reasons.get(code)
        return (code, code) if reason is None else (reason.zh, reason.en)

    def _barcode(self, refund: Refund) -> str:
        """Our 13 digits; none for a number that they can't carry, rather than no slip."""
        if refund.refund_id > receipt_code.MAX_SERIAL:
            return ""
        return receipt_code.encode(
            refund.kind, self._terminal.merchant_id, self._terminal.terminal_id, refund.refund_id
        )


def slip_items(papers: Papers, amount: int) -> tuple[SlipItem, ...]:
    """The goods that the application names, with ``amount`` shared out over them."""
    items = papers.application.items
    names = {line.line: line.name for line in papers.sale.lines}
    shares = share(amount, [item.amount for item in items])
    return tuple(
        SlipItem(names[item.line], format_quantity(item.quantity), part)
        for item, part in zip(items[:MOST_ITEMS], shares, strict=False)
    )


def add_working_days(start: date, days: int) -> date:
    """``days`` working days after ``start``; Saturdays and Sundays don't count."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < _SATURDAY
    return day


def _copies(slip: Slip) -> Pair:
    return slip, replace(slip, copy=Copy.CUSTOMER)


def _arrival(papers: Papers, kind: Kind) -> Words:
    """When the money will be there, by debit or credit (R39)."""
    if kind is Kind.CASH:
        return say("slip.arrival_cash")
    if kind is Kind.VOID:
        return say("slip.arrival_void")
    card = papers.sale.tender(papers.application.leg).card
    return say(_ARRIVAL[card.funding if card else Funding.UNKNOWN])


def _with_arrival(slip: Slip, words: Words) -> Slip:
    zh, en = _both(words)
    return replace(slip, arrival_zh=zh, arrival_en=en)


def _with_cause(slip: Slip, cause: Words | None, advice: Words | None) -> Slip:
    cause_zh, cause_en = _both(cause)
    advice_zh, advice_en = _both(advice)
    return replace(
        slip, cause_zh=cause_zh, cause_en=cause_en, advice_zh=advice_zh, advice_en=advice_en
    )


def _with_telling(slip: Slip, told: Telling | None) -> Slip:
    if told is None:
        return slip
    by_file = isinstance(told, Evidence)
    return replace(
        slip, concluded_ref=told.reference, concluded_by=_who(told), concluded_by_file=by_file
    )


def _who(told: Telling) -> tuple[str, ...]:
    """Two people, or the line of the acquirer's file."""
    if isinstance(told, Evidence):
        return (f"{told.source[:_NAME]}:{told.line}",)
    return tuple(f"{one.supervisor} {one.name}".strip() for one in told.approvals)


def _both(words: Words | None) -> tuple[str, str]:
    if words is None:
        return "", ""
    return _text(words, Language.ZH_CN), _text(words, Language.EN)


def _text(words: Words, language: Language) -> str:
    try:
        return render(words, language)
    except (KeyError, IndexError, ValueError):
        return words.key
