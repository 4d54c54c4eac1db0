"""Session keys in field 62 of a sign-on's answer, under the terminal master key (TMK)."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from . import mac
from .profile import KeyPiece, Profile
from .weak_keys import has_weak_part

_HALF: Final = 8
_ZERO_HALF: Final = bytes(_HALF)


class KeyExchangeError(ValueError):
    """The keys of a sign-on can't be used; the old ones stay. Says which key, shows none."""


class SessionKeys(Struct, frozen=True):
    """The keys of one sign-on; printed, it shows none of them."""

    mak: bytes
    """8 or 16 bytes."""
    pik: bytes | None = None
    tdk: bytes | None = None

    def __repr__(self) -> str:
        return "SessionKeys()"


def parse_keys(profile: Profile, variant: str, tmk: bytes, field_62: str | None) -> SessionKeys:
    """The keys in ``field_62`` (hex) for the sign-on variant (60.3: 001, 003, 004).

    KeyExchangeError where the length is wrong, a check value differs, or there is no MAK.
    """
    pieces = profile.keys.variants.get(variant)
    if pieces is None:
        raise KeyExchangeError(f"no key layout for sign-on variant {variant}")
    data = _bytes(field_62)
    check_bytes = profile.keys.check_bytes
    expected = sum(piece.length + check_bytes for piece in pieces)
    if len(data) != expected:
        raise KeyExchangeError(f"field 62 has {len(data)} bytes, variant {variant} has {expected}")
    keys: dict[str, bytes] = {}
    for piece in pieces:
        block, data = data[: piece.length], data[piece.length :]
        check, data = data[:check_bytes], data[check_bytes:]
        keys[piece.name] = _open(piece, tmk, block, check)
    if "mak" not in keys:
        raise KeyExchangeError(f"sign-on variant {variant} brings no MAK")
    return SessionKeys(**keys)


def make_keys(profile: Profile, variant: str, tmk: bytes, keys: SessionKeys) -> str:
    """Field 62 (hex) for these keys, as the acquirer sends it."""
    data = b""
    for piece in profile.keys.variants[variant]:
        key = getattr(keys, piece.name)
        block = mac.encrypt(tmk, key.ljust(piece.length, b"\0"))
        data += block + mac.check_value(key, profile.keys.check_bytes)
    return data.hex().upper()


def _open(piece: KeyPiece, tmk: bytes, block: bytes, check: bytes) -> bytes:
    whole = mac.decrypt(tmk, block)
    # a MAK with an empty second half is single-length (iso8583.md); some acquirers take its
    # check value over all 16 bytes
    single = piece.name == "mak" and len(whole) > _HALF and whole[_HALF:] == _ZERO_HALF
    key = whole[:_HALF] if single else whole
    good = mac.same(mac.check_value(key, len(check)), check)
    if single and not good:
        good = mac.same(mac.check_value(whole, len(check)), check)
    if not good:
        raise KeyExchangeError(f"the check value of the {piece.name.upper()} is wrong")
    # of the others some acquirers send none, as zeros; nothing here uses them
    if piece.name == "mak" and has_weak_part(key):
        raise KeyExchangeError("the MAK is all zeros or another weak DES key: anybody has it")
    return key


def _bytes(field_62: str | None) -> bytes:
    try:
        return bytes.fromhex(field_62 or "")
    except ValueError:
        raise KeyExchangeError("field 62 is not hexadecimal") from None
