"""Keys whose device key lay in a file go under one that only the TPM has (R54)."""

from __future__ import annotations

from pathlib import Path

from pos_terminal.config import Security
from pos_terminal.core.words import Failure
from pos_terminal.services.security.device_key import (
    PLAIN_FILE,
    SEALED_FILE,
    destroy,
    make_sealed,
    unseal,
    write,
)
from pos_terminal.services.security.files import read_private, unreadable
from pos_terminal.services.security.keystore import KEY_FILES
from pos_terminal.services.security.wrapper import DeviceKey, Protection


def into_tpm(folder: Path, security: Security) -> None:
    """Do what is left of it to be done. Nobody else may use the folder meanwhile.

    A new device key is sealed, each key file is wrapped anew, and the old device key is destroyed
    last: from the first step to the last each file opens under one of the two keys. A run that
    broke off anywhere is simply repeated. Failure ``keys.missing`` without keys,
    ``keys.protection`` where the configuration wants a file, or what else ``keys.…`` is wrong.
    """
    if security.device_key == "file":
        raise Failure("keys.protection", wanted="file", found=str(Protection.TPM))
    plain, sealed = read_private(folder / PLAIN_FILE), read_private(folder / SEALED_FILE)
    if plain is None and sealed is not None:
        return
    if plain is None:
        raise Failure("keys.missing", file=str(folder / PLAIN_FILE))
    key = None if sealed is None else unseal(sealed, security.tpm)
    # all of them are readable before anything is changed
    contents = _contents(folder, DeviceKey(key or plain, Protection.BOTH, plain))
    new = DeviceKey(key or make_sealed(folder, security.tpm), Protection.TPM)
    for name, content in contents.items():
        write(folder / name, new.wrap(name, content))
    try:
        destroy(folder / PLAIN_FILE)
    except OSError as error:
        raise unreadable(folder / PLAIN_FILE, error) from None


def _contents(folder: Path, old: DeviceKey) -> dict[str, bytes]:
    blobs = {name: read_private(folder / name) for name in KEY_FILES}
    return {name: old.unwrap(name, blob) for name, blob in blobs.items() if blob is not None}
