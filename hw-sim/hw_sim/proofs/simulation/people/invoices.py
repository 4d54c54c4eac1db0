"""What became of an invoice that is out: back, a red-letter one, or neither (R69)."""

from __future__ import annotations

from hw_sim.proofs.simulation.people.hands import Choices, Hands, Screens


class Invoices:
    """Whoever gives back a sale that has one."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands

    def screens(self) -> Screens:
        return {"invoice.ask": self._ask, "invoice.number": self._number}

    def _ask(self) -> Choices:
        return [
            (8, "takes an invoice back", self._hands.keys("1")),
            (8, "has a red-letter invoice", self._hands.keys("2")),
            (4, "has no invoice back", self._hands.keys("3")),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _number(self) -> Choices:
        number = str(self._hands.chance.randint(10_000_000, 99_999_999))
        return [
            (12, "", self._hands.keys(number, "enter")),
            (1, "cancels", self._hands.keys("cancel")),
        ]
