"""One simulated day from one seed: people, cards, acquirer, printer, clock, disk and kills."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, Final

from hw_sim.printer.models import MODELS
from hw_sim.proofs.simulation.afterwards import DAYS as BECAME
from hw_sim.proofs.simulation.afterwards import Afterwards
from hw_sim.proofs.simulation.blind_truth import BlindTruth
from hw_sim.proofs.simulation.bought_till import DAYS as BRINGS_BACK
from hw_sim.proofs.simulation.bought_till import BoughtTill
from hw_sim.proofs.simulation.by_file import close_cases, take_the_file
from hw_sim.proofs.simulation.clerk import Lost
from hw_sim.proofs.simulation.credit_till import CreditTill
from hw_sim.proofs.simulation.elsewhere import Elsewhere
from hw_sim.proofs.simulation.entropy import drawn_from, entropy_of
from hw_sim.proofs.simulation.exchange_credit_till import ExchangeCreditTill
from hw_sim.proofs.simulation.exchange_till import DAYS as EXCHANGES
from hw_sim.proofs.simulation.exchange_till import tell_twins
from hw_sim.proofs.simulation.forms_evening import NextMorning
from hw_sim.proofs.simulation.goods_till import DAYS as SCANS
from hw_sim.proofs.simulation.goods_till import SCALE_CODES, tell_goods
from hw_sim.proofs.simulation.gremlin import Gremlin
from hw_sim.proofs.simulation.invariants import (
    MOST_REFUNDS,
    below,
    money,
    paid_beside,
    typed,
    typed_hits,
    violations,
)
from hw_sim.proofs.simulation.invoice_till import InvoiceTill
from hw_sim.proofs.simulation.late_till import LateTill
from hw_sim.proofs.simulation.line_truth import LineTruth
from hw_sim.proofs.simulation.people.mistakes import CEILINGS, PHRASES
from hw_sim.proofs.simulation.people.mistakes import DAYS as MISTAKEN
from hw_sim.proofs.simulation.people.stock import DAYS as CORRECTS
from hw_sim.proofs.simulation.person import Person
from hw_sim.proofs.simulation.recovery_till import RecoveryTill
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.site import Setting, Site, run_site
from hw_sim.proofs.simulation.staff_truth import StaffTruth
from hw_sim.proofs.simulation.stock_till import StockTill
from hw_sim.proofs.simulation.stock_truth import StockTruth
from hw_sim.proofs.simulation.till import Till
from hw_sim.proofs.simulation.typed_truth import TypedTruth
from pos_terminal.core.case import CaseKind
from pos_terminal.core.refund import Refund
from pos_terminal.texts import Language

LONGEST_DAY: Final = 6 * 3600.0
"""Virtual seconds in which the day's customers are served, or not."""
LYING: Final = 0.15
"""Of the days: with an acquirer whose file contradicts its answers."""
BARE: Final = 0.16
"""Of the days: with many customers who have no receipt at all."""
REMEMBERS: Final = 0.3
"""Of the days: with customers who have lost the receipt and know what stood on it."""
CUSTOMERS: Final = 12
"""At most, where nobody asks for busier days."""
_NO_RECEIPT: Final[dict[str, dict[str, Any]]] = {
    "no_receipt": {
        "enabled": True,
        "ceiling": 15_000,
        "unknown_goods": 4_000,
        "customer_count": 2,
        "card_count": 1,
    }
}
"""What goes back without a receipt."""
FIFO: Final = "fifo"
"""The order of ready tasks as asyncio has it."""
SEEDED: Final = "seeded"
"""The order that belongs to the day's seed; any other word is another order of the same day."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a day brought."""

    seed: int
    problems: list[str]
    refunds: int = 0
    kills: int = 0
    states: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    """How often each class of fault was made; ``hit …``: messages that the acquirer did it to."""
    trace: str = ""
    """Of the screens and of all that went over the line, MACs too: the same for every run of a
    seed."""
    prompts: list[str] = field(default_factory=list)

    @classmethod
    def broken(cls, seed: int, told: str) -> Report:
        """A day that the simulation itself did not get through."""
        return cls(seed, [f"the day broke off: {told}"])


def run_day(seed: int, most: int = CUSTOMERS, order: str = SEEDED) -> Report:
    """The day of this seed, in virtual time, with up to so many customers."""
    setting, story = plan_day(seed, most)
    with drawn_from(entropy_of(seed)):
        return run_site(story, setting, order=draw_order(seed, order))


def draw_order(seed: int, order: str) -> Random | None:
    """What ``run_site`` draws the order of ready tasks from: a stream of its own."""
    if order == FIFO:
        return None
    return Random(f"order {seed}" if order == SEEDED else f"order {seed} {order}")


def plan_day(
    seed: int, most: int = CUSTOMERS
) -> tuple[Setting, Callable[[Site], Awaitable[Report]]]:
    """The day of this seed: what the shop's owner chose, and the story for a site of that kind."""
    chance = Random(seed)
    setting = _setting(chance, lambda name: Random(f"{name} {seed}"))
    return setting, lambda site: _Day(site, seed, chance, most).run()


def _setting(chance: Random, stream: Callable[[str], Random]) -> Setting:
    """What is drawn of a ``stream`` of its own leaves the days what they were without it."""
    return Setting(
        repeat="never" if chance.random() < 0.3 else "identical",
        profile="generic" if chance.random() < 0.2 else "cup",
        language=chance.choice(list(Language)),
        rules={
            **_NO_RECEIPT,
            **_cash_limit(stream("cash limit")),
            **_kept_out(stream("returnable")),
        },
        policy={
            **({"tenders": _WAYS} if stream("ways").random() < 0.4 else {}),
            **_inspection(stream("inspection")),
            **_payouts(stream("mistakes")),
            "exchange_hours": stream("exchange hours").choice([1, 1, 2, 24]),
        },
        scale_codes=SCALE_CODES,
        cases={"phrases": PHRASES} if stream("mistakes").random() < MISTAKEN else {},
    )


def _payouts(chance: Random) -> dict[str, Any]:
    """Of the shops with people who make mistakes on purpose, but for one in five."""
    if chance.random() >= MISTAKEN or chance.random() < 0.2:
        return {}
    return {"payouts": chance.choice(CEILINGS)}


def _kept_out(chance: Random) -> dict[str, dict[str, Any]]:
    """Goods that some shops don't take back, by category or by their code."""
    if chance.random() >= 0.25:
        return {}
    ground = {"zh": "清仓商品", "en": "Clearance"}
    categories = {chance.choice(["household", "stationery", "drinks"]): ground}
    return {"returnable": {"categories": categories, "skus": {"88002000": ground}}}


def _inspection(chance: Random) -> dict[str, Any]:
    """Of half of the shops; some of them call no supervisor but where a rule does."""
    if chance.random() < 0.5:
        return {}
    how = chance.choice(["off", "once", "each"])
    return {"inspection": how, "supervisor": chance.choice(["always", "always", "by-rule"])}


def _cash_limit(cash: Random) -> dict[str, dict[str, Any]]:
    if cash.random() >= 0.3:
        return {}
    return {"cash_limit": {"limit": cash.choice([1, 3_000, 10_000])}}


_WAYS: Final = [
    {"paid": "card", "back": "cash", "exception": "account_closed", "approvals": 2},
    {"paid": "card", "back": "credit", "exception": "card_lost"},
    {"paid": "card", "back": "manual", "exception": "card_lost", "evidence": False},
    {"paid": "card", "back": "cash", "exception": "declined", "evidence": False},
    {"paid": "cash", "back": "credit", "exception": "gift", "evidence": False},
]
"""A shop's other tenders (R34)."""


class _Day:
    def __init__(self, site: Site, seed: int, chance: Random, most: int) -> None:
        self.site = site
        self.seed = seed
        self.most = most
        self.counts: Counter[str] = Counter()
        # a stream for each, so that a change in one of them leaves the others as they were
        self._chance = Random(chance.random())
        self.lying = Random(f"lies {seed}").random() < LYING
        """Whether the acquirer answers other than it does; its file tells the truth."""
        self.elsewhere = Elsewhere(site, seed, self.counts)
        self.credit_till = CreditTill(site, seed, self.counts)
        self.takes = ExchangeCreditTill(site, Random(f"takes {seed}"), self.counts)
        self.sells_for = BoughtTill(
            *(site, self.credit_till, self.takes.book, Random(f"bought {seed}"), self.counts)
        )
        self.recovers = RecoveryTill(
            *(site, self.credit_till, Random(f"recovers {seed}"), self.counts)
        )
        self.stock_till = StockTill(site, Random(f"stock {seed}"), self.counts)
        self.person = Person(
            site,
            Random(chance.random()),
            self.counts,
            whims=Random(f"whims {seed}"),
            forgetful=Random(f"without a card {seed}"),
            bare=Random(f"no receipt {seed}"),
            unsure=Random(f"unsure {seed}"),
            exchanging=Random(f"exchanging {seed}"),
            bringing=Random(f"bringing {seed}"),
            scanning=Random(f"scanning {seed}"),
            correcting=Random(f"correcting {seed}"),
            mistaken=Random(f"mistaken {seed}"),
            elsewhere=self.elsewhere,
            credit_till=self.credit_till,
        )
        self.gremlin = Gremlin(
            *(site, Random(chance.random()), self.counts),
            lying=self.lying,
        )
        self.till = Till(site, Random(f"till {seed}"), self.counts, self.person.customer.popular)
        popular = self.person.customer.popular
        self.taxes = InvoiceTill(site, Random(f"invoices {seed}"), self.counts, popular)
        self.late = LateTill(site, Random(f"late till {seed}"), self.counts)
        self.person.types.purchases = self.late.purchases
        self.person.remembers.some = Random(f"remembers {seed}").random() < REMEMBERS
        self.brings = Random(f"brings back {seed}").random() < BRINGS_BACK
        """Whether goods that exchange credits pay for come back today."""
        self.person.exchanges.some = self.brings or Random(f"exchanges {seed}").random() < EXCHANGES
        self.person.exchanges.at_the_till = self.takes.soon = self.brings
        self.person.scans.some = Random(f"scans {seed}").random() < SCANS
        self.person.corrects.some = Random(f"corrects {seed}").random() < CORRECTS
        self.person.mistakes.some = Random(f"mistakes {seed}").random() < MISTAKEN
        self.afterwards = Afterwards(
            *(site, self.person.clerk, Random(f"became of {seed}"), self.counts)
        )
        self.line = LineTruth(site)
        self.staff = StaffTruth(site)
        self.typed = TypedTruth(site)
        self.moved = StockTruth(site)
        self.blind = BlindTruth(site, lambda: self.person.cards.laid)
        self.person.no_receipt.often = Random(f"bare {seed}").random() < BARE
        self._slow = Random(chance.random()) if chance.random() < 0.7 else None

    async def run(self) -> Report:
        site = self.site
        if site.setting.repeat == "never":
            # an acquirer that promises nothing: it pays an identical message again
            site.acquirer.set_mode("forgetful")
            self.counts["acquirer forgetful"] += 1
        model = Random(f"printer {self.seed}").choice(["full", "full", *MODELS])
        self.counts[f"printer {model}"] += 1
        site.parts.printer.become(MODELS[model])
        site.start().slow = self._slow
        others = [
            asyncio.ensure_future(self.gremlin.work(self._chance.choice([5.0, 20.0, 80.0]))),
            asyncio.ensure_future(self.till.work()),
            asyncio.ensure_future(self.late.work()),
            asyncio.ensure_future(self.line.work()),
            asyncio.ensure_future(self.elsewhere.work()),
            asyncio.ensure_future(self.credit_till.work()),
            asyncio.ensure_future(self.stock_till.work()),
            asyncio.ensure_future(self.recovers.work()),
            asyncio.ensure_future(self.taxes.work()),
        ]
        if self.person.exchanges.some:
            others.append(asyncio.ensure_future(tell_twins(self.credit_till, site.shop)))
            others.append(asyncio.ensure_future(self.takes.work()))
            others.append(asyncio.ensure_future(self.sells_for.work()))
            self.person.brings.till = self.sells_for
        if self.person.scans.some:
            others.append(asyncio.ensure_future(tell_goods(self.credit_till)))
        if self.elsewhere.many:
            sends = self.gremlin.send_to_form(Random(f"sent to the form {self.seed}"))
            others.append(asyncio.ensure_future(sends))
        customers = self._customers()
        problems: list[str] = []
        try:
            async with asyncio.timeout(LONGEST_DAY):
                await self._lives(self.person.work(customers))
        except TimeoutError:
            self.counts["day too short"] += 1
        finally:
            for other in others:
                other.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        site.terminal.moments.plan = None
        if site.terminal.dead:
            await self._revive()
        await self.gremlin.heal()
        try:
            problems += await self._evening()
        except Lost as lost:
            problems.append(f"the clerk is lost: {lost}")
        await self.stock_till.fetch_the_rest()
        return self._report(problems)

    def _customers(self) -> int:
        """How many come today."""
        customers = self._chance.randint(2, self.most)
        if self.person.no_receipt.often:
            return self.most  # or nobody would come too often
        if self.brings:
            return 2 * self.most  # or nothing would be bought and come back
        if self.person.mistakes.some:
            return max(customers, self.most)  # or nothing would be there to be mended
        if self.late.purchases:
            return max(customers, 2 * self.most // 3)  # or no payment would come twice
        if self.credit_till.sells:
            return max(customers, self.most // 2)  # or no voucher would be both made and paid
        return customers

    async def _evening(self) -> list[str]:
        """A last start, as after every night, and everything comes to its end.

        What does not hold once the file of a lying acquirer is taken, and its cases are open.
        """
        await self.person.clerk.wait_for_life()
        self.site.terminal.kill()
        await self._revive(healthy=True)
        await self.person.clerk.wait_for_life()
        await self.till.tell_the_rest()
        await self.credit_till.tell_the_rest()
        await self.late.tell_the_rest()
        await self.taxes.tell_the_rest()
        await come_to_rest(self.site, self.person.clerk)
        await self.takes.finish()
        await self.sells_for.tell_the_rest()
        await self.recovers.tell_the_rest()
        if self.person.exchanges.some and self.person.exchanges.over():
            await self.person.work(self.person.customer.served + 2)
            await come_to_rest(self.site, self.person.clerk)
        await self._morning()
        if self.lying:
            self.counts["acquirer's file"] += 1
            await take_the_file(self.site)
            await come_to_rest(self.site, self.person.clerk)
            problems = money(self.site, lied=True)
            self.counts["cases closed"] += await close_cases(self.site)
            return problems
        problems = await self._close_elsewhere()
        if Random(f"becomes {self.seed}").random() < BECAME:
            problems += money(self.site)
            await self.afterwards.tell()
            if self.person.mistakes.some:
                self.person.mistakes.mending = True
                await self.person.work(self.person.customer.served + 3)
            await come_to_rest(self.site, self.person.clerk)
        return problems

    async def _morning(self) -> None:
        """What became of the forms is told, where there are any."""
        morning = NextMorning(
            *(self.site, self.person.clerk, self.elsewhere),
            chance=Random(f"next morning {self.seed}"),
            counts=self.counts,
            begin_anew=lambda: self._revive(healthy=True),
        )
        if await morning.come():
            await come_to_rest(self.site, self.person.clerk)
        self.elsewhere.look()

    async def _close_elsewhere(self) -> list[str]:
        """Every other day people close what the till's totals made cases of, at the latest now;
        what did not hold before."""
        if self.seed % 2 or not self.site.adjustments:
            return []
        problems = money(self.site)
        self.counts["cases closed"] += await close_cases(self.site, CaseKind.ELSEWHERE)
        return problems

    async def _lives(self, work: object) -> None:
        """The work to its end, through as many processes as it takes."""
        assert asyncio.iscoroutine(work)  # what is passed above
        working = asyncio.ensure_future(work)
        try:
            while not working.done():
                killed = asyncio.ensure_future(self.site.terminal.killed.wait())
                await asyncio.wait({working, killed}, return_when=asyncio.FIRST_COMPLETED)
                killed.cancel()
                if self.site.terminal.dead:
                    await self._revive()
            working.result()
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    async def _revive(self, *, healthy: bool = False) -> None:
        """The power comes back after a while; the clock may have forgotten the time."""
        await asyncio.sleep(self._chance.uniform(0.0, 30.0))
        if not healthy and self._chance.random() < 0.1:
            self.counts["clock wrong at start"] += 1
            self.site.parts.synchronised = False
            away = timedelta(hours=self._chance.choice([-500_000, -30, -3, 0]))
            self.site.parts.wall.set(self.site.time.now() + away)
        terminal = await self.site.revive()
        terminal.slow = self._slow
        if not healthy and self._chance.random() < 0.1:
            self.counts["killed while starting"] += 1
            terminal.moments.plan = self._chance.randint(0, 12)

    def _report(self, problems: list[str]) -> Report:
        site = self.site
        self.counts["line asked about"] += self.line.asked
        refunds: tuple[Refund, ...] = ()
        if site.terminal.ledger is None:
            problems = [*problems, "the ledger is not whole: it was not opened"]
        else:
            self.staff.look()
            self.elsewhere.look()
            self.elsewhere.count_origins()
            self.typed.look()
            self.moved.look()
            self.blind.look()
            problems += self.blind.too_often()
            self.counts += self.blind.hits()
            problems = [*problems, *violations(site, lied=self.lying)]
            problems += () if self.lying else paid_beside(site)
            problems += self.afterwards.problems()
            problems += typed(site, self.typed.typings, lied=self.lying)
            self.counts += typed_hits(site, self.typed.typings)
            self.counts["typed and withdrawn"] += self.typed.withdrawn
            refunds = tuple(site.ledger.refunds.recent(MOST_REFUNDS))
            self.counts["till's total below what is back"] += below(site)
        log = site.acquirer.log.entries()
        for entry in log:
            if entry["direction"] == "in":
                self.counts.update(f"hit {name}" for name in entry["faults"])
        told = json.dumps([site.trace, log, site.loop.time()])
        return Report(
            seed=self.seed,
            problems=problems,
            refunds=len(refunds),
            kills=site.kills,
            states=Counter(f"{refund.kind} {refund.state}" for refund in refunds),
            faults=self.counts,
            trace=hashlib.sha256(told.encode()).hexdigest(),
            prompts=site.trace,
        )
