"""What went wrong, and what is done about it until it is closed (R45)."""

from __future__ import annotations

from hw_sim.proofs.simulation.people.hands import Choices, Hands, Screens

KINDS = "1234567"
STEPS = "1234567"
CAUSES = "123456"


class Mistakes:
    """Whoever looks at a case."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands

    def screens(self) -> Screens:
        return {
            "case.kind": self._kind,
            "case.facts": self._facts,
            "case.step": self._step,
            "case.text": self._text,
            "case.next": self._next,
            "case.close": self._cause,
            "case.loss": self._loss,
            "case.loss_amount": self._amount,
        }

    def _kind(self) -> Choices:
        kind = self._hands.chance.choice(KINDS)
        return [
            (8, f"went wrong: {kind}", self._hands.keys(kind)),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _facts(self) -> Choices:
        return [
            (3, "notes a step", self._hands.keys("1")),
            (2, "closes a case", self._hands.keys("enter")),
            (5, "", self._hands.keys("cancel")),
        ]

    def _step(self) -> Choices:
        return [(1, "", self._hands.keys(self._hands.chance.choice(STEPS)))]

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
