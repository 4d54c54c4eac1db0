"""Rows of the ledger as the records that the flows know."""

from __future__ import annotations

import sqlite3

from pos_terminal.ports import Evidence

Row = sqlite3.Row


def evidence_of(row: Row) -> Evidence:
    return Evidence(
        done=row["done"],
        reference=row["reference"],
        rrn=row["rrn"],
        auth_code=row["auth_code"],
        source=row["source"],
        line=row["line"],
        digest=row["digest"],
    )
