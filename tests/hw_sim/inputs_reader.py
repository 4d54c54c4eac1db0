"""A process of its own that opens keypad and scanner with the product's drivers.

``python inputs_reader.py KEYPAD SCANNER``: every event is a JSON line on standard output.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from pos_drivers.input_keypad import make_keypad
from pos_drivers.input_unknown import UnknownKeyboards
from pos_drivers.scanner_evdev import make_key_scanner

from pos_terminal.ports import DeviceState, InputEvent, KeyPressed, ScanDropped, Scanned
from pos_terminal.ports.events import Device


def say(event: InputEvent) -> None:
    match event:
        case KeyPressed(key):
            line = ["key", key.value]
        case Scanned(text, symbology):
            line = ["scan", text, symbology or ""]
        case ScanDropped(reason):
            line = ["dropped", reason]
        case DeviceState(device, up, words):
            line = ["state", device, "up" if up else "down", words.code if words else ""]
        case other:
            raise TypeError(other)
    print(json.dumps(line), flush=True)


def nodes() -> list[str]:
    return sorted(path.name for path in Path("/dev/input").glob("event*"))


async def main(keypad: str, scanner: str) -> None:
    devices: list[Device] = [
        make_keypad(keypad, say),
        make_key_scanner(scanner, say),
        UnknownKeyboards([keypad, scanner], say, settle_seconds=0.2),
    ]
    for device in devices[:2]:
        state = await device.check()
        print(json.dumps(["check", state.device, state.words.code if state.words else ""]))
    print(json.dumps(["nodes", *nodes()]), flush=True)
    await asyncio.gather(*(device.run() for device in devices))


asyncio.run(main(*sys.argv[1:]))
