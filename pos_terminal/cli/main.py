"""Arguments of ``pos-terminal`` and the command that each one names."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Final

from pos_terminal import __version__
from pos_terminal.cli.failing import print_failure, status_of
from pos_terminal.core.words import Failure

#: command -> (module with add_arguments and run, what it does)
COMMANDS: Final = {
    "run": ("pos_terminal.cli.run", "run the terminal (the service)"),
    "check": ("pos_terminal.cli.check", "open every device once and say what is wrong"),
    "provision": ("pos_terminal.cli.provision", "load people and keys"),
    "import-sales": ("pos_terminal.cli.import_sales", "take in a file of the sales feed"),
    "import-outcomes": (
        "pos_terminal.cli.import_outcomes",
        "take in the acquirer's file of outcomes",
    ),
    "config": ("pos_terminal.cli.config_example", "print a terminal.toml with every option"),
    "ledger": ("pos_terminal.cli.ledger", "list sales, refunds, voids and what is pending"),
    "export-stock": (
        "pos_terminal.cli.export_stock",
        "print what goods and points came back, for a stock system",
    ),
    "purge": ("pos_terminal.cli.purge", "erase what is older than [retention] keeps"),
    "export-case": ("pos_terminal.cli.export_case", "write all of a case as one HTML page"),
    "explain": ("pos_terminal.cli.explain", "say why each rule answered as it did"),
}


def run_command(arguments: Sequence[str]) -> int:
    """Run one command; the exit status: 0 done, 1 could not, 2 wrong arguments or settings."""
    parser = _parser(arguments[:1])
    parsed = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = parsed.run
    try:
        return run(parsed)
    except Failure as failure:
        print_failure(failure, getattr(parsed, "config", None))
        return status_of(failure)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1


def _parser(first: Sequence[str]) -> argparse.ArgumentParser:
    """Of the named command alone, where there is one: a terminal starts quickly."""
    parser = argparse.ArgumentParser(
        prog="pos-terminal", description="Refunds and voids to the original card."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in [name for name in first if name in COMMANDS] or COMMANDS:
        module_name, text = COMMANDS[name]
        command = commands.add_parser(name, help=text, description=text.capitalize() + ".")
        if name in first:
            module = import_module(module_name)
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    return parser
