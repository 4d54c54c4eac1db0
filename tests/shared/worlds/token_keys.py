"""The token key is replaced while the terminal is stopped."""

from __future__ import annotations

from typing import Final

from hw_sim.proofs.simulation.shop import START
from hw_sim.proofs.simulation.site import Site
from msgspec import structs
from worlds.constant_keys import made

from pos_terminal.services.security.keystore import KEYS_FOLDER, KeyStore, OlderKey
from pos_terminal.services.security.tokens import KEY_BYTES

NEW: Final = made("another token key", KEY_BYTES)


async def replaced(site: Site) -> None:
    """What was stored under the old one is still known by it."""
    site.terminal.kill()
    store = KeyStore.open(site.terminal.image / KEYS_FOLDER)
    keys = store.terminal
    older = (OlderKey(keys.token, int(START.timestamp())), *keys.older)
    store.load(structs.replace(keys, token=NEW, older=older))
    await site.revive()
