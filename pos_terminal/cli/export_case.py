"""``pos-terminal export-case NUMBER --out FILE``: all of a case as one page (R76)."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from pos_terminal.cli.numbers import row
from pos_terminal.config import load
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.read_only import read_ledger
from pos_terminal.texts import Language


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", type=row, metavar="NUMBER", help="of the case, as on its slip")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the page (HTML)")
    parser.add_argument("--config", type=Path, required=True, help="terminal.toml")
    parser.add_argument(
        "--language", choices=[one.value for one in Language], help="the terminal's otherwise"
    )


def run(arguments: argparse.Namespace) -> int:
    """0. Failure ``export.no_case``, ``export.there`` for a file that is there already,
    ``export.not_written``."""
    from pos_terminal.cli.case_dossier import dossier
    from pos_terminal.cli.case_page import CasePage

    config = load(arguments.config)
    language = Language(arguments.language or config.terminal.language)
    with read_ledger(config) as ledger, ledger.moment:
        found = dossier(ledger, config, language, arguments.number)
    page = CasePage(found, language, config.terminal.currency).html()
    _write(arguments.out, page)
    print(arguments.out)
    return 0


def _write(path: Path, page: str) -> None:
    """For whoever asked alone: it names people and what they said."""
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "w", encoding="utf-8") as file:
            file.write(page)
    except FileExistsError:
        raise Failure("export.there", file=str(path)) from None
    except OSError as error:
        cause = error.strerror or "write"
        raise Failure("export.not_written", file=str(path), cause=cause) from None
