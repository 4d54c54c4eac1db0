"""What went wrong, and what is done about it until it is closed (R45)."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Final

from hw_sim.bench import identity
from hw_sim.proofs.simulation.people.hands import Choices, Hands, Screens
from pos_terminal.core import receipt_code
from pos_terminal.core.case import MISTAKES
from pos_terminal.core.refund import SERVED

DAYS: Final = 0.3
"""Of the days: with people who make mistakes on purpose, and mend them by any remedy."""
KINDS: Final = "1234567"
STEPS: Final = "1234567"
CAUSES: Final = "123456"
PHRASES: Final = [
    {"zh": "已致电顾客", "en": "Customer called"},
    {"zh": "等银行回复", "en": "Waiting for the bank"},
]
"""That the shop keeps for steps on these days."""
CEILINGS: Final = (
    {"per_case": 300, "per_day": 400},
    {"per_case": 500, "per_day": 350},
    {"per_case": 3_000, "per_day": 5_000},
)


class Mistakes:
    """Whoever looks at a case. On most days few do; on some they go there to mend it."""

    def __init__(self, hands: Hands, chance: Random) -> None:
        """``chance``: a stream of its own."""
        self._hands = hands
        self._chance = chance
        self.some = False
        """Whether anybody makes them on purpose today."""
        self.mending = False
        """Whether nothing else is done now."""
        self._slip = ""
        """Under the barcode of the one that is to be scanned."""

    def screens(self) -> Screens:
        return {
            "case.kind": self._kind,
            "case.facts": self._facts,
            "case.step": self._step,
            "case.phrase": self._phrase,
            "case.text": self._text,
            "case.next": self._next,
            "case.close": self._cause,
            "case.loss": self._loss,
            "case.loss_amount": self._amount,
        }

    def at_home(self) -> Choices:
        """With a slip of a refund, or to the list of cases."""
        if not self.some or not (slips := self._slips()):
            return []
        weight = 400 if self.mending else 120
        found: Choices = [(weight, "says what went wrong", partial(self._by, slips))]
        ledger = self._hands.ledger
        if ledger is not None and ledger.cases.open_ones():
            found.append((weight, "sees to a case", self._hands.keys("menu", "4", "1")))
        if ledger is not None and ledger.payouts.to_hand_over():
            found.append((weight, "finds a payout lying", self._hands.keys("menu", "3", "2")))
        return found

    def leads_there(self) -> Choices:
        """Whoever came with a slip scans it where a number is asked for."""
        if not self.some:
            return []
        if self._hands.clerk.prompt == "result":
            return [(9, "sees at once what went wrong", self._hands.keys("menu"))]
        if self._hands.clerk.prompt == "case.closed":
            return [(2, "prints a closed case", self._hands.keys("menu"))]
        if self._slip and self._hands.clerk.prompt == "find.trace":
            return [(400, "", self._scan)]
        return []

    def _by(self, slips: list[str]) -> None:
        self._slip = self._chance.choice(slips)
        self._hands.clerk.press("menu", "4", "4")

    def _scan(self) -> None:
        code, self._slip = self._slip, ""
        self._hands.clerk.scan(code)

    def _slips(self) -> list[str]:
        """Codes on the slips of what went back lately."""
        ledger = self._hands.ledger
        refunds = () if ledger is None else ledger.refunds.recent(6)
        us = identity.MERCHANT_ID, identity.TERMINAL_ID
        return [
            receipt_code.encode(one.kind, *us, one.refund_id)
            for one in refunds
            if one.state in SERVED and one.kind in receipt_code.KIND_DIGIT
        ]

    # --- screens -------------------------------------------------------------------------------

    def _kind(self) -> Choices:
        if self.some:
            kind = self._chance.choice(KINDS)
            told = f"went wrong: {MISTAKES[int(kind) - 1]}"
            found_by = (3, "says who found it", self._hands.keys("menu"))
            return [
                (12, told, self._hands.keys(kind)),
                found_by,
                (1, "cancels", self._hands.keys("cancel")),
            ]
        kind = self._hands.chance.choice(KINDS)
        return [
            (8, f"went wrong: {kind}", self._hands.keys(kind)),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _facts(self) -> Choices:
        steps = (3, "notes a step", self._hands.keys("1"))
        closes = (2, "closes a case", self._hands.keys("enter"))
        if not self.some:
            return [steps, closes, (5, "", self._hands.keys("cancel"))]
        return [
            steps,
            (9, "looks for a remedy", self._hands.keys("2")),
            (1, "prints a case's record", self._hands.keys("3")),
            (1, "asks a case's status", self._hands.keys("4")),
            (5 if self.mending else 1, "gives again what came back", self._hands.keys("5")),
            closes,
            (2, "", self._hands.keys("cancel")),
        ]

    def _step(self) -> Choices:
        return [(1, "", self._hands.keys(self._hands.chance.choice(STEPS)))]

    def _phrase(self) -> Choices:
        return [
            (3, "says a phrase of the shop's", self._hands.keys(self._chance.choice("12"))),
            (1, "", self._hands.keys("menu")),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _text(self) -> Choices:
        return [(3, "", self._hands.keys("4711", "enter")), (1, "", self._hands.keys("enter"))]

    def _next(self) -> Choices:
        days = str(self._hands.chance.randrange(10))
        return [
            (3, "looks again later", self._hands.keys(days, "enter")),
            (1, "", self._hands.keys("enter")),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _cause(self) -> Choices:
        return [(1, "", self._hands.keys(self._hands.chance.choice(CAUSES)))]

    def _loss(self) -> Choices:
        who = str(self._hands.chance.randint(1, 3))
        return [
            (4, "", self._hands.keys("enter")),
            (1, "somebody bears a loss", self._hands.keys(who)),
        ]

    def _amount(self) -> Choices:
        return [(3, "", self._hands.keys("150", "enter")), (1, "", self._hands.keys("cancel"))]
