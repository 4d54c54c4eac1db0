"""Customers who bring back goods that an exchange credit paid for (R37), at once, in parts, again;
and those who did not go to the till in time, and ask for its rest."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Final

from hw_sim.proofs.simulation.bought_till import BoughtTill
from hw_sim.proofs.simulation.people.customer import Customer
from hw_sim.proofs.simulation.people.exchange import Exchanges
from hw_sim.proofs.simulation.people.hands import Choices, Hands, Screens

_COMES: Final = 0.5
"""Of the customers, where there are such goods."""


class BringsBought:
    """Draws from a stream of its own."""

    def __init__(
        self, hands: Hands, customer: Customer, exchanges: Exchanges, chance: Random
    ) -> None:
        self._hands = hands
        self._exchanges = exchanges
        self._customer = customer
        self._chance = chance
        self.till: BoughtTill | None = None
        """Whose goods they are, where there is one today."""

    def screens(self) -> Screens:
        return {"exchange.back": self._back}

    def comes(self) -> bool:
        some = self.till is not None and (self.till.told() or self._exchanges.over())
        return bool(some) and self._chance.random() < _COMES

    def begin(self) -> Choices:
        assert self.till is not None  # looked at before
        scan = self._hands.clerk.scan
        over, told = self._exchanges.over(), self.till.told()
        if over and (not told or self._chance.random() < 0.5):
            asks = partial(self._customer.begin, self._customer.sale, partial(scan, over[0]))
            return [(1, "asks for the rest of an expired credit", asks)]
        sale = self._chance.choice(told).sample
        begin = partial(self._customer.begin, sale, partial(scan, sale.receipt_no))
        return [(1, "comes with what an exchange credit paid", begin)]

    def _back(self) -> Choices:
        return [
            (20, "brings back what an exchange credit paid", self._hands.keys("enter")),
            (2, "keeps what an exchange credit paid", self._hands.keys("cancel")),
        ]
