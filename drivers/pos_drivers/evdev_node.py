"""python-evdev, behind ``InputNode``: the only file that imports it."""

from __future__ import annotations

import contextlib
import fcntl
import struct
import time
from typing import Any, Final

from pos_drivers.input_identity import Identity

_EVIOCSCLOCKID: Final = 0x400445A0
"""Sets the clock of the records' times (``linux/input.h``)."""


class EvdevNode:
    """An open ``/dev/input/eventN``. OSError where it is none, or can't be opened."""

    def __init__(self, path: str) -> None:
        self._device = _input_device(path)
        self.fd: int = self._device.fd
        self.identity = _identity(path, self._device)
        # A wall clock that is set during a scan would look like a pause.
        with contextlib.suppress(OSError):
            fcntl.ioctl(self.fd, _EVIOCSCLOCKID, struct.pack("i", time.CLOCK_MONOTONIC))

    def grab(self) -> None:
        self._device.grab()

    def close(self) -> None:
        """Gives the grab back as well. A device that is gone closes like any other."""
        with contextlib.suppress(OSError):
            self._device.close()


def _input_device(path: str) -> Any:
    from evdev import InputDevice

    return InputDevice(path)


def _identity(path: str, device: Any) -> Identity:
    from evdev import ecodes

    # python-evdev gives the 16-bit numbers signed
    vendor, product = device.info.vendor & 0xFFFF, device.info.product & 0xFFFF
    return Identity(
        path=path,
        name=device.name,
        id=f"{vendor:04x}:{product:04x}",
        phys=device.phys,
        codes=frozenset(device.capabilities(absinfo=False).get(ecodes.EV_KEY, ())),
    )
