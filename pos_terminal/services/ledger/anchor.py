"""The head of the audit log, noted outside the ledger: an old copy put back shows (R55).

``<ledger>.head`` has one line: number and hash of an entry, and an HMAC of both under the audit
key. It is written when the ledger is tidied, always after that entry is durable.
"""

from __future__ import annotations

import hmac
import os
import sqlite3
from pathlib import Path

from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import audit


def anchor_path(path: Path) -> Path:
    return path.with_name(path.name + ".head")


def write_anchor(db: sqlite3.Connection, path: Path, key: bytes) -> None:
    """Replace the file as a whole. Failure ``ledger.full`` or ``ledger.io``."""
    seq, entry = audit.head(db)
    line = f"{seq} {entry} {_mac(key, seq, entry)}\n"
    target = anchor_path(path)
    fresh = target.with_name(target.name + ".new")
    try:
        with fresh.open("w", encoding="ascii") as file:
            file.write(line)
            file.flush()
            os.fdatasync(file.fileno())
        fresh.replace(target)
    except OSError as error:
        raise Failure("ledger.io", file=str(target), cause=error.strerror or "write") from None


def check_anchor(db: sqlite3.Connection, path: Path, key: bytes) -> None:
    """Failure ``ledger.rolled_back`` where the ledger is older than its noted head.

    Without the file nothing is known: the ledger is new, or was moved here on purpose.
    """
    try:
        parts = anchor_path(path).read_text("ascii").split()
    except (FileNotFoundError, UnicodeDecodeError):
        parts = []
    if not parts:
        return
    if len(parts) != 3 or not parts[0].isdigit():
        raise Failure("ledger.tampered", what="the noted head of the audit log")
    seq, entry = int(parts[0]), parts[1]
    if not hmac.compare_digest(parts[2], _mac(key, seq, entry)):
        raise Failure("ledger.tampered", what="the noted head of the audit log")
    row = db.execute("SELECT hash FROM audit WHERE seq = ?", (seq,)).fetchone()
    if row is None or row[0] != entry:
        raise Failure("ledger.rolled_back", noted=seq, found=audit.head(db)[0])


def _mac(key: bytes, seq: int, entry: str) -> str:
    return hmac.digest(key, f"head {seq} {entry}".encode(), "sha256").hex()
