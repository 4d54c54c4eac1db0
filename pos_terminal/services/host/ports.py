"""What the host link needs of others: keys, and a way to open a connection."""

from __future__ import annotations

from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

Connect = Callable[[str, int], Awaitable[tuple[StreamReader, StreamWriter]]]
"""Opens host and port, TLS included where it is used. Raises OSError when it can't be reached."""


class KeyStore(Protocol):
    """Keys of this terminal. They lie outside the ledger, wrapped (R54)."""

    @property
    def tmk(self) -> bytes:
        """The terminal master key, 16 or 24 bytes. Failure ``keys.missing``."""

    @property
    def key_exchange(self) -> str:
        """Field 60.3 of the sign-on: which session keys come. Failure ``keys.missing``."""

    def session(self) -> Mapping[str, bytes] | None:
        """The clear session keys stored last (``pik``, ``mak``, ``tdk``); None: sign on first."""

    def store_session(self, keys: Mapping[str, bytes]) -> None:
        """Keep session keys encrypted and synced; waits for the disk."""
