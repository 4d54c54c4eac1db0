"""Sealed requests."""

from __future__ import annotations

from typing import Protocol

from pos_terminal.wire.iso8583.message import Message


class MessageReads(Protocol):
    def request(self, refund_id: int) -> Message:
        """The request without its secret fields and field 64; for a closed refund as well.

        KeyError where none was sealed.
        """


class Messages(MessageReads, Protocol):
    def reopen(self, refund_id: int) -> Message:
        """The sealed request again, card data decrypted, without field 64.

        Failure ``ledger.closed`` once its card data are destroyed.
        """
