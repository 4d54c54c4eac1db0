"""How the key files are protected at rest: under a key of this device (R54).

Where the device key itself lies, in a file or sealed by a TPM, is for ``device_key.py``.
"""

from __future__ import annotations

import secrets
from enum import StrEnum
from typing import Final, Protocol

from pos_terminal.core.words import Failure

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


class Protection(StrEnum):
    """Who has the device key while the terminal is off."""

    FILE = "file"
    """Whoever has the SD card."""
    TPM = "tpm"
    """Whoever has this machine, and it must be running."""
    BOTH = "both"
    """The way from a file into the TPM broke off: as unsafe as a file."""


class Wrapper(Protocol):
    """Encrypts what lies in the key files, with a key of this device."""

    @property
    def protection(self) -> Protection: ...

    def wrap(self, name: str, secret: bytes) -> bytes:
        """``secret`` encrypted and bound to the file ``name``."""

    def unwrap(self, name: str, blob: bytes) -> bytes:
        """What was wrapped for ``name``. Failure ``keys.damaged`` where it can't be."""


class DeviceKey:
    """``Wrapper`` with AES-256-GCM.

    ``older`` is a key that some of the files may still be under: what is wrapped anew never is.
    """

    __slots__ = ("_key", "_older", "protection")

    def __init__(self, key: bytes, protection: Protection, older: bytes | None = None) -> None:
        self._key = key
        self._older = older
        self.protection = protection

    def wrap(self, name: str, secret: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import (
            AESGCM,
        )

        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._key).encrypt(nonce, secret, name.encode())

    def unwrap(self, name: str, blob: bytes) -> bytes:
        found = _decrypt(self._key, name, blob)
        if found is None and self._older is not None:
            found = _decrypt(self._older, name, blob)
        if found is None:
            raise Failure("keys.damaged", file=name)
        return found

    def __repr__(self) -> str:
        return f"DeviceKey(…, {self.protection})"


def _decrypt(key: bytes, name: str, blob: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import (
        AESGCM,
    )

    try:
        return AESGCM(key).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], name.encode())
    except (InvalidTag, ValueError):
        return None
