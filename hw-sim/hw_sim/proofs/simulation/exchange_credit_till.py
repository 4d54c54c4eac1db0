"""A till that takes exchange credits: at once, in parts, twice, too much, too late or never (R37).

The terminal is killed while it asks. It keeps each request until that is answered, and asks the
very same again. What it was told to have taken is a book of its own.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any, Final

from hw_sim.proofs.simulation.later_sale import TakenBook
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.words import Failure

_PATIENCE: Final = 100
"""How often it asks in the evening, until it is answered."""
_LATEST: Final = timedelta(hours=4)
"""For whom nobody waits longer."""
_LONGER: Final = 300.0
"""Virtual seconds between: while the clock is behind the log nothing is taken."""
_PAUSE: Final = 40.0
_ENDED: Final = ("settled", "expired")
_SLOW: Final = timedelta(minutes=20)
"""By which the terminal's clock may be late, as far as nobody has noticed."""


class Fate(StrEnum):
    """What its customer does with it."""

    ALL = "takes all"
    PARTS = "takes parts"
    TWICE = "asks twice"
    MORE = "asks for more"
    LATE = "comes late"
    NEVER = "never comes"


_BUYS: Final = (Fate.ALL, Fate.PARTS)


@dataclass(slots=True)
class _Paper:
    fate: Fate
    due: float
    """On the loop's clock."""
    times: int = 0


class ExchangeCreditTill:
    """``work`` until cancelled; ``finish`` when the faults are healed."""

    def __init__(self, site: Site, chance: Random, counts: Counter[str]) -> None:
        self._site = site
        self._chance = chance
        self._counts = counts
        self._papers: dict[str, _Paper] = {}
        self._unanswered: dict[str, dict[str, Any]] = {}
        """By their ids."""
        self._requests = 0
        self.soon = False
        """Whether most customers go to it at once today, and buy something."""
        self.book = site.taken = TakenBook()

    async def work(self) -> None:
        while True:
            await asyncio.sleep(self._chance.expovariate(1 / _PAUSE))
            await self._ask_again()
            for number, paper in self._known().items():
                if self._site.loop.time() >= paper.due:
                    await self._comes(number, paper)

    async def finish(self) -> None:
        """Every request is answered, who comes late has come, and what has ended is tried again."""
        for _ in range(_PATIENCE):
            await self._ask_again()
            if not self._unanswered:
                break
            await asyncio.sleep(_LONGER)
        else:
            self._site.objections.append(f"no answer to {self._unanswered}")
        for number, paper in self._known().items():
            seen = await self._ask("voucher", {"number": number})
            if isinstance(seen, Mapping) and paper.fate is Fate.LATE and seen["left"]:
                until = datetime.fromisoformat(seen["expires_at"]) + _SLOW
                if until - self._site.time.now() < _LATEST:
                    await asyncio.sleep((until - self._site.time.now()).total_seconds() + 1)
                    await self._comes_late(number, seen)
                    seen = await self._ask("voucher", {"number": number})
            if isinstance(seen, Mapping) and seen["state"] in _ENDED:
                await self._tries_what_ended(number, seen)

    def _known(self) -> dict[str, _Paper]:
        """Those that customers have, in the order in which they were made."""
        ledger = self._site.alive and self._site.alive.ledger
        made = "SELECT number FROM exchange_credits ORDER BY refund_id"
        for row in ledger.db.execute(made).fetchall() if ledger else ():
            if row["number"] not in self._papers:
                fate = self._chance.choice([*Fate, *_BUYS * 2] if self.soon else list(Fate))
                waits = self._chance.expovariate(1 / 300)
                due = self._site.loop.time() + (waits / 10 if self.soon else waits)
                self._papers[row["number"]] = _Paper(fate, due)
                self._counts[f"exchange credit: {fate}"] += 1
        return dict(self._papers)

    async def _comes(self, number: str, paper: _Paper) -> None:
        """A customer with it; again in a while."""
        paper.due = self._site.loop.time() + self._chance.expovariate(1 / 600)
        seen = await self._ask("voucher", {"number": number})
        if not isinstance(seen, Mapping):
            return
        if seen["kind"] != "exchange" or seen["left"] > seen["amount"]:
            self._site.objections.append(f"exchange credit {seen}")
        if seen["state"] in _ENDED:
            await self._tries_what_ended(number, seen)
        elif paper.fate is Fate.LATE:
            await self._comes_late(number, seen)
        elif paper.fate is not Fate.NEVER and seen["left"]:
            paper.times += 1
            await self._pays(number, paper, int(seen["left"]))

    async def _pays(self, number: str, paper: _Paper, left: int) -> None:
        part = self._chance.randint(1, left)
        if paper.fate is Fate.MORE:
            await self._take(number, left + part, "more than is left of an exchange credit")
        amount = left if paper.fate is not Fate.PARTS or paper.times > 2 else part
        request = await self._take(number, amount, "exchange credit")
        if paper.fate is Fate.TWICE and request not in self._unanswered:
            before = self.book.taken[number]
            await self._send(request, self._request(number, amount, request))
            if self.book.taken[number] != before:
                self._site.objections.append(f"{number[-4:]} was taken twice by one request")
            await self._take(number, amount, "exchange credit again")

    async def _comes_late(self, number: str, seen: Mapping[str, Any]) -> None:
        """After its time, by the true clock."""
        if self._site.time.now() < datetime.fromisoformat(seen["expires_at"]) + _SLOW:
            return
        before = self.book.taken[number]
        await self._take(number, 1, "exchange credit late")
        if self.book.taken[number] != before:
            self._site.objections.append(f"{number[-4:]} was taken after {seen['expires_at']}")

    async def _tries_what_ended(self, number: str, seen: Mapping[str, Any]) -> None:
        """Nothing can be taken of it any more, whoever asks."""
        if seen["left"]:
            self._site.objections.append(f"an exchange credit that ended has {seen['left']}")
        if seen["state"] == "settled":
            self.book.settled.add(number)
        before = self.book.taken[number]
        await self._take(number, 1, f"exchange credit that is {seen['state']}")
        if self.book.taken[number] != before:
            self._site.objections.append(f"{number[-4:]} was taken though it is {seen['state']}")

    # --- requests ------------------------------------------------------------------------------

    async def _take(self, number: str, amount: int, name: str) -> str:
        """The id of its request."""
        self._requests += 1
        one = f"till-3/{self._requests}"
        self._counts[f"till takes {name}"] += 1
        await self._send(one, self._request(number, amount, one))
        return one

    def _request(self, number: str, amount: int, one: str) -> dict[str, Any]:
        return {"number": number, "amount": amount, "request": one}

    async def _ask_again(self) -> None:
        for one, request in list(self._unanswered.items()):
            await self._send(one, request)

    async def _send(self, one: str, request: dict[str, Any]) -> None:
        """What is answered is in the book, once for each request."""
        self._unanswered[one] = request
        answer = await self._ask("redeem", request)
        if answer is None:
            return
        del self._unanswered[one]
        if isinstance(answer, Failure):
            self._counts[f"till refused: {answer.code}"] += 1
        elif one not in self.book.requests:
            self.book.requests.add(one)
            self.book.taken[request["number"]] += request["amount"]

    async def _ask(self, verb: str, request: dict[str, Any]) -> Mapping[str, Any] | Failure | None:
        """Why it was refused; None where nobody answers, or nobody can say."""
        terminal = self._site.terminal
        ask = terminal.verbs.get(verb)
        if ask is None:
            return None
        try:
            return await terminal.ask(lambda: ask(request))
        except Failure as failure:
            return failure if failure.code.startswith("voucher.") else None
