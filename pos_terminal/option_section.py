"""What all sections of ``terminal.toml`` have in common."""

from __future__ import annotations

from msgspec import Struct


class Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A section whose unknown options are errors."""
