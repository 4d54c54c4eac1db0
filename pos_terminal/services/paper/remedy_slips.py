"""Slips of what is done about a case, each under a number of its own (R46, R47a)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from pos_terminal.core import receipt_code
from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.payout import PayoutFor, PayoutKind
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.voucher import Voucher
from pos_terminal.core.words import say
from pos_terminal.ports import (
    Copies,
    Grounds,
    NewNumberSlips,
    NewPaper,
    NewPayout,
    Payout,
    PayoutSlips,
)
from pos_terminal.services.paper.facts import (
    both,
    goods_of,
    person_names,
    why,
)
from pos_terminal.services.paper.making import (
    Making,
    copies,
    original_for,
    request_for,
    voucher_copies,
)
from pos_terminal.wire.receipt.head import Head
from pos_terminal.wire.receipt.kinds.claim import Claim
from pos_terminal.wire.receipt.kinds.credit import StoreCredit
from pos_terminal.wire.receipt.kinds.payout import PayoutForm, PayoutInCash
from pos_terminal.wire.receipt.kinds.recovery import Recovery
from pos_terminal.wire.receipt.kinds.to_acquirer import Correction, RefundEnquiry
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.parts.told import Told
from pos_terminal.wire.receipt.slip import Slip

_Make = Callable[[int], Sequence[Slip]]
"""By the number that only the commit knows."""


class RemedySlips(Making):
    """Of cases."""

    def payout(self, new: NewPayout, sale_key: int) -> PayoutSlips:
        agreed = person_names(new.approvals)
        body_of = PayoutInCash if new.kind is PayoutKind.CASH else PayoutForm
        body = body_of(
            what=both(say(f"remedy.for_{new.what.value}")),
            sale=self._named(sale_key),
            decided=Decided(approvals=agreed),
        )

        def make(number: int, voucher: Voucher | None) -> Copies:
            head = self._numbered(new, number)
            if voucher is None:
                return copies(head, replace(body, number=str(number)))
            credit = _credit_of(new.what, number, body.sale, agreed)
            return voucher_copies(head, credit, voucher)

        return make

    def payout_credit(
        self, payout: Payout, sale_key: int, *, clerk: str, agreed: str
    ) -> NewNumberSlips:
        body = _credit_of(payout.what, payout.payout_id, self._named(sale_key), (agreed,))
        head = replace(self._numbered(payout, payout.payout_id), operator=clerk)
        return lambda voucher: voucher_copies(replace(head, amount=voucher.amount), body, voucher)

    def _named(self, sale_key: int) -> str:
        """As people know the sale."""
        sale = self._filed.sales.by_key(sale_key)
        return "" if sale is None else sale.number

    def recovery(self, new: NewPaper, sale_key: int | None, given: int) -> _Make:
        named = "" if sale_key is None else self._named(sale_key)
        return lambda number: copies(
            self._numbered(new, number), Recovery(str(number), named, given)
        )

    def to_acquirer(self, new: NewPaper, refund: Refund) -> _Make:
        correction = new.kind is PaperKind.CORRECTION
        body_of = Correction if correction else RefundEnquiry
        asked = say("slip.correction" if correction else "slip.refund_enquiry")
        grounds = self._grounds_of(refund)
        by = self._answer_by(grounds.at.date())
        body = body_of(
            request=request_for(grounds, refund),
            refunded_at=(refund.concluded_at or refund.sealed_at).isoformat(timespec="seconds"),
            in_doubt=not refund.done,
            original=original_for(grounds),
            expected=both(say("slip.answer_by", date=by)),
            why=why(asked, say("slip.to_acquirer_next")),
        )

        def make(number: int) -> Sequence[Slip]:
            head = replace(self._numbered(new, number), stan=refund.stan or "")
            named = replace(body, number=str(number), check_code=head.barcode)
            return copies(head, named)

        return make

    def claim(self, new: NewPaper, refund: Refund, freight: int) -> _Make:
        grounds = self._grounds_of(refund)
        exchanged = refund.kind is Kind.EXCHANGE
        body = Claim(
            sale=grounds.sale.number,
            goods=goods_of(grounds, new.amount - freight, self._policy, whole=exchanged),
            freight=freight,
            evidence=tuple(
                Told(both(say(f"tenders.evidence_{one.kind.value}")), one.reference)
                for one in new.evidence
            ),
        )
        return lambda number: [Slip(self._numbered(new, number), replace(body, number=str(number)))]

    def _grounds_of(self, refund: Refund) -> Grounds:
        application = self._filed.applications.by_number(refund.application)
        if application is None:
            raise LookupError(f"refund {refund.refund_id} has no application")
        return self._grounds(application)

    def _numbered(self, new: NewPaper | NewPayout | Payout, number: int) -> Head:
        head = self._plain_head(self._clock.now(), new.currency, new.amount, new.operator)
        terminal = self._terminal
        code = receipt_code.remedy_code(terminal.merchant_id, terminal.terminal_id, number)
        return replace(head, case=new.case_id, barcode=code)


def _credit_of(what: PayoutFor, number: int, sale: str, agreed: tuple[str, ...]) -> StoreCredit:
    return StoreCredit(
        payout=str(number),
        sale=sale,
        cause=both(say(f"remedy.for_{what.value}")),
        decided=Decided(approvals=agreed),
    )
