"""Arguments of the bench's command lines: each a plain sentence where it can't be used.

A number too long for Python's own ``int`` is none, and what is quoted of it is short.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

_LONGEST: Final = 18
"""Digits: well within 64 bits."""
_SHOWN: Final = 40


def whole(least: int, most: int = 10**_LONGEST - 1) -> Callable[[str], int]:
    """A converter for ``argparse``."""

    def convert(text: str) -> int:
        if re.fullmatch(rf"-?[0-9]{{1,{_LONGEST}}}", text) and least <= int(text) <= most:
            return int(text)
        raise argparse.ArgumentTypeError(
            f"a whole number from {least} to {most} is needed, not {shown(text)}"
        )

    return convert


def seconds(least: float, most: float) -> Callable[[str], float]:
    """A converter for ``argparse``."""
    return measure(least, most, "seconds")


def measure(least: float, most: float, unit: str) -> Callable[[str], float]:
    """A converter for ``argparse``; no infinity, and nothing that is no number."""

    def convert(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if least <= found <= most:
            return found
        raise argparse.ArgumentTypeError(
            f"{unit} from {least:.0f} to {most:.0f} are needed, not {shown(text)}"
        )

    return convert


def batch(text: str) -> str:
    from pos_terminal.core.batch import is_batch

    if is_batch(text):
        return text
    raise argparse.ArgumentTypeError(f"a batch is 000001 to 999999, six digits, not {shown(text)}")


def address(text: str) -> str:
    """``HOST:PORT``."""
    return _address(text, least=1)


def listening(text: str) -> str:
    """``HOST:PORT``; port 0 takes a free one."""
    return _address(text, least=0)


def _address(text: str, least: int) -> str:
    host, _, port = text.rpartition(":")
    if host and re.fullmatch(r"[0-9]{1,5}", port) and least <= int(port) <= 65535:
        return text
    raise argparse.ArgumentTypeError(
        f"HOST:PORT is needed, the port from {least} to 65535, not {shown(text)}"
    )


def there(text: str) -> Path:
    """One that is there."""
    if Path(text).is_dir():
        return Path(text)
    raise argparse.ArgumentTypeError(f"a folder that is there is needed, not {shown(text)}")


def printer(text: str) -> str:
    """A device path, or ``tcp://HOST:PORT``."""
    if text.startswith("tcp://"):
        address(text.removeprefix("tcp://"))
        return text
    if text.startswith("/"):
        return text
    raise argparse.ArgumentTypeError(
        f"a device path (/dev/…) or tcp://HOST:PORT is needed, not {shown(text)}"
    )


def to_make(text: str) -> Path:
    """A folder, made where it is not there yet."""
    try:
        Path(text).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{shown(text)}: {error.strerror}") from None
    return Path(text)


def shown(text: str) -> str:
    """Quoted, and not the whole of a long one."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
