"""One ISO 8583 message as a frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

#: fields that are shown masked or not at all: PAN, tracks, PIN block, keys and chip data
SECRET_FIELDS: Final = frozenset({2, 14, 35, 36, 45, 52, 55, 62})
DEFAULT_TPDU: Final = "6000000000"


class Header(Struct, frozen=True):
    """The 6-byte header of the ``cup`` profile, 12 digits."""

    application_class: str = "61"
    """60 magnetic, 61 chip."""
    version: str = "31"
    status: str = "0"
    """0 live, 1 test."""
    demand: str = "0"
    """Host demand: 0 none, 3 sign on again, others see ``iso8583.md``."""
    sub_version: str = "000000"

    def digits(self) -> str:
        return self.application_class + self.version + self.status + self.demand + self.sub_version


class Message(Struct, frozen=True):
    """MTI and fields. Values are text: digits, ASCII, or upper-case hex for binary fields
    (52, 55, 62, 64). The printed form shows no secret."""

    mti: str
    fields: Mapping[int, str]
    header: Header = field(default_factory=Header)
    tpdu: str = DEFAULT_TPDU

    def get(self, number: int) -> str | None:
        return self.fields.get(number)

    def with_fields(self, changes: Mapping[int, str | None]) -> Message:
        """A copy with fields set, or taken out where the value is None."""
        fields = {**self.fields, **changes}
        kept = {number: value for number, value in fields.items() if value is not None}
        return replace(self, fields=MappingProxyType(dict(sorted(kept.items()))))

    def shown(self) -> dict[str, str]:
        """The fields for logs and records: card number masked, secrets left out."""
        shown = {
            str(number): value
            for number, value in sorted(self.fields.items())
            if number not in SECRET_FIELDS
        }
        pan = self.fields.get(2)
        if pan is not None:
            shown["2"] = pan[:6] + "*" * max(0, len(pan) - 10) + pan[-4:]
        return shown

    def __repr__(self) -> str:
        return f"Message({self.mti}, {self.shown()})"
