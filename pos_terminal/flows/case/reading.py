"""What a case's facts are read with: the desk has it, and so has whoever exports a case."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from pos_terminal.texts import Language

if TYPE_CHECKING:
    from pos_terminal.ports import LedgerReads


class CaseShop(Protocol):
    @property
    def currency(self) -> str: ...

    def local(self, moment: datetime) -> datetime: ...

    def remedy_code(self, number: int) -> str: ...


class Now(Protocol):
    def now(self) -> datetime: ...


class Speaks(Protocol):
    @property
    def language(self) -> Language: ...


class Reading(Protocol):
    @property
    def ledger(self) -> LedgerReads: ...

    @property
    def shop(self) -> CaseShop: ...

    @property
    def clock(self) -> Now: ...

    @property
    def ui(self) -> Speaks: ...
