"""The card and the numbers of the request to the acquirer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct

from pos_terminal.wire.receipt.head import Head

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row

_FUNDINGS = ("debit", "credit")
_TRANSACTIONS = ("refund", "void")


class Request(Struct, frozen=True):
    masked_card: str = ""
    scheme: str = ""
    funding: str = ""
    batch: str = ""
    auth_code: str = ""
    rrn: str = ""
    response: str = ""
    transaction: str = ""
    """The refund's kind; empty where the acquirer is asked for nothing."""
    by_reference: bool = False
    """No card was there."""

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        """Nothing for a refused request without a card."""
        words = blocks.wording
        funding = self.funding if self.funding in _FUNDINGS else ""
        facts = blocks.facts(
            ("card", self.masked_card),
            ("goes_back", words.label("by_reference") if self.by_reference else ""),
            ("scheme", words.scheme(self.scheme) if self.scheme else ""),
            ("funding", words.label(f"funding_{funding}") if funding else ""),
        )
        numbers = blocks.facts(
            ("batch", self.batch),
            ("stan", head.stan),
            ("auth_code", self.auth_code),
            ("rrn", self.rrn),
        )
        yield from blocks.ruled(chain(facts, self._type(blocks), numbers))

    def _type(self, blocks: Blocks) -> Iterator[Row]:
        """The row that people look for first."""
        if self.transaction in _TRANSACTIONS:
            words = blocks.wording
            name = words.label(f"type_{self.transaction}")
            yield from blocks.fact(words.label("type"), name, bold=True)
