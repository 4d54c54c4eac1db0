"""How goods are that come back: conditions, some of which refuse, and what they bring less."""

from __future__ import annotations

from hw_sim.proofs.simulation.people.hands import Choices, Hands, Screens


class GoodsOnTheDesk:
    """Whoever looks at them: with the goods, at the reason, or beside the supervisor."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands

    def screens(self) -> Screens:
        return {
            "goods.condition": self._condition,
            "goods.refuse": self._refuse,
            "goods.deduct": self._deduct,
            "goods.deduct_amount": self._how_much,
            "goods.or_note": self._goods_or_note,
            "goods.back": self._back,
            "goods.lines": self._lines,
            "goods.line": self._line,
            "goods.reason": self._reason,
        }

    def _condition(self) -> Choices:
        """The fourth refuses; behind it stands that they did not come back."""
        usual = str(self._hands.chance.randint(1, 3))
        return [
            (20, "", self._hands.keys(usual)),
            (5, "damaged by the buyer", self._hands.keys("4")),
            (2, "says that goods did not come back", self._hands.keys("5")),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _refuse(self) -> Choices:
        return [
            (4, "refuses goods", self._hands.keys("1")),
            (8, "", self._hands.keys("2")),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _deduct(self) -> Choices:
        kind = str(self._hands.chance.randint(1, 4))
        return [(12, "", self._hands.keys(kind)), (1, "cancels", self._hands.keys("cancel"))]

    def _how_much(self) -> Choices:
        some = str(self._hands.chance.choice([1, 50, 99, 500, 1_000, 3_000]))
        return [
            (20, "deducts", self._hands.keys(some, "enter")),
            (2, "deducts too much", self._hands.keys("99999999", "enter")),
            (2, "deducts nothing", self._hands.keys("0", "enter")),
            (3, "cancels", self._hands.keys("cancel")),
        ]

    def _goods_or_note(self) -> Choices:
        return [
            (2, "", self._hands.keys("1")),
            (12, "", self._hands.keys("2")),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _back(self) -> Choices:
        """With an amount that was typed."""
        return [
            (4, "says that no goods came back", self._hands.keys("1")),
            (8, "names the goods of an amount", self._hands.keys("2")),
            (4, "says that nobody knows which goods", self._hands.keys("3")),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _lines(self) -> Choices:
        line = str(self._hands.chance.randint(1, 3))
        return [
            (8, "", self._hands.keys(line)),
            (8, "", self._hands.keys("menu")),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _line(self) -> Choices:
        what = str(self._hands.chance.randint(1, 3))
        return [
            (8, "", self._hands.keys(what)),
            (8, "", self._hands.keys("menu")),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _reason(self) -> Choices:
        reason = str(self._hands.chance.randint(1, 5))
        return [
            (12, "a reason of their own", self._hands.keys(reason)),
            (1, "cancels", self._hands.keys("cancel")),
        ]
