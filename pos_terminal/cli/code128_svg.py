"""The barcode of a slip as SVG: the same CODE128 that the printer makes of its digits."""

from __future__ import annotations

from html import escape
from typing import Final

from barcode.codex import Code128

_MODULE: Final = 2
"""CSS pixels of one module."""
_HEIGHT: Final = 48
_QUIET: Final = 10
"""Modules left blank on both sides (ISO/IEC 15417)."""


def code128_svg(digits: str) -> str:
    """One path, named by its digits."""
    (modules,) = Code128(digits).build()
    bars, start = [], 0
    for end in range(1, len(modules) + 1):
        if end < len(modules) and modules[end] == modules[start]:
            continue
        if modules[start] == "1":
            left, wide = (start + _QUIET) * _MODULE, (end - start) * _MODULE
            bars.append(f"M{left} 0h{wide}v{_HEIGHT}h-{wide}z")
        start = end
    wide = (len(modules) + 2 * _QUIET) * _MODULE
    name = escape(digits)
    return (
        f'<svg role="img" width="{wide}" height="{_HEIGHT}" viewBox="0 0 {wide} {_HEIGHT}">'
        f'<title>{name}</title><path d="{"".join(bars)}"/></svg>'
    )
