"""Files of the feed for whoever takes them in, and what is known of the bad ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from pos_terminal.core.local_time import local
from pos_terminal.ports import Runner, Tokens
from pos_terminal.services.ledger.books.book import Door, ReadFace
from pos_terminal.services.ledger.books.feed import refusals
from pos_terminal.services.ledger.step import Step

if TYPE_CHECKING:
    from pos_terminal.ports.books.feed import ImportReport, Keep, Refusal, Refused
    from pos_terminal.services.ledger.books.feed.taking import Taken, Taking
    from pos_terminal.wire.feed.entries import Event, SaleEntry
    from pos_terminal.wire.feed.lines import Format
    from pos_terminal.wire.feed.source import Line

T = TypeVar("T")
TakeIn = Callable[[Step, "Sequence[SaleEntry | Event]", str], "Taken"]
GIVE_WAY: Final = 0.05
"""Seconds between two looks at whether a refund is still on its way,"""
PATIENCE: Final = 100.0
"""and how long it is let go first: longer than its customer waits."""


class FeedReads(ReadFace):
    """Fulfils ``ports.FeedReads``."""

    def refused(self) -> int:
        return sum(one["records"] for one in self._rows(refusals.UNSEEN))

    def refusals(self) -> Sequence[Refusal]:
        return [refusals.refusal_of(row) for row in self._rows(refusals.UNSEEN)]

    def newest_sale(self) -> datetime | None:
        found = self._rows("SELECT sold_at FROM sales ORDER BY sold_ts DESC LIMIT 1")
        if not found:
            return None
        return local(datetime.fromisoformat(found[0][0]), self._reads.home.zone)

    def is_noted(self, digest: str) -> bool:
        return bool(self._rows(refusals.NOTED, digest))


class SalesFeed(FeedReads):
    """Fulfils ``ports.SalesFeed``."""

    def __init__(
        self, door: Door, tokens: Tokens | None, take_in: TakeIn, busy: Callable[[], bool]
    ) -> None:
        """``take_in`` writes all that records of a source bring; more than the feed's own.

        ``busy``: whether a refund is on its way.
        """
        super().__init__(door)
        self._door = door
        self._tokens = tokens
        self._take_in = take_in
        self._busy = busy
        self._reader: Runner | None = None

    def read_on(self, runner: Runner) -> None:
        """Where files are read: not on the writer's thread."""
        self._reader = runner

    async def reading(self, work: Callable[[], T]) -> T:
        """Work with a file."""
        if self._reader is None:
            return await self._door.blocking(work)
        return await self._reader(work)

    async def take_in(
        self,
        lines: Iterable[str] | Iterable[Line],
        *,
        source: str,
        form: Format,
        allow_pan: bool,
        keep: Keep | None = None,
        all_or_nothing: bool = False,
    ) -> ImportReport:
        taking = self._begin(lines, source, form, allow_pan, keep)
        if all_or_nothing:
            await self._door.step("import_sales", lambda step: taking.whole(step, self._take_in))
            return taking.report()
        while chunk := await self.reading(taking.read):
            entries = taking.entries(chunk)
            if entries:
                taking.add(await self._commit(entries, source))
            await self.reading(partial(taking.keep_bad, chunk))
            if not taking.ended:
                await self._give_way()
        return taking.report()

    async def _commit(self, entries: Sequence[SaleEntry | Event], source: str) -> Taken:
        return await self._door.step(
            "import_sales", lambda step: self._take_in(step, entries, source)
        )

    async def note_refused(self, refused: Refused) -> None:
        await self._door.step("import_refused", lambda step: refusals.note(step, refused))

    async def see_to(self, refusals_: Sequence[int], operator: str) -> None:
        await self._door.step(
            "refusals_seen", lambda step: refusals.see_to(step, refusals_, operator)
        )

    def _begin(
        self,
        lines: Iterable[str] | Iterable[Line],
        source: str,
        form: Format,
        allow_pan: bool,
        keep: Keep | None,
    ) -> Taking:
        from pos_terminal.services.ledger.books.feed.taking import Taking
        from pos_terminal.wire.feed.lines import Reader
        from pos_terminal.wire.feed.rules import Rules, TokenMaker

        tokens = self._tokens
        home, maker = self._door.home, None if tokens is None else TokenMaker.of(tokens)
        rules = Rules(home.merchant_id, maker, allow_pan, home.auth_code, self._door.believed_now)
        return Taking(lines, source, Reader(form, rules), keep)

    async def _give_way(self) -> None:
        """Steps that wait were asked for before this one; a refund on its way ends first."""
        await asyncio.sleep(0)
        waited = 0.0
        while waited < PATIENCE and self._busy():
            await asyncio.sleep(GIVE_WAY)
            waited += GIVE_WAY
