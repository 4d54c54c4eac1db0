"""Questions one after the other, where cancel leads back to the one before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pos_terminal.flows.common.desk import LogOut
from pos_terminal.ui.prompt import Cancelled, Ui

Step = Callable[[], Awaitable[None]]


class BackHere:
    """Cancel within the block leads to what follows it; who was logged out is gone."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> bool:
        return isinstance(error, Cancelled) and not isinstance(error, LogOut)


async def one_after_the_other(ui: Ui, *steps: Step) -> None:
    """Cancelled only from the first of them that asks. One that has nothing to ask is passed over
    on the way back as well: else it would lead to where cancel was pressed."""
    at, back = 0, False
    while at < len(steps):
        before = ui.asked
        try:
            await steps[at]()
        except LogOut:
            raise
        except Cancelled:
            back = True
        else:
            back = back and ui.asked == before
        if back and at == 0:
            raise Cancelled
        at += -1 if back else 1
