"""What a stock system has fetched (``docs/stock.md``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class StockBook:
    """Movements as they were answered, by their numbers."""

    movements: dict[int, dict[str, Any]] = field(default_factory=dict)
    next: int = 0
    """Kept with them."""
