"""Types a payment from the customer's receipt that the terminal may not have heard of (R7)."""

from __future__ import annotations

from random import Random
from typing import Final

from hw_sim.bench import identity
from hw_sim.bench.sample_sales import SampleSale
from hw_sim.proofs.simulation.people.customer import Customer
from hw_sim.proofs.simulation.people.hands import Choices, Hands, Screens
from hw_sim.proofs.simulation.purchase import Purchase

_COMES: Final = 0.7
"""Of the customers, on a day with such payments."""
_OFTEN: Final = 8
"""The first one comes so much more often than each of the others."""
_AGAIN: Final = 0.8
"""Of those, where a part is back: for another part of it."""
_KNOWN: Final = 0.1
"""Of the others: with a receipt of which the till has told in the morning."""

_DOUBTED: Final = 0.15
"""Of what was typed: it is looked at once more."""


class TypesIn:
    """Draws what is typed from a stream of its own."""

    def __init__(self, hands: Hands, customer: Customer, unsure: Random) -> None:
        self._hands = hands
        self._customer = customer
        self._unsure = unsure
        self.purchases: list[Purchase] = []

    def screens(self) -> Screens:
        return {
            "typed.terminal": self._terminal,
            "typed.rrn": self._rrn,
            "typed.date": self._date,
            "typed.amount": self._amount,
            "typed.batch": self._batch,
            "typed.trace": self._trace,
            "typed.last4": self._last4,
            "typed.offered": self._offered,
            "typed.review": self._review,
            "typed.otherwise": self._hands.agree,
            "typed.same": self._same,
        }

    def comes(self) -> bool:
        """Whether the next customer's receipt is typed."""
        return bool(self.purchases) and self._unsure.random() < _COMES

    def begin(self) -> Choices:
        sale = self._sale()
        scans = sale.receipt_no

        def begins() -> None:
            self._customer.typed = True
            self._hands.clerk.press("menu", "1", "4")

        return [
            (9, "types a sale", lambda: self._customer.begin(sale, begins)),
            (
                2,
                "scans what the till tells late",
                lambda: self._customer.begin(sale, lambda: self._hands.clerk.scan(scans)),
            ),
        ]

    def _sale(self) -> SampleSale:
        """With which the next customer comes."""
        begun = self._begun()
        if begun and self._unsure.random() < _AGAIN:
            return self._unsure.choice(begun)
        if self._unsure.random() < _KNOWN:
            return self._unsure.choice(self._customer.popular)
        weights = [_OFTEN, *[1] * (len(self.purchases) - 1)]
        return self._unsure.choices(self.purchases, weights)[0].sample

    def _begun(self) -> list[SampleSale]:
        """Of which the customer's bank has a part back."""
        rows = self._hands.site.acquirer.ledger()
        back = {row["rrn"]: row["given_back"] for row in rows if row["kind"] == "sale"}
        return [one.sample for one in self.purchases if 0 < back[one.rrn] < one.paid]

    def _afresh(self, text: str) -> tuple[str, ...]:
        """Over whatever stands there."""
        return (*["clear"] * 14, *text, "enter")

    def _terminal(self) -> Choices:
        keys, own = self._hands.keys, self._customer.sale.terminal_id
        typed = "" if own == identity.TERMINAL_ID else own
        return [
            (20, "", keys(*self._afresh(typed))),
            (1, "types another terminal", keys(*self._afresh(identity.OTHER_TERMINAL_ID))),
            (1, "cancels", keys("cancel")),
        ]

    def _rrn(self) -> Choices:
        keys, rrn = self._hands.keys, self._customer.look_for(self._customer.sale).rrn
        wrong = f"{rrn[:-1]}{(int(rrn[-1]) + 5) % 10}"
        return [
            (30, "", keys(*self._afresh(rrn))),
            (1, "types a wrong reference", keys(*self._afresh(wrong))),
            (1, "short RRN", keys(*self._afresh(rrn[:5]))),
            (1, "cancels", keys("cancel")),
        ]

    def _date(self) -> Choices:
        keys, on = self._hands.keys, self._customer.sale.sold_at
        return [
            (40, "", keys(f"{on:%m%d}", "enter")),
            (1, "types a wrong day", keys("1101", "enter")),
            (1, "bad date", keys("1340", "enter")),
            (1, "cancels", keys("cancel")),
        ]

    def _amount(self) -> Choices:
        keys, sale = self._hands.keys, self._customer.sale
        paid = sale.payments[0].amount if sale.payments else sale.amount
        wrong = paid + self._unsure.choice([-900, -1, 1, 2_000])
        return [
            (14, "", keys(*self._afresh(str(paid)))),
            (2, "types a wrong amount", keys(*self._afresh(str(max(1, wrong))))),
            (1, "nothing", keys(*self._afresh("0"))),
            (1, "cancels", keys("cancel")),
        ]

    def _batch(self) -> Choices:
        return self._perhaps(self._customer.sale.batch)

    def _trace(self) -> Choices:
        return self._perhaps(self._customer.sale.trace)

    def _last4(self) -> Choices:
        cards = [leg.card.pan[-4:] for leg in self._customer.sale.payments if leg.card]
        return [
            *self._perhaps(cards[0] if cards else ""),
            (1, "types other last digits", self._hands.keys(*self._afresh("1357"))),
        ]

    def _perhaps(self, text: str) -> Choices:
        """Not every receipt has it."""
        keys = self._hands.keys
        return [
            (16, "", keys(*self._afresh(text))),
            (6, "", keys(*self._afresh(""))),
            (1, "cancels", keys("cancel")),
        ]

    def _same(self) -> Choices:
        """Before money goes back of one of two sales that may be one payment."""
        keys, digits = self._hands.keys, self._digits()
        if not digits:
            return [(1, "", keys("cancel"))]
        return [
            (8, "says it is the same payment", keys(self._unsure.choice(digits[:-1] or digits))),
            (5, "says it is another payment", keys(digits[-1])),
            (1, "cancels", keys("cancel")),
        ]

    def _digits(self) -> list[str]:
        """Of the list on the screen."""
        rows = [row.lstrip("> ").partition(" ")[0] for row in self._hands.clerk.text.splitlines()]
        return [row for row in rows if row.isdecimal() and len(row) == 1]

    def _offered(self) -> Choices:
        keys, digits = self._hands.keys, self._digits()
        if not digits:
            return [(1, "", keys("cancel"))]
        return [
            (
                8,
                "finds it among those without a reference",
                keys(self._unsure.choice(digits[:-1] or digits)),
            ),
            (8, "none of them", keys(digits[-1])),
            (1, "cancels", keys("cancel")),
        ]

    def _review(self) -> Choices:
        keys = self._hands.keys

        def confirm() -> None:
            self._customer.doubted = self._unsure.random() < _DOUBTED
            self._hands.clerk.press("enter")

        return [(20, "confirms what was typed", confirm), (1, "", keys("cancel"))]
