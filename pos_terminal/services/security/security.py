"""Everything of this folder, opened together for one terminal."""

from __future__ import annotations

import asyncio

from msgspec import Struct

from pos_terminal.config import Config
from pos_terminal.ports import Clock, Runner
from pos_terminal.services.security.keystore import KeyStore
from pos_terminal.services.security.people import Note, Sleep, StoredPeople
from pos_terminal.services.security.people_db import PeopleDb
from pos_terminal.services.security.pin_hash import PinHasher
from pos_terminal.services.security.provisioned import unprovisioned
from pos_terminal.services.security.tokens import KeyedTokens
from pos_terminal.services.security.vault import Vault, open_vault


class Security(Struct, frozen=True):
    """Keys, vault and tokens of a provisioned terminal, and its people's file."""

    keystore: KeyStore
    vault: Vault
    tokens: KeyedTokens
    people_db: PeopleDb

    @classmethod
    def open(cls, config: Config) -> Security:
        """Failure ``people.unprovisioned`` where the terminal must not trade yet, or what is
        wrong with the keys, the ring or the people. Blocks for the disk and the TPM."""
        failure = unprovisioned(config)
        if failure is not None:
            raise failure
        return cls.assemble(config)

    @classmethod
    def assemble(cls, config: Config) -> Security:
        """As ``open``, whether or not there are people enough to trade.

        Failure ``keys.missing`` on a terminal that has no keys.
        """
        keystore = KeyStore.of(config)
        tokens = KeyedTokens(keystore.token_key, keystore.older_token_keys)
        vault = open_vault(config.data_dir, binding=keystore.ring_key)
        try:
            return cls(keystore, vault, tokens, PeopleDb.open(config.data_dir))
        except BaseException:
            vault.close()
            raise

    def people(
        self,
        *,
        clock: Clock,
        runner: Runner,
        note: Note | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> StoredPeople:
        """``ports.People`` for the flows. ``note`` is the ledger's."""
        hasher = PinHasher(self.keystore.pin_key)
        return StoredPeople(
            self.people_db,
            hasher,
            badge_key=self.keystore.badge_key,
            clock=clock,
            runner=runner,
            note=note,
            sleep=sleep,
        )

    def close(self) -> None:
        self.people_db.close()
        self.vault.close()
