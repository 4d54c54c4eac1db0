"""TPM 2.0 commands and answers, as far as one sealed key takes them: bytes <-> values.

TPM 2.0 Library Specification, part 2 (structures) and part 3 (commands). All numbers on this line
are big-endian, and whatever is of variable length has its length before it (``TPM2B``). The secret
goes over the chip's bus as it is: docs/security.md says what that means.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from typing import Final

HEADER_BYTES: Final = 10
MAX_BYTES: Final = 4096
"""No chip takes or gives more in one piece, and neither does the kernel."""

SUCCESS: Final = 0
NOT_STARTED: Final = 0x100
BAD_AUTH: Final = 0x0A2
WRONG_HIERARCHY: Final = 0x085
INTEGRITY: Final = 0x09F
LOCKED_OUT: Final = 0x921
TRY_AGAIN: Final = frozenset((0x908, 0x90A, 0x920, 0x922, 0x923))
"""YIELDED, TESTING, NV_RATE, RETRY, NV_UNAVAILABLE: the same command later may well do."""

_NAMES: Final = {
    NOT_STARTED: "TPM_RC_INITIALIZE",
    0x101: "TPM_RC_FAILURE",
    0x12F: "TPM_RC_AUTH_UNAVAILABLE",
    0x143: "TPM_RC_COMMAND_CODE",
    0x084: "TPM_RC_VALUE",
    WRONG_HIERARCHY: "TPM_RC_HIERARCHY",
    0x08B: "TPM_RC_HANDLE",
    0x08E: "TPM_RC_AUTH_FAIL",
    0x095: "TPM_RC_SIZE",
    INTEGRITY: "TPM_RC_INTEGRITY",
    BAD_AUTH: "TPM_RC_BAD_AUTH",
    0x902: "TPM_RC_OBJECT_MEMORY",
    0x908: "TPM_RC_YIELDED",
    0x90A: "TPM_RC_TESTING",
    0x920: "TPM_RC_NV_RATE",
    LOCKED_OUT: "TPM_RC_LOCKOUT",
    0x922: "TPM_RC_RETRY",
    0x923: "TPM_RC_NV_UNAVAILABLE",
}

_NO_SESSIONS: Final = 0x8001
_SESSIONS: Final = 0x8002
_OWNER: Final = 0x40000001
_SHA256: Final = 0x000B
_NULL: Final = 0x0010
_EMPTY: Final = b"\0\0"
#: the empty password, which is what nobody has set: TPM_RS_PW, no nonce, no attributes
_PASSWORD: Final = struct.pack(">IHBH", 0x40000009, 0, 0, 0)

#: fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, noDA, restricted, decrypt
_STORAGE: Final = 0x00030472
#: fixedTPM, fixedParent, userWithAuth, noDA: other programs' wrong passwords never lock it
_SEALED: Final = 0x00000452

#: an elliptic storage key as the TCG's provisioning guidance has it: P-256 with AES-128-CFB. The
#: chip makes the same one each time from the seed of its owner, so that nothing is kept in it
_PRIMARY: Final = (
    struct.pack(">HHIH", 0x0023, _SHA256, _STORAGE, 0)
    + struct.pack(">HHH", 0x0006, 128, 0x0043)
    + struct.pack(">HHH", _NULL, 0x0003, _NULL)
    + _EMPTY
    + _EMPTY
)
#: data that somebody else made (KEYEDHASH without a scheme), and no policy
_DATA: Final = struct.pack(">HHIHH", 0x0008, _SHA256, _SEALED, 0, _NULL) + _EMPTY


class Tpm2Error(Exception):
    """The chip refused. ``code`` says why, without what says only in which parameter."""

    def __init__(self, code: int) -> None:
        super().__init__(name_of(code))
        self.code = code


class Tpm2Malformed(ValueError):
    """The bytes are no answer to that command. The message never repeats them."""


@dataclass(frozen=True, slots=True)
class Primary:
    """The chip's own storage key."""

    handle: int
    name: bytes
    """34 bytes that tell it from those of all other chips, and from what it was before a clear."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A secret that only the chip opens, in the two parts that it wants back (``TPM2B`` bodies)."""

    private: bytes
    public: bytes


# --- commands ---


def create_primary() -> bytes:
    """``TPM2_CreatePrimary`` under the owner's hierarchy. To ``read_primary``."""
    sensitive = _sized(_EMPTY + _EMPTY)
    return _command(0x131, _OWNER, sensitive + _sized(_PRIMARY) + _EMPTY + bytes(4))


def create(parent: int, secret: bytes) -> bytes:
    """``TPM2_Create`` of a sealed object. To ``read_sealed``."""
    sensitive = _sized(_EMPTY + _sized(secret))
    return _command(0x153, parent, sensitive + _sized(_DATA) + _EMPTY + bytes(4))


def load(parent: int, sealed: Sealed) -> bytes:
    """``TPM2_Load``. To ``read_handle``."""
    return _command(0x157, parent, _sized(sealed.private) + _sized(sealed.public))


def unseal(handle: int) -> bytes:
    """``TPM2_Unseal``. To ``read_secret``."""
    return _command(0x15E, handle, b"")


def flush(handle: int) -> bytes:
    """``TPM2_FlushContext``. To ``read_nothing``."""
    return struct.pack(">HIII", _NO_SESSIONS, HEADER_BYTES + 4, 0x165, handle)


# --- answers ---


def answer_length(header: bytes) -> int:
    """Of the whole answer, from its first ``HEADER_BYTES``. Raises Tpm2Malformed."""
    if len(header) < HEADER_BYTES:
        raise Tpm2Malformed("shorter than a header")
    length = int.from_bytes(header[2:6], "big")
    if not HEADER_BYTES <= length <= MAX_BYTES:
        raise Tpm2Malformed(f"claims {length} bytes")
    return length


def answer_code(answer: bytes) -> int:
    """Why a whole answer refuses, or ``SUCCESS``. Raises Tpm2Malformed.

    Bits that say which layer below speaks, and which parameter it means, are left out.
    """
    if answer_length(answer) != len(answer):
        raise Tpm2Malformed("another length than it claims")
    code = int.from_bytes(answer[6:10], "big") & 0xFFF
    return code & 0x0BF if code & 0x080 else code


def name_of(code: int) -> str:
    """For technicians: ``TPM_RC_INTEGRITY (0x09F)``."""
    return f"{_NAMES.get(code, 'TPM_RC')} (0x{code:03X})"


def read_primary(answer: bytes) -> Primary:
    """Raises Tpm2Error, Tpm2Malformed; so do all of these."""
    body = _body(answer)
    handle, parameters = _number(body, 4), body[8:]
    public, _ = _take(parameters)
    return Primary(handle, struct.pack(">H", _SHA256) + hashlib.sha256(public).digest())


def read_sealed(answer: bytes) -> Sealed:
    private, rest = _take(_body(answer)[4:])
    public, _ = _take(rest)
    return Sealed(private, public)


def read_handle(answer: bytes) -> int:
    return _number(_body(answer), 4)


def read_secret(answer: bytes) -> bytes:
    secret, _ = _take(_body(answer)[4:])
    return secret


def read_nothing(answer: bytes) -> None:
    _body(answer)


def _command(code: int, handle: int, parameters: bytes) -> bytes:
    """A command on ``handle``, with the empty password for it."""
    rest = struct.pack(">III", code, handle, len(_PASSWORD)) + _PASSWORD + parameters
    return struct.pack(">HI", _SESSIONS, 6 + len(rest)) + rest


def _body(answer: bytes) -> bytes:
    code = answer_code(answer)
    if code != SUCCESS:
        raise Tpm2Error(code)
    return answer[HEADER_BYTES:]


def _sized(content: bytes) -> bytes:
    return struct.pack(">H", len(content)) + content


def _take(data: bytes) -> tuple[bytes, bytes]:
    """The sized content at the beginning, and what comes after it."""
    end = 2 + _number(data, 2)
    if len(data) < end:
        raise Tpm2Malformed("a part is cut short")
    return data[2:end], data[end:]


def _number(data: bytes, size: int) -> int:
    if len(data) < size:
        raise Tpm2Malformed("a number is cut short")
    return int.from_bytes(data[:size], "big")
