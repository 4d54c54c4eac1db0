"""An image of the disk, opened by the unchanged terminal: is everything there that was promised?"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from hw_sim.acquirer.book import Book
from hw_sim.proofs.power.disk import Image
from hw_sim.proofs.power.recording import Promise, Shop
from hw_sim.proofs.power.tour import SETTING, go_on_with
from hw_sim.proofs.simulation.adjustment import Adjustment
from hw_sim.proofs.simulation.clerk import Lost, SimClerk
from hw_sim.proofs.simulation.invariants import Key, asked, both_agree, money
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.shop import SimShop, make_config
from hw_sim.proofs.simulation.site import Site, run_site
from hw_sim.proofs.simulation.till import tell_acquirer, tell_terminal
from pos_terminal.core.refund import OPEN, Refund
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.proof.opening import SystemClock, inline, open_own_ledger
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.services.security.security import Security

_MOST: Final = 10_000
_OFF: Final = timedelta(minutes=5)
"""So long the power was away."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an image turned out to be."""

    problems: list[str]
    over: set[Key] = field(default_factory=set)
    """Refunds and voids whose outcome it has: nobody may be asked about them again."""


def lay_out(image: Image, folder: Path, chance: Random) -> None:
    """The image as files. A SQLite index of the log may lie there, too: nobody may believe it."""
    folder.mkdir(mode=0o700)
    for name, content in image.items():
        path = folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(0o600)
        path.write_bytes(content)
        if name.endswith("-wal") and chance.random() < 0.1:
            path.with_name(f"{name.removesuffix('-wal')}-shm").write_bytes(chance.randbytes(32768))


def look(folder: Path, shop: Shop, promise: Promise) -> Found:
    """Open the image as a start does, and hold it against what was promised."""
    config = make_config(folder.parent, folder)
    clock = SystemClock(config.terminal.zone)
    try:
        security = Security.open(config)
        with (
            closing(security),
            closing(open_own_ledger(config, security, clock, inline)) as ledger,
        ):
            verify_store(ledger)
            refunds = list(ledger.refunds.recent(_MOST))
            problems = [
                *_durable(ledger, promise),
                *_readable(ledger, refunds),
                *_agreed(shop, promise, refunds),
            ]
    except Failure as failure:
        return Found([f"the terminal refuses it: {failure}"])
    over = {
        (one.batch, one.stan) for one in refunds if one.state not in OPEN and one.batch and one.stan
    }
    return Found(problems, over)


def _durable(ledger: LedgerStore, promise: Promise) -> Iterator[str]:
    if promise.seq:
        row = ledger.db.execute("SELECT hash FROM audit WHERE seq = ?", (promise.seq,)).fetchone()
        if row is None or row[0] != promise.entry:
            yield f"entry {promise.seq} was reported durable, and is not there"


def _readable(ledger: LedgerStore, refunds: list[Refund]) -> Iterator[str]:
    """What may have to be sent again can be: its card's number opens."""
    for refund in refunds:
        if refund.state in OPEN:
            try:
                ledger.messages.reopen(refund.refund_id)
            except Failure as failure:
                yield f"refund {refund.refund_id} ({refund.state}) can't be sent again: {failure}"


def _agreed(shop: Shop, promise: Promise, refunds: list[Refund]) -> Iterator[str]:
    if promise.book is not None:
        yield from both_agree(shop.book(promise.book).ledger, refunds)


def go_on(folder: Path, shop: Shop, promise: Promise, found: Found) -> list[str]:
    """The whole terminal starts from the image, beside the acquirer as it was, and finishes."""
    if promise.book is None:
        return []
    then = shop.book(promise.book)
    own = SimShop(folder, shop.keys, shop.staff, shop.sales)
    copy = folder.with_name("book.db")
    shutil.copy(then.file, copy)

    async def story(site: Site) -> list[str]:
        clerk = SimClerk(site)
        for clock in (site.time, site.parts.wall):
            clock.set(datetime.fromisoformat(then.now) + _OFF)
        if then.setting.repeat == "never":
            site.acquirer.set_mode("forgetful")
        site.start()
        try:
            await clerk.wait_for_life()
            await _till_tells_again(site, shop.adjustments)
            await come_to_rest(site, clerk)
            unfinished = await go_on_with(clerk) if then.setting == SETTING else []
        except Lost as lost:
            return [f"the clerk is lost: {lost}"]
        await asyncio.sleep(60)
        return [
            *unfinished,
            *money(site),
            *_asked_again(site, found),
            *site.crashes,
            *site.objections,
        ]

    return run_site(story, then.setting, shop=own, book=Book(copy))


async def _till_tells_again(site: Site, made: Sequence[Adjustment]) -> None:
    """What one side has heard of by now, the other one hears, too."""
    rows = site.acquirer.book.adjustments()
    heard = {(row["rrn"], datetime.fromisoformat(row["at"])) for row in rows}
    events = site.ledger.db.execute("SELECT event_key FROM feed_events")
    known = {row["event_key"] for row in events}
    for one in made:
        at_acquirer = one.rrn is None or (one.rrn, one.at) in heard
        if one.key not in known and (one.rrn is None or not at_acquirer):
            continue
        site.adjustments.append(one)
        if not at_acquirer:
            tell_acquirer(site, one)
        if one.key not in known and not await tell_terminal(site, [one]):
            site.objections.append(f"{one.key} is not taken")


def _asked_again(site: Site, found: Found) -> Iterator[str]:
    for function, key, _ in asked(site):
        if function != "reversal" and key in found.over:
            yield f"the {function} {key} was sent again, and its outcome was known"
