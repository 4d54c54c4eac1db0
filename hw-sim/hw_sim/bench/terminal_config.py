"""``terminal.toml`` and ``terminal.env`` of the bench's terminal."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hw_sim.bench import identity
from hw_sim.bench.certificates import Certificates
from hw_sim.bench.files import Files

_CLASSES = ("till", "feed", "acquirer", "status", "technician", "bench")
Sections = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Wiring:
    """Where each cable of the terminal ends."""

    acquirer: str
    """``HOST:PORT``."""
    tls: Certificates | None
    """None: somebody else's acquirer, plain TCP on a private line."""
    printer: str
    keypad: str
    scanner: str
    readers: Mapping[str, str]
    """Full PC/SC name by interface (``contact``, ``tap``)."""
    control: str
    language: str
    paper: int = 58
    repeat: str | None = None
    """``never``, ``identical``; None: what the other end can do."""
    profile: str = "cup"
    tpm: str | None = None
    """``tcp://HOST:PORT``; None: none."""


def sections(wiring: Wiring, files: Files) -> Sections:
    """The configuration, table by table; every table name as TOML writes it."""
    tables: Sections = {
        "terminal": {
            "merchant_id": identity.MERCHANT_ID,
            "terminal_id": identity.TERMINAL_ID,
            "merchant_name": identity.MERCHANT_NAME,
            "data_dir": files.data.name,
            "language": wiring.language,
            "contact": identity.CONTACT,
            "timezone": identity.TIMEZONE,
        },
        "acquirer": _acquirer(wiring),
        "sales": {"home": "all"},
        "control": {"socket": wiring.control},
        "control.classes": {one: [_who_called()] for one in _CLASSES},
        "printer": {"port": wiring.printer, "baud": 115200, "paper": wiring.paper},
        "keypad": {"device": wiring.keypad},
        "scanner": {"device": wiring.scanner, "kind": "evdev"},
        "display": {"backend": "ansi", "columns": 40, "rows": 15},
        "security": _security(wiring),
    }
    if wiring.tls is not None:
        tables["acquirer.tls"] = _tls(wiring.tls)
    for interface, name in wiring.readers.items():
        tables[f"reader.{interface}"] = {"name": name}
    return tables


def _who_called() -> str:
    """The user at the shell, who plays every program of the shop on the bench."""
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _acquirer(wiring: Wiring) -> dict[str, Any]:
    """Waits are shorter than in a shop, where a person stands behind each of them."""
    # the bench's acquirer pays an identical message once; nobody promised that of another's
    repeat = wiring.repeat or ("never" if wiring.tls is None else "identical")
    return {
        "address": [wiring.acquirer],
        "profile": wiring.profile,
        "tpdu": identity.TPDU,
        "private_line": wiring.tls is None,
        "repeat": repeat,
        "files": "trusted",
        "answer_seconds": 5.0,
        "connect_seconds": 3.0,
        "customer_seconds": 30.0,
        "repeat_seconds": 0.5,
        "background_seconds": 5.0,
        "owed_seconds": 5.0,
    }


def _security(wiring: Wiring) -> dict[str, Any]:
    """The TPM of the machine that the bench runs on is not the bench's to use."""
    if wiring.tpm is None:
        return {"device_key": "file"}
    return {"device_key": "tpm", "tpm": wiring.tpm}


def _tls(tls: Certificates) -> dict[str, Any]:
    return {
        "certificate": str(tls.client),
        "key": str(tls.client_key),
        "authority": str(tls.authority),
        "server_name": identity.SERVER_NAME,
        "pins": [tls.pin],
    }


def toml(tables: Sections) -> str:
    """Strings, numbers, booleans and lists read the same in JSON and in TOML; a table within a
    table is one of its own."""
    parts = []
    for name, options in tables.items():
        inner = {key: value for key, value in options.items() if isinstance(value, dict)}
        lines = [
            f"{key} = {json.dumps(value, ensure_ascii=False)}"
            for key, value in options.items()
            if key not in inner
        ]
        parts.append("\n".join([f"[{name}]", *lines, ""]))
        parts += [toml({f"{name}.{key}": value}) for key, value in inner.items()]
    return "\n".join(parts)


def environment(variables: Mapping[str, str]) -> str:
    """KEY=VALUE lines, nothing quoted: every line is one variable up to its end."""
    for name, value in variables.items():
        if "\n" in value or "=" in name:
            raise ValueError(f"{name} can't be written as a KEY=VALUE line")
    return "".join(f"{name}={value}\n" for name, value in variables.items())


def read_environment(text: str) -> dict[str, str]:
    """The variables of ``terminal.env``."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {name: value for name, _, value in pairs}
