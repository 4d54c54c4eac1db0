"""Whose sales this terminal gives back: each sale has one home, or is given back twice (R66)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import Value


class SalesHome(Struct, frozen=True):
    """Sales of these terminals come home here, those in cash too, and of no others."""

    terminals: frozenset[str] | None
    """Its own among them; None: of all terminals of the merchant."""
    places: Mapping[str, str]
    """Where people go with a sale of another terminal, by its number."""

    def against(self, terminal_id: str) -> tuple[Unfit, Mapping[str, Value]] | None:
        """Why a sale of this terminal is not given back here, and what is told of it."""
        if self.terminals is None or terminal_id in self.terminals:
            return None
        place = self.places.get(terminal_id)
        if place is None:
            return Unfit.ELSEWHERE_TERMINAL, {"terminal": terminal_id}
        return Unfit.ELSEWHERE, {"place": place}
