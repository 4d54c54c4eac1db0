"""The ledger itself: whole, under the right date, without card numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from datetime import timedelta
from functools import cache
from hashlib import sha1
from typing import Final

from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.words import Failure
from pos_terminal.services.process.trusted_clock import ASK_AFTER
from pos_terminal.services.proof.verify import verify_store

_AHEAD: Final = ASK_AFTER + timedelta(hours=2)
"""Believed without a question where no NTP keeps the clock, and what the wall clock may jump."""
_BEHIND: Final = timedelta(hours=-4)
"""A wall clock that NTP is said to keep jumps back so far, in a ledger that is as young."""


def dates(site: Site) -> Iterator[str]:
    """R70: whatever clocks say, nothing is sealed under a date that is not today's."""
    for off in site.sealed_off:
        if not _BEHIND <= off <= _AHEAD:
            yield f"a refund was sealed on a clock that was {off} off"


def chain(site: Site) -> Iterator[str]:
    """The audit chain is whole, and every table is as it says."""
    try:
        verify_store(site.ledger)
    except Failure as failure:
        yield f"the ledger is not whole: {failure}"


def no_card_number(site: Site) -> Iterator[str]:
    """R54: no full number in any file, neither as digits nor packed."""
    numbers = {
        tender.card.pan for sale in site.shop.sales for tender in sale.tenders if tender.card
    }
    search = _search_for(frozenset(numbers))
    for path in site.terminal.config.data_dir.rglob("*"):
        if path.is_file() and search.found_in(path.read_bytes()):
            yield f"a card number lies in {path.name}"


class _Search:
    """Looks for numbers, in one pass. Megabytes are the same after each story of a shop: a block
    in which there was none is not searched again."""

    _BLOCK: Final = 4096
    _KEPT: Final = 50_000

    def __init__(self, numbers: Set[str]) -> None:
        shapes = {number.encode() for number in numbers}
        shapes |= {bytes.fromhex(number + "F" * (len(number) % 2)) for number in numbers}
        self._any = re.compile(b"|".join(map(re.escape, shapes)))
        self._beyond = max(map(len, shapes)) - 1
        self._without: set[bytes] = set()

    def found_in(self, data: bytes) -> bool:
        return any(self._is_in(data, start) for start in range(0, len(data), self._BLOCK))

    def _is_in(self, data: bytes, start: int) -> bool:
        """Whether one begins in this block."""
        block = data[start : start + self._BLOCK + self._beyond]
        mark = sha1(block, usedforsecurity=False).digest()
        if mark not in self._without:
            if self._any.search(block):
                return True
            if len(self._without) > self._KEPT:
                self._without.clear()
            self._without.add(mark)
        return False


@cache
def _search_for(numbers: frozenset[str]) -> _Search:
    return _Search(numbers)
