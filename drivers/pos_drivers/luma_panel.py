"""luma's panel drivers behind a small Protocol: the only file that imports luma."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from pos_terminal.core.words import Failure

if TYPE_CHECKING:
    from PIL.Image import Image

Interface = Literal["spi", "i2c", "dummy"]
Box = tuple[int, int, int, int]

SPI_HERTZ: Final = 32_000_000
"""A whole 320 x 240 picture in 18 bits (three bytes a pixel) takes 58 ms at this rate."""


class Panel(Protocol):
    """A panel, opened."""

    width: int
    height: int
    mode: str
    """``1`` for black and white, else colours."""

    def show(self, image: Image, boxes: Sequence[Box]) -> None:
        """Send these parts of the picture; the whole of it where the panel can't. Blocks on the
        bus. What it raises is the panel's driver's."""

    def cleanup(self) -> None:
        """Panel off, bus closed."""


class LumaPanel:
    """Fulfils ``Panel`` with one of luma's devices.

    Those with a strategy for what goes over the bus (``framebuffer``) get ours, which knows what
    was painted and compares no pictures. The ST7789 has none, but sets windows. What has neither
    is sent whole.
    """

    def __init__(self, device: Any) -> None:
        self._device = device
        self.width: int = device.width
        self.height: int = device.height
        self.mode: str = device.mode
        self._windows: _Windows | None = None
        if _compares(device):
            self._windows = device.framebuffer = _Windows(device.rotate)

    def show(self, image: Image, boxes: Sequence[Box]) -> None:
        image = self._converted(image)
        if self._windows is not None:
            self._windows.boxes = boxes
            self._device.display(image)
        elif hasattr(self._device, "set_window"):
            turned = self._device.preprocess(image)
            for box in (_turned(box, image.size, self._device.rotate) for box in boxes):
                self._device.set_window(*box)
                self._device.data(turned.crop(box).tobytes())
        else:
            self._device.display(image)

    def cleanup(self) -> None:
        if self._windows is not None:
            self._windows.boxes = ((0, 0, self.width, self.height),)  # luma clears the panel
        self._device.cleanup()

    def _converted(self, image: Image) -> Image:
        """In the panel's own colour mode, without dither: text stays crisp."""
        from PIL.Image import Dither

        same = image.mode == self.mode
        return image if same else image.convert(self.mode, dither=Dither.NONE)


class _Windows:
    """A strategy for luma's ``framebuffer``: sends the parts that it was told of."""

    def __init__(self, rotate: int) -> None:
        self._rotate = rotate
        self.boxes: Sequence[Box] = ()

    def redraw(self, image: Image) -> Iterator[tuple[Image, Box]]:
        """Parts of the picture, which luma has turned already, each with its place."""
        before = image.size if self._rotate % 2 == 0 else (image.height, image.width)
        for box in self.boxes:
            turned = _turned(box, before, self._rotate)
            yield image.crop(turned), turned


def _turned(box: Box, size: tuple[int, int], rotate: int) -> Box:
    """Where a part of a picture of this size is after so many quarters clockwise."""
    left, top, right, bottom = box
    width, height = size
    match rotate:
        case 1:
            return height - bottom, left, height - top, right
        case 2:
            return width - right, height - bottom, width - left, height - top
        case 3:
            return top, width - right, bottom, width - left
    return box


def _compares(device: Any) -> bool:
    """Whether luma itself sends parts of the picture to this device: those with ``full_frame``
    have no windows."""
    from luma.core.framebuffer import diff_to_previous

    return isinstance(getattr(device, "framebuffer", None), diff_to_previous)


def open_panel(driver: str, interface: Interface, width: int, height: int, rotate: int) -> Panel:
    """The panel ``driver`` of luma.lcd or luma.oled. Failure ``display.*``.

    ``dummy`` keeps the picture in memory and has no bus.
    """
    if interface == "dummy":
        from luma.core.device import dummy

        return LumaPanel(dummy(width=width, height=height, rotate=rotate, mode="RGB"))
    make = _driver(driver)
    try:
        return LumaPanel(make(_bus(interface), width=width, height=height, rotate=rotate))
    except Exception as error:  # luma's own, OSError, ImportError and AssertionError for sizes
        cause = str(error) or type(error).__name__
        raise Failure("display.panel", device=driver, interface=interface, cause=cause) from None


def _driver(name: str) -> Any:
    for module in ("luma.lcd.device", "luma.oled.device"):
        driver = getattr(import_module(module), name, None)
        if isinstance(driver, type) and not name.startswith("_"):
            return driver
    raise Failure("display.driver", device=name or "-")


def _bus(interface: Interface) -> Any:
    from luma.core.interface import serial

    return serial.spi(bus_speed_hz=SPI_HERTZ) if interface == "spi" else serial.i2c()
