"""The line is made ready: who leaves meanwhile has left."""

from __future__ import annotations

import asyncio
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hw_sim.virtual import VirtualLoop, run_virtual

from pos_terminal.core.words import say
from pos_terminal.flows.common.connect import connect
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.ports import Frame, Key, KeyPressed
from pos_terminal.texts import Language
from pos_terminal.ui.page import Page
from pos_terminal.ui.prompt import Cancelled, Ui


class Glass:
    columns, rows = 40, 15

    def show(self, frame: Frame) -> None: ...
    def beep(self) -> None: ...


async def freed() -> None:
    raise LogOut


async def never() -> None:
    await asyncio.Event().wait()


def test_a_lock_that_came_meanwhile_is_opened_first() -> None:
    async def main(loop: VirtualLoop) -> tuple[float, str]:
        ui = Ui(Glass(), Language.EN)

        async def unlock() -> None:
            await ui.prompt(Page("lock.pin", say("flows.locked")), lambda _: True)

        ui.lock_when_idle(60, unlock)
        prepare = partial(asyncio.sleep, 90)
        desk = SimpleNamespace(ui=ui, authoriser=SimpleNamespace(prepare=prepare, waiting=None))
        loop.call_later(200, ui.post, KeyPressed(Key.ENTER))
        await connect(cast(Desk, desk))
        return loop.time(), ui.prompt_name

    assert run_virtual(main) == (200, "host.connect")


@pytest.mark.parametrize(("key", "end"), [(None, LogOut), (Key.CANCEL, Cancelled)])
def test_whoever_ends_it_is_told_apart(key: Key | None, end: type[Cancelled]) -> None:
    async def main(_: VirtualLoop) -> Any:
        ui = Ui(Glass(), Language.EN)
        ui.lock_when_idle(60, freed)
        desk = SimpleNamespace(ui=ui, authoriser=SimpleNamespace(prepare=never, waiting=None))
        if key is not None:
            ui.post(KeyPressed(key))
        with pytest.raises(Cancelled) as caught:
            await connect(cast(Desk, desk))
        return caught.type

    assert run_virtual(main) is end
