"""Where a request differs from its profile: an acquirer that takes only what was agreed."""

from __future__ import annotations

import re
from typing import Final

from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.profile import Function, MessageRule, Part, Profile

OF_A_CARD: Final = frozenset({2, 14, 23})
_NO_STAN: Final = "000000"
_NO_CARD: Final = "00"
_READ: Final = ("01", "05", "07")
"""Field 22 (ISO 8583:1987): unspecified; typed, chip, contactless. Nobody here reads tracks."""
_NO_PIN: Final = "2"
READERS: Final = ("5", "6")
"""60.4: chip, chip and contactless."""
_PARTS: Final = {12: 2, 16: 3}
_ZEROS: Final = "000000000000"
_REASONS: Final = ("98", "06", "A0", "96")
"""Field 39 of a 0400."""


def by_reference(profile: Profile, shape: MessageRule, message: Message) -> bool:
    """Whether it is a refund, or the reversal of one, that names no card."""
    return shape is profile.messages[Function.REFUND] and 2 not in message.fields


def misfit(profile: Profile, function: Function, message: Message) -> str | None:
    """The first difference in words; None where the message is as its profile has it."""
    rule = profile.messages[function]
    original = _original(profile, message) if function is Function.REVERSAL else function
    if original is None:
        return "it reverses nothing that can be reversed"
    shape = profile.messages[original]
    return (
        _fields(profile, function, rule, shape, message)
        or _constants(rule, shape, message)
        or _header(profile, message)
        or _entry(profile, shape, message)
        or _field_60(profile, shape, message)
        or _field_61(profile, function, original, message)
        or (_sign_on(profile, message) if function is Function.SIGN_ON else None)
    )


def _original(profile: Profile, reversal: Message) -> Function | None:
    """What a 0400 takes back, by its 60.1."""
    kind = profile.parts_60(reversal).get("type")
    found = [f for f, rule in profile.messages.items() if rule.type == kind and rule.reversible]
    return found[0] if found else None


def _fields(
    profile: Profile, function: Function, rule: MessageRule, shape: MessageRule, message: Message
) -> str | None:
    reversal = function is Function.REVERSAL
    needed = set(rule.fields) - ({61} if reversal and profile.reversal_61 == "none" else set())
    allowed = needed | set(rule.optional)
    needed |= {number for number, value in ((3, shape.processing), (25, shape.condition)) if value}
    needed |= {60} if shape.parts_60 else set()
    bare = by_reference(profile, shape, message)
    if bare:
        needed, allowed = needed - {2}, allowed - OF_A_CARD
    # without its field 64 it is answered A0, as with a wrong one
    allowed |= needed | ({64} if rule.mac != "never" else set())
    sent = set(message.fields)
    for number in sorted(needed - sent):
        return f"field {number} is missing"
    for number in sorted(sent - allowed):
        return f"field {number} is not wanted"
    return None


def _constants(rule: MessageRule, shape: MessageRule, message: Message) -> str | None:
    wanted = dict(rule.constants)
    wanted |= {n: value for n, value in ((3, shape.processing), (25, shape.condition)) if value}
    for number, value in sorted(wanted.items()):
        if message.get(number) != value:
            return f"field {number} is not {value}"
    if message.get(11) == _NO_STAN:
        return "field 11 counts from 1"
    if 39 in message.fields and message.fields[39] not in _REASONS:
        return f"field 39 of a request is {message.fields[39]}"
    return None


def _header(profile: Profile, message: Message) -> str | None:
    if profile.frame.header is None or message.header == profile.header():
        return None
    return f"the header is {message.header.digits()}"


def _entry(profile: Profile, shape: MessageRule, message: Message) -> str | None:
    """Field 22 says how the number in field 2 was read, and that there is none."""
    sent = message.get(22)
    if sent is None:
        return None
    bare = by_reference(profile, shape, message)
    if sent[:2] not in ((_NO_CARD,) if bare else _READ) or sent[2:] != _NO_PIN:
        return f"field 22 is {sent} {'without' if bare else 'with'} a card's number"
    return None


def _field_60(profile: Profile, shape: MessageRule, message: Message) -> str | None:
    if not shape.parts_60:
        return None
    parts = profile.field_60[: shape.parts_60]
    sent, named = message.get(60) or "", profile.parts_60(message)
    if len(sent) != _digits(parts):
        return f"field 60 has {len(sent)} digits"
    for part in parts:
        if part.value is not None and named[part.name] != part.value:
            return f"{part.name} of field 60 is {named[part.name]}"
    if named.get("reader", READERS[0]) not in READERS:
        return f"60.4 is {named['reader']}"
    return None


def _field_61(
    profile: Profile, function: Function, original: Function, message: Message
) -> str | None:
    """As long as its kind has it, and in a 0400 what the profile says that it names."""
    sent = message.get(61)
    if sent is None:
        return None
    own = profile.parts_60(message).get("batch", "") + message.fields[11]
    if function is Function.REVERSAL and profile.reversal_61 == "own":
        return None if sent == own else f"field 61 of the 0400 is not {own}"
    if function is Function.REVERSAL and sent.startswith(own):
        return "field 61 of the 0400 is the void's own, not its sale's"
    parts = profile.messages[original].parts_61
    count = _PARTS[profile.void_61] if original is Function.VOID else parts
    if len(sent) != _digits(profile.field_61[:count]):
        return f"field 61 has {len(sent)} digits"
    zeros = original is Function.REFUND and profile.original_61 == "zero"
    if zeros and not sent.startswith(_ZEROS):
        return "field 61 of a refund does not begin with zeros"
    return None


def _sign_on(profile: Profile, message: Message) -> str | None:
    if message.get(63) != profile.operator_63:
        return f"field 63 of the sign-on is not {profile.operator_63!r}"
    wanted, sent = profile.sign_on_62, message.get(62)
    if (wanted == "none") != (sent is None):
        return "field 62 of the sign-on is there, or is missing"
    text = "" if sent is None else bytes.fromhex(sent).decode("ascii", "replace")
    shape = re.escape(wanted)
    shape = shape.replace(re.escape("{length}"), r"(?P<n>\d\d)")
    shape = shape.replace(re.escape("{serial}"), r"(?P<serial>[ -~]+)")
    found = re.fullmatch(shape, text)
    if sent is not None and (found is None or not _counted(found)):
        return "field 62 of the sign-on is not as agreed"
    return None


def _counted(found: re.Match[str]) -> bool:
    """Whether the length in front is the serial number's."""
    named = found.groupdict()
    return "n" not in named or int(named["n"]) == len(named.get("serial", ""))


def _digits(parts: list[Part]) -> int:
    return sum(part.digits for part in parts)
