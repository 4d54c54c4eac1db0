"""PIN hashes: Argon2id over the PIN keyed with the terminal's own key."""

from __future__ import annotations

import hmac
from typing import Final

#: memory in KiB, passes, lanes: some 25 ms here and 0.2 s on a Pi (OWASP's smallest Argon2id)
MEMORY_KIB: Final = 7 * 1024
PASSES: Final = 5
LANES: Final = 1


class PinHasher:
    """Hashes and checks PINs; each call costs ``MEMORY_KIB`` and blocks: run it off the loop.

    The PIN is keyed with the store's PIN key and with its owner's number first: a hash copied to
    another person's row fits nobody, and a copy of ``people.db`` alone gives no PIN away.
    """

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def hash(self, number: str, pin: str) -> str:
        """An Argon2 string with a salt of its own."""
        from argon2 import PasswordHasher

        hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
        return hasher.hash(self._keyed(number, pin))

    def fits(self, stored: str, number: str, pin: str) -> bool:
        """Whether ``stored`` is of this person's PIN; a damaged hash fits nothing."""
        from argon2 import PasswordHasher
        from argon2.exceptions import (
            InvalidHashError,
            VerificationError,
        )

        try:
            return PasswordHasher().verify(stored, self._keyed(number, pin))
        except (VerificationError, InvalidHashError):
            return False

    def __repr__(self) -> str:
        return "PinHasher(…)"

    def _keyed(self, number: str, pin: str) -> bytes:
        return hmac.digest(self._key, f"{number}:{pin}".encode(), "sha256")
