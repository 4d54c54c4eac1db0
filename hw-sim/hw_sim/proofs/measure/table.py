"""The table for people, and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from hw_sim.proofs.measure.figures import Check, Row

_VERDICT = {True: "met", False: "MISSED", None: "not measured"}


def as_text(rows: Sequence[Row]) -> str:
    """One block a row: what, each figure with floor, ratio and goal, remarks."""
    return "\n".join(line for row in rows for line in _lines(row))


def as_json(rows: Sequence[Row], machine: Mapping[str, str]) -> str:
    return json.dumps(
        {"machine": dict(machine), "rows": [_record(row) for row in rows]},
        ensure_ascii=False,
        indent=2,
    )


def _lines(row: Row) -> Iterator[str]:
    yield f"{row.what}  [{_VERDICT[row.met]}]"
    if row.checks:
        yield f"    floor: {row.floor}"
    for check in row.checks:
        yield f"    {_figure(check)}"
    if row.note:
        yield f"    {row.note}"
    if row.missing:
        yield f"    {row.missing}"


def _figure(check: Check) -> str:
    sign = "≥" if check.least else "≤"
    shown = f"{check.label:<10} {_number(check.measured)} {check.unit}".rstrip()
    if check.floor is None:
        return f"{shown}, goal {sign} {_number(check.limit)} {check.unit}".rstrip()
    floor = f"floor {_number(check.floor)} {check.unit}".rstrip()
    return f"{shown}, {floor}: {check.figure:.2f} ×, goal {sign} {check.limit:g} ×"


def _number(value: float) -> str:
    if value == int(value):
        return str(int(value))
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _record(row: Row) -> dict[str, Any]:
    checks = [asdict(check) | {"figure": check.figure, "met": check.met} for check in row.checks]
    return asdict(row) | {"checks": checks, "met": row.met}
