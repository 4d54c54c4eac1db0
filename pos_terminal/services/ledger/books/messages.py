"""Sealed requests: each message without its secrets, and the slots of keys that those lie under.

The keys themselves are the vault's (R54); here stands which slot is free, used or spent.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec

from pos_terminal.core.answers import Sending
from pos_terminal.core.refund import HOLDING, OPEN, CardMatch, Kind
from pos_terminal.core.words import Failure
from pos_terminal.ports import Payee
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.audit import mark
from pos_terminal.services.ledger.books.book import (
    Book,
    Gone,
    Invariant,
    Listing,
    Log,
    ReadDoor,
    ReadFace,
)
from pos_terminal.services.ledger.names import Names, among
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.iso8583.message import SECRET_FIELDS, Header, Message

if TYPE_CHECKING:
    from pos_terminal.services.ledger.ports import CardVault


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
_PENDING: Final = f"""SELECT r.refund_id, iif(m.reversal, '{Sending.REVERSAL}',
    '{Sending.REPEAT}') AS message, m.mti, r.kind, r.state, r.batch, r.stan, r.amount,
    r.repeats AS tries, r.sealed_at AS since
    FROM refunds r JOIN messages m USING (refund_id)
    WHERE r.state IN {among(OPEN)} ORDER BY r.refund_id"""
_UNFIT: Final = f"""SELECT m.refund_id FROM messages m JOIN refunds r USING (refund_id)
    WHERE (m.slot IS NOT NULL) !=
        (r.state IN {among(HOLDING)} AND r.match != '{CardMatch.BY_REFERENCE}')
    OR m.reversal != (r.kind = '{Kind.VOID}' AND r.state IN {among(HOLDING)}) LIMIT 1"""
"""What may still be sent has its card, where there was one, and of a void its reversal; nothing
else has."""
_ASTRAY: Final = f"""SELECT k.slot FROM key_slots k LEFT JOIN messages m USING (slot)
    WHERE (k.state = '{SlotState.USED}') != (m.slot IS NOT NULL)
    OR k.refund_id IS NOT m.refund_id LIMIT 1"""
_OPEN: Final = f"""SELECT m.*, r.match = '{CardMatch.BY_REFERENCE}'
    AND r.state IN {among(HOLDING)} AS bare
    FROM messages m JOIN refunds r USING (refund_id) WHERE refund_id = ?"""
"""``bare``: it may still be sent, and never had a card."""
FIRST_FREE: Final = f"""SELECT slot FROM key_slots WHERE state = '{SlotState.FREE}'
    ORDER BY slot LIMIT 1"""
SPENT: Final = f"SELECT slot FROM key_slots WHERE state = '{SlotState.SPENT}' ORDER BY slot"
NEVER_STORED: Final = frozenset({35, 36, 45, 52, 55})
"""Tracks, PIN block and chip data: not even sealed."""
MAC_FIELD: Final = 64


def _record_name(refund_id: int) -> str:
    """What a blob is bound to."""
    return f"refund/{refund_id}"


def _ensure_slots(step: Step) -> None:
    """A row for every slot of the vault's ring; new ones are free."""
    count = step.vault.slots if step.vault is not None else 0
    known = step.db.execute("SELECT count(*) FROM key_slots").fetchone()[0]
    step.db.executemany(
        "INSERT OR IGNORE INTO key_slots (slot, state) VALUES (?, ?)",
        ((slot, SlotState.FREE) for slot in range(known, count)),
    )


def _seal(step: Step, vault: CardVault, refund_id: int, secret: bytes) -> tuple[int, bytes]:
    """Seal under the first free slot whose key is sound; the slot and the blob.

    A damaged slot is marked spent, so that it gets a fresh key. Failure ``ledger.no_keys``.
    """
    while (row := step.db.execute(FIRST_FREE).fetchone()) is not None:
        slot = row["slot"]
        try:
            blob = vault.seal(slot, _record_name(refund_id), secret)
        except Failure as failure:
            if failure.code != "keys.slot":
                raise
            step.db.execute(
                "UPDATE key_slots SET state = ? WHERE slot = ?", (SlotState.SPENT, slot)
            )
            continue
        step.db.execute(
            "UPDATE key_slots SET state = ?, refund_id = ? WHERE slot = ?",
            (SlotState.USED, refund_id, slot),
        )
        return slot, blob
    raise Failure("ledger.no_keys")


def spend(step: Step, refund_id: int) -> None:
    """The record is closed: its card data goes now, its key when nobody waits."""
    step.db.execute(
        """UPDATE key_slots SET state = ?, refund_id = NULL
        WHERE slot = (SELECT slot FROM messages WHERE refund_id = ?)""",
        (SlotState.SPENT, refund_id),
    )
    step.db.execute(
        "UPDATE messages SET slot = NULL, secret = NULL, reversal = 0 WHERE refund_id = ?",
        (refund_id,),
    )


def free_slots(step: Step, slots: Sequence[int]) -> None:
    """Their keys were overwritten by fresh ones."""
    step.db.executemany(
        "UPDATE key_slots SET state = ? WHERE slot = ? AND state = ?",
        ((SlotState.FREE, slot, SlotState.SPENT) for slot in slots),
    )


def check(message: Message, trace: str, card: Payee | None) -> None:
    """A second guard over the builder: the drawn STAN, the presented card, no forbidden field.

    ``card``: None for a leg that is asked for without one; one by reference has no number either.
    """
    forbidden = NEVER_STORED.intersection(message.fields)
    if forbidden:
        raise ValueError(f"fields {sorted(forbidden)} are never stored")
    if message.get(11) != trace or MAC_FIELD in message.fields:
        raise ValueError("the request has another STAN than was drawn, or a MAC already")
    number = None if card is None or card.pan is None else card.pan.reveal()
    if message.get(2) not in (None, number):
        raise ValueError("the request names another card than the presented one")
    shown = [text for field, text in message.fields.items() if field not in SECRET_FIELDS]
    if number is not None and any(number in text for text in shown):
        raise ValueError("the card number stands in a field that is stored in clear")


def store(step: Step, refund_id: int, message: Message, *, armed: bool) -> str:
    """Its secrets under a slot's key, where it has any; ``armed``: its reversal is owed from here
    on. Its mark, for the log.

    Failure ``ledger.no_keys``.
    """
    if step.vault is None:
        raise Failure("ledger.no_keys")
    clear = {str(n): text for n, text in message.fields.items() if n not in SECRET_FIELDS}
    secret = {str(n): text for n, text in message.fields.items() if n in SECRET_FIELDS}
    sealed: tuple[int | None, bytes | None] = (None, None)
    if secret:
        sealed = _seal(step, step.vault, refund_id, msgspec.json.encode(secret))
    header, fields = (msgspec.json.encode(part).decode() for part in (message.header, clear))
    shown = (refund_id, message.mti, header, message.tpdu, fields)
    step.db.execute(
        """INSERT INTO messages (refund_id, mti, header, tpdu, fields, reversal, slot, secret)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (*shown, int(armed), *sealed),
    )
    return mark(step.audit_key, "request", *shown)


def request(db: sqlite3.Connection, refund_id: int) -> Message:
    """The request as far as it is stored in clear. KeyError where none was sealed."""
    row = db.execute("SELECT * FROM messages WHERE refund_id = ?", (refund_id,)).fetchone()
    if row is None:
        raise KeyError(refund_id)
    return _message(row, msgspec.json.decode(row["fields"], type=dict[str, str]))


def _message(row: sqlite3.Row, fields: dict[str, str]) -> Message:
    ordered = dict(sorted((int(number), text) for number, text in fields.items()))
    header = msgspec.json.decode(row["header"], type=Header)
    return Message(row["mti"], MappingProxyType(ordered), header, row["tpdu"])


def reopen(db: sqlite3.Connection, vault: CardVault | None, refund_id: int) -> Message:
    """The sealed request again. Failure ``ledger.closed`` once its card data are destroyed, or
    would be if it had any."""
    row = db.execute(_OPEN, (refund_id,)).fetchone()
    if row is None or vault is None or (row["slot"] is None and not row["bare"]):
        raise Failure("ledger.closed", refund=refund_id)
    fields = msgspec.json.decode(row["fields"], type=dict[str, str])
    if row["slot"] is None:
        return _message(row, fields)
    opened = vault.open(row["slot"], _record_name(refund_id), row["secret"])
    fields |= msgspec.json.decode(opened, type=dict[str, str])
    return _message(row, fields)


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """Every request is as it was sealed. Its secret says itself whether it was changed."""
    gone = log.purged["refunds"]
    sealed = {
        entry["refund"]: entry["request"]
        for entry in log.entries["refund"]
        if "request" in entry and entry["refund"] not in gone
    }
    stored = db.execute("SELECT refund_id, mti, header, tpdu, fields FROM messages")
    if sealed != {row[0]: mark(log.key, "request", *row) for row in stored}:
        raise Failure("ledger.tampered", what="requests to the acquirer")


class MessageReads(ReadFace):
    """Fulfils ``ports.MessageReads``."""

    def request(self, refund_id: int) -> Message:
        return request(self._reads.db, refund_id)


class Messages(MessageReads):
    """Fulfils ``ports.Messages``."""

    def __init__(self, door: ReadDoor, vault: CardVault | None) -> None:
        super().__init__(door)
        self._vault = vault

    def reopen(self, refund_id: int) -> Message:
        return reopen(self._reads.db, self._vault, refund_id)


BOOK: Final = Book(
    names=(Names.of("key_slot_states", SlotState),),
    tables=_TABLES,
    begins=_ensure_slots,
    witness=_witness,
    invariants=(
        Invariant("request of refund", _UNFIT),
        Invariant("key slot", _ASTRAY),
    ),
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
