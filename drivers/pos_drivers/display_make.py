"""The display that the configuration names."""

from __future__ import annotations

from typing import Literal, Protocol

from pos_terminal.ports import Display, Sink

Backend = Literal["ansi", "luma", "none"]
Interface = Literal["spi", "i2c", "dummy"]


class OpenDisplay(Display, Protocol):
    """A display that gives its terminal or panel back at the end."""

    def close(self) -> None: ...


def make_display(
    *,
    backend: Backend,
    columns: int,
    rows: int,
    device: str = "",
    interface: Interface = "spi",
    width: int = 320,
    height: int = 240,
    rotate: int = 0,
    font: str = "",
    sink: Sink = lambda _: None,
) -> OpenDisplay:
    """Open it. Failure ``display.*``; ``sink`` hears later when it is lost and when it is back."""
    if backend == "none":
        from pos_drivers.display_null import NullDisplay  # only where used

        return NullDisplay(columns, rows)
    if backend == "ansi":
        from pos_drivers.display_ansi import AnsiDisplay  # only where used

        return AnsiDisplay(device, columns, rows, sink=sink)
    from pos_drivers.display_luma import LumaDisplay
    from pos_drivers.luma_paint import Painter
    from pos_drivers.luma_panel import Panel, open_panel

    def reopen() -> Panel:
        return open_panel(device, interface, width, height, rotate)

    panel = reopen()
    painter = Painter(
        size=(panel.width, panel.height),
        columns=columns,
        rows=rows,
        font=font,
        colours=panel.mode != "1",
    )
    return LumaDisplay(
        panel,
        painter,
        columns=columns,
        rows=rows,
        driver=device,
        interface=interface,
        sink=sink,
        reopen=reopen,
    )
