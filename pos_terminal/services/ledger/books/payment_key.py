"""By which a payment is found again, whoever told of it: people, or the acquirer's file (R38)."""

from __future__ import annotations

from typing import Final

KEY: Final = "upper(replace(replace(replace(reference, ' ', ''), '-', ''), '–', ''))"
"""``core.reference.payment_key`` of a stored reference, as the indexes have it."""
