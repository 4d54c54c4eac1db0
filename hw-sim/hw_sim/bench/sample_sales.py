"""The sample sales: what the shop sold before the terminal came up, the same for both sides.

Deterministic for a seed, a catalogue and a moment; only tokens depend on the bench's keys.
"""

from __future__ import annotations

import itertools
import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from hw_sim.bench import identity
from pos_terminal.core.local_time import readings

SCENARIO: Final = Path(__file__).resolve().parents[2] / "scenarios" / "sample-sales.toml"
_BEFORE: Final = 100
"""Traces that the day began with."""
_BUSY = timedelta(hours=3)
"""Today's sales lie within so long before now, and never before midnight."""


@dataclass(frozen=True, slots=True)
class Card:
    """A card that sales are made with. ``also``: other numbers of the same account (PAR)."""

    name: str
    pan: str
    par: str | None
    scheme: str
    funding: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the acquirer knows a payment by."""

    trace: str
    rrn: str
    auth_code: str


@dataclass(frozen=True, slots=True)
class SampleTender:
    kind: str
    amount: int
    card: Card | None = None
    masked: bool = False
    """The till kept no more than first six and last four."""
    own: Numbers | None = None
    """Of a second card payment; the first has the sale's."""


@dataclass(frozen=True, slots=True)
class SampleLine:
    sku: str
    name: str
    quantity: int
    unit_price: int
    category: str
    told: Mapping[str, Any] = field(default_factory=dict)
    """What else the till says of it: fields of the feed by their names."""

    @property
    def kind(self) -> str:
        return str(self.told.get("kind", "goods"))

    @property
    def thousandths(self) -> int:
        """How much of it was sold: what was weighed is no whole number of pieces."""
        return int(Decimal(self.told.get("quantity", self.quantity)) * 1_000)

    @property
    def weight(self) -> Fraction:
        """By the price list as it was told, not rounded."""
        return Fraction(self.thousandths * int(self.told.get("unit_price", self.unit_price)), 1_000)

    @property
    def listed(self) -> int:
        """By the price list, minor units; a discount takes off."""
        worth = self.quantity * self.unit_price
        return -worth if self.kind == "discount" else worth


@dataclass(frozen=True, slots=True)
class SampleSale:
    """One sale. ``name`` and ``about`` are for people and scripts, not for the feed."""

    name: str
    about: str
    number: int
    terminal_id: str
    batch: str
    trace: str
    auth_code: str
    sold_at: datetime
    tenders: tuple[SampleTender, ...]
    lines: tuple[SampleLine, ...]

    @property
    def sale_id(self) -> str:
        return f"S{self.sold_at:%Y%m%d}-{self.number:04d}"

    @property
    def receipt_no(self) -> str:
        """Capitals and digits, so that any symbology and any scanner carries it."""
        return f"SN{self.sold_at:%y%m%d}{self.number:05d}"

    @property
    def rrn(self) -> str:
        return _rrn(self.sold_at, self.number)

    @property
    def payments(self) -> tuple[SampleTender, ...]:
        """Its legs by card."""
        return tuple(one for one in self.tenders if one.card is not None)

    def numbers(self, leg: SampleTender) -> Numbers:
        """Of a leg by card."""
        return leg.own or Numbers(self.trace, self.rrn, self.auth_code)

    @property
    def amount(self) -> int:
        return sum(tender.amount for tender in self.tenders)

    @property
    def voidable(self) -> bool:
        """Whether this terminal can void it: its own, of today, of the current batch."""
        return (
            self.terminal_id == identity.TERMINAL_ID
            and self.batch == identity.BATCH
            and len(self.tenders) == 1
            and self.tenders[0].card is not None
        )


def _rrn(sold_at: datetime, number: int) -> str:
    """Year digit, day of the year, hour, number: twelve digits as hosts make them."""
    return f"{sold_at.year % 10}{sold_at:%j%H}{number:06d}"


def make_sales(
    cards: Sequence[Card], now: datetime, seed: int, zone: tzinfo | None = None
) -> list[SampleSale]:
    """The whole set, oldest numbers first. ``now`` has the shop's UTC offset, which held on older
    days too, unless ``zone`` says otherwise."""
    scenario = tomllib.loads(SCENARIO.read_text("utf-8"))
    plans = list(_plans(cards, scenario["sale"]))
    goods, draw = scenario["goods"], random.Random(seed)
    maker = _Maker(cards, goods, now, draw, zone=zone or now.tzinfo, count=len(plans))
    today = [plan for plan in plans if plan["days"] == 0]
    moments = iter(_today(now, len(today)))
    sales: dict[str, SampleSale] = {}
    for number, plan in enumerate(plans, 1):
        sold_at = next(moments) if plan["days"] == 0 else maker.past(plan["days"])
        twin = sales.get(plan.get("trace_of", ""))
        trace = twin.trace if twin else f"{_BEFORE + number:06d}"
        sales[plan["name"]] = maker.sale(plan, number, sold_at, trace)
    return list(sales.values())


def _plans(cards: Sequence[Card], special: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Two sales a card number, then those of the scenario."""
    seen: set[str] = set()
    for place, card in enumerate(cards):
        if card.pan in seen:
            continue
        seen.add(card.pan)
        tenders = [{"kind": "card", "share": 100, "card": card.name}]
        today = {"about": "of today, current batch: can be voided", "days": 0}
        older = {"about": "of an older batch: can be refunded", "days": 1 + place % 5}
        yield {"name": f"{card.name}-today", "tenders": tenders, **today}
        yield {"name": f"{card.name}-older", "tenders": tenders, **older}
    yield from special


def _today(now: datetime, count: int) -> list[datetime]:
    """``count`` moments of today, none of them in the future, however early the day is."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    span = min(_BUSY, now - midnight)
    first = now - span
    return [(first + span * place / (count + 1)).replace(microsecond=0) for place in range(count)]


class _Maker:
    """Draws amounts and goods; one random stream, so that one seed gives one set."""

    def __init__(
        self,
        cards: Sequence[Card],
        goods: list[Mapping[str, Any]],
        now: datetime,
        draw: random.Random,
        *,
        zone: tzinfo | None,
        count: int,
    ) -> None:
        """``count``: how many sales there are; the numbers of further payments follow theirs."""
        if zone is None:
            raise ValueError("the time of a sale needs its UTC offset")
        self._cards = {card.name: card for card in cards}
        self._goods, self._now, self._draw, self._zone = goods, now, draw, zone
        self._further = itertools.count(count + 1)

    def past(self, days: int) -> datetime:
        """Some time of the shop's day, so many days ago, at the offset that held then."""
        moment = time(self._draw.randint(9, 20), self._draw.randint(0, 59))
        day = self._now.date() - timedelta(days=days)
        return readings(datetime.combine(day, moment), self._zone)[0]

    def sale(
        self, plan: Mapping[str, Any], number: int, sold_at: datetime, trace: str
    ) -> SampleSale:
        lines = tuple(self._lines(plan))
        paid = [line.told["paid"] for line in lines if "paid" in line.told]
        amount = plan.get("amount") or sum(paid) or sum(line.listed for line in lines)
        other = plan.get("terminal") == "other"
        return SampleSale(
            name=plan["name"],
            about=plan["about"],
            number=number,
            terminal_id=identity.OTHER_TERMINAL_ID if other else identity.TERMINAL_ID,
            batch=f"{max(1, int(identity.BATCH) - plan['days']):06d}",
            trace=trace,
            auth_code=f"{self._draw.randrange(1_000_000):06d}",
            sold_at=sold_at,
            tenders=tuple(self._tenders(plan, amount, sold_at)),
            lines=lines,
        )

    def _lines(self, plan: Mapping[str, Any]) -> Iterator[SampleLine]:
        if "lines" in plan:
            yield from map(self._line, plan["lines"])
            return
        named = [one for one in self._goods if one["sku"] == plan.get("goods")]
        chosen = named or self._draw.sample(self._goods, self._draw.randint(1, 3))
        for good in chosen:
            quantity = plan.get("quantity") or self._draw.randint(1, 3)
            yield SampleLine(good["sku"], good["name"], quantity, good["price"], good["category"])

    def _line(self, given: Mapping[str, Any]) -> SampleLine:
        """A line as the scenario has it, over the article that it names."""
        article = next((one for one in self._goods if one["sku"] == given["sku"]), {})
        known = {"quantity": 1, "category": "", **article, **given}
        return SampleLine(
            sku=known.pop("sku"),
            name=known.pop("name"),
            quantity=known.pop("quantity"),
            unit_price=known.pop("price"),
            category=known.pop("category"),
            told=known,
        )

    def _tenders(
        self, plan: Mapping[str, Any], amount: int, sold_at: datetime
    ) -> Iterator[SampleTender]:
        left, paid = amount, False
        for place, part in enumerate(plan["tenders"], 1):
            last = place == len(plan["tenders"])
            share = left if last else amount * int(part["share"]) // 100
            left -= share
            card = self._cards[part["card"]] if part["kind"] == "card" else None
            own = self._numbers(sold_at) if card and paid else None
            paid = paid or card is not None
            yield SampleTender(part["kind"], share, card, bool(plan.get("masked")), own)

    def _numbers(self, sold_at: datetime) -> Numbers:
        number = next(self._further)
        code = f"{self._draw.randrange(1_000_000):06d}"
        return Numbers(f"{_BEFORE + number:06d}", _rrn(sold_at, number), code)
