"""What the host link needs of others: keys, and a way to open a connection."""

from __future__ import annotations

from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from typing import Protocol

Connect = Callable[[str, int], Awaitable[tuple[StreamReader, StreamWriter]]]
"""Opens host and port, TLS included where it is used. Raises OSError when it can't be reached."""


class KeyStore(Protocol):
    """Keys of this terminal. They lie outside the ledger, wrapped (R54)."""

    @property
    def tmk(self) -> bytes:
        """The terminal master key, 16 bytes. Failure ``keys.…`` where none is provisioned."""

    def load_session(self) -> bytes | None:
        """What ``store_session`` stored last, opened; None where there is nothing."""

    def store_session(self, secret: bytes) -> None:
        """Store session keys (JSON, at most 1 KiB) encrypted and synced; blocks for one commit."""
