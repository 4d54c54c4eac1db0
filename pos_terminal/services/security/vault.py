"""Card data that a message may need again, under a key of that record alone (R54).

The keys are made ahead: ``ring.bin`` beside the ledger has a block of 4096 bytes for each slot,
so that an overwrite torn by a power cut never touches a neighbour's key. A block is the key (32
random bytes), its check, and random filling. The ledger says which slot is free, used or spent,
in the transactions of its refunds; a spent slot is overwritten when nobody waits (``refill``),
and with it everything that was sealed under it is gone.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pos_terminal.core.words import Failure
from pos_terminal.services.security.files import (
    check_private,
    private_folder,
    sync_folder,
    unreadable,
    write_atomic,
)

RING_FILE: Final = "ring.bin"
SLOTS: Final = 256
BLOCK: Final = 4096
KEY_BYTES: Final = 32
CHECK_BYTES: Final = 8
NONCE_BYTES: Final = 12
FORMAT: Final = b"\x01"
"""First byte of a sealed blob: AES-256-GCM, 12 bytes nonce, ciphertext and 16 bytes tag."""


def open_vault(folder: Path, *, binding: bytes, slots: int = SLOTS) -> Vault:
    """The ring in ``folder``, made and synced (``slots`` keys) where there is none.

    Failure ``keys.exposed``, ``keys.unreadable``, or ``keys.ring`` where its length is wrong.
    """
    path = folder / RING_FILE
    try:
        if not path.exists():
            private_folder(folder)
            write_atomic(path, b"".join(_block(slot) for slot in range(slots)))
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise unreadable(path, error) from None
    try:
        status = os.fstat(descriptor)
        check_private(path, status.st_mode)
        count, rest = divmod(status.st_size, BLOCK)
        if rest or not count:
            raise Failure("keys.ring", file=str(path))
    except BaseException:
        os.close(descriptor)
        raise
    return Vault(path, descriptor, count, binding)


class Vault:
    """Seals and opens small secrets, each under its slot's key.

    ``binding`` is the key store's ring key: a record's key is derived from it and from the slot,
    so that a ring without its key store opens nothing. Calls may come from any one thread at a
    time for the same slot; ``refill`` waits for the disk and belongs on the writer's thread.
    """

    __slots__ = ("_binding", "_descriptor", "path", "slots")

    def __init__(self, path: Path, descriptor: int, slots: int, binding: bytes) -> None:
        self.path = path
        self.slots = slots
        """Slots are numbered 0 to ``slots`` - 1."""
        self._descriptor = descriptor
        self._binding = binding

    def close(self) -> None:
        """Close the ring's file; the keys stay on disk."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def seal(self, slot: int, record: str, secret: bytes) -> bytes:
        """``secret`` under the slot's key, bound to ``record``; the blob may lie in the ledger.

        One slot serves one record. Failure ``keys.slot`` where the slot's key is damaged: take
        another slot.
        """
        from cryptography.hazmat.primitives.ciphers.aead import (
            AESGCM,
        )

        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self._key(slot, record)).encrypt(nonce, secret, record.encode())
        return FORMAT + nonce + sealed

    def open(self, slot: int, record: str, blob: bytes) -> bytes:
        """What ``seal`` put into ``blob`` for this slot and record.

        Failure ``keys.sealed`` where the slot was overwritten since, or the blob was changed.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import (
            AESGCM,
        )

        nonce, sealed = blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :]
        if blob[:1] != FORMAT or len(nonce) != NONCE_BYTES:
            raise Failure("keys.sealed", record=record)
        try:
            return AESGCM(self._key(slot, record)).decrypt(nonce, sealed, record.encode())
        except InvalidTag:
            raise Failure("keys.sealed", record=record) from None

    def refill(self, slots: Iterable[int]) -> None:
        """Overwrite the keys of spent slots by fresh ones. Durable on return, one barrier.

        Afterwards what was sealed under them opens no more, and the slots are as good as new.
        Repeating it after a crash does no harm. Failure ``keys.unreadable`` on a disk error.
        """
        try:
            for slot in slots:
                os.pwrite(self._descriptor, _block(slot), self._offset(slot))
            os.fdatasync(self._descriptor)
        except OSError as error:
            raise unreadable(self.path, error) from None

    def destroy(self) -> None:
        """Overwrite every key and remove the ring: nothing sealed can ever be opened again."""
        self.refill(range(self.slots))
        self.close()
        self.path.unlink(missing_ok=True)
        sync_folder(self.path.parent)

    def __repr__(self) -> str:
        return f"Vault({self.path}, {self.slots} slots)"

    def _offset(self, slot: int) -> int:
        if not 0 <= slot < self.slots:
            raise ValueError(f"slot {slot} of {self.slots}")
        return slot * BLOCK

    def _key(self, slot: int, record: str) -> bytes:
        """The key of this record alone. Failure ``keys.slot`` where the block is torn."""
        try:
            block = os.pread(self._descriptor, KEY_BYTES + CHECK_BYTES, self._offset(slot))
        except OSError as error:
            raise unreadable(self.path, error) from None
        key, check = block[:KEY_BYTES], block[KEY_BYTES:]
        if not hmac.compare_digest(check, _check(slot, key)):
            raise Failure("keys.slot", slot=slot, record=record)
        return hmac.digest(self._binding, key + record.encode(), "sha256")


def _block(slot: int) -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    filling = secrets.token_bytes(BLOCK - KEY_BYTES - CHECK_BYTES)
    return key + _check(slot, key) + filling


def _check(slot: int, key: bytes) -> bytes:
    """Tells a whole key from a torn one; says nothing about the key itself."""
    return hashlib.sha256(b"ring slot %d " % slot + key).digest()[:CHECK_BYTES]
