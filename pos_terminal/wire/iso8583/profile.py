"""An acquirer's dialect as data: frames, fields, messages, answers and rules."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct, field

from pos_terminal.core.answers import Meaning, Sending, Terms, Trust, made_of, understood
from pos_terminal.core.eligibility import VoidScope
from pos_terminal.core.said import TO_FORM, Said

from .message import Header, Message
from .responses import ResponseRule

Mti = Annotated[str, Meta(pattern=r"^[0-9]{4}$")]
Digits = Annotated[str, Meta(pattern=r"^[0-9]+$")]
FieldNumber = Annotated[int, Meta(ge=2, le=64)]

Repeat = Literal["never", "identical"]
Probe = Literal["connect", "echo", "none"]


class Function(StrEnum):
    """The kinds of request, in the profile's message table."""

    SIGN_ON = "sign_on"
    SIGN_OFF = "sign_off"
    ECHO = "echo"
    SALE = "sale"
    VOID = "void"
    REFUND = "refund"
    REVERSAL = "reversal"


class Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A section whose unknown options are errors."""


class HeaderRule(Section, frozen=True, kw_only=True):
    """The constant digits of the 6-byte header."""

    application_class: Annotated[str, Meta(pattern=r"^[0-9]{2}$")] = "60"
    """One for the terminal, whatever card is there; 60 also for chip is the usual one."""
    version: Annotated[str, Meta(pattern=r"^[0-9]{2}$")]
    status: Annotated[str, Meta(pattern=r"^[01]$")] = "0"
    sub_version: Annotated[str, Meta(pattern=r"^[0-9]{6}$")]


class FrameRule(Section, frozen=True, kw_only=True):
    """How a message lies on the line."""

    length: Literal["binary2", "ascii4"]
    """Length in front, not counting itself: two bytes big-endian, or four ASCII digits."""
    max_body: Annotated[int, Meta(ge=64, le=9999)]
    """Bytes; a longer announcement is garbage."""
    tpdu: bool
    header: HeaderRule | None = None
    bitmap: Literal["binary", "hex"]
    numeric: Literal["bcd", "ascii"]
    """Digits, the MTI and length prefixes."""
    binary: Literal["raw", "hex"]


AUTH_CODE: Final = 6
"""Characters of an authorisation code (ISO 8583, field 38)."""


class FieldRule(Section, frozen=True, kw_only=True):
    """One field. Lengths count digits for n and z, bytes for the others."""

    kind: Literal["n", "z", "an", "ans", "b"]
    length: Annotated[int, Meta(ge=1, le=999)]
    """The length, or with a prefix the most it may be."""
    prefix: Literal[0, 2, 3] = 0
    """Digits of the length in front: LL or LLL."""
    pad: Literal["left", "right"] = "right"
    """Where an odd number of BCD digits gets its 0."""


class Part(Section, frozen=True, kw_only=True):
    """A named piece of field 60 or 61, in order."""

    name: str
    digits: Annotated[int, Meta(ge=1, le=11)]
    value: Digits | None = None
    """A constant."""


class MessageRule(Section, frozen=True, kw_only=True):
    """One row of the message table."""

    request: Mti
    answer: Mti
    repeat_request: Mti | None = None
    """MTI of a repeat, where the profile has one of its own."""
    repeat_answer: Mti | None = None
    processing: Digits | None = None
    """Field 3."""
    condition: Digits | None = None
    """Field 25."""
    type: Digits | None = None
    """60.1."""
    network: Digits | None = None
    """60.3; of a sign-on the variant of its keys."""
    parts_60: Annotated[int, Meta(ge=0, le=9)] = 0
    """How many parts of field 60 are sent."""
    parts_61: Annotated[int, Meta(ge=0, le=9)] = 0
    fields: list[FieldNumber]
    """Besides 3, 25, 60, 64: those that must be there."""
    optional: list[FieldNumber] = field(default_factory=list)
    """Those sent where their value is known."""
    constants: dict[FieldNumber, str] = field(default_factory=dict)
    mac: Literal["always", "keyed", "never"] = "always"
    """``keyed``: once there are session keys."""
    reversible: bool = False
    new_batch: bool = False
    """The answer's 60.2 is a new batch number, not the request's."""


class KeyPiece(Section, frozen=True, kw_only=True):
    name: Literal["pik", "mak", "tdk"]
    length: Literal[8, 16]


class KeyRule(Section, frozen=True, kw_only=True):
    """Session keys in field 62 of the sign-on's answer, by the variant in 60.3."""

    variants: dict[str, list[KeyPiece]]
    check_bytes: Literal[3, 4] = 4


class Timing(Section, frozen=True, kw_only=True):
    """Seconds and counts; the configuration may override the seconds."""

    answer_seconds: Annotated[float, Meta(gt=0, le=60)] = 60.0
    connect_seconds: Annotated[float, Meta(gt=0, le=60)] = 10.0
    repeats_in_round: Annotated[int, Meta(ge=1, le=20)] = 6
    reversals_in_round: Annotated[int, Meta(ge=1, le=20)] = 3


class Profile(Section, frozen=True, kw_only=True, dict=True):
    """Everything that differs between acquirers. Made by ``pos_terminal.profiles.load``."""

    name: str
    frame: FrameRule
    fields: dict[FieldNumber, FieldRule]
    field_60: list[Part]
    field_61: list[Part]
    messages: dict[Function, MessageRule]
    keys: KeyRule
    responses: list[ResponseRule]
    timing: Timing = field(default_factory=Timing)
    connection: Literal["per_message", "persistent"] = "per_message"
    void_scope: VoidScope = VoidScope.TERMINAL
    """Whose sales this terminal may void: its own, or any of the merchant's."""
    probe: Probe = "connect"
    """What shows whether the line carries, while a sale is on the screen: a connection without a
    message, an echo, or nothing but the messages themselves."""
    checks_card: bool = False
    """Whether it compares the card of a refund or void with that of the purchase."""
    by_reference: bool = False
    """Whether it refunds a payment by its reference alone, without the card's number."""
    repeat: Repeat = "never"
    """``identical``: the acquirer promises that the identical message is paid once."""
    duplicate_means_accepted: bool = False
    """Whether 94 on a repeat says that the first one was accepted."""
    declines_without_mac: Literal["untrusted", "definite"] = "untrusted"
    """Whether a decline that carries no MAC at all is believed. A wrong MAC never is."""
    original_61: Literal["known", "zero"] = "known"
    """Field 61 of a refund: batch and trace of its original, or zeros and the day alone."""
    void_61: Literal[12, 16] = 12
    """Digits of a void's field 61: batch and trace, or these and the day."""
    reversal_61: Literal["original", "own", "none"] = "original"
    """Field 61 of a 0400: the one of what it reverses, that message's own batch and STAN, none."""
    operator_63: Literal["01 ", "001"] = "001"
    """Field 63 of a sign-on."""
    sign_on_62: Annotated[str, Meta(min_length=1, max_length=200)] = "none"
    """Field 62 of a sign-on: none, or a text with ``{length}`` and ``{serial}``."""
    track2: Literal["never"] = "never"
    """Whether field 35 is sent: card data is not kept here (R54)."""
    refunds_per_sale: Annotated[int, Meta(ge=1)] | None = None
    """How many refunds the acquirer takes of one payment; left out: any number."""
    refund_window_days: Annotated[int, Meta(ge=1)] | None = None
    """How old a payment may be that it refunds; left out: any age."""
    definite: list[str] = field(default_factory=list)
    """Codes, otherwise unknown, that surely mean "not posted" on a first send."""
    cut_off: Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "23:00"
    """The acquirer's day ends then, on a clock in its time zone."""
    timezone: str = "Asia/Shanghai"
    """The acquirer's, by its IANA name: the cut-off is in it, and fields 12 and 13 of answers."""

    def with_options(
        self,
        *,
        repeat: Repeat | None = None,
        answer_seconds: float | None = None,
        connect_seconds: float | None = None,
    ) -> Profile:
        """The profile with those of the configuration's ``[acquirer]`` in place of its own."""
        seconds = {"answer_seconds": answer_seconds, "connect_seconds": connect_seconds}
        given = {name: value for name, value in seconds.items() if value is not None}
        timing = msgspec.structs.replace(self.timing, **given)
        return msgspec.structs.replace(self, repeat=repeat or self.repeat, timing=timing)

    @property
    def void_needs_code(self) -> bool:
        """Whether a void has field 38, the authorisation code."""
        return 38 in self.messages[Function.VOID].fields

    @property
    def auth_code_length(self) -> tuple[int, int]:
        """Characters of field 38: the least and the most."""
        rule = self.fields.get(38)
        if rule is None:
            return 1, AUTH_CODE
        return (1 if rule.prefix else rule.length), rule.length

    @cached_property
    def _rows(self) -> dict[str, ResponseRule]:
        return {code: row for row in self.responses for code in row.codes}

    @cached_property
    def terms(self) -> Terms:
        """What the acquirer promises, as far as it counts for what an answer means."""
        return Terms(
            repeat_identical=self.repeat == "identical",
            duplicate_means_accepted=self.duplicate_means_accepted,
            declines_without_mac=self.declines_without_mac == "definite",
            void_reversible=self.messages[Function.VOID].reversible,
        )

    def response(self, code: str | None, sending: Sending, trust: Trust = Trust.VALID) -> Meaning:
        """What may be believed of an answer with this field 39."""
        return understood(self.meaning(code, sending), sending, trust, self.terms)

    def meaning(self, code: str | None, sending: Sending) -> Meaning:
        """What the table says of this field 39. A code that no row has is UNKNOWN."""
        row = self._rows.get(code or "")
        listed, to_refund = Meaning.UNKNOWN, Meaning.UNKNOWN
        if row is not None:
            listed, to_refund = row.meaning(sending), row.first
        return made_of(listed, sending, to_refund=to_refund, definite=code in self.definite)

    def said(self, code: str | None, sending: Sending) -> Said:
        """What this field 39 says to people."""
        row = self._rows.get(code or "")
        if row is not None and row.meaning(sending) is not Meaning.UNKNOWN:
            return row.says
        declined = self.response(code, sending).declines
        return Said.NOT_PROCESSED if declined else Said.UNKNOWN

    @property
    def form_codes(self) -> frozenset[str]:
        """Values of field 39 after which the acquirer's form is the way."""
        rows = (row for row in self.responses if row.says in TO_FORM)
        return frozenset(code for row in rows for code in row.codes)

    def excuse(self, code: str | None) -> Said | None:
        """Why the acquirer does not know the outcome, where its code says that."""
        row = self._rows.get(code or "")
        if row is None or row.first is not Meaning.UNKNOWN or row.says is Said.UNKNOWN:
            return None
        return row.says

    def header(self) -> Header:
        """The header of a request; the default one where frames have none."""
        rule = self.frame.header
        if rule is None:
            return Header()
        return Header(rule.application_class, rule.version, rule.status, "0", rule.sub_version)

    def function(self, message: Message) -> Function | None:
        """Which row of the message table a request is; None for none of them."""
        for function, rule in self.messages.items():
            if self._is_of(message, rule, function):
                return function
        return None

    def _is_of(self, message: Message, rule: MessageRule, function: Function) -> bool:
        if message.mti not in (rule.request, rule.repeat_request):
            return False
        if rule.processing is not None and message.get(3) != rule.processing:
            return False
        parts = self.parts_60(message)
        if rule.type is not None and parts.get("type") != rule.type:
            return False
        network = parts.get("network")
        if function is Function.SIGN_ON:
            return network in self.keys.variants
        return rule.network is None or network == rule.network

    def parts_60(self, message: Message) -> dict[str, str]:
        """Field 60 by its parts' names, as far as it goes; a cut part is left out."""
        return split_parts(self.field_60, message.get(60))

    def parts_61(self, message: Message) -> dict[str, str]:
        """Field 61 by its parts' names, as far as it goes."""
        return split_parts(self.field_61, message.get(61))


def split_parts(parts: list[Part], value: str | None) -> dict[str, str]:
    """The whole parts that ``value`` has, by name."""
    found: dict[str, str] = {}
    at = 0
    for part in parts:
        piece = (value or "")[at : at + part.digits]
        if len(piece) < part.digits:
            break
        found[part.name] = piece
        at += part.digits
    return found


def join_parts(parts: list[Part], count: int, values: dict[str, str]) -> str:
    """The first ``count`` parts as one text. ValueError where a value has the wrong length."""
    pieces = []
    for part in parts[:count]:
        piece = part.value if part.value is not None else values[part.name]
        if len(piece) != part.digits:
            raise ValueError(f"{part.name} has {len(piece)} digits, not {part.digits}")
        pieces.append(piece)
    return "".join(pieces)
