"""Files of the acquirer's outcomes that wait until a supervisor confirms them (R32)."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from pos_terminal.core.settling import Settling


class WaitingFile(Struct, frozen=True):
    """As it is shown at the counter."""

    name: str
    """Of the file in its folder, as a screen may have it."""
    digest: str
    """SHA-256 of the file's bytes, hex: another content is shown anew."""
    records: int
    settling: Settling


class OutcomeFiles(Protocol):
    """What the counter may do with them."""

    @property
    def waiting(self) -> int:
        """How many there are."""

    def ask_anew(self) -> None:
        """Somebody logged in: what was put off is shown again."""

    async def next(self) -> WaitingFile | None:
        """The first one that was not put off. What settles nothing any more is taken by itself,
        and what can't be taken is refused on the way."""

    def put_off(self, file: WaitingFile) -> None:
        """Until somebody logs in again."""

    async def take(self, file: WaitingFile, supervisor: str) -> bool:
        """What was shown, by this supervisor's word; False where that is no longer what the file
        would settle: show it anew. Failure ``ledger.…``, ``outcomes.…``."""

    async def refuse(self, file: WaitingFile, supervisor: str) -> None:
        """Not taken, by this supervisor's word: it lies in ``refused/``."""
