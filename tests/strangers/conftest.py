"""Peers that somebody else could have made, from the documents alone, at every cable."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
