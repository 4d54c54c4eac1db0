"""Freezes the schema of this version: writes its folder in ``tests/fixtures/ledgers``.

    .venv/bin/python tests/shared/freeze.py

Once for each release that changes the schema, after its number was raised (``pos_terminal``,
``__version__``). ``--again`` for one that is not released yet.
"""

from __future__ import annotations

import argparse

from worlds.releases import freeze


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--again", action="store_true", help="write over a folder that is there")
    folder = freeze(again=parser.parse_args().again)
    for file in sorted(folder.iterdir()):
        print(f"{file.stat().st_size:8d}  {file}")


if __name__ == "__main__":
    main()
