"""Clerks who scan the goods that come back, and the numbers of single pieces (R72)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from random import Random
from typing import Final

from hw_sim.proofs.simulation.credit_till import CreditTill
from hw_sim.proofs.simulation.goods_till import CHEESE, goods_to_scan
from hw_sim.proofs.simulation.people.customer import Customer
from hw_sim.proofs.simulation.people.hands import CARD_NUMBER, Choices, Hands, Screens

_COMES: Final = 0.5
"""Of the customers, where such goods were sold."""
_FOREIGN: Final = "IMEI-99-00"
"""A piece that nobody sold."""


class ScansGoods:
    """Draws from a stream of its own."""

    def __init__(
        self, hands: Hands, customer: Customer, till: CreditTill, scanning: Random
    ) -> None:
        self._hands = hands
        self._customer = customer
        self._till = till
        self._scanning = scanning
        self.some = False
        """Whether goods are scanned today."""

    def screens(self) -> Screens:
        return {"goods.serial": self._serial, "goods.serial_other": self._other}

    def comes(self) -> bool:
        return self.some and bool(goods_to_scan(self._till)) and self._scanning.random() < _COMES

    def begin(self) -> Choices:
        sale = self._scanning.choice(goods_to_scan(self._till)).sample
        scans = partial(self._hands.clerk.scan, sale.receipt_no)
        return [(1, "brings goods to scan", partial(self._customer.begin, sale, scans))]

    def at_amount(self) -> Choices:
        """Whoever brings such goods chooses them nearly always."""
        sales = [one.sample for one in goods_to_scan(self._till)]
        brings = self.some and self._customer.sale in sales
        return [(150, "chooses goods", self._hands.keys("menu"))] if brings else []

    def at_lines(self) -> Choices:
        if not self.some:
            return []
        scan, own = self._hands.clerk.scan, self._own()

        def again_and_again() -> None:
            for _ in range(4):
                scan(own)

        pieces = [(10, "scans a piece", partial(scan, one)) for one in self._serials()]
        return [
            *((weight, name, act) for weight, name, act in pieces),
            *(
                (40, "picks goods whose pieces have numbers", self._hands.keys("1"))
                for _ in pieces[:1]
            ),
            (10, "scans goods of the sale", partial(scan, own)),
            (3, "scans the same again and again", again_and_again),
            (2, "scans goods that the sale has not", partial(scan, self._strange())),
            (1, "scans a piece that nobody sold", partial(scan, _FOREIGN)),
            (2, "scans what the scales printed", partial(scan, self._scanning.choice(CHEESE))),
        ]

    def at_quantity(self) -> Choices:
        if not self.some:
            return []
        return [
            (6, "scans at the quantity", partial(self._hands.clerk.scan, self._own())),
            (6, "types a weight", self._hands.keys(str(self._scanning.randint(1, 400)), "enter")),
            (1, "scans strange goods at the quantity", partial(self._hands.clerk.scan, "69000017")),
        ]

    def _serial(self) -> Choices:
        scan, keys = self._hands.clerk.scan, self._hands.keys
        right = [(6, "scans the number of a piece", partial(scan, n)) for n in self._serials()]
        return [
            *((weight, name, act) for weight, name, act in right),
            (3, "scans another piece's number", partial(scan, _FOREIGN)),
            (2, "types a number of a piece", keys("7", "7", "enter")),
            (4, "can't read the number of a piece", keys("enter")),
            (2, "scans goods for a number", partial(scan, self._own())),
            (1, "scans a card's number for a piece's", partial(scan, CARD_NUMBER)),
            (1, "cancels", keys("cancel")),
        ]

    def _other(self) -> Choices:
        return [
            (3, "says that it is another piece", self._hands.keys("enter")),
            (2, "cancels", self._hands.keys("cancel")),
        ]

    def _own(self) -> str:
        goods = [line.sku for line in self._customer.sale.lines if line.kind == "goods"]
        return self._scanning.choice(goods or ["4006381333931"])

    def _strange(self) -> str:
        return self._scanning.choice(self._hands.site.shop.sales).lines[0].sku

    def _serials(self) -> Sequence[str]:
        return [
            str(one) for line in self._customer.sale.lines for one in line.told.get("serials", [])
        ]
