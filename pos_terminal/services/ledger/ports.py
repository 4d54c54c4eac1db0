"""What the ledger needs of others: sealed card data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class CardVault(Protocol):
    """Seals small secrets, each under the key of its slot; fulfilled by ``security.vault``."""

    @property
    def slots(self) -> int:
        """Slots are numbered 0 to ``slots`` - 1."""

    def seal(self, slot: int, record: str, secret: bytes) -> bytes:
        """Failure ``keys.slot`` where the slot's key is damaged: another one is taken then."""

    def open(self, slot: int, record: str, blob: bytes) -> bytes:
        """Failure ``keys.sealed`` where the slot was overwritten since, or the blob changed."""

    def refill(self, slots: Iterable[int]) -> None:
        """Overwrite the keys of spent slots by fresh ones, durable on return."""
