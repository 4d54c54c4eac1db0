"""Refused by a rule, with the contact for a complaint (R67)."""

from __future__ import annotations

from pos_terminal.wire.receipt.parts.not_given_back import NotGivenBack


class Refused(NotGivenBack, frozen=True, tag="refused"):
    rule_for_all = True
