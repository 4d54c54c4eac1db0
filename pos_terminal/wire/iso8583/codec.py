"""Messages to frames and back, by a profile's field table; pyiso8583 packs the fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final

import iso8583
from msgspec import Struct

from pos_terminal.core.answers import Trust

from . import mac
from .errors import FrameError
from .message import DEFAULT_TPDU, Header, Message
from .profile import FieldRule, MessageRule, Profile

_TPDU_BYTES: Final = 5
_HEADER_BYTES: Final = 6
_MAC_PLACE: Final = "0" * 16
_SHAPES: Final = 64
"""Sets of fields that are remembered; a terminal meets about twenty."""


class Decoded(Struct, frozen=True):
    """A message with the bytes its MAC covers."""

    message: Message
    mab: bytes
    """From the MTI to the field before 64."""

    def __repr__(self) -> str:
        return f"Decoded({self.message!r})"


class _Shape(Struct, frozen=True):
    """What messages with the same fields have in common: how to check them all in one go."""

    keys: tuple[str, ...]
    """The library's names of the fields."""
    numbers: tuple[int, ...]
    digits: Callable[[dict[str, str]], Iterable[str]]
    """The values that must be digits; ``texts`` those that must be printable ASCII."""
    texts: Callable[[dict[str, str]], Iterable[str]]
    tracks: tuple[str, ...]


class Codec:
    """Packs and unpacks for one profile. Holds no state between messages."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        frame = profile.frame
        self._spec = _specification(profile)
        self._length = frame.length
        self._max_body = frame.max_body
        self._prefix_bytes = (_TPDU_BYTES if frame.tpdu else 0) + (
            _HEADER_BYTES if frame.header else 0
        )
        self._mac_bytes = 8 if frame.binary == "raw" else 16
        self._digits = _keys_of_kind(profile, "n")
        self._texts = _keys_of_kind(profile, "an", "ans")
        self._tracks = _keys_of_kind(profile, "z")
        self._shape_of = lru_cache(_SHAPES)(self._shape)
        self._shape_read = lru_cache(_SHAPES)(self._shape_of_bitmap)
        self._prefix_of = lru_cache(_SHAPES)(self._prefix)
        self._prefix_read: tuple[bytes, str, Header] | None = None
        rules = profile.messages.values()
        signed = [rule for rule in rules if rule.mac != "never"]
        self._keyed = {one for rule in signed for one in _types(rule)}
        """The message types that have a MAC once there is a key."""
        self._signed = {rule.request for rule in signed if rule.mac == "always"}

    def encode(self, message: Message, mak: bytes | None) -> bytes:
        """The whole frame with its length; field 64 is computed where the message has one.

        FrameError where a value does not fit the field table, or a request that needs a MAC has
        neither a key nor a field 64.
        """
        shape = self._shape_of(tuple(message.fields))
        fields = dict(zip(shape.keys, message.fields.values(), strict=False))
        sign = mak is not None and message.mti in self._keyed
        if sign:
            fields["64"] = _MAC_PLACE
        elif message.mti in self._signed and "64" not in fields:
            raise FrameError(f"a {message.mti} is not sent without its MAC: sign on first")
        packed = self._pack(message.mti, fields, shape)
        if sign and mak is not None:
            mab = packed[: -self._mac_bytes]
            packed = mab + self._mac_field(mac.mac(mak, mab))
        return self._framed(self._prefix_of(message.tpdu, message.header) + packed)

    def decode(self, body: bytes) -> Decoded:
        """The message in ``body`` (without the length). FrameError for anything else."""
        if len(body) < self._prefix_bytes:
            raise FrameError(f"{len(body)} bytes are too few for a message")
        tpdu, header = self._read_prefix(body)
        packed = body[self._prefix_bytes :]
        mti, fields = self._unpack(packed)
        mab = packed[: -self._mac_bytes] if 64 in fields else packed
        return Decoded(Message(mti, MappingProxyType(fields), header, tpdu), mab)

    def trust(self, decoded: Decoded, mak: bytes | None) -> Trust:
        """What the message's field 64 proves under ``mak``."""
        sent = decoded.message.get(64)
        if sent is None:
            return Trust.MISSING
        if mak is None:
            return Trust.WRONG
        try:
            told = bytes.fromhex(sent)
        except ValueError:  # where it goes by digits, they may be none
            return Trust.WRONG
        return Trust.VALID if mac.same(told, mac.mac(mak, decoded.mab)) else Trust.WRONG

    def mac_ok(self, decoded: Decoded, mak: bytes | None) -> bool:
        """Whether field 64 is there and right; compared in constant time."""
        return self.trust(decoded, mak) is Trust.VALID

    # --- frame around the fields ---

    def _framed(self, body: bytes) -> bytes:
        if len(body) > self._max_body:
            raise FrameError(f"a message of {len(body)} bytes, at most {self._max_body}")
        if self._length == "ascii4":
            return b"%04d" % len(body) + body
        return len(body).to_bytes(2, "big") + body

    def _prefix(self, tpdu: str, header: Header) -> bytes:
        frame = self.profile.frame
        digits = tpdu if frame.tpdu else ""
        if frame.header:
            digits += header.digits()
        if len(digits) != 2 * self._prefix_bytes or not _are_digits(digits + "0"):
            raise FrameError("TPDU or header is not of the right number of digits")
        return bytes.fromhex(digits)

    def _read_prefix(self, body: bytes) -> tuple[str, Header]:
        """An acquirer's answers begin alike: the last prefix is remembered."""
        prefix = body[: self._prefix_bytes]
        known = self._prefix_read
        if known is None or known[0] != prefix:
            known = self._prefix_read = (prefix, *self._understood_prefix(prefix))
        return known[1], known[2]

    def _understood_prefix(self, prefix: bytes) -> tuple[str, Header]:
        digits = prefix.hex()
        if not _are_digits(digits + "0"):
            raise FrameError("TPDU or header is not BCD")
        tpdu = DEFAULT_TPDU
        if self.profile.frame.tpdu:
            tpdu, digits = digits[: 2 * _TPDU_BYTES], digits[2 * _TPDU_BYTES :]
            if not tpdu.startswith("60"):
                raise FrameError("the TPDU does not begin with 60")
        if not digits:
            return tpdu, Header()
        return tpdu, Header(digits[:2], digits[2:4], digits[4], digits[5], digits[6:])

    def _mac_field(self, value: bytes) -> bytes:
        return value if self.profile.frame.binary == "raw" else value.hex().upper().encode()

    # --- fields ---

    def _shape_of_bitmap(self, bitmap: str) -> _Shape:
        """Of a message that came: its bitmap in hex tells its fields quicker than their names."""
        bits = f"{int(bitmap, 16):064b}"
        return self._shape(tuple(number for number, bit in enumerate(bits, 1) if bit == "1"))

    def _shape(self, numbers: tuple[int, ...]) -> _Shape:
        """``numbers`` in the message's order."""
        keys = tuple(map(str, numbers))
        return _Shape(
            keys,
            numbers,
            _values_of([key for key in self._digits if key in keys]),
            _values_of([key for key in self._texts if key in keys]),
            tuple(key for key in self._tracks if key in keys),
        )

    def _pack(self, mti: str, fields: dict[str, str], shape: _Shape) -> bytes:
        self._check_digits(mti, fields, shape)
        text = "".join(shape.texts(fields))
        if not (text.isascii() and text.isprintable()):
            raise FrameError("a text field has other characters than printable ASCII")
        if shape.tracks:
            self._swap(fields, shape, "=", "D")
        fields["t"] = mti
        try:
            return bytes(iso8583.encode(fields, self._spec)[0])
        except iso8583.EncodeError as error:
            problem = f"field {error.field}: {error.msg}"
        except KeyError as error:
            problem = self._unlisted(error)
        # outside the handlers: the library's errors carry the whole message
        raise FrameError(problem)

    def _unpack(self, packed: bytes) -> tuple[str, dict[int, str]]:
        try:
            doc = iso8583.decode(packed, self._spec)[0]
        except iso8583.DecodeError as error:
            problem = f"field {error.field} at byte {error.pos}: {error.msg}"
        except KeyError as error:
            problem = self._unlisted(error)
        else:
            return self._understood(doc)
        raise FrameError(problem)

    def _understood(self, fields: dict[str, str]) -> tuple[str, dict[int, str]]:
        mti = fields.pop("t")
        shape = self._shape_read(fields.pop("p"))
        if shape.tracks:
            self._swap(fields, shape, "D", "=")
        self._check_digits(mti, fields, shape)
        text = "".join(shape.texts(fields))
        if not (text.isascii() and text.isprintable()):
            fields = {k: _printable(v) if k in self._texts else v for k, v in fields.items()}
        return mti, dict(zip(shape.numbers, fields.values(), strict=True))

    def _check_digits(self, mti: str, fields: dict[str, str], shape: _Shape) -> None:
        """The library would take hex letters as BCD digits."""
        if not _are_digits(mti + "".join(shape.digits(fields))):
            wrong = [k for k in self._digits if not _are_digits(fields.get(k, "") + "0")]
            raise FrameError(f"field {wrong[0] if wrong else 't'} has other characters than digits")
        for key in shape.tracks:
            if not _are_digits(fields[key].replace("=", "") + "0"):
                raise FrameError(f"field {key} has other characters than digits and =")

    def _swap(self, fields: dict[str, str], shape: _Shape, old: str, new: str) -> None:
        if self.profile.frame.numeric == "bcd":
            for key in shape.tracks:
                fields[key] = fields[key].replace(old, new)

    def _unlisted(self, error: KeyError) -> str:
        return f"field {error.args[0]} is not in the field table of {self.profile.name}"


def _types(rule: MessageRule) -> set[str]:
    found = {rule.request, rule.answer, rule.repeat_request, rule.repeat_answer}
    return {mti for mti in found if mti is not None}


def _are_digits(text: str) -> bool:
    """Whether it is ASCII digits, at least one; four times as quick in bytes as in text."""
    return text.encode("ascii", "replace").isdigit()


def _printable(text: str) -> str:
    """Control and 8-bit characters of a host's text as ``?``: they must reach no screen."""
    return "".join(char if " " <= char <= "~" else "?" for char in text)


def _values_of(keys: list[str]) -> Callable[[dict[str, str]], Iterable[str]]:
    """The values of these keys, which the fields have; one value is an iterable of characters."""
    return itemgetter(*keys) if keys else lambda _: ()


def _keys_of_kind(profile: Profile, *kinds: str) -> tuple[str, ...]:
    return tuple(str(n) for n, rule in sorted(profile.fields.items()) if rule.kind in kinds)


def _specification(profile: Profile) -> dict[str, dict[str, Any]]:
    """The field table in pyiso8583's words."""
    frame = profile.frame
    numeric = "b" if frame.numeric == "bcd" else "ascii"
    spec: dict[str, dict[str, Any]] = {
        "h": {"data_enc": "ascii", "len_enc": "ascii", "len_type": 0, "max_len": 0},
        "t": {"data_enc": numeric, "len_enc": "ascii", "len_type": 0, "max_len": 4},
        "p": {
            "data_enc": "b" if frame.bitmap == "binary" else "ascii",
            "len_enc": "ascii",
            "len_type": 0,
            "max_len": 8 if frame.bitmap == "binary" else 16,
        },
    }
    for number, rule in profile.fields.items():
        spec[str(number)] = _field(profile, rule)
    return spec


def _field(profile: Profile, rule: FieldRule) -> dict[str, Any]:
    bcd = profile.frame.numeric == "bcd"
    entry: dict[str, Any] = {
        "data_enc": "latin-1",
        "len_enc": "bcd" if bcd else "ascii",
        "len_type": (rule.prefix + 1) // 2 if bcd else rule.prefix,
        "len_count": "bytes",
        "max_len": rule.length,
    }
    if rule.kind in ("n", "z") and bcd:
        entry |= {"data_enc": "b", "len_count": "nibbles", f"{rule.pad}_pad": "0"}
    elif rule.kind == "b" and profile.frame.binary == "raw":
        entry["data_enc"] = "b"
    elif rule.kind == "b":
        entry |= {"data_enc": "ascii", "max_len": 2 * rule.length}
    return entry
