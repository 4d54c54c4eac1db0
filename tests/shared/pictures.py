"""Pictures that the docs show, and whether one is stale.

Releases of Unifont draw some characters otherwise: Debian 12 has 15.0, Debian 13 has 15.1. So a
picture's file says which font drew it, and what stands on it. What stands on it is compared on
every system, each dot only where the font is the one that drew it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngInfo


def record(picture: Image.Image, file: Path, says: str, font: Path) -> None:
    """``says`` is the text of what the picture shows."""
    facts = PngInfo()
    for name, value in _facts(says, font).items():
        facts.add_text(name, value)
    picture.save(file, optimize=True, pnginfo=facts)


def stale(picture: Image.Image, file: Path, says: str, font: Path) -> str:
    """What is no longer so in the file; empty where it is as it would be drawn."""
    there = _facts(says, font)
    with Image.open(file) as kept:
        if kept.info.get("Says") != there["Says"]:
            return f"{file.name} is stale, it says something else: record it"
        if kept.info.get("Font") != there["Font"]:
            return ""
        changed = ImageChops.difference(kept.convert("RGB"), picture.convert("RGB")).getbbox()
    return "" if changed is None else f"{file.name} is stale at {changed}: record it"


def _facts(says: str, font: Path) -> dict[str, str]:
    """For the file's text chunks, as digests: they stay short."""
    content = {"Font": font.read_bytes(), "Says": says.encode()}
    return {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
