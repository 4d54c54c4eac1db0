"""The key that wraps all key files: in a file beside them, or sealed by the TPM (R54).

What lies in the folder decides: ``device.tpm`` is opened by the TPM or not at all, and a terminal
whose TPM is gone never falls back to a key in a file. Only where there are no keys yet does
``[security] device_key`` choose.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from pos_terminal.config import TCP, Security
from pos_terminal.core.words import Failure
from pos_terminal.services.security.files import read_private, shred, unreadable, write_atomic
from pos_terminal.services.security.wrapper import KEY_BYTES, DeviceKey, Protection

PLAIN_FILE: Final = "device.key"
SEALED_FILE: Final = "device.tpm"


def open_device_key(folder: Path, security: Security, *, make: bool) -> DeviceKey:
    """The device key of ``folder``; made where there is none and ``make`` allows it.

    Failure ``keys.device`` where it is missing, or not of the right length; ``keys.protection``
    where it lies elsewhere than ``security`` wants it; ``keys.damaged`` or ``keys.tpm_…``.
    """
    plain, sealed = read_private(folder / PLAIN_FILE), read_private(folder / SEALED_FILE)
    if plain is None and sealed is None and make:
        return _make(folder, security)
    if sealed is not None:
        _check_wanted(security, Protection.TPM)
        key = unseal(sealed, security.tpm)
        return DeviceKey(key, Protection.TPM if plain is None else Protection.BOTH, plain)
    if plain is None or len(plain) != KEY_BYTES:
        raise Failure("keys.device", file=str(folder / PLAIN_FILE))
    _check_wanted(security, Protection.FILE)
    return DeviceKey(plain, Protection.FILE)


def tpm_is_there(security: Security) -> bool:
    """Whether this machine has a TPM; whether it can be used shows when it is."""
    return security.tpm.startswith(TCP) or Path(security.tpm).exists()


def make_sealed(folder: Path, address: str) -> bytes:
    """A new device key, durably in ``device.tpm``. Failure ``keys.tpm_…``."""
    from pos_terminal.services.security.tpm import seal

    key = secrets.token_bytes(KEY_BYTES)
    write(folder / SEALED_FILE, seal(address, key, SEALED_FILE))
    return key


def unseal(sealed: bytes, address: str) -> bytes:
    """The device key out of the bytes of ``device.tpm``. Failure ``keys.damaged``,
    ``keys.tpm_…``."""
    from pos_terminal.services.security import tpm

    key = tpm.unseal(address, sealed, SEALED_FILE)
    if len(key) != KEY_BYTES:
        raise Failure("keys.damaged", file=SEALED_FILE)
    return key


def write(path: Path, data: bytes) -> None:
    """As ``write_atomic``. Failure ``keys.unreadable``."""
    try:
        write_atomic(path, data)
    except OSError as error:
        raise unreadable(path, error) from None


def destroy(path: Path) -> None:
    """Shred a file and what a power cut left of its last draft."""
    shred(path)
    shred(path.with_name(path.name + ".new"))


def _make(folder: Path, security: Security) -> DeviceKey:
    wanted = security.device_key
    if wanted == "tpm" or (wanted == "auto" and tpm_is_there(security)):
        return DeviceKey(make_sealed(folder, security.tpm), Protection.TPM)
    key = secrets.token_bytes(KEY_BYTES)
    write(folder / PLAIN_FILE, key)
    return DeviceKey(key, Protection.FILE)


def _check_wanted(security: Security, found: Protection) -> None:
    if security.device_key not in ("auto", found):
        raise Failure("keys.protection", wanted=security.device_key, found=str(found))
