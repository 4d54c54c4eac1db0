"""What the feed tells of sales and batches after they were made (R8)."""

from __future__ import annotations

from enum import StrEnum


class SaleEvent(StrEnum):
    """Named as the feed's records are (docs/sales-feed.md)."""

    SALE_VOIDED = "sale_voided"
    REFUNDED_ELSEWHERE = "refunded_elsewhere"
    BATCH_CLOSED = "batch_closed"
    ADJUSTED = "adjusted"
