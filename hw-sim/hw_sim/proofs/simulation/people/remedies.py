"""Whoever mends what went wrong, with the right remedy or any other (R46, R47a)."""

from __future__ import annotations

import re
from random import Random
from typing import Final

from hw_sim.proofs.simulation.people.hands import ANEW, Choices, Hands, Screens
from pos_terminal.core.payout import PayoutKind
from pos_terminal.core.remedy import Remedy
from pos_terminal.core.words import say
from pos_terminal.texts import Language, render

_OPTION: Final = re.compile(r"(?m)^>? *(\d) +(\S.*?)\s*$")
_FAR_TOO_MUCH: Final = "9999999"
_WEIGHTS: Final = {Remedy.REFUND: 12, Remedy.EXCHANGE: 9}
"""Few cases lead to it."""


class Remedies:
    """At the case's second key. Draws from a stream of its own."""

    def __init__(self, hands: Hands, chance: Random) -> None:
        self._hands = hands
        self._chance = chance

    def screens(self) -> Screens:
        return {
            "case.remedy": self._which,
            "case.form": self._hands.agree,
            "recovery.amount": self._amount,
            "claim.again": self._hands.agree,
            "claim.goods": self._proposed,
            "claim.freight": self._proposed,
            "claim.confirm": self._hands.agree,
            "payout.what": lambda: self._digit(2),
            "payout.kind": lambda: self._digit(len(PayoutKind)),
            "payout.amount": self._amount,
            "payout.slip": self._slip,
            "payout.hand_over": self._hand_over,
        }

    def _which(self) -> Choices:
        """Whichever of them, also one that mends nothing of what went wrong."""
        names = {render(say(f"remedy.do_{one.value}"), self._language): one for one in Remedy}
        found: Choices = [
            (_WEIGHTS.get(names[text], 3), f"remedy: {names[text]}", self._hands.keys(digit))
            for digit, text in _OPTION.findall(self._hands.clerk.text)
            if text in names
        ]
        return [*found, (1, "cancels", self._hands.keys("cancel"))]

    def _amount(self) -> Choices:
        few = str(self._chance.choice([self._chance.randint(1, 900), 0, 290, 290]))
        return [
            (9, "", self._hands.keys(*ANEW, few, "enter")),
            (2, "asks for far too much", self._hands.keys(*ANEW, _FAR_TOO_MUCH, "enter")),
            (2, "cancels", self._hands.keys("cancel")),
        ]

    def _proposed(self) -> Choices:
        return [(6, "", self._hands.keys("enter")), *self._amount()[:2]]

    def _digit(self, most: int) -> Choices:
        digit = str(self._chance.randint(1, most))
        return [(8, "", self._hands.keys(digit)), (1, "cancels", self._hands.keys("cancel"))]

    def _slip(self) -> Choices:
        return [
            (4, "pays out before its slip is there", self._hands.keys("enter")),
            (2, "payout waits for its slip", self._hands.keys("cancel")),
        ]

    def _hand_over(self) -> Choices:
        return [
            (6, "hands over a payout", self._hands.keys("enter")),
            (2, "payout left lying", self._hands.keys("cancel")),
        ]

    @property
    def _language(self) -> Language:
        return self._hands.site.setting.language
