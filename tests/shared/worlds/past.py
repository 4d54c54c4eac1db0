"""What a ledger would say of earlier refunds, for rules that ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct, field

from pos_terminal.core.rules import exchange_told, no_receipt, typed, voucher_paid
from pos_terminal.core.rules.facts import Tally
from pos_terminal.core.serials import PiecesBack


class Earlier(Struct, frozen=True):
    """Fulfils ``core.rules.book.Past``; without arguments nothing was given back before."""

    clerk: Tally = Tally()
    terminal: Tally = Tally()
    same: int = 0
    """Refunds of the same amount to the same card lately."""
    refused: bool = False
    """The acquirer called the card stolen, lost or fraud."""
    leg: bool = False
    """The same of the card by which the leg was paid."""

    elsewhere: tuple[typed.Other, ...] = ()
    """Sales that have its reference as well, and whose card was called so."""
    others: bool = False
    """An application for the leg ended after nothing but other cards."""
    voucher: voucher_paid.Taken | None = None
    """Of the one of ours that had paid."""
    likely: voucher_paid.Likely | None = None
    """Which of ours the number may be that had paid."""
    told: tuple[typed.Other, ...] = ()
    """Sales that may be the same payment."""
    untold: exchange_told.Untaken = exchange_told.Untaken()
    """What tills say that credits of the sale paid, and did not take."""
    pieces: PiecesBack = PiecesBack()
    """What became of the sale's pieces that have numbers."""
    replaced_before: Mapping[int, int] = field(default_factory=dict)
    """Lines of which some never came and others went out, by the last application."""
    blind: no_receipt.Earlier = no_receipt.Earlier()
    """Refunds without a receipt lately."""

    def counts(self, on: date, operator: str | None, rest_of: int = 0) -> Tally:
        return self.terminal if operator is None else self.clerk

    def same_recently(
        self, token: str, par: str | None, amount: int, since: datetime, *older: str
    ) -> int:
        return self.same

    def leg_refused(self, sale_key: int, leg: int) -> bool:
        return self.leg

    def reference_refused(self, sale_key: int, leg: int) -> Sequence[typed.Other]:
        return self.elsewhere

    def other_cards_only(self, sale_key: int, leg: int) -> bool:
        return self.others

    def perhaps_another(self, sale_key: int, leg: int) -> Sequence[typed.Other]:
        return self.told

    def taken(self, voucher: str) -> voucher_paid.Taken | None:
        return self.voucher

    def untaken(self, sale_key: int, rest_of: int) -> exchange_told.Untaken:
        return self.untold

    def pieces_back(self, sale_key: int) -> PiecesBack:
        return self.pieces

    def replaced(self, sale_key: int) -> Mapping[int, int]:
        return self.replaced_before

    def like_ours(self, voucher: str, amount: int, sold_at: datetime) -> voucher_paid.Likely | None:
        return self.likely

    def card_refused(self, token: str, par: str | None, *older: str) -> bool:
        return self.refused

    def without_receipt(
        self, customer: Sequence[str], card: Sequence[str], since: datetime
    ) -> no_receipt.Earlier:
        return self.blind


NOTHING = Earlier()
