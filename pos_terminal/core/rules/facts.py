"""What a rule may look at, and what a rule is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

from msgspec import Struct

from pos_terminal.core.decision import Phase, Verdict
from pos_terminal.core.items import Item
from pos_terminal.core.refund import CardMatch, Kind
from pos_terminal.core.sale import Sale, SaleLine, Tender


class Tally(Struct, frozen=True):
    """Refunds of a day: how many, and minor units in all. UNKNOWN ones count (R13)."""

    count: int = 0
    amount: int = 0


class Facts(Struct, frozen=True):
    """One application, before the card is known and, with the last two, after."""

    sale: Sale
    tender: Tender
    kind: Kind
    amount: int
    now: datetime
    reason: str
    defect: bool
    """The reason says that the goods are defective."""
    items: tuple[Item, ...] = ()
    """The goods that come back; none are named where an amount was typed."""
    clerk_today: Tally = Tally()
    terminal_today: Tally = Tally()
    match: CardMatch | None = None
    card_refused: bool = False
    """The acquirer called the card stolen, lost or fraud before."""
    same_recently: int = 0
    """Refunds of the same amount to the same card within the duplicate rule's minutes."""

    @property
    def lines(self) -> tuple[SaleLine, ...]:
        """The lines that it is about: those that it names, or all of the sale."""
        named = {item.line for item in self.items}
        return tuple(line for line in self.sale.lines if not named or line.line in named)

    @property
    def age_days(self) -> int:
        """Whole calendar days since the sale, in the shop's time."""
        return self.sale.age_days(self.now)


class Params(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Parameters of a rule: ``[policy.rules.NAME]``; every rule can be switched off."""

    enabled: bool = True


P = TypeVar("P", bound=Params)


class Rule(Struct, Generic[P], frozen=True):
    """``judge`` answers a verdict, or None where the rule has nothing against it."""

    name: str
    phase: Phase
    params: type[P]
    judge: Callable[[P, Facts], Verdict | None]
    fixed: bool = False
    """Balance and state: can't be switched off or softened."""
