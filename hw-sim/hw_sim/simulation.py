"""``python -m hw_sim.simulation``: simulated days (``hw_sim.proofs.simulation.__main__``)."""

import sys

from hw_sim.proofs.simulation.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
