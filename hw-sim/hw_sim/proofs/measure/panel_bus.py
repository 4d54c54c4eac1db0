"""A 320 x 240 panel whose bus leads nowhere and is counted, behind luma's own driver of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from luma.core.interface.serial import spi
from luma.lcd.device import ili9341
from PIL.Image import Image
from pos_drivers.display_luma import LumaDisplay
from pos_drivers.display_make import OpenDisplay
from pos_drivers.luma_paint import Box, Painter
from pos_drivers.luma_panel import SPI_HERTZ, LumaPanel

from pos_terminal.config import Config
from pos_terminal.ports import Sink

WIDTH: Final = 320
HEIGHT: Final = 240


def on_counted_bus(config: Config, sink: Sink) -> OpenDisplay:
    """For ``World.screen``: each picture is told on standard output by its bytes."""
    panel = _Counted()
    columns, rows = config.display.columns, config.display.rows
    painter = Painter(
        size=(panel.width, panel.height), columns=columns, rows=rows, font=config.display.font
    )
    return LumaDisplay(
        panel,
        painter,
        columns=columns,
        rows=rows,
        driver="ili9341",
        interface="spi",
        sink=sink,
    )


class _Counted:
    """Fulfils ``pos_drivers.luma_panel.Panel``."""

    def __init__(self) -> None:
        self._bus, pins = Bus(), Pins()
        serial = spi(spi=self._bus, gpio=pins, bus_speed_hz=SPI_HERTZ)
        self._inner = LumaPanel(ili9341(serial, width=WIDTH, height=HEIGHT, gpio=pins))
        self.width, self.height, self.mode = (
            self._inner.width,
            self._inner.height,
            self._inner.mode,
        )

    def show(self, image: Image, boxes: Sequence[Box]) -> None:
        before = self._bus.count
        self._inner.show(image, boxes)
        os.write(1, f"{self._bus.count - before}\n".encode())

    def cleanup(self) -> None:
        self._inner.cleanup()


class Bus:
    """As much of ``spidev.SpiDev`` as luma calls."""

    max_speed_hz = 0

    def __init__(self) -> None:
        self.count = 0
        """Bytes on the bus so far."""

    def open(self, port: int, device: int) -> None: ...

    def writebytes(self, data: bytes | list[int]) -> None:
        self.count += len(data)

    def close(self) -> None: ...


class Pins:
    """As much of ``RPi.GPIO`` as luma calls."""

    LOW, HIGH, OUT = 0, 1, 0

    def setup(self, pin: int, mode: int) -> None: ...

    def output(self, pin: int, level: int) -> None: ...

    def cleanup(self, pins: object = None) -> None: ...
