"""Whether a sale's buyer has an invoice (发票, R69): one that is out must be taken back with it."""

from __future__ import annotations

from enum import StrEnum


class Invoiced(StrEnum):
    """As the till tells it."""

    ISSUED = "issued"
    NONE = "none"
