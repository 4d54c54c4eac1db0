"""Configurations of a terminal: as an object, and as a file for commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from worlds.sales import MERCHANT, TERMINAL

from pos_terminal.config import Acquirer, Config, Control, Keypad, Printer, Terminal


def make_config(folder: Path, **acquirer: Any) -> Config:
    """Its data lie in ``folder``; keyword arguments are options of ``[acquirer]``."""
    terminal = Terminal(
        merchant_id=MERCHANT,
        terminal_id=TERMINAL,
        merchant_name="Shop",
        data_dir=str(folder),
        contact="010-1234",
    )
    options: dict[str, Any] = {"address": ["a:1"], "private_line": True}
    return Config(
        terminal=terminal,
        acquirer=Acquirer(**(options | acquirer)),
        control=Control(socket="control"),
        printer=Printer(port="printer"),
        keypad=Keypad(device="keypad"),
        file=folder / "terminal.toml",
    )


FILE = """
[terminal]
merchant_id = "898310012340001"
terminal_id = "12345678"
merchant_name = "Shop"
data_dir = "data"
[acquirer]
address = ["127.0.0.1:1"]
private_line = true
[control]
socket = "control.sock"
[printer]
port = "/dev/null"
[keypad]
device = "/dev/null"
[sales]
home = "all"
"""
"""The least that a terminal has to be told."""
DEVICELESS = (
    FILE.replace('port = "/dev/null"', 'port = "tty/printer"').replace("/dev/null", "tty/keypad")
    + '[display]\nbackend = "none"\n'
)
"""Of a terminal that has none of its devices."""
