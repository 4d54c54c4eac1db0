"""Kernel devices through ``/dev/uinput``, where that is there and ours to open."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from hw_sim.device import Place
from hw_sim.inputs.packets import Packet
from hw_sim.inputs.wiring import MODELS, Unavailable
from pos_terminal.wire.input_event import EV_KEY, EV_SYN, SYN_REPORT

_LONGEST_PAUSE: Final = 0.005
"""The kernel takes the time itself, so that packets are paced here; fingers need not be slow."""


class UinputWiring:
    """``DIR/inputs/NAME`` is a link to the node, renewed at each plugging in.

    What is typed while the terminal has not grabbed the device reaches this machine's console,
    as with real keyboards: another way is taken first where there is one.
    """

    how = "uinput"

    def __init__(self) -> None:
        self._folder = Path()
        self._devices: dict[str, Any] = {}

    async def start(self, place: Place) -> None:
        self._folder = place.folder.resolve() / "inputs"
        self._folder.mkdir(exist_ok=True)
        try:
            await self.plug("keypad")
            await self.unplug("keypad")
        except Exception as error:  # python-evdev's own, OSError, a node that never comes
            await self.stop()
            raise Unavailable(f"/dev/uinput: {error}") from None

    async def stop(self) -> None:
        for device in self._devices.values():
            device.close()
        self._devices.clear()
        for path in self._folder.iterdir():
            path.unlink()
        self._folder.rmdir()

    def path(self, name: str) -> str:
        return str(self._folder / name)

    def environment(self) -> dict[str, str]:
        return {}

    async def plug(self, name: str) -> None:
        self._devices[name], node = await asyncio.to_thread(_make, name)
        link = self._folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(node)

    async def unplug(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)
        self._devices.pop(name).close()

    async def type(self, name: str, packets: Sequence[Packet]) -> None:
        device = self._devices[name]
        for packet in packets:
            await asyncio.sleep(min(packet.after / 1_000_000, _LONGEST_PAUSE))
            for event in (*packet.events, (EV_SYN, SYN_REPORT, 0)):
                device.write(*event)


def _make(name: str) -> tuple[Any, str]:
    """The device and its node, once udev or devtmpfs has made it (python-evdev sleeps for it)."""
    from evdev import UInput  # only where it is used

    model = MODELS[name]
    device: Any = UInput(
        {EV_KEY: list(model.codes)},
        name=model.label,
        vendor=model.vendor,
        product=model.product,
    )
    if device.device is None:
        device.close()
        raise OSError("the device's node does not appear")
    device.device.close()  # python-evdev opens its own device; only the terminal is to read it
    return device, str(device.device.path)
