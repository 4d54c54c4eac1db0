"""Who finds that goods were booked wrong, and has a supervisor put it right (R48)."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Final

from hw_sim.bench import identity
from hw_sim.proofs.simulation.people.hands import CARD_NUMBER, Choices, Hands, Screens
from pos_terminal.core import receipt_code
from pos_terminal.core.stock import Moved

DAYS: Final = 0.5
"""Of the days: with people who look where goods are."""
_MOST: Final = 10_000


class CorrectsStock:
    """Draws from a stream of its own."""

    def __init__(self, hands: Hands, chance: Random) -> None:
        self._hands = hands
        self._chance = chance
        self.some = False
        """Whether anybody looks today."""

    def screens(self) -> Screens:
        return {
            "stock.slip": self._slip,
            "stock.line": self._line,
            "stock.correct": self._how,
            "stock.corrected": lambda: [(9, "corrects stock", self._hands.keys("enter"))],
        }

    def at_home(self) -> Choices:
        if not self.some or not self._moved():
            return []
        return [(90, "looks where goods are", self._hands.keys("menu", "4", "3"))]

    def _moved(self) -> list[tuple[int, str]]:
        """Application and barcode of the slips of what brought goods, as they lie there."""
        ledger = self._hands.ledger
        found = set()
        for one in () if ledger is None else ledger.stock.after(0, _MOST):
            refund = ledger.refunds.by_id(one.refund_id) if ledger else None
            if refund is not None and one.what is Moved.GOODS:
                us = identity.MERCHANT_ID, identity.TERMINAL_ID
                manual = refund.kind not in receipt_code.KIND_DIGIT
                code = (
                    receipt_code.encode_application(*us, refund.application)
                    if manual
                    else receipt_code.encode(refund.kind, *us, refund.refund_id)
                )
                found.add((refund.application, code))
        return sorted(found)

    def _slip(self) -> Choices:
        keys, scan = self._hands.keys, self._hands.clerk.scan
        number, code = self._chance.choice(self._moved() or [(1, CARD_NUMBER)])
        nothing = self._hands.site.shop.sale("cash-today").receipt_no
        return [
            (8, "", keys(*str(number), "enter")),
            (8, "", partial(scan, code)),
            (2, "looks for goods by a till's receipt", partial(scan, nothing)),
            (2, "looks for goods of no refund", keys("9", "9", "9", "enter")),
            (1, "cancels", keys("cancel")),
        ]

    def _line(self) -> Choices:
        line = str(self._chance.randint(1, 2))
        return [
            (12, "", self._hands.keys(line)),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _how(self) -> Choices:
        right = str(self._chance.randint(1, 5))
        return [
            (12, "finds goods otherwise than booked", self._hands.keys(right)),
            (1, "cancels", self._hands.keys("cancel")),
        ]
