"""Who logs in and who approves, by number or badge; wrong PINs among them."""

from __future__ import annotations

from functools import partial
from typing import Final

from hw_sim.bench.people import Staff
from hw_sim.cards.card_files import cards
from hw_sim.proofs.simulation.people.card import CardHolder
from hw_sim.proofs.simulation.people.customer import Customer
from hw_sim.proofs.simulation.people.hands import Act, Choices, Hands, Screens
from pos_terminal.core.badge import PREFIX
from pos_terminal.core.people import Role

MOST_WRONG: Final = 60
"""PINs: so many show all that wrong ones lead to, and are a dozen locks. More only fill a day."""


class StaffAtKeys:
    """Clerks, supervisors and a technician."""

    def __init__(self, hands: Hands, customer: Customer, cards_: CardHolder) -> None:
        self._hands = hands
        self._customer = customer
        self._cards = cards_
        self._typed = ""
        """The number that was typed for log-in or approval, or whose badge was scanned."""
        self._clumsy = hands.chance.random() < 0.1
        """Whether most PINs of this day are wrong."""

    def screens(self) -> Screens:
        return {
            "login.number": self._number,
            "login.pin": self._pin,
            "lock.pin": self._own_pin,
            "supervisor.number": self._supervisor,
            "supervisor.pin": self._pin,
            "supervisor.locked": self._locked_out,
        }

    def _number(self) -> Choices:
        def type_(number: str) -> Act:
            def act() -> None:
                self._typed = number
                for one in self._hands.site.shop.staff:
                    if one.number == number:
                        self._hands.clerk.me = one
                self._hands.clerk.press(number, "enter")

            return act

        person = self._hands.site.shop.person
        return [
            (60, "", type_(person(Role.CLERK).number)),
            (30, "", type_(person(Role.CLERK, 1).number)),
            (4, "unknown number", type_("777")),
            (4, "supervisor at the till", type_(person(Role.SUPERVISOR).number)),
            (3, "badge at the till", self._scans(person(Role.SUPERVISOR, 1))),
            (2, "technician at the till", type_(person(Role.TECHNICIAN).number)),
        ]

    def _supervisor(self) -> Choices:
        def type_(number: str) -> Act:
            def act() -> None:
                self._typed = number
                self._hands.clerk.press(number, "enter")

            return act

        person = self._hands.site.shop.person
        if self._customer.insists and self._customer.whims.random() < 0.5:
            self._hands.counts["person lays a card down early"] += 1
            self._cards.lay(self._customer.whims.choice(sorted(cards())))
        return [
            (60, "", type_(person(Role.SUPERVISOR).number)),
            (30, "", type_(person(Role.SUPERVISOR, 1).number)),
            (30, "badge scanned", self._scans(person(Role.SUPERVISOR))),
            (20, "badge scanned", self._scans(person(Role.SUPERVISOR, 1))),
            (4, "technician asked", type_(person(Role.TECHNICIAN).number)),
            (3, "unknown badge", self._scan_unknown),
            (
                3,
                "receipt for a badge",
                partial(self._hands.clerk.scan, self._customer.sale.receipt_no),
            ),
            (4, "approves the own refund", type_(self._hands.clerk.me.number)),
            (3, "unknown number", type_("777")),
            (4, "cancels", self._hands.keys("cancel")),
            *self._looks(),
        ]

    def _looks(self) -> Choices:
        """Where the shop looks at goods; where none are named the key does nothing."""
        if "inspection" not in self._hands.site.setting.policy:
            return []
        return [(12, "supervisor looks at the goods", self._hands.keys("menu"))]

    def _scans(self, person: Staff) -> Act:
        def act() -> None:
            self._typed = person.number
            self._hands.clerk.scan(person.badge)

        return act

    def _scan_unknown(self) -> None:
        self._typed = ""
        self._hands.clerk.scan(f"{PREFIX}{self._hands.chance.getrandbits(80):020d}")

    def _locked_out(self) -> Choices:
        self._hands.counts["clerk locked by wrong PINs"] += 1
        return [(1, "", self._hands.keys("enter"))]

    def _pin(self) -> Choices:
        known = [one.pin for one in self._hands.site.shop.staff if one.number == self._typed]
        right = known[0] if known else "135790"
        wrong = right[::-1] if right != right[::-1] else "192837"
        clumsy = self._clumsy and self._hands.counts["person wrong PIN"] < MOST_WRONG
        return [
            (90, "", self._hands.keys(right, "enter")),
            (400 if clumsy else 6, "wrong PIN", self._hands.keys(wrong, "enter")),
            (3, "badge alone", self._hands.keys("enter")),
            (2, "cancels", self._hands.keys("cancel")),
        ]

    def _own_pin(self) -> Choices:
        return [(1, "", self._hands.keys(self._hands.clerk.me.pin, "enter"))]
