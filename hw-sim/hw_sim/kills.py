"""``python -m hw_sim.kills``: kills at each moment (``hw_sim.proofs.simulation.kills``)."""

import sys

from hw_sim.proofs.simulation.kills import main

if __name__ == "__main__":
    sys.exit(main())
