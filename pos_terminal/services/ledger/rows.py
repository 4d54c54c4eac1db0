"""Rows of the ledger as the records that the flows know."""

from __future__ import annotations

import sqlite3
from datetime import datetime

import msgspec

from pos_terminal.core.case import FACTS, CaseKind
from pos_terminal.ports import Approval, Case, Evidence, Finding

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


def case_of(row: Row) -> Case:
    kind = CaseKind(row["kind"])
    return Case(
        case_id=row["case_id"],
        kind=kind,
        sale_id=row["sale_id"],
        refund_id=row["refund_id"],
        open=row["state"] == "open",
        opened_at=datetime.fromisoformat(row["opened_at"]),
        facts=msgspec.json.decode(row["facts"], type=FACTS[kind]),
    )
