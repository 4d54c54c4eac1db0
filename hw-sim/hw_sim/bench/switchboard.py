"""The bench's own Unix socket: verbs from the shell go to the device that has them.

One JSON object a line each way: ``{"verb": NAME, "words": [TEXT…]}`` is answered by
``{"ok": true, "answer": …}`` or ``{"ok": false, "error": TEXT}``, with ``"usage": true`` where the
words are wrong.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from hw_sim.device import BenchError, Device, Verb, WrongWords

CABLES: Final = {
    "keypad": "inputs",
    "scanner": "inputs",
    "reader": "cards",
    "printer": "printer",
    "acquirer": "acquirer",
    "tpm": "tpm",
}
"""Which device holds the end of each cable that ``unplug`` and ``plug`` name."""
_LINE_LIMIT: Final = 1 << 20


class Switchboard:
    """Serves until ``close``. Verbs of one device run one after the other, as hands would."""

    def __init__(self, devices: Sequence[Device]) -> None:
        self._cables = {device.name: device.verbs() for device in devices}
        self._verbs = _verbs(devices)
        self._turns = {device.name: asyncio.Lock() for device in devices}
        self._server: asyncio.Server | None = None

    async def open(self, path: Path) -> None:
        # the runtime folder is ours alone: mkdtemp makes it 0700
        self._server = await asyncio.start_unix_server(self._serve, path, limit=_LINE_LIMIT)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def do(self, name: str, words: list[str]) -> object:
        """Do one verb. BenchError where it can't be done."""
        device, verb = self._find(name, words)
        async with self._turns[device]:
            return await verb(words)

    def _find(self, name: str, words: list[str]) -> tuple[str, Verb]:
        if name in ("plug", "unplug"):
            return self._cable(name, words)
        try:
            return self._verbs[name]
        except KeyError:
            raise WrongWords(f"this bench has nothing that does `{name}`") from None

    def _cable(self, name: str, words: list[str]) -> tuple[str, Verb]:
        if len(words) != 1 or words[0] not in CABLES:
            raise WrongWords(f"{name} needs one of {', '.join(CABLES)}")
        device = CABLES[words[0]]
        verb = self._cables.get(device, {}).get(name)
        if verb is None:
            raise BenchError(f"this bench does not hold the cable of the {words[0]}")
        return device, verb

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            try:
                while line := await reader.readline():
                    writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
                    await writer.drain()
            except ValueError:  # a line over the limit
                pass
            finally:
                writer.close()

    async def _answer(self, line: bytes) -> dict[str, object]:
        try:
            name, words = _request(line)
            return {"ok": True, "answer": await self.do(name, words)}
        except WrongWords as error:
            return {"ok": False, "error": str(error), "usage": True}
        except BenchError as error:
            return {"ok": False, "error": str(error)}


def _request(line: bytes) -> tuple[str, list[str]]:
    try:
        found: Any = json.loads(line)
    except ValueError:
        raise WrongWords("a request is one JSON object a line") from None
    if not isinstance(found, dict) or not isinstance(found.get("verb"), str):
        raise WrongWords('a request names its "verb"')
    words = found.get("words", [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise WrongWords('"words" is a list of texts')
    return found["verb"], words


def _verbs(devices: Sequence[Device]) -> Mapping[str, tuple[str, Verb]]:
    found: dict[str, tuple[str, Verb]] = {}
    for device in devices:
        for name, verb in device.verbs().items():
            if name in ("plug", "unplug"):
                continue
            if name in found:
                raise ValueError(f"{device.name} and {found[name][0]} both do `{name}`")
            found[name] = (device.name, verb)
    return found
