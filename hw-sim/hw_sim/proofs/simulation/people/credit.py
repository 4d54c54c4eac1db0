"""Vouchers, and what shows why money goes another way."""

from __future__ import annotations

from hw_sim.proofs.simulation import telephone
from hw_sim.proofs.simulation.people.hands import ANEW, CARD_NUMBER, Choices, Hands, Screens


class Credit:
    """What comes back to the counter with a number of ours on it."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands

    def screens(self) -> Screens:
        return {
            "voucher": self._voucher,
            "evidence.kind": self._evidence,
            "evidence.reference": self._reference,
        }

    def vouchers(self) -> list[str]:
        """One of the vouchers that customers have, as printed on its slip; or none."""
        ledger = self._hands.site.terminal.ledger
        if ledger is None:  # killed since the person looked at the screen
            return []
        rows = ledger.db.execute("SELECT number FROM vouchers").fetchall()
        return [self._hands.chance.choice(sorted(row["number"] for row in rows))] if rows else []

    def _evidence(self) -> Choices:
        return [
            (
                2,
                "adds evidence",
                self._hands.keys(str(self._hands.chance.randint(1, 6))),
            ),
            (3, "", self._hands.keys("menu")),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _reference(self) -> Choices:
        typed = self._hands.keys(*ANEW, telephone.REFERENCE, "enter")
        number = self._hands.keys(*ANEW, CARD_NUMBER, "enter")
        return [
            (8, "", typed),
            (5, "a card number for evidence", number),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _voucher(self) -> Choices:
        return [
            (6, "redeems by hand", self._hands.keys("1")),
            (1, "cancels a voucher", self._hands.keys("2")),
            (1, "cancels", self._hands.keys("cancel")),
        ]
