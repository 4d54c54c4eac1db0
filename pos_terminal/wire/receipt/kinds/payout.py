"""What is paid beside a sale for what went wrong: cash, or a form that people carry out (R47a)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pos_terminal.wire.receipt.body import Body
from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.pair import NO_TEXT, Pair
from pos_terminal.wire.receipt.parts.decided import Decided

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class _Payout(Body, frozen=True):
    signed = "payout_agreed"

    number: str = ""
    what: Pair = NO_TEXT
    """What it is paid for."""
    sale: str = ""
    """The number by which people know it."""
    decided: Decided = Decided()

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        yield from blocks.facts(
            ("payout_number", self.number),
            ("payout_for", " ".join(blocks.wording.pick(self.what))),
            ("of_sale", self.sale),
        )
        yield blocks.rule()
        yield from blocks.amount("amount_payout", head.amount, head.currency)
        yield from self.decided.rows(blocks, head)


class PayoutInCash(_Payout, frozen=True, tag="payout"):
    """The customer has it from the drawer."""

    def notes(self) -> tuple[str, ...]:
        return ("payout_note",)


class PayoutForm(_Payout, frozen=True, tag="payout_form"):
    """Nothing is paid yet. The account is written on the paper by hand."""

    alarming = True

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        yield from super().rows(blocks, head)
        if head.copy is Copy.MERCHANT:
            yield blocks.rule()
            yield blocks.heading("form_payee")
            yield from blocks.blanks("form_name", "form_account", "form_phone")
            yield blocks.rule()
            yield blocks.heading("form_carried_out")
            yield from blocks.blanks("form_reference", "form_carried_by")
