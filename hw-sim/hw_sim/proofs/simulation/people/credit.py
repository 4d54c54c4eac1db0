"""Vouchers, and forms that other people carry out."""

from __future__ import annotations

from functools import partial

from hw_sim.proofs.simulation.people.hands import Choices, Hands, Screens
from pos_terminal.core.receipt_code import encode_application


class CreditAndForms:
    """What comes back to the counter with a number of ours on it."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands

    def screens(self) -> Screens:
        return {
            "voucher": self._voucher,
            "manual.form": self._form,
            "manual.confirm": self._hands.agree,
            "evidence.kind": self._evidence,
        }

    def vouchers(self) -> list[str]:
        """One of the vouchers that customers have, as printed on its slip; or none."""
        ledger = self._hands.site.terminal.ledger
        if ledger is None:  # killed since the person looked at the screen
            return []
        rows = ledger.db.execute("SELECT number FROM vouchers").fetchall()
        return [self._hands.chance.choice(sorted(row["number"] for row in rows))] if rows else []

    def forms(self) -> Choices:
        """One that is out and comes back, as printed; and one that was withdrawn, and paid."""
        ledger = self._hands.site.terminal.ledger
        if ledger is None:  # killed since the person looked at the screen
            return []
        found: Choices = [
            (
                8,
                "scans a form",
                partial(self._hands.clerk.scan, self._code_of(one.application)),
            )
            for one in ledger.manual.open_ones()[:1]
        ]
        if ledger.manual.withdrawn():
            found.append((2, "finds a withdrawn form paid", self._hands.keys("menu", "3", "7")))
        return found

    def _code_of(self, application: int) -> str:
        terminal = self._hands.site.terminal.config.terminal
        return encode_application(terminal.merchant_id, terminal.terminal_id, application)

    def _form(self) -> Choices:
        return [
            (6, "confirms a form", self._hands.keys("1")),
            (4, "withdraws a form", self._hands.keys("2")),
            (1, "prints a form again", self._hands.keys("3")),
            (1, "cancels", self._hands.keys("cancel")),
        ]

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

    def _voucher(self) -> Choices:
        return [
            (6, "redeems by hand", self._hands.keys("1")),
            (1, "cancels a voucher", self._hands.keys("2")),
            (1, "cancels", self._hands.keys("cancel")),
        ]
