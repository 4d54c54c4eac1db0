"""The person at the keypad, with forms: tells what became of each as they know it (R38)."""

from __future__ import annotations

import re
from functools import partial
from random import Random
from typing import Final

from hw_sim.bench.sample_sales import SampleSale
from hw_sim.proofs.simulation.elsewhere import Elsewhere
from hw_sim.proofs.simulation.form import Fate, Form, Said, Teller
from hw_sim.proofs.simulation.people.hands import ANEW, CARD_NUMBER, Act, Choices, Hands, Screens
from pos_terminal.core.words import say
from pos_terminal.texts import render

_WALLETS: Final = 0.15
"""Of the customers on days of many forms."""
_OPTION: Final = re.compile(r"(?m)^>? *(\d) .*#(\d+)")
_MEANS: Final = {
    Said.PAID: "manual.means_paid",
    Said.WITHDRAWN: "manual.means_withdrawn",
    Said.PAID_LATE: "unknown.means_overpaid",
}


class Forms:
    """Opens them more often on days of many, and tells the terminal no more than is true."""

    def __init__(self, hands: Hands, elsewhere: Elsewhere, chance: Random) -> None:
        """``chance``: a stream of its own."""
        self._hands = hands
        self._clerk = hands.clerk
        self._elsewhere = elsewhere
        self._chance = chance
        self._form: Form | None = None
        """The one on the screen."""

    def screens(self) -> Screens:
        return {
            "manual.list": self._list,
            "manual.withdrawn": self._withdrawn,
            "manual.form": self._shown,
            "manual.reference": self._reference,
            "manual.confirm": self._confirm,
        }

    def wanted(self) -> SampleSale | None:
        """What nobody here can give back but by a form."""
        if not self._elsewhere.many or self._chance.random() >= _WALLETS:
            return None
        return self._hands.site.shop.sale("qr-wallet-today")

    def leads_there(self) -> Choices:
        """Whatever the screen is: where it says that the form is left, mostly that."""
        if self._word("tenders.form_hint") in self._text:
            return [(40, "asks for the form", self._hands.keys("menu"))]
        if self._word("tenders.turned_away_hint") in self._text:
            return [(40, "asks for the form of what was turned away", self._hands.keys("1"))]
        if self._elsewhere.many and self._hands.site.setting.policy.get("tenders"):
            return self._exception()
        return []

    def _exception(self) -> Choices:
        """Where the shop lets the money of a card go that way."""
        match self._clerk.prompt:
            case "sale":
                return [(14, "looks for another way back", self._hands.keys("menu"))]
            case "sale.more":
                return [(20, "", self._hands.keys("3"))]
            case "exception":
                form = self._word("tenders.to_manual")
                found = re.findall(rf"(?m)^>? *(\d) .*{form}", self._text)
                return [(12, "chooses the form", self._hands.keys(one)) for one in found]
            case _:
                return []

    def at_home(self) -> Choices:
        """A form comes back, or news of one that was withdrawn."""
        self._elsewhere.look()
        found: Choices = []
        told = self._elsewhere.to_tell(Teller.KEYPAD)
        if any(one.told_now is Said.PAID_LATE for one in told):
            found.append((10, "finds a withdrawn form paid", self._hands.keys("menu", "3", "7")))
        if here := [one for one in told if one.told_now is not Said.PAID_LATE]:
            one = self._chance.choice(here)
            found.append((30, "scans a form", partial(self._clerk.scan, one.code)))
            found.append((2, "looks for a form", self._hands.keys("menu", "3", "7")))
        return found

    # --- screens -------------------------------------------------------------------------------

    def _list(self) -> Choices:
        """One whose fate is known, or those that were withdrawn."""
        options = {int(number): digit for digit, number in _OPTION.findall(self._clerk.text)}
        told = self._elsewhere.to_tell(Teller.KEYPAD)
        found: Choices = [
            (4, "", self._hands.keys(options[one.number])) for one in told if one.number in options
        ]
        if any(one.told_now is Said.PAID_LATE for one in told):
            last = re.search(rf"(?m)^>? *(\d) {self._word('manual.withdrawn_list')}", self._text)
            found += [(9, "", self._hands.keys(last[1]))] if last else []
        return [*found, (1, "", self._hands.keys("cancel"))]

    def _withdrawn(self) -> Choices:
        options = {int(number): digit for digit, number in _OPTION.findall(self._clerk.text)}
        late = [
            one
            for one in self._elsewhere.to_tell(Teller.KEYPAD)
            if one.told_now is Said.PAID_LATE and one.number in options
        ]
        if not late:
            return [(1, "", self._hands.keys("cancel"))]
        one = self._chance.choice(late)

        def pick() -> None:
            self._form = one
            self._clerk.press(options[one.number])

        return [
            (9, "tells a late payment", pick),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _shown(self) -> Choices:
        found = re.search(rf"{self._word('manual.application')}\s+(\d+)", self._text)
        self._form = one = self._elsewhere.forms.get(int(found[1])) if found else None
        cancels: Choices = [(1, "cancels", self._hands.keys("cancel"))]
        if one is None:  # its paper is not out
            return [(1, "prints a form again", self._hands.keys("3")), *cancels]
        cancels.append((0.5, "prints a form again", self._hands.keys("3")))
        if one.paid and one.fate is Fate.PAID and one.is_told_by(Teller.KEYPAD):
            return [(9, "confirms a form", self._hands.keys("1")), *cancels]
        if one.fate is not Fate.PAID and one.struck is None:
            return [(9, "withdraws a form", self._hands.keys("2")), *cancels]
        return cancels

    def _reference(self) -> Choices:
        one = self._form
        if one is None:
            return [(1, "", self._hands.keys("cancel"))]
        cancels: Choices = [(0.5, "cancels", self._hands.keys("cancel"))]
        typed = self._hands.keys(*ANEW, one.reference, "enter")
        number = self._hands.keys(*ANEW, CARD_NUMBER, "enter")
        cancels.append((0.7, "a card number for a reference", number))
        if self._word("manual.reference_or_form")[:8] in self._text:
            others = [form for form in self._elsewhere.forms.values() if form is not one]
            if others:
                wrong = self._scans(self._chance.choice(others).code)
                cancels.append((0.7, "scans another form", wrong))
            struck = self._scans(one.code)
            return [(6, "strikes a form through", struck), (3, "", typed), *cancels]
        cancels.append((0.5, "scans the form for a reference", self._scans(one.code)))
        return [(9, "", typed), *cancels]

    def _confirm(self) -> Choices:
        """Only what is true; from then on it may be in the ledger."""
        one = self._form
        kinds = [kind for kind, means in _MEANS.items() if self._word(means)[:8] in self._text]
        if one is None or len(kinds) != 1 or one.told_now is not kinds[0]:
            return [(1, "", self._hands.keys("cancel"))]

        def agree() -> None:
            one.said.add(kinds[0])
            self._clerk.press("enter")

        return [
            (12, f"form {kinds[0]}", agree),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    # --- hands ---------------------------------------------------------------------------------

    @property
    def _text(self) -> str:
        return self._clerk.text

    def _word(self, name: str) -> str:
        return render(say(name), self._hands.site.setting.language)

    def _scans(self, code: str) -> Act:
        def act() -> None:
            self._clerk.press(*ANEW)
            self._clerk.scan(code)
            self._clerk.press("enter")

        return act
