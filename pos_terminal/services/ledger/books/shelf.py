"""All books, for what loops over them: schema, verify, purge, lists. No book imports this."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books import (
    applications,
    blind,
    case_papers,
    cases,
    cleared,
    counter,
    exceptions,
    exchange_credits,
    exchanges,
    feed,
    findings,
    journal,
    manual,
    messages,
    outcomes,
    payouts,
    refunds,
    reopened,
    sales,
    slips,
    stock,
    vouchers,
)
from pos_terminal.services.ledger.books.book import (
    Aged,
    Book,
    Gone,
    HeldBy,
    Invariant,
    Leftovers,
    Listing,
    Loose,
    Numbered,
)
from pos_terminal.services.ledger.names import Names

BOOKS: Final[tuple[Book, ...]] = (
    journal.BOOK,
    counter.BOOK,
    sales.BOOK,
    feed.BOOK,
    applications.BOOK,
    exceptions.BOOK,
    refunds.BOOK,
    messages.BOOK,
    slips.BOOK,
    cases.BOOK,
    case_papers.BOOK,
    payouts.BOOK,
    vouchers.BOOK,
    stock.BOOK,
    exchanges.BOOK,
    exchange_credits.BOOK,
    reopened.BOOK,
    blind.BOOK,
    outcomes.BOOK,
    findings.BOOK,
    cleared.BOOK,
    manual.BOOK,
)
"""In the order of the lists that people read."""


def tables() -> str:
    """SQL that makes all of them, with the domain's names."""
    return "".join(
        part for book in BOOKS for part in (*(names.sql for names in book.names), book.tables)
    )


def names() -> tuple[Names, ...]:
    return tuple(names for book in BOOKS for names in book.names)


def entries() -> dict[str, HeldBy]:
    return {kind: row for book in BOOKS for kind, row in book.entries.items()}


def told() -> tuple[str, ...]:
    """Kinds of entries that tables are held against and no row keeps."""
    return tuple(kind for book in BOOKS for kind in book.told)


def invariants() -> tuple[Invariant, ...]:
    return tuple(one for book in BOOKS for one in book.invariants)


def numbered() -> tuple[Numbered, ...]:
    return tuple(numbered for book in BOOKS for numbered in book.numbered)


def loose() -> tuple[Loose, ...]:
    """What may have no sale to go with."""
    return tuple(one for book in BOOKS for one in book.loose)


def goes() -> tuple[Gone, ...]:
    """What goes with a sale."""
    return tuple(gone for book in BOOKS for gone in book.goes)


def leftovers() -> tuple[Callable[[datetime], Leftovers], ...]:
    return tuple(kind for book in BOOKS for kind in book.leftovers)


def aged() -> tuple[Aged, ...]:
    """What stays and is stripped for its age."""
    return tuple(one for book in BOOKS for one in book.aged)


def erased(name: str) -> tuple[str, ...]:
    return tuple(sql for book in BOOKS for sql in book.erased.get(name, ()))


def lists() -> tuple[Listing, ...]:
    return tuple(listing for book in BOOKS for listing in book.lists)


def headings() -> tuple[str, ...]:
    return tuple(book.heading for book in BOOKS if book.heading)


def sale_stays() -> str:
    return _any(book.sale_stays for book in BOOKS)


def stays(name: str) -> str:
    """Of a class of ``Aged``."""
    held = _held() if name == purges.AUDIT else ()
    return _any((*(book.stays.get(name, "") for book in BOOKS), *held)) or "false"


def _held() -> Iterable[str]:
    """The entries that a row is held against."""
    return (
        f"x.kind = '{kind}' AND EXISTS (SELECT 1 FROM {row.table} WHERE {row.column} = "
        f"x.facts ->> '{row.fact}')"
        for kind, row in entries().items()
    )


def _any(conditions: Iterable[str]) -> str:
    """SQL: whether one of them holds."""
    return "\n    OR ".join(condition for condition in conditions if condition)
