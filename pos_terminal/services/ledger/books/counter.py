"""STAN and batch: 000001 to 999999, wrapping, persistent, unique in the batch (field 11, 60.2)."""

from __future__ import annotations

from typing import Final

from pos_terminal.services.ledger.books.book import Book

_TABLES: Final = """
CREATE TABLE counter (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    stan INTEGER NOT NULL CHECK (stan BETWEEN 0 AND 999999),
    batch TEXT NOT NULL CHECK (length(batch) = 6 AND batch NOT GLOB '*[^0-9]*')
) STRICT;
"""

BOOK: Final = Book(
    tables=_TABLES,
    rows={"counter": {"id": 1, "stan": 0, "batch": "000001"}},
    heading="SELECT batch, printf('%06d', stan) AS stan FROM counter",
)
