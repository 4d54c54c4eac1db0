"""Customers without a receipt, and the goods that they bring."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Final

from hw_sim.cards.card_files import cards
from hw_sim.proofs.simulation.people.card import CardHolder
from hw_sim.proofs.simulation.people.customer import Customer
from hw_sim.proofs.simulation.people.hands import ANEW, CARD_NUMBER, Choices, Hands, Screens

_BARE: Final = 0.01
"""Of the customers: they have no receipt."""
_OFTEN: Final = 0.75
_SAME_CARD: Final = 0.9
"""Of them: with the card of before,"""
_SAME_NUMBER: Final = 0.8
"""and with the number of before; of one card there may be several."""
TELEPHONES: Final = ("13800138000", "13900139000", "4008123123")


class NoReceipt:
    """Draws from a stream of its own."""

    def __init__(self, hands: Hands, customer: Customer, cards_: CardHolder, bare: Random) -> None:
        self._hands = hands
        self._customer = customer
        self._cards = cards_
        self._bare = bare
        self.often = False
        """Whether many of this day's customers have none."""

    def screens(self) -> Screens:
        return {
            "blind.card": self._bare_card,
            "find.choose": self._sales_of_a_card,
            "blind.begin": self._hands.agree,
            "blind.customer": self._telephone,
            "blind.goods": self._bare_goods,
            "blind.price": self._bare_price,
        }

    def comes(self) -> bool:
        """Whether the next customer is one."""
        return self._bare.random() < (_OFTEN if self.often else _BARE)

    def begin(self) -> Choices:
        self._customer.served += 1
        self._customer.bare = True
        return [(1, "has no receipt", self._hands.keys("menu", "1", "5"))]

    def _bare_card(self) -> Choices:
        """Mostly none; or one that may have paid something else."""
        card = sorted(cards())[0]
        if self._bare.random() >= _SAME_CARD:
            card = self._bare.choice(sorted(cards()))
        return [
            (6, "", self._hands.keys("enter")),
            (15, "shows a card without a receipt", lambda: self._cards.lay(card)),
            (0.3, "cancels", self._hands.keys("cancel")),
        ]

    def _sales_of_a_card(self) -> Choices:
        """Any of them, but for who bought nothing of it."""
        keys = self._hands.keys
        down = ["down"] * self._hands.chance.randint(0, 2)
        none = 12 if self._customer.bare else 1
        return [(4, "", keys(*down, "enter")), (none, "", keys("cancel"))]

    def _telephone(self) -> Choices:
        number = TELEPHONES[0]
        if self._bare.random() >= _SAME_NUMBER:
            number = self._bare.choice(TELEPHONES)
        return [
            (12, "", self._hands.keys(*ANEW, number, "enter")),
            (
                1,
                "a card number for a telephone's",
                self._hands.keys(*ANEW, CARD_NUMBER, "enter"),
            ),
            (1, "no telephone number", self._hands.keys(*ANEW, "1", "enter")),
            (0.3, "cancels", self._hands.keys("cancel")),
        ]

    def _bare_goods(self) -> Choices:
        """Of any of the shop's sales, or of another shop's."""
        sale = self._bare.choice(list(self._hands.site.shop.sales))
        code = self._bare.choice([line.sku for line in sale.lines] or ["4006381333931"])
        return [
            (8, "brings goods", partial(self._hands.clerk.scan, code)),
            (
                1,
                "brings another shop's goods",
                partial(self._hands.clerk.scan, "4006381333931"),
            ),
            (8, "", self._hands.keys("enter")),
            (1, "takes goods out", self._hands.keys("menu")),
            (0.3, "cancels", self._hands.keys("cancel")),
        ]

    def _bare_price(self) -> Choices:
        return [
            (8, "", self._hands.keys("enter")),
            (4, "", self._hands.keys(str(self._bare.randint(1, 9_000)), "enter")),
            (1, "too much without a receipt", self._hands.keys("9999999", "enter")),
            (0.3, "cancels", self._hands.keys("cancel")),
        ]
