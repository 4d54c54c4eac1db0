"""What goes on paper for an exchange (R37)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.refund import Refund
from pos_terminal.core.sale import SaleLine
from pos_terminal.core.serials import unread
from pos_terminal.core.voucher import mask
from pos_terminal.core.words import say
from pos_terminal.ports import Application, Copies, CreditSlips, Grounds
from pos_terminal.services.paper.facts import MOST_ITEMS, both, goods_of, whole_of
from pos_terminal.services.paper.making import Making, copies, original_for
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.kinds.exchange import Exchanged, ItemOut
from pos_terminal.wire.receipt.kinds.exchange_credit import ExchangeCredited, Part
from pos_terminal.wire.receipt.slip import Slip


class ExchangeSlips(Making):
    """Goods for goods, and the credit that the till takes for them."""

    def exchange(
        self, application: Application, out: Sequence[GivenOut]
    ) -> Callable[[Refund], Copies]:
        grounds = self._grounds(application)
        body = Exchanged(
            goods=goods_of(grounds, application.amount, self._policy),
            out=tuple(_out(grounds.sale.line(one.line), one) for one in out[:MOST_ITEMS]),
            more_out=max(0, len(out) - MOST_ITEMS),
            original=original_for(grounds),
            decided=self._decided(grounds),
        )
        return lambda refund: copies(self._head_of(grounds, refund), body)

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


def _out(line: SaleLine, one: GivenOut) -> ItemOut:
    text = " ".join(filter(None, (one.name, one.code, f"×{format_quantity(one.quantity)}")))
    not_read = unread(line, one.quantity, one.serials)
    return ItemOut(text, one.price, one.last_sold_for, one.serials, not_read)


def _part(grounds: Grounds) -> Part:
    """Of an exchange credit: the payment that a part of it goes back to."""
    tender, card = grounds.tender, grounds.tender.card
    masked = "" if card is None else card.masked or ""
    return Part(both(say(f"flows.tender_{tender.kind.value}")), masked, grounds.application.amount)
