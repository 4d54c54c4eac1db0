"""Keypad and scanner of the bench: verbs of hands and cables."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from hw_sim.device import BenchError, Place, Verb, WrongWords
from hw_sim.inputs.fifo_wiring import FifoWiring
from hw_sim.inputs.packets import press
from hw_sim.inputs.senders import Sender, line, scan, set_up
from hw_sim.inputs.serial_scanner import SerialScannerPort
from hw_sim.inputs.uinput_wiring import UinputWiring
from hw_sim.inputs.umockdev_wiring import UmockdevWiring
from hw_sim.inputs.wiring import MODELS, Unavailable, Wiring

WAYS: Final[Mapping[str, Callable[[], Wiring]]] = {
    "umockdev": UmockdevWiring,
    "uinput": UinputWiring,
    "fifo": FifoWiring,
}
"""In the order of trying. umockdev first: its keys can't reach anything but the terminal."""


class InputsDevice:
    """Fulfils ``hw_sim.device.Device``. ``how`` forces one of ``WAYS``."""

    name = "inputs"

    def __init__(self, how: str | None = None) -> None:
        self._ways = [WAYS[how]] if how else list(WAYS.values())
        self._wiring: Wiring | None = None
        self._serial = SerialScannerPort()
        self._sender = Sender()
        self._plugged: set[str] = set()
        self._turn = asyncio.Lock()

    async def start(self, place: Place) -> None:
        self._wiring = await self._first_that_works(place)
        for name in MODELS:
            await self._plug([name])
        self._serial.start(place.folder)

    async def stop(self) -> None:
        wiring, self._wiring = self._wiring, None
        self._plugged.clear()
        self._serial.unplug()
        if wiring is not None:
            await wiring.stop()

    def endpoints(self) -> dict[str, object]:
        wiring = self._started()
        paths = {name: wiring.path(name) for name in MODELS}
        return {"inputs": {**paths, "serial_scanner": self._serial.path, "how": wiring.how}}

    def environment(self) -> dict[str, str]:
        return self._started().environment()

    def verbs(self) -> Mapping[str, Verb]:
        return {
            "press": self._press,
            "scan": self._scan,
            "scan-serial": self._scan_serial,
            "scanner": self._scanner,
            "plug": self._plug,
            "unplug": self._unplug,
        }

    async def _first_that_works(self, place: Place) -> Wiring:
        reasons = []
        for make in self._ways:
            wiring = make()
            try:
                await wiring.start(place)
            except Unavailable as reason:
                reasons.append(str(reason))
            else:
                return wiring
        raise BenchError(f"no way to make input devices: {'; '.join(reasons)}")

    def _started(self) -> Wiring:
        if self._wiring is None:
            raise BenchError("the inputs are not started")
        return self._wiring

    async def _press(self, words: list[str]) -> None:
        if not words:
            raise WrongWords("press needs at least one key")
        packets = [packet for key in words for packet in press(key)]
        async with self._turn:
            await self._in_use("keypad").type("keypad", packets)

    async def _scan(self, words: list[str]) -> None:
        if len(words) != 1 or not words[0]:
            raise WrongWords("scan needs one text")
        packets = scan(words[0], self._sender)
        async with self._turn:
            await self._in_use("scanner").type("scanner", packets)

    async def _scan_serial(self, words: list[str]) -> None:
        if len(words) != 1 or not words[0]:
            raise WrongWords("scan-serial needs one text")
        self._serial.send(line(words[0], self._sender))

    async def _scanner(self, words: list[str]) -> None:
        """Set it up anew; without words as it comes ex works."""
        self._sender = set_up(words)

    async def _plug(self, words: list[str]) -> None:
        name = _cable(words)
        if name in self._plugged:
            raise BenchError(f"the {name} is plugged in already")
        async with self._turn:
            await self._started().plug(name)
            self._plugged.add(name)

    async def _unplug(self, words: list[str]) -> None:
        name = _cable(words)
        async with self._turn:
            wiring = self._in_use(name)
            self._plugged.discard(name)
            await wiring.unplug(name)

    def _in_use(self, name: str) -> Wiring:
        if name not in self._plugged:
            raise BenchError(f"the {name} is unplugged")
        return self._started()


def _cable(words: list[str]) -> str:
    if len(words) != 1 or words[0] not in MODELS:
        raise WrongWords(f"which one? {' or '.join(MODELS)}")
    return words[0]
