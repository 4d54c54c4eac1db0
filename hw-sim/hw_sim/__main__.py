"""``python -m hw_sim``: what the executable ``hw-sim/hw-sim`` runs."""

from __future__ import annotations

import sys

from hw_sim.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
