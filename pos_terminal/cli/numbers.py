"""What may stand on a command line, said in both languages where it can't be used (exit status 2).

Numbers go into SQLite, which has 64 bits for them.
"""

from __future__ import annotations

import argparse
import re
from typing import Final

from pos_terminal.core.words import Value, say

_MOST: Final = 2**63 - 1
_SHOWN: Final = 40


def row(text: str) -> int:
    """For ``argparse``: the number of a row; SQLite's begin at 1."""
    return _whole(text, 1)


def how_many(text: str) -> int:
    """For ``argparse``: so many at most."""
    return _whole(text, 0)


def _whole(text: str, least: int) -> int:
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(_MOST))
    if not digits or not least <= int(text) <= _MOST:
        raise _wrong("cli.number", least=least, most=_MOST, given=_shown(text))
    return int(text)


def person(text: str) -> str:
    """For ``argparse``: the number that somebody logs in with."""
    if not re.fullmatch("[0-9]{1,6}", text):
        raise _wrong("cli.person", given=_shown(text))
    return text


def file_name(text: str) -> str:
    """For ``argparse``: of a file, or ``-``."""
    if not text:
        raise _wrong("cli.no_name")
    return text


def _wrong(code: str, **values: Value) -> argparse.ArgumentTypeError:
    from pos_terminal.texts import Language, render

    words = say(code, **values)
    return argparse.ArgumentTypeError(" / ".join(render(words, one) for one in Language))


def _shown(text: str) -> str:
    """Quoted, and not the whole of a long one."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
