"""What went over the line, decoded and masked; bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from pos_terminal.wire.iso8583.message import Message

KEPT: Final = 20_000
"""Entries; older ones are dropped."""


class Log:
    """Messages and events of all connections, in order."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def message(
        self,
        direction: str,
        link: int,
        message: Message,
        *,
        function: str | None,
        mac: str,
        faults: Iterable[str] = (),
        note: str | None = None,
    ) -> None:
        """``direction`` is ``in`` or ``out``; ``mac`` is valid, wrong or missing."""
        entry = {
            "mti": message.mti,
            "function": function,
            "fields": message.shown(),
            "header": message.header.digits(),
            "tpdu": message.tpdu,
            "mac": mac,
            "faults": sorted(faults),
        }
        self._add(direction, link, entry | ({"note": note} if note else {}))

    def event(self, link: int, note: str) -> None:
        """Something that is no message: a connection, garbage, a failed handshake."""
        self._add("event", link, {"note": note})

    def entries(self) -> list[dict[str, Any]]:
        return list(self._entries)

    def clear(self) -> None:
        self._entries.clear()

    def _add(self, direction: str, link: int, facts: dict[str, Any]) -> None:
        at = self._now().isoformat(timespec="milliseconds")
        self._entries.append({"at": at, "direction": direction, "connection": link, **facts})
