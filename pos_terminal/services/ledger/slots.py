"""Which key slots are free, used by an open record, or spent (R54); the keys are the vault's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.ports import CardVault
from pos_terminal.services.ledger.step import Step

FIRST_FREE: Final = "SELECT slot FROM key_slots WHERE state = 'free' ORDER BY slot LIMIT 1"
SPENT: Final = "SELECT slot FROM key_slots WHERE state = 'spent' ORDER BY slot"


def record_name(refund_id: int) -> str:
    """What a blob is bound to."""
    return f"refund/{refund_id}"


def ensure(step: Step) -> None:
    """A row for every slot of the vault's ring; new ones are free."""
    count = step.vault.slots if step.vault is not None else 0
    known = step.db.execute("SELECT count(*) FROM key_slots").fetchone()[0]
    step.db.executemany(
        "INSERT OR IGNORE INTO key_slots (slot, state) VALUES (?, 'free')",
        ((slot,) for slot in range(known, count)),
    )


def seal(step: Step, vault: CardVault, refund_id: int, secret: bytes) -> tuple[int, bytes]:
    """Seal under the first free slot whose key is sound; the slot and the blob.

    A damaged slot is marked spent, so that it gets a fresh key. Failure ``ledger.no_keys``.
    """
    while (row := step.db.execute(FIRST_FREE).fetchone()) is not None:
        slot = row["slot"]
        try:
            blob = vault.seal(slot, record_name(refund_id), secret)
        except Failure as failure:
            if failure.code != "keys.slot":
                raise
            step.db.execute("UPDATE key_slots SET state = 'spent' WHERE slot = ?", (slot,))
            continue
        step.db.execute(
            "UPDATE key_slots SET state = 'used', refund_id = ? WHERE slot = ?", (refund_id, slot)
        )
        return slot, blob
    raise Failure("ledger.no_keys")


def spend(step: Step, refund_id: int) -> None:
    """The record is closed: its card data goes now, its key when nobody waits."""
    step.db.execute(
        """UPDATE key_slots SET state = 'spent', refund_id = NULL
        WHERE slot = (SELECT slot FROM messages WHERE refund_id = ?)""",
        (refund_id,),
    )
    step.db.execute(
        "UPDATE messages SET slot = NULL, secret = NULL, reversal = 0 WHERE refund_id = ?",
        (refund_id,),
    )


def free(step: Step, slots: Sequence[int]) -> None:
    """Their keys were overwritten by fresh ones."""
    step.db.executemany(
        "UPDATE key_slots SET state = 'free' WHERE slot = ? AND state = 'spent'",
        ((slot,) for slot in slots),
    )
