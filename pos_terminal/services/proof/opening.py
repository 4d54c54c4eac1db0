"""The ledger of a configuration, opened with its terminal's own keys and numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from pos_terminal.config import Config
from pos_terminal.ports import Clock, Runner
from pos_terminal.services.ledger.connect import Lock
from pos_terminal.services.ledger.store import LedgerStore, open_ledger

if TYPE_CHECKING:
    from pos_terminal.services.security.security import Security

T = TypeVar("T")


class SystemClock:
    """``ports.Clock`` of a tool that moves no money: the machine's own."""

    def now(self) -> datetime:
        return datetime.now().astimezone()

    def monotonic(self) -> float:
        return monotonic()


async def inline(function: Callable[[], T]) -> T:
    """A ``ports.Runner`` for a tool, which has nothing else to do meanwhile."""
    return function()


def open_own_ledger(
    config: Config,
    security: Security,
    clock: Clock,
    runner: Runner,
    lock: Lock | None = None,
) -> LedgerStore:
    """``open_ledger`` for this terminal. Failures as there."""
    return open_ledger(
        config.ledger,
        clock=clock,
        runner=runner,
        vault=security.vault,
        tokens=security.tokens,
        merchant_id=config.terminal.merchant_id,
        terminal_id=config.terminal.terminal_id,
        audit_key=security.keystore.audit_key,
        lock=lock,
    )
