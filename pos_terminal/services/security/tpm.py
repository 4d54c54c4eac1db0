"""A secret that only this machine's TPM 2.0 gives back (R54).

The terminal speaks to the kernel's device itself: a handful of commands, no tool and no library
that would have to be on every Pi (tpm2-pytss is compiled against the libraries of tpm2-tss there).
Nothing is kept in the chip. It makes its storage key from the seed of its owner each time, and the
sealed secret lies in a file that only this key opens. There is no policy on the state of the
machine (PCRs): docs/security.md says why. All calls wait for the chip, up to ``COMMAND_SECONDS``
for each command.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec
from msgspec import Struct

from pos_terminal.core.words import Failure
from pos_terminal.services.security.tpm_line import TpmLine
from pos_terminal.wire import tpm2

MAGIC: Final = b"PTTPM001"
_DIGEST_BYTES: Final = 32


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    primary: bytes
    """Name of the storage key that opens it: tells another chip from a damaged file."""
    private: bytes
    public: bytes


def seal(address: str, secret: bytes, name: str) -> bytes:
    """``secret`` for the TPM at ``address``, as the bytes of the file ``name``. Up to 128 bytes.

    The chip has given it back once before this returns. Failure ``keys.tpm_…``.
    """
    with _primary(address, name) as (line, primary):
        sealed = tpm2.read_sealed(line.ask(tpm2.create(primary.handle, secret)))
        again = _unsealed(line, primary, sealed)
    if again != secret:
        raise Failure("keys.tpm_failed", device=address, cause="it gives back something else")
    content = msgspec.msgpack.encode(_File(primary.name, sealed.private, sealed.public))
    return MAGIC + hashlib.sha256(content).digest() + content


def unseal(address: str, data: bytes, name: str) -> bytes:
    """What ``seal`` put into ``data``, the bytes of the file ``name``.

    Failure ``keys.damaged`` where the file was changed, ``keys.tpm_other`` where it was sealed by
    another TPM or by this one before it was cleared, or another ``keys.tpm_…``.
    """
    file = _parse(data, name)
    sealed = tpm2.Sealed(file.private, file.public)
    with _primary(address, name) as (line, primary):
        ours = primary.name == file.primary
        secret = _unsealed(line, primary, sealed) if ours else b""
    if not ours:
        raise Failure("keys.tpm_other", device=address, file=name)
    return secret


def _parse(data: bytes, name: str) -> _File:
    digest, content = data[len(MAGIC) :][:_DIGEST_BYTES], data[len(MAGIC) + _DIGEST_BYTES :]
    if not data.startswith(MAGIC) or hashlib.sha256(content).digest() != digest:
        raise Failure("keys.damaged", file=name)
    try:
        return msgspec.msgpack.decode(content, type=_File)
    except msgspec.DecodeError:
        raise Failure("keys.damaged", file=name) from None


@contextmanager
def _primary(address: str, name: str) -> Iterator[tuple[TpmLine, tpm2.Primary]]:
    """The chip with its storage key, which is gone from it afterwards. What it refuses is told."""
    with TpmLine.open(address) as line:
        try:
            primary = tpm2.read_primary(line.ask(tpm2.create_primary()))
            with _loaded(line, primary.handle):
                yield line, primary
        except tpm2.Tpm2Error as error:
            raise _refused(address, name, error) from None
        except tpm2.Tpm2Malformed as error:
            raise Failure("keys.tpm_failed", device=address, cause=str(error)) from None


def _unsealed(line: TpmLine, primary: tpm2.Primary, sealed: tpm2.Sealed) -> bytes:
    handle = tpm2.read_handle(line.ask(tpm2.load(primary.handle, sealed)))
    with _loaded(line, handle):
        return tpm2.read_secret(line.ask(tpm2.unseal(handle)))


@contextmanager
def _loaded(line: TpmLine, handle: int) -> Iterator[None]:
    """Takes the object out of the chip again, which has room for three; not where the line broke:
    the kernel does it when it is closed."""
    try:
        yield
    except tpm2.Tpm2Error:
        line.ask(tpm2.flush(handle))
        raise
    tpm2.read_nothing(line.ask(tpm2.flush(handle)))


def _refused(address: str, name: str, error: tpm2.Tpm2Error) -> Failure:
    cause = str(error)
    match error.code:
        case tpm2.INTEGRITY:
            return Failure("keys.damaged", file=name)
        case tpm2.BAD_AUTH | tpm2.WRONG_HIERARCHY:
            return Failure("keys.tpm_owner", device=address, cause=cause)
        case tpm2.LOCKED_OUT:
            return Failure("keys.tpm_locked", device=address, cause=cause)
    return Failure("keys.tpm_failed", device=address, cause=cause)
