"""ISO 8583 as the acquirer's manual has it, by hand: shares no code with terminal or bench."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

Value = str | bytes

# kind, most digits or bytes, bytes of the length (0: fixed), side of the padding digit
FIELDS: dict[int, tuple[str, int, int, str]] = {
    2: ("n", 19, 1, "right"),
    3: ("n", 6, 0, ""),
    4: ("n", 12, 0, ""),
    11: ("n", 6, 0, ""),
    12: ("n", 6, 0, ""),
    13: ("n", 4, 0, ""),
    14: ("n", 4, 0, ""),
    15: ("n", 4, 0, ""),
    22: ("n", 3, 0, "right"),
    23: ("n", 3, 0, "left"),
    25: ("n", 2, 0, ""),
    26: ("n", 2, 0, ""),
    32: ("n", 11, 1, "right"),
    35: ("n", 37, 1, "right"),
    37: ("a", 12, 0, ""),
    38: ("a", 6, 0, ""),
    39: ("a", 2, 0, ""),
    41: ("a", 8, 0, ""),
    42: ("a", 15, 0, ""),
    44: ("a", 25, 1, ""),
    48: ("n", 322, 2, "right"),
    49: ("a", 3, 0, ""),
    52: ("b", 8, 0, ""),
    53: ("n", 16, 0, ""),
    54: ("a", 20, 2, ""),
    55: ("b", 255, 2, ""),
    60: ("n", 17, 2, "right"),
    61: ("n", 29, 2, "right"),
    62: ("b", 512, 2, ""),
    63: ("a", 163, 2, ""),
    64: ("b", 8, 0, ""),
}


class Misfit(ValueError):
    """A message that is not as the manual says."""


@dataclass(frozen=True)
class Message:
    """One message without its two length bytes. ``body`` is MTI to the last field, as received."""

    tpdu: str
    header: str
    mti: str
    fields: Mapping[int, Value]
    body: bytes = field(default=b"", repr=False)

    def text(self, number: int) -> str:
        """A field of digits or characters."""
        value = self.fields[number]
        assert isinstance(value, str)
        return value

    @property
    def amount(self) -> int:
        return int(self.text(4))

    @property
    def batch(self) -> str:
        return self.text(60)[2:8]

    def mac_is(self, key: bytes) -> bool:
        """Whether field 64 is the MAC of everything before it."""
        return self.fields.get(64) == mac(self.body[:-8], key)


def des(key: bytes, block: bytes) -> bytes:
    """Encrypt one or more blocks, ECB; a key of 8 bytes is single DES."""
    whole = {8: key * 3, 16: key + key[:8], 24: key}[len(key)]
    cipher = Cipher(TripleDES(whole), modes.ECB()).encryptor()  # noqa: S305 - the manual's
    return cipher.update(block) + cipher.finalize()


def check_value(key: bytes) -> bytes:
    return des(key, bytes(8))[:4]


def mac(mab: bytes, key: bytes) -> bytes:
    """Field 64 of the bytes from the MTI to field 63."""
    folded = 0
    for at in range(0, len(mab), 8):
        folded ^= int.from_bytes(mab[at : at + 8].ljust(8, b"\0"), "big")
    spelt = f"{folded:016X}".encode()
    first = des(key, spelt[:8])
    second = bytes(a ^ b for a, b in zip(first, spelt[8:], strict=True))
    return des(key, second).hex().upper()[:8].encode()


def unpack(data: bytes) -> Message:
    """TPDU, header and fields. Misfit for anything that the manual does not allow."""
    body = data[11:]
    tpdu, header, mti = data[:5].hex(), data[5:11].hex(), body[:2].hex()
    bits = int.from_bytes(body[2:10], "big")
    present = [number for number in range(1, 65) if bits >> (64 - number) & 1]
    at, found = 10, {}
    for number in present:
        if number not in FIELDS:
            raise Misfit(f"field {number} is none of the manual's")
        at, found[number] = _unpack_field(body, at, number)
    if at != len(body):
        raise Misfit(f"{len(body) - at} bytes too many")
    return Message(tpdu, header, mti, found, body)


def _unpack_field(body: bytes, at: int, number: int) -> tuple[int, Value]:
    kind, length, prefix, padded = FIELDS[number]
    if prefix:
        written = body[at : at + prefix].hex()
        if not written.isdigit() or int(written) > length:
            raise Misfit(f"field {number}: length {written}")
        length, at = int(written), at + prefix
    size = (length + 1) // 2 if kind == "n" else length
    raw = body[at : at + size]
    if len(raw) != size:
        raise Misfit(f"field {number} ends early")
    return at + size, _value(number, kind, raw, length, padded)


def _value(number: int, kind: str, raw: bytes, length: int, padded: str) -> Value:
    if kind == "b":
        return raw
    if kind == "a":
        return raw.decode("ascii")
    digits = raw.hex()
    if length % 2:
        pad, digits = (digits[-1], digits[:-1]) if padded == "right" else (digits[0], digits[1:])
        if pad != "0":
            raise Misfit(f"field {number}: padded with {pad}")
    if not digits.isdigit():
        raise Misfit(f"field {number}: {digits!r} are no digits")
    return digits


def pack(tpdu: str, header: str, mti: str, fields: Mapping[int, Value], key: bytes | None) -> bytes:
    """The message without its length; with ``key`` field 64 is computed and added."""
    numbers = sorted(set(fields) | ({64} if key is not None else set()))
    bits = sum(1 << (64 - number) for number in numbers)
    body = bytes.fromhex(mti) + bits.to_bytes(8, "big")
    for number in numbers:
        if number in fields:
            body += _pack_field(number, fields[number])
    if key is not None and 64 not in fields:
        body += mac(body, key)
    return bytes.fromhex(tpdu + header) + body


def _pack_field(number: int, value: Value) -> bytes:
    kind, _, prefix, padded = FIELDS[number]
    count = len(value)
    length = bytes.fromhex(f"{count:0{2 * prefix}d}") if prefix else b""
    if isinstance(value, bytes):
        return length + value
    if kind != "n":
        return length + value.encode("ascii")
    if count % 2:
        value = value + "0" if padded == "right" else "0" + value
    return length + bytes.fromhex(value)


def framed(message: bytes) -> bytes:
    """With its two length bytes."""
    return len(message).to_bytes(2, "big") + message
