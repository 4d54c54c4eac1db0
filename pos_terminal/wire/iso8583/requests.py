"""Builds every request of the message table from plain facts; the profile says what goes in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from pos_terminal.core.answers import ReversalReason
from pos_terminal.core.money import MAX_AMOUNT
from pos_terminal.core.pan import Pan

from .message import DEFAULT_TPDU, Message
from .profile import Function, MessageRule, Profile, join_parts

NO_PIN: Final = "2"
"""Third digit of field 22: this terminal takes no PIN."""
_NOT_KNOWN: Final = "000000"
"""Batch and trace of an original in field 61 that nobody knows."""
_PARTS: Final = {12: 2, 16: 3}
"""Of field 61, by its digits: batch, trace, and the day."""
READER_CHIP: Final = "5"
READER_BOTH: Final = "6"
"""60.4: chip alone, or chip and contactless."""
_FIELD_39: Final = {
    ReversalReason.NO_ANSWER: "98",
    ReversalReason.BAD_MAC: "A0",
    ReversalReason.OTHER: "06",
}
"""Of a reversal."""


class EntryMode(StrEnum):
    """How the card number was read: the first two digits of field 22 (ISO 8583:1987)."""

    NONE = "00"
    """Unspecified: there is none. 01 would say that somebody typed one."""
    MANUAL = "01"
    CHIP = "05"
    TAP = "07"


class Station(Struct, frozen=True, kw_only=True):
    """Who sends, in which batch."""

    terminal_id: str
    """Field 41, 8 characters."""
    merchant_id: str
    """Field 42, 15 characters."""
    batch: str
    """Six digits."""
    tpdu: str = DEFAULT_TPDU
    reader: str = READER_BOTH


class SignOnRequest(Station, frozen=True, kw_only=True):
    stan: str
    serial: str = ""
    """The terminal's serial number, where the profile's field 62 has it."""
    variant: str | None = None
    """60.3; the profile's where None."""


class SaleRequest(Station, frozen=True, kw_only=True):
    """Only hw-sim sells; the base of what gives money back."""

    pan: Pan | None
    """None: the original's reference alone leads to the account (``by_reference``)."""
    amount: int
    """Minor units."""
    stan: str
    """Six digits."""
    entry: EntryMode
    currency: str
    expiry: str | None = None
    """YYMM, where the card gave it."""
    card_sequence: str | None = None
    """PAN sequence number, three digits, where the card gave it."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.pan!r}, {self.amount}, STAN {self.stan})"


class RefundRequest(SaleRequest, frozen=True, kw_only=True):
    """A refund, or with the full amount a void, of an original purchase."""

    original_rrn: str
    """Field 37, 12 characters."""
    original_batch: str
    original_trace: str
    original_mmdd: str = "0000"
    """The day of the purchase; only a refund's field 61 has it."""
    original_auth: str | None = None
    """Field 38, 6 characters; a void needs it."""


def reader_digit(*, contactless: bool) -> str:
    """60.4 of a terminal with or without a contactless reader."""
    return READER_BOTH if contactless else READER_CHIP


def sign_on(profile: Profile, request: SignOnRequest) -> Message:
    """0800 for new session keys and the batch number.

    ValueError where its field 62 is to have a serial number and there is none.
    """
    values = {11: request.stan, 62: _sign_on_62(profile, request.serial), 63: profile.operator_63}
    return _build(profile, Function.SIGN_ON, request, values, network=request.variant)


def sign_off(profile: Profile, station: Station, stan: str) -> Message:
    """0820 that ends the session."""
    return _build(profile, Function.SIGN_OFF, station, {11: stan})


def echo(profile: Profile, station: Station) -> Message:
    """0820 that only asks whether the acquirer is there."""
    return _build(profile, Function.ECHO, station, {})


def sale(profile: Profile, request: SaleRequest) -> Message:
    """0200 purchase, for hw-sim's own sales."""
    return _build(profile, Function.SALE, request, _card(request))


def refund(profile: Profile, request: RefundRequest) -> Message:
    """The refund of part or all of an older purchase.

    ValueError for one without a card's number where the profile takes none by reference, or where a
    part of the reference is missing.
    """
    if request.pan is None:
        _must_refer(profile, request)
    return _back(profile, Function.REFUND, request)


def _must_refer(profile: Profile, request: RefundRequest) -> None:
    if not profile.by_reference:
        raise ValueError("the acquirer refunds nothing by reference")
    named = [request.original_rrn, request.original_auth]
    if profile.original_61 == "known":
        named += [request.original_batch, request.original_trace]
    if not all(named) or request.expiry or request.card_sequence:
        raise ValueError("a refund by reference has the whole of it, and nothing of a card")


def void(profile: Profile, request: RefundRequest) -> Message:
    """The void of a purchase of the current batch; ``amount`` is the purchase's.

    ValueError for one without a card's number: ``by_reference`` is of refunds.
    """
    if request.pan is None:
        raise ValueError("a void has the card's number")
    return _back(profile, Function.VOID, request)


def repeat(profile: Profile, original: Message) -> Message:
    """``original`` once more: identical, or with the MTI that the profile has for repeats."""
    function = profile.function(original)
    mti = None if function is None else profile.messages[function].repeat_request
    message = original.with_fields({64: None})
    return message if mti is None else Message(mti, message.fields, message.header, message.tpdu)


def reversal(
    profile: Profile, original: Message, reason: ReversalReason = ReversalReason.NO_ANSWER
) -> Message:
    """The 0400 that undoes ``original``: its STAN and its fields, with the reason in 39.

    ValueError where the profile has no reversal for such a message (a refund of ``cup``).
    """
    function = profile.function(original)
    if function is None or not profile.messages[function].reversible:
        raise ValueError(f"a {original.mti} of {function} is never reversed")
    rule = profile.messages[Function.REVERSAL]
    taken = {3, 25, 60, *rule.fields, *rule.optional}
    values = {number: value for number, value in original.fields.items() if number in taken}
    left_out = {2} - set(original.fields)
    values[39] = _FIELD_39[reason]
    match profile.reversal_61:
        case "own":
            values[61] = profile.parts_60(original)["batch"] + original.fields[11]
        case "none":
            values.pop(61, None)
            left_out.add(61)
    _complete(rule, values, besides=left_out)
    return Message(rule.request, _sorted(values), original.header, original.tpdu)


def _back(profile: Profile, function: Function, request: RefundRequest) -> Message:
    void = function is Function.VOID
    zeros = profile.original_61 == "zero" and not void
    original = {
        "batch": _NOT_KNOWN if zeros else request.original_batch or _NOT_KNOWN,
        "trace": _NOT_KNOWN if zeros else request.original_trace or _NOT_KNOWN,
        "date": request.original_mmdd,
    }
    count = _PARTS[profile.void_61] if void else profile.messages[function].parts_61
    values = _card(request) | {
        37: request.original_rrn,
        38: request.original_auth,
        61: join_parts(profile.field_61, count, original) or None,
    }
    return _build(
        profile,
        function,
        request,
        values,
        left_out=set() if request.pan is not None else {2},
    )


def _sign_on_62(profile: Profile, serial: str) -> str | None:
    """Hexadecimal, as all binary fields."""
    if profile.sign_on_62 == "none":
        return None
    if not serial:
        raise ValueError("field 62 of the sign-on needs [acquirer] serial")
    text = profile.sign_on_62.format(length=f"{len(serial):02d}", serial=serial)
    return text.encode("ascii").hex().upper()


def _card(request: SaleRequest) -> dict[int, str | None]:
    if not 0 < request.amount <= MAX_AMOUNT:
        raise ValueError(f"an amount of {request.amount} can't be sent")
    return {
        2: None if request.pan is None else request.pan.reveal(),
        4: f"{request.amount:012d}",
        11: request.stan,
        14: request.expiry,
        22: request.entry + NO_PIN,
        23: request.card_sequence,
        49: request.currency,
    }


def _build(
    profile: Profile,
    function: Function,
    station: Station,
    values: Mapping[int, str | None],
    *,
    network: str | None = None,
    left_out: Collection[int] = frozenset(),
) -> Message:
    rule = profile.messages[function]
    parts = {
        "type": rule.type or "00",
        "batch": station.batch,
        "network": network or rule.network or "000",
        "reader": station.reader,
    }
    known: dict[int, str | None] = {
        **values,
        **rule.constants,
        41: station.terminal_id,
        42: station.merchant_id,
    }
    wanted = {*rule.fields, *rule.optional}
    fields = {n: value for n, value in known.items() if value is not None and n in wanted}
    for number, value in ((3, rule.processing), (25, rule.condition)):
        if value is not None:
            fields[number] = value
    if rule.parts_60:
        fields[60] = join_parts(profile.field_60, rule.parts_60, parts)
    _complete(rule, fields, besides=left_out)
    return Message(rule.request, _sorted(fields), profile.header(), station.tpdu)


def _complete(
    rule: MessageRule, fields: Mapping[int, str], besides: Collection[int] = frozenset()
) -> None:
    missing = [one for one in rule.fields if one not in fields and one not in besides]
    if missing:
        raise ValueError(f"a {rule.request} needs field {missing[0]}")


def _sorted(fields: Mapping[int, str]) -> Mapping[int, str]:
    return MappingProxyType(dict(sorted(fields.items())))
