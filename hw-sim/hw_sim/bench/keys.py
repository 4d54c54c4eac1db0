"""The bench's keys, drawn afresh at each ``up``: the terminal master key and the token key."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from hw_sim.bench import identity


@dataclass(frozen=True, slots=True)
class BenchKeys:
    """``components`` xor to the terminal master key (TMK), as two people would carry them."""

    components: tuple[bytes, bytes] = field(repr=False)
    token_key: bytes = field(repr=False)

    @property
    def tmk(self) -> bytes:
        first, second = self.components
        return bytes(a ^ b for a, b in zip(first, second, strict=True))

    def token(self, digits: str) -> str:
        """The keyed token of a card number, as the terminal makes it: 64 hex digits."""
        return hmac.new(self.token_key, digits.encode("ascii"), hashlib.sha256).hexdigest()


def make_keys() -> BenchKeys:
    """New keys. A 16-byte TMK whose halves were equal would be single-length in disguise."""
    return BenchKeys((secrets.token_bytes(16), secrets.token_bytes(16)), secrets.token_bytes(32))


def acquirer_keys(keys: BenchKeys) -> dict[str, str]:
    """``acquirer-keys.json``: all that an acquirer needs to serve this terminal."""
    return {
        "tmk": keys.tmk.hex().upper(),
        "terminal_id": identity.TERMINAL_ID,
        "merchant_id": identity.MERCHANT_ID,
        "tpdu": identity.TPDU,
        "batch": identity.BATCH,
        "key_exchange": identity.KEY_EXCHANGE,
    }
