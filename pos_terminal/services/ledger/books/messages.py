"""Sealed requests: each message without its secrets, and the slots of keys that those lie under.

The keys themselves are the vault's (R54); here stands which slot is free, used or spent.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pos_terminal.core.refund import OPEN
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books.book import Book, Gone, Listing
from pos_terminal.services.ledger.names import Names, among


class SlotState(StrEnum):
    FREE = "free"
    USED = "used"
    """By an open record."""
    SPENT = "spent"
    """Its record is closed, or its key is damaged: to be overwritten."""


_TABLES: Final = """
CREATE TABLE key_slots (
    slot INTEGER PRIMARY KEY,
    state TEXT NOT NULL REFERENCES key_slot_states,
    refund_id INTEGER
) STRICT;
CREATE INDEX key_slots_state ON key_slots (state, slot);

CREATE TABLE messages (
    refund_id INTEGER PRIMARY KEY REFERENCES refunds,
    mti TEXT NOT NULL,
    header TEXT NOT NULL CHECK (json_valid(header)),
    tpdu TEXT NOT NULL,
    fields TEXT NOT NULL CHECK (json_valid(fields)),
    reversal INTEGER NOT NULL CHECK (reversal IN (0, 1)),
    slot INTEGER REFERENCES key_slots,
    secret BLOB,
    CHECK ((slot IS NULL) = (secret IS NULL))
) STRICT;
"""
_PENDING: Final = f"""SELECT r.refund_id, iif(m.reversal, 'reversal', 'repeat') AS message, m.mti,
    r.kind, r.state, r.batch, r.stan, r.amount, r.repeats AS tries, r.sealed_at AS since
    FROM refunds r JOIN messages m USING (refund_id)
    WHERE r.state IN {among(OPEN)} ORDER BY r.refund_id"""

BOOK: Final = Book(
    names=(Names.of("key_slot_states", SlotState),),
    tables=_TABLES,
    goes=(Gone("messages", purges.OF_REFUNDS),),
    lists=(
        Listing(
            name="pending",
            sql=_PENDING,
            columns=(
                *("refund_id", "message", "state", "batch", "stan", "amount", "tries", "since"),
            ),
            whole=True,
        ),
    ),
)
