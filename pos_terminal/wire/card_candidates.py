"""Which applications a card offers: its directory (PSE, PPSE), or the list of AIDs tried."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from pos_terminal.core.interface import Interface
from pos_terminal.core.words import Failure
from pos_terminal.wire import aid as aids
from pos_terminal.wire import apdu, tlv
from pos_terminal.wire.card_exchange import Exchange, Steps
from pos_terminal.wire.tlv import Tlv, TlvError

_DIRECTORY: Final = {Interface.CONTACT: b"1PAY.SYS.DDF01", Interface.TAP: b"2PAY.SYS.DDF01"}
_MAX_DIRECTORY_SFI: Final = 10
_MAX_DIRECTORY_RECORDS: Final = 10
_MAX_CANDIDATES: Final = 10
_LAST: Final = 16
"""Behind every priority that a card can give (1 to 15; 0 means none)."""


class Candidate(Struct, frozen=True):
    """An application that the card named."""

    aid: bytes
    label: str
    priority: int


def listed(exchange: Exchange, interface: Interface) -> Steps[tuple[Candidate, ...]]:
    """The directory's applications of known schemes, best first; empty without a directory.

    Raises Failure ``card.blocked``.
    """
    reply = yield from exchange.send(apdu.select(_DIRECTORY[interface]))
    if reply.status == apdu.BLOCKED_CARD:
        raise Failure("card.blocked")
    if not reply.done:
        return ()
    try:
        directory = tlv.parse(reply.data)
    except TlvError:
        return ()
    if interface is Interface.CONTACT:
        directory = yield from _records(exchange, directory)
    found = [entry for item in tlv.walk(directory) if item.tag == "61" for entry in _entry(item)]
    found.sort(key=lambda candidate: candidate.priority)
    return tuple(found[:_MAX_CANDIDATES])


def _records(exchange: Exchange, directory: tuple[Tlv, ...]) -> Steps[tuple[Tlv, ...]]:
    """The payment system directory's records, until 6A83 or what makes no sense."""
    sfi = tlv.first(directory, "88")
    if sfi is None or len(sfi) != 1 or not 1 <= sfi[0] <= _MAX_DIRECTORY_SFI:
        return ()
    found: list[Tlv] = []
    for number in range(1, _MAX_DIRECTORY_RECORDS + 1):
        reply = yield from exchange.send(apdu.read_record(sfi[0], number))
        if not reply.done:
            break
        try:
            found += tlv.parse(reply.data)
        except TlvError:
            break
    return tuple(found)


def _entry(item: Tlv) -> tuple[Candidate, ...]:
    """A directory entry; nothing where it is malformed or of a foreign scheme."""
    aid = tlv.first(item.children, "4F")
    if aid is None or not aids.MIN_BYTES <= len(aid) <= aids.MAX_BYTES or not aids.scheme_of(aid):
        return ()
    return (Candidate(aid, label_of(item.children), _priority(item.children)),)


def _priority(objects: tuple[Tlv, ...]) -> int:
    value = tlv.first(objects, "87") or b"\0"
    return value[0] & 0x0F or _LAST


def label_of(objects: tuple[Tlv, ...]) -> str:
    """The name that the card gives its application: 9F12, else 50; plain ASCII, 16 at most."""
    for tag in ("9F12", "50"):
        value = tlv.first(objects, tag) or b""
        if value and all(0x20 <= byte < 0x7F for byte in value):
            return value[:16].decode("ascii").strip()
    return ""
