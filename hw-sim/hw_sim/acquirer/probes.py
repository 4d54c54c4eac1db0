"""Which connections and echoes were probes of the line: told by the log, for tests to count."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct

AT_ONCE: Final = timedelta(seconds=1)
"""Whoever opens a connection to ask something asks it within this."""
_ECHO: Final = "echo"
_MONEY: Final = frozenset({"refund", "void", "reversal"})
_OPENED: Final = "connected"


class Probe(Struct, frozen=True):
    at: datetime
    kind: str
    """``connect`` or ``echo``."""
    connection: int


class _Asked(Struct):
    """What one connection was used for."""

    opened: datetime
    first: datetime | None = None


def probes(entries: Iterable[Mapping[str, Any]]) -> list[Probe]:
    """In order: connections on which nothing was asked at once, and echoes. A sign-on is none."""
    asked: dict[int, _Asked] = {}
    found = []
    for entry in entries:
        at, link = datetime.fromisoformat(entry["at"]), entry["connection"]
        if entry.get("note") == _OPENED:
            asked[link] = _Asked(at)
        elif entry["direction"] == "in":
            one = asked.get(link)
            if one is not None and one.first is None:
                one.first = at
            if entry.get("function") == _ECHO:
                found.append(Probe(at, _ECHO, link))
    for link, one in asked.items():
        if one.first is None or one.first - one.opened > AT_ONCE:
            found.append(Probe(one.opened, "connect", link))
    return sorted(found, key=lambda probe: probe.at)


def during_money(entries: Iterable[Mapping[str, Any]]) -> list[Probe]:
    """Probes that came between a message that moves money and its answer: a terminal that has one
    under way drops them."""
    told = list(entries)
    spans: list[tuple[datetime, datetime]] = []
    begun: dict[tuple[int, str], datetime] = {}
    for entry in told:
        at, function = datetime.fromisoformat(entry["at"]), entry.get("function")
        if function not in _MONEY:
            continue
        key = (entry["connection"], function)
        if entry["direction"] == "in":
            begun[key] = at
        elif key in begun:
            spans.append((begun.pop(key), at))
    return [one for one in probes(told) if any(start < one.at < end for start, end in spans)]


def too_close(found: Iterable[Probe], seconds: float) -> list[tuple[Probe, Probe]]:
    """Pairs with less than so many seconds between them."""
    in_order = list(found)
    pairs = itertools.pairwise(in_order)
    return [(a, b) for a, b in pairs if b.at - a.at < timedelta(seconds=seconds)]
