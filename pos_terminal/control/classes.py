"""Who may ask what over the control socket: classes of callers, their verbs and their bounds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from pos_terminal.config import Control
from pos_terminal.control.peer import Peer, group_id, user_id

ROOT: Final = 0


class Class(StrEnum):
    """Named as in ``[control.classes]``."""

    TILL = "till"
    FEED = "feed"
    ACQUIRER = "acquirer"
    STATUS = "status"
    TECHNICIAN = "technician"
    BENCH = "bench"


class Bounds(Struct, frozen=True):
    """What one class can take of the terminal, however it is asked."""

    size: int
    """Bytes of one request."""
    lines: int
    """Texts in one request, beside its options."""
    places: int
    """Connections at once; nobody else's."""


KILOBYTE: Final = 1024
LINE_LIMIT: Final = 16 * KILOBYTE * KILOBYTE
"""Bytes of a request that brings a file: a whole day's sales feed fits."""
_SMALL: Final = Bounds(size=16 * KILOBYTE, lines=16, places=4)
_A_FILE: Final = Bounds(size=LINE_LIMIT, lines=200_000, places=2)
STRANGER: Final = Bounds(size=4 * KILOBYTE, lines=16, places=2)
"""Of whoever is in no class: enough to be told so."""

BOUNDS: Final[Mapping[Class, Bounds]] = {
    Class.TILL: Bounds(size=16 * KILOBYTE, lines=16, places=8),
    Class.FEED: _A_FILE,
    Class.ACQUIRER: _A_FILE,
    Class.STATUS: _SMALL,
    Class.TECHNICIAN: _SMALL,
    Class.BENCH: Bounds(size=LINE_LIMIT, lines=200_000, places=8),
}

_STATE: Final = frozenset({"state"})
_VERBS: Final[Mapping[Class, frozenset[str]]] = {
    Class.TILL: frozenset({"state", "voucher", "redeem", "draw-stan", "stock"}),
    Class.FEED: frozenset({"import-sales", "stock"}),
    Class.ACQUIRER: frozenset({"import-outcomes"}),
    Class.STATUS: frozenset({"status"}),
    Class.TECHNICIAN: _STATE | {"case-step"},
}
TOOLS: Final = frozenset[str]().union(*_VERBS.values())
"""What tills and tools ask; ``control/tools.py`` answers it."""
_SCREENS: Final = frozenset({"screen", "screens", "wait"})
VERBS: Final[Mapping[Class, frozenset[str]]] = {
    **_VERBS,
    Class.BENCH: _SCREENS | TOOLS,
}
"""A verb that stands in no row is nobody's."""


def allowed(classes: Iterable[Class]) -> frozenset[str]:
    """The verbs of whoever is in these classes."""
    return frozenset[str]().union(*(VERBS[one] for one in classes))


def bounds(classes: Iterable[Class]) -> Bounds:
    """The widest of these classes, each bound by itself; places are each class's own."""
    of_each = [BOUNDS[one] for one in classes] or [STRANGER]
    return Bounds(
        size=max(one.size for one in of_each),
        lines=max(one.lines for one in of_each),
        places=max(one.places for one in of_each),
    )


class Classes:
    """``[control.classes]`` of one terminal, its names looked up once, when it starts."""

    def __init__(self, control: Control, own_uid: int | None = None) -> None:
        """``own_uid`` is the terminal's own user, by default that of this process."""
        own = os.geteuid() if own_uid is None else own_uid
        self._users: dict[Class, set[int]] = {one: set() for one in Class}
        self._groups: dict[Class, set[int]] = {one: set() for one in Class}
        # who may read all that it keeps may ask how it is; more has to be said
        self._users[Class.TECHNICIAN] |= {ROOT, own}
        self.unknown: list[str] = []
        """Members that this machine does not know: they are in no class."""
        classes = control.classes
        for one, members in (
            (Class.TILL, classes.till),
            (Class.FEED, classes.feed),
            (Class.ACQUIRER, classes.acquirer),
            (Class.STATUS, classes.status),
            (Class.TECHNICIAN, classes.technician),
            (Class.BENCH, classes.bench),
        ):
            for member in members:
                self._enter(one, member)

    def of(self, peer: Peer) -> frozenset[Class]:
        """All classes that the peer is in; none: it may ask nothing."""
        return frozenset(
            one
            for one in Class
            if peer.uid in self._users[one] or not self._groups[one].isdisjoint(peer.gids)
        )

    def _enter(self, one: Class, member: str) -> None:
        is_group = member.startswith("@")
        number = group_id(member[1:]) if is_group else user_id(member)
        if number is not None:
            (self._groups if is_group else self._users)[one].add(number)
        elif member not in self.unknown:  # a group may be named in several classes
            self.unknown.append(member)
