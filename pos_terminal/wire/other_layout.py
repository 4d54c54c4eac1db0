"""Whether a scanner evidently types on another layout than the one that is configured.

Retail codes are made of digits, and have check digits: what is almost no letter or digit here and
all of it there, or has a good check digit under an AIM identifier there and is no such code here,
came from there. Where two layouts differ in a few marks only, nothing is evident.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pos_terminal.wire.aim import checked, read_code
from pos_terminal.wire.keyboards import Layout, Typed, keyboard

_CODE: Final = re.compile(r"[0-9A-Za-z .\-/_$+%:]+")
_DIGIT: Final = re.compile("[0-9]")
_LETTER_OR_DIGIT: Final = re.compile("[0-9A-Za-z]")
_FEWEST: Final = 6
"""Characters from which on their kind tells something."""


def other_layout(keys: Sequence[Typed], own: Layout, text: str | None) -> Layout | None:
    """That layout; ``text`` is what the keys are on one's own, None where they are nothing."""
    if text is not None and checked(text):
        return None
    for layout in Layout:
        if layout is own:
            continue
        other = keyboard(layout).read(keys)
        if other is not None and _tells(other, text):
            return layout
    return None


def _tells(other: str, own: str | None) -> bool:
    if checked(other):
        return True
    if len(other) < _FEWEST or not _plausible(other):
        return False
    if own is None:
        return True
    mostly_digits = 3 * len(_DIGIT.findall(other)) >= 2 * len(other)
    return mostly_digits and 3 * len(_LETTER_OR_DIGIT.findall(own)) <= len(own)


def _plausible(text: str) -> bool:
    found = read_code(text)
    return found is not None and _CODE.fullmatch(found[0]) is not None
