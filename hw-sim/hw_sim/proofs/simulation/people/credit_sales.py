"""Customers with a sale that a voucher or points paid, or with a gift and its receipt (R37)."""

from __future__ import annotations

from functools import partial
from typing import Final

from hw_sim.proofs.simulation.credit_till import CreditTill
from hw_sim.proofs.simulation.later_sale import Gift, LaterSale
from hw_sim.proofs.simulation.people.customer import Customer
from hw_sim.proofs.simulation.people.hands import Choices, Hands, Screens

_OFTEN: Final = 0.5
"""Of the customers, where another till sold something."""
_NEW: Final = 0.3
"""Of the customers, where one of our vouchers paid something that nobody has brought back yet."""
_OURS: Final = 0.75
"""Where one of our vouchers paid some of it."""


class CreditSales:
    """Served as any other; what was said of gifts is kept in ``gifts``."""

    def __init__(self, hands: Hands, customer: Customer, till: CreditTill) -> None:
        self._hands = hands
        self._customer = customer
        self._till = till
        self._chance = till.people
        self._found: LaterSale | None = None
        """By its gift receipt, since the home screen."""
        self._brought: set[str] = set()
        """Sales that were paid so."""

    def screens(self) -> Screens:
        return {"gift.way": self._way}

    def comes(self) -> bool:
        """Whether the next customer brings what one of our vouchers paid, for the first time."""
        self._end()
        return bool(self._new()) and self._chance.random() < _NEW

    def begin(self) -> Choices:
        one = self._new()[0]
        self._brought.add(one.sample.sale_id)
        scans = partial(self._scan, one, one.sample.receipt_no)
        begin = partial(self._customer.begin, one.sample, scans)
        return [(1, "comes with what a voucher of ours paid", begin)]

    def _new(self) -> list[LaterSale]:
        told = filter(self._till.is_ours, self._till.book.told)
        return [one for one in told if one.sample.sale_id not in self._brought]

    def at_home(self) -> Choices:
        """One of them, most often; whatever was begun with a gift receipt is over."""
        self._end()
        told = [one for one in self._till.book.told if not one.exchange]
        often = _OURS if any(map(self._till.is_ours, told)) else _OFTEN
        if not told or self._chance.random() >= often:
            return []
        ours = [40 if self._till.is_ours(one) else 1 for one in told]
        one = self._chance.choices(told, ours)[0]
        code = one.gift if one.gift and self._chance.random() < 0.8 else one.sample.receipt_no
        name = "shows a gift receipt" if code == one.gift else "comes with a sale of another till"
        begin = partial(self._customer.begin, one.sample)
        return [(300, name, partial(begin, partial(self._scan, one, code)))]

    def _scan(self, one: LaterSale, code: str) -> None:
        self._found = one if code == one.gift else None
        self._hands.clerk.scan(code)

    def _way(self) -> Choices:
        return [
            (9, "gift to credit", partial(self._say, buyer=False)),
            (5, "gift to who paid", partial(self._say, buyer=True)),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _say(self, *, buyer: bool) -> None:
        self._end(found=self._found)
        if self._found is not None and self._hands.ledger is not None:
            sale_id = self._found.sample.sale_id
            self._till.book.gifts.append(Gift(sale_id, buyer, self._newest() + 1))
        self._hands.clerk.press("2" if buyer else "1")

    def in_doubt(self) -> None:
        """Keys that nobody asked for may have led back to the question, and answered it anew."""
        for one in self._till.book.gifts[-1:]:
            if one.last is None:
                one.buyer = None

    def _end(self, found: LaterSale | None = None) -> None:
        if self._hands.ledger is None:
            return
        for one in self._till.book.gifts[-1:]:
            if one.last is None:
                one.last = self._newest()
        self._found = found

    def _newest(self) -> int:
        assert self._hands.ledger is not None  # looked at before
        row = self._hands.ledger.db.execute("SELECT max(number) FROM applications").fetchone()
        return int(row[0] or 0)
