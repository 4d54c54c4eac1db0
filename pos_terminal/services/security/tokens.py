"""Card tokens: what stands for a card number in the ledger and in the sales feed (R9, R54)."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from pos_terminal.core.pan import Pan

KEY_BYTES: Final = 32


class KeyedTokens:
    """``ports.Tokens`` under the shop's token key; all tills of a shop share that key."""

    __slots__ = ("_key", "key_id")

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a token key has {KEY_BYTES} bytes")
        self._key = key
        self.key_id = key_id(key)
        """Goes with every token of the feed, so that one of another shop's key is noticed."""

    def token(self, pan: Pan) -> str:
        """HMAC-SHA-256 of the digits as ASCII, 64 lower-case hex digits."""
        return hmac.digest(self._key, pan.reveal().encode("ascii"), "sha256").hex()

    def __repr__(self) -> str:
        return f"KeyedTokens({self.key_id})"


def key_id(key: bytes) -> str:
    """Names a token key without telling it: the first 8 hex digits of SHA-256("key id" + key)."""
    return hashlib.sha256(b"key id" + key).hexdigest()[:8]
