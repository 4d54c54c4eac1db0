"""Eyes and hands of whoever stands at the counter, and what they may do about a screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from typing import Final, Protocol

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Site
from pos_terminal.services.ledger.store import LedgerStore

Act = Callable[[], None]
Choices = list[tuple[float, str, Act]]
"""Weight, name of the fault class (or empty), what is done."""
Screens = Mapping[str, Callable[[], Choices]]
"""By the prompt."""
CARD_NUMBER: Final = "4761739001010010"
"""No reference, no evidence and no telephone: whoever types one is asked again."""
ANEW: Final = ["clear"] * 20
"""Keys that take away whatever stands there."""


class Comer(Protocol):
    """A kind of customer that some days have."""

    def comes(self) -> bool:
        """Whether the next customer is one."""

    def begin(self) -> Choices:
        """What is done about them at the home screen."""


class Hands:
    """Shared by all that a person does."""

    def __init__(self, site: Site, chance: Random, counts: Counter[str]) -> None:
        self.site = site
        self.clerk = SimClerk(site)
        self.chance = chance
        self.counts = counts

    @property
    def ledger(self) -> LedgerStore | None:
        """None where the terminal was killed since the person looked at the screen."""
        return self.site.terminal.ledger

    def keys(self, *keys: str) -> Act:
        return lambda: self.clerk.press(*(key for key in keys if key))

    def agree(self) -> Choices:
        return [(20, "", self.keys("enter")), (1, "cancels", self.keys("cancel"))]
