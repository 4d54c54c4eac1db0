"""What moves with money that goes back: goods, for the stock system, and points, for the till."""

from __future__ import annotations

from enum import StrEnum


class Moved(StrEnum):
    GOODS = "goods"
    POINTS = "points"
