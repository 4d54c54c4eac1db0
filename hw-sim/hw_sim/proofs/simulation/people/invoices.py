"""What became of an invoice that is out: back, a red-letter one, or neither (R69)."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from hw_sim.proofs.simulation.invoice_book import Said, invoice_number, newest
from hw_sim.proofs.simulation.people.hands import ANEW, Choices, Hands, Screens
from pos_terminal.core.invoice import Answered, InvoiceBack

_NUMBER: Final = re.compile(rf"\b{invoice_number(0)[:8]}[0-9]{{12}}\b")
"""As the screen has it."""
_RED: Final = 10_000_000
"""Where the numbers of red-letter invoices begin."""


class Invoices:
    """Whoever gives back a sale that has one."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._of = ""
        """The sale's own, where its till told the number."""

    def screens(self) -> Screens:
        return {"invoice.ask": self._ask, "invoice.number": self._number}

    def in_doubt(self) -> None:
        """Keys that nobody asked for may have led to the question, and answered it."""
        self._say(None)

    def _ask(self) -> Choices:
        found = _NUMBER.search(self._hands.clerk.text)
        self._of = found[0] if found else ""
        return [
            (8, "takes an invoice back", partial(self._answer, "1", Answered.RETURNED)),
            (8, "has a red-letter invoice", self._hands.keys("2")),
            (4, "has no invoice back", partial(self._answer, "3", Answered.NEITHER)),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _number(self) -> Choices:
        number = invoice_number(_RED + self._hands.chance.randrange(_RED))
        choices: Choices = [
            (6, "types a red-letter invoice", partial(self._red, number, typed=True)),
            (6, "scans a red-letter invoice", partial(self._red, number, typed=False)),
            (1, "cancels", self._hands.keys("cancel")),
        ]
        if self._of:
            own = partial(self._hands.clerk.scan, self._of)
            choices.append((1, "scans the sale's own invoice", own))
        return choices

    def _answer(self, key: str, answer: Answered) -> None:
        self._say(InvoiceBack(answer))
        self._hands.clerk.press(key)

    def _red(self, number: str, *, typed: bool) -> None:
        """A code as on a fully digital invoice (``core.invoice``)."""
        self._say(InvoiceBack(Answered.RED_LETTER, number))
        if typed:
            self._hands.clerk.press(*ANEW, number, "enter")
        else:
            self._hands.clerk.scan(f"01,32,,{number},9.00,20261130,,A1B2")

    def _say(self, back: InvoiceBack | None) -> None:
        ledger = self._hands.ledger
        if ledger is not None:
            of = "" if back is None else self._of
            self._hands.site.invoices.said.append(Said(newest(ledger), of, back))
