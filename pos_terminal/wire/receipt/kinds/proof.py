"""Proof of purchase for a customer who lost the receipt (R73): no money moves by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from pos_terminal.core.money import format_amount
from pos_terminal.wire.receipt.body import Body
from pos_terminal.wire.receipt.figures import moment, money
from pos_terminal.wire.receipt.pair import Pair

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.head import Copy, Head
    from pos_terminal.wire.receipt.paper import Row


class Sold(Struct, frozen=True):
    """One line of the sale."""

    name: str
    quantity: str
    """A decimal number."""
    amount: int
    """What the till charged, minor units; of a discount below zero."""
    returned: str = ""
    """Of the quantity; empty: nothing."""


class Paid(Struct, frozen=True):
    """One tender, with the numbers that the acquirer has of it."""

    name: Pair
    amount: int
    masked_card: str = ""
    scheme: str = ""
    trace: str = ""
    rrn: str = ""
    auth_code: str = ""
    returned: int = 0


class Proof(Body, frozen=True, tag="proof"):
    number: int = 0
    """The how manieth of this sale."""
    receipt: str = ""
    at: str = ""
    terminal: str = ""
    goods: tuple[Sold, ...] = ()
    more: int = 0
    """How many more lines there are."""
    paid: tuple[Paid, ...] = ()
    returned: int = 0
    """Minor units, of all tenders."""
    held: int = 0
    """On their way back: nobody knows yet."""
    voided: bool = False

    def notes(self) -> tuple[str, ...]:
        return ("proof_note", *(("proof_voided",) if self.voided else ()))

    def whose(self, blocks: Blocks, copy: Copy) -> Iterator[Row]:
        """There is but one."""
        yield from ()

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        facts = blocks.facts(
            ("proof_number", str(self.number) if self.number else ""),
            ("proof_receipt", self.receipt),
            ("proof_at", moment(self.at)),
            ("proof_terminal", self.terminal),
        )
        yield from blocks.ruled(facts)
        yield from self._goods(blocks, head.currency)
        yield blocks.rule()
        yield from blocks.amount("amount_sale", head.amount, head.currency)
        for one in self.paid:
            yield from self._tender(blocks, one, head.currency)
        back = blocks.facts(
            ("proof_returned", money(self.returned, head.currency)),
            ("proof_held", money(self.held, head.currency) if self.held else ""),
        )
        yield from blocks.ruled(back)

    def _goods(self, blocks: Blocks, currency: str) -> Iterator[Row]:
        if not self.goods:
            return
        yield blocks.rule()
        yield blocks.heading("proof_goods")
        for one in self.goods:
            yield from blocks.entry(
                f"{one.name} ×{one.quantity}", format_amount(one.amount, currency)
            )
            if one.returned:
                yield from blocks.fact(
                    "  " + blocks.wording.label("proof_line_returned"), f"×{one.returned}"
                )
        if self.more:
            yield from blocks.plain(" ".join(blocks.wording.each("more_items", n=self.more)))

    def _tender(self, blocks: Blocks, one: Paid, currency: str) -> Iterator[Row]:
        name = " ".join(blocks.wording.pick(one.name))
        facts = blocks.facts(
            ("card", one.masked_card),
            ("scheme", blocks.wording.scheme(one.scheme) if one.scheme else ""),
            ("stan", one.trace),
            ("rrn", one.rrn),
            ("auth_code", one.auth_code),
            ("proof_returned", money(one.returned, currency) if one.returned else ""),
        )
        yield blocks.rule()
        yield from blocks.fact(name, format_amount(one.amount, currency), bold=True)
        yield from facts
