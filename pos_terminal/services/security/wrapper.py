"""How the key files are protected at rest: the seam where a TPM can stand later (R54)."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final, Protocol

from pos_terminal.core.words import Failure
from pos_terminal.services.security.files import read_private, shred, unreadable, write_atomic

DEVICE_KEY_FILE: Final = "device.key"
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


class Wrapper(Protocol):
    """Encrypts what lies in the key files, with a key of this device."""

    def wrap(self, name: str, secret: bytes) -> bytes:
        """``secret`` encrypted and bound to the file ``name``."""

    def unwrap(self, name: str, blob: bytes) -> bytes:
        """What was wrapped for ``name``. Failure ``keys.damaged`` where it can't be."""

    def destroy(self) -> None:
        """Make everything that was ever wrapped worthless."""


class DeviceKeyFile:
    """``Wrapper`` with AES-256-GCM under a key that lies in a file beside the others.

    This keeps a single copied file, a backup without ``device.key`` and a database export safe.
    It does not protect against somebody who has the whole SD card.
    """

    __slots__ = ("_key", "_path")

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key

    @classmethod
    def open(cls, folder: Path, *, make: bool) -> DeviceKeyFile:
        """The device key of ``folder``; made where there is none and ``make`` allows it.

        Failure ``keys.device`` where it is missing, or not of the right length.
        """
        path = folder / DEVICE_KEY_FILE
        key = read_private(path)
        if key is None and make:
            key = secrets.token_bytes(KEY_BYTES)
            try:
                write_atomic(path, key)
            except OSError as error:
                raise unreadable(path, error) from None
        if key is None or len(key) != KEY_BYTES:
            raise Failure("keys.device", file=str(path))
        return cls(path, key)

    def wrap(self, name: str, secret: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import (  # noqa: PLC0415 - start-up time
            AESGCM,
        )

        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._key).encrypt(nonce, secret, name.encode())

    def unwrap(self, name: str, blob: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - start-up time
        from cryptography.hazmat.primitives.ciphers.aead import (  # noqa: PLC0415 - start-up time
            AESGCM,
        )

        try:
            return AESGCM(self._key).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError):
            raise Failure("keys.damaged", file=name) from None

    def destroy(self) -> None:
        shred(self._path)
        self._key = secrets.token_bytes(KEY_BYTES)

    def __repr__(self) -> str:
        return f"DeviceKeyFile({self._path})"
