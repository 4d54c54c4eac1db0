"""Entry point of ``pos-terminal``."""

from __future__ import annotations

import sys


def main() -> int:
    from pos_terminal.cli.main import run_command

    return run_command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
