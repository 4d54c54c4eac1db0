"""A scan where the clerk is done, or still looks for a sale: it begins the next search."""

from __future__ import annotations

from collections.abc import Callable

from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports import CardArrived, InputEvent, ScanDropped, Scanned


class NextSearch(Exception):
    """What was begun is left for what this ``event`` begins at home."""

    def __init__(self, event: InputEvent) -> None:
        super().__init__()
        self.event = event


def next_search(desk: Desk) -> Callable[[InputEvent], None]:
    """What hears a scan, good or bad, or a card, and raises NextSearch; nothing else is an
    answer."""

    def hear(event: InputEvent) -> None:
        match event:
            case Scanned() | ScanDropped():
                raise NextSearch(event)
            case CardArrived(reader) if reader in desk.readers.present():
                raise NextSearch(event)

    return hear
