"""How many connections at once: each class of callers has its places, and nobody else's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from pos_terminal.control.classes import BOUNDS, STRANGER, Class


class Places:
    """Counts who is served."""

    def __init__(self) -> None:
        self._taken: Counter[Class | None] = Counter()

    def take(self, classes: Collection[Class]) -> Taken | None:
        """A place of one of these classes, or of those who are in none; None: all are taken."""
        for one in _choice(classes):
            if self._taken[one] < _places(one):
                self._taken[one] += 1
                return Taken(self._taken, one)
        return None


class Taken:
    """One place, until ``free``."""

    def __init__(self, taken: Counter[Class | None], one: Class | None) -> None:
        self._taken = taken
        self._one = one

    def free(self) -> None:
        self._taken[self._one] -= 1


def places_of(classes: Collection[Class]) -> int:
    """How many there are for whoever is in these classes."""
    return sum(map(_places, _choice(classes)))


def _choice(classes: Collection[Class]) -> list[Class | None]:
    return [one for one in Class if one in classes] or [None]


def _places(one: Class | None) -> int:
    return (STRANGER if one is None else BOUNDS[one]).places
