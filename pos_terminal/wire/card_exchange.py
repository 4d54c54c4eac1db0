"""One command and its whole answer, as steps of a generator: bytes out, bytes in."""

from __future__ import annotations

from collections.abc import Generator
from typing import Final, TypeVar

from pos_terminal.core.words import Failure
from pos_terminal.wire import apdu
from pos_terminal.wire.apdu import Reply

T = TypeVar("T")
Steps = Generator[bytes, bytes, T]
"""Yields command APDUs, is sent the card's answers (data and SW1 SW2), returns its finding."""

MAX_COMMANDS: Final = 96
"""A whole reading takes 5 to 20; a card that leads us round in circles ends here."""
MAX_ANSWER_BYTES: Final = 2048


class NextApplication(Exception):
    """This application can't serve; ``why`` is said if no other can."""

    def __init__(self, why: Failure) -> None:
        super().__init__(str(why))
        self.why = why


class Exchange:
    """Counts what one reading sends, and deals with the half answers of T=0 cards."""

    def __init__(self) -> None:
        self._left = MAX_COMMANDS

    def send(self, command: bytes) -> Steps[Reply]:
        """The command's final answer: 61xx and 6Cxx are served, and warnings without data.

        Raises Failure ``card.gone``; NextApplication for what no card has to say.
        """
        reply = yield from self._once(command)
        if reply.status >> 8 == 0x6C:
            reply = yield from self._once(apdu.with_le(command, reply.status & 0xFF))
        if _warned_without_data(reply):
            return (yield from self._after_warning(reply))
        return (yield from self._collect(reply))

    def _once(self, command: bytes) -> Steps[Reply]:
        if not self._left:
            raise _senseless(f"more than {MAX_COMMANDS} commands")
        self._left -= 1
        reply = apdu.parse_reply((yield command))
        if reply is None:
            raise Failure("card.gone")
        return reply

    def _collect(self, reply: Reply) -> Steps[Reply]:
        """Follow 61xx to its end."""
        data = reply.data
        while reply.status >> 8 == 0x61:
            size = reply.status & 0xFF
            reply = yield from self._once(apdu.get_response(size))
            if reply.status >> 8 == 0x6C:
                reply = yield from self._once(apdu.get_response(reply.status & 0xFF))
            data += reply.data
            if len(data) > MAX_ANSWER_BYTES:
                raise _senseless(f"an answer over {MAX_ANSWER_BYTES} bytes")
        return Reply(data, reply.status)

    def _after_warning(self, warning: Reply) -> Steps[Reply]:
        """A T=0 card warns first and keeps the data (EMV Book 1, 9.3.1.2); not each has some."""
        reply = yield from self._once(apdu.get_response(0))
        if reply.status >> 8 == 0x6C:
            reply = yield from self._once(apdu.get_response(reply.status & 0xFF))
        reply = yield from self._collect(reply)
        return Reply(reply.data, warning.status)


def _senseless(cause: str) -> NextApplication:
    return NextApplication(Failure("card.unreadable", cause=cause))


def _warned_without_data(reply: Reply) -> bool:
    return reply.done and reply.status != apdu.OK and not reply.data
