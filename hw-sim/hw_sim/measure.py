"""``python -m hw_sim.measure``: the speed table (``hw_sim.proofs.measure.__main__``)."""

import sys

from hw_sim.proofs.measure.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
