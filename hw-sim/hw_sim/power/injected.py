"""``python -m hw_sim.power.injected``: failing calls (``hw_sim.proofs.power.injected``)."""

import sys

from hw_sim.proofs.power.injected import main

if __name__ == "__main__":
    sys.exit(main())
