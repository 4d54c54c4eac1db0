"""Payments that the acquirer has and the terminal has not heard of yet: somebody types them (R7).

The till tells of them later, in part, otherwise than they were, or never.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from hw_sim.bench import identity
from hw_sim.bench.feed import Record, feed_record
from hw_sim.bench.sample_sales import Card, SampleLine, SampleSale, SampleTender
from hw_sim.proofs.simulation.shop import START

_FIRST: Final = 700
"""Their numbers begin behind those of the shop's sales."""
_OLDEST: Final = 5
_NOTHING: Final = dict.fromkeys(("batch", "trace", "rrn", "auth_code"), "")
Token = Callable[[str], str]


class Wrong(StrEnum):
    """What the till tells otherwise than it was."""

    AMOUNT = "amount"
    LAST4 = "last4"
    BATCH = "batch"
    TRACE = "trace"
    TERMINAL = "terminal_id"


@dataclass(frozen=True, slots=True)
class Told:
    """One record of the till's. ``bare``: without the payment's numbers."""

    sample: SampleSale
    bare: bool = False
    wrong: Wrong | None = None
    four: bool = False
    """The till kept the last four digits only, as of every payment without numbers."""

    def facts(self) -> dict[str, str]:
        """Of the card payment, by the names that a case has for them."""
        card = self.card_leg
        sample, numbers = self.sample, self.sample.numbers(card)
        told = {
            "rrn": numbers.rrn,
            "date": f"{sample.sold_at:%Y-%m-%d}",
            "terminal_id": sample.terminal_id,
            "batch": sample.batch,
            "trace": numbers.trace,
            "auth_code": numbers.auth_code,
            "last4": "" if card.card is None else card.card.pan[-4:],
            "amount": str(card.amount),
        }
        otherwise = {
            Wrong.AMOUNT: str(self.amount),
            Wrong.LAST4: "9999",
            Wrong.BATCH: "000099",
            Wrong.TRACE: "000099",
            Wrong.TERMINAL: identity.OTHER_TERMINAL_ID
            if sample.terminal_id == identity.TERMINAL_ID
            else identity.TERMINAL_ID,
        }
        if self.bare:
            return told | dict.fromkeys(("rrn", "batch", "trace", "auth_code"), "")
        return told if self.wrong is None else told | {self.wrong: otherwise[self.wrong]}

    @property
    def card_leg(self) -> SampleTender:
        (leg,) = self.sample.payments
        return leg

    @property
    def amount(self) -> int:
        """Of the card payment, as the till tells it; minor units."""
        paid = self.card_leg.amount
        if self.wrong is not Wrong.AMOUNT:
            return paid
        return paid // 2 if paid % 2 else paid + paid // 4

    def line(self, token: Token, key_id: str) -> str:
        """Its record in the sales feed (docs/sales-feed.md)."""
        record = feed_record(self.sample, token, key_id)
        if self.wrong is not None:
            self._otherwise(record)
        if self.four or self.wrong is Wrong.LAST4:
            (leg,) = [one for one in record["tenders"] if one["kind"] == "card"]
            leg |= {"masked": f"************{self.facts()['last4']}", "scheme": ""}
            for name in ("token", "token_key_id", "par", "funding"):
                leg.pop(name, None)
        return json.dumps(record | _NOTHING if self.bare else record)

    def _otherwise(self, record: Record) -> None:
        told = self.facts()
        record |= {name: told[name] for name in ("batch", "trace", "terminal_id")}
        (leg,) = [one for one in record["tenders"] if one["kind"] == "card"]
        record["amount"] += self.amount - leg["amount"]
        leg["amount"] = self.amount
        record["lines"][0]["unit_price"] = record["amount"]


@dataclass(slots=True)
class Purchase:
    """``sample`` is what was paid, as the acquirer's book has it."""

    sample: SampleSale
    plan: tuple[Told, ...]
    """What the till will tell, one after the other."""
    told: list[Told] = field(default_factory=list)
    """What the terminal has surely taken of it."""

    @property
    def rrn(self) -> str:
        return self.sample.rrn

    @property
    def day(self) -> date:
        return self.sample.sold_at.date()

    @property
    def place(self) -> int:
        """Of the card payment among its legs."""
        return 1 + [leg.card is not None for leg in self.sample.tenders].index(True)

    @property
    def paid(self) -> int:
        """By card; minor units."""
        return self.sample.tenders[self.place - 1].amount

    @property
    def whole(self) -> Told | None:
        """The record that names the payment, once it was taken."""
        return next((one for one in self.told if not one.bare), None)


def make_purchases(chance: Random, cards: list[Card]) -> list[Purchase]:
    """Of one day; two of them may be of the same amount and day."""
    found: list[Purchase] = []
    for number in range(_FIRST, _FIRST + chance.randint(4, 7)):
        twin = found[-1].sample if found and chance.random() < 0.3 else None
        sample = _sample(chance, number, chance.choice(cards), twin)
        found.append(Purchase(sample, tuple(_plan(chance, sample))))
    return found


def _plan(chance: Random, sample: SampleSale) -> Iterator[Told]:
    kinds = ("whole", "bare first", "bare", "otherwise", "bare, otherwise", "never")
    kind = chance.choices(kinds, (20, 20, 14, 50, 16, 6))[0]
    four = kind.startswith("bare")
    if four:
        yield Told(sample, bare=True, four=True)
    if kind in ("whole", "bare first"):
        yield Told(sample, four=four)
    if kind == "otherwise":
        yield Told(sample, wrong=chance.choices(list(Wrong), [3, 4, 5, 3, 3])[0])
    if kind == "bare, otherwise":
        yield Told(sample, wrong=Wrong.TRACE, four=True)  # all else was told, and stands


def _sample(chance: Random, number: int, card: Card, twin: SampleSale | None) -> SampleSale:
    days = chance.randint(0, _OLDEST)
    sold_at = START - timedelta(days=days, minutes=chance.randint(5, 90))
    paid = chance.randint(1_001, 9_999)
    if twin is not None:
        sold_at, paid = twin.sold_at, twin.payments[0].amount
    cash = [SampleTender("cash", chance.randint(100, 900))] if chance.random() < 0.3 else []
    legs = [*cash, SampleTender("card", paid, card)]
    if chance.random() < 0.5:
        legs.reverse()
    amount = sum(leg.amount for leg in legs)
    own = chance.random() < 0.7
    return SampleSale(
        name=f"late-{number}",
        about="of which the till tells late",
        number=number,
        terminal_id=identity.TERMINAL_ID if own else identity.OTHER_TERMINAL_ID,
        batch=f"{int(identity.BATCH) - (START.date() - sold_at.date()).days:06d}",
        trace=f"{number:06d}",
        auth_code=f"{chance.randrange(1_000_000):06d}",
        sold_at=sold_at,
        tenders=tuple(legs),
        lines=(SampleLine("6900000000908", "礼盒", 1, amount, "food"),),
    )
