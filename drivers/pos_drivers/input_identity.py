"""What an open input device is to the drivers: who it says it is, and its records."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from pos_terminal.wire.keys import types_digits


class Identity(Struct, frozen=True):
    """What a device says of itself. ``id`` is ``vendor:product``, four hex digits each."""

    path: str
    name: str
    id: str = ""
    phys: str = ""
    """Where it is plugged in, e.g. ``usb-0000:01:00.0-1.3/input0``."""
    codes: frozenset[int] = frozenset()
    """The key codes that it can send."""

    @property
    def is_keyboard(self) -> bool:
        return types_digits(self.codes)


class InputNode(Protocol):
    """An open device; ``fd`` is non-blocking and delivers records."""

    fd: int
    identity: Identity

    def grab(self) -> None:
        """Be its only reader, or digits reach the login console. OSError EBUSY: taken."""

    def close(self) -> None: ...
