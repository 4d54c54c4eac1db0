"""Between a ledger and its durable steps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pos_terminal.services.ledger.store import LedgerStore

Go = Callable[[], Awaitable[Any]]


def around_steps(
    ledger: LedgerStore, around: Callable[[str, Go], Awaitable[Any]]
) -> Callable[[], None]:
    """``around(name, go)`` stands in for each step, which ``await go()`` takes; ended by a call."""
    step = ledger.step

    async def watched(name: str, work: Any) -> Any:
        return await around(name, lambda: step(name, work))

    def end() -> None:
        ledger.step = step  # type: ignore[method-assign] # as it was

    ledger.step = watched  # type: ignore[method-assign] # for this test
    return end


def note_steps(ledger: LedgerStore) -> list[str]:
    """The names of all steps from now on."""
    names: list[str] = []

    async def noted(name: str, go: Go) -> Any:
        names.append(name)
        return await go()

    around_steps(ledger, noted)
    return names
