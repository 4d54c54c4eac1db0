"""All books, for what loops over them: schema, verify, purge, lists. No book imports this."""

from __future__ import annotations

from typing import Final

from pos_terminal.services.ledger.books import vouchers
from pos_terminal.services.ledger.books.book import Book, Gone, Listing, Row

BOOKS: Final[tuple[Book, ...]] = (vouchers.BOOK,)
"""In the order of their tables: what refers to others comes after them."""


def tables() -> str:
    return "".join(book.tables for book in BOOKS)


def entries() -> dict[str, Row]:
    return {kind: row for book in BOOKS for kind, row in book.entries.items()}


def goes() -> tuple[Gone, ...]:
    """What goes with a sale, what refers to others first."""
    return tuple(gone for book in reversed(BOOKS) for gone in reversed(book.goes))


def lists() -> tuple[Listing, ...]:
    return tuple(listing for book in BOOKS for listing in book.lists)


def sale_stays() -> str:
    """SQL to go on with behind another condition."""
    return "".join(f"\n    OR {book.sale_stays}" for book in BOOKS if book.sale_stays)


def slip_stays() -> str:
    """SQL to go on with behind another condition."""
    return "".join(f"\n        OR {book.slip_stays}" for book in BOOKS if book.slip_stays)
