"""Requests from a connection, line by line, none longer than its class may send."""

from __future__ import annotations

import asyncio
from typing import Final

_PART: Final = 65_536


class TooLong(Exception):
    """The line is longer than it may be; what comes after it can't be found."""


class Lines:
    """Holds one line at most, and what came with its end."""

    def __init__(self, reader: asyncio.StreamReader, most: int) -> None:
        self._reader = reader
        self._most = most
        self._rest = bytearray()

    async def next(self) -> bytes:
        """With its end; empty where the other side has closed. TooLong."""
        looked = 0
        while (end := self._rest.find(b"\n", looked)) < 0:
            looked = len(self._rest)
            if looked > self._most:
                raise TooLong
            part = await self._reader.read(_PART)
            if not part:
                return self._cut(looked)
            self._rest += part
        if end > self._most:
            raise TooLong
        return self._cut(end + 1)

    def _cut(self, end: int) -> bytes:
        line = bytes(self._rest[:end])
        del self._rest[:end]
        return line
