"""What every rule may look at, and what a rule is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from msgspec import Struct, field

from pos_terminal.core.blind import NoReceipt
from pos_terminal.core.decision import Phase, Verdict
from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.items import Item, worths_of
from pos_terminal.core.refund import CardMatch, Kind
from pos_terminal.core.sale import Sale, SaleLine, Tender
from pos_terminal.core.words import Value


class Tally(Struct, frozen=True):
    """Refunds of a day: how many, and minor units in all. UNKNOWN ones count (R13)."""

    count: int = 0
    amount: int = 0


class Together(Struct, frozen=True):
    """What else of the same ticket goes back with it (R35)."""

    legs: int = 0
    amount: int = 0
    """Minor units of these legs."""
    of_sale: int = 0
    """Of these, what is of the same sale."""
    cash: int = 0
    """Of these, what was paid in cash."""
    voucher: int = 0
    """What goes back before it of what the same voucher paid; below zero where the ledger counts
    as gone what is to go back now."""
    done: int = 0
    """What of the ticket went back before."""
    reopened: bool = False
    """It was judged with the goods that an exchange credit had paid for: what is open again is
    asked about its own payment alone."""
    rest_of: int = 0
    """The ticket whose exchange credit ends with it: what that sets aside is this very money."""
    came_back: datetime | None = None
    """When goods of its sale came back by an earlier leg of the ticket: it is owed for these."""


class Facts(Struct, frozen=True):
    """One application, before the card is known and, with the last two, after.

    What else a rule must know of earlier refunds it asks for by itself (``Rule.asks``).
    """

    sale: Sale
    tender: Tender
    kind: Kind
    amount: int
    now: datetime
    reason: str
    defect: bool
    """The reason says that the goods are defective: all of them, where lines have reasons of their
    own."""
    items: tuple[Item, ...] = ()
    """The goods that come back; none are named where an amount was typed."""
    operator: str = ""
    """The clerk's number."""
    token: str | None = None
    """The card's."""
    older_tokens: tuple[str, ...] = ()
    """The card's under token keys that were replaced: earlier refunds may have one of them."""
    par: str | None = None
    """Its account's: a phone or a card that was issued anew has another number and the same one."""
    match: CardMatch | None = None
    together: Together = Together()
    """A limit is held against each leg and against their sum, which is never less."""
    no_receipt: NoReceipt | None = None
    """Of goods that came back without one."""
    about: frozenset[int] = frozenset()
    """Lines of the goods that it pays the rest of: they are back by an earlier refund."""
    defects: frozenset[int] = frozenset()
    """Lines whose own reason says that they are defective."""
    refused: Mapping[int, Mapping[str, Value]] = field(default_factory=lambda: MappingProxyType({}))
    """Lines in a condition in which the shop refuses goods, with how that condition is called."""
    invoice: InvoiceBack | None = None
    """What became of the sale's invoice; None where nobody was asked."""
    goods_back: GoodsBack | None = None
    """Whether goods come back; None of a sale that has none left."""
    inspects: bool = False
    """Whether the shop looks at all that come back."""
    out: tuple[GivenOut, ...] = ()
    """What goes out for these goods."""
    not_back: bool = False
    """Whether the clerk says of goods, or of a typed amount, that none came back, and the reason
    does not."""

    def leaves(self, kept: Sequence[SaleLine]) -> tuple[int, int]:
        """Of an amount that was typed: what goes back of the sale with it, over all its payments,
        and the most that leaves enough for these lines."""
        worth = worths_of(self.sale, {line.line: line.remaining for line in kept})
        return self.of_sale, self.sale.offered - sum(worth.values())

    @property
    def lines(self) -> tuple[SaleLine, ...]:
        """The lines that it is about: those that it names, or all of the sale."""
        named = {item.line for item in self.items} or self.about
        return tuple(line for line in self.sale.lines if not named or line.line in named)

    @property
    def of_sale(self) -> int:
        """What goes back of the sale in all, by this leg and the others of its ticket."""
        return self.amount + self.together.of_sale

    @property
    def age_days(self) -> int:
        """Whole calendar days from the sale to the day its goods came back, in the shop's time."""
        return self.sale.age_days(self.together.came_back or self.now)


class Params(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Parameters of a rule: ``[policy.rules.NAME]``; a fixed one can't be switched off."""

    enabled: bool = True


NotTaken = tuple[StrEnum, Mapping[str, Value]]
"""What is against goods, and what the reader is told of it."""


class Bounds(Struct, frozen=True):
    """What a rule sets for all refunds, for those who must know it before one is judged."""

    cash: int | None = None
    """Minor units of one sale that go back in notes."""
    refundable_days: int | None = None
    """Whole days after the sale, after which nothing of it is given back."""
    free_days: Callable[[Sequence[SaleLine]], int] | None = None
    """Whole days in which all of these lines go back without anybody being asked."""
    not_taken: Callable[[SaleLine], NotTaken | None] | None = None
    """Why such goods don't come back; None where they do."""
    no_receipt: int | None = None
    """Minor units up to which goods that nobody knows go back without a receipt; None: nothing
    does."""


P = TypeVar("P", bound=Params)
K = TypeVar("K")
"""What a rule knows by having asked."""


def asks_nothing(params: Params, facts: Facts, past: object) -> Any:
    """For rules to which the application itself says enough."""
    return None


def sets_nothing(params: Params) -> Bounds:
    return Bounds()


def may_deny(params: Params) -> bool:
    return True


class Rule(Struct, Generic[P, K], frozen=True):
    """``judge`` answers a verdict, with the figures that it saw also where it allows."""

    name: str
    phase: Phase
    params: type[P]
    against: type[StrEnum]
    """All that it may have against a refund; each has its text in ``texts/rules.toml``."""
    judge: Callable[[P, Facts, K], Verdict]
    asks: Callable[[P, Facts, Any], K] = asks_nothing
    """What it must know of earlier refunds, asked of a ``Past`` of its own."""
    bounds: Callable[[P], Bounds] = sets_nothing
    denies: Callable[[P], bool] = may_deny
    """Whether it refuses anything, with these parameters."""
    of_goods: bool = False
    """It looks at goods, their age and their worth: judged with these, wherever the money goes."""
    fixed: bool = False
    """Can't be switched off (``make_book``) or softened."""
