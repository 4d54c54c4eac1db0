"""Field 64 in the UnionPay ECB manner, and the DES operations under it."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import ECB

BLOCK: Final = 8
_ZEROS: Final = bytes(BLOCK)


def encrypt(key: bytes, data: bytes) -> bytes:
    """DES (8-byte key) or 3DES (16, 24) in ECB; ``data`` is whole blocks."""
    return _run(key, data, decrypting=False)


def decrypt(key: bytes, data: bytes) -> bytes:
    """The reverse of ``encrypt``."""
    return _run(key, data, decrypting=True)


def _run(key: bytes, data: bytes, *, decrypting: bool) -> bytes:
    cipher = _cipher(key)
    context = cipher.decryptor() if decrypting else cipher.encryptor()
    return context.update(data) + context.finalize()


def _cipher(key: bytes) -> Cipher[ECB]:
    from cryptography.hazmat.decrepit.ciphers.algorithms import (
        TripleDES,
    )
    from cryptography.hazmat.primitives.ciphers import (
        Cipher,
        modes,
    )

    # ECB is the acquirer's standard: every block here is a key or a MAC's last step
    return Cipher(TripleDES(_triple(key)), modes.ECB())  # noqa: S305


def _triple(key: bytes) -> bytes:
    """24 bytes for the library: single DES is 3DES with K, K, K; 16 bytes are K1, K2, K1."""
    match len(key):
        case 8:
            return key * 3
        case 16:
            return key + key[:8]
        case 24:
            return key
    raise ValueError(f"a DES key of {len(key)} bytes")


def check_value(key: bytes, length: int = 4) -> bytes:
    """KCV: the first bytes of the encryption of zeros."""
    return encrypt(key, _ZEROS)[:length]


def mac(mak: bytes, mab: bytes) -> bytes:
    """The 8 bytes of field 64 for ``mab``, the message from its MTI to the field before 64."""
    text = folded(mab).hex().upper().encode()
    encryptor = _cipher(mak).encryptor()  # one for both: making it is most of the work
    first = encryptor.update(text[:BLOCK])
    last = encryptor.update(_xor(first, text[BLOCK:]))
    return last.hex().upper().encode()[:BLOCK]


def folded(mab: bytes) -> bytes:
    """All 8-byte blocks XORed, the last one filled up with zeros."""
    total = 0
    for at in range(0, len(mab), BLOCK):
        total ^= int.from_bytes(mab[at : at + BLOCK].ljust(BLOCK, b"\0"), "big")
    return total.to_bytes(BLOCK, "big")


def same(mac_1: bytes, mac_2: bytes) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(mac_1, mac_2)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
