"""luma's panel drivers behind a small Protocol: the only file that imports luma."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from pos_terminal.core.words import Failure

if TYPE_CHECKING:
    from PIL.Image import Image

    from pos_drivers.luma_paint import Box

Interface = Literal["spi", "i2c", "dummy"]

SPI_HERTZ: Final = 32_000_000
"""A whole 320 x 240 picture takes 38 ms at this rate with two bytes a pixel, 58 with three."""


class Panel(Protocol):
    """A panel, opened."""

    width: int
    height: int
    mode: str
    """``1`` for black and white, else colours."""

    def show(self, image: Image, boxes: Sequence[Box]) -> None:
        """Send these parts of a picture with a palette; the whole of it where the panel can't.
        Blocks on the bus. What it raises is the panel's driver's."""

    def cleanup(self) -> None:
        """Panel off, bus closed."""


SIXTEEN_BITS: Final = {"ili9341": (0x55, 0x46), "st7735": (0x05, 0x06), "st7789": (0x05, 0x06)}
"""Controllers whose serial bus takes a pixel in two bytes, which luma sends in three: what their
COLMOD gets for two, and for luma's three (data sheets). Not the ILI9488 and the ILI9486."""
_CASET, _RASET, _RAMWR, _COLMOD = 0x2A, 0x2B, 0x2C, 0x3A


class LumaPanel:
    """Fulfils ``Panel`` with one of luma's devices.

    To controllers that are in ``SIXTEEN_BITS`` the windows are sent from here. Others with a
    strategy of luma's for what goes over the bus (``framebuffer``) get ours, which knows what was
    painted and compares no pictures. What has neither is sent whole.
    """

    def __init__(self, device: Any) -> None:
        self._device = device
        self.width: int = device.width
        self.height: int = device.height
        self.mode: str = device.mode
        self._windows: _Windows | None = None
        if _compares(device):
            self._windows = device.framebuffer = _Windows(device.rotate)
        self._colmod = SIXTEEN_BITS.get(type(device).__name__)
        if self._colmod is not None:
            device.command(_COLMOD, self._colmod[0])

    def show(self, image: Image, boxes: Sequence[Box]) -> None:
        if self._colmod is not None:
            self._send_sixteen_bits(image, boxes)
            return
        if self._windows is not None:
            self._windows.boxes = boxes
        self._device.display(self._converted(image))

    def cleanup(self) -> None:
        """luma clears the panel, as it would have filled it."""
        if self._colmod is not None:
            self._device.command(_COLMOD, self._colmod[1])
        if self._windows is not None:
            self._windows.boxes = ((0, 0, self.width, self.height),)
        self._device.cleanup()

    def _send_sixteen_bits(self, image: Image, boxes: Sequence[Box]) -> None:
        high, low = _halves(bytes(image.getpalette() or ()))
        whole = self._device.preprocess(image)
        pixels, wide = whole.tobytes(), whole.width  # once: each call has its price
        for box in boxes:
            left, top, right, bottom = _turned(box, image.size, self._device.rotate)
            self._device.command(_CASET, *left.to_bytes(2), *(right - 1).to_bytes(2))
            self._device.command(_RASET, *top.to_bytes(2), *(bottom - 1).to_bytes(2))
            self._device.command(_RAMWR)
            rows = (at * wide for at in range(top, bottom))
            part = b"".join(pixels[row + left : row + right] for row in rows)
            data = bytearray(2 * len(part))
            data[0::2], data[1::2] = part.translate(high), part.translate(low)
            self._device.data(bytes(data))

    def _converted(self, image: Image) -> Image:
        """In the panel's own colour mode, without dither: text stays crisp."""
        from PIL.Image import Dither

        return image.convert("RGB").convert(self.mode, dither=Dither.NONE)


@lru_cache(maxsize=4)
def _halves(palette: bytes) -> tuple[bytes, bytes]:
    """For ``bytes.translate``: the first and the second byte of each colour, five bits of red, six
    of green, five of blue."""
    colours = list(zip(palette[0::3], palette[1::3], palette[2::3], strict=True))
    rest = bytes(256 - len(colours))
    high = bytes(red & 0xF8 | green >> 5 for red, green, _ in colours)
    low = bytes(green << 3 & 0xE0 | blue >> 3 for _, green, blue in colours)
    return high + rest, low + rest


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
