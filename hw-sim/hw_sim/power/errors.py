"""``python -m hw_sim.power.errors``: disks that fail (``hw_sim.proofs.power.errors``)."""

import sys

from hw_sim.proofs.power.errors import main

if __name__ == "__main__":
    sys.exit(main())
