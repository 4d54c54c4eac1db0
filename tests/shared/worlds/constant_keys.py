"""Keys made from a constant, for ledgers that lie in the repository and must be opened again.

Everything is derived from ``_SEED`` and a name, and never changes: ledgers of releases lie in
``tests/fixtures`` under these keys. ``provision``, the import of keys and ``check``
refuse them by their check values (``services/security/known_keys.py``).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from pos_terminal.services.security import vault
from pos_terminal.services.security.files import write_atomic
from pos_terminal.services.security.keystore import (
    KEYS_FOLDER,
    KeyStore,
    LocalKeys,
    TerminalKeys,
)
from pos_terminal.services.security.tokens import KeyedTokens
from pos_terminal.services.security.vault import Vault, open_vault

_SEED: Final = b"pos-terminal: keys of the tests, known to everybody"


def made(name: str, size: int) -> bytes:
    """So many bytes of the key with this name."""
    return hashlib.shake_256(_SEED + b"/" + name.encode()).digest(size)


COMPONENTS: Final = (made("tmk 1", 16), made("tmk 2", 16))
TMK: Final = bytes(a ^ b for a, b in zip(*COMPONENTS, strict=True))
TOKEN: Final = made("token", 32)
AUDIT: Final = made("audit", 32)
RING: Final = made("ring", 32)
PINS: Final = made("pins", 32)
OLD_TOKEN: Final = made("old token", 32)
"""Of a shop that has replaced its token key."""


def local_keys() -> LocalKeys:
    return LocalKeys(ring=RING, pins=PINS, audit=AUDIT)


def terminal_keys() -> TerminalKeys:
    return TerminalKeys(TMK, TOKEN)


def key_store(data_dir: Path) -> KeyStore:
    """The key files of a terminal that has these keys, for its commands."""
    store = KeyStore.open(data_dir / KEYS_FOLDER)
    store.adopt(local_keys(), terminal_keys())
    return store


def tokens() -> KeyedTokens:
    return KeyedTokens(TOKEN)


def ring(folder: Path, slots: int = 8) -> Vault:
    """``ring.bin`` with keys made from the constant, in place of any that is there."""
    blocks = []
    for slot in range(slots):
        key = made(f"slot {slot}", vault.KEY_BYTES)
        filling = made(f"filling {slot}", vault.BLOCK - vault.KEY_BYTES - vault.CHECK_BYTES)
        blocks.append(key + vault._check(slot, key) + filling)
    write_atomic(folder / vault.RING_FILE, b"".join(blocks))
    return open_vault(folder, binding=RING, slots=slots)
