"""What is asked when something went wrong, and at the end of each refund."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from hw_sim.proofs.simulation import telephone
from hw_sim.proofs.simulation.people.hands import Choices, Hands, Screens


def something_open(hands: Hands) -> bool:
    """Whether the outcome of some refund is not known yet."""
    ledger = hands.ledger
    return ledger is not None and bool(ledger.refunds.open_ones())


class Trouble:
    """Slips, line, clock, and outcomes that nobody knows."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands

    def screens(self) -> Screens:
        return {
            "line.down": self._line_down,
            "line.probe": self._line_down,
            "readers.out": self._hands.agree,
            "print.unsure": self._unsure,
            "cash.hand_over": self._hand_over,
            "result": self._result,
            "unknown.outcome": self._asks_the_acquirer,
            "unknown.amount": self._told_amount,
            "unknown.reference": self._reference,
            "case.reference": self._reference,
            "case.whose": self._of_its_reference,
            "case.payments": self._asks_how_often,
            "cleared.reference": self._reference,
            "clock.confirm": self._looks_at_the_date,
            "failure": self._turned_away,
            "feed.refused": self._refused_records,
            "stopped": list,
        }

    def _looks_at_the_date(self) -> Choices:
        """On a watch, which is right."""
        shown = re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", self._hands.clerk.text.replace("\n", " "))
        now = self._hands.site.time.now()
        told = shown and datetime.strptime(shown[0], "%Y-%m-%d %H:%M").replace(tzinfo=now.tzinfo)
        if told and abs(told - now) < timedelta(hours=1):
            return [
                (9, "confirms the date", self._hands.keys("enter")),
                (1, "", self._hands.keys("cancel")),
            ]
        return [(1, "finds the date wrong", self._hands.keys("cancel"))]

    def _line_down(self) -> Choices:
        """It goes on by itself once the line is back."""
        return [
            (5, "waits for the line", lambda: None),
            (3, "tries the line again", self._hands.keys("enter")),
            (2, "cancels", self._hands.keys("cancel")),
        ]

    def _unsure(self) -> Choices:
        return [
            (3, "", self._hands.keys("1")),
            (1, "has the slip after all", self._hands.keys("2")),
        ]

    def _hand_over(self) -> Choices:
        return [
            (6, "", self._hands.keys("enter")),
            (1, "cash left lying", self._hands.keys("cancel")),
        ]

    def _result(self) -> Choices:
        return [
            (12, "", self._hands.keys("enter")),
            (1, "slip disputed", self._hands.keys("menu")),
        ]

    def _asks_the_acquirer(self) -> Choices:
        """Only what was paid is told: nobody knows yet what never will be."""
        if telephone.paid(self._hands.site):
            return [
                (8, "told that it was paid", self._hands.keys("1")),
                (1, "", self._hands.keys("cancel")),
            ]
        return [(1, "", self._hands.keys("cancel"))]

    def _told_amount(self) -> Choices:
        paid = telephone.paid(self._hands.site)
        return [
            (
                1,
                "",
                self._hands.keys(str(paid), "enter") if paid else self._hands.keys("cancel"),
            )
        ]

    def _reference(self) -> Choices:
        typed = self._hands.keys(telephone.REFERENCE, "enter")
        return [(8, "", typed), (1, "cancels", self._hands.keys("cancel"))]

    def _of_its_reference(self) -> Choices:
        """The sale that has it now: the acquirer goes by nothing else."""
        return [(8, "", self._hands.keys("1")), (1, "cancels", self._hands.keys("cancel"))]

    def _asks_how_often(self) -> Choices:
        """Whoever paid knows that it was twice."""
        return [(8, "", self._hands.keys("1")), (1, "cancels", self._hands.keys("cancel"))]

    def _turned_away(self) -> Choices:
        """A slip of it is there for who asks."""
        return [
            (9, "", self._hands.keys("enter")),
            (1, "wants the refusal's slip", self._hands.keys("menu")),
        ]

    def _refused_records(self) -> Choices:
        return [
            (3, "sees to refused records", self._hands.keys("menu")),
            (1, "", self._hands.keys("enter")),
        ]
