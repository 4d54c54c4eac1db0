"""Reading a card as far as a refund needs: who it is, and not one command more (R28).

A pure generator: it yields command APDUs and is sent answers; the caller owns reader and clock.
Order of work: EMV Book 1, section 12 (application selection) and Book 3, sections 10.1 and 10.2.
No GENERATE AC: nothing is bought, so the card's risk management is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from msgspec import Struct

from pos_terminal.core.interface import Interface
from pos_terminal.core.pan import Pan
from pos_terminal.core.sale import Funding
from pos_terminal.core.words import Failure
from pos_terminal.wire import aid as aids
from pos_terminal.wire import apdu, card_candidates, tlv
from pos_terminal.wire.apdu import Reply
from pos_terminal.wire.card_exchange import Exchange, Steps
from pos_terminal.wire.card_identity import Identity, identity
from pos_terminal.wire.card_pdol import TerminalData, fill
from pos_terminal.wire.tlv import Tlv, TlvError

_STORAGE_CARD: Final = bytes.fromhex("804F0CA000000306")
"""In the historical bytes of an ATR: a memory card (PC/SC part 3, 3.1.3.2.3)."""
_MAX_RECORDS: Final = 32
_MAX_PARTIAL_MATCHES: Final = 4


class CardRead(Struct, frozen=True):
    """A card that said who it is."""

    pan: Pan
    expiry: str | None
    """YYMM."""
    sequence: str | None
    """PAN sequence number, three digits."""
    par: str | None
    """Payment account reference, 29 characters; many plastic cards have none."""
    aid: str
    """Upper-case hex."""
    scheme: str
    """Brand as in ``wire.aid``."""
    funding: Funding
    label: str
    """What the card calls its application; may be empty."""
    interface: Interface


class _NextApplication(Exception):
    """This application can't serve; ``why`` is said if no other can."""

    def __init__(self, why: Failure) -> None:
        super().__init__(str(why))
        self.why = why


def identify(
    interface: Interface,
    atr: bytes,
    *,
    today: date,
    unpredictable: bytes,
    currency: str,
    country: str | None = None,
) -> Steps[CardRead]:
    """Read the card. Raises Failure ``card.…``, and nothing else, whatever the card answers.

    ``currency`` is ISO 4217 numeric; without ``country`` its digits stand for the country too,
    as the two standards number alike.
    """
    if _STORAGE_CARD in atr:
        raise Failure("card.unsupported")
    if not atr:
        raise Failure("card.several", cause="no answer to reset")
    data = TerminalData(today, unpredictable, currency, country or currency)
    return (yield from _Reading(interface, data).run())


class _Reading:
    """The state of one reading: what is left of its commands, and why applications failed."""

    def __init__(self, interface: Interface, data: TerminalData) -> None:
        self._interface = interface
        self._data = data
        self._exchange = Exchange()
        self._why: Failure | None = None

    def run(self) -> Steps[CardRead]:
        candidates = yield from card_candidates.listed(self._exchange, self._interface)
        for candidate in candidates:
            found = yield from self._try(candidate.aid, candidate.label)
            if found is not None:
                return found
        if not candidates:
            found = yield from self._try_all()
            if found is not None:
                return found
        raise self._why or Failure("card.no_application")

    def _try_all(self) -> Steps[CardRead | None]:
        """Every AID that we know, and further ones with the same beginning."""
        for prefix in aids.SUPPORTED:
            for turn in range(_MAX_PARTIAL_MATCHES):
                command = apdu.select(prefix, following=turn > 0)
                reply = yield from self._exchange.send(command)
                if reply.status == apdu.NOT_FOUND:
                    break
                found = yield from self._read_if_selected(prefix, "", reply)
                if found is not None:
                    return found
                if not reply.done and reply.status != apdu.BLOCKED_APPLICATION:
                    break
        return None

    def _try(self, aid: bytes, label: str) -> Steps[CardRead | None]:
        reply = yield from self._exchange.send(apdu.select(aid))
        return (yield from self._read_if_selected(aid, label, reply))

    def _read_if_selected(self, aid: bytes, label: str, reply: Reply) -> Steps[CardRead | None]:
        """What the application says; None, and ``_why`` set, where it can't serve."""
        try:
            return (yield from self._read(aid, label, reply))
        except _NextApplication as next_one:
            self._why = next_one.why
            return None

    def _read(self, aid: bytes, label: str, selected: Reply) -> Steps[CardRead]:
        objects = _selected(selected)
        name = tlv.first(objects, "84") or aid
        scheme = aids.scheme_of(name) or aids.scheme_of(aid)
        if scheme is None:
            raise _NextApplication(Failure("card.no_application"))
        options = yield from self._options(tlv.first(objects, "9F38") or b"")
        found = yield from self._identity(options, name)
        return CardRead(
            pan=found.pan,
            expiry=found.expiry,
            sequence=found.sequence,
            par=found.par,
            aid=name.hex().upper(),
            scheme=scheme.brand,
            funding=scheme.funding,
            label=card_candidates.label_of(objects) or label,
            interface=self._interface,
        )

    def _options(self, pdol: bytes) -> Steps[tuple[Tlv, ...]]:
        """GET PROCESSING OPTIONS: format 1 (80) is turned into the objects of format 2 (77)."""
        try:
            command = apdu.get_processing_options(fill(pdol, self._data))
        except TlvError as error:
            raise _NextApplication(_unreadable(error)) from None
        reply = yield from self._exchange.send(command)
        if self._interface is Interface.TAP and reply.status == apdu.SEE_PHONE:
            raise Failure("card.see_phone")
        if self._interface is Interface.TAP and reply.status == apdu.OTHER_INTERFACE:
            raise Failure("card.insert_instead")
        objects = _parsed(reply, "GET PROCESSING OPTIONS")
        if objects and objects[0].tag == "80":
            value = objects[0].value
            return (Tlv("82", value[:2]), Tlv("94", value[2:]))
        return objects

    def _identity(self, options: tuple[Tlv, ...], aid: bytes) -> Steps[Identity]:
        """Read records until the card is known through and through, or they end."""
        objects = list(options)
        found = identity(objects, aid)
        for sfi, number in _located(tlv.first(options, "94") or b""):
            if found is not None and found.complete:
                break
            reply = yield from self._exchange.send(apdu.read_record(sfi, number))
            if reply.status == apdu.NO_RECORD:
                continue
            objects += _parsed(reply, "READ RECORD")
            found = identity(objects, aid)
        if found is None:
            raise _NextApplication(Failure("card.unreadable", cause="no card number in it"))
        return found


def _selected(reply: Reply) -> tuple[Tlv, ...]:
    """The FCI of a selected application."""
    if reply.status == apdu.BLOCKED_CARD:
        raise Failure("card.blocked")
    if reply.status in (apdu.NOT_FOUND, apdu.BLOCKED_APPLICATION):
        raise _NextApplication(Failure("card.no_application"))
    return _parsed(reply, "SELECT")


def _parsed(reply: Reply, command: str) -> tuple[Tlv, ...]:
    """The objects of an answer, where the card carried the command out."""
    if not reply.done:
        status = f"{reply.status:04X}"
        raise _NextApplication(Failure("card.status", status=status, command=command))
    try:
        return tlv.parse(reply.data)
    except TlvError as error:
        raise _NextApplication(_unreadable(error)) from None


def _located(afl: bytes) -> Iterator[tuple[int, int]]:
    """(SFI, record) pairs of an application file locator, which is believed in nothing."""
    if len(afl) % 4:
        raise _NextApplication(Failure("card.unreadable", cause="the file locator is cut off"))
    pairs = 0
    for at in range(0, len(afl), 4):
        sfi, first, last, _ = afl[at : at + 4]
        if sfi & 0x07 or not 1 <= sfi >> 3 <= 30 or not 1 <= first <= last:
            raise _NextApplication(Failure("card.unreadable", cause="the file locator is wrong"))
        for number in range(first, last + 1):
            pairs += 1
            if pairs > _MAX_RECORDS:
                cause = f"more than {_MAX_RECORDS} records"
                raise _NextApplication(Failure("card.unreadable", cause=cause))
            yield sfi >> 3, number


def _unreadable(error: TlvError) -> Failure:
    return Failure("card.unreadable", cause=str(error))
