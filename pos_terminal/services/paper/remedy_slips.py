"""Slips of what is done about a case (R46, R47a)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from pos_terminal.core import receipt_code
from pos_terminal.core.payout import PayoutKind
from pos_terminal.core.words import say
from pos_terminal.ports import NewPayout
from pos_terminal.services.paper.facts import both, person_names
from pos_terminal.services.paper.making import Making, copies
from pos_terminal.wire.receipt.kinds.payout import PayoutForm, PayoutInCash
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.slip import Slip


class RemedySlips(Making):
    """Of cases."""

    def payout(self, new: NewPayout, sale_key: int) -> Callable[[int], Sequence[Slip]]:
        sale = self._filed.sales.by_key(sale_key)
        head = self._plain_head(self._clock.now(), new.currency, new.amount, new.operator)
        body_of = PayoutInCash if new.kind is PayoutKind.CASH else PayoutForm
        body = body_of(
            what=both(say(f"remedy.for_{new.what.value}")),
            sale="" if sale is None else sale.number,
            decided=Decided(approvals=person_names(new.approvals)),
        )

        def make(number: int) -> Sequence[Slip]:
            code = self._remedy_code(number)
            numbered = replace(head, case=new.case_id, barcode=code)
            return copies(numbered, replace(body, number=str(number)))

        return make

    def _remedy_code(self, number: int) -> str:
        if number > receipt_code.MAX_SERIAL:
            return ""
        terminal = self._terminal
        return receipt_code.encode_remedy(terminal.merchant_id, terminal.terminal_id, number)
