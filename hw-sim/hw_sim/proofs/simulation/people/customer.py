"""Whoever is served: which sale they come with, and with which card."""

from __future__ import annotations

from random import Random
from typing import Final

from hw_sim.bench.sample_sales import Numbers, SampleSale
from hw_sim.proofs.simulation.people.hands import Act, Hands

_PROMOTED: Final = (
    "promotion-older",
    "delivery-older",
    "discounted-older",
    "opened-older",
)
"""Sales of which goods are worth something else than the price list says."""
_TWO_NUMBERS: Final = ("two-numbers-credit-older", "two-numbers-older")
"""Paid by one card, with the number of its second application and of its first."""
_INSISTING: Final = 0.06
"""Of the customers: they have other cards than the sale's, and try them all."""
_WITHOUT_CARD: Final = 0.08
"""Of the customers: the card that paid is at home."""
_POPULAR: Final = 6
"""So many sales are asked for again and again, so that their balance runs out."""


def numbers_of(sale: SampleSale) -> list[Numbers]:
    """Of its payments; of a sale in cash those that the till gave it."""
    own = [sale.numbers(leg) for leg in sale.payments]
    return own or [Numbers(sale.trace, sale.rrn, sale.auth_code)]


class Customer:
    """One after the other; ``served`` counts them."""

    def __init__(self, hands: Hands, whims: Random, forgetful: Random) -> None:
        """``whims`` and ``forgetful`` are streams of their own: most days stay what they were
        without them."""
        self._hands = hands
        self.whims = whims
        self._forgetful = forgetful
        self.served = 0
        shop, chance = hands.site.shop, hands.chance
        self.sale = chance.choice(shop.sales)
        self._split = split = [sale for sale in shop.sales if len(sale.payments) > 1]
        self.popular = [
            *chance.sample(list(shop.sales), _POPULAR),
            chance.choice(split),
            *(sale for sale in shop.sales if sale.name in _TWO_NUMBERS),
        ]
        """Sales that are asked for again and again."""
        self.numbers = numbers_of(self.sale)[0]
        """Of the payment by which the sale is looked for."""
        self.without_card = False
        """Whether this customer has no card with them."""
        self.insists = False
        """Whether this customer has other cards than the sale's."""
        self.bare = False
        """Whether this customer has no receipt, and remembers nothing of any sale."""
        self.typed = False
        """Whether this customer's receipt is typed."""
        self.doubted = False
        """Whether the clerk doubts what they typed of this customer's receipt."""
        self.exchanges = False
        """Whether this customer wants other goods in return."""

    def begin(self, sale: SampleSale, act: Act) -> None:
        self.sale, self.bare, self.typed, self.doubted = sale, False, False, False
        self.exchanges = False
        self.insists = self.whims.random() < _INSISTING
        self.without_card = self._forgetful.random() < _WITHOUT_CARD
        self.served += 1
        act()

    def look_for(self, sale: SampleSale) -> Numbers:
        """By any of its payments."""
        self.numbers = self._hands.chance.choice(numbers_of(sale))
        return self.numbers

    def next_sale(self) -> SampleSale:
        site, chance = self._hands.site, self._hands.chance
        if "cash_limit" in site.setting.rules and chance.random() < 0.3:
            return site.shop.sale("cash-today")  # or a limit on cash would rarely be met
        if site.setting.policy.get("tenders") and chance.random() < 0.2:
            return site.shop.sale("qr-wallet-today")
        if site.setting.policy.get("tenders") and chance.random() < 0.25:
            return chance.choice(self._split)
        if chance.random() < 0.15:
            return site.shop.sale(chance.choice(_PROMOTED))
        if chance.random() < 0.6:
            return chance.choice(self.popular)
        return chance.choice(list(site.shop.sales))
