"""Moving the keys to a replacement Pi: one file under the passwords of two people (R56a)."""

from __future__ import annotations

import secrets
from typing import Final

import msgspec
from msgspec import Struct

from pos_terminal.core.words import Failure
from pos_terminal.services.security.keystore import LocalKeys, TerminalKeys

MAGIC: Final = b"PTKEYS01"
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
#: this file travels, so its passwords cost more to try than a PIN: KiB and passes
MEMORY_KIB: Final = 64 * 1024
PASSES: Final = 4
PASSWORD_MIN: Final = 10


class Bundle(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that the old terminal's data folder needs to be read by the new one."""

    local: LocalKeys
    terminal: TerminalKeys
    terminal_id: str


def check_password(password: str) -> None:
    """Failure ``provision.password`` for one that is too short."""
    if len(password) < PASSWORD_MIN:
        raise Failure("provision.password", least=PASSWORD_MIN)


def pack(bundle: Bundle, first: str, second: str) -> bytes:
    """The bundle encrypted; both passwords are needed to read it. Takes a second on a Pi."""
    from cryptography.hazmat.primitives.ciphers.aead import (
        AESGCM,
    )

    check_password(first)
    check_password(second)
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(_key(first, second, salt)).encrypt(nonce, msgspec.msgpack.encode(bundle), MAGIC)
    return MAGIC + salt + nonce + sealed


def unpack(data: bytes, first: str, second: str) -> Bundle:
    """The bundle again. Failure ``provision.bundle`` for a wrong password or a changed file."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import (
        AESGCM,
    )

    at = len(MAGIC)
    salt, nonce = data[at : at + SALT_BYTES], data[at + SALT_BYTES :][:NONCE_BYTES]
    sealed = data[at + SALT_BYTES + NONCE_BYTES :]
    if not data.startswith(MAGIC) or len(nonce) < NONCE_BYTES:
        raise Failure("provision.bundle")
    try:
        plain = AESGCM(_key(first, second, salt)).decrypt(nonce, sealed, MAGIC)
        return msgspec.msgpack.decode(plain, type=Bundle)
    except (InvalidTag, msgspec.DecodeError):
        raise Failure("provision.bundle") from None


def _key(first: str, second: str, salt: bytes) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    # lengths first, so that no other pair of passwords makes the same text
    secret = msgspec.msgpack.encode((first, second))
    return hash_secret_raw(
        secret, salt, PASSES, MEMORY_KIB, parallelism=1, hash_len=32, type=Type.ID
    )
