"""Files of the feed for whoever takes them in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pos_terminal.ports import Tokens
from pos_terminal.services.ledger.books.book import Door
from pos_terminal.services.ledger.step import Step

if TYPE_CHECKING:
    from pos_terminal.ports.books.feed import ImportReport
    from pos_terminal.wire.feed.lines import Feed, Format


class SalesFeed:
    """Fulfils ``ports.SalesFeed``."""

    def __init__(
        self,
        door: Door,
        tokens: Tokens | None,
        take_in: Callable[[Step, Feed, str], ImportReport],
    ) -> None:
        """``take_in`` writes all that a file of a source brings; more than the feed's own."""
        self._door = door
        self._tokens = tokens
        self._take_in = take_in

    async def take_in(
        self, lines: Sequence[str], *, source: str, form: Format, allow_pan: bool
    ) -> ImportReport:
        file = await self._door.blocking(lambda: self._read(lines, form, allow_pan))
        return await self._door.step("import_sales", lambda step: self._take_in(step, file, source))

    def _read(self, lines: Sequence[str], form: Format, allow_pan: bool) -> Feed:
        from pos_terminal.wire.feed.lines import TokenMaker, read_feed

        tokens = self._tokens
        maker = None if tokens is None else TokenMaker.of(tokens)
        return read_feed(lines, form, self._door.home.merchant_id, maker, allow_pan)
