"""Whose sales this terminal gives back: each sale has one home, or is given back twice (R66)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from pos_terminal.core.words import Failure


class SalesHome(Struct, frozen=True):
    """Sales of these terminals come home here, those in cash too, and of no others."""

    terminals: frozenset[str] | None
    """Its own among them; None: of all terminals of the merchant."""
    places: Mapping[str, str]
    """Where people go with a sale of another terminal, by its number."""

    def must_be_here(self, terminal_id: str) -> None:
        """Failure ``flows.elsewhere`` or ``flows.elsewhere_terminal`` for another's sale."""
        if self.terminals is None or terminal_id in self.terminals:
            return
        place = self.places.get(terminal_id)
        if place is None:
            raise Failure("flows.elsewhere_terminal", terminal=terminal_id)
        raise Failure("flows.elsewhere", place=place)
