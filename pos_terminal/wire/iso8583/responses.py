"""One row of a profile's response table: codes of field 39 and what they mean in each column."""

from __future__ import annotations

from msgspec import Struct

from pos_terminal.core.answers import SAYABLE, Meaning, Sending, disagreeing
from pos_terminal.core.said import Said


class ResponseRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One row: codes that mean the same, and what they mean for each kind of message."""

    codes: list[str]
    says: Said
    """What people read of it."""
    first: Meaning
    repeat: Meaning
    reversal: Meaning
    void: Meaning | None = None
    """First send of a void, where it differs from a refund's."""

    def __post_init__(self) -> None:
        for sending in Sending:
            meaning = self.meaning(sending)
            if meaning not in SAYABLE[sending]:
                codes = ", ".join(self.codes)
                raise ValueError(f'"{meaning}" can\'t be what {codes} means for a {sending}')
        against = disagreeing({sending: self.meaning(sending) for sending in Sending})
        if against is not None:
            one, other = (f'"{self.meaning(sending)}" for a {sending}' for sending in against)
            raise ValueError(f"{', '.join(self.codes)} can't mean {one} and {other}")

    def meaning(self, sending: Sending) -> Meaning:
        match sending:
            case Sending.REFUND:
                return self.first
            case Sending.VOID:
                return self.first if self.void is None else self.void
            case Sending.REPEAT:
                return self.repeat
            case Sending.REVERSAL:
                return self.reversal
