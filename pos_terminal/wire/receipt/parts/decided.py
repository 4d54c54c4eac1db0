"""Why the goods came back, and who decided what is done about it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct

from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.pair import NO_TEXT, Pair

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class Shown(Struct, frozen=True):
    """A piece of evidence."""

    kind: Pair = NO_TEXT
    reference: str = ""


class Decided(Struct, frozen=True):
    reason: Pair = NO_TEXT
    rule: str = ""
    """Code of the rule that decided, printed by its name."""
    approvals: tuple[str, ...] = ()
    """"number name" of each supervisor."""
    exception: Pair = NO_TEXT
    """Why it does not go back where it came from."""
    evidence: tuple[Shown, ...] = ()
    invoice: Pair = NO_TEXT
    """What became of the sale's invoice (R69)."""
    red_letter: str = ""
    """The number of the one that takes it back."""
    invoice_out: Pair = NO_TEXT
    """That one was issued, where nobody was asked about it: the merchant's alone."""

    def rows(self, blocks: Blocks, head: Head, *, rule_for_all: bool = False) -> Iterator[Row]:
        """The reason; on the merchant's copy also the rule and who approved (R39, R67)."""
        words = blocks.wording
        merchant = head.copy is Copy.MERCHANT
        rule = self.rule if merchant or rule_for_all else ""
        facts = [
            ("reason", " ".join(words.pick(self.reason))),
            ("invoice", " ".join(words.pick(self.invoice))),
            ("red_letter", self.red_letter),
            ("invoice", " ".join(words.pick(self.invoice_out)) if merchant else ""),
            ("rule", words.rule(rule) if rule else ""),
            *(("approval", who) for who in self.approvals if merchant),
            ("exception", " ".join(words.pick(self.exception)) if merchant else ""),
        ]
        yield from blocks.ruled(chain(blocks.facts(*facts), self._evidence(blocks, merchant)))

    def _evidence(self, blocks: Blocks, merchant: bool) -> Iterator[Row]:
        for one in self.evidence if merchant else ():
            yield from blocks.fact(" ".join(blocks.wording.pick(one.kind)), one.reference)
