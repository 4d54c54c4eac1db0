"""Customers who want other goods in return (R37): what the clerk scans for what goes out."""

from __future__ import annotations

import re
from functools import partial
from random import Random
from typing import Final

from hw_sim.bench.sample_sales import SampleLine
from hw_sim.proofs.simulation.exchange_till import twin_of
from hw_sim.proofs.simulation.people.customer import Customer
from hw_sim.proofs.simulation.people.hands import CARD_NUMBER, Choices, Hands, Screens

_COMES: Final = 0.5
"""Of the customers, on a day on which some want other goods."""
_MOST: Final = 0.8
"""On a day on which most of them choose at the till."""
_AMOUNT: Final = re.compile(r"\d[\d,]*\.\d\d")


class Exchanges:
    """Draws from a stream of its own."""

    def __init__(self, hands: Hands, customer: Customer, exchanging: Random) -> None:
        self._hands = hands
        self._customer = customer
        self._exchanging = exchanging
        self._worth = ""
        """What was paid for the goods that go back, as the screen says it; minor units."""
        self.some = False
        """Whether there are such customers today."""
        self.at_the_till = False
        """Whether most of them choose other goods there."""

    def screens(self) -> Screens:
        return {
            "goods.scan": self._scan,
            "exchange.price": self._price,
            "exchange.even": self._even,
            "exchange.as_credit": self._as_credit,
            "exchange.credit": self._credit,
            "exchange.rest_back": self._rest_back,
            "exchange.credit_closed": self._hands.agree,
        }

    def comes(self) -> bool:
        return self.some and self._exchanging.random() < (_MOST if self.at_the_till else _COMES)

    def begin(self) -> Choices:
        """The receipt leads to the sale, and its list to the exchange."""
        sale = self._customer.next_sale()

        def begin() -> None:
            scans = partial(self._hands.clerk.scan, sale.receipt_no)
            self._customer.begin(sale, scans)
            self._customer.exchanges = True

        return [(1, "wants other goods", begin)]

    def at_home(self) -> Choices:
        """Somebody with an exchange credit who wants no other goods any more."""
        ledger = self._hands.ledger
        sql = "SELECT number FROM exchange_credits ORDER BY refund_id"
        rows = ledger.db.execute(sql).fetchall() if ledger is not None and self.some else []
        if not rows:
            return []
        number = self._exchanging.choice(rows)["number"]
        return [(60, "scans an exchange credit", partial(self._hands.clerk.scan, number))]

    def over(self) -> list[str]:
        """Of the credits whose time is over, and nobody has come for."""
        ledger = self._hands.ledger
        sql = "SELECT number FROM exchange_credits WHERE state = 'open' AND expires_at < ?"
        at = self._hands.site.time.now().isoformat()
        return [number for (number,) in ledger.db.execute(sql, (at,))] if ledger else []

    def _even(self) -> Choices:
        """Nobody approves it: the clerk looks at both ways once more."""
        return [
            (9, "exchanges for what is on the screen", self._hands.keys("enter")),
            (2, "scanned the wrong goods", self._hands.keys("cancel")),
            (1, "looks at the goods once more", self._hands.keys("menu")),
        ]

    def _as_credit(self) -> Choices:
        return [
            (9, "takes an exchange credit", self._hands.keys("enter")),
            (2, "wants no exchange credit", self._hands.keys("cancel")),
        ]

    def _credit(self) -> Choices:
        """Given back most often, or it was only looked at."""
        return [
            (6, "wants the rest of an exchange credit", self._hands.keys("1")),
            (4, "cancels", self._hands.keys("cancel")),
        ]

    def _rest_back(self) -> Choices:
        """Nobody else is asked: the clerk may have pressed the wrong key."""
        return [
            (6, "gives the rest of an exchange credit back", self._hands.keys("enter")),
            (2, "leaves an exchange credit for the till", self._hands.keys("cancel")),
        ]

    def _scan(self) -> Choices:
        """What goes out for the goods on the screen."""
        scan, keys = self._hands.clerk.scan, self._hands.keys
        amounts = _AMOUNT.findall(self._hands.clerk.text)
        self._worth = re.sub(r"\D", "", amounts[-1]) if amounts else ""
        sale = self._customer.sale
        goods = [line for line in sale.lines if line.kind == "goods"]
        asked = [line for line in goods if line.name in self._hands.clerk.text]
        line = (asked or goods or [SampleLine("4006381333931", "", 1, 1, "")])[0]
        other = self._exchanging.choice(self._hands.site.shop.sales).lines[0].sku
        return [
            (10, "exchanges for the same", partial(scan, line.sku)),
            (10, "exchanges for goods of its price", partial(scan, twin_of(line.sku))),
            (5, "exchanges for what was never sold", partial(scan, "6900000000017")),
            (3, "exchanges for other goods", partial(scan, other)),
            (2, "types the code of what goes out", keys(twin_of(line.sku), "enter")),
            (2, "scans a receipt for goods", partial(scan, sale.receipt_no)),
            (1, "scans a card's number for goods", partial(scan, CARD_NUMBER)),
            (200 if self.at_the_till else 20, "will choose at the till", keys("menu")),
            (6, "cancels an exchange", keys("cancel")),
        ]

    def _price(self) -> Choices:
        """Of goods that were not sold, or for another price."""
        keys = self._hands.keys
        other = str(self._exchanging.choice([1, 100, 1_850, 99_999]))
        right = keys(self._worth, "enter") if self._worth else keys("cancel")
        return [
            (8, "types the price of what goes out", right),
            (3, "types another price", keys(other, "enter")),
            (2, "cancels", keys("cancel")),
        ]
