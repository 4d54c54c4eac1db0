"""Keys that go to the replacement of this terminal, and keys that go for good (R56a)."""

from __future__ import annotations

import os
from pathlib import Path

from pos_terminal.cli.provision_console import Console, ask_twice
from pos_terminal.cli.provision_records import alone, pending, record
from pos_terminal.config import Config
from pos_terminal.core.words import Failure, say
from pos_terminal.services.security.components import kcv
from pos_terminal.services.security.into_tpm import into_tpm
from pos_terminal.services.security.keystore import KEYS_FOLDER, KeyStore
from pos_terminal.services.security.known_keys import refuse_test_keys
from pos_terminal.services.security.tokens import check_token_key, key_id
from pos_terminal.services.security.transfer import Bundle, check_password, pack, unpack
from pos_terminal.services.security.wiping import wipe
from pos_terminal.services.security.wrapper import Protection


def export_keys(config: Config, target: Path, console: Console) -> str:
    """Write all keys to ``target`` under two people's passwords. It is never overwritten."""
    with alone(config):
        store = KeyStore.of(config)
        bundle = Bundle(store.local_keys(), store.terminal, config.terminal.terminal_id)
        first, second = (
            ask_twice(console, say("provision.ask_password", place=place), check_password)
            for place in (1, 2)
        )
        _write_new(target, pack(bundle, first, second))
    record(config, "keys_exported", {"tmk_kcv": kcv(bundle.terminal.tmk)})
    return (
        f"{target}: the keys of terminal {config.terminal.terminal_id}, master key"
        f" {kcv(bundle.terminal.tmk)}. Wipe this terminal before the other one trades"
    )


def import_keys(config: Config, source: Path, console: Console, *, replace: bool) -> str:
    """Take the keys out of ``source`` over, beside the data folder's other files.

    Failure ``provision.already`` on a terminal that has keys, unless ``replace``;
    ``provision.foreign`` for those of another terminal, ``provision.test_key`` and
    ``keys.weak_token`` for such that no terminal may have.
    """
    with alone(config):
        data = _read(source)
        first, second = (
            console.secret(say("provision.ask_password", place=place)) for place in (1, 2)
        )
        bundle = unpack(data, first, second)
        ours = config.terminal.terminal_id
        if bundle.terminal_id != ours:
            raise Failure("provision.foreign", found=bundle.terminal_id, ours=ours)
        check_token_key(bundle.terminal.token)
        local, keys = bundle.local, bundle.terminal
        tokens = (keys.token, *(one.key for one in keys.older))
        refuse_test_keys(keys.tmk, *tokens, local.ring, local.pins, local.audit)
        store = KeyStore.of(config)
        if store.loaded and not replace:
            raise Failure("provision.already")
        store.adopt(bundle.local, bundle.terminal)
    values = kcv(bundle.terminal.tmk), key_id(bundle.terminal.token)
    facts = {"tmk_kcv": values[0], "token_key_id": values[1], "device_key": str(store.protection)}
    record(config, "keys_imported", facts)
    return (
        f"master key   check value {values[0]}\ntoken key    id {values[1]}\n"
        f"device key   {said_of(store.protection)}"
    )


def seal_to_tpm(config: Config) -> str:
    """The device key out of its file, under the TPM; repeated where it broke off."""
    with alone(config):
        into_tpm(config.data_dir / KEYS_FOLDER, config.security)
    # also where nothing was left to do: the run before may have broken off just here
    record(config, "keys_sealed", {"device_key": str(Protection.TPM)})
    return f"device key   {said_of(Protection.TPM)}"


def said_of(protection: Protection) -> str:
    """For the technician's eyes: where the device key lies."""
    match protection:
        case Protection.TPM:
            return "sealed by this machine's TPM"
        case Protection.FILE:
            return "a file: whoever has the SD card has the keys"
        case Protection.BOTH:
            return "on its way into the TPM: run --seal-to-tpm again"


def wipe_keys(config: Config, console: Console | None, *, force: bool) -> str:
    """Destroy keys, ring and people; asks ``console`` for the terminal's number first.

    Failure ``provision.pending`` while card data is still needed, unless ``force``.
    """
    with alone(config):
        count = 0 if force else pending(config)
        if count:
            raise Failure("provision.pending", count=count)
        ours = config.terminal.terminal_id
        if console and console.ask(say("provision.confirm_wipe", terminal=ours)) != ours:
            raise Failure("provision.not_wiped", terminal=ours)
    _record_wipe(config)
    with alone(config):
        wipe(config.data_dir)
    return "keys, sealed card data and PINs are destroyed"


def _record_wipe(config: Config) -> None:
    """A last audit entry, as long as there is a key to chain it with."""
    try:
        record(config, "keys_wiped", {"terminal_id": config.terminal.terminal_id})
    except Failure as failure:
        if failure.code == "ledger.locked":
            raise


def _read(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise Failure("provision.file", file=str(source), cause=error.strerror or "read") from None


def _write_new(target: Path, data: bytes) -> None:
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise Failure("provision.file", file=str(target), cause=error.strerror or "write") from None
