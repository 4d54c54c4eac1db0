"""How a sale is looked for: trace and reference number."""

from __future__ import annotations

from hw_sim.proofs.simulation.people.customer import Customer
from hw_sim.proofs.simulation.people.hands import Choices, Hands, Screens


class Finding:
    """Reads off the customer's receipt."""

    def __init__(self, hands: Hands, customer: Customer) -> None:
        self._hands = hands
        self._customer = customer

    def screens(self) -> Screens:
        return {
            "find.trace": self._trace,
            "find.rrn": self._rrn,
            "find.date": self._date,
        }

    def _trace(self) -> Choices:
        rest = self._customer.numbers.trace.lstrip("0")[1:]
        return [
            (20, "", self._hands.keys(rest, "enter")),
            (1, "unknown trace", self._hands.keys("99", "enter")),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _rrn(self) -> Choices:
        return [
            (
                8,
                "",
                self._hands.keys(self._customer.look_for(self._customer.sale).rrn, "enter"),
            ),
            (1, "short RRN", self._hands.keys("12", "enter")),
            (2, "cancels", self._hands.keys("cancel")),
        ]

    def _date(self) -> Choices:
        return [
            (8, "", self._hands.keys(f"{self._customer.sale.sold_at:%m%d}", "enter")),
            (1, "bad date", self._hands.keys("1340", "enter")),
            (1, "cancels", self._hands.keys("cancel")),
        ]
