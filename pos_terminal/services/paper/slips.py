"""What goes on paper for each occasion: both copies as facts, before anything is laid out (R39)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from pos_terminal.core.decision import was_by_gift
from pos_terminal.core.eligibility import Because, why_credit
from pos_terminal.core.refund import Refund
from pos_terminal.core.sale import Sale, SaleOrigin, Tender
from pos_terminal.core.unfit import RULE, Unfit
from pos_terminal.core.voucher import Voucher
from pos_terminal.core.words import Words, say
from pos_terminal.ports import Application, CaseSlips, Copies, VoucherSlips
from pos_terminal.services.paper.case_slips import CasePapers
from pos_terminal.services.paper.exchange_slips import ExchangeSlips
from pos_terminal.services.paper.facts import (
    both,
    card_request,
    credit_number,
    goods_of,
    of_gift,
    original_of,
    tender_of,
    unsent_request,
    whole_of,
    why,
)
from pos_terminal.services.paper.making import copies, for_holder, original_for, voucher_copies
from pos_terminal.services.paper.outcome_slips import OutcomeSlips
from pos_terminal.services.paper.proof import proof_of, receipt_barcode
from pos_terminal.services.paper.remedy_slips import RemedySlips
from pos_terminal.texts.domain import of_holder, of_objection
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.kinds.credit import StoreCredit
from pos_terminal.wire.receipt.kinds.enquiry import Enquiry
from pos_terminal.wire.receipt.kinds.form import Form
from pos_terminal.wire.receipt.kinds.refused import Refused
from pos_terminal.wire.receipt.kinds.to_do import Left, ToDo
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.parts.original import Original
from pos_terminal.wire.receipt.parts.request import Request
from pos_terminal.wire.receipt.slip import Slip


class SlipMaker(OutcomeSlips, ExchangeSlips, CasePapers, RemedySlips):
    """Fulfils ``ports.Papers`` for this terminal."""

    def refused(
        self, application: Application, cause: Words, advice: Words | None = None
    ) -> Copies:
        grounds = self._grounds(application)
        gift = for_holder(grounds)
        hidden = cause == of_objection(Unfit.BUYERS_OWN)
        body = Refused(
            request=Request() if gift else card_request(grounds),
            why=why(cause, advice or say("slip.complaint")),
            goods=goods_of(grounds, application.amount, self._policy),
            original=original_for(grounds),
            decided=replace(self._decided(grounds), rule=RULE if hidden else grounds.rule),
        )
        return copies(self._head(grounds), body)

    def turned_away(self, application: Application, cause: Words) -> Copies:
        sale = self._filed.sales.by_key(application.sale_key)
        currency = self._terminal.currency if sale is None else sale.currency
        head = self._plain_head(self._clock.now(), currency, 0, application.operator)
        decisions = self._filed.applications.decisions(application.number)
        rules = [one.rule for one in decisions]
        original = Original() if sale is None else whole_of(sale)
        if sale is not None and was_by_gift(decisions):
            original = of_gift(sale)
        body = Refused(
            why=why(cause, say("slip.complaint")),
            given=application.note,
            original=original,
            decided=Decided(rule=rules[0] if rules else ""),
        )
        return copies(replace(head, application=application.number), body)

    def cash(self, application: Application) -> Callable[[Refund], Copies]:
        return self._at_once(application)

    def points(self, application: Application) -> Callable[[Refund], Copies]:
        return self._at_once(application)

    def exchange_back(self, application: Application) -> Callable[[Refund], Copies]:
        return self._at_once(application)

    def _at_once(self, application: Application) -> Callable[[Refund], Copies]:
        grounds = self._grounds(application)

        def make(refund: Refund) -> Copies:
            body = self._given_back(grounds, refund, application.amount)
            return copies(self._head_of(grounds, refund), body)

        return make

    def credit(
        self, application: Application, *, clerk: str = "", agreed: str = ""
    ) -> VoucherSlips:
        grounds = self._grounds(application)
        blind = grounds.sale.origin is SaleOrigin.BLIND
        gift = for_holder(grounds)
        exception = grounds.basis is not None
        other = why_credit(grounds.tender, exception=exception, by_gift=gift)
        because = Because.NO_RECEIPT if blind else other
        by_gift = was_by_gift(grounds.decisions)
        original = of_gift(grounds.sale) if by_gift else tender_of(grounds)
        decided = self._decided(grounds)
        if agreed:
            decided = replace(decided, approvals=(agreed,))

        def make(refund: Refund, voucher: Voucher) -> Copies:
            head = replace(self._head_of(grounds, refund), amount=voucher.amount)
            head = replace(head, operator=clerk or head.operator)
            body = StoreCredit(
                paid_by="" if gift else voucher.paid_by,
                cause=both(say(f"eligibility.{because}")),
                goods=goods_of(grounds, application.amount, self._policy),
                original=original,
                decided=decided,
            )
            return voucher_copies(head, body, voucher)

        return make

    def form(self, application: Application) -> Callable[[Refund], Copies]:
        grounds = self._grounds(application)
        leg = grounds.sale.tender(grounds.application.leg)
        body = Form(
            original=of_gift(grounds.sale),
            goods=goods_of(grounds, application.amount, self._policy),
            decided=self._decided(grounds),
            why=why(say("slip.form"), say("slip.form_next")),
        )
        if not for_holder(grounds):
            body = replace(
                body,
                request=unsent_request(leg, numbers=True),
                tender=both(say(f"flows.tender_{leg.kind.value}")),
                order_no=" ".join(leg.order_no),
                original=tender_of(grounds, terminal=True),
            )
        return lambda refund: copies(self._head_of(grounds, refund), body)

    def to_do(self, applications: Sequence[Application]) -> Copies:
        legs = tuple(self._left(one) for one in applications)
        first = applications[0]
        sale = self._grounds(first).sale
        total = sum(one.amount for one in applications)
        head = self._plain_head(self._clock.now(), sale.currency, total, first.operator)
        code = self._application_code(first.ticket)
        return copies(replace(head, application=first.ticket, barcode=code), ToDo(legs))

    def _left(self, application: Application) -> Left:
        grounds = self._grounds(application)
        tender, gift = grounds.sale.tender(grounds.application.leg), for_holder(grounds)
        card = "" if tender.card is None or gift else tender.card.masked or ""
        paid = say(f"flows.tender_{tender.kind.value}")
        named = of_holder(application.kind) if gift else paid
        return Left(
            sale=grounds.sale.gift_receipt_no if gift else grounds.sale.number,
            at=grounds.sale.sold,
            tender=both(named),
            masked_card=card,
            amount=application.amount,
            credit=credit_number(grounds),
        )

    def enquiry(self, sale: Sale, operator: str, customer: str) -> CaseSlips:
        at = self._clock.now()
        by = self._answer_by(at.date())

        def of_leg(tender: Tender, code: str, case_id: int) -> Copies:
            body = Enquiry(
                request=unsent_request(tender, numbers=True),
                original=original_of(sale, tender, terminal=True),
                check_code=code,
                expected=both(say("slip.answer_by", date=by)),
                why=why(say("slip.enquiry"), say("slip.enquiry_next")),
                customer=customer,
            )
            head = self._plain_head(at, sale.currency, tender.amount, operator)
            return copies(replace(head, case=case_id, barcode=code), body)

        def make(case_id: int) -> Sequence[Slip]:
            code = self._case_code(case_id)
            return [slip for leg in _asked_about(sale) for slip in of_leg(leg, code, case_id)]

        return make

    def proof(self, sale: Sale, operator: str) -> Callable[[int], Slip]:
        head = self._plain_head(self._clock.now(), sale.currency, sale.amount, operator)
        head = replace(head, copy=Copy.CUSTOMER, barcode=receipt_barcode(sale))
        body = proof_of(sale)
        return lambda number: Slip(head, replace(body, number=number))


def _asked_about(sale: Sale) -> Sequence[Tender]:
    """Each payment by card has a form of its own; all of the sale where no tender tells."""
    by_card = [tender for tender in sale.tenders if tender.card is not None]
    return by_card or [replace(sale.tenders[0], amount=sale.amount)]
