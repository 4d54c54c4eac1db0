"""``python -m hw_sim.power``: power cuts (``hw_sim.proofs.power.__main__``)."""

import sys

from hw_sim.proofs.power.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
