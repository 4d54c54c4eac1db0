"""What goes on paper for each outcome: both copies as facts, before anything is laid out (R39)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

from msgspec.structs import replace

from pos_terminal.config import Config
from pos_terminal.core import receipt_code
from pos_terminal.core.decision import is_to_holder, was_by_gift
from pos_terminal.core.eligibility import Because, why_credit
from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.sale import Sale, SaleOrigin, Tender
from pos_terminal.core.unfit import RULE, Unfit
from pos_terminal.core.voucher import Voucher, mask
from pos_terminal.core.words import Words, say
from pos_terminal.ports import (
    Application,
    CaseSlips,
    Clock,
    Copies,
    CreditSlips,
    Filed,
    Grounds,
    Teller,
    VoucherSlips,
)
from pos_terminal.services.paper.facts import (
    MOST_ITEMS,
    PENDING_WORKING_DAYS,
    add_working_days,
    arrival_of,
    basis_of,
    both,
    card_request,
    credit_number,
    goods_of,
    invoice_of,
    of_gift,
    original_of,
    person_names,
    request_of,
    telling_of,
    tender_of,
    unsent_request,
    whole_of,
    why,
)
from pos_terminal.services.paper.proof import proof_of, receipt_barcode
from pos_terminal.texts.domain import of_holder, of_objection
from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.kinds import Kinds
from pos_terminal.wire.receipt.kinds.cash import CashBack
from pos_terminal.wire.receipt.kinds.credit import StoreCredit
from pos_terminal.wire.receipt.kinds.declined import Declined
from pos_terminal.wire.receipt.kinds.enquiry import Enquiry
from pos_terminal.wire.receipt.kinds.exchange import Exchanged
from pos_terminal.wire.receipt.kinds.exchange_back import ExchangeBack
from pos_terminal.wire.receipt.kinds.exchange_credit import ExchangeCredited, Part
from pos_terminal.wire.receipt.kinds.form import Form
from pos_terminal.wire.receipt.kinds.given_up import GivenUp
from pos_terminal.wire.receipt.kinds.manual import CarriedOut
from pos_terminal.wire.receipt.kinds.not_sent import NotSent
from pos_terminal.wire.receipt.kinds.overpaid import Overpaid
from pos_terminal.wire.receipt.kinds.pending import Pending
from pos_terminal.wire.receipt.kinds.points import PointsBack
from pos_terminal.wire.receipt.kinds.refund import Refunded
from pos_terminal.wire.receipt.kinds.refused import Refused
from pos_terminal.wire.receipt.kinds.reversed import Reversed
from pos_terminal.wire.receipt.kinds.to_do import Left, ToDo
from pos_terminal.wire.receipt.kinds.void import Voided
from pos_terminal.wire.receipt.pair import Pair
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.parts.original import Original
from pos_terminal.wire.receipt.parts.request import Request
from pos_terminal.wire.receipt.parts.why import Why
from pos_terminal.wire.receipt.slip import Slip

Failed = TypeVar("Failed", Declined, NotSent, Reversed, GivenUp)

Done = Refunded | Voided | CashBack | PointsBack | ExchangeBack | CarriedOut
_DONE: Final[Mapping[Kind, type[Done]]] = {
    Kind.REFUND: Refunded,
    Kind.VOID: Voided,
    Kind.CASH: CashBack,
    Kind.POINTS: PointsBack,
    Kind.EXCHANGE_BACK: ExchangeBack,
    Kind.MANUAL: CarriedOut,
}


class SlipMaker:
    """Fulfils ``ports.Papers`` for this terminal."""

    def __init__(
        self, config: Config, filed: Filed, clock: Clock, *, training: bool = False
    ) -> None:
        self._terminal = config.terminal
        self._policy = config.policy
        self._reasons = {reason.code: reason for reason in config.policy.reasons}
        self._filed = filed
        self._clock = clock
        self._training = training

    # --- for the flows -------------------------------------------------------------------------

    def refused(
        self, application: Application, cause: Words, advice: Words | None = None
    ) -> Copies:
        grounds = self._grounds(application)
        gift = _to_holder(grounds)
        hidden = cause == of_objection(Unfit.BUYERS_OWN)
        body = Refused(
            request=Request() if gift else card_request(grounds),
            why=why(cause, advice or say("slip.complaint")),
            goods=goods_of(grounds, application.amount, self._policy),
            original=_original(grounds),
            decided=replace(self._decided(grounds), rule=RULE if hidden else grounds.rule),
        )
        return _copies(self._head(grounds), body)

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
        return _copies(replace(head, application=application.number), body)

    def cash(self, application: Application) -> Callable[[Refund], Copies]:
        return self._at_once(application)

    def points(self, application: Application) -> Callable[[Refund], Copies]:
        return self._at_once(application)

    def exchange_back(self, application: Application) -> Callable[[Refund], Copies]:
        return self._at_once(application)

    def exchange(
        self, application: Application, out: Sequence[GivenOut]
    ) -> Callable[[Refund], Copies]:
        grounds = self._grounds(application)
        body = Exchanged(
            goods=goods_of(grounds, application.amount, self._policy),
            out=tuple(map(_out, out[:MOST_ITEMS])),
            more_out=max(0, len(out) - MOST_ITEMS),
            original=_original(grounds),
            decided=self._decided(grounds),
        )
        return lambda refund: _copies(self._head_of(grounds, refund), body)

    def exchange_credit(self, applications: Sequence[Application]) -> CreditSlips:
        grounds = [self._grounds(one) for one in applications]
        first, sale = grounds[0], grounds[0].sale
        amount = sum(one.amount for one in applications)
        body = ExchangeCredited(
            parts=tuple(map(_part, grounds)),
            goods=goods_of(first, amount, self._policy, whole=True),
            original=whole_of(sale),
            decided=self._decided(first),
        )

        def make(refunds: Sequence[Refund], credit: ExchangeCredit) -> Copies:
            head = replace(self._head_of(first, refunds[0]), amount=credit.amount)
            until = credit.expires_at.isoformat(timespec="seconds")
            merchants = replace(body, number=mask(credit.number), until=until)
            customers = replace(head, copy=Copy.CUSTOMER, barcode=credit.number)
            return Slip(head, merchants), Slip(customers, replace(merchants, number=credit.number))

        return make

    def _at_once(self, application: Application) -> Callable[[Refund], Copies]:
        grounds = self._grounds(application)

        def make(refund: Refund) -> Copies:
            body = self._given_back(grounds, refund, application.amount)
            return _copies(self._head_of(grounds, refund), body)

        return make

    def credit(
        self, application: Application, *, clerk: str = "", agreed: str = ""
    ) -> VoucherSlips:
        grounds = self._grounds(application)
        blind = grounds.sale.origin is SaleOrigin.BLIND
        gift = _to_holder(grounds)
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
                voucher=mask(voucher.number),
                replaces="" if voucher.replaces is None else mask(voucher.replaces),
                paid_by="" if gift else voucher.paid_by,
                cause=both(say(f"eligibility.{because}")),
                goods=goods_of(grounds, application.amount, self._policy),
                original=original,
                decided=decided,
            )
            customers = replace(head, copy=Copy.CUSTOMER, barcode=voucher.number)
            return Slip(head, body), Slip(customers, replace(body, voucher=voucher.number))

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
        if not _to_holder(grounds):
            body = replace(
                body,
                request=unsent_request(leg, numbers=True),
                tender=both(say(f"flows.tender_{leg.kind.value}")),
                order_no=" ".join(leg.order_no),
                original=tender_of(grounds, terminal=True),
            )
        return lambda refund: _copies(self._head_of(grounds, refund), body)

    def to_do(self, applications: Sequence[Application]) -> Copies:
        legs = tuple(self._left(one) for one in applications)
        first = applications[0]
        sale = self._grounds(first).sale
        total = sum(one.amount for one in applications)
        head = self._plain_head(self._clock.now(), sale.currency, total, first.operator)
        code = self._application_code(first.ticket)
        return _copies(replace(head, application=first.ticket, barcode=code), ToDo(legs))

    def _left(self, application: Application) -> Left:
        grounds = self._grounds(application)
        tender, gift = grounds.sale.tender(grounds.application.leg), _to_holder(grounds)
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
        by = add_working_days(at.date(), PENDING_WORKING_DAYS)

        def of_leg(tender: Tender, code: str, case_id: int) -> Copies:
            body = Enquiry(
                request=unsent_request(tender, numbers=True),
                original=original_of(sale, tender, terminal=True),
                check_code=code,
                expected=both(say("slip.answer_by", date=by.isoformat())),
                why=why(say("slip.enquiry"), say("slip.enquiry_next")),
                customer=customer,
            )
            head = self._plain_head(at, sale.currency, tender.amount, operator)
            return _copies(replace(head, case=case_id, barcode=code), body)

        def make(case_id: int) -> Sequence[Slip]:
            code = self._case_code(case_id)
            return [slip for leg in _asked_about(sale) for slip in of_leg(leg, code, case_id)]

        return make

    def proof(self, sale: Sale, operator: str) -> Callable[[int], Slip]:
        head = self._plain_head(self._clock.now(), sale.currency, sale.amount, operator)
        head = replace(head, copy=Copy.CUSTOMER, barcode=receipt_barcode(sale))
        body = proof_of(sale)
        return lambda number: Slip(head, replace(body, number=number))

    # --- for outcomes --------------------------------------------------------------------------

    def accepted(
        self,
        grounds: Grounds,
        refund: Refund,
        cause: Words | None = None,
        told: Teller | None = None,
    ) -> Copies:
        body = replace(
            self._given_back(grounds, refund, refund.done),
            asked=refund.amount if refund.done < refund.amount else 0,
            cause=both(cause),
            concluded=telling_of(told),
        )
        return _copies(replace(self._head_of(grounds, refund), amount=refund.done), body)

    def declined(
        self, grounds: Grounds, refund: Refund, cause: Words, advice: Words | None
    ) -> Copies:
        return self._failed(Declined, grounds, refund, cause, advice)

    def not_sent(
        self, grounds: Grounds, refund: Refund, cause: Words, advice: Words | None
    ) -> Copies:
        return self._failed(NotSent, grounds, refund, cause, advice)

    def reversed(
        self, grounds: Grounds, refund: Refund, cause: Words, advice: Words | None
    ) -> Copies:
        return self._failed(Reversed, grounds, refund, cause, advice)

    def pending(
        self, grounds: Grounds, refund: Refund, cause: Words, advice: Words | None
    ) -> Copies:
        by = add_working_days(grounds.at.date(), PENDING_WORKING_DAYS).isoformat()
        head = self._head_of(grounds, refund)
        body = Pending(
            request=request_of(grounds, refund),
            check_code=head.barcode,
            expected=both(say("slip.pending_by", date=by)),
            why=why(cause, advice),
            goods=goods_of(grounds, grounds.application.amount, self._policy),
            original=tender_of(grounds),
            decided=self._decided(grounds),
        )
        expect = why(say("slip.pending_customer"), say("slip.pending_customer_next", date=by))
        customers = Slip(head, replace(body, why=expect)).copy_for(Copy.CUSTOMER)
        return Slip(head, body), customers

    def given_up(
        self, grounds: Grounds, refund: Refund, told: Teller, cause: Words, advice: Words | None
    ) -> Copies:
        body = self._not_given_back(GivenUp, grounds, refund, why(cause, advice))
        return _copies(self._head_of(grounds, refund), replace(body, concluded=telling_of(told)))

    def overpaid(
        self,
        grounds: Grounds,
        refund: Refund,
        earlier: Teller | None,
        late: Teller | None,
        *,
        cause: Words,
        advice: Words,
    ) -> tuple[Slip]:
        body = Overpaid(
            request=_request(grounds, refund),
            why=why(cause, advice),
            concluded=telling_of(earlier),
            late=telling_of(late),
            original=_original(grounds),
        )
        return (Slip(replace(self._head_of(grounds, refund), amount=refund.done), body),)

    # --- parts ---------------------------------------------------------------------------------

    def _given_back(self, grounds: Grounds, refund: Refund, amount: int) -> Done:
        return _DONE[refund.kind](
            request=_request(grounds, refund),
            goods=goods_of(grounds, amount, self._policy),
            original=_original(grounds),
            decided=self._decided(grounds),
            arrival=arrival_of(grounds, refund.kind),
        )

    def _failed(
        self,
        kind: type[Failed],
        grounds: Grounds,
        refund: Refund,
        cause: Words,
        advice: Words | None,
    ) -> Copies:
        body = self._not_given_back(kind, grounds, refund, why(cause, advice))
        return _copies(self._head_of(grounds, refund), body)

    def _not_given_back(
        self, kind: type[Failed], grounds: Grounds, refund: Refund, said: Why
    ) -> Failed:
        return kind(
            request=_request(grounds, refund),
            why=said,
            goods=goods_of(grounds, grounds.application.amount, self._policy),
            original=_original(grounds),
            decided=self._decided(grounds),
        )

    def _grounds(self, application: Application) -> Grounds:
        sale = self._filed.sales.by_key(application.sale_key)
        if sale is None:  # it was typed, and has become the till's since
            now = self._filed.applications.by_number(application.number)
            application = application if now is None else now
            sale = self._filed.sales.by_key(application.sale_key)
        if sale is None:
            raise LookupError(f"application {application.number} names no sale")
        return Grounds.of(self._filed, application, sale, self._clock.now())

    def _head_of(self, grounds: Grounds, refund: Refund) -> Head:
        """With the numbers that the refund has, and the barcode that leads back to it."""
        return replace(
            self._head(grounds),
            operator=refund.operator,
            amount=refund.amount,
            stan=refund.stan or "",
            barcode=self._barcode(refund),
        )

    def _head(self, grounds: Grounds) -> Head:
        asked = grounds.application
        head = self._plain_head(grounds.at, grounds.sale.currency, asked.amount, asked.operator)
        return replace(head, application=asked.number)

    def _plain_head(self, at: datetime, currency: str, amount: int, operator: str) -> Head:
        terminal = self._terminal
        return Head(
            copy=Copy.MERCHANT,
            merchant_name=terminal.merchant_name,
            merchant_id=terminal.merchant_id,
            terminal_id=terminal.terminal_id,
            operator=operator,
            at=at.isoformat(timespec="seconds"),
            currency=currency,
            amount=amount,
            contact=terminal.contact,
            training=self._training,
        )

    def _decided(self, grounds: Grounds) -> Decided:
        reason = self._reason(grounds.application.reason)
        decided = Decided(reason, grounds.rule, person_names(grounds.approvals))
        decided = replace(decided, **invoice_of(grounds, to_holder=_to_holder(grounds)))
        return decided if grounds.basis is None else replace(decided, **basis_of(grounds.basis))

    def _reason(self, code: str) -> Pair:
        reason = self._reasons.get(code)
        return Pair(code, code) if reason is None else Pair(reason.zh, reason.en)

    def _case_code(self, case_id: int) -> str:
        if case_id > receipt_code.MAX_SERIAL:
            return ""
        terminal = self._terminal
        return receipt_code.encode_case(terminal.merchant_id, terminal.terminal_id, case_id)

    def _application_code(self, number: int) -> str:
        """It leads to the form while that is open, and to its sale then."""
        if number > receipt_code.MAX_SERIAL:
            return ""
        terminal = self._terminal
        return receipt_code.encode_application(terminal.merchant_id, terminal.terminal_id, number)

    def _barcode(self, refund: Refund) -> str:
        """Our 13 digits; none for a number that they can't carry, rather than no slip."""
        if refund.kind is Kind.MANUAL:
            return self._application_code(refund.application)
        if refund.refund_id > receipt_code.MAX_SERIAL:
            return ""
        return receipt_code.encode(
            refund.kind, self._terminal.merchant_id, self._terminal.terminal_id, refund.refund_id
        )


def _copies(head: Head, body: Kinds) -> Copies:
    slip = Slip(head, body)
    return slip, slip.copy_for(Copy.CUSTOMER)


def _out(one: GivenOut) -> str:
    quantity = f"×{format_quantity(one.quantity)}"
    return " ".join(filter(None, (one.name, one.code, quantity, *one.serials)))


def _part(grounds: Grounds) -> Part:
    """Of an exchange credit: the payment that a part of it goes back to."""
    tender, card = grounds.tender, grounds.tender.card
    masked = "" if card is None else card.masked or ""
    return Part(both(say(f"flows.tender_{tender.kind.value}")), masked, grounds.application.amount)


def _to_holder(grounds: Grounds) -> bool:
    """Whether it is for who has a gift receipt, who is told nothing of what the buyer paid."""
    return is_to_holder(grounds.decisions)


def _request(grounds: Grounds, refund: Refund) -> Request:
    return Request() if _to_holder(grounds) else request_of(grounds, refund)


def _original(grounds: Grounds) -> Original:
    return of_gift(grounds.sale) if _to_holder(grounds) else tender_of(grounds)


def _asked_about(sale: Sale) -> Sequence[Tender]:
    """Each payment by card has a form of its own; all of the sale where no tender tells."""
    by_card = [tender for tender in sale.tenders if tender.card is not None]
    return by_card or [replace(sale.tenders[0], amount=sale.amount)]
