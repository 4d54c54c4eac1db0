"""luma's panel drivers behind a small Protocol: the only file that imports luma."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, cast

from pos_terminal.core.words import Failure

if TYPE_CHECKING:
    from PIL.Image import Image

Interface = Literal["spi", "i2c", "dummy"]

SPI_HERTZ: Final = 32_000_000
"""A whole 320 x 240 picture in 18 bits (three bytes a pixel) takes 58 ms at this rate."""


class Panel(Protocol):
    """One of luma's devices."""

    width: int
    height: int
    mode: str
    """``1`` for black and white, else colours."""

    def display(self, image: Image) -> None:
        """Send the picture, or what changed of it where the panel can. Blocks on the bus."""

    def cleanup(self) -> None:
        """Panel off, bus closed."""


def open_panel(driver: str, interface: Interface, width: int, height: int, rotate: int) -> Panel:
    """The panel ``driver`` of luma.lcd or luma.oled. Failure ``display.*``.

    ``dummy`` keeps the picture in ``image`` and has no bus.
    """
    if interface == "dummy":
        from luma.core.device import dummy

        return cast(Panel, dummy(width=width, height=height, rotate=rotate, mode="RGB"))
    make = _driver(driver)
    try:
        return cast(Panel, make(_bus(interface), width=width, height=height, rotate=rotate))
    except Exception as error:  # luma's own, OSError, ImportError and AssertionError for sizes
        cause = str(error) or type(error).__name__
        raise Failure("display.panel", device=driver, interface=interface, cause=cause) from None


def send(panel: Panel, image: Image) -> None:
    """To the panel in its own colour mode, without dither: text stays crisp."""
    from PIL.Image import Dither

    same = image.mode == panel.mode
    panel.display(image if same else image.convert(panel.mode, dither=Dither.NONE))


def _driver(name: str) -> Any:
    for module in ("luma.lcd.device", "luma.oled.device"):
        driver = getattr(import_module(module), name, None)
        if isinstance(driver, type) and not name.startswith("_"):
            return driver
    raise Failure("display.driver", device=name or "-")


def _bus(interface: Interface) -> Any:
    from luma.core.interface import serial

    return serial.spi(bus_speed_hz=SPI_HERTZ) if interface == "spi" else serial.i2c()
