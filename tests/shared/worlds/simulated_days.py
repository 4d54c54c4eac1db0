"""The days that are simulated as they come; no other test needs to see that those agree."""

from __future__ import annotations

from typing import Final

DAYS: Final = 80
"""Seeds 0 to 79, in ``tests/simulation/test_simulated_days.py``."""
