"""``pos-terminal export-stock``: movements of goods and points, read beside a running terminal."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pos_terminal.cli.numbers import how_many
from pos_terminal.config import load
from pos_terminal.core.words import say
from pos_terminal.ports.books.stock import StockReads
from pos_terminal.ports.stock_page import FIELDS, MOST_OF_A_PAGE, StockPage, as_told
from pos_terminal.services.ledger.read_only import read_ledger
from pos_terminal.texts import technician

_FORMATS: Final = ("jsonl", "csv")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, required=True, help="terminal.toml")
    parser.add_argument(
        "--since",
        type=how_many,
        required=True,
        metavar="N",
        help="movements with a higher number; 0: all that are kept",
    )
    parser.add_argument("--format", choices=_FORMATS, default=_FORMATS[0], help="(%(default)s)")


def run(args: argparse.Namespace) -> int:
    """0; Failure ``ledger.missing`` where there is none yet, ``stock.ahead``.

    UTF-8 whatever the locale says: the file is for another machine.
    """
    since: int = args.since
    erased = 0
    config = load(args.config)
    with read_ledger(config) as ledger:
        ledger.db.execute("BEGIN")  # one state of it, whatever a running terminal writes meanwhile
        for number, page in enumerate(_pages(ledger.stock, since)):
            _write(page, args.format, heading=number == 0)
            erased += page.erased
    sys.stdout.flush()
    if erased:
        print(technician(say("stock.erased", since=since, erased=erased)), file=sys.stderr)
    return 0


def _pages(stock: StockReads, since: int) -> Iterator[StockPage]:
    """At least one, up to the last number."""
    page = stock.page(since, MOST_OF_A_PAGE)
    yield page
    while page.next < page.last:
        page = stock.page(page.next, MOST_OF_A_PAGE)
        yield page


def _write(page: StockPage, form: str, *, heading: bool) -> None:
    told = [as_told(one) for one in page.movements]
    text = _csv(told, heading=heading) if form == "csv" else _lines(told)
    sys.stdout.buffer.write(text.encode("utf-8"))


def _lines(told: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in told)


def _csv(told: list[dict[str, Any]], *, heading: bool) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    if heading:
        writer.writeheader()
    writer.writerows(told)
    return text.getvalue()
