"""Rows of the ledger as the records that the flows know."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from pos_terminal.ports import Approval, Evidence, Finding

Row = sqlite3.Row


def finding_of(row: Row) -> Finding:
    first, second = (
        Approval(
            supervisor=row[place],
            name=row[f"{place}_name"],
            at=datetime.fromisoformat(row[f"{place}_at"]),
            amount=row["done"] or row["amount"],
            rule=Finding.RULE,
        )
        for place in ("first", "second")
    )
    return Finding(row["done"], row["reference"], row["operator"], (first, second))


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
