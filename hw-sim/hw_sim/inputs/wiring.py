"""How the bench's input devices reach the terminal: three ways behind one Protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from hw_sim.device import Place
from hw_sim.inputs.packets import Packet
from pos_terminal.wire.keys import KEY_UNKNOWN, PRESS_CODES


class Unavailable(Exception):
    """This way does not work on this machine."""


@dataclass(frozen=True, slots=True)
class Model:
    """What an emulated device says of itself."""

    name: str
    label: str
    vendor: int
    product: int
    codes: tuple[int, ...]


_BLOCK: Final = (*range(1, 84), 86, 87, 88, 96, 97, 98, 99, 100, 102, 103, 108)
"""A full keyboard with the key that the US one lacks, right-hand modifiers, arrows."""

MODELS: Final = {
    model.name: model
    for model in (
        Model(
            "keypad",
            "hw-sim keypad",
            0x1209,
            0x0001,
            tuple(sorted({*_BLOCK, *PRESS_CODES.values(), KEY_UNKNOWN})),
        ),
        Model("scanner", "hw-sim scanner", 0x1209, 0x0002, _BLOCK),
    )
}


class Wiring(Protocol):
    """Makes devices and types on them. Names are those of ``MODELS``."""

    how: str
    """``umockdev``, ``uinput`` or ``fifo``."""

    async def start(self, place: Place) -> None:
        """Raises Unavailable, and leaves nothing behind then."""

    async def stop(self) -> None: ...

    def path(self, name: str) -> str:
        """What the terminal is to open; the same after each replug."""

    def environment(self) -> dict[str, str]:
        """What the terminal's process needs."""

    async def plug(self, name: str) -> None: ...
    async def unplug(self, name: str) -> None: ...

    async def type(self, name: str, packets: Sequence[Packet]) -> None:
        """BenchError where nobody reads the device."""


def nobody_reads(name: str) -> str:
    """What a bench says when keys would be lost."""
    return f"nobody reads the {name}: is the terminal running?"
