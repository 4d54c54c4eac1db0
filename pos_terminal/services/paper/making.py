"""Heads, grounds and numbers: what all slips of this terminal have (R39)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from msgspec.structs import replace

from pos_terminal.config import Config
from pos_terminal.core import receipt_code
from pos_terminal.core.decision import is_to_holder
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.voucher import Voucher, mask
from pos_terminal.ports import Application, Clock, Copies, Filed, Grounds
from pos_terminal.services.paper.facts import (
    basis_of,
    invoice_of,
    of_gift,
    person_names,
    request_of,
    tender_of,
)
from pos_terminal.wire.receipt.all_kinds import Kinds
from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.kinds.credit import StoreCredit
from pos_terminal.wire.receipt.pair import Pair
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.parts.original import Original
from pos_terminal.wire.receipt.parts.request import Request
from pos_terminal.wire.receipt.slip import Slip

_ANSWERED: Final = 3
"""Working days until an unknown outcome, or an answer, is promised: the acquirer's file has it by
then."""


class Making:
    """What every slip of this terminal is made with."""

    def __init__(
        self, config: Config, filed: Filed, clock: Clock, *, training: bool = False
    ) -> None:
        self._terminal = config.terminal
        self._policy = config.policy
        self._due_days = config.cases.due_days
        self._reasons = {reason.code: reason for reason in config.policy.reasons}
        self._filed = filed
        self._clock = clock
        self._training = training
        self._working_days = config.working_days

    def _grounds(self, application: Application) -> Grounds:
        sale = self._filed.sales.by_key(application.sale_key)
        if sale is None:  # it was typed, and has become the till's since
            now = self._filed.applications.by_number(application.number)
            application = application if now is None else now
            sale = self._filed.sales.by_key(application.sale_key)
        if sale is None:
            raise LookupError(f"application {application.number} names no sale")
        return Grounds.of(self._filed, application, sale, self._clock.now())

    def _answer_by(self, day: date) -> str:
        """ISO 8601."""
        return self._working_days().after(day, _ANSWERED).isoformat()

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
        decided = replace(decided, **invoice_of(grounds, to_holder=for_holder(grounds)))
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


def copies(head: Head, body: Kinds) -> Copies:
    slip = Slip(head, body)
    return slip, slip.copy_for(Copy.CUSTOMER)


def voucher_copies(head: Head, body: StoreCredit, voucher: Voucher) -> Copies:
    """The merchant's record, and the voucher: its number is worth money, and stands on that
    alone."""
    replaces = "" if voucher.replaces is None else mask(voucher.replaces)
    kept = replace(body, voucher=mask(voucher.number), replaces=replaces)
    customers = replace(head, copy=Copy.CUSTOMER, barcode=voucher.number)
    return Slip(head, kept), Slip(customers, replace(kept, voucher=voucher.number))


def for_holder(grounds: Grounds) -> bool:
    """Whether it is for who has a gift receipt, who is told nothing of what the buyer paid."""
    return is_to_holder(grounds.decisions)


def request_for(grounds: Grounds, refund: Refund) -> Request:
    return Request() if for_holder(grounds) else request_of(grounds, refund)


def original_for(grounds: Grounds) -> Original:
    return of_gift(grounds.sale) if for_holder(grounds) else tender_of(grounds)
