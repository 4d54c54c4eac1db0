"""Time zones by their name in the IANA database: the system's, or that of ``tzdata``."""

from __future__ import annotations

from datetime import tzinfo
from typing import Final

SHANGHAI: Final = "Asia/Shanghai"
"""Where a shop or an acquirer says nothing else."""


class UnknownZone(ValueError):
    """The text says what is wrong with the name."""


def zone_of(name: str) -> tzinfo:
    """The zone; made once for each name. UnknownZone."""
    from zoneinfo import ZoneInfo  # a command that shows no time needs none of it

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # no path, a folder, not there
        hint = f'one of the IANA database, like "{SHANGHAI}"'
        raise UnknownZone(f'no time zone "{name}"; {hint}') from None
