"""A sale of the open batch taken back."""

from __future__ import annotations

from pos_terminal.wire.receipt.parts.given_back import GivenBack


class Voided(GivenBack, frozen=True, tag="void"):
    amount_label = "amount_void"
