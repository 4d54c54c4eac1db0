"""Questions one after the other, where cancel leads back to the one before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pos_terminal.flows.common.desk import LogOut
from pos_terminal.ui.prompt import Cancelled

Step = Callable[[], Awaitable[None]]


class BackHere:
    """Cancel within the block leads to what follows it; who was logged out is gone."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> bool:
        return isinstance(error, Cancelled) and not isinstance(error, LogOut)


async def one_after_the_other(*steps: Step) -> None:
    """Cancelled only from the first of them."""
    at = 0
    while at < len(steps):
        try:
            await steps[at]()
        except LogOut:
            raise
        except Cancelled:
            if at == 0:
                raise
            at -= 1
        else:
            at += 1
