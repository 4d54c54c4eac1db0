"""The bench's end of the cards that are put into a terminal by order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from hw_sim.device import BenchError, Place, Verb


class FarCards:
    """Fulfils ``hw_sim.device.Device``: passes the hand's verbs on to ``devices.Orders``."""

    name = "cards"

    def __init__(self, orders: Path) -> None:
        self._orders = orders

    async def start(self, place: Place) -> None:
        """Nothing: the cards are the terminal's."""

    async def stop(self) -> None: ...

    def endpoints(self) -> dict[str, object]:
        return {"readers": {}}

    def environment(self) -> dict[str, str]:
        return {}

    def verbs(self) -> Mapping[str, Verb]:
        names = ("card", "arm", "reached", "disk-mended")
        return {name: partial(self._pass_on, name) for name in names}

    async def _pass_on(self, verb: str, words: list[str]) -> object:
        try:
            reader, writer = await asyncio.open_unix_connection(self._orders)
        except OSError:
            raise BenchError("no terminal that takes orders is running") from None
        with suppress(OSError):
            writer.write(json.dumps({"verb": verb, "words": words}).encode() + b"\n")
            line = await reader.readline()
            writer.close()
            if line:
                answer = json.loads(line)
                if not answer["ok"]:
                    raise BenchError(answer["error"])
                return answer["answer"]
        return None  # it was killed by what it was ordered to do
