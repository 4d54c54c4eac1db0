"""Keys that everybody has: those of the ledgers in this project's tests.

They are made from a constant, so that a ledger of an earlier version can lie in the repository
and be opened. No terminal may trade under them. Only their check values stand here.
"""

from __future__ import annotations

from typing import Final

from pos_terminal.core.words import Failure
from pos_terminal.services.security.components import kcv
from pos_terminal.services.security.tokens import key_id

TMK_CHECK_VALUE: Final = "57010376"
KEY_IDS: Final = frozenset({"4eec6543", "31a57299", "8caf18d7", "eba01ec3", "5ab0ff14"})
"""As ``tokens.key_id`` names them: token keys, audit key, ring key, PIN key."""


def refuse_test_keys(tmk: bytes, *others: bytes) -> None:
    """Failure ``provision.test_key`` where one of them is a key of the tests."""
    if kcv(tmk) == TMK_CHECK_VALUE or any(key_id(key) in KEY_IDS for key in others):
        raise Failure("provision.test_key")
