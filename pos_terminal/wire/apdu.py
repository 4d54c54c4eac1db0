"""Commands to a card and its status words (ISO/IEC 7816-4; EMV Book 1, sections 9 and 11)."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

OK: Final = 0x9000
BLOCKED_CARD: Final = 0x6A81
NOT_FOUND: Final = 0x6A82
NO_RECORD: Final = 0x6A83
BLOCKED_APPLICATION: Final = 0x6283
OTHER_INTERFACE: Final = 0x6984
SEE_PHONE: Final = 0x6986


class Reply(Struct, frozen=True):
    """An answer: its data, and SW1 SW2 as one number. The repr leaves the data out."""

    data: bytes
    status: int

    @property
    def done(self) -> bool:
        """The command was carried out: 9000, or a warning other than "blocked"."""
        warned = self.status >> 8 in (0x62, 0x63) and self.status != BLOCKED_APPLICATION
        return self.status == OK or warned

    def __repr__(self) -> str:
        return f"Reply({len(self.data)} bytes, {self.status:04X})"


def parse_reply(answer: bytes) -> Reply | None:
    """An answer taken apart; None under two bytes: PC/SC says so when the card was pulled."""
    if len(answer) < 2:
        return None
    return Reply(answer[:-2], int.from_bytes(answer[-2:], "big"))


def select(name: bytes, *, following: bool = False) -> bytes:
    """SELECT by name, which may be the first bytes of an AID; ``following`` asks for the next."""
    return bytes((0x00, 0xA4, 0x04, 0x02 if following else 0x00, len(name))) + name + b"\x00"


def read_record(sfi: int, number: int) -> bytes:
    """READ RECORD ``number`` of the file with this short identifier."""
    return bytes((0x00, 0xB2, number, sfi << 3 | 0x04, 0x00))


def get_processing_options(pdol_data: bytes) -> bytes:
    """GET PROCESSING OPTIONS. ``pdol_data`` is the whole template 83."""
    return bytes((0x80, 0xA8, 0x00, 0x00, len(pdol_data))) + pdol_data + b"\x00"


def get_response(size: int) -> bytes:
    """GET RESPONSE; ``size`` 0 stands for 256."""
    return bytes((0x00, 0xC0, 0x00, 0x00, size))


def with_le(command: bytes, size: int) -> bytes:
    """The same command with another Le. All of ours end with one."""
    return command[:-1] + bytes((size,))
