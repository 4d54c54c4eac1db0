"""What the feed brought: its files, and events about sales and batches (R8, R9).

Each import has one digest over the records that it brought, so that a sale added, changed or taken
away behind the ledger's back is missed. What a file changes goes beyond these tables: it is written
by ``importing``, which is given to the face. ``events`` is imported with the first file.
"""

from __future__ import annotations

from pos_terminal.services.ledger.books.feed.face import FeedReads, SalesFeed
from pos_terminal.services.ledger.books.feed.tables import BOOK, take_off
from pos_terminal.services.ledger.books.feed.writes import (
    add_events,
    add_import,
    closed_between,
    content_of,
    log,
    record_of,
)

__all__ = [
    "BOOK",
    "FeedReads",
    "SalesFeed",
    "add_events",
    "add_import",
    "closed_between",
    "content_of",
    "log",
    "record_of",
    "take_off",
]
