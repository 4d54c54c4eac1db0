"""Keyboards that nobody bound, and who holds a device."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from pos_drivers.input_holder import holder_of
from pos_drivers.input_identity import Identity
from pos_drivers.input_unknown import UnknownKeyboards
from worlds.stories import beside, on_a_loop

from pos_terminal.ports import DeviceState

KEYS = frozenset(range(1, 100))


class Plugs:
    """A folder of nodes, and what each says of itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.identities: dict[str, Identity] = {}

    def plug(self, node: str, name: str, phys: str = "", codes: frozenset[int] = KEYS) -> str:
        path = str(self.folder / node)
        self.identities[path] = Identity(path, name, "1:2", phys, codes)
        (self.folder / node).touch()
        return path

    def unplug(self, node: str) -> None:
        (self.folder / node).unlink()

    def identify(self, path: str) -> Identity:
        if path not in self.identities:
            raise PermissionError(path)
        return self.identities[path]

    def watch(self, bound: list[str], events: asyncio.Queue[DeviceState]) -> UnknownKeyboards:
        return UnknownKeyboards(
            bound,
            lambda event: events.put_nowait(event) if isinstance(event, DeviceState) else None,
            folder=self.folder,
            identify=self.identify,
            settle_seconds=0.01,
        )


def test_only_strange_keyboards_count(tmp_path: Path) -> None:
    plugs = Plugs(tmp_path)
    keypad = plugs.plug("event0", "keypad", "usb-1/input0")
    plugs.plug("event1", "keypad's second interface", "usb-1/input1")
    plugs.plug("event2", "power button", "button/input0", frozenset([116]))
    plugs.plug("mouse0", "not an event node")
    (tmp_path / "event9").touch()  # nobody may open it
    link = tmp_path / "by-path-keypad"
    link.symlink_to(keypad)
    events: asyncio.Queue[DeviceState] = asyncio.Queue()
    assert asyncio.run(plugs.watch([str(link)], events).check()).up
    plugs.plug("event3", "stranger", "usb-2/input0")
    plugs.plug("event4", "another", "usb-3/input0")
    state = asyncio.run(plugs.watch([str(link)], events).check())
    assert not state.up
    assert state.words is not None
    assert state.words.code == "input.unknown_keyboard"
    assert (state.words.values["name"], state.words.values["more"]) == ("stranger", 1)


@on_a_loop
async def test_coming_and_going_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "input"
    plugs = Plugs(folder)
    events: asyncio.Queue[DeviceState] = asyncio.Queue()
    async with beside(plugs.watch([], events).run()), asyncio.timeout(10):
        await asyncio.sleep(0)  # it watches now; the folder itself is still to come
        folder.mkdir()
        plugs.plug("event0", "stranger")
        assert not (await events.get()).up
        plugs.unplug("event0")
        assert (await events.get()).up
        plugs.plug("event1", "stranger")
        assert not (await events.get()).up
    assert events.empty()


@on_a_loop
async def test_nothing_is_said_where_there_is_nothing_to_say(tmp_path: Path) -> None:
    plugs = Plugs(tmp_path)
    events: asyncio.Queue[DeviceState] = asyncio.Queue()
    async with beside(plugs.watch([], events).run()):
        plugs.plug("event0", "power button", codes=frozenset([116]))
        plugs.plug("event1", "stranger")
        async with asyncio.timeout(10):
            first = await events.get()
        assert not first.up


def test_the_holder_of_a_device_is_named() -> None:
    code = "import sys; f = open('/dev/full', 'wb'); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        holder = holder_of("/dev/full")
        process.communicate()
    assert holder is not None
    assert holder.endswith(f"({process.pid})")
    assert holder.startswith("python")


def test_no_holder() -> None:
    with open("/dev/full", "wb"):  # noqa: PTH123 - a device
        assert holder_of("/dev/full") is None, f"we ourselves ({os.getpid()}) do not count"
    assert holder_of("/dev/no-such-device") is None
