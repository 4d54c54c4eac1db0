"""libumockdev through ctypes: an emulated /dev and /sys with input devices in it.

Works only in a process under ``umockdev-wrapper``. The driver opens the devices in a process
that has the preload library and ``UMOCKDEV_DIR``. Facts, as found with umockdev 0.17:

- ioctls are answered from a text, each by its exact size; all those that python-evdev asks for must
  be there, or opening fails with ENOENT.
- An ioctl socket is found by the name that was opened. For a stable name (``/dev/input/by-path/…``)
  a link beside the socket is needed as well as the one beside the node.
- A node is a pty: its master hangs up while nobody has the node open.
- Unplugging is closing the master: the reader sees the end of file. A number is never used twice.
"""

from __future__ import annotations

import ctypes
import os
import select
import shutil
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from hw_sim.inputs.wiring import Model
from pos_terminal.wire.input_event import EV_KEY, EV_MSC, EV_SYN, MSC_SCAN

_BUS_USB: Final = 3
_WRITE_MILLISECONDS: Final = 5000

BY_PATH: Final = "/dev/input/by-path/usb-hw-sim-{name}-event-kbd"
"""The name that the terminal opens; short, as it becomes part of a socket's path (108 bytes)."""


class Testbed:
    """One emulated machine."""

    def __init__(self) -> None:
        """OSError where the library is missing; RuntimeError outside of the wrapper."""
        self._lib = ctypes.CDLL("libumockdev.so.0")
        if "libumockdev-preload" not in os.environ.get("LD_PRELOAD", ""):
            raise RuntimeError("not under umockdev-wrapper")
        self._lib.umockdev_testbed_new.restype = ctypes.c_void_p
        self._lib.umockdev_testbed_get_root_dir.restype = ctypes.c_char_p
        self._bed = ctypes.c_void_p(self._lib.umockdev_testbed_new())
        self.root = Path(self._lib.umockdev_testbed_get_root_dir(self._bed).decode())
        self._plugged: dict[str, tuple[int, int]] = {}
        """Number and descriptor of what is plugged in, by name."""
        self._number = 0

    def plug(self, model: Model) -> str:
        """A new device; its node."""
        number, self._number = self._number, self._number + 1
        node = f"/dev/input/event{number}"
        record = self.root / "ioctls"
        record.write_text(_ioctls(model, node))
        self._must(self._lib.umockdev_testbed_load_ioctl, node.encode(), str(record).encode(), None)
        record.unlink()
        self._must(
            self._lib.umockdev_testbed_add_from_string, _description(model, number).encode(), None
        )
        for link in self._by_path(model.name):
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(f"../event{number}")  # relative, as udev makes them
        fd = self._lib.umockdev_testbed_get_dev_fd(self._bed, node.encode())
        os.set_blocking(fd, False)
        self._plugged[model.name] = (number, fd)
        self._uevent(model.name, number, "add")
        return node

    def unplug(self, name: str) -> None:
        """The node goes, and then its reader sees the end of file."""
        number, fd = self._plugged.pop(name)
        self._uevent(name, number, "remove")
        for path in (f"{_parent(name, number)}/event{number}", _parent(name, number)):
            self._lib.umockdev_testbed_remove_device(self._bed, path.encode())
        for left in self._left_over(name, number):
            left.unlink(missing_ok=True)
        os.close(fd)

    def write(self, name: str, data: bytes) -> str | None:
        """Types; what is wrong where that can't be done."""
        if name not in self._plugged:
            return "unplugged"
        fd = self._plugged[name][1]
        ready = select.poll()
        ready.register(fd, select.POLLOUT)
        while data:
            found = ready.poll(_WRITE_MILLISECONDS)
            if not found:
                return "full"
            if found[0][1] & select.POLLHUP:
                return "unread"
            data = data[os.write(fd, data) :]
        return None

    def close(self) -> None:
        for name in list(self._plugged):
            self.unplug(name)
        shutil.rmtree(self.root, ignore_errors=True)

    def _must(self, function: Callable[..., int], *arguments: bytes | None) -> None:
        if not function(self._bed, *arguments):
            raise RuntimeError("libumockdev refused the device")

    def _uevent(self, name: str, number: int, action: str) -> None:
        path = f"{_parent(name, number)}/event{number}"
        self._lib.umockdev_testbed_uevent(self._bed, path.encode(), action.encode())

    def _by_path(self, name: str) -> list[Path]:
        """The stable name beside the node, and beside its ioctl socket."""
        path = BY_PATH.format(name=name).lstrip("/")
        return [self.root / path, self.root / "ioctl" / path]

    def _left_over(self, name: str, number: int) -> Iterable[Path]:
        """What remove_device leaves: links, sockets, and records of the pty by its number."""
        yield from self._by_path(name)
        yield from (top / f"dev/input/event{number}" for top in (self.root, self.root / "ioctl"))
        yield from (self.root / "dev").rglob(".ptymap/*")


def _parent(name: str, number: int) -> str:
    return f"/sys/devices/platform/hw-sim/{name}{number}/input/input{number}"


def _description(model: Model, number: int) -> str:
    parent = _parent(model.name, number).removeprefix("/sys")
    return f"""P: {parent}
E: SUBSYSTEM=input
E: NAME="{model.label}"
E: PRODUCT={_BUS_USB:x}/{model.vendor:x}/{model.product:x}/100

P: {parent}/event{number}
N: input/event{number}
E: SUBSYSTEM=input
E: DEVNAME=/dev/input/event{number}
E: DEVLINKS={BY_PATH.format(name=model.name)}
E: MAJOR=13
E: MINOR={64 + number}
E: ID_INPUT=1
E: ID_INPUT_KEY=1
E: ID_INPUT_KEYBOARD=1
"""


def _ioctls(model: Model, node: str) -> str:
    types = (EV_SYN, EV_KEY, EV_MSC)
    answers = [
        ("EVIOCGVERSION", 0, struct.pack("i", 0x010001)),
        ("EVIOCGID", 0, struct.pack("4H", _BUS_USB, model.vendor, model.product, 0x100)),
        ("EVIOCGNAME", len(model.label) + 1, _text(model.label)),
        ("EVIOCGPHYS", len(_phys(model)) + 1, _text(_phys(model))),
        ("EVIOCGUNIQ", 1, _text("")),
        ("EVIOCGPROP", 4, bytes(4)),
        ("EVIOCGLED", 2, bytes(2)),
        ("EVIOCGKEY", 96, bytes(96)),
        ("EVIOCGEFFECTS", 0, bytes(4)),
        ("EVIOCGBIT(0)", 4, _bits(types, 4)),
        ("EVIOCGBIT(0)", 96, _bits(types, 96)),
        (f"EVIOCGBIT({EV_KEY})", 96, _bits(model.codes, 96)),
        (f"EVIOCGBIT({EV_MSC})", 96, _bits((MSC_SCAN,), 96)),
    ]
    lines = [f"{name} {result} {data.hex().upper()}" for name, result, data in answers]
    return "\n".join([f"@DEV {node}", *lines, ""])


def _phys(model: Model) -> str:
    return f"usb-hw-sim-{model.name}/input0"


def _text(text: str) -> bytes:
    return text.encode().ljust(256, b"\0")


def _bits(codes: Iterable[int], size: int) -> bytes:
    return sum(1 << code for code in set(codes)).to_bytes(size, "little")
