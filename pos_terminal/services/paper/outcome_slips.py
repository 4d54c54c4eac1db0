"""What goes on paper for the outcome of a request (R39)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from msgspec.structs import replace

from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.words import Words, say
from pos_terminal.ports import Copies, Grounds, Teller
from pos_terminal.services.paper.facts import (
    arrival_of,
    both,
    goods_of,
    request_of,
    telling_of,
    tender_of,
    why,
)
from pos_terminal.services.paper.making import Making, copies, original_for, request_for
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.kinds.cash import CashBack
from pos_terminal.wire.receipt.kinds.declined import Declined
from pos_terminal.wire.receipt.kinds.exchange_back import ExchangeBack
from pos_terminal.wire.receipt.kinds.given_up import GivenUp
from pos_terminal.wire.receipt.kinds.manual import CarriedOut
from pos_terminal.wire.receipt.kinds.not_sent import NotSent
from pos_terminal.wire.receipt.kinds.overpaid import Overpaid
from pos_terminal.wire.receipt.kinds.pending import Pending
from pos_terminal.wire.receipt.kinds.points import PointsBack
from pos_terminal.wire.receipt.kinds.refund import Refunded
from pos_terminal.wire.receipt.kinds.reversed import Reversed
from pos_terminal.wire.receipt.kinds.void import Voided
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


class OutcomeSlips(Making):
    """By the answer to a request, or by who told of it."""

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
        return copies(replace(self._head_of(grounds, refund), amount=refund.done), body)

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
        by = self._answer_by(grounds.at.date())
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
        return copies(self._head_of(grounds, refund), replace(body, concluded=telling_of(told)))

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
            request=request_for(grounds, refund),
            why=why(cause, advice),
            concluded=telling_of(earlier),
            late=telling_of(late),
            original=original_for(grounds),
        )
        return (Slip(replace(self._head_of(grounds, refund), amount=refund.done), body),)

    def _given_back(self, grounds: Grounds, refund: Refund, amount: int) -> Done:
        return _DONE[refund.kind](
            request=request_for(grounds, refund),
            goods=goods_of(grounds, amount, self._policy),
            original=original_for(grounds),
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
        return copies(self._head_of(grounds, refund), body)

    def _not_given_back(
        self, kind: type[Failed], grounds: Grounds, refund: Refund, said: Why
    ) -> Failed:
        return kind(
            request=request_for(grounds, refund),
            why=said,
            goods=goods_of(grounds, grounds.application.amount, self._policy),
            original=original_for(grounds),
            decided=self._decided(grounds),
        )
