"""The ledger itself: whole, under the right date, without card numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
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
    shapes = {number.encode() for number in numbers}
    shapes |= {bytes.fromhex(number + "F" * (len(number) % 2)) for number in numbers}
    any_of_them = re.compile(b"|".join(map(re.escape, shapes)))  # in one pass: a file has megabytes
    for path in site.terminal.config.data_dir.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        if any_of_them.search(data):
            yield f"a card number lies in {path.name}"
