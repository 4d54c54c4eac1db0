"""``pos-terminal ledger``: what the ledger holds, read beside a running terminal."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pos_terminal.cli.numbers import how_many
from pos_terminal.config import load
from pos_terminal.services.ledger.books import shelf
from pos_terminal.services.ledger.overview import MANY, overview
from pos_terminal.services.ledger.read_only import read_ledger

_COLUMNS: Final = {listing.name: listing.columns for listing in shelf.lists() if listing.columns}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, required=True, help="terminal.toml")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument(
        "--limit",
        type=how_many,
        default=MANY,
        metavar="N",
        help="newest N of each kind (%(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """0; Failure ``ledger.missing`` where there is none yet."""
    config = load(args.config)
    with read_ledger(config) as ledger:
        found = overview(ledger.db, args.limit, datetime.now(UTC))
    print(json.dumps(found, ensure_ascii=False) if args.json else _tables(found))
    return 0


def _tables(found: dict[str, Any]) -> str:
    return "\n\n".join(_table(name, found[name]) for name in _COLUMNS)


def _table(name: str, rows: list[dict[str, Any]]) -> str:
    """Plain columns, as wide as their widest cell; amounts in minor units."""
    columns = _COLUMNS[name]
    cells = [[_cell(row[column]) for column in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    lines = [f"{name}: {len(rows)}"]
    for line in [list(columns), *cells] if rows else []:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        lines.append("  " + "  ".join(padded).rstrip())
    return "\n".join(lines)


def _cell(value: object) -> str:
    return "-" if value is None or value == "" else str(value)
