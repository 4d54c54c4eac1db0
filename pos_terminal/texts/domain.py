"""The words for what the domain knows by codes of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pos_terminal.core.cause import Cause
from pos_terminal.core.words import Words, say

_ELSEWHERE: Final[Mapping[Cause, str]] = {
    Cause.VOID_REFUSED: "eligibility.void_refused",
    Cause.CARD_REFUSED: "rules.card_refused",
}
"""Those that are told in another place as well; the others are about the line."""


def of_cause(cause: Cause) -> Words:
    """What the person reads of it."""
    return say(_ELSEWHERE.get(cause, f"host.{cause.value}"))
