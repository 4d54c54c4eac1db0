"""Which numbers of a bad line are the till's own, so that it can be mended and come again."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pos_terminal.wire.feed.bad import BadLine
from pos_terminal.wire.feed.csv_rows import loosely
from pos_terminal.wire.feed.numbers_in_texts import Numbers, numbers_in


def numbers_of(text: str, columns: str | None) -> Numbers:
    """As they stand in the line; ``columns`` is the first line of a table. None of a line that
    can't be read."""
    try:
        return numbers_in(_object(text) if columns is None else loosely(text, columns))
    except (BadLine, msgspec.DecodeError, RecursionError, UnicodeError):
        return Numbers()


def _object(text: str) -> Mapping[str, object]:
    found = msgspec.json.decode(text)
    return found if isinstance(found, dict) else {}
