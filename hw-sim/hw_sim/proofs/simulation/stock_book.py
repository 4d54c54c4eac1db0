"""What a stock system has fetched (``docs/stock.md``), and what people say of goods besides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

CONDITIONS: Final[Mapping[str, tuple[str, str, str]]] = {
    "1": ("restock", "完好", "As new"),
    "2": ("quarantine", "已拆封", "Opened"),
    "3": ("vendor", "有质量问题", "Defective"),
    "4": ("damaged", "人为损坏", "Damaged by the buyer"),
}
"""Of a shop that has none of its own: where such goods go, and their names."""
NEVER_CAME: Final = ""
"""In the place of one: they are nowhere."""


@dataclass(slots=True)
class StockBook:
    """Movements as they were answered, by their numbers."""

    movements: dict[int, dict[str, Any]] = field(default_factory=dict)
    next: int = 0
    """Kept with them."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a supervisor said yes to."""

    refund: int
    name: str
    """Of the goods,"""
    quantity: str
    """and how many of them."""
    condition: str
    """Its code, from then on."""
