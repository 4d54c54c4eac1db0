"""Reading a card as far as a refund needs: who it is, and not one command more (R28).

A pure generator: it yields command APDUs and is sent answers; the caller owns reader and clock.
Order of work: EMV Book 1, section 12 (application selection) and Book 3, sections 10.1 and 10.2.
No GENERATE AC: nothing is bought, so the card's risk management is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from pos_terminal.core.card_match import Need
from pos_terminal.core.interface import Interface
from pos_terminal.core.pan import Pan
from pos_terminal.core.sale import Funding
from pos_terminal.core.words import Failure
from pos_terminal.wire import aid as aids
from pos_terminal.wire import apdu, card_candidates, tlv
from pos_terminal.wire.apdu import Reply
from pos_terminal.wire.card_candidates import Candidate
from pos_terminal.wire.card_exchange import Exchange, NextApplication, Steps
from pos_terminal.wire.card_identity import Identity, identity
from pos_terminal.wire.card_pdol import TerminalData, fill
from pos_terminal.wire.tlv import Tlv, TlvError

_STORAGE_CARD: Final = bytes.fromhex("804F0CA000000306")
"""In the historical bytes of an ATR: a memory card (PC/SC part 3, 3.1.3.2.3)."""
_CONDITIONS: Final = "6985"
"""How an application says that it is not for this use; it tells nobody what to do."""
_MAX_RECORDS: Final = 32
_MAX_PARTIAL_MATCHES: Final = 4


class CardRead(Struct, frozen=True):
    """A card as one of its applications says who it is."""

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


Judge = Callable[[CardRead], Need]
"""Told what is known of an application once its number is, and again with each record more."""


def identify(
    interface: Interface,
    atr: bytes,
    judge: Judge,
    *,
    today: date,
    unpredictable: bytes,
    currency: str,
) -> Steps[tuple[CardRead, ...]]:
    """Who the card is by each of its applications, in their order: up to the one that ``judge``
    needs nothing more of, which is then the last, or all.

    Raises Failure ``card.…``, and nothing else, whatever the card answers. ``currency`` is ISO 4217
    numeric; its digits stand for the country too, as the two standards number alike.
    """
    if _STORAGE_CARD in atr:
        raise Failure("card.unsupported")
    if not atr:
        raise Failure("card.several", cause="no answer to reset")
    data = TerminalData(today, unpredictable, currency, country=currency)
    return (yield from _Reading(interface, data, judge).run())


class _Reading:
    """The state of one reading: what is left of its commands, whom it found, and why
    applications failed."""

    def __init__(self, interface: Interface, data: TerminalData, judge: Judge) -> None:
        self._interface = interface
        self._data = data
        self._judge = judge
        self._exchange = Exchange()
        self._selected: set[bytes] = set()
        self._found: list[CardRead] = []
        self._failed: list[Failure] = []

    def run(self) -> Steps[tuple[CardRead, ...]]:
        try:
            candidates = yield from card_candidates.listed(self._exchange, self._interface)
            yield from self._try_each(candidates) if candidates else self._try_known()
        except NextApplication as ended:  # between applications: a card that never comes to an end
            self._failed.append(ended.why)
        except Failure as stopped:
            if stopped.code != "card.blocked" or not self._found:
                raise
        if not self._found:
            raise _most_telling(self._failed)
        return tuple(self._found)

    def _try_each(self, candidates: Sequence[Candidate]) -> Steps[None]:
        """What the directory lists, until the one that is wanted."""
        for candidate in candidates:
            reply = yield from self._exchange.send(apdu.select(candidate.aid))
            if (yield from self._serves(candidate.aid, candidate.label, reply)):
                return

    def _try_known(self) -> Steps[None]:
        """Every AID that we know, and further ones with the same beginning."""
        for prefix in aids.SUPPORTED:
            for turn in range(_MAX_PARTIAL_MATCHES):
                command = apdu.select(prefix, following=turn > 0)
                reply = yield from self._exchange.send(command)
                if reply.status == apdu.NOT_FOUND:
                    break
                if (yield from self._serves(prefix, "", reply)):
                    return
                if not reply.done and reply.status != apdu.BLOCKED_APPLICATION:
                    break

    def _serves(self, aid: bytes, label: str, selected: Reply) -> Steps[bool]:
        """Whether this application is the one that is wanted. What it says of itself is kept, or
        why it can't."""
        try:
            return (yield from self._read(aid, label, selected))
        except NextApplication as next_one:
            self._failed.append(next_one.why)
            return False

    def _read(self, aid: bytes, label: str, selected: Reply) -> Steps[bool]:
        objects = _selected(selected)
        own = tlv.first(objects, "84")
        name = own or aid
        scheme = aids.scheme_of(name) or aids.scheme_of(aid)
        if scheme is None or own in self._selected:
            # a card without partial selection gives the same one again when asked for the next
            raise NextApplication(Failure("card.no_application"))
        self._selected |= {own} if own else set()
        options = yield from self._options(tlv.first(objects, "9F38") or b"")

        def card(told: Sequence[Tlv]) -> CardRead | None:
            found = _identity(told, name)
            if found is None:
                return None
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

        return (yield from self._records(options, card))

    def _options(self, pdol: bytes) -> Steps[tuple[Tlv, ...]]:
        """GET PROCESSING OPTIONS: format 1 (80) is turned into the objects of format 2 (77)."""
        try:
            command = apdu.get_processing_options(fill(pdol, self._data))
        except TlvError as error:
            raise NextApplication(_unreadable(error)) from None
        reply = yield from self._exchange.send(command)
        if self._interface is Interface.TAP and reply.status == apdu.SEE_PHONE:
            raise Failure("card.see_phone")
        if self._interface is Interface.TAP and reply.status == apdu.OTHER_INTERFACE:
            raise NextApplication(Failure("card.insert_instead"))
        objects = _parsed(reply, "GET PROCESSING OPTIONS")
        if objects and objects[0].tag == "80":
            value = objects[0].value
            return (Tlv("82", value[:2]), Tlv("94", value[2:]))
        return objects

    def _records(
        self, options: tuple[Tlv, ...], card: Callable[[Sequence[Tlv]], CardRead | None]
    ) -> Steps[bool]:
        """Read records until the number is there and ``judge`` needs no more, or they end.

        An error after the number is known ends this application, and no more than that.
        """
        objects = list(options)
        found = card(objects)
        need = self._need(found)
        try:
            for sfi, number in _located(tlv.first(options, "94") or b""):
                if need is not Need.ACCOUNT:
                    break
                reply = yield from self._exchange.send(apdu.read_record(sfi, number))
                if reply.status == apdu.NO_RECORD:
                    continue
                objects += _parsed(reply, "READ RECORD")
                found = card(objects)
                need = self._need(found)
        except NextApplication:
            if found is None:
                raise
        if found is None:
            raise NextApplication(Failure("card.unreadable", cause="no card number in it"))
        self._keep(found)
        return need is Need.NOTHING

    def _need(self, found: CardRead | None) -> Need:
        return Need.ACCOUNT if found is None else self._judge(found)

    def _keep(self, card: CardRead) -> None:
        """A number more, or one that is known together with its account."""
        for place, known in enumerate(self._found):
            if known.pan == card.pan:
                if known.par is None and card.par is not None:
                    self._found[place] = card
                return
        self._found.append(card)


def _identity(objects: Sequence[Tlv], aid: bytes) -> Identity | None:
    """None while the number is unknown. Failure ``card.disagree``: no card to go on with."""
    try:
        return identity(objects, aid)
    except Failure as failure:
        if failure.code == "card.disagree":
            raise
        raise NextApplication(failure) from None


_TELLING: Final = ("card.no_application", "card.status", "card.unreadable", "card.insert_instead")
"""Why applications failed, the least telling first."""


def _most_telling(failed: Sequence[Failure]) -> Failure:
    """What helps the person at the counter most; of several alike the card's favourite's."""

    def weight(failure: Failure) -> tuple[int, bool]:
        refused = failure.words.values.get("status") == _CONDITIONS
        return _TELLING.index(failure.code), not refused

    return max(failed, key=weight, default=Failure("card.no_application"))


def _selected(reply: Reply) -> tuple[Tlv, ...]:
    """The FCI of a selected application."""
    if reply.status == apdu.BLOCKED_CARD:
        raise Failure("card.blocked")
    if reply.status in (apdu.NOT_FOUND, apdu.BLOCKED_APPLICATION):
        raise NextApplication(Failure("card.no_application"))
    return _parsed(reply, "SELECT")


def _parsed(reply: Reply, command: str) -> tuple[Tlv, ...]:
    """The objects of an answer, where the card carried the command out."""
    if not reply.done:
        status = f"{reply.status:04X}"
        raise NextApplication(Failure("card.status", status=status, command=command))
    try:
        return tlv.parse(reply.data)
    except TlvError as error:
        raise NextApplication(_unreadable(error)) from None


def _located(afl: bytes) -> Iterator[tuple[int, int]]:
    """(SFI, record) pairs of an application file locator, which is believed in nothing."""
    if len(afl) % 4:
        raise NextApplication(Failure("card.unreadable", cause="the file locator is cut off"))
    pairs = 0
    for at in range(0, len(afl), 4):
        sfi, first, last, _ = afl[at : at + 4]
        if sfi & 0x07 or not 1 <= sfi >> 3 <= 30 or not 1 <= first <= last:
            raise NextApplication(Failure("card.unreadable", cause="the file locator is wrong"))
        for number in range(first, last + 1):
            pairs += 1
            if pairs > _MAX_RECORDS:
                cause = f"more than {_MAX_RECORDS} records"
                raise NextApplication(Failure("card.unreadable", cause=cause))
            yield sfi >> 3, number


def _unreadable(error: TlvError) -> Failure:
    return Failure("card.unreadable", cause=str(error))
