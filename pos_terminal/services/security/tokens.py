"""Card tokens: what stands for a card number in the ledger and in the sales feed (R9, R54)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final

from pos_terminal.core.pan import Pan
from pos_terminal.core.words import Failure

KEY_BYTES: Final = 32


class KeyedTokens:
    """``ports.Tokens`` under the shop's token key; all tills of a shop share that key."""

    __slots__ = ("_key", "_older", "key_id", "older_ids")

    def __init__(self, key: bytes, older: Sequence[bytes] = ()) -> None:
        """``older`` were replaced and are still looked under. Failure ``keys.weak_token``."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"a token key has {KEY_BYTES} bytes")
        for one in (key, *older):
            check_token_key(one)
        self._key = key
        self.key_id = key_id(key)
        """Goes with every token of the feed, so that one of another shop's key is noticed."""
        self._older = {key_id(one): one for one in older}
        self.older_ids = tuple(self._older)

    def token(self, pan: Pan) -> str:
        """HMAC-SHA-256 of the digits as ASCII, 64 lower-case hex digits."""
        return _token(self._key, pan)

    def older(self, pan: Pan) -> Mapping[str, str]:
        """The same under each older key, by key id."""
        return {name: _token(key, pan) for name, key in self._older.items()}

    def customer(self, number: str) -> Sequence[str]:
        """HMAC-SHA-256 of the number behind ``customer`` and a newline, which no card number has:
        64 lower-case hex digits under the present key, then under each older one."""
        text = f"customer\n{number}".encode()
        return [
            hmac.digest(key, text, "sha256").hex() for key in (self._key, *self._older.values())
        ]

    def __repr__(self) -> str:
        return f"KeyedTokens({self.key_id})"


def _token(key: bytes, pan: Pan) -> str:
    return hmac.digest(key, pan.reveal().encode("ascii"), "sha256").hex()


def check_token_key(key: bytes) -> None:
    """Failure ``keys.weak_token`` for one that nobody has drawn: all zeros, or one byte again and
    again. Whoever tries that one first has the card numbers of the ledger."""
    if len(set(key)) == 1:
        raise Failure("keys.weak_token")


def key_id(key: bytes) -> str:
    """Names a token key without telling it: the first 8 hex digits of SHA-256("key id" + key)."""
    return hashlib.sha256(b"key id" + key).hexdigest()[:8]
