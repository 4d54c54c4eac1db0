"""Printers as they are found: what each of them can tell, by a name for the bench."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hw_sim.printer.machine import Abilities

LATE_SECONDS: Final = 1.5

MODELS: Final[Mapping[str, Abilities]] = {
    "full": Abilities(),
    "no-end": Abilities(fence=False),
    "real-time": Abilities(fence=False, automatic=False, notice=False),
    "mute-end": Abilities(fence=False, automatic=False, notice=False, sensors=False),
    "automatic": Abilities(fence=False, real_time=False, notice=False),
    "late": Abilities(fence=False, late=LATE_SECONDS, notice=False),
    "late-automatic": Abilities(fence=False, real_time=False, late=LATE_SECONDS, notice=False),
}
"""``full`` answers ``GS ( H``, ``GS a`` and ``DLE EOT``; ``no-end`` all but the first. Of status,
``real-time`` has ``DLE EOT`` alone, and ``mute-end`` does not even answer ``GS r`` behind its data;
``automatic`` has ``GS a`` alone. The late ones tell by ``GS a`` a moment after it was so."""
