"""Finds a sale by two facts, or three, that the customer remembers (R5)."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Final

from hw_sim.proofs.simulation.people.customer import Customer
from hw_sim.proofs.simulation.people.hands import Choices, Hands, Screens

_COMES: Final = 0.3
"""Of the customers, on a day on which some remember."""


class Remembers:
    """Draws from a stream of its own."""

    def __init__(self, hands: Hands, customer: Customer, unsure: Random) -> None:
        self._hands = hands
        self._customer = customer
        self._unsure = unsure
        self.some = False
        """Whether there are such customers today."""

    def screens(self) -> Screens:
        return {
            "find.by": self._by,
            "find.amount": self._amount,
            "find.sold_on": self._day,
            "find.last4": self._last4,
            "find.goods": self._goods,
            "find.list": self._list,
        }

    def comes(self) -> bool:
        return self.some and self._unsure.random() < _COMES

    def begin(self) -> Choices:
        sale = self._customer.next_sale()
        begins = self._hands.keys("menu", "1", "3")
        return [(1, "finds by two facts", lambda: self._customer.begin(sale, begins))]

    def _by(self) -> Choices:
        keys = self._hands.keys
        if not self.some or self._customer.bare:
            return [(1, "", keys("cancel"))]  # by chance, or by who remembers none
        goods = [line.sku for line in self._customer.sale.lines if line.kind == "goods"]
        scans = partial(self._hands.clerk.scan, self._unsure.choice(goods or ["4006381333931"]))
        asked = [row.lstrip("> ").partition(" ") for row in self._hands.clerk.text.splitlines()]
        missing = {digit: not told.strip().partition(" ")[2] for digit, _, told in asked}
        return [
            *((6 if missing.get(digit) else 1, "", keys(digit)) for digit in "123"),
            (4 if missing.get("4") else 0.5, "finds by goods", scans),
            (1, "", keys("4")),
            (1, "cancels", keys("cancel")),
        ]

    def _answer(self, right: str, wrong: str) -> Choices:
        keys = self._hands.keys
        return [
            (12, "", keys(*["clear"] * 14, right, "enter")),
            (1, "remembers it wrong", keys(*["clear"] * 14, wrong, "enter")),
            (1, "", keys("cancel")),
        ]

    def _amount(self) -> Choices:
        return self._answer(str(self._customer.sale.amount), "77")

    def _day(self) -> Choices:
        return self._answer(f"{self._customer.sale.sold_at:%m%d}", "1102")

    def _last4(self) -> Choices:
        cards = [leg.card.pan[-4:] for leg in self._customer.sale.payments if leg.card]
        return self._answer(cards[0] if cards else "", "0000")

    def _goods(self) -> Choices:
        goods = [line.sku for line in self._customer.sale.lines if line.sku.isdecimal()]
        return self._answer(goods[0] if goods else "4006381333931", "6900000000000")

    def _list(self) -> Choices:
        """Mostly the one of that hour; the receipt's number is nothing that anybody remembers."""
        keys, at = self._hands.keys, f"{self._customer.sale.sold_at:%Y-%m-%d %H:%M}"
        rows = [row.lstrip("> ") for row in self._hands.clerk.text.splitlines()]
        found = [row for row in rows if row[:1].isdecimal() and row[1:2] == " "]
        if not found:
            return [(1, "finds nothing by facts", keys("enter"))]
        own = [row for row in found if at in row]
        return [
            (9, "picks one that fits", keys(self._unsure.choice(own or found)[0])),
            (1, "picks another one that fits", keys(self._unsure.choice(found)[0])),
            (1, "", keys("cancel")),
        ]
