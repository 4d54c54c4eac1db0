"""The terminal's keys: outside the database, in ``data_dir/keys``, wrapped by the device (R54).

Beside the device key (``device_key.py``) three files, each replaced as a whole: ``local.keys``
(made here at first use, never leave this terminal but to its replacement), ``terminal.keys``
(loaded at provisioning) and ``session.keys`` (from the acquirer's last sign-on). Writing waits for
the disk: call it through a ``Runner``.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta, Struct, structs

from pos_terminal.config import Config, Security
from pos_terminal.core.words import Failure
from pos_terminal.services.security.device_key import (
    PLAIN_FILE,
    SEALED_FILE,
    destroy,
    open_device_key,
    write,
)
from pos_terminal.services.security.files import private_folder, read_private, shred, unreadable
from pos_terminal.services.security.wrapper import Protection, Wrapper

KEYS_FOLDER: Final = "keys"
LOCAL: Final = "local.keys"
TERMINAL: Final = "terminal.keys"
SESSION: Final = "session.keys"
KEY_FILES: Final = (SESSION, TERMINAL, LOCAL)

_Content = TypeVar("_Content", bound=Struct)
Key32 = Annotated[bytes, Meta(min_length=32, max_length=32)]


class LocalKeys(Struct, frozen=True, forbid_unknown_fields=True):
    """Keys that nobody else ever knows."""

    ring: Key32
    """Binds the ring of record keys to this store (``vault.py``)."""
    pins: Key32
    """Keyed into the PIN hashes (``people.py``)."""
    audit: Key32
    """Key of the audit log's hash chain."""

    def __repr__(self) -> str:
        return "LocalKeys(…)"


class OlderKey(Struct, frozen=True, forbid_unknown_fields=True):
    """A token key that was replaced: sales of its time have tokens under it."""

    key: Key32
    until: int
    """When it was replaced, in seconds since 1970: no sale after that has a token of it."""

    def __repr__(self) -> str:
        return f"OlderKey(…, {self.until})"


class TerminalKeys(Struct, frozen=True, forbid_unknown_fields=True):
    """Keys that people load."""

    tmk: Annotated[bytes, Meta(min_length=16, max_length=24)]
    """Terminal master key of the acquirer, 16 or 24 bytes."""
    token: Key32
    """The shop's token key (``tokens.py``)."""
    key_exchange: Annotated[str, Meta(pattern=r"^00[134]$")] = "003"
    """Field 60.3 of the sign-on: which session keys come, and how long they are."""
    older: tuple[OlderKey, ...] = ()
    """Token keys that were replaced, the newest first."""

    def __repr__(self) -> str:
        return f"TerminalKeys(…, {self.key_exchange})"


class _Session(Struct, frozen=True, forbid_unknown_fields=True):
    under: bytes
    """Digest of the TMK that the keys came under: keys of an older TMK are forgotten."""
    keys: dict[str, bytes]

    def __repr__(self) -> str:
        return "_Session(…)"


class KeyStore:
    """All keys of one terminal, in memory after ``open``; no method ever prints one."""

    __slots__ = ("_folder", "_local", "_session", "_terminal", "_wrapper")

    def __init__(self, folder: Path, wrapper: Wrapper) -> None:
        self._folder = folder
        self._wrapper = wrapper
        self._local = self._read_local()
        self._terminal = self._read(TERMINAL, TerminalKeys)
        self._session = self._read(SESSION, _Session)

    @classmethod
    def of(cls, config: Config) -> KeyStore:
        """The store of a configuration. Failures as of ``open``."""
        return cls.open(config.data_dir / KEYS_FOLDER, config.security)

    @classmethod
    def open(cls, folder: Path, security: Security | None = None) -> KeyStore:
        """The store in ``folder`` (``data_dir/keys``), made where there is none.

        Without ``security`` the device key is a file. Waits for the disk and for the TPM. Failure
        ``keys.device``, ``keys.protection``, ``keys.damaged``, ``keys.exposed``,
        ``keys.unreadable`` or ``keys.tpm_…``.
        """
        try:
            private_folder(folder)
        except OSError as error:
            raise unreadable(folder, error) from None
        fresh = not any((folder / name).exists() for name in KEY_FILES)
        wanted = security or Security(device_key="file")
        return cls(folder, open_device_key(folder, wanted, make=fresh))

    @property
    def protection(self) -> Protection:
        """Where the device key lies."""
        return self._wrapper.protection

    # --- made here ---

    @property
    def ring_key(self) -> bytes:
        return self._local.ring

    @property
    def pin_key(self) -> bytes:
        return self._local.pins

    @property
    def badge_key(self) -> bytes:
        """Of the tokens of badges; out of the PIN key, so that key files stay as they are."""
        return hmac.digest(self._local.pins, b"badges", "sha256")

    @property
    def audit_key(self) -> bytes:
        return self._local.audit

    # --- loaded by people ---

    @property
    def loaded(self) -> bool:
        """Whether a TMK and a token key were provisioned."""
        return self._terminal is not None

    @property
    def terminal(self) -> TerminalKeys:
        """Failure ``keys.missing`` on a terminal that was never provisioned."""
        if self._terminal is None:
            raise Failure("keys.missing", file=str(self._folder / TERMINAL))
        return self._terminal

    @property
    def tmk(self) -> bytes:
        """Terminal master key. Failure ``keys.missing``."""
        return self.terminal.tmk

    @property
    def token_key(self) -> bytes:
        """The shop's token key, 32 bytes. Failure ``keys.missing``."""
        return self.terminal.token

    @property
    def older_token_keys(self) -> Sequence[bytes]:
        """Those that were replaced, the newest first. Failure ``keys.missing``."""
        return [one.key for one in self.terminal.older]

    def forget_token_keys(self, before: int) -> Sequence[bytes]:
        """Those that were replaced before this moment (seconds since 1970) go, durably; which."""
        keys = self.terminal
        gone = [one.key for one in keys.older if one.until < before]
        if gone:
            kept = tuple(one for one in keys.older if one.until >= before)
            self.load(structs.replace(keys, older=kept))
        return gone

    @property
    def key_exchange(self) -> str:
        """Field 60.3 of the sign-on. Failure ``keys.missing``."""
        return self.terminal.key_exchange

    def load(self, keys: TerminalKeys) -> None:
        """Store ``keys`` durably in place of any others; session keys of another TMK go."""
        self._write(TERMINAL, keys)
        self._terminal = keys
        if self.session() is None:
            self.forget_session()

    # --- from the acquirer ---

    def session(self) -> Mapping[str, bytes] | None:
        """The session keys as stored (``"pik"``, ``"mak"``, ``"tdk"``); None: sign on first."""
        if self._session is None or self._terminal is None:
            return None
        if self._session.under != _digest(self._terminal.tmk):
            return None
        return self._session.keys

    def store_session(self, keys: Mapping[str, bytes]) -> None:
        """Keep the clear session keys of a sign-on, encrypted on disk. Failure ``keys.missing``."""
        session = _Session(under=_digest(self.tmk), keys=dict(keys))
        self._write(SESSION, session)
        self._session = session

    def forget_session(self) -> None:
        """Drop the session keys: the next message signs on first."""
        self._session = None
        shred(self._folder / SESSION)

    # --- the replacement Pi ---

    def local_keys(self) -> LocalKeys:
        """For the move to a replacement Pi (``transfer.py``) only."""
        return self._local

    def adopt(self, local: LocalKeys, terminal: TerminalKeys) -> None:
        """Take over the keys of the terminal that this one replaces."""
        self._write(LOCAL, local)
        self._local = local
        self.load(terminal)

    def __repr__(self) -> str:
        return f"KeyStore({self._folder})"

    def _read_local(self) -> LocalKeys:
        local = self._read(LOCAL, LocalKeys)
        if local is None:
            if (self._folder / TERMINAL).exists():
                raise Failure("keys.damaged", file=LOCAL)
            local = LocalKeys(*(secrets.token_bytes(32) for _ in range(3)))
            self._write(LOCAL, local)
        return local

    def _read(self, name: str, kind: type[_Content]) -> _Content | None:
        blob = read_private(self._folder / name)
        if blob is None:
            return None
        try:
            return msgspec.msgpack.decode(self._wrapper.unwrap(name, blob), type=kind)
        except msgspec.DecodeError:
            raise Failure("keys.damaged", file=name) from None

    def _write(self, name: str, content: Struct) -> None:
        write(self._folder / name, self._wrapper.wrap(name, msgspec.msgpack.encode(content)))


def destroy_keys(folder: Path) -> None:
    """Overwrite and remove the key files, also those that can't be read any more.

    The device's first: what is left can't be unwrapped (R56a). A TPM is not asked: nothing of ours
    is in it.
    """
    for name in (PLAIN_FILE, SEALED_FILE, *KEY_FILES):
        destroy(folder / name)


def _digest(tmk: bytes) -> bytes:
    return hashlib.sha256(b"session under " + tmk).digest()
