"""What ``hw-sim up`` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAPER_SPEED: Final = 250.0
"""Of a shop's printer, in millimetres a second."""
DEMO_PAPER_SPEED: Final = 350.0
"""Of a quick one, an Epson TM-T88VI: who watches the demo waits for ten slips."""


@dataclass(frozen=True, slots=True)
class Options:
    folder: Path
    acquirer: str | None = None
    """``HOST:PORT`` of somebody else's acquirer, spoken to in plain TCP; None for ours."""
    printer: str | None = None
    """A device path or ``tcp://HOST:PORT`` of somebody else's printer; None for ours."""
    sales: Path | None = None
    """Further sales, JSON Lines or CSV, for both sides; full card numbers are allowed here."""
    card_service: bool = True
    seed: int = 0
    language: str = "zh_CN"
    paper: int = 58
    """Millimetres, of the printer and in terminal.toml alike: 58 or 80."""
    paper_speed: float = PAPER_SPEED
    """Millimetres a second."""
    profile: str = "cup"
    """Of acquirers, that both sides speak: a name, or a .toml file."""
    tpm: bool = False
    """Whether the terminal's keys are sealed by an emulated TPM; else they lie in a file."""
    repeat: str | None = None
    """``never`` or ``identical``; None for what the acquirer at the other end can do."""
