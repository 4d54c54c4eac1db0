"""Rows of paper to ESC/POS bytes by python-escpos, which is imported here only, and late.

The library's text encoder is not used: it sends a string with any Hanzi as raw GB18030, four-byte
codes included. Text goes out as GBK in Chinese mode (``FS &``), set once at the top.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from os import environ
from typing import Any, Final

from pos_terminal.wire.receipt.gbk import encode
from pos_terminal.wire.receipt.paper import Align, Barcode, Cut, Feed, Gap, Row, Text

CHINESE_MODE: Final = b"\x1c&"
BARCODE_DOTS: Final = 2
"""Module width: 13 digits in set B are 178 modules, 356 of the 384 dots of 58 mm paper."""
BARCODE_HEIGHT: Final = 64
REAL_TIME: Final = (b"\x10\x04", b"\x10\x05", b"\x10\x14")
"""DLE EOT, DLE ENQ, DLE DC4: a printer obeys them wherever they stand, in text or data."""

DEFAULT_PROFILE: Final = "default"

_PLAIN: Final = Text("")

log = logging.getLogger(__name__)


class UnsafePayload(ValueError):
    """The bytes hold a real-time command; sent, they would be obeyed in mid-slip."""


def to_bytes(rows: Iterable[Row], profile: str = DEFAULT_PROFILE) -> bytes:
    """The whole job, from ``FS &`` to the cut. ``ESC @`` is left to the driver: it ends the ASB.

    Raises UnsafePayload rather than let a real-time command into a payload.
    """
    out = _collector()(profile=_known(profile))
    out.chinese()
    style = _PLAIN
    for row in rows:
        look = row if isinstance(row, Text) else _PLAIN
        out.restyle(style, look)
        style = look
        if isinstance(row, Text):
            out.line(row.text)
        elif isinstance(row, Barcode):
            out.code128(row.digits)
        elif isinstance(row, Feed):
            out.print_and_feed(row.rows)
        elif isinstance(row, Gap):
            out.gap(row.dots)
        else:
            assert isinstance(row, Cut)  # noqa: S101 - the last kind of row
            out.cut()
    data: bytes = out.data()
    if any(command in data for command in REAL_TIME):
        raise UnsafePayload("a real-time command in a payload")
    return data


@cache
def known_profiles() -> frozenset[str]:
    """The printer profiles of python-escpos, by name."""
    _import_escpos()
    from escpos import capabilities

    return frozenset(capabilities.CAPABILITIES["profiles"])


@cache
def _known(profile: str) -> str:
    """The profile, or the default one: a slip with the wrong cut is better than none."""
    if profile in known_profiles():
        return profile
    log.error(
        "printer.profile: there is no %r, slips are made as for %r. Run: pos-terminal check",
        profile,
        DEFAULT_PROFILE,
    )
    return DEFAULT_PROFILE


@cache
def _collector() -> Any:
    """A class over python-escpos that collects bytes."""
    Escpos = _import_escpos()

    class Collector(Escpos):  # type: ignore[misc, valid-type]
        def __init__(self, profile: str) -> None:
            super().__init__(profile=profile)
            self._parts: list[bytes] = []

        def _raw(self, msg: bytes) -> None:
            self._parts.append(msg)

        def data(self) -> bytes:
            return b"".join(self._parts)

        def chinese(self) -> None:
            self._raw(CHINESE_MODE)

        def line(self, text: str) -> None:
            self._raw(encode(text) + b"\n")

        def gap(self, dots: int) -> None:
            self._raw(b"\x1bJ" + bytes((dots,)))

        def restyle(self, old: Text, new: Text) -> None:
            """Only what differs; ``GS !`` sizes Hanzi as well, ``ESC !`` does not."""
            if (new.wide, new.tall) != (old.wide, old.tall):
                self.set(custom_size=True, width=new.wide, height=new.tall)
            if new.bold != old.bold:
                self.set(bold=new.bold)
            if new.inverse != old.inverse:
                self.set(invert=new.inverse)
            if new.align is not old.align:
                self.set(align=new.align.value)

        def code128(self, digits: str) -> None:
            """Set B: a set C pair can read as a real-time command."""
            # barcode() itself would print a line to stdout each time.
            self._hw_barcode(
                "{B" + digits, "CODE128", BARCODE_HEIGHT, BARCODE_DOTS, function_type="B"
            )
            self.set(align=Align.LEFT.value)

    return Collector


def _import_escpos() -> Any:
    """The library's base class, without the traces that its import leaves."""
    root = logging.getLogger()
    handlers = list(root.handlers)
    from escpos import capabilities, escpos

    for handler in set(root.handlers) - set(handlers):  # it calls logging.basicConfig()
        root.removeHandler(handler)
    if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in environ:  # else a new temporary folder each time
        with suppress(OSError):
            shutil.rmtree(capabilities.pickle_dir)
    return escpos.Escpos
